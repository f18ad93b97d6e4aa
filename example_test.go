package kinecast_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// Order is an event that a service might send.
type Order struct {
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// startServer stands for Kinesis in these examples; with the service itself you would use a *kinesis.Client.
func startServer() *kinesistest.Server {
	server, err := kinesistest.Start(kinesistest.Stream("orders", 4), kinesistest.Stream("rejected", 1))
	if err != nil {
		panic(err)
	}
	return server
}

// Make a producer, put, close.
func Example() {
	server := startServer()
	defer server.Close()

	producer, err := kinecast.New(server.Client(), kinecast.Config[Order]{
		DefaultStream: "orders",
		Serializer:    kinecast.JSON[Order](),
		Partitioner:   kinecast.ByKey(func(o Order) string { return o.Customer }),
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	for cents := range 1000 {
		if err := producer.Put(ctx, Order{Customer: fmt.Sprint("customer-", cents%10), Cents: cents}); err != nil {
			panic(err)
		}
	}
	if err := producer.Close(ctx); err != nil { // nil: every order is in the stream
		panic(err)
	}
	fmt.Println(producer.Stats().UserRecordsPut, "orders in the stream")
	// Output: 1000 orders in the stream
}

// PutSync waits for the place where the record was stored.
func ExampleProducer_PutSync() {
	server := startServer()
	defer server.Close()
	producer, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "orders", DefaultPartition: "one key", Serializer: kinecast.String(),
	})
	if err != nil {
		panic(err)
	}
	defer producer.Close(context.Background())

	result, err := producer.PutSync(context.Background(), "hello")
	if err != nil {
		panic(err)
	}
	fmt.Println(result.Stream, result.ShardID, len(result.SequenceNumber), "digits,", result.Attempts.Len(), "attempt")
	// Output: orders shardId-000000000000 56 digits, 1 attempt
}

// Records that cannot be delivered go to another stream, with TryPut: inside a callback Put might wait for itself.
func ExampleConfig_onFailure() {
	server := startServer()
	defer server.Close()
	server.Inject(kinesistest.Rule{
		On: kinesistest.PutRecords, Stream: "orders", Do: kinesistest.CallError(400, "AccessDeniedException", "not yours"),
	})

	rejected, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "rejected", DefaultPartition: "all", Serializer: kinecast.String(),
	})
	if err != nil {
		panic(err)
	}
	producer, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "orders",
		Serializer:    kinecast.String(),
		Partitioner:   kinecast.ByKey(func(v string) string { return v }),
		ErrorMode:     kinecast.LogAndContinue,
		OnFailure: func(d kinecast.Delivery[string]) {
			if failed, ok := errors.AsType[*kinecast.DeliveryError](d.Err); ok {
				fmt.Println(d.Value, failed.Class, failed.Code, "maybe written:", failed.MaybeWritten)
			}
			if err := rejected.TryPut(d.Value); err != nil {
				fmt.Println("lost:", d.Value, err)
			}
		},
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := producer.Put(ctx, "an order"); err != nil {
		panic(err)
	}
	fmt.Println(producer.Close(ctx), rejected.Close(ctx))
	fmt.Println(len(server.Records("rejected")["shardId-000000000000"]), "dead letter")
	// Output:
	// an order fatal AccessDeniedException maybe written: false
	// <nil> <nil>
	// 1 dead letter
}

// A hash key chooses the shard: here one of four slices of the key space for each region, while consumers see the
// customer as the partition key.
func ExampleByKeyAndHash() {
	server := startServer()
	defer server.Close()
	slice := map[string]int{"eu": 0, "us": 1, "ap": 2, "sa": 3}
	producer, err := kinecast.New(server.Client(), kinecast.Config[[2]string]{
		DefaultStream: "orders",
		Serializer:    kinecast.JSON[[2]string](),
		Partitioner: kinecast.ByKeyAndHash(func(v [2]string) (string, kinecast.HashKey) {
			region, customer := v[0], v[1]
			hash, err := shard.HashKeySlice(slice[region], len(slice))
			if err != nil {
				panic(err) // refuses this record
			}
			return customer, hash
		}),
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	for _, v := range [][2]string{{"eu", "ada"}, {"us", "bob"}, {"ap", "ada"}} {
		result, err := producer.PutSync(ctx, v)
		if err != nil {
			panic(err)
		}
		fmt.Println(v, result.ShardID)
	}
	fmt.Println(producer.Close(ctx))
	// Output:
	// [eu ada] shardId-000000000000
	// [us bob] shardId-000000000001
	// [ap ada] shardId-000000000002
	// <nil>
}

// What a service may do to a producer can be tried out: here two attempts are throttled.
func Example_throttled() {
	server := startServer()
	defer server.Close()
	server.Inject(kinesistest.Rule{
		On: kinesistest.PutRecords, Times: 2,
		Do: kinesistest.RecordError("ProvisionedThroughputExceededException", "slow down"),
	})
	producer, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "orders", DefaultPartition: "one key", Serializer: kinecast.String(),
	})
	if err != nil {
		panic(err)
	}
	result, err := producer.PutSync(context.Background(), "hello")
	if err != nil {
		panic(err)
	}
	for n, attempt := range result.Attempts.All() {
		fmt.Printf("%d %v %q\n", n, attempt.Class, attempt.Code)
	}
	fmt.Println(producer.Close(context.Background()))
	// Output:
	// 1 throttled "ProvisionedThroughputExceededException"
	// 2 throttled "ProvisionedThroughputExceededException"
	// 3 none ""
	// <nil>
}

// Save what is outstanding without waiting for it, and let another producer deliver it.
func ExampleProducer_Snapshot() {
	server := startServer()
	defer server.Close()
	away := server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.CallError(500, "InternalFailure", "away")})

	ctx := context.Background()
	cfg := kinecast.Config[string]{
		DefaultStream: "orders",
		Serializer:    kinecast.String(),
		Partitioner:   kinecast.ByKey(func(order string) string { return order }),
	}
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		panic(err)
	}
	for i := range 1000 {
		if err := producer.Put(ctx, fmt.Sprint("order-", i)); err != nil {
			panic(err)
		}
	}
	var saved bytes.Buffer // a file in practice: written beside the old one, synced, renamed
	if err := producer.Snapshot(ctx, &saved); err != nil {
		panic(err)
	}
	_ = producer.Close(canceled()) // the service is still away, and this process has to go

	away()
	cfg.Restore = []io.Reader{&saved}
	cfg.OnResult = func(d kinecast.Delivery[string]) {
		if string(d.Restored.Data) == "order-7" {
			fmt.Println(d.Restored.Key, "is in the stream:", d.Err == nil)
		}
	}
	if producer, err = kinecast.New(server.Client(), cfg); err != nil {
		panic(err) // a damaged snapshot: it says where
	}
	if err := producer.Close(ctx); err != nil {
		panic(err)
	}
	fmt.Println(producer.Stats().UserRecordsRestored, "restored,", len(server.Consume("orders")), "in the stream")
	// Output:
	// order-7 is in the stream: true
	// 1000 restored, 1000 in the stream
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
