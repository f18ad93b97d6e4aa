package simulation_test

import (
	"time"

	"github.com/kinecast/kinecast/shard"
)

// watch holds what must be true at every moment. It knows less than the cores do, and asks for less: only what follows from their
// promises, whatever they think.
type watch struct {
	s *sim

	ports map[*shard.Port]*portWatch

	// Of the endpoint, as the collector has heard of it.
	down    bool          // a request has failed as a whole, and none has succeeded since
	since   time.Duration // when it was noticed
	gate    time.Duration // before which no further attempt may start
	probe   *flight       // the one that was let through
	probing bool
}

// portWatch is what is known of a shard's refusals.
type portWatch struct {
	pending []refusal     // answers that the lane has not looked at
	judging time.Duration // when it began to; -1 if it has not
	gate    time.Duration // nothing may be taken before
}

// refusal is that of a record that may be tried again.
type refusal struct {
	user  int // the first in it
	class shard.Class
}

// bounds are those of the ledger.
func (w *watch) bounds() {
	l, cfg := w.s.ledger, &w.s.plan.cfg
	if n := l.Records.Used(); n < 0 || n > cfg.queueLimit {
		w.s.breachf("bound", "%d records are outstanding, QueueLimit is %d", n, cfg.queueLimit)
	}
	if n := l.Bytes.Used(); n < 0 || n > cfg.queueBytes+w.s.forced {
		w.s.breachf("bound", "%d bytes are outstanding, QueueBytes is %d and moved records have grown by %d", n, cfg.queueBytes, w.s.forced)
	}
}

func (w *watch) port(p *shard.Port) *portWatch {
	if w.ports == nil {
		w.ports = map[*shard.Port]*portWatch{}
	}
	if w.ports[p] == nil {
		w.ports[p] = &portWatch{judging: -1}
	}
	return w.ports[p]
}

// left hears of an answer at a port.
func (w *watch) left(p *shard.Port, a shard.Answer) {
	pw := w.port(p)
	switch {
	case a.Failure == nil:
		*pw = portWatch{judging: -1} // the shard takes records: whatever was refused before, it may be offered more
	case !a.Whole && a.Class.Retryable():
		pw.pending = append(pw.pending, refusal{usersOf(a.Record)[0], a.Class})
	}
}

// judging: the lane begins to look at its answers; it may die over them.
func (w *watch) judging(c *cell) {
	if pw := w.port(c.lane.Port()); len(pw.pending) > 0 && pw.judging < 0 {
		pw.judging = w.s.now
	}
}

// judged: it has looked at all of them, and done what it decided. A record that is tried again says that the shard was refused; one
// that has ended needs no back-off.
func (w *watch) judged(c *cell) {
	pw := w.port(c.lane.Port())
	for _, r := range pw.pending {
		if w.s.book.fates[r.user].ends == 0 {
			first, _ := pauses(r.class)
			pw.gate = max(pw.gate, pw.judging+first)
		}
	}
	pw.pending, pw.judging = nil, -1
}

// taken: a request takes records from ports.
func (w *watch) taken(f *flight) {
	for i, p := range f.q.Ports {
		pw := w.port(p)
		if len(pw.pending) == 0 && w.s.now < pw.gate {
			w.s.breachf("back-off", "%s is taken at %v, and its shard is to be left alone until %v", nameOf(f.q.Records[i]), w.s.now, pw.gate)
		}
	}
	if w.down {
		switch {
		case w.probing:
			w.s.breachf("breaker", "a second request while one tries whether the endpoint lives")
		case w.s.now < w.gate:
			w.s.breachf("breaker", "a request at %v, and the endpoint is to be left alone until %v", w.s.now, w.gate)
		}
		w.probing, w.probe = true, f
	}
}

// started: a request is on its way.
func (w *watch) started(f *flight) {
	for _, r := range f.q.Records {
		for _, id := range usersOf(r) {
			w.inTime(f, w.s.book.fates[id], r)
		}
	}
}

// late is how late a record's time may be noticed: a sweep, and the mailboxes on the way.
const late = sweepEvery + time.Second

func (w *watch) inTime(f *flight, u *fate, r *shard.Record) {
	cfg := &w.s.plan.cfg
	if u.ends > 0 {
		w.s.breachf("once", "%v is sent, and has ended", u)
	}
	if cfg.ttl > 0 && u.admitted > 0 && f.start > u.admitted+cfg.ttl+late {
		w.s.breachf("time", "%v is sent at %v, was admitted at %v and lives %v", u, f.start, u.admitted, cfg.ttl)
	}
	if n := r.Attempts().Len(); cfg.maxAttempts > 0 && n >= cfg.maxAttempts && !misplaced(r) {
		w.s.breachf("attempts", "%v is sent for the %d. time, MaxAttempts is %d", u, n+1, cfg.maxAttempts)
	}
}

// misplaced says that an attempt of a record was none that failed: it was stored where nobody reads it.
func misplaced(r *shard.Record) bool {
	for _, a := range r.Attempts().All() {
		if a.Code == shard.CodeMisplaced || a.Class == shard.Invalid {
			return true
		}
	}
	return false
}

// heard: the collector hears how a request ended.
func (w *watch) heard(f *flight, failure *shard.Failure) {
	if failure == nil || failure.Class() == shard.Invalid || failure.Class() == shard.Fatal {
		w.forget()
		return
	}
	first, _ := pauses(failure.Class())
	switch {
	case !w.down:
		w.down, w.since, w.gate = true, w.s.now, w.s.now+first
	case w.probe == f:
		w.probing, w.probe, w.gate = false, nil, w.s.now+first
	}
}

// forget: the endpoint lives.
func (w *watch) forget() { w.down, w.probing, w.probe = false, false, nil }
