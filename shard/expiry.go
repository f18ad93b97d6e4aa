package shard

import "time"

// A record's time ends wherever it waits: at its port, where a sweep finds it, or at the latest when a request would take it;
// and in its lane, when it has failed and would be tried again, or when no map says in time where it was stored. A request
// that is under way is not given up for it: nobody could say then whether it was written.

// timeOver is why records end that have waited too long.
var timeOver = &Failure{Code: CodeExpired, Message: "its time ended while it waited"}

// expired says that no attempt of a record may start any more.
func (p *Port) expired(r *Record, now time.Time) bool {
	return p.policy != nil && r.outlived(p.policy, now) != NoLimit
}

// outlived is the limit that says that no attempt of the record may begin any more; NoLimit while one may.
func (r *Record) outlived(policy *RetryPolicy, now time.Time) Limit {
	deadline, limit := r.deadline(policy)
	if limit == NoLimit || now.Before(deadline) {
		return NoLimit
	}
	return limit
}

// deadline is when no attempt of the record may begin any more, and the limit that says so.
func (r *Record) deadline(policy *RetryPolicy) (time.Time, Limit) {
	first, _ := r.attempts.First()
	return policy.Deadline(first.Start, r.opened)
}

// endDoubts judges those whose time is over as if no map would ever say where they are: it would come too late. It returns
// when the time of the next one is over; the zero time if that of none ends.
func (l *Lane) endDoubts(now time.Time, m *Map) (next time.Time) {
	for range l.limbo.len() {
		a := l.limbo.pop()
		if a.Record.outlived(l.policy, now) != NoLimit {
			a.final = true
			l.drained.push(a)
			continue
		}
		l.limbo.push(a)
		if end, limit := a.Record.deadline(l.policy); limit != NoLimit && (next.IsZero() || end.Before(next)) {
			next = end
		}
	}
	l.judgeAll(now, m) // none of them comes back: they are final
	return next
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
	late := !p.doubt.IsZero() && !now.Before(p.doubt)
	ring := (len(out) > 0 || late) && p.ring()
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
