package kinecast_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// final are the refusals of PutRecords that no retry changes, from the API reference.
var final = map[string]kinecast.Class{
	"ResourceNotFoundException": kinecast.Fatal,
	"AccessDeniedException":     kinecast.Fatal,
	"KMSAccessDeniedException":  kinecast.Fatal,
	"KMSDisabledException":      kinecast.Fatal,
	"KMSNotFoundException":      kinecast.Fatal,
	"KMSOptInRequired":          kinecast.Fatal,
	"DryRunOperationException":  kinecast.Fatal,
	"InvalidArgumentException":  kinecast.Invalid,
	"ValidationException":       kinecast.Invalid,
}

// A refusal that no retry changes ends its records at once, in both modes: nothing is tried until a time is up, or for
// ever. What the modes differ in is what Checkpoint says.
func TestFinalRefusalsEndAtOnce(t *testing.T) {
	for code, class := range final {
		for _, mode := range []kinecast.ErrorMode{kinecast.FailOnError, kinecast.LogAndContinue} {
			bubble(t, fmt.Sprint(code, " in mode ", mode), func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 1))
				srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.CallError(400, code, "no")})
				told := 0
				p := newProducer(t, srv.Client(), patient, func(c *config) {
					c.ErrorMode = mode
					c.OnFailure = func(d kinecast.Delivery[string]) {
						told++
						failed := wantDelivery(t, d.Err)
						if failed.Code != code || failed.Class != class || failed.Attempts != 1 || failed.MaybeWritten || failed.Limit != "" {
							t.Errorf("%+v", failed)
						}
					}
				})
				puts(t, p, 1)
				begin := time.Now()
				err := p.Checkpoint(t.Context())
				if mode == kinecast.FailOnError {
					_ = wantDelivery(t, err)
				} else {
					must(t, err)
				}
				if took := time.Since(begin); took > 0 || told != 1 || len(calls(srv, kinesistest.PutRecords)) != 1 {
					t.Errorf("after %v and %d calls, OnFailure was called %d times", took, len(calls(srv, kinesistest.PutRecords)), told)
				}
			})
		}
	}
}

// A stream that is not there, in both modes: the original's successor has tests by this name that never run the second.
func TestMissingStreamInBothModes(t *testing.T) {
	for _, mode := range []kinecast.ErrorMode{kinecast.FailOnError, kinecast.LogAndContinue} {
		bubble(t, fmt.Sprint("mode ", mode), func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("another", 1))
			p := newProducer(t, srv.Client(), func(c *config) { c.ErrorMode = mode })
			puts(t, p, 1)
			for range 2 {
				if err := p.Put(t.Context(), "v"); err != nil { // in this mode it may be known by now
					wantIs(t, err, kinecast.ErrFailed)
					if mode == kinecast.LogAndContinue {
						t.Errorf("Put: %v", err)
					}
				}
			}
			err := p.Checkpoint(t.Context())
			if mode == kinecast.LogAndContinue {
				must(t, err)
				must(t, p.Put(t.Context(), "v3"))
				must(t, p.Close(t.Context()))
			} else if failed := wantDelivery(t, err); failed.Code != "ResourceNotFoundException" {
				t.Errorf("%+v", failed)
			}
			if s := p.Stats(); s.UserRecordsFailed != s.UserRecordsReceived || s.UserRecordsFailed == 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Whatever ends a record, OnFailure has its value, and once.
func TestEveryFailureGivesTheValueBack(t *testing.T) {
	refuse := func(do kinesistest.Fault) func(*kinesistest.Server) {
		return func(srv *kinesistest.Server) { srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: do}) }
	}
	for name, c := range map[string]struct {
		break_ func(*kinesistest.Server)
		change func(*config)
		end    func(*testing.T, *producer)
	}{
		"refused":       {refuse(kinesistest.CallError(400, "AccessDeniedException", "")), func(*config) {}, flush},
		"invalid":       {refuse(kinesistest.CallError(400, "ValidationException", "")), func(*config) {}, flush},
		"no attempt":    {refuse(kinesistest.RecordError(throttled, "")), func(c *config) { c.MaxAttempts = 2 }, flush},
		"too old":       {refuse(kinesistest.Refuse()), func(c *config) { c.RecordTTL = time.Second }, flush},
		"too long":      {refuse(kinesistest.HTML(502)), func(c *config) { c.RetryDuration = time.Second }, flush},
		"throttled":     {refuse(kinesistest.RecordError(throttled, "")), func(c *config) { c.FailIfThrottled = true }, flush},
		"no such place": {func(srv *kinesistest.Server) {}, func(c *config) { c.DefaultStream = "missing" }, flush},
		"closed":        {refuse(kinesistest.Lose(kinesistest.Hang)), func(*config) {}, func(_ *testing.T, p *producer) { _ = p.Close(ended()) }},
	} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			c.break_(srv)
			back := map[string]int{}
			p := newProducer(t, srv.Client(), c.change, func(cfg *config) {
				cfg.ErrorMode = kinecast.LogAndContinue
				cfg.OnFailure = func(d kinecast.Delivery[string]) { back[d.Value]++ }
			})
			puts(t, p, 20)
			c.end(t, p)
			for i := range 20 {
				if v := fmt.Sprint("v", i); back[v] != 1 {
					t.Errorf("%s came back %d times", v, back[v])
				}
			}
			if s := p.Stats(); s.OutstandingRecords != 0 || s.OutstandingBytes != 0 || s.UserRecordsFailed != 20 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func flush(t *testing.T, p *producer) {
	t.Helper()
	must(t, p.Flush(t.Context()))
}

// A record whose time is up while a Checkpoint waits for it makes the Checkpoint fail: a position is never committed over
// a record that is lost.
func TestExpiryDuringACheckpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()})
		p := newProducer(t, srv.Client(), func(c *config) { c.RecordTTL = 30 * time.Second })
		puts(t, p, 3)
		begin := time.Now()
		err := p.Checkpoint(t.Context())
		wantIs(t, err, kinecast.ErrExpired)
		if failed := wantDelivery(t, err); failed.Limit != "RecordTTL" {
			t.Errorf("%+v", failed)
		}
		if took := time.Since(begin); took > 31*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
