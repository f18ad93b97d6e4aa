package kinesistest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// save stands for code under test: it puts one record, and tries once more when throttled.
func save(ctx context.Context, c *kinesistest.Client, user, event string) error {
	in := &kinesis.PutRecordInput{StreamName: aws.String("events"), PartitionKey: &user, Data: []byte(event)}
	_, err := c.PutRecord(ctx, in)
	if _, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err); ok {
		_, err = c.PutRecord(ctx, in)
	}
	return err
}

// A test of code that writes to a stream: the shard throttles once, the event is there all
// the same. In a test, New(t, …) saves the error and the Close.
func Example() {
	server, err := kinesistest.Start(kinesistest.Stream("events", 2))
	if err != nil {
		panic(err)
	}
	defer server.Close()
	server.Inject(kinesistest.Rule{Key: "ada", Times: 1, Do: kinesistest.RecordError(
		"ProvisionedThroughputExceededException", "Rate exceeded")})

	err = save(context.Background(), server.Client(), "ada", "signed in")

	fmt.Println("error:", err)
	for _, call := range server.Calls() {
		fmt.Printf("%s %q\n", call.Operation, call.Err)
	}
	for shard, records := range server.Records("events") {
		for _, r := range records {
			fmt.Printf("%s: %s %s\n", shard, r.PartitionKey, r.Data)
		}
	}
	// Output:
	// error: <nil>
	// PutRecord "ProvisionedThroughputExceededException"
	// PutRecord ""
	// shardId-000000000001: ada signed in
}

// Any AWS SDK is a client of the HTTP door. This is the one for Go.
func ExampleServer_URL() {
	server, err := kinesistest.Start(kinesistest.Stream("events", 4))
	if err != nil {
		panic(err)
	}
	defer server.Close()
	client := kinesis.New(kinesis.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(server.URL()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
	out, err := client.ListShards(context.Background(), &kinesis.ListShardsInput{StreamName: aws.String("events")})
	if err != nil {
		panic(err)
	}
	for _, shard := range out.Shards {
		fmt.Println(*shard.ShardId, *shard.HashKeyRange.StartingHashKey)
	}
	// Output:
	// shardId-000000000000 0
	// shardId-000000000001 85070591730234615865843651857942052864
	// shardId-000000000002 170141183460469231731687303715884105728
	// shardId-000000000003 255211775190703847597530955573826158592
}
