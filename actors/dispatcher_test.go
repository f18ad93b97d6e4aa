package actors

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// What is scheduled runs at once, beside whatever else runs: a mailbox that never empties starves nobody, however many
// of them there are.
func TestDispatcherStarvesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDispatcher()
		hold := make(chan struct{})
		var started atomic.Int32
		for range 3 * workers {
			d.Schedule(func() { started.Add(1); <-hold })
		}
		synctest.Wait()
		if n := started.Load(); n != 3*workers {
			t.Errorf("%d of %d run", n, 3*workers)
		}
		close(hold)
		synctest.Wait()
		if d.running != workers {
			t.Errorf("%d workers stay, want %d", d.running, workers)
		}
		d.close()
		if d.running != 0 {
			t.Errorf("%d workers are left", d.running)
		}
	})
}

// An idle worker is used again.
func TestDispatcherUsesWorkersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDispatcher()
		for range 1000 {
			d.Schedule(func() {})
			synctest.Wait()
		}
		if d.running != 1 {
			t.Errorf("%d workers for one mailbox at a time", d.running)
		}
		d.close()
	})
}

// What comes after the end still runs: a message to an actor that is gone must find its way to the dead letters.
func TestDispatcherAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDispatcher()
		d.close()
		ran := false
		d.Schedule(func() { ran = true })
		synctest.Wait()
		if !ran {
			t.Error("it did not run")
		}
	})
}
