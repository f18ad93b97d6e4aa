package shard

import (
	"sync"
	"time"
)

// portState says what a port does with what it is given.
type portState uint8

const (
	// portOpen takes records and gives them to requests.
	portOpen portState = iota
	// portHeld takes records and keeps them: before a stream's first map, and in a new shard until what came before
	// has been moved to it.
	portHeld
	// portRetired takes nothing: the caller routes again. What it still had has moved; answers go on arriving.
	portRetired
)

// Port is the place where callers leave records, and requests leave answers, for one shard. Everything in it is
// guarded by one mutex that is held for the copy of one record at most; nothing is called under it.
//
// A port never sends a message per record. It rings its bell on an edge only: when it was empty, when a Kinesis record
// is full, when somebody is in a hurry, when an answer comes; and never again before its lane has looked.
type Port struct {
	// What nearly every record needs stands first and together: of a port that nobody has put to for a while it is all that
	// has to come from memory (TestHotStructs, BenchmarkAppend).
	mu      sync.Mutex
	filling *Record // takes the next record; nil when there is none
	limits  *Limits
	state   portState
	wary    bool  // not every record is taken: see refuses
	slow    bool  // it may hold no more than its share
	rung    bool  // the bell has been rung and the lane has not looked yet
	draft   draft // of the filling record

	policy *RetryPolicy // its lane's; nil without one
	clock  func() time.Time
	bell   func()

	sealed  backlog   // wait for a request
	sent    int       // records in requests, unanswered
	answers []Answer  // not yet seen by the lane
	doubt   time.Time // when the time of a record is over whose place no map has named; zero for none
	from    time.Time // the lane's permit: nothing may be taken before,
	era     uint64    // of records that it takes, at least
	outer   []byte    // the key that aggregated records travel under, nil for their first user record's
	holds   int       // why a held port is held: how many have to release it
	heirs   []*Port   // held by this one, which is retired, until nothing of it is unresolved
	pace    pace      // and no more than this
	last    time.Time // when a record was last taken, for Limits.Apart
	held    holding   // what the lane has of the ledger, with what is in requests, without what is filling
	line    Line      // of callers who wait for that; has a mutex of its own
	number  uint64    // a shard's is higher than its parents'; raised by Table.Join
	roll    roll      // all records of the lane, wherever they are
	shut    *Failure  // set: nothing waits here any more, whatever comes ends with this
}

// Offer is what a port would give to a request.
type Offer struct {
	// Port is where to take it.
	Port *Port
	// Idle says that there is nothing.
	Idle bool
	// From is the time before which nothing may be taken: the back-off of a shard that throttles, or its rate.
	From time.Time
	// Due is the time at which something must go: the end of the oldest record's linger.
	Due time.Time
	// Records and Bytes count the sealed records that are waiting.
	Records, Bytes int
}

// Answer is what became of one Kinesis record in one request.
type Answer struct {
	// Record is the one that this is about.
	Record *Record
	// ShardID is where it was stored, and SequenceNumber its number there; empty if it was not stored.
	ShardID        string
	SequenceNumber string
	// Failure is nil when it was stored, and Class the failure's.
	Failure *Failure
	Class   Class
	// Whole says that the failure was the request's and not this record's, Others how many Kinesis records failed with it.
	Whole  bool
	Others int
	// Start is when the request began, zero if the record was not in one; Took is how long it lasted.
	Start time.Time
	Took  time.Duration

	final bool // where it was stored has been looked for in a map that was loaded afterwards
}

// NewPort returns an open port. The bell is rung without the port's mutex held, from any goroutine; it must not block.
// The clock is read only when a Kinesis record is opened.
func NewPort(l *Limits, clock func() time.Time, bell func()) *Port {
	p := &Port{limits: l, clock: clock, bell: bell, pace: unpaced}
	switch {
	case l.Ordered && l.Aggregate:
		p.sealed.rule = oneByOne
	case l.Ordered:
		p.sealed.rule = oneOfAKey
	}
	p.beware()
	return p
}

// begin makes a record that has been opened the one that fills. REQUIRES: the mutex, filling == nil.
func (p *Port) begin(r *Record) {
	p.filling, p.draft = r, r.draft
	r.draft = draft{}
}

// seal moves the filling record to those that wait. REQUIRES: the mutex, filling != nil.
func (p *Port) seal() {
	r := p.filling
	r.draft, p.draft = p.draft, draft{}
	p.filling = nil
	p.queue(r)
}

// queue adds a record to those that wait. REQUIRES: the mutex.
func (p *Port) queue(r *Record) {
	p.held.add(r)
	p.sealed.push(r)
}

// ring says whether the bell is to be rung, at most once until the lane looks. REQUIRES: the mutex.
func (p *Port) ring() bool {
	first := !p.rung
	p.rung = true
	return first
}

// Answer leaves what became of a record that a request carried, for the lane to judge.
func (p *Port) Answer(a Answer) {
	p.mu.Lock()
	p.sent--
	p.answers = append(p.answers, a)
	ring := p.ring()
	p.mu.Unlock()
	if ring {
		p.bell()
	}
}

// Nudge rings the bell if anything waits in the port: the lane is to look again, because a flush has begun or because
// the ledger is full.
func (p *Port) Nudge() {
	p.mu.Lock()
	ring := (p.filling != nil || p.sealed.len() > 0) && p.ring()
	p.mu.Unlock()
	if ring {
		p.bell()
	}
}

// Drop takes out every waiting record and leaves it as an answer with this failure, so that the lane ends it.
func (p *Port) Drop(f *Failure) {
	p.mu.Lock()
	ring := p.empty(f)
	p.mu.Unlock()
	if ring {
		p.bell()
	}
}

// Shut ends all that waits with this failure, and from now on whatever comes back: the producer is closing. Records in
// requests are not touched.
func (p *Port) Shut(f *Failure) {
	p.mu.Lock()
	p.shut = f
	p.beware()
	ring := p.empty(f) || p.ring() // also with nothing to end: answers may wait for a map that will not come
	p.mu.Unlock()
	if ring {
		p.bell()
	}
}

// empty turns all that waits into answers. REQUIRES: the mutex.
func (p *Port) empty(f *Failure) (ring bool) {
	if p.filling != nil {
		p.seal()
	}
	rs := p.sealed.take()
	for _, r := range rs {
		p.sealed.withhold(r)
		p.refuse(r, f)
	}
	return len(rs) > 0 && p.ring()
}

// refuse leaves an answer for a record that will not go. REQUIRES: the mutex.
func (p *Port) refuse(r *Record, f *Failure) {
	p.keep(r)
	p.answers = append(p.answers, Answer{Record: r, Class: f.Class(), Failure: f})
}

// keep marks a record as unresolved here, if anybody counts. REQUIRES: the mutex.
func (p *Port) keep(r *Record) {
	if p.sealed.rule != freely {
		r.holder = p
	}
}

// take moves waiting records into a request, and tells what is on offer afterwards and whether the request was full
// before the port was empty. What has waited too long is not sent any more, whenever it is looked for otherwise.
func (p *Port) take(now time.Time, q *Request) (next Offer, full bool) {
	p.mu.Lock()
	full, late := p.fill(now, q)
	next = p.offer()
	ring := late && p.ring()
	p.mu.Unlock()
	if ring {
		p.bell()
	}
	return next, full
}

// fill is take: it also tells whether records were found whose time is over. REQUIRES: the mutex.
func (p *Port) fill(now time.Time, q *Request) (full, late bool) {
	if p.state == portHeld || p.sealed.full() || now.Before(p.from) {
		return false, false
	}
	if r := p.filling; r != nil && p.first() && (q.hurry || !now.Add(q.early).Before(p.due(r))) {
		p.seal()
	}
	p.pace.fill(now)
	for p.pace.open() {
		r := p.sealed.next()
		if r == nil {
			break
		}
		if p.expired(r, now) {
			p.refuse(p.sealed.pop(), timeOver)
			late = true
			continue
		}
		if !q.fits(r) {
			return true, late
		}
		p.sealed.pop()
		p.keep(r)
		p.pace.pay(r.WireSize())
		p.last = now
		p.sent++
		q.add(p, r)
	}
	return false, late
}

// Offer tells what could be taken now. Safe for concurrent use.
func (p *Port) Offer() Offer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.offer()
}

// first says that the filling record may go before what is sealed has gone: one by one it fills until its turn comes.
func (p *Port) first() bool { return p.sealed.rule != oneByOne || p.sealed.len() == 0 }

// due is the time at which the filling record must go: when its linger is over, and unless somebody waits for it not before
// the shard has been left alone for a moment, in which it fills. REQUIRES: the mutex.
func (p *Port) due(r *Record) time.Time {
	if p.limits.Apart == 0 || r.pressed() {
		return r.due(p.limits.Linger)
	}
	return later(r.due(p.limits.Linger), p.last.Add(p.limits.Apart))
}

// offer tells what could be taken. One by one a backlog means that the shard gets less than callers put: then it goes as
// soon as it may. REQUIRES: the mutex.
func (p *Port) offer() Offer {
	o := Offer{Port: p, From: later(p.from, p.pace.ready())}
	o.Records, o.Bytes = p.sealed.offered()
	switch {
	case p.state == portHeld || p.sealed.full() || p.filling == nil && o.Records == 0:
		o.Idle = true
	case o.Records == 0:
		o.Due = p.due(p.filling)
	case p.sealed.pressed > 0 || p.filling != nil && p.filling.urgent || p.sealed.rule == oneByOne && p.sealed.len() > 1:
		o.Due = p.sealed.next().opened // past, whichever it is that must not linger
	default:
		o.Due = p.sealed.next().due(p.limits.Linger)
	}
	return o
}

// retire closes the port and hands over what waits in it, oldest first.
func (p *Port) retire() []*Record {
	defer p.line.Call() // they route again, one after another
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.close()
}

// close is retire without its callers. REQUIRES: the mutex.
func (p *Port) close() []*Record {
	p.state = portRetired
	p.beware()
	if p.filling != nil {
		p.seal()
	}
	return p.sealed.take()
}

// Prepend puts records that were routed anew before all that the port has been given itself.
func (p *Port) Prepend(rs []*Record) (ok bool) {
	p.mu.Lock()
	if p.state == portRetired {
		p.mu.Unlock()
		return false
	}
	var freed []HashKey
	for _, r := range rs {
		r.rest()
		r.outer = p.outer
		if r.holder == p { // it comes back to where it was given away
			freed = append(freed, r.leave().hash)
		}
	}
	p.sealed.prepend(rs)
	p.resolve(freed) // no heirs: it is not retired
	ring := len(rs) > 0 && p.ring()
	if p.shut != nil {
		p.empty(p.shut)
	}
	p.mu.Unlock()
	if ring {
		p.bell()
	}
	return true
}

// adopt is Prepend for records that come from other lanes.
func (p *Port) adopt(rs []*Record) {
	for _, r := range rs {
		if r.home != p {
			r.strike()
		}
	}
	p.mu.Lock()
	for _, r := range rs {
		if r.home != p {
			r.moved = true
			p.enroll(r)
		}
		p.held.add(r)
	}
	p.mu.Unlock()
	p.Prepend(rs)
}
