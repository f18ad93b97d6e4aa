package docs_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// queueLimit: a burst of 50,000 records, put as fast as Put lets them, to a service that answers after a round trip.
func queueLimit(t *testing.T) [][]string {
	rows := [][]string{row("QueueLimit", "most outstanding records", "their memory, KiB", "Puts waited")}
	for _, limit := range []int{1000, 10_000, 100_000} {
		in(t, fmt.Sprint(limit), 4, func(c *kinecast.Config[string]) { c.QueueLimit, c.MaxConnections = limit, 1 }, func(r *run) {
			records, bytes := int64(0), int64(0)
			for i := range 50_000 {
				if err := r.producer.Put(r.Context(), record(i, 100)); err != nil {
					r.Fatal(err)
				}
				s := r.producer.Stats()
				records, bytes = max(records, s.OutstandingRecords), max(bytes, s.OutstandingBytes)
			}
			rows = append(rows, row(limit, records, about(bytes>>10, 100), r.producer.Stats().BackpressureCycles > 0))
		})
	}
	return rows
}

// queueBytes: while nothing answers, what a QueueBytes of 16 MiB admits.
func queueBytes(t *testing.T) [][]string {
	rows := [][]string{row("bytes of a record", "admitted in 1 shard", "in 1,000 shards", "memory for each byte, in 1,000 shards")}
	for _, size := range []int{200, 2 << 10, 20 << 10, 200 << 10} {
		cells := row(size)
		last := 0
		for _, shards := range []int{1, 1000} {
			in(t, fmt.Sprint(size, " in ", shards), shards, func(c *kinecast.Config[string]) {
				c.QueueBytes, c.QueueLimit, c.MaxConnections, c.RequestTimeout = 16<<20, 10_000_000, 1, 10*time.Minute
			}, func(r *run) {
				last = 0
				var err error
				for ; err == nil; last++ {
					err = r.producer.TryPut(record(last, size))
				}
				if !errors.Is(err, kinecast.ErrQueueFull) {
					r.Fatal(err)
				}
				cells = append(cells, fmt.Sprint(last-1))
			}, kinesistest.Rule{Do: kinesistest.Lose(kinesistest.Hang)})
		}
		rows = append(rows, append(cells, fmt.Sprintf("%.2f", float64(16<<20)/float64(last-1)/float64(size))))
	}
	return rows
}

// timeouts: a service that stores at once, and answers the first three requests after 2 s.
func timeouts(t *testing.T) [][]string {
	rows := [][]string{row("RequestTimeout", "requests", "records put", "copies beyond the first")}
	for _, timeout := range []time.Duration{500 * time.Millisecond, time.Second, 6 * time.Second} {
		in(t, timeout.String(), 1, func(c *kinecast.Config[string]) { c.RequestTimeout = timeout }, func(r *run) {
			r.put(100, 0)
			r.flush()
			s := r.producer.Stats()
			rows = append(rows, row(timeout, s.Requests, s.UserRecordsPut, len(r.server.Consume("s"))-100))
		}, kinesistest.Rule{Times: 3, Do: kinesistest.Store().Then(kinesistest.Delay(2 * time.Second))})
	}
	return rows
}

// lifetimes: an outage of 60 s, while a record comes each 100 ms. When its end is noticed is drawn by chance.
func lifetimes(t *testing.T) [][]string {
	rows := [][]string{row("setting", "put", "failed", "most outstanding")}
	for _, c := range []struct {
		name                string
		change              func(*kinecast.Config[string])
		failed, outstanding int64
	}{
		{"defaults", func(*kinecast.Config[string]) {}, 0, 500},
		{"RecordTTL: 30 s (the KPL's default)", func(c *kinecast.Config[string]) { c.RecordTTL = 30 * time.Second }, 250, 250},
		{"RetryDuration: 10 s", func(c *kinecast.Config[string]) { c.RetryDuration = 10 * time.Second }, 400, 100},
	} {
		in(t, c.name, 4, func(cfg *kinecast.Config[string]) {
			cfg.ErrorMode = kinecast.LogAndContinue
			c.change(cfg)
		}, func(r *run) {
			most := int64(0)
			for i := range 900 {
				if err := r.producer.Put(r.Context(), record(i, 100)); err != nil {
					r.Fatal(err)
				}
				most = max(most, r.producer.Stats().OutstandingRecords)
				time.Sleep(99_700 * time.Microsecond)
			}
			r.flush()
			s := r.producer.Stats()
			rows = append(rows, row(c.name, s.UserRecordsReceived, over(s.UserRecordsFailed, c.failed), over(most, c.outstanding)))
		}, kinesistest.Rule{For: time.Minute, Do: kinesistest.Refuse()})
	}
	return rows
}

// over says that a number that differs from run to run is over a bound; one that is not is shown.
func over(n, bound int64) string {
	if n <= bound {
		return fmt.Sprint(n)
	}
	return fmt.Sprint("over ", bound)
}
