// Package bench measures what records of your own cost in kinecast: your type, your serializer, your partitioner, in a
// benchmark of your own.
//
//	func BenchmarkOrders(b *testing.B) {
//		bench.Run(b, cfg, func(i int) Order { return orders[i%len(orders)] })
//	}
//
// It needs no network and no AWS: a server in memory tells the shards, and what is put is read, counted and forgotten.
package bench

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/bench/internal/discard"
)

// Shards are the numbers of shards for which Run measures.
var Shards = []int{1, 16, 256}

// stream is where records go whose TargetStream does not say.
const stream = "bench"

// Run measures a producer with this configuration on the values that gen makes: gen(i) is the i-th, it is called from one
// goroutine, and its own cost counts. There is a sub-benchmark for each of [Shards]. Beside time and allocations each
// reports
//
//	user/kinesis   user records in a Kinesis record: 1 means that aggregation gains nothing
//	bytes/record   what a user record comes to as data on the wire, aggregation included, before base64
//	hottest/mean   user records of the busiest shard over the mean of all, of the first 100 values a shard: 1 is perfectly
//	               even. What the busiest shard takes, 1 MiB or 1,000 Kinesis records a second, bounds the stream
//	refused/op     the share of values that serializer, partitioner or TargetStream refused
//
// The time is the caller's and what goes on beside it, all in this process, up to the end of Close. Callbacks of the
// configuration are called. DefaultStream need not be set, and TargetStream must name none of its own. A configuration that
// kinecast.New refuses, and a value that is refused because the producer failed, end the benchmark.
func Run[T any](b *testing.B, cfg kinecast.Config[T], gen func(i int) T) {
	b.Helper()
	cfg.DefaultStream = stream
	for _, shards := range Shards {
		b.Run("shards="+strconv.Itoa(shards), func(b *testing.B) { run(b, cfg, gen, shards) })
	}
}

func run[T any](b *testing.B, cfg kinecast.Config[T], gen func(i int) T, shards int) {
	b.Helper()
	skew := skewOf(b, cfg, gen, shards)
	p := open(b, cfg, shards)
	b.ReportAllocs()
	b.ResetTimer()
	refused := put(b, p, b.N, gen)
	if err := p.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	report(b, p.Stats(), refused, skew)
}

// open opens a producer to a client that discards.
func open[T any](b *testing.B, cfg kinecast.Config[T], shards int) *kinecast.Producer[T] {
	b.Helper()
	client, end, err := discard.New(stream, shards)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(end)
	p, err := kinecast.New(client, cfg)
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Open(context.Background()); err != nil {
		b.Fatal(err)
	}
	return p
}

// put puts n values and says how many were refused for what they are.
func put[T any](b *testing.B, p *kinecast.Producer[T], n int, gen func(i int) T) (refused int) {
	b.Helper()
	ctx := context.Background()
	for i := range n {
		switch err := p.Put(ctx, gen(i)); {
		case err == nil:
		case errors.Is(err, kinecast.ErrInvalidRecord), errors.Is(err, kinecast.ErrTooLarge):
			refused++
		default:
			b.Fatal(err)
		}
	}
	return refused
}

// skewOf puts some values with a producer of its own, whose results tell the shards.
func skewOf[T any](b *testing.B, cfg kinecast.Config[T], gen func(i int) T, shards int) float64 {
	b.Helper()
	const each = 100
	in, all := map[string]int{}, 0
	cfg.OnFailure = nil
	cfg.OnResult = func(d kinecast.Delivery[T]) { // never two at a time
		in[d.Result.ShardID]++
		all++
	}
	p := open(b, cfg, shards)
	put(b, p, each*shards, gen)
	if err := p.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	hottest := 0
	for _, n := range in {
		hottest = max(hottest, n)
	}
	return float64(hottest) * float64(shards) / float64(max(all, 1))
}

func report(b *testing.B, s kinecast.Stats, refused int, skew float64) {
	b.Helper()
	b.ReportMetric(float64(s.UserRecordsPut)/float64(max(s.KinesisRecordsPut, 1)), "user/kinesis")
	b.ReportMetric(float64(s.KinesisRecordsDataPut)/float64(max(s.UserRecordsPut, 1)), "bytes/record")
	b.ReportMetric(skew, "hottest/mean")
	b.ReportMetric(float64(refused)/float64(b.N), "refused/op")
}
