package kinecast_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/kinesistest"
)

// metric finds the metric with this name and exactly these dimensions; the zero one if there is none.
func metric(p *producer, name string, dimensions ...string) (found figures.Metric) {
	for m := range p.Metrics() {
		var of []string
		for _, d := range m.Dimensions {
			of = append(of, d.Value)
		}
		if m.Name == name && strings.Join(of, " ") == strings.Join(dimensions, " ") {
			found = m
		}
	}
	return found
}

func wantTotals(t *testing.T, m figures.Metric, count, sum int64) {
	t.Helper()
	if m.Count != count || m.Sum != sum {
		t.Errorf("%s %v: %d values that add up to %d, want %d and %d", m.Name, m.Dimensions, m.Count, m.Sum, count, sum)
	}
}

// Ten records, of which one is throttled twice; then one that is too late.
func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Key: "v3", Times: 2, Do: kinesistest.RecordError(throttled, "")})
		slow := srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(20 * time.Millisecond)})
		p := newProducer(t, srv.Client(), plain, func(c *config) { c.RecordTTL, c.ErrorMode = 10*time.Second, kinecast.LogAndContinue })
		puts(t, p, 10)
		must(t, p.Checkpoint(t.Context()))
		const shard = "shardId-000000000000"
		wantTotals(t, metric(p, figures.UserRecordsReceived), 1, 10)
		wantTotals(t, metric(p, figures.UserRecordsPut, "s", shard), 10, 10)
		wantTotals(t, metric(p, figures.UserRecordsDataPut, "s"), 10, 20)
		wantTotals(t, metric(p, figures.KinesisRecordsPut, "s"), 12, 10)
		wantTotals(t, metric(p, figures.AllErrors, "s", shard), 12, 2)
		wantTotals(t, metric(p, figures.ErrorsByCode, throttled, "s", shard), 2, 2)
		wantTotals(t, metric(p, figures.RetriesPerRecord, "s"), 10, 2)
		wantTotals(t, metric(p, figures.UserRecordsPerKinesisRecord), 10, 10)
		wantTotals(t, metric(p, figures.KinesisRecordsPerPutRecordsRequest), 3, 12)
		wantTotals(t, metric(p, figures.UserRecordsPerPutRecordsRequest), 3, 12)
		requests := metric(p, figures.RequestTime, "s")
		if median, ok := requests.Quantile(0.5); !ok || median != 20_000 || requests.Count != 3 || requests.Unit != figures.Microseconds {
			t.Errorf("median request time %d µs of %d", median, requests.Count)
		}
		wantTotals(t, metric(p, figures.OutstandingRecordsCount), 1, 0)

		slow()
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()})
		must(t, p.Put(t.Context(), "late"))
		time.Sleep(5 * time.Second)
		if age := p.Stats().OldestOutstanding; age != 5*time.Second {
			t.Errorf("the oldest record is %v old, want 5 s", age)
		}
		wantTotals(t, metric(p, figures.OutstandingRecordsCount), 1, 1)
		must(t, p.Flush(t.Context()))
		wantTotals(t, metric(p, figures.UserRecordExpired), 1, 1)
		wantTotals(t, metric(p, figures.UserRecordsPut), 11, 10)
		if s := p.Stats(); s.OldestOutstanding != 0 || s.UserRecordsFailed != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// Puts that wait are counted by Flink's name, and their time by ours.
func TestBackpressureCycles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(time.Second)})
		p := newProducer(t, srv.Client(), func(c *config) { c.QueueLimit = 2 })
		puts(t, p, 4)
		must(t, p.Checkpoint(t.Context()))
		m := metric(p, figures.BackpressureCycles)
		if s := p.Stats(); m.Sum == 0 || m.Sum > 2 || s.BackpressureCycles != m.Sum || s.BlockedTime < time.Second {
			t.Errorf("%d cycles; %+v", m.Sum, s)
		}
	})
}

func TestMetricsLevels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		count := func(level figures.Level, g figures.Granularity) (n int) {
			p := newProducer(t, srv.Client(), func(c *config) { c.MetricsLevel, c.MetricsGranularity = level, g })
			puts(t, p, 5)
			must(t, p.Checkpoint(t.Context()))
			for range p.Metrics() {
				n++
			}
			for range p.Metrics() {
				break
			}
			return n
		}
		all, streams, whole := count(figures.Detailed, figures.PerShard), count(figures.Detailed, figures.PerStream), count(figures.Detailed, figures.Global)
		summary, none := count(figures.Summary, figures.PerShard), count(figures.None, figures.PerShard)
		if all <= streams || streams <= whole || whole <= none || all <= summary || summary <= none || none != 2 {
			t.Errorf("%d, %d, %d metrics by granularity; %d in the summary, %d with none", all, streams, whole, summary, none)
		}
	})
}

// A restart of the story: what each attempt says, the wait before it among it.
func TestAttemptsTellTheirDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(30 * time.Millisecond)})
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.RecordError("InternalFailure", "not today")})
		p := newProducer(t, srv.Client(), func(c *config) { c.RecordTTL = time.Second })
		must(t, p.Open(t.Context()))
		var r kinecast.Result
		must(t, p.PutAsync(t.Context(), "v", func(got kinecast.Result, _ error) { r = got }))
		begin := time.Now()
		must(t, p.Flush(t.Context()))
		end := begin
		for i, a := range r.Attempts.All() {
			if a.Delay != a.Start.Sub(end) || a.Delay < 0 {
				t.Errorf("attempt %d began %v after the one before, and says %v", i, a.Start.Sub(end), a.Delay)
			}
			if expired := i == r.Attempts.Len(); expired != (a.Code == "Expired") || !expired && (a.Duration != 30*time.Millisecond || a.Message != "not today") {
				t.Errorf("attempt %d: %+v", i, a)
			}
			end = a.Start.Add(a.Duration)
		}
		if calls := len(calls(srv, kinesistest.PutRecords)); r.Attempts.Requests() != calls || r.Attempts.Len() != calls+1 || calls < 3 {
			t.Errorf("%d attempts, %d requests, %d calls", r.Attempts.Len(), r.Attempts.Requests(), calls)
		}
	})
}

// A record whose time is over is never sent, wherever it waits: for its shard's back-off, for the endpoint, for a connection
// that hangs, for its first map. The KPL's timeout only ended the future, and went on sending.
func TestTimeoutReallyCancels(t *testing.T) {
	for name, rule := range map[string]kinesistest.Rule{
		"shard":    {On: kinesistest.PutRecords, Do: kinesistest.RecordError(throttled, "")},
		"endpoint": {On: kinesistest.PutRecords, Do: kinesistest.Refuse()},
		"hangs":    {On: kinesistest.PutRecords, Do: kinesistest.Delay(20 * time.Second)},
		"map":      {On: kinesistest.ListShards, Do: kinesistest.Refuse()},
	} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			remove := srv.Inject(rule)
			ends := map[string]time.Time{}
			p := newProducer(t, srv.Client(), func(c *config) {
				c.RecordTTL, c.ErrorMode, c.MaxConnections, c.RequestTimeout = 2*time.Second, kinecast.LogAndContinue, 1, time.Minute
				c.OnFailure = func(d kinecast.Delivery[string]) { ends[d.Value] = time.Now() }
			})
			puts(t, p, 1) // what hangs, hangs with this one
			time.Sleep(time.Second)
			begin := time.Now()
			for _, v := range []string{"a", "b", "c", "d"} {
				must(t, p.Put(t.Context(), v))
			}
			time.Sleep(4 * time.Second)
			remove()
			must(t, p.Flush(t.Context()))
			time.Sleep(time.Minute)
			for _, v := range []string{"a", "b", "c", "d"} {
				if d := ends[v].Sub(begin); d < time.Second || d > 3*time.Second {
					t.Errorf("%s ended %v after it was put", v, d)
				}
				if n := len(places(t, srv, "s")[v]); n != 0 {
					t.Errorf("%s was stored after its end", v)
				}
			}
		})
	}
}
