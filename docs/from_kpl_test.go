package docs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/kinesistest"
)

// addUserRecord gave a future for each record; PutAsync calls back.
func Example_fromAddUserRecord() {
	server := started(kinesistest.Stream("clicks", 2))
	defer server.Close()
	type Click struct{ User, Page string }
	ctx := context.Background()

	producer, err := kinecast.New(server.Client(), kinecast.Config[Click]{
		DefaultStream: "clicks",
		Serializer:    kinecast.JSON[Click](),
		Partitioner:   kinecast.ByKey(func(c Click) string { return c.User }),
	})
	if err != nil {
		panic(err)
	}
	click := Click{User: "ada", Page: "/"}
	err = producer.PutAsync(ctx, click, func(result kinecast.Result, err error) { // on one goroutine, one after another
		fmt.Println(result.ShardID, result.Attempts.Len(), "attempt", err)
	})
	if err != nil { // refused: done is not called
		panic(err)
	}
	if err := producer.Flush(ctx); err != nil {
		panic(err)
	}

	result, err := producer.PutSync(ctx, click) // what future.get() was
	fmt.Println(result.ShardID, result.Attempts.Len(), "attempt", err)
	fmt.Println(producer.Close(ctx))
	// Output:
	// shardId-000000000001 1 attempt <nil>
	// shardId-000000000001 1 attempt <nil>
	// <nil>
}

// What a UserRecordFailedException told, and more.
func Example_fromUserRecordFailed() {
	server := started(kinesistest.Stream("clicks", 1))
	defer server.Close()
	server.Inject(kinesistest.Rule{
		On: kinesistest.PutRecords, Do: kinesistest.RecordError("ProvisionedThroughputExceededException", "Rate exceeded"),
	})
	producer, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "clicks", DefaultPartition: "all", Serializer: kinecast.String(), MaxAttempts: 3,
	})
	if err != nil {
		panic(err)
	}

	result, err := producer.PutSync(context.Background(), "a click")
	for n, attempt := range result.Attempts.All() {
		fmt.Println(n, attempt.Code, attempt.Message, "in", attempt.ShardID)
	}
	if failed, ok := errors.AsType[*kinecast.DeliveryError](err); ok {
		fmt.Println(failed.Class, "ended by", failed.Limit, "may have been written:", failed.MaybeWritten)
	}

	fmt.Println(producer.Close(context.Background()))
	// Output:
	// 1 ProvisionedThroughputExceededException Rate exceeded in shardId-000000000000
	// 2 ProvisionedThroughputExceededException Rate exceeded in shardId-000000000000
	// 3 ProvisionedThroughputExceededException Rate exceeded in shardId-000000000000
	// throttled ended by MaxAttempts may have been written: false
	// <nil>
}

// flushSync and destroy, which lost or hung, are Flush and Close with a context.
func Example_fromFlushSync() {
	server := started(kinesistest.Stream("clicks", 2))
	defer server.Close()
	producer, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "clicks", Serializer: kinecast.String(),
		Partitioner: kinecast.ByKey(func(v string) string { return v }),
	})
	if err != nil {
		panic(err)
	}
	for i := range 500 {
		if err := producer.Put(context.Background(), fmt.Sprint(i)); err != nil {
			panic(err)
		}
	}

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := producer.Flush(ctx); err != nil { // returns when all that was put before has ended, as soon as it has
		panic(err)
	}
	fmt.Println(producer.Stats().OutstandingRecords, "outstanding")
	if err := producer.Close(ctx); err != nil { // drains; destroy dropped
		panic(err)
	}

	fmt.Println(len(server.Consume("clicks")), "stored")
	// Output:
	// 0 outstanding
	// 500 stored
}

// The loop that sleeps while getOutstandingRecordsCount is too high is gone: Put waits by itself.
func Example_fromOutstandingLoop() {
	server := started(kinesistest.Stream("clicks", 2))
	defer server.Close()
	producer, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "clicks", Serializer: kinecast.String(),
		Partitioner: kinecast.ByKey(func(v string) string { return v }),
		QueueLimit:  100,
	})
	if err != nil {
		panic(err)
	}
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for i := range 500 {
				if err := producer.Put(context.Background(), fmt.Sprint(i)); err != nil {
					fmt.Println(err)
				}
			}
		})
	}
	callers.Wait()
	if err := producer.Close(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(len(server.Consume("clicks")), "stored, Puts had to wait:", producer.Stats().BackpressureCycles > 0)
	// Output: 4000 stored, Puts had to wait: true
}

// getMetrics waited for the child process; Metrics walks over figures that are there.
func Example_fromGetMetrics() {
	server := started(kinesistest.Stream("clicks", 2))
	defer server.Close()
	producer, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "clicks", Serializer: kinecast.String(),
		Partitioner:        kinecast.ByKey(func(v string) string { return v }),
		MetricsGranularity: figures.PerStream, // MetricsGranularity=stream
	})
	if err != nil {
		panic(err)
	}
	for i := range 500 {
		if err := producer.Put(context.Background(), fmt.Sprint(i)); err != nil {
			panic(err)
		}
	}
	if err := producer.Close(context.Background()); err != nil {
		panic(err)
	}

	for metric := range producer.Metrics() {
		if metric.Name == figures.UserRecordsPut { // 1 for each record stored, 0 for each that failed, as in the KPL
			fmt.Println(metric.Name, metric.Dimensions, metric.Sum, "of", metric.Count)
		}
	}

	// Output:
	// UserRecordsPut [{StreamName clicks}] 500 of 500
	// UserRecordsPut [] 500 of 500
}

// addUserRecord named the stream; here a function of the value does.
func Example_fromStreamArgument() {
	server := started(kinesistest.Stream("clicks", 1), kinesistest.Stream("orders", 1))
	defer server.Close()
	type Event struct{ Stream, Key, Text string }
	producer, err := kinecast.New(server.Client(), kinecast.Config[Event]{
		TargetStream: func(e Event) (string, error) { return e.Stream, nil },
		Partitioner:  kinecast.ByKey(func(e Event) string { return e.Key }),
		Serializer: kinecast.SerializerFunc[Event](func(dst []byte, e Event) ([]byte, error) {
			return append(dst, e.Text...), nil
		}),
	})
	if err != nil {
		panic(err)
	}
	for _, e := range []Event{{"clicks", "ada", "a click"}, {"orders", "ada", "an order"}, {"clicks", "bob", "a click"}} {
		if err := producer.Put(context.Background(), e); err != nil {
			panic(err)
		}
	}
	if err := producer.Close(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(len(server.Consume("clicks")), "clicks,", len(server.Consume("orders")), "order")
	// Output: 2 clicks, 1 order
}

// The KPL's own file of properties is read as it is.
func Example_fromPropertiesFile() {
	file := `
# default_config.properties
AggregationEnabled = true
RecordMaxBufferedTime = 250
RecordTtl = 60000
MaxConnections = 48
Region = eu-west-1
ThreadingModel = POOLED
`
	properties, err := kinecast.ReadProperties(strings.NewReader(file))
	if err != nil { // every fault at once, each with its line
		panic(err)
	}
	cfg := kinecast.KPLDefaults[string]() // for what the file leaves out; leave this out for our own defaults
	cfg.Apply(properties)
	cfg.DefaultStream, cfg.Serializer, cfg.DefaultPartition = "clicks", kinecast.String(), "all" // what no file can say
	for _, note := range properties.Notes {
		if note.Outcome != kinecast.Sets {
			fmt.Println(note)
		}
	}

	fmt.Println(cfg.RecordMaxBufferedTime, cfg.RecordTTL, cfg.MaxConnections, cfg.RateLimit, cfg.Validate())
	// Output:
	// line 8: ThreadingModel is not needed: a request is a goroutine, and MaxConnections bounds them
	// 250ms 1m0s 48 150 <nil>
}

// What the KPL passes over with a line in its log is an error here, with a guess.
func Example_fromPropertiesWithFaults() {
	_, err := kinecast.ParseProperties(map[string]string{
		"RecordTTL":            "30000",
		"CollectionMaxCount":   "1000",
		"AggregationMaxCounts": "100",
	})
	fmt.Println(err)
	// Output:
	// kinecast: 3 faults in the properties:
	//   AggregationMaxCounts is not a setting; did you mean AggregationMaxCount?
	//   CollectionMaxCount is "1000"; use a whole number of Kinesis records, 1 to 500
	//   RecordTTL is not a setting; did you mean RecordTtl?
}
