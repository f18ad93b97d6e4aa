package docs_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// started is a server for examples; they close it.
func started(streams ...kinesistest.Option) *kinesistest.Server {
	server, err := kinesistest.Start(streams...)
	if err != nil {
		panic(err)
	}
	return server
}

// Record is what the Go libraries take: bytes and a key.
type Record struct {
	Key  string
	Data []byte
}

// config is the Config that from-go-libraries.md shows.
func config() kinecast.Config[Record] {
	return kinecast.Config[Record]{
		DefaultStream: "events",
		Serializer: kinecast.SerializerFunc[Record](func(dst []byte, r Record) ([]byte, error) {
			return append(dst, r.Data...), nil
		}),
		Partitioner: kinecast.ByKey(func(r Record) string { return r.Key }),
	}
}

// The key of each record survives, whatever it shares an aggregated record with.
func Example_fromPutDataKey() {
	server := started(kinesistest.Stream("events", 2))
	defer server.Close()
	ctx := context.Background()

	producer, err := kinecast.New(server.Client(), config())
	if err != nil {
		panic(err)
	}
	for i := range 1000 {
		record := Record{Key: fmt.Sprint("key-", i%10), Data: fmt.Append(nil, i)}
		if err := producer.Put(ctx, record); err != nil { // waits for room; ctx ends the wait
			panic(err)
		}
	}
	if err := producer.Close(ctx); err != nil { // delivers everything, or says what was left
		panic(err)
	}

	wrong := 0
	for _, r := range server.Consume("events") {
		var i int
		if _, err := fmt.Sscan(string(r.Data), &i); err != nil {
			panic(err)
		}
		if r.PartitionKey != fmt.Sprint("key-", i%10) {
			wrong++
		}
	}
	fmt.Println(len(server.Consume("events")), "records,", wrong, "under another key")
	// Output: 1000 records, 0 under another key
}

// A failed request is tried again, and what fails for good comes back with its value: no channel to listen to in time.
func Example_fromNotifyFailures() {
	server := started(kinesistest.Stream("events", 2))
	defer server.Close()
	server.Inject(kinesistest.Rule{
		On: kinesistest.PutRecords, Nth: 1, Do: kinesistest.CallError(500, "InternalFailureException", "try again"),
	})
	ctx := context.Background()

	var failed []kinecast.Delivery[Record]
	cfg := config()
	cfg.ErrorMode = kinecast.LogAndContinue
	cfg.OnFailure = func(d kinecast.Delivery[Record]) { failed = append(failed, d) } // d.Value, d.Err, d.Result.Attempts
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		panic(err)
	}
	for i := range 1000 {
		if err := producer.Put(ctx, Record{Key: "key", Data: fmt.Append(nil, i)}); err != nil {
			panic(err)
		}
	}
	if err := producer.Close(ctx); err != nil {
		panic(err)
	}
	fmt.Println(producer.Stats().RequestsFailed, "request failed,", len(failed), "records failed,", len(server.Consume("events")), "delivered")
	// Output: 1 request failed, 0 records failed, 1000 delivered
}

// A stop that drains, with a time limit.
func Example_fromStop() {
	server := started(kinesistest.Stream("events", 2))
	defer server.Close()
	producer, err := kinecast.New(server.Client(), config())
	if err != nil {
		panic(err)
	}
	for i := range 1000 {
		if err := producer.Put(context.Background(), Record{Key: "key", Data: fmt.Append(nil, i)}); err != nil {
			panic(err)
		}
	}

	within, cancel := context.WithTimeout(context.Background(), 30*time.Second) // not a context that the stop has ended
	defer cancel()
	if err := producer.Close(within); err != nil { // an *UndeliveredError counts what was left, and what may be written
		fmt.Println(err)
	}

	fmt.Println(len(server.Consume("events")), "delivered")
	// Output: 1000 delivered
}

// A hash key of the caller's own is written into the aggregated record, so consumers compute the same shard.
func Example_fromExplicitHashKey() {
	server := started(kinesistest.Stream("events", 4))
	defer server.Close()
	cfg := config()
	cfg.Partitioner = kinecast.ByKeyAndHash(func(r Record) (string, kinecast.HashKey) {
		return r.Key, shard.HashKeyOf("group of " + r.Key)
	})
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		panic(err)
	}
	for i := range 100 {
		if err := producer.Put(context.Background(), Record{Key: fmt.Sprint("key-", i%10)}); err != nil {
			panic(err)
		}
	}
	if err := producer.Close(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(len(server.Consume("events")), "consumed,", len(server.Dropped("events")), "dropped by consumers")
	// Output: 100 consumed, 0 dropped by consumers
}

// Consumers that took records apart with another library read these in the same way, and with this module too.
func Example_fromDeaggregator() {
	server := started(kinesistest.Stream("events", 1))
	defer server.Close()
	cfg := config()
	cfg.RecordMaxBufferedTime = time.Minute // one record for all: Close sends it
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		panic(err)
	}
	if err := producer.Open(context.Background()); err != nil { // what waits for a shard map may go apart from the rest
		panic(err)
	}
	for _, key := range []string{"ada", "bob", "ada"} {
		if err := producer.Put(context.Background(), Record{Key: key, Data: []byte("data of " + key)}); err != nil {
			panic(err)
		}
	}
	if err := producer.Close(context.Background()); err != nil {
		panic(err)
	}
	record := server.Records("events")["shardId-000000000000"][0]

	for user, err := range aggregate.Deaggregate(record.PartitionKey, record.Data, nil) {
		if err != nil {
			panic(err)
		}
		fmt.Println(user.Position, string(user.PartitionKey), string(user.Data))
	}

	// Output:
	// 0 ada data of ada
	// 1 bob data of bob
	// 2 ada data of ada
}
