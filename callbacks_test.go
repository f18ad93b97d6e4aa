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
