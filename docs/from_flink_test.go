package docs_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// MyEvent is the event of these examples.
type MyEvent struct {
	Type   string `json:"type"`
	UserID int    `json:"userId"`
}

// The page's KinesisSerializationSchema is a serializer and a function that names the stream.
func Example_fromSerializationSchema() {
	server := started(kinesistest.Stream("events-click", 1), kinesistest.Stream("events-login", 1))
	defer server.Close()
	cfg := kinecast.Config[MyEvent]{
		// serialize
		Serializer: kinecast.JSON[MyEvent](),
		// getTargetStream
		TargetStream: func(e MyEvent) (string, error) { return "events-" + strings.ToLower(e.Type), nil },
		// getPartitionId
		Partitioner: kinecast.ByKey(func(e MyEvent) string { return fmt.Sprint("user-", e.UserID) }),
		// setFailOnError(true), setQueueLimit(1000)
		ErrorMode:  kinecast.FailOnError,
		QueueLimit: 1000,
	}
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		panic(err)
	}
	for i := range 10 {
		if err := producer.Put(context.Background(), MyEvent{[]string{"CLICK", "LOGIN"}[i%2], i}); err != nil {
			panic(err)
		}
	}
	if err := producer.Close(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(len(server.Consume("events-click")), len(server.Consume("events-login")))
	// Output: 5 5
}

// The page's partitioner gives a key and a hash key. A hash key that is a small number means the first shard.
func Example_fromPartitioner() {
	server := started(kinesistest.Stream("s", 4))
	defer server.Close()
	partitioner := kinecast.ByKeyAndHash(func(e MyEvent) (key string, hash kinecast.HashKey) {
		return fmt.Sprint(e.UserID % 100), // getPartitionId
			shard.HashKeyOf(fmt.Sprint(e.UserID)) // getExplicitHashKey: spread over all shards
	})
	producer, err := kinecast.New(server.Client(), kinecast.Config[MyEvent]{
		DefaultStream: "s", Serializer: kinecast.JSON[MyEvent](), Partitioner: partitioner,
	})
	if err != nil {
		panic(err)
	}
	for i := range 1000 {
		if err := producer.Put(context.Background(), MyEvent{"CLICK", i}); err != nil {
			panic(err)
		}
	}
	if err := producer.Close(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(len(kinesistest.ByShard(server.Consume("s"))), "shards in use")
	// Output: 4 shards in use
}

// What snapshotState did before Flink took its checkpoint: everything that was put is stored, or the position stays.
func Example_fromSnapshotState() {
	server := started(kinesistest.Stream("s", 2))
	defer server.Close()
	ctx := context.Background()
	producer, err := kinecast.New(server.Client(), kinecast.Config[MyEvent]{
		DefaultStream: "s", Serializer: kinecast.JSON[MyEvent](),
		Partitioner: kinecast.ByKey(func(e MyEvent) string { return fmt.Sprint(e.UserID) }),
	})
	if err != nil {
		panic(err)
	}
	committed := 0
	commit := func(position int) { committed = position }
	for position := range 1000 {
		if err := producer.Put(ctx, MyEvent{"CLICK", position}); err != nil {
			panic(err)
		}
		if position%100 != 99 {
			continue
		}
		if err := producer.Checkpoint(ctx); err != nil { // a record was lost: do not commit over it
			panic(err)
		}
		commit(position + 1)
	}
	fmt.Println(committed, len(server.Consume("s")))
	fmt.Println(producer.Close(ctx))
	// Output:
	// 1000 1000
	// <nil>
}

// What KinesisStreamsSink keeps in its state: the records that are not delivered yet, for another producer to take over.
func Example_fromState() {
	server := started(kinesistest.Stream("s", 2))
	defer server.Close()
	cfg := kinecast.Config[MyEvent]{
		DefaultStream: "s", Serializer: kinecast.JSON[MyEvent](),
		Partitioner: kinecast.ByKey(func(e MyEvent) string { return fmt.Sprint(e.UserID) }),
	}
	repair := server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()}) // nobody answers

	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		panic(err)
	}
	for i := range 100 {
		if err := producer.Put(context.Background(), MyEvent{"CLICK", i}); err != nil {
			panic(err)
		}
	}
	var state bytes.Buffer // a file, in a program: written anew, synced, and renamed over the old one
	if err := producer.Snapshot(context.Background(), &state); err != nil {
		panic(err)
	}
	over, end := context.WithCancel(context.Background())
	end()
	fmt.Println(producer.Close(over) != nil, len(server.Consume("s"))) // as if it had been killed
	repair()

	cfg.Restore = []io.Reader{&state} // of several producers: several
	producer, err = kinecast.New(server.Client(), cfg)
	if err != nil {
		panic(err)
	}
	fmt.Println(producer.Close(context.Background()), len(server.Consume("s")))
	// Output:
	// true 0
	// <nil> 100
}

// PARTITIONED BY of the table sink.
func Example_fromPartitionedBy() {
	partitioner := kinecast.JoinedFields("|", // sink.partitioner-field-delimiter
		func(e MyEvent) string { return e.Type },
		func(e MyEvent) string { return fmt.Sprint(e.UserID) },
	)

	var at kinecast.Placement
	if err := partitioner.Partition(MyEvent{"CLICK", 7}, &at); err != nil {
		panic(err)
	}
	fmt.Println(string(at.Key))
	// Output: CLICK|7
}

// The Properties of the page's examples, as a map.
func Example_fromFlinkProperties() {
	properties, err := kinecast.ParseProperties(map[string]string{
		"aws.region": "us-west-2",
		"aws.credentials.provider.basic.accesskeyid": "your-access-key",
		"aws.credentials.provider.basic.secretkey":   "your-secret-key",
		"RecordMaxBufferedTime":                      "100",
		"MaxConnections":                             "24",
		"RequestTimeout":                             "6000",
		"RecordTtl":                                  "30000",
		"AggregationEnabled":                         "true",
		"AggregationMaxCount":                        "4294967295",
		"AggregationMaxSize":                         "51200",
		"RetryDuration":                              "10000",
	})
	if err != nil {
		panic(err)
	}
	client, err := properties.NewClient() // region, endpoint, credentials, TLS and proxy
	if err != nil {
		panic(err)
	}
	cfg := kinecast.FlinkDefaults[string]() // failOnError false, no queue limit, a lifetime of 30 s: see its documentation
	cfg.Apply(properties)
	cfg.ErrorMode, cfg.QueueLimit = kinecast.FailOnError, 1000 // setFailOnError(true), setQueueLimit(1000)

	fmt.Println(client.Options().Region, cfg.RecordTTL, cfg.RetryDuration, cfg.RateLimit, cfg.AggregationMaxSize)
	// Output: us-west-2 30s 10s 100 51200
}
