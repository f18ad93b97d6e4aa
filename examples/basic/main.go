// Command basic is the first example of the FlinkKinesisProducer's page in Go: a client with region and keys, a
// serializer, a default stream, fail on error, and a queue limit. Then it shows what the limit and the mode are worth.
//
// The server is kinesistest's, in memory, reached over HTTP by the AWS SDK as the service would be.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

func main() {
	server, err := kinesistest.Start(kinesistest.Stream("my-output-stream", 2), kinesistest.AccessKeys("your-access-key"))
	if err != nil {
		log.Fatal(err)
	}
	err = run(context.Background(), server)
	server.Close()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, server *kinesistest.Server) error {
	client := kinesis.New(kinesis.Options{
		Region:       "us-west-2",
		BaseEndpoint: aws.String(server.URL()), // leave this line out for the service itself
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "your-access-key", SecretAccessKey: "your-secret-key"}, nil
		}),
	})
	producer, err := kinecast.New(client, kinecast.Config[string]{
		Serializer:    kinecast.String(),
		DefaultStream: "my-output-stream",
		Partitioner:   kinecast.ByKey(func(line string) string { return line }),
		ErrorMode:     kinecast.FailOnError, // the default
		QueueLimit:    1000,
	})
	if err != nil {
		return err
	}

	// Nothing answers for a while: the queue takes its 1,000 records, and no more.
	answer := make(chan struct{})
	server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.DelayUntil(answer)})
	taken := 0
	for ; err == nil; taken++ {
		err = producer.TryPut(fmt.Sprint("line ", taken)) // never waits
	}
	taken-- // the last one was refused
	fmt.Println("admitted while nothing answers:", taken)
	fmt.Println("then the queue is full:", errors.Is(err, kinecast.ErrQueueFull))
	close(answer)

	// From here on Put waits for room whenever there is none. No loop polls and sleeps.
	const lines = 5000
	highest := int64(0)
	for i := taken; i < lines; i++ {
		if err := producer.Put(ctx, fmt.Sprint("line ", i)); err != nil { // fail on error: says that an earlier one was lost
			return err
		}
		highest = max(highest, producer.Stats().OutstandingRecords)
	}
	if err := producer.Close(ctx); err != nil { // nil: every line is in the stream
		return err
	}
	stats := producer.Stats()
	fmt.Println("never more than the limit outstanding:", highest <= 1000)
	fmt.Println("put:", stats.UserRecordsPut, "failed:", stats.UserRecordsFailed)
	fmt.Println("read back:", len(server.Consume("my-output-stream")))
	return nil
}
