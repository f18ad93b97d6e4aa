package bench

import (
	"flag"
	"testing"

	"github.com/kinecast/kinecast"
)

// figures are what a benchmark of 1,000 values over 16 shards reports.
func figures(t *testing.T, cfg kinecast.Config[int], gen func(int) int) map[string]float64 {
	t.Helper()
	before := flag.Lookup("test.benchtime").Value.String()
	if err := flag.Set("test.benchtime", "1000x"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = flag.Set("test.benchtime", before) }()
	cfg.DefaultStream = stream
	cfg.Serializer = kinecast.SerializerFunc[int](func(dst []byte, _ int) ([]byte, error) { return append(dst, make([]byte, 100)...), nil })
	return testing.Benchmark(func(b *testing.B) { run(b, cfg, gen, 16) }).Extra
}

// The figures tell one key from many, aggregation from none, and what is refused.
func TestFigures(t *testing.T) {
	keyed := func(key func(int) string) kinecast.Config[int] {
		return kinecast.Config[int]{Partitioner: kinecast.ByKey(key)}
	}
	self := func(i int) int { return i }

	if got := figures(t, keyed(func(int) string { return "one" }), self); got["hottest/mean"] != 16 || got["user/kinesis"] < 100 {
		t.Errorf("one key: %v; want all in one of 16 shards, many to a Kinesis record", got)
	}
	random := kinecast.Config[int]{Partitioner: kinecast.Random[int](), AggregationDisabled: true}
	if got := figures(t, random, self); got["hottest/mean"] > 2 || got["user/kinesis"] != 1 || got["bytes/record"] != 100 {
		t.Errorf("random keys, no aggregation: %v; want an even spread and one to a Kinesis record", got)
	}
	halfEmpty := keyed(func(i int) string { return "key"[:3*(i%2)] })
	if got := figures(t, halfEmpty, self); got["refused/op"] != 0.5 {
		t.Errorf("half of the keys empty: %v; want half refused", got)
	}
}
