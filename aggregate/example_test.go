package aggregate_test

import (
	"errors"
	"fmt"

	"github.com/kinecast/kinecast/aggregate"
)

// Read one Kinesis record the way the KCL does.
func ExampleDeaggregate() {
	var b aggregate.Builder
	for _, city := range []string{"Oslo", "Lima"} {
		e := aggregate.Entry{Key: []byte(city), Data: []byte("weather in " + city)}
		b.Append(&e, b.Fit(&e))
	}
	data := b.AppendTo(nil) // what GetRecords returns as Data

	for r, err := range aggregate.Deaggregate("Oslo", data, nil) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%d %s: %s\n", r.Position, r.PartitionKey, r.Data)
	}
	// Output:
	// 0 Oslo: weather in Oslo
	// 1 Lima: weather in Lima
}

// With the range of its shard, an aggregate that landed in the wrong shard shows
// itself. The KCL would drop it without a word.
func ExampleDeaggregate_range() {
	e := aggregate.Entry{Key: []byte("Oslo"), HashKey: []byte("17"), Data: []byte("cold")}
	var b aggregate.Builder
	b.Append(&e, b.Fit(&e))

	shard := &aggregate.Range{First: [16]byte{15: 20}, Last: [16]byte{15: 40}}
	for _, err := range aggregate.Deaggregate("Oslo", b.AppendTo(nil), shard) {
		if dropped, ok := errors.AsType[*aggregate.DroppedError](err); ok {
			fmt.Println("user record", dropped.Position, "belongs elsewhere")
		}
		fmt.Println(err)
	}
	// Output:
	// user record 0 belongs elsewhere
	// aggregate: aggregated record does not belong to its shard: user record 0 has the hash key 17, outside 20 to 40, so all its user records are dropped
}

// Fill aggregated records up to a limit: look, write what is full, append.
func ExampleBuilder() {
	const limit = 64
	var b aggregate.Builder
	defer b.Reset()
	for _, text := range []string{"first", "second", "third", "fourth"} {
		e := aggregate.Entry{Key: []byte("key"), Data: []byte(text)}
		fit := b.Fit(&e)
		if fit.Size > limit && b.Len() > 0 {
			fmt.Println(b.Len(), "records in", len(b.AppendTo(nil)), "bytes")
			b.Reset()
			fit = b.Fit(&e)
		}
		b.Append(&e, fit)
	}
	if b.Len() == 1 {
		fmt.Printf("alone, sent plain: %s\n", b.Lone().Data)
	}
	// Output:
	// 3 records in 59 bytes
	// alone, sent plain: fourth
}
