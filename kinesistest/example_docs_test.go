package kinesistest_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// The tests of this file are the snippets of docs/kinesistest.md, which TestDocument compares.

// upload stands for the code under test: it puts each event until it is told that it is there.
func upload(ctx context.Context, c interface {
	PutRecord(context.Context, *kinesis.PutRecordInput, ...func(*kinesis.Options)) (*kinesis.PutRecordOutput, error)
}, user string, events ...string) (written []kinesistest.Put) {
	for _, event := range events {
		in := &kinesis.PutRecordInput{StreamName: aws.String("events"), PartitionKey: &user, Data: []byte(event)}
		for _, err := c.PutRecord(ctx, in); err != nil && ctx.Err() == nil; _, err = c.PutRecord(ctx, in) {
			time.Sleep(time.Second)
		}
		written = append(written, kinesistest.Put{Key: user, Data: []byte(event)})
	}
	return written
}

// snippet: first
func TestUpload(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("events", 4))

	written := upload(t.Context(), server.Client(), "ada", "signed in", "bought", "signed out")

	server.Want("events", written, kinesistest.Exactly)
}

// snippet: client
func TestUploadByOwnClient(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("events", 4), kinesistest.TLS())
	trusting := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: server.Certificates()}}
	t.Cleanup(trusting.CloseIdleConnections)
	client := kinesis.New(kinesis.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(server.URL()),
		HTTPClient:   &http.Client{Transport: trusting},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})

	written := upload(t.Context(), client, "ada", "signed in")

	server.Want("events", written, kinesistest.Exactly)
}

// snippet: throttle
func TestUploadToBusyShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := kinesistest.New(t, kinesistest.Stream("events", 4))
		server.Throttle("events", kinesistest.Throughput{Records: 1, Burst: 2 * time.Second})
		start := time.Now()

		written := upload(t.Context(), server.Client(), "ada", "1", "2", "3", "4")

		server.Want("events", written, kinesistest.Exactly)
		if took := time.Since(start); took != 2*time.Second { // virtual: the test takes no time
			t.Errorf("took %v", took)
		}
	})
}

// snippet: lost
func TestUploadWithLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := kinesistest.New(t, kinesistest.Stream("events", 4))
		server.Inject(kinesistest.Rule{
			On: kinesistest.PutRecord, Nth: 2,
			Do: kinesistest.Store().Then(kinesistest.Lose(kinesistest.Reset)),
		})

		written := upload(t.Context(), server.Client(), "ada", "1", "2", "3")

		server.Want("events", written, kinesistest.NothingLost|kinesistest.InOrder)
		if d := kinesistest.Compare(written, server.Consume("events")); len(d.Duplicated) != 1 {
			t.Errorf("duplicated: %v", d.Duplicated)
		}
	})
}

// snippet: reshard
func TestUploadThroughReshard(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("events", 1))
	written := upload(t.Context(), server.Client(), "ada", "1")

	server.Split("events", "shardId-000000000000", "", kinesistest.StepByStep())
	written = append(written, upload(t.Context(), server.Client(), "ada", "2")...) // UPDATING, the parent is open
	server.Step("events")
	written = append(written, upload(t.Context(), server.Client(), "ada", "3")...) // UPDATING, the children are open
	server.Step("events")
	written = append(written, upload(t.Context(), server.Client(), "ada", "4")...) // ACTIVE

	server.Want("events", written, kinesistest.Exactly)
	if n := len(kinesistest.ByShard(server.Consume("events"))); n != 2 {
		t.Errorf("%d shards have records, want the parent and one child", n)
	}
}

// snippet: grow
func TestUploadToGrowingStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := kinesistest.New(t,
			kinesistest.Stream("events", 4, kinesistest.OnDemand(), kinesistest.Throttled(kinesistest.Throughput{Records: 1})),
			kinesistest.AutoScale(kinesistest.Scaling{Window: 4 * time.Second, How: kinesistest.Late(time.Second)}))

		written := upload(t.Context(), server.Client(), "ada", "1", "2", "3", "4", "5", "6", "7")

		server.Want("events", written, kinesistest.Exactly)
		if n := len(kinesistest.ByShard(server.Consume("events"))); n != 2 {
			t.Errorf("%d shards have records, want one and a child of it", n)
		}
	})
}

// snippet: hold
func TestSplitWhileCallIsUnderWay(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("events", 1))
	server.Intercept(func(kinesistest.Intercepted) (do kinesistest.Fault, done bool) {
		server.Split("events", "shardId-000000000000", "")
		return kinesistest.Fault{}, true // let the call pass, and the interceptor go
	})

	written := upload(t.Context(), server.Client(), "ada", "1")

	server.Want("events", written, kinesistest.Exactly)
}

// snippet: time
func TestStreamBecomesActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := kinesistest.New(t, kinesistest.Transition(time.Minute))
		client := server.Client()
		_, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("events"), ShardCount: aws.Int32(2)})
		if err != nil {
			t.Fatal(err)
		}

		written := upload(t.Context(), client, "ada", "1") // tries for a minute, in no time

		server.Want("events", written, kinesistest.Exactly)
	})
}

// snippet: end

// A fault is a chain of steps, and says in words what it does.
func ExampleFault_Then() {
	fault := kinesistest.Delay(time.Second).Then(kinesistest.StorePart(2)).Then(kinesistest.HTML(502))
	fmt.Println(kinesistest.Rule{On: kinesistest.PutRecords, Every: 10, Do: fault})
	// Output: delay 1s, then store the first 2, then HTML 502, on PutRecords, every 10
}

// A split leaves a closed parent, which still has its records, and two open children.
func ExampleServer_Split() {
	server, err := kinesistest.Start(kinesistest.Stream("events", 1))
	if err != nil {
		panic(err)
	}
	defer server.Close()
	fmt.Println(server.Split("events", "shardId-000000000000", ""))
	// Output: [shardId-000000000001 shardId-000000000002]
}
