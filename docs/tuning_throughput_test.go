package docs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kinecast/kinecast"
)

// connections: 20,000 records that wait make 40 full requests of a round trip each.
func connections(t *testing.T) [][]string {
	rows := [][]string{row("MaxConnections", "time for all", "MemoryBound, KiB more than with 1")}
	one := int64(0)
	for _, n := range []int{1, 4, 24} {
		in(t, fmt.Sprint(n), 8, func(c *kinecast.Config[string]) {
			c.MaxConnections, c.AggregationDisabled, c.RecordMaxBufferedTime = n, true, time.Hour
		}, func(r *run) {
			begin := time.Now()
			r.put(20_000, 0)
			r.flush()
			s := r.producer.Stats()
			if n == 1 {
				one = s.MemoryBound
			}
			rows = append(rows, row(n, time.Since(begin), (s.MemoryBound-one)>>10))
		})
	}
	return rows
}

// linger: a steady stream of 3,333 records a second over 4 shards.
func linger(t *testing.T) [][]string {
	rows := [][]string{row("RecordMaxBufferedTime", "requests", "Kinesis records", "user records in each", "longest wait for the result")}
	for _, d := range []time.Duration{kinecast.NoLinger, 10 * time.Millisecond, 100 * time.Millisecond, time.Second} {
		longest := time.Duration(0)
		in(t, d.String(), 4, func(c *kinecast.Config[string]) {
			c.RecordMaxBufferedTime = d
			start := time.Now()
			c.OnResult = func(d kinecast.Delivery[string]) {
				longest = max(longest, time.Since(start)-putAt(d.Value))
			}
		}, func(r *run) {
			s := r.stream()
			each := ratio(s.UserRecordsPut, s.KinesisRecordsPut)
			rows = append(rows, row(lingerName(d), s.Requests, s.KinesisRecordsPut, each, longest.Round(time.Millisecond)))
		})
	}
	return rows
}

// putAt is when stream puts a record.
func putAt(v string) time.Duration {
	var i int
	if _, err := fmt.Sscanf(v, "%08d", &i); err != nil {
		panic(err)
	}
	return time.Duration(i) * 300 * time.Microsecond
}

func lingerName(d time.Duration) string {
	if d == kinecast.NoLinger {
		return "NoLinger"
	}
	return d.String()
}

// shards: the same stream over more shards. Their lingers end at different times, and a request takes along what is nearly
// due.
func shards(t *testing.T) [][]string {
	rows := [][]string{row("shards", "requests", "Kinesis records", "user records in each")}
	for _, n := range []int{1, 4, 100, 1000} {
		in(t, fmt.Sprint(n), n, func(*kinecast.Config[string]) {}, func(r *run) {
			s := r.stream()
			rows = append(rows, row(n, s.Requests, s.KinesisRecordsPut, ratio(s.UserRecordsPut, s.KinesisRecordsPut)))
		})
	}
	return rows
}

// aggregation: the same stream, with and without, and with requests or aggregates that are kept small.
func aggregation(t *testing.T) [][]string {
	rows := [][]string{row("setting", "Kinesis records", "requests", "PUT payload units of 25 KB", "of 4,000 records a second that 4 shards take")}
	for _, c := range []struct {
		name   string
		change func(*kinecast.Config[string])
	}{
		{"defaults", func(*kinecast.Config[string]) {}},
		{"AggregationMaxCount: 10", func(c *kinecast.Config[string]) { c.AggregationMaxCount = 10 }},
		{"AggregationDisabled", func(c *kinecast.Config[string]) { c.AggregationDisabled = true }},
		{"AggregationDisabled, CollectionMaxCount: 50", func(c *kinecast.Config[string]) {
			c.AggregationDisabled, c.CollectionMaxCount = true, 50
		}},
	} {
		in(t, c.name, 4, c.change, func(r *run) {
			s := r.stream()
			perSecond := float64(s.KinesisRecordsPut) / 3
			rows = append(rows, row(c.name, s.KinesisRecordsPut, s.Requests, r.units(), fmt.Sprintf("%.0f %%", perSecond/40)))
		})
	}
	return rows
}

// sizes: 50,000 records that wait, in aggregates of several sizes.
func sizes(t *testing.T) [][]string {
	rows := [][]string{row("AggregationMaxSize", "Kinesis records", "user records in each", "PUT payload units of 25 KB")}
	for _, size := range []int{5 << 10, 25 << 10, 50 << 10, 1 << 20} {
		in(t, fmt.Sprint(size), 4, func(c *kinecast.Config[string]) { c.AggregationMaxSize, c.RecordMaxBufferedTime = size, time.Hour }, func(r *run) {
			r.put(50_000, 0)
			r.flush()
			s := r.producer.Stats()
			rows = append(rows, row(size, s.KinesisRecordsPut, ratio(s.UserRecordsPut, s.KinesisRecordsPut), r.units()))
		})
	}
	return rows
}

// order: 50,000 records that wait, through one shard.
func order(t *testing.T) [][]string {
	rows := [][]string{row("setting", "time for all")}
	for _, c := range []struct {
		name   string
		change func(*kinecast.Config[string])
	}{
		{"Unordered", func(*kinecast.Config[string]) {}},
		{"PerKey", func(c *kinecast.Config[string]) { c.Ordering = kinecast.PerKey }},
		{"PerKey, AggregationMaxSize: 256 KiB", func(c *kinecast.Config[string]) {
			c.Ordering, c.AggregationMaxSize = kinecast.PerKey, 256<<10
		}},
	} {
		in(t, c.name, 1, c.change, func(r *run) {
			begin := time.Now()
			r.put(50_000, 0)
			r.flush()
			rows = append(rows, row(c.name, time.Since(begin)))
		})
	}
	return rows
}
