package kinecast_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// byPrefix sends "bad/x" to stream "bad" and everything else to the default stream.
func byPrefix(c *config) {
	c.TargetStream = func(v string) (string, error) {
		if stream, _, named := strings.Cut(v, "/"); named {
			return stream, nil
		}
		return "", nil
	}
}

// badStream is a server on which PutRecords to stream "bad" is denied until repair is called.
func badStream(t *testing.T) (srv *kinesistest.Server, repair func()) {
	t.Helper()
	srv = kinesistest.New(t, kinesistest.Stream("s", 2), kinesistest.Stream("bad", 2))
	return srv, srv.Inject(kinesistest.Rule{
		On: kinesistest.PutRecords, Stream: "bad", Do: kinesistest.CallError(400, "AccessDeniedException", "no"),
	})
}

func TestFailureSticksToItsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, repair := badStream(t)
		p := newProducer(t, srv.Client(), byPrefix)
		must(t, p.Put(t.Context(), "bad/v0"))
		must(t, p.Put(t.Context(), "v0"))
		must(t, p.Flush(t.Context()))

		failure := p.Err()
		failed := wantDelivery(t, failure)
		if failed.Stream != "bad" || errors.Is(failure, kinecast.ErrFailed) {
			t.Errorf("Err is %v", failure)
		}
		if err := p.Checkpoint(t.Context()); !errors.Is(err, failure) {
			t.Errorf("Checkpoint: %v", err)
		}
		for verb, err := range map[string]error{
			"Put":      p.Put(t.Context(), "bad/v1"),
			"TryPut":   p.TryPut("bad/v1"),
			"PutSync":  second(p.PutSync(t.Context(), "bad/v1")),
			"PutAsync": p.PutAsync(t.Context(), "bad/v1", func(kinecast.Result, error) { t.Error("done was called") }),
		} {
			wantIs(t, err, kinecast.ErrFailed)
			if !errors.Is(err, failure) {
				t.Errorf("%s: %v does not wrap the failure", verb, err)
			}
		}
		puts(t, p, 3) // the other stream goes on

		repair()
		if p.ClearErr(errors.New("another")) {
			t.Error("an error that is not the failure cleared it")
		}
		if !p.ClearErr(failure) || p.ClearErr(failure) || p.Err() != nil {
			t.Errorf("after ClearErr: %v", p.Err())
		}
		must(t, p.Put(t.Context(), "bad/v1"))
		must(t, p.Checkpoint(t.Context()))
		must(t, p.Close(t.Context()))
		if all := places(t, srv, "bad"); len(all) != 1 || len(all["bad/v1"]) != 1 {
			t.Errorf("stored: %v", all)
		}
	})
}

func second[R any](_ R, err error) error { return err }

// Put does not wait for room on a stream that has failed meanwhile; a Put to another stream does.
func TestFailureEndsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		client, open := gate(srv)
		p := newProducer(t, client, byPrefix, func(c *config) { c.QueueLimit = 1 })
		must(t, p.Put(t.Context(), "bad/v0"))
		toBad, toGood := make(chan error, 1), make(chan error, 1)
		go func() { toBad <- p.Put(t.Context(), "bad/v1") }()
		synctest.Wait()
		go func() { toGood <- p.Put(t.Context(), "v0") }()
		synctest.Wait()
		if len(toBad)+len(toGood) > 0 {
			t.Fatal("a Put did not wait")
		}
		open()
		wantIs(t, <-toBad, kinecast.ErrFailed)
		must(t, <-toGood)
		must(t, p.Flush(t.Context()))
		wantStored(t, srv, "s", 1)
	})
}

func TestCloseReturnsTheStickyFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		p := newProducer(t, srv.Client(), byPrefix)
		must(t, p.Put(t.Context(), "bad/v0"))
		err := p.Close(t.Context())
		if !errors.Is(err, p.Err()) || p.Err() == nil || errors.Is(err, kinecast.ErrShutdown) {
			t.Errorf("Close: %v; Err: %v", err, p.Err())
		}
	})
}

// A failure is not sticky if somebody was told of it by the verb itself.
func TestFailureThatWasAskedForDoesNotStick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		p := newProducer(t, srv.Client(), byPrefix)
		_, err := p.PutSync(t.Context(), "bad/v0")
		_ = wantDelivery(t, err)
		told := 0
		must(t, p.PutAsync(t.Context(), "bad/v1", func(_ kinecast.Result, err error) { told++; _ = wantDelivery(t, err) }))
		must(t, p.Checkpoint(t.Context()))
		if told != 1 {
			t.Errorf("done was called %d times", told)
		}
		must(t, p.Close(t.Context()))
	})
}

// One record that nobody asked about makes the failure of an aggregate sticky.
func TestFailureSticksWhenOneDidNotAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.Partitioner = nil; c.DefaultPartition = "one" })
		must(t, p.Open(t.Context(), "bad"))
		must(t, p.PutAsync(t.Context(), "bad/v0", func(kinecast.Result, error) {}))
		must(t, p.Put(t.Context(), "bad/v1"))
		must(t, p.Flush(t.Context()))
		_ = wantDelivery(t, p.Err())
	})
}

func TestLogAndContinue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		book := newLogbook()
		p := newProducer(t, srv.Client(), byPrefix, plain, func(c *config) {
			c.ErrorMode, c.Logger = kinecast.LogAndContinue, book.logger()
		})
		put := func() {
			t.Helper()
			must(t, p.Put(t.Context(), "bad/v"))
			must(t, p.Checkpoint(t.Context()))
			must(t, p.Err())
			synctest.Wait() // the log is written by the goroutine of the callbacks
		}
		lines := func() []string { return book.with("not delivered") }
		put()
		if len(lines()) != 1 {
			t.Errorf("the first failure: %q", lines())
		}
		for range 9 {
			put()
		}
		if len(lines()) != 1 {
			t.Errorf("more failures of the kind: %q", lines())
		}
		time.Sleep(10 * time.Second)
		put()
		if l := lines(); len(l) != 2 || !strings.Contains(l[1], "before=9") {
			t.Errorf("after ten seconds: %q", l)
		}
		put()
		must(t, p.Close(t.Context()))
		if l := lines(); len(l) != 3 || !strings.Contains(l[2], "more=1") {
			t.Errorf("after Close: %q", l)
		}
		if s := p.Stats(); s.UserRecordsFailed != 12 || s.OutstandingRecords != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// What is logged shows no record.
func TestLogsHoldNoRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		book := newLogbook()
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) {
			c.Logger = book.logger()
			c.OnResult = func(d kinecast.Delivery[string]) { panic(d.Value) }
		})
		must(t, p.Put(t.Context(), "bad/secret"))
		must(t, p.Flush(t.Context()))
		if len(book.with("")) == 0 || len(book.with("bad/secret")) > 0 {
			t.Errorf("log: %q", book.with(""))
		}
	})
}

// The room that a failed record leaves is no reason to let in who waited for it: he is told of the failure, always.
func TestWaitingPutIsNotLetInByTheFailure(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1))
			client, open := gate(srv)
			defer srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Times: 1, Do: kinesistest.CallError(400, "AccessDeniedException", "no")})()
			p := newProducer(t, client, func(c *config) { c.QueueLimit = 1 })
			puts(t, p, 1)
			waiting := make(chan error)
			go func() { waiting <- p.Put(t.Context(), "v1") }()
			synctest.Wait()
			open()
			wantIs(t, <-waiting, kinecast.ErrFailed)
		})
	}
}
