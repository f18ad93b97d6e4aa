package shard

import (
	"time"
)

// Lane is the pure state machine of one shard: it judges the answers that requests left at its port, and says when the
// port may be taken from. It has no goroutine, no clock and no network; time comes in as an argument, effects go out
// through the outbox. One owner at a time drives it (the shard's actor); only its Port is shared.
//
// A lane outlives its actor. Whatever was drained from the port is kept until it has been judged, and whatever was
// decided is kept in the outbox until it has been done, so that the next incarnation goes on where the last one died.
type Lane struct {
	shard  Shard
	port   *Port
	policy *RetryPolicy
	tried  func(*Record, *Attempt)

	drained queue[Answer]  // taken from the port, not yet judged
	limbo   queue[Answer]  // stored in a shard that no map has named yet: judged after the next load
	again   queue[*Record] // judged, to be tried again
	astray  bool           // some of them are not this shard's
	outbox  queue[Effect]
	freed   []HashKey // of records that are resolved and the port has not been told
	offered Offer     // the newest, which stands for all in the outbox
	staged  []Effect  // of the judgement under way
	strikes int       // panics over the first drained answer, plus one
	shut    *Failure  // the port's

	failures int       // times in a row that the shard has refused, counting requests that ran beside each other once
	failed   time.Time // when it was last counted: requests that began before say nothing new
	from     time.Time // nothing is taken before: the back-off of this shard
	limiter  limiter   // nothing is taken faster
	gone     holding   // of records that the lane has no more, since it last told the port
	stale    time.Time // a record landed where the map did not say: nothing is taken before a newer map, or before this
}

// Codes of failures that a lane finds by itself.
const (
	// CodeExpired: the record's time to live ended while it waited.
	CodeExpired = "Expired"
	// CodeShutdown: the producer closed before the record was stored.
	CodeShutdown = "Shutdown"
	// CodePoison: judging what became of the record panicked again and again.
	CodePoison = "Poison"
	// CodeMisplaced: the aggregated record was stored in a shard that does not hold all of its user records.
	CodeMisplaced = "Misplaced"
)

// staleMost is how long a lane whose map is wrong waits for a newer one.
const staleMost = 2 * time.Second

// Effect is one thing for the lane's owner to do. Exactly one field is set.
type Effect struct {
	// Ended records are to be settled: every user record in them, exactly once.
	Ended *Ended
	// Offer tells the collector what may be taken from the port.
	Offer *Offer
	// Reroute names records whose shard is not theirs (any more).
	Reroute []*Record
	// Refresh asks for a map loaded after this moment.
	Refresh bool

	halts bool  // Ended: what waits behind it ends too,
	place place // and then this is free
}

// Ended is a Kinesis record and how it ended.
type Ended struct {
	// Record belongs to whoever does the effect, who releases it.
	Record *Record
	// Outcome is the same for every user record in it.
	Outcome Outcome
	// Era is set by whoever does the effect, if the failure sticks to the stream: that of the records to come. What was
	// admitted in an earlier one and waits behind this record, or is about to, is ended or refused where Limits.Halts.
	Era uint64
}

// NewLane returns the lane of a shard, with an open port.
func NewLane(s Shard, port *Port, policy *RetryPolicy) *Lane {
	if port.sealed.rule == oneByOne && s.ID != "" {
		port.outer = []byte(s.ID) // whoever orders by the outer key keeps the order, as Lambda does
	}
	port.policy = policy
	limit := port.limits.RateLimit
	if s.ID == "" {
		limit = 0 // of a shard; this lane is for as many as there are
	}
	return &Lane{shard: s, port: port, policy: policy, limiter: newLimiter(limit), tried: func(*Record, *Attempt) {}}
}

// Watch makes the lane tell of each attempt, once it is in the record's history. A panic in the middle of a judgement may
// make it tell twice. To be called before the lane is used.
func (l *Lane) Watch(tried func(*Record, *Attempt)) { l.tried = tried }

// Shard is the shard that the lane writes to; its ID is empty for records that have no map yet.
func (l *Lane) Shard() Shard { return l.shard }

// Port is where callers and requests meet the lane.
func (l *Lane) Port() *Port { return l.port }

// Step judges every answer that lies at the port and posts what may be taken now. The map is the newest one, nil if none
// has been loaded. It is to be called after the port's bell, after a new map, and when an incarnation starts.
func (l *Lane) Step(now time.Time, m *Map) {
	l.port.mu.Lock()
	answers := l.port.answers
	l.port.answers = nil
	l.port.rung = false
	l.shut = l.port.shut
	l.port.mu.Unlock()
	for _, a := range answers {
		l.drained.push(a)
	}
	l.judgeAll(now, m)
	if l.shut != nil {
		l.Remap(now, m) // no newer map will come
	}
	doubt := l.endDoubts(now, m)
	l.sendBack()
	l.offer(now, doubt)
}

func (l *Lane) judgeAll(now time.Time, m *Map) {
	for l.drained.len() > 0 {
		l.weigh(now, m, *l.drained.front())
	}
}

// weigh judges the first drained answer. What a judgement asks for is staged until it is complete, so that a panic on the
// way leaves the answer as it was; the third panic over the same answer ends its record.
func (l *Lane) weigh(now time.Time, m *Map, a Answer) {
	l.staged = l.staged[:0]
	l.strikes++
	if l.strikes > maxStrikes {
		if a.Failure == nil {
			l.try(a, Attempt{ShardID: a.ShardID, Code: CodePoison, Class: Ambiguous})
		}
		a.Failure, a.Class = &Failure{Code: CodePoison, Message: "three panics while its answer was judged"}, Fatal
		l.end(a, NoLimit)
	} else {
		l.judge(now, m, a)
	}
	for _, e := range l.staged {
		l.outbox.push(e)
		if e.Ended != nil {
			l.gone.add(e.Ended.Record)
		}
	}
	clear(l.staged)
	l.staged, l.strikes = l.staged[:0], 0
	l.drained.pop()
}

// maxStrikes is how often judging one answer may panic: the next time it is not judged.
const maxStrikes = 3

// sendBack puts the records that are to be tried again before all that waits, in the order in which they were sent. When
// the shard is closed, or not the right one for some of them, it hands all of them over, so that they stay in order.
func (l *Lane) sendBack() {
	rs, astray := l.again.take(), l.astray
	l.astray = false
	if len(rs) > 0 && (astray || !l.port.Prepend(rs)) {
		l.outbox.push(Effect{Reroute: rs})
		for _, r := range rs {
			l.gone.add(r)
		}
	}
}

// Waiting says that answers, or the lane itself, wait for a newer map: call Remap when it has been loaded.
func (l *Lane) Waiting() bool { return !l.stale.IsZero() || l.limbo.len() > 0 }

// Remap judges the answers that waited for a newer map than the one they met. Step is to follow.
func (l *Lane) Remap(now time.Time, m *Map) {
	l.stale = time.Time{}
	waited := l.limbo.take()
	for i := range waited {
		waited[i].final = true
	}
	l.drained.prepend(waited)
	l.judgeAll(now, m)
}

// Next is the effect to do now; it stays in the outbox until Done.
func (l *Lane) Next() (*Effect, bool) {
	if l.outbox.len() == 0 {
		return nil, false
	}
	return l.outbox.front(), true
}

// Done removes the effect that Next returned. If that was the end of a record that holds up those behind it, they end
// now: after their callers can have heard of it, before anything else is sent.
func (l *Lane) Done() {
	if e := l.outbox.pop(); e.halts {
		l.port.halt(e.place, e.Ended.Era)
	}
}

// Resting says that the lane is retired and has nothing left to do: its owner may stop.
func (l *Lane) Resting() bool {
	l.port.mu.Lock()
	defer l.port.mu.Unlock()
	return l.port.state == portRetired && l.port.sent == 0 && l.port.roll.first == nil && len(l.port.answers) == 0 &&
		l.drained.len() == 0 && l.limbo.len() == 0 && l.outbox.len() == 0
}

// judge decides what one answer means.
func (l *Lane) judge(now time.Time, m *Map, a Answer) {
	r := a.Record
	if a.Failure == nil {
		l.landed(now, m, a)
		return
	}
	if !a.Start.IsZero() {
		l.try(a, Attempt{ShardID: l.shard.ID, Code: a.Failure.Code, Message: a.Failure.Message, Class: a.Class})
	}
	switch {
	case l.shut != nil:
		a.Failure, a.Class = l.shut, l.shut.Class() // the attempts tell what it was
		l.end(a, NoLimit)
	case a.Failure.Code == CodeShutdown, a.Failure.Code == CodeBehindFailed:
		l.end(a, NoLimit)
	case a.Class == Invalid && a.Others > 0:
		// Somebody in that request is at fault: halve the company until the bad record stands alone.
		r.isolate = (a.Others + 2) / 2
		l.again.push(r)
	default:
		l.retry(now, a)
	}
}

// retry tries a record again, if the policy permits. The shard is left alone for longer after each failure of its own; a
// request that failed as a whole says nothing about it, there the stream's breaker waits.
func (l *Lane) retry(now time.Time, a Answer) {
	r := a.Record
	if !a.Whole && a.Start.After(l.failed) {
		l.failures, l.failed = l.failures+1, now
		if a.Class == Throttled {
			l.limiter.throttled(now)
		}
	}
	first, _ := r.attempts.First()
	v := l.policy.Verdict(a.Class, max(r.attempts.Requests(), 1), max(l.failures, 1), first.Start, r.opened, now)
	if !v.Retry() {
		if a.Class == Fatal {
			l.stage(Effect{Refresh: true}) // the stream may be gone, and come back with other shards
		}
		if v.Limit.OfTime() {
			l.try(Answer{Record: r, Start: now}, Attempt{ShardID: l.shard.ID, Code: CodeExpired, Message: v.Limit.String() + " was over"})
		}
		l.end(a, v.Limit)
		return
	}
	if !a.Whole {
		l.from = later(l.from, now.Add(v.After))
	}
	l.again.push(r)
}

// landed judges an answer that says stored. A record is where it belongs when every user record in it lies inside the
// shard that took it; otherwise its readers drop all of it, and all of it is sent again. The range of a shard that no
// map has named is not known: the answer waits for one load that began after it.
func (l *Lane) landed(now time.Time, m *Map, a Answer) {
	r := a.Record
	if l.shard.ID != "" && a.ShardID != l.shard.ID {
		within, known := rangeOf(m, a.ShardID)
		l.stage(Effect{Refresh: true})
		switch {
		case !known && !a.final:
			l.limbo.push(a)
			return
		case r.Aggregated() && (!known || !r.inside(within)):
			l.try(a, Attempt{
				ShardID: a.ShardID, Code: CodeMisplaced, Class: Ambiguous,
				Message: "stored in a shard that does not hold all of its records: readers drop it",
			})
			r.misplaced++
			l.stale = now.Add(staleMost)
			l.strays(now, a)
			return
		}
	}
	if a.Start.After(l.failed) {
		l.failures, l.from = 0, time.Time{}
	}
	l.try(a, Attempt{ShardID: a.ShardID})
	l.limiter.stored(now, r.WireSize())
	l.end(a, NoLimit)
}

// strays sends a record again that its readers drop, to where it belongs, unless its time has ended while its place was in doubt.
func (l *Lane) strays(now time.Time, a Answer) {
	r := a.Record
	if limit := r.outlived(l.policy, now); limit != NoLimit {
		f := &Failure{Code: CodeExpired, Message: "its time ended when it was found where its readers drop it"}
		l.try(Answer{Record: r, Start: now}, Attempt{ShardID: l.shard.ID, Code: CodeExpired, Message: f.Message})
		l.end(Answer{Record: r, Failure: f, Class: f.Class()}, limit)
		return
	}
	l.astray = true
	l.again.push(r)
}

// try adds an attempt to a record's history.
func (l *Lane) try(a Answer, attempt Attempt) {
	r := a.Record
	before := r.opened
	if last, ok := r.attempts.Last(); ok {
		before = last.Start.Add(last.Duration)
	}
	attempt.Start, attempt.Duration, attempt.Delay = a.Start, a.Took, max(a.Start.Sub(before), 0)
	l.tried(r, r.attempts.Add(attempt))
}

// end settles a record.
func (l *Lane) end(a Answer, limit Limit) {
	r := a.Record
	r.end = Ended{Record: r, Outcome: Outcome{
		ShardID: a.ShardID, SequenceNumber: a.SequenceNumber, Aggregated: r.Aggregated(),
		Failure: a.Failure, Class: a.Class, Limit: limit, Attempts: &r.attempts,
		MaybeWritten: a.Failure != nil && r.MaybeWritten(),
	}}
	e := Effect{Ended: &r.end}
	e.halts = l.halting(a)
	switch {
	case e.halts:
		e.place = r.leave()
	case r.holder != nil:
		l.freed = append(l.freed, r.leave().hash)
	}
	l.stage(e)
}

// halting says whether a record that ends like this holds up those behind it.
func (l *Lane) halting(a Answer) bool {
	return l.port.limits.Halts && a.Failure != nil && l.shut == nil &&
		a.Failure.Code != CodeShutdown && a.Failure.Code != CodeBehindFailed && a.Record.Unasked()
}

// EndedBy ends a record that no lane will judge any more.
func EndedBy(r *Record, f *Failure) *Ended {
	return &Ended{Record: r, Outcome: Outcome{
		Aggregated: r.Aggregated(), Failure: f, Class: f.Class(), Attempts: &r.attempts, MaybeWritten: r.MaybeWritten(),
	}}
}

func (l *Lane) stage(e Effect) { l.staged = append(l.staged, e) }

// offer posts the lane's permit at the port, and when it is to look again at what is in doubt, and tells the collector what
// there is to take.
func (l *Lane) offer(now, doubt time.Time) {
	l.port.mu.Lock()
	l.port.doubt = doubt
	l.port.from = later(l.from, l.stale)
	l.port.pace.turn(now, l.limiter.share(now))
	heirs := l.port.resolve(l.freed)
	l.offered = l.port.offer()
	call := l.port.tally(l.gone, l.failures > 0 || l.offered.From.After(now) || l.port.sealed.slow())
	l.gone = holding{}
	l.port.mu.Unlock()
	l.freed = l.freed[:0]
	releaseAll(heirs)
	if call {
		l.port.line.Call()
	}
	l.outbox.push(Effect{Offer: &l.offered})
}

func rangeOf(m *Map, id string) (Range, bool) {
	if m == nil {
		return Range{}, false
	}
	return m.RangeOf(id)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
