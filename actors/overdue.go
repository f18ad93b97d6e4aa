package actors

import (
	"time"

	"github.com/kinecast/kinecast/shard"
)

// A client that does not heed its context is held to the request's deadline all the same. Its call is given up:
//
//	records   answered as ambiguous; their buffers stay with the call (Record.Lend)
//	sender    free for another request, unless as many calls hang already as there are senders
//	bytes     count in the pool until the call has returned, if ever: it may hold a copy of them
//
// So a client that never returns has at most twice as many calls under way as there are senders, and what they hold stays
// within RequestBytes, but for the one request that may always go.

// grace is how long after its deadline a call is given up. A client that heeds its context has returned by then.
const grace = time.Second

// watch begins to watch over the call of a request.
func (t *Tree) watch(m *send, start time.Time) {
	limit := m.stream.owner.Timeout(m.req) + grace
	t.mu.Lock()
	defer t.mu.Unlock()
	m.watch = time.AfterFunc(limit, func() { t.overdue(m, start) })
}

// overdue gives up a call.
func (t *Tree) overdue(m *send, start time.Time) {
	t.mu.Lock()
	if m.returned || t.flights[m] != departed {
		t.mu.Unlock()
		return
	}
	m.abandoned = true
	m.freed = t.abandoned < t.plan.Senders
	t.abandoned++
	t.givingUp.Add(1) // Stop waits until they are answered for
	delete(t.flights, m)
	t.mu.Unlock()
	defer t.givingUp.Done()

	t.plan.Logger.Warn("kinecast: the Kinesis client has not returned in time and its call was given up; it must heed its context",
		"stream", m.stream.name, "records", len(m.req.Records))
	for _, r := range m.req.Records {
		r.Lend()
	}
	f := &shard.Failure{Code: shard.CodeTimeout, Sent: true, Message: "the client did not return by the request's deadline; the call was given up"}
	m.stream.end(m.req, f)
	t.leave(m, nil, f, start, t.plan.Clock().Sub(start))
	if m.freed {
		t.pool.give(m.seat, 0)
	}
}

// back says that a call has returned in time. When one has that was given up, what it still held is free.
func (t *Tree) back(m *send) bool {
	t.mu.Lock()
	m.returned = true
	late := m.abandoned
	if late {
		t.abandoned--
	}
	if m.watch != nil { // else the call was not even made
		m.watch.Stop()
	}
	t.mu.Unlock()
	switch {
	case !late:
		return true
	case m.freed:
		t.pool.unload(int64(m.req.Bytes))
	default:
		t.pool.give(m.seat, int64(m.req.Bytes))
	}
	return false
}

// Abandoned is the number of calls that were given up and have not returned.
func (t *Tree) Abandoned() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.abandoned
}
