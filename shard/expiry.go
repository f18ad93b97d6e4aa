package shard

import "time"

// A record's time ends wherever it waits: at its port, where a sweep finds it, or at the latest when a request would take it;
// and in its lane, when it has failed and would be tried again. A request that is under way is not given up for it: nobody
// could say then whether it was written.

// timeOver is why records end that have waited too long.
var timeOver = &Failure{Code: CodeExpired, Message: "its time ended while it waited"}

// expired says that no attempt of a record may start any more.
func (p *Port) expired(r *Record, now time.Time) bool {
	if p.policy == nil {
		return false
	}
	first, _ := r.attempts.First()
	deadline, limit := p.policy.Deadline(first.Start, r.opened)
	return limit != NoLimit && !now.Before(deadline)
}

// Expire takes out the waiting records whose time is over and leaves them as answers. It looks at every one: those that
// were sent back to the front have other deadlines than those behind them.
func (p *Port) Expire(now time.Time) {
	p.mu.Lock()
	if p.filling != nil && p.expired(p.filling, now) {
		p.seal()
	}
	out := p.sealed.remove(func(r *Record) bool { return p.expired(r, now) })
	for _, r := range out {
		p.refuse(r, timeOver)
	}
	ring := len(out) > 0 && p.ring()
	p.mu.Unlock()
	if ring {
		p.bell()
	}
}

// Oldest is when the oldest record of the port's lane was opened, wherever it is; the zero time if there is none. Records
// that were opened here are on the roll in their order; only while some have come from elsewhere, all are looked at.
func (p *Port) Oldest() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.roll.first
	if r == nil {
		return time.Time{}
	}
	oldest := r.opened
	for left := p.roll.moved; left > 0 && r != nil; r = r.next {
		if r.moved {
			left--
		}
		if r.opened.Before(oldest) {
			oldest = r.opened
		}
	}
	return oldest
}
