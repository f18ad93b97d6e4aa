package kinecast_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// BenchmarkOrdering is what order costs when the service answers after 20 ms: records of 100 bytes and a thousand keys, in
// aggregates of 50 KiB. One operation is one record; compare per-key with unordered at the same number of shards.
func BenchmarkOrdering(b *testing.B) {
	const keys = 1000
	values := make([]string, keys)
	for i := range values {
		values[i] = fmt.Sprintf("%-100s", strconv.Itoa(i)+":")
	}
	for _, shards := range []int{16, 64, 256} {
		for order, name := range []string{kinecast.Unordered: "unordered", kinecast.PerKey: "per-key"} {
			b.Run(fmt.Sprintf("shards=%d/%s", shards, name), func(b *testing.B) {
				srv := kinesistest.New(b, kinesistest.Stream("s", shards, kinesistest.Keep(0)))
				srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(20 * time.Millisecond)})
				p := newProducer(b, srv.Client(), ordered, func(c *config) { c.Ordering = kinecast.Ordering(order) })
				must(b, p.Open(b.Context()))
				b.SetBytes(int64(len(values[0])))
				b.ResetTimer()
				for i := range b.N {
					must(b, p.Put(b.Context(), values[i%keys]))
				}
				must(b, p.Close(context.Background()))
				s := p.Stats()
				b.ReportMetric(float64(s.UserRecordsPut)/float64(s.KinesisRecordsPut), "records/Kinesis-record")
				b.ReportMetric(float64(s.KinesisRecordsPut)/float64(s.Requests), "Kinesis-records/request")
			})
		}
	}
}
