package kinecast_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// patient is a configuration in which nothing goes by itself for an hour.
func patient(c *config) { c.RecordMaxBufferedTime = time.Hour }

// Flush waits for all that was put before, and for nothing else to come.
func TestFlushIsABarrier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4), kinesistest.Stream("other", 2))
		p := newProducer(t, srv.Client(), patient, byPrefix)
		for round := range 5 {
			for i := range 100 {
				must(t, p.Put(t.Context(), fmt.Sprint("v", round*100+i)))
				must(t, p.Put(t.Context(), fmt.Sprint("other/v", round*100+i)))
			}
			begin := time.Now()
			must(t, p.Flush(t.Context()))
			if d := time.Since(begin); d > time.Second {
				t.Errorf("Flush took %v: something lingered", d)
			}
			wantStored(t, srv, "s", 100*(round+1))
			if n := len(places(t, srv, "other")); n != 100*(round+1) {
				t.Errorf("%d records in the other stream", n)
			}
			if s := p.Stats(); s.OutstandingRecords != 0 || s.OutstandingBytes != 0 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// A Put that waits for room when Flush is called is one that Flush waits for.
func TestFlushWaitsForWaitingPuts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		p := newProducer(t, client, func(c *config) { c.QueueLimit = 2 })
		var callers sync.WaitGroup
		for i := range 10 {
			callers.Go(func() { must(t, p.Put(t.Context(), fmt.Sprint("v", i))) })
		}
		synctest.Wait()
		flushed := false
		callers.Go(func() {
			must(t, p.Flush(t.Context()))
			flushed = true
			wantStored(t, srv, "s", 10)
		})
		time.Sleep(5 * time.Second)
		if flushed {
			t.Error("Flush returned while records waited")
		}
		open()
		callers.Wait()
	})
}

// Puts that never pause do not keep Flush from returning.
func TestFlushEndsUnderTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		p := newProducer(t, srv.Client(), func(c *config) { c.QueueLimit = 100 })
		var stop atomic.Bool
		var callers sync.WaitGroup
		for range 4 {
			callers.Go(func() {
				for i := 0; !stop.Load(); i++ {
					must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
					if i%50 == 0 {
						time.Sleep(time.Millisecond)
					}
				}
			})
		}
		for range 20 {
			time.Sleep(3 * time.Millisecond)
			before := p.Stats().UserRecordsReceived
			must(t, p.Flush(t.Context()))
			if done := p.Stats().UserRecordsPut; done < before {
				t.Errorf("%d records were put before the flush, %d are stored after it", before, done)
			}
		}
		stop.Store(true)
		callers.Wait()
	})
}

func TestFlushHeedsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		p := newProducer(t, client)
		puts(t, p, 3)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantIs(t, p.Flush(ctx), context.DeadlineExceeded)
		wantIs(t, p.Checkpoint(ended()), context.Canceled)
		open()
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 3)
	})
}

func TestFlushOfNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client())
		must(t, p.Flush(t.Context()))
		if len(srv.Calls()) != 0 {
			t.Errorf("calls: %v", srv.Calls())
		}
	})
}

// Flush goes on waiting for a record that is retried, and does not return its failure.
func TestFlushDoesNotReturnFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()})
		p := newProducer(t, srv.Client(), func(c *config) { c.MaxAttempts = 5 })
		puts(t, p, 10)
		must(t, p.Flush(t.Context()))
		if s := p.Stats(); s.UserRecordsFailed != 10 {
			t.Errorf("%+v", s)
		}
		wantIs(t, p.Checkpoint(t.Context()), kinecast.ErrExpired)
	})
}

// Many flushes at once, each with its own records.
func TestFlushesMeet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 3))
		p := newProducer(t, srv.Client(), patient)
		var callers sync.WaitGroup
		for caller := range 10 {
			callers.Go(func() {
				for i := range 20 {
					v := fmt.Sprint("v", caller*20+i)
					must(t, p.Put(t.Context(), v))
					must(t, p.Flush(t.Context()))
					if len(places(t, srv, "s")[v]) != 1 {
						t.Errorf("%s is not stored after the flush", v)
					}
				}
			})
		}
		callers.Wait()
		wantStored(t, srv, "s", 200)
	})
}
