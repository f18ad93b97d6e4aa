package kinecast

import (
	"context"
	"sync"
	"sync/atomic"
)

// ledger is the account of outstanding records: admission at one end, settlement at the other. Records and bytes are
// bounded each on its own; epochs count what a flush has to wait for.
//
//	enter ──▶ records.take ──▶ bytes.take (only when a buffer grows) ──▶ … ──▶ settle: bytes, records, epoch
type ledger struct {
	records room
	bytes   room

	current atomic.Pointer[epoch]

	mu     sync.Mutex
	epochs []*epoch // all that have not ended, oldest first; the last one is current
}

// epoch is the time between two flushes.
type epoch struct {
	number uint64
	left   atomic.Int64  // records admitted, or waiting to be, and not settled
	sealed atomic.Bool   // no longer current
	ended  chan struct{} // closed when it is sealed and nothing is left of it and of all before it
}

func newLedger(records, bytes int64) *ledger {
	l := &ledger{records: room{limit: records}, bytes: room{limit: bytes}}
	first := &epoch{ended: make(chan struct{})}
	l.epochs = []*epoch{first}
	l.current.Store(first)
	return l
}

// enter counts a record that is about to wait for room. Whoever enters must settle or leave.
func (l *ledger) enter() *epoch {
	for {
		e := l.current.Load()
		e.left.Add(1)
		if l.current.Load() == e {
			return e
		}
		l.leave(e, 1) // a flush came between: it may not have seen us
	}
}

// leave takes back records that entered an epoch.
func (l *ledger) leave(e *epoch, n int64) {
	if e.left.Add(-n) == 0 && e.sealed.Load() {
		l.sweep()
	}
}

// eased says that a sender who was refused may come again: at most three quarters of both bounds are used, and there are
// the bytes that its record needs.
func (l *ledger) eased(need int64) bool {
	used := l.bytes.used.Load()
	return l.records.eased() && l.bytes.eased() && (used == 0 || used+need <= l.bytes.limit)
}

// settle ends records: their room is free, their epoch has fewer left. What is to be seen of the end must have been
// done before.
func (l *ledger) settle(number uint64, records, bytes int64) {
	l.bytes.give(bytes)
	l.records.give(records)
	l.leave(l.epoch(number), records)
}

// epoch finds an epoch that has not ended.
func (l *ledger) epoch(number uint64) *epoch {
	if e := l.current.Load(); e.number == number {
		return e
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epochs[number-l.epochs[0].number]
}

// turn begins a new epoch and returns the one before.
func (l *ledger) turn() *epoch {
	l.mu.Lock()
	old := l.current.Load()
	next := &epoch{number: old.number + 1, ended: make(chan struct{})}
	l.epochs = append(l.epochs, next)
	l.current.Store(next)
	old.sealed.Store(true)
	l.mu.Unlock()
	l.sweep()
	return old
}

// sweep ends the epochs of which nothing is left, in order.
func (l *ledger) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.epochs) > 1 && l.epochs[0].left.Load() == 0 {
		close(l.epochs[0].ended)
		l.epochs = l.epochs[1:]
	}
}

// room is a bounded amount that is handed out first come, first served.
type room struct {
	limit int64
	used  atomic.Int64
	queue atomic.Int64 // waiting callers

	mu      sync.Mutex
	waiting []*waiter
}

// waiter is a caller that waits for room. granted is closed when it has been given.
type waiter struct {
	need    int64
	granted chan struct{}
}

// try takes room if there is some and nobody waits for it.
func (r *room) try(need int64) bool { return r.queue.Load() == 0 && r.grab(need) }

// grab takes room without regard to who waits. A caller that needs more than all gets it when all is free.
func (r *room) grab(need int64) bool {
	for {
		used := r.used.Load()
		if used+need > r.limit && used > 0 {
			return false
		}
		if r.used.CompareAndSwap(used, used+need) {
			return true
		}
	}
}

// force takes room whether there is some or not: what has been admitted may grow when it moves.
func (r *room) force(need int64) { r.used.Add(need) }

// give frees room and passes it on.
func (r *room) give(n int64) {
	r.used.Add(-n)
	if r.queue.Load() == 0 {
		return
	}
	r.mu.Lock()
	r.pass()
	r.mu.Unlock()
}

// pass grants room to those who have waited longest. REQUIRES: the mutex.
func (r *room) pass() {
	for len(r.waiting) > 0 && r.grab(r.waiting[0].need) {
		close(r.waiting[0].granted)
		r.waiting = r.waiting[1:]
		r.queue.Add(-1)
	}
}

// eased says that at most three quarters of the room are used.
func (r *room) eased() bool { return r.used.Load() <= r.limit/4*3+r.limit%4*3/4 }

// join queues for room. It may be granted already when join returns.
func (r *room) join(need int64) *waiter {
	w := &waiter{need: need, granted: make(chan struct{})}
	r.mu.Lock()
	r.queue.Add(1)
	r.waiting = append(r.waiting, w)
	r.pass()
	r.mu.Unlock()
	return w
}

// quit leaves the queue; false if the room had been granted, and is the caller's to use or to give back.
func (r *room) quit(w *waiter) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, other := range r.waiting {
		if other == w {
			r.waiting = append(r.waiting[:i:i], r.waiting[i+1:]...)
			r.queue.Add(-1)
			r.pass() // the next one may need less
			return true
		}
	}
	return false
}

// await waits until room is granted or one of the events happens, whose error it returns.
func (r *room) await(ctx context.Context, w *waiter, stops ...stop) error {
	var first, second <-chan struct{}
	first, second = stops[0].when, stops[1].when
	var err error
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-first:
		err = stops[0].why()
	case <-second:
		err = stops[1].why()
	}
	if !r.quit(w) {
		r.give(w.need)
	}
	return err
}

// stop is an event that ends waiting, and the error that it means.
type stop struct {
	when <-chan struct{}
	why  func() error
}
