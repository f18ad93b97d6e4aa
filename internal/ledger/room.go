package ledger

import (
	"sync"
	"sync/atomic"
)

// Room is a bounded amount that is handed out first come, first served.
type Room struct {
	limit int64
	used  atomic.Int64
	queue atomic.Int64 // waiting callers

	mu      sync.Mutex
	waiting []*Waiter
}

// Waiter is a caller that waits for room.
type Waiter struct {
	need    int64
	granted chan struct{}
}

// Need is the amount that is waited for.
func (w *Waiter) Need() int64 { return w.need }

// Granted is closed when the room has been given.
func (w *Waiter) Granted() <-chan struct{} { return w.granted }

// Limit is the bound.
func (r *Room) Limit() int64 { return r.limit }

// Used is the amount that has been handed out.
func (r *Room) Used() int64 { return r.used.Load() }

// Waiting counts the callers in the queue.
func (r *Room) Waiting() int64 { return r.queue.Load() }

// Try takes room if there is some and nobody waits for it.
func (r *Room) Try(need int64) bool { return r.queue.Load() == 0 && r.grab(need) }

// grab takes room without regard to who waits. A caller that needs more than all gets it when all is free.
func (r *Room) grab(need int64) bool {
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

// Force takes room whether there is some or not: what has been admitted may grow when it moves.
func (r *Room) Force(need int64) { r.used.Add(need) }

// Give frees room and passes it on.
func (r *Room) Give(n int64) {
	r.used.Add(-n)
	if r.queue.Load() == 0 {
		return
	}
	r.mu.Lock()
	r.pass()
	r.mu.Unlock()
}

// pass grants room to those who have waited longest. REQUIRES: the mutex.
func (r *Room) pass() {
	for len(r.waiting) > 0 && r.grab(r.waiting[0].need) {
		close(r.waiting[0].granted)
		r.waiting = r.waiting[1:]
		r.queue.Add(-1)
	}
}

// eased says that at most three quarters of the room are used.
func (r *Room) eased() bool { return r.used.Load() <= r.limit/4*3+r.limit%4*3/4 }

// Join queues for room. It may be granted already when Join returns.
func (r *Room) Join(need int64) *Waiter {
	w := &Waiter{need: need, granted: make(chan struct{})}
	r.mu.Lock()
	r.queue.Add(1)
	r.waiting = append(r.waiting, w)
	r.pass()
	r.mu.Unlock()
	return w
}

// Quit leaves the queue; false if the room had been granted, and is the caller's to use or to give back.
func (r *Room) Quit(w *Waiter) bool {
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
