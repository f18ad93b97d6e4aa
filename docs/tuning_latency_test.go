package docs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// verbs: a record that comes alone, and how long it takes until it is stored.
func verbs(t *testing.T) [][]string {
	rows := [][]string{row("verb and setting", "stored and answered after")}
	for _, c := range []struct {
		name string
		set  time.Duration
		sync bool
	}{
		{"Put, defaults", 0, false},
		{"Put, RecordMaxBufferedTime: 10 ms", 10 * time.Millisecond, false},
		{"Put, NoLinger", kinecast.NoLinger, false},
		{"PutSync, defaults", 0, true},
	} {
		for _, disabled := range []bool{false, true} {
			name := c.name
			if disabled {
				name += ", AggregationDisabled"
			}
			in(t, name, 1, func(cfg *kinecast.Config[string]) {
				cfg.RecordMaxBufferedTime, cfg.AggregationDisabled = c.set, disabled
			}, func(r *run) {
				begin := time.Now()
				took := make(chan time.Duration, 1)
				if c.sync {
					if _, err := r.producer.PutSync(r.Context(), "a record"); err != nil {
						r.Fatal(err)
					}
					took <- time.Since(begin)
				} else if err := r.producer.PutAsync(r.Context(), "a record", func(kinecast.Result, error) { took <- time.Since(begin) }); err != nil {
					r.Fatal(err)
				}
				rows = append(rows, row(name, <-took))
			})
		}
	}
	return rows
}

// partitioners: the steady stream over 16 shards. Records that keep together make fuller aggregates.
func partitioners(t *testing.T) [][]string {
	rows := [][]string{row("Partitioner", "shards in use", "Kinesis records", "user records in each", "bytes added to a record of 100")}
	for _, c := range []struct {
		name        string
		partitioner kinecast.Partitioner[string]
	}{
		{"Random", kinecast.Random[string]()},
		{"ByKey, 10,000 keys of 8 bytes", kinecast.ByKey(func(v string) string { return v[:8] })},
		{"ByKey, 100 keys of 2 bytes", kinecast.ByKey(func(v string) string { return v[6:8] })},
		{"ByKeyAndHash, 100 keys in 4 places", kinecast.ByKeyAndHash(func(v string) (string, kinecast.HashKey) {
			hash, err := shard.HashKeySlice(int(v[7]-'0')%4, 4)
			if err != nil {
				panic(err)
			}
			return v[6:8], hash
		})},
		{"Fixed(3, 16)", kinecast.Fixed[string](3, 16)},
	} {
		in(t, c.name, 16, func(cfg *kinecast.Config[string]) { cfg.Partitioner = c.partitioner }, func(r *run) {
			s := r.stream()
			used := 0
			for _, records := range r.server.Records("s") {
				used += min(len(records), 1)
			}
			kinesis, each := fmt.Sprint(s.KinesisRecordsPut), ratio(s.UserRecordsPut, s.KinesisRecordsPut)
			added := fmt.Sprintf("%.1f", float64(s.KinesisRecordsDataPut-s.UserRecordsDataPut)/float64(s.UserRecordsPut))
			if c.name == "Random" { // they differ from run to run
				kinesis, each, added = over(s.KinesisRecordsPut, 400), over(s.UserRecordsPut/s.KinesisRecordsPut, 18), over((s.KinesisRecordsDataPut-s.UserRecordsDataPut)/s.UserRecordsPut, 9)
			}
			rows = append(rows, row(c.name, used, kinesis, each, added))
		})
	}
	return rows
}

// about is a number to the nearest multiple.
func about(n, of int64) string { return fmt.Sprint("about ", (n+of/2)/of*of) }

// presets: the steady stream over 4 shards, and a record alone.
func presets(t *testing.T) [][]string {
	rows := [][]string{row("configuration", "requests", "Kinesis records", "user records in each", "longest wait for the result")}
	for _, c := range []struct {
		name   string
		preset func() kinecast.Config[string]
	}{
		{"defaults", func() kinecast.Config[string] { return kinecast.Config[string]{} }},
		{"KPLDefaults", kinecast.KPLDefaults[string]},
		{"FlinkDefaults", kinecast.FlinkDefaults[string]},
		{"LowLatency", kinecast.LowLatency[string]},
		{"HighThroughput", kinecast.HighThroughput[string]},
	} {
		longest := time.Duration(0)
		in(t, c.name, 4, func(cfg *kinecast.Config[string]) {
			*cfg = c.preset()
			start := time.Now()
			cfg.OnResult = func(d kinecast.Delivery[string]) { longest = max(longest, time.Since(start)-putAt(d.Value)) }
		}, func(r *run) {
			s := r.stream()
			rows = append(rows, row(c.name, s.Requests, s.KinesisRecordsPut, ratio(s.UserRecordsPut, s.KinesisRecordsPut), longest.Round(time.Millisecond)))
		})
	}
	return rows
}

// adaptive: three seconds of 100-byte records over 4 shards that take what the service promises, few of them, some, and many.
func adaptive(t *testing.T) [][]string {
	rows := [][]string{row("RecordMaxBufferedTime", "records a second", "requests", "Kinesis records", "PUT payload units of 25 KB", "median wait for the result", "longest")}
	for _, set := range []time.Duration{0, kinecast.NoLinger} {
		for _, every := range []time.Duration{10 * time.Millisecond, time.Millisecond, 100 * time.Microsecond} {
			name := map[bool]string{true: "100ms, the default", false: "NoLinger"}[set == 0]
			rate := int(time.Second / every)
			var waits []time.Duration
			in(t, fmt.Sprint(name, " ", rate), 4, func(c *kinecast.Config[string]) { c.RecordMaxBufferedTime = set }, func(r *run) {
				r.server.Throttle("s", kinesistest.ServiceThroughput())
				for i := range 3 * rate {
					put := time.Now()
					err := r.producer.PutAsync(r.Context(), record(i, 100), func(kinecast.Result, error) { waits = append(waits, time.Since(put)) })
					if err != nil {
						r.Fatal(err)
					}
					time.Sleep(every + 100*time.Nanosecond) // never meets a linger
				}
				r.flush()
				s := r.producer.Stats()
				slices.Sort(waits)
				rows = append(rows, row(name, rate, s.Requests, s.KinesisRecordsPut, r.units(),
					waits[len(waits)/2].Round(time.Millisecond), waits[len(waits)-1].Round(time.Millisecond)))
			})
		}
	}
	return rows
}
