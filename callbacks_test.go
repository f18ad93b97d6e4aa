package kinecast_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/kinesistest"
)

// The caller's own callback first, then OnFailure, then OnResult; one record after the other, never two at a time.
func TestOrderOfCallbacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Key: "v3", Do: kinesistest.CallError(400, "ValidationException", "")})
		var running atomic.Int32
		heard := map[string][]string{}
		hear := func(what, v string) {
			if running.Add(1) != 1 {
				t.Error("two callbacks at a time")
			}
			time.Sleep(time.Millisecond)
			heard[v] = append(heard[v], what)
			running.Add(-1)
		}
		p := newProducer(t, srv.Client(), plain, func(c *config) {
			c.OnFailure = func(d kinecast.Delivery[string]) { hear("OnFailure", d.Value) }
			c.OnResult = func(d kinecast.Delivery[string]) { hear("OnResult", d.Value) }
		})
		for i := range 20 {
			v := fmt.Sprint("v", i)
			must(t, p.PutAsync(t.Context(), v, func(kinecast.Result, error) { hear("done", v) }))
		}
		must(t, p.Flush(t.Context()))
		for i := range 20 {
			want := []string{"done", "OnResult"}
			if i == 3 {
				want = []string{"done", "OnFailure", "OnResult"}
			}
			if got := heard[fmt.Sprint("v", i)]; !slices.Equal(got, want) {
				t.Errorf("v%d: %v, want %v", i, got, want)
			}
		}
	})
}

// A record counts as outstanding until its callbacks have returned: Flush waits for them, and a slow one slows the
// producer instead of filling memory.
func TestOutstandingUntilCallbacksReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		hold := make(chan struct{})
		told := 0
		p := newProducer(t, srv.Client(), plain, func(c *config) {
			c.QueueLimit = 5
			c.OnResult = func(kinecast.Delivery[string]) { <-hold; told++ }
		})
		puts(t, p, 5)
		time.Sleep(time.Minute)
		if s := p.Stats(); s.UserRecordsPut != 5 || s.OutstandingRecords != 5 {
			t.Errorf("%+v", s)
		}
		wantIs(t, p.TryPut("v"), kinecast.ErrQueueFull)
		close(hold)
		must(t, p.Flush(t.Context()))
		if told != 5 || p.Stats().OutstandingRecords != 0 {
			t.Errorf("%d callbacks after Flush; %+v", told, p.Stats())
		}
	})
}

// Where nobody asked for its result, a Kinesis record that was stored ends in one step and waits for no callback, OnFailure or not;
// one in which somebody asked waits for its turn, all of it. Either way each user record is counted once.
func TestStoredIsSettledByTheAggregate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Key: "bad", Do: kinesistest.CallError(400, "AccessDeniedException", "")})
		hold := make(chan struct{})
		told, done := 0, 0
		p := newProducer(t, srv.Client(), func(c *config) {
			c.ErrorMode = kinecast.LogAndContinue
			c.OnFailure = func(kinecast.Delivery[string]) { <-hold; told++ }
		})
		outstanding := func(what string, want int64) {
			t.Helper()
			time.Sleep(time.Minute)
			if s := p.Stats(); s.OutstandingRecords != want || (s.OutstandingBytes == 0) != (want == 0) {
				t.Errorf("%s: %d records with %d bytes are outstanding, want %d", what, s.OutstandingRecords, s.OutstandingBytes, want)
			}
		}
		must(t, p.Put(t.Context(), "bad"))
		outstanding("a failure at its callback", 1)
		puts(t, p, 1000)
		outstanding("stored behind it", 1)
		puts(t, p, 9)
		must(t, p.PutAsync(t.Context(), "v9", func(kinecast.Result, error) { done++ }))
		outstanding("stored behind it, and one of them asked for", 11)
		close(hold)
		outstanding("the callback has returned", 0)
		if told != 1 || done != 1 {
			t.Errorf("OnFailure ran %d times, done %d times, want once each", told, done)
		}
		if s := p.Stats(); s.UserRecordsPut != 1010 || s.UserRecordsFailed != 1 || s.KinesisRecordsPut != 2 {
			t.Errorf("%+v", s)
		}
		must(t, p.Flush(t.Context()))
		for m := range p.Metrics() {
			if m.Name == figures.UserRecordsPut && (m.Count != 1011 || m.Sum != 1010) {
				t.Errorf("%d of %d user records were put, by %v", m.Sum, m.Count, m.Dimensions)
			}
		}
	})
}

// A callback that panics takes nothing with it, not even the other callbacks of its record.
func TestCallbacksThatPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.CallError(400, "AccessDeniedException", "")})
		book := newLogbook()
		heard := map[string]int{}
		p := newProducer(t, srv.Client(), func(c *config) {
			c.Logger = book.logger()
			c.OnFailure = func(kinecast.Delivery[string]) { heard["OnFailure"]++; panic(errors.New("oops")) }
			c.OnResult = func(kinecast.Delivery[string]) { heard["OnResult"]++; panic("oops") }
		})
		for range 3 {
			must(t, p.PutAsync(t.Context(), "v", func(kinecast.Result, error) { heard["done"]++; panic(1) }))
		}
		must(t, p.Flush(t.Context()))
		for _, callback := range []string{"done", "OnFailure", "OnResult"} {
			if heard[callback] != 3 {
				t.Errorf("%s was called %d times, want 3", callback, heard[callback])
			}
		}
		if p.Stats().OutstandingRecords != 0 || len(book.with("callback panicked")) != 3 {
			t.Errorf("%+v, %d log lines", p.Stats(), len(book.with("callback panicked")))
		}
		must(t, p.Close(t.Context()))
	})
}

// TryPut may be used inside callbacks: dead letters go to another stream of the same producer.
func TestTryPutInsideCallbacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		var p *producer
		p = newProducer(t, srv.Client(), byPrefix, func(c *config) {
			c.QueueLimit = 60
			c.OnFailure = func(d kinecast.Delivery[string]) {
				if d.Result.Stream == "bad" {
					must(t, p.TryPut(d.Value[len("bad/"):]))
				}
			}
			c.ErrorMode = kinecast.LogAndContinue
		})
		for i := range 30 {
			must(t, p.Put(t.Context(), fmt.Sprint("bad/v", i)))
		}
		must(t, p.Flush(t.Context()))
		must(t, p.Flush(t.Context())) // the first waits for the failures, the second for their letters
		wantStored(t, srv, "s", 30)
	})
}
