package kinecast_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

const throttled = "ProvisionedThroughputExceededException"

func TestThrottledRecordsAreRetriedUntilStored(t *testing.T) {
	for name, change := range map[string]func(*config){"plain": plain, "aggregated": func(*config) {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 4))
				srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 2, Times: 30, Do: kinesistest.RecordError(throttled, "slow down")})
				p := newProducer(t, srv.Client(), change)
				puts(t, p, 200)
				must(t, p.Checkpoint(t.Context()))
				wantStored(t, srv, "s", 200)
				refused := 0
				for _, c := range calls(srv, kinesistest.PutRecords) {
					refused += c.Failed
				}
				if s := p.Stats(); refused == 0 || s.Retries != int64(refused) || s.UserRecordsPut != 200 || s.UserRecordsFailed != 0 {
					t.Errorf("%d records were refused; %+v", refused, s)
				}
			})
		})
	}
}

// A shard that throttles is waited for alone.
func TestThrottledShardDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		remove := srv.Inject(kinesistest.Rule{
			On: kinesistest.PutRecords, Shard: "shardId-000000000000", Do: kinesistest.RecordError(throttled, "slow down"),
		})
		ended := map[string]int{}
		p := newProducer(t, srv.Client(), plain, func(c *config) {
			c.OnResult = func(d kinecast.Delivery[string]) { ended[d.Result.ShardID]++ }
		})
		puts(t, p, 100)
		time.Sleep(10 * time.Second)
		s := p.Stats()
		if ended["shardId-000000000000"] != 0 || ended["shardId-000000000001"] == 0 ||
			s.OutstandingRecords != 100-int64(ended["shardId-000000000001"]) {
			t.Errorf("ended by shard: %v, outstanding %d", ended, s.OutstandingRecords)
		}
		remove()
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 100)
	})
}

// What is refused for one record is sent again without it.
func TestBadRecordIsIsolated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 3))
		for _, bad := range []string{"v17", "v18", "v40"} {
			srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Key: bad, Do: kinesistest.CallError(400, "ValidationException", "no")})
		}
		failed := map[string]*kinecast.DeliveryError{}
		p := newProducer(t, srv.Client(), plain, func(c *config) {
			c.OnFailure = func(d kinecast.Delivery[string]) { failed[d.Value] = wantDelivery(t, d.Err) }
			c.ErrorMode = kinecast.LogAndContinue
		})
		puts(t, p, 60)
		must(t, p.Flush(t.Context()))
		if len(failed) != 3 {
			t.Errorf("failed: %v", failed)
		}
		for v, err := range failed {
			if err.Class != kinecast.Invalid || err.Code != "ValidationException" || err.MaybeWritten || err.Limit != "" {
				t.Errorf("%s: %+v", v, err)
			}
		}
		all := places(t, srv, "s")
		for i := range 60 {
			v, want := fmt.Sprint("v", i), 1
			if failed[v] != nil {
				want = 0
			}
			if len(all[v]) != want {
				t.Errorf("%s is stored %d times, want %d", v, len(all[v]), want)
			}
		}
		if n := len(calls(srv, kinesistest.PutRecords)); n > 60 {
			t.Errorf("it took %d calls: that is no halving", n)
		}
	})
}

func TestFatalFailureIsNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.CallError(400, "AccessDeniedException", "not yours")})
		p := newProducer(t, srv.Client())
		r, err := p.PutSync(t.Context(), "v0")
		failed := wantDelivery(t, err)
		want := kinecast.DeliveryError{
			Stream: "s", Class: kinecast.Fatal, Code: "AccessDeniedException", Message: failed.Message, Attempts: 1,
		}
		if *failed != want || r.Attempts.Len() != 1 || r.ShardID != "" || len(calls(srv, kinesistest.PutRecords)) != 1 {
			t.Errorf("%+v, %+v, %d calls", failed, r, len(calls(srv, kinesistest.PutRecords)))
		}
	})
}

// trouble is what may become of a request as a whole, and what is known about its records then.
var trouble = []struct {
	fault        kinesistest.Fault
	code         string
	class        kinecast.Class
	maybeWritten bool
}{
	{kinesistest.HTML(502), "BadAnswer", kinecast.Ambiguous, true},
	{kinesistest.EmptyOK(), "WrongCount", kinecast.Ambiguous, true},
	{kinesistest.TooFew(0), "WrongCount", kinecast.Ambiguous, true},
	{kinesistest.CallError(500, "InternalFailureException", "sorry"), "InternalFailureException", kinecast.Ambiguous, true},
	{kinesistest.CallError(503, "ServiceUnavailable", "sorry"), "ServiceUnavailable", kinecast.Ambiguous, true},
	{kinesistest.Refuse(), "ConnectionRefused", kinecast.Transient, false},
	{kinesistest.CallError(400, "ExpiredTokenException", "renew it"), "ExpiredTokenException", kinecast.Transient, false},
	{kinesistest.CallError(400, "UnrecognizedClientException", "who"), "UnrecognizedClientException", kinecast.Transient, false},
	{kinesistest.CallError(400, "KMSThrottlingException", "slow down"), "KMSThrottlingException", kinecast.Throttled, false},
	{kinesistest.CallError(400, "LimitExceededException", "slow down"), "LimitExceededException", kinecast.Throttled, false},
}

func TestTroubleIsRetried(t *testing.T) {
	for _, c := range trouble {
		t.Run(c.fault.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 2))
				srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Times: 3, Do: c.fault})
				p := newProducer(t, srv.Client())
				r, err := p.PutSync(t.Context(), "v0")
				must(t, err)
				if r.Attempts.Len() != 4 || r.MaybeWritten {
					t.Errorf("%+v", r)
				}
				for n, a := range r.Attempts.All() {
					if n < 4 && (a.Code != c.code || a.Class != c.class) {
						t.Errorf("attempt %d: %+v", n, a)
					}
				}
				if s := p.Stats(); s.Requests != 4 || s.RequestsFailed != 3 || s.Retries != 3 {
					t.Errorf("%+v", s)
				}
				if at := places(t, srv, "s")["v0"]; len(at) == 0 || at[len(at)-1] != (place{r.ShardID, r.SequenceNumber, 0}) {
					t.Errorf("stored at %v, reported %+v", at, r)
				}
			})
		})
	}
}

func TestAttemptsRunOut(t *testing.T) {
	for _, c := range trouble {
		t.Run(c.fault.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 2))
				srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: c.fault})
				p := newProducer(t, srv.Client(), func(cfg *config) { cfg.MaxAttempts = 3 })
				r, err := p.PutSync(t.Context(), "v0")
				wantIs(t, err, kinecast.ErrExpired)
				failed := wantDelivery(t, err)
				if failed.Limit != "MaxAttempts" || failed.Attempts != 3 || failed.Code != c.code || failed.Class != c.class ||
					failed.MaybeWritten != c.maybeWritten || r.MaybeWritten != c.maybeWritten {
					t.Errorf("%+v", failed)
				}
			})
		})
	}
}

// MaybeWritten is the OR over all attempts, not the word of the last one.
func TestMaybeWrittenIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Nth: 1, Do: kinesistest.HTML(502)})
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()})
		p := newProducer(t, srv.Client(), func(c *config) { c.MaxAttempts = 3 })
		_, err := p.PutSync(t.Context(), "v0")
		if failed := wantDelivery(t, err); failed.Code != "ConnectionRefused" || !failed.MaybeWritten {
			t.Errorf("%+v", failed)
		}
	})
}

func TestHangingServerIsTimedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client := &meddler{Client: srv.Client()}
		n := 0
		client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
			if n++; n > 2 {
				return client.Client.PutRecords(ctx, in)
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		p := newProducer(t, client, func(c *config) { c.RequestTimeout = time.Second })
		r, err := p.PutSync(t.Context(), "v0")
		must(t, err)
		for i, a := range r.Attempts.All() {
			if i < 3 && (a.Code != "Timeout" || a.Class != kinecast.Ambiguous || a.Duration < time.Second) {
				t.Errorf("attempt %d: %+v", i, a)
			}
		}
		if r.Attempts.Len() != 3 {
			t.Errorf("%d attempts", r.Attempts.Len())
		}
	})
}

// The earliest limit ends a record and is named, whatever is wrong: nothing answers, or one shard throttles, or there is
// no map yet.
func TestTimeRunsOut(t *testing.T) {
	ttl := func(c *config) { c.RecordTTL, c.RetryDuration = 3*time.Second, time.Hour }
	duration := func(c *config) { c.RecordTTL, c.RetryDuration = time.Hour, 3*time.Second }
	for _, c := range []struct {
		name  string
		rule  kinesistest.Rule
		limit string
		set   func(*config)
	}{
		{"TTL, dead", kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()}, "RecordTTL", ttl},
		{"TTL, throttled", kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.RecordError(throttled, "")}, "RecordTTL", ttl},
		{"TTL, no map", kinesistest.Rule{Do: kinesistest.Refuse(), On: kinesistest.ListShards}, "RecordTTL", ttl},
		{"duration, dead", kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()}, "RetryDuration", duration},
		{"duration, throttled", kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.RecordError(throttled, "")}, "RetryDuration", duration},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 2))
				srv.Inject(c.rule)
				p := newProducer(t, srv.Client(), c.set)
				begin := time.Now()
				_, err := p.PutSync(t.Context(), "v0")
				wantIs(t, err, kinecast.ErrExpired)
				if failed := wantDelivery(t, err); failed.Limit != c.limit || failed.MaybeWritten {
					t.Errorf("%+v", failed)
				}
				if d := time.Since(begin); d > 4*time.Second {
					t.Errorf("it ended after %v", d)
				}
			})
		})
	}
}

// A record that waits behind a request that hangs is not forgotten: it ends in time too.
func TestTimeRunsOutBehindOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		p := newProducer(t, client, func(c *config) {
			c.MaxConnections, c.RecordTTL, c.RequestTimeout = 1, time.Second, time.Minute
		})
		must(t, p.PutAsync(t.Context(), "v0", func(_ kinecast.Result, err error) { must(t, err) }))
		time.Sleep(500 * time.Millisecond)
		begin := time.Now()
		_, err := p.PutSync(t.Context(), "v1")
		wantIs(t, err, kinecast.ErrExpired)
		if d := time.Since(begin); d > 2*time.Second {
			t.Errorf("it ended after %v", d)
		}
		open()
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 1)
	})
}
