package kinecast_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// attemptLog notes when PutRecords is called: a refused connection reaches no server that could log it.
type attemptLog struct {
	kinecast.Client

	mu sync.Mutex
	at map[string][]time.Time
}

func (l *attemptLog) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, opts ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	l.mu.Lock()
	l.at[*in.StreamName] = append(l.at[*in.StreamName], time.Now())
	l.mu.Unlock()
	return l.Client.PutRecords(ctx, in, opts...)
}

// since are the attempts after an instant, as times from then on.
func (l *attemptLog) since(stream string, begin time.Time) []time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []time.Duration
	for _, at := range l.at[stream] {
		if at.After(begin) {
			all = append(all, at.Sub(begin))
		}
	}
	return all
}

// A dead endpoint gets one attempt a stream and back-off step, however many shards have records for it and however it is
// dead; and it is in use again within six seconds of its first answer, without a restart.
func TestDeadEndpointIsLeftAlone(t *testing.T) {
	const connections = 8
	for name, c := range map[string]struct {
		fault       kinesistest.Fault
		took        time.Duration // by an attempt
		first, most time.Duration // pause
	}{
		"refuses": {kinesistest.Refuse(), 0, 50 * time.Millisecond, 5 * time.Second},
		"fails":   {kinesistest.CallError(500, "InternalFailure", ""), 0, 50 * time.Millisecond, 5 * time.Second},
		"busy":    {kinesistest.CallError(400, "LimitExceededException", ""), 0, 25 * time.Millisecond, time.Second},
		"hangs":   {kinesistest.Delay(time.Hour), time.Second, 50 * time.Millisecond, 5 * time.Second},
	} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 64), kinesistest.Stream("r", 64))
			client := &attemptLog{Client: srv.Client(), at: map[string][]time.Time{}}
			p := newProducer(t, client, plain, func(c *config) {
				c.MaxConnections, c.RequestTimeout, c.QueueLimit = connections, time.Second, 10_000
				c.TargetStream = func(v string) (string, error) { return string("rs"[v[len(v)-1]%2]), nil }
			})
			puts(t, p, 1000)
			must(t, p.Checkpoint(t.Context()))
			var revive []func()
			for _, op := range []kinesistest.Operation{kinesistest.ListShards, kinesistest.DescribeStreamSummary, kinesistest.PutRecords} {
				revive = append(revive, srv.Inject(kinesistest.Rule{On: op, Do: c.fault}))
			}
			died := time.Now()
			for i := 1000; i < 4000; i++ {
				must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
				if i%10 == 0 {
					time.Sleep(100 * time.Millisecond)
				}
			}
			time.Sleep(time.Minute)
			for _, name := range []string{"r", "s"} {
				attempts := client.since(name, died)
				// What had begun before the first was known to fail.
				begun := 0
				for begun < len(attempts) && attempts[begun] <= attempts[0]+c.took {
					begun++
				}
				if begun > connections {
					t.Errorf("stream %s: %d attempts at once", name, begun)
				}
				for i := max(begun, 1); i < len(attempts); i++ {
					step := min(c.first<<min(i-begun, 10), c.most) / 2 // jitter takes up to half
					if pause := attempts[i] - attempts[i-1]; i > begun && pause < step+c.took {
						t.Errorf("stream %s: attempt %d came %v after the one before, want at least %v", name, i+1, pause, step+c.took)
					}
				}
				if n := len(attempts); n < 10 || n > begun+10+int(90*time.Second/(c.most/2+c.took)) {
					t.Errorf("stream %s: %d attempts in 90 s", name, n)
				}
			}
			for _, f := range revive {
				f()
			}
			back := time.Now()
			must(t, p.Checkpoint(t.Context()))
			if d := time.Since(back); d > 6*time.Second {
				t.Errorf("used again after %v", d)
			}
			if s := p.Stats(); s.UserRecordsPut != 4000 || s.UserRecordsFailed != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// The largest values that the fields can hold mean "never", and not "at once": times do not overflow.
func TestLimitsDoNotOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Times: 5, Do: kinesistest.RecordError(throttled, "")})
		p := newProducer(t, srv.Client(), func(c *config) {
			c.RecordTTL, c.RetryDuration, c.MaxAttempts = math.MaxInt64, math.MaxInt64, math.MaxInt32
			c.AggregationMaxCount, c.QueueLimit, c.RateLimit = math.MaxInt64, math.MaxInt32, 1_000_000
			c.QueueBytes, c.RequestBytes = 1<<50, 1<<50
		})
		r, err := p.PutSync(t.Context(), "v0")
		must(t, err)
		if r.Attempts.Len() != 6 {
			t.Errorf("%d attempts", r.Attempts.Len())
		}
		time.Sleep(time.Hour)
		puts(t, p, 1000)
		must(t, p.Checkpoint(t.Context()))
		if s := p.Stats(); s.UserRecordsFailed != 0 || s.MemoryBound < 1<<50 {
			t.Errorf("%+v", s)
		}
	})
	for name, change := range map[string]func(*config){
		"RecordTTL":             func(c *config) { c.RecordTTL = math.MinInt64 },
		"RetryDuration":         func(c *config) { c.RetryDuration = -1 },
		"MaxAttempts":           func(c *config) { c.MaxAttempts = -1 },
		"RateLimit":             func(c *config) { c.RateLimit = -1 },
		"QueueBytes":            func(c *config) { c.QueueBytes = math.MaxInt64 },
		"RecordMaxBufferedTime": func(c *config) { c.RecordMaxBufferedTime = -2 },
	} {
		cfg := config{DefaultStream: "s", DefaultPartition: "k", Serializer: kinecast.String()}
		change(&cfg)
		if err := cfg.Validate(); err == nil {
			t.Errorf("%s out of its range is taken", name)
		}
	}
}
