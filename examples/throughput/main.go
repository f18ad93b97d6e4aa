// Command throughput is the page's high-throughput configuration, name by name, and what it gives: the same 50,000 records
// of 100 bytes with it, with our preset, and without aggregation. The exact figures depend on the machine and go to standard error; what
// holds on every machine goes to standard output.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

const (
	records = 50_000
	size    = 100
	keys    = 1000
	// unit is what the service bills a provisioned stream by: a record of up to 25 KB is one PUT payload unit.
	unit = 25 << 10
)

// pageConfig has the page's settings under their names here.
func pageConfig() kinecast.Config[uint64] {
	return kinecast.Config[uint64]{
		RecordMaxBufferedTime: 100 * time.Millisecond, // RecordMaxBufferedTime=100, the default
		MaxConnections:        24,                     // MaxConnections=24, the default
		RequestTimeout:        6 * time.Second,        // RequestTimeout=6000, the default
		RecordTTL:             30 * time.Second,       // RecordTtl=30000; the default is not to drop records by age
		AggregationMaxCount:   4294967295,             // AggregationMaxCount, the default
		AggregationMaxSize:    51200,                  // AggregationMaxSize, the default
		QueueLimit:            10_000,                 // setQueueLimit(10000); the default is 100,000, never unlimited
		ErrorMode:             kinecast.LogAndContinue,
	}
}

// figures are what one run cost the service.
type figures struct {
	stats    kinecast.Stats
	readBack int
	units    int // PUT payload units
}

func main() {
	aggregated, err := measure(pageConfig())
	if err != nil {
		log.Fatal(err)
	}
	preset, err := measure(kinecast.HighThroughput[uint64]())
	if err != nil {
		log.Fatal(err)
	}
	cfg := pageConfig()
	cfg.AggregationDisabled = true // AggregationEnabled=false
	single, err := measure(cfg)
	if err != nil {
		log.Fatal(err)
	}
	for i, f := range []figures{aggregated, preset, single} {
		fmt.Fprintf(os.Stderr, "%s: %d user records, %d Kinesis records, %d requests, %d PUT payload units, %d waits for room\n",
			[]string{"the page's settings", "HighThroughput", "without aggregation"}[i],
			f.readBack, f.stats.KinesisRecordsPut, f.stats.Requests, f.units, f.stats.BackpressureCycles)
	}
	fmt.Println("records read back:", aggregated.readBack, "with the page's settings,", preset.readBack, "with HighThroughput,",
		single.readBack, "without aggregation")
	fmt.Println("failed:", aggregated.stats.UserRecordsFailed, preset.stats.UserRecordsFailed, single.stats.UserRecordsFailed)
	fmt.Println("Kinesis records without aggregation:", single.stats.KinesisRecordsPut)
	fmt.Println("user records in a Kinesis record, at least 100:", records/aggregated.stats.KinesisRecordsPut >= 100)
	fmt.Println("with HighThroughput, at least 500:", records/preset.stats.KinesisRecordsPut >= 500)
	fmt.Println("PUT payload units, at least 50 times fewer:", single.units/aggregated.units >= 50)
	fmt.Println("PutRecords calls, fewer:", aggregated.stats.Requests < single.stats.Requests)
}

// measure puts all records and looks at what the server has.
func measure(cfg kinecast.Config[uint64]) (figures, error) {
	ctx := context.Background()
	server, err := kinesistest.Start(kinesistest.Stream("events", 4))
	if err != nil {
		return figures{}, err
	}
	defer server.Close()
	server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(20 * time.Millisecond)}) // a round trip
	cfg.DefaultStream = "events"
	cfg.Serializer = kinecast.SerializerFunc[uint64](func(dst []byte, v uint64) ([]byte, error) {
		return append(binary.BigEndian.AppendUint64(dst, v), make([]byte, size-8)...), nil
	})
	cfg.Partitioner = kinecast.ByKey(func(v uint64) string { return fmt.Sprintf("device-%04d", v%keys) })
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		return figures{}, err
	}
	for v := range uint64(records) {
		if err := producer.Put(ctx, v); err != nil {
			return figures{}, err
		}
	}
	if err := producer.Close(ctx); err != nil {
		return figures{}, err
	}
	f := figures{stats: producer.Stats(), readBack: len(server.Consume("events"))}
	for _, stored := range server.Records("events") {
		for _, r := range stored {
			f.units += (len(r.Data) + len(r.PartitionKey) + unit - 1) / unit
		}
	}
	return f, nil
}
