package shard

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// world is all of this room put together on one goroutine: a stream's table, its lanes and its collector on one side, a
// service that reshards, refuses and loses answers on the other. Lanes are stepped only when their bells have rung, as
// actors do it: a bell that is lost is a record that never ends.
type world struct {
	t      *rapid.T
	now    time.Time
	limits Limits
	policy *RetryPolicy
	bounds RequestLimits

	table     *Table
	second    *Table // what waits under another name of the stream, if something does
	seconds   int    // how many there have been
	lanes     []*Lane
	rung      map[*Port]bool
	collector *Collector
	homing    []*Record // left by lanes, to be routed again
	flights   []flight
	wanted    bool // a newer map
	closing   bool
	epoch     uint64
	ledger    int64
	users     map[string]*user
	calls     []rollCall

	order  []*user // as they were put
	copies int     // visible ones that the service has
	ghosts []ghost // requests that nobody knows to be stored yet

	shards []Shard // of the stream, as they are
	listed []Shard // and those that were
}

// user is one user record, and what has become of it.
type user struct {
	name   string
	number int
	entry  Entry
	stored bool // the service has it, whether it said so or not
	ended  bool

	acked  bool
	seen   int  // the number of its first copy that readers see, 0 for none
	doomed bool // a record before it failed in a way that it must not survive
}

// ghost is a record of a call that failed, as the service may store it yet.
type ghost struct {
	hash  HashKey
	whole bool // one Kinesis record that readers drop unless all of it belongs to the shard
	users []*user
	where []HashKey // each of them lies
}

func (u *user) Ended(*Outcome, int) {}
func (u *user) Asked() bool         { return true }

type flight struct {
	q     *Request
	start time.Time
}

func newWorld(t *rapid.T) *world {
	w := &world{
		t: t, now: noon, rung: map[*Port]bool{}, users: map[string]*user{}, shards: cut(nil),
		limits: Limits{
			Aggregate: rapid.IntRange(0, 5).Draw(t, "aggregate") > 0,
			MaxCount:  int64(rapid.IntRange(1, 6).Draw(t, "MaxCount")),
			MaxSize:   rapid.IntRange(64, 600).Draw(t, "MaxSize"),
			Linger:    100 * ms,
			Ordered:   rapid.Bool().Draw(t, "ordered"),
		},
		policy: &RetryPolicy{Backoff: doubling},
		bounds: RequestLimits{
			Records:    rapid.IntRange(1, 9).Draw(t, "Records"),
			Bytes:      rapid.IntRange(100, 2000).Draw(t, "Bytes"),
			ShardBytes: 400,
			Early:      time.Duration(rapid.IntRange(0, 2).Draw(t, "early")) * 20 * ms,
		},
	}
	if rapid.Bool().Draw(t, "limited") {
		w.policy = &RetryPolicy{Backoff: doubling, MaxAttempts: 4, RetryDuration: time.Second, RecordTTL: 2 * time.Second}
	}
	w.limits.Halts = w.limits.Ordered && rapid.Bool().Draw(t, "halts")
	w.listed = slices.Clone(w.shards)
	w.table = NewTable(w.newLane, func(*Routes) {})
	w.collector = NewCollector(&w.bounds, NewBreaker(doubling))
	return w
}

func (w *world) newLane(s Shard, aggregate bool) *Lane {
	limits := w.limits
	limits.Aggregate = limits.Aggregate && aggregate
	var p *Port
	p = NewPort(&limits, func() time.Time { return w.now }, func() { w.rung[p] = true })
	l := NewLane(s, p, w.policy)
	w.lanes = append(w.lanes, l)
	return l
}

// put admits a record as the root does.
func (w *world) put(t *rapid.T) { w.putTo(t, "") }

// putSecond admits a record under another name of the stream, of a key that is put under that name only: it waits until the
// two are known to be one.
func (w *world) putSecond(t *rapid.T) {
	if w.second == nil && rapid.IntRange(0, 3).Draw(t, "open") == 0 {
		w.second = NewTable(w.newLane, func(*Routes) {})
		w.seconds++
	}
	w.putTo(t, fmt.Sprint("name ", w.seconds, " "))
}

// join brings what was put under the second name to the lanes of the first.
func (w *world) join(t rapid.TB) (joined bool) {
	if w.second == nil {
		return false
	}
	told := false
	charge, joined := w.table.Join(w.second, func() bool { told = true; return true })
	if joined != told {
		t.Fatalf("joined: %v, and it was told to be retired: %v", joined, told)
	}
	if w.ledger += charge; joined {
		w.step(w.second.Lanes()[""]) // it finds itself at rest
		w.second = nil
	}
	return joined
}

func (w *world) putTo(t *rapid.T, keys string) {
	name := fmt.Sprintf("%d.%d ", w.epoch, len(w.users))
	u := &user{name: name, number: len(w.users)}
	u.entry = Entry{
		Key:   []byte(rapid.StringMatching("[a-z]{1,20}").Draw(t, "key")),
		Data:  []byte(name + strings.Repeat("x", rapid.IntRange(0, 150).Draw(t, "size"))),
		Epoch: w.epoch, Urgent: rapid.IntRange(0, 5).Draw(t, "urgent") == 0,
	}
	u.entry.Hash = HashKeyOfBytes(u.entry.Key)
	if kind := rapid.IntRange(0, 2).Draw(t, "kind"); kind > 0 {
		u.entry.Explicit, u.entry.Shared, u.entry.Hash = true, kind > 1, drawHashKey(t, "hash")
	}
	if w.limits.Ordered { // few keys, some of which share a hash key
		u.entry.Key = []byte{byte('a' + rapid.IntRange(0, 5).Draw(t, "name"))}
		if u.entry.Shared = false; u.entry.Explicit {
			u.entry.Hash = HashKeyOfBytes([]byte{byte('a' + rapid.IntRange(0, 3).Draw(t, "place"))})
		} else {
			u.entry.Hash = HashKeyOfBytes(u.entry.Key)
		}
	}
	table := w.table
	if keys != "" {
		u.entry.Key, u.entry.Explicit, u.entry.Shared = append([]byte(keys), u.entry.Key...), false, false
		if u.entry.Hash = HashKeyOfBytes(u.entry.Key); w.second != nil {
			table = w.second
		}
	}
	if rapid.Bool().Draw(t, "told") {
		u.entry.Reply = u
	}
	p := table.Routes().Find(u.entry.Hash)
	for granted := int64(0); ; {
		before := w.charges()
		a := p.Append(&u.entry, granted)
		switch {
		case a.Retired, a.Used < 0 || a.Used > granted, a.Need > 0 && a.Need <= granted:
			t.Fatalf("granted %d: %+v", granted, a)
		case a.Shut:
			if !w.closing {
				t.Fatal("shut before it was told to")
			}
			return
		case a.Need > 0:
			if w.charges() != before {
				t.Fatal("a refused record changed what is charged")
			}
			granted = a.Need
		default:
			w.ledger += a.Used
			w.users[strings.TrimRight(string(u.entry.Data), "x")] = u
			w.order = append(w.order, u)
			return
		}
	}
}

// step steps a lane whose bell has rung, and does what it asks for.
func (w *world) step(l *Lane) {
	delete(w.rung, l.Port())
	l.Step(w.now, w.table.Routes().Map)
	for e, ok := l.Next(); ok; e, ok = l.Next() {
		switch {
		case e.Ended != nil:
			w.end(e.Ended)
		case e.Offer != nil:
			w.collector.Offer(w.now, *e.Offer)
		case e.Reroute != nil:
			w.homing = append(w.homing, e.Reroute...)
		case e.Refresh:
			w.wanted = true
		}
		l.Done()
	}
	w.wanted = w.wanted || l.Waiting()
	if l.Resting() {
		delete(w.rung, l.Port())
		w.lanes = slices.DeleteFunc(w.lanes, func(other *Lane) bool { return other == l })
	}
}

// end settles a record, and compares what is reported with what the service knows.
func (w *world) end(e *Ended) {
	o := &e.Outcome
	told := map[int]Reply{}
	e.Record.Replies(func(i int, r Reply) { told[i] = r })
	for i, inner := range e.Record.contents.All() {
		u := w.user(inner.Data)
		switch {
		case u.ended:
			w.t.Fatalf("%q has ended twice", inner.Data)
		case told[i] != u.entry.Reply:
			w.t.Fatalf("the end of %q is told to somebody else", inner.Data)
		case !u.entry.Shared && string(inner.Key) != string(u.entry.Key):
			w.t.Fatalf("%q travelled under the key %q", inner.Data, inner.Key)
		case o.Failure == nil && !u.stored:
			w.t.Fatalf("%q is reported as stored", inner.Data)
		case o.Failure != nil && !o.MaybeWritten && u.stored:
			w.t.Fatalf("%q is reported as not written (%s)", inner.Data, o.Failure.Code)
		case o.Failure == nil && e.Record.Aggregated() && !w.rangeOf(o.ShardID).Contains(e.Record.hashOf(inner)):
			w.t.Fatalf("%q is reported as stored in %s, whose readers drop it", inner.Data, o.ShardID)
		}
		u.ended, u.acked = true, o.Failure == nil
		switch {
		case u.acked && u.seen == 0:
			w.t.Fatalf("%q is acknowledged and readers do not see it", inner.Data)
		case u.acked && u.doomed:
			w.t.Fatalf("%q is stored, behind a record that failed", inner.Data)
		case w.limits.Halts && o.Failure != nil && o.Failure.Code != CodeShutdown && o.Failure.Code != CodeBehindFailed && e.Record.Unasked():
			w.doom(u)
		}
	}
	w.ledger -= e.Record.Charge()
	e.Record.Release()
}

func (w *world) user(data []byte) *user {
	u := w.users[strings.TrimRight(string(data), "x")]
	if u == nil {
		w.t.Fatalf("%q was never put", data)
	}
	return u
}

func (w *world) rangeOf(id string) Range {
	i := slices.IndexFunc(w.listed, func(s Shard) bool { return s.ID == id })
	return w.listed[i].Range
}

// next starts a request, if it is time for one.
func (w *world) next(budget int) bool {
	q := w.collector.Next(w.now, budget)
	if q == nil {
		return false
	}
	if len(q.Records) > w.bounds.Records || len(q.Records) > 1 && q.Bytes > min(w.bounds.Bytes, budget) {
		w.t.Fatalf("a request of %d records and %d bytes", len(q.Records), q.Bytes)
	}
	weight := 0
	for i, r := range q.Records {
		weight += r.WireSize()
		if r.isolate > 0 && len(q.Records) > r.isolate {
			w.t.Fatalf("a suspect for requests of %d in one of %d", r.isolate, len(q.Records))
		}
		w.checkRecord(r, w.laneOf(q.Ports[i]))
	}
	if weight != q.Bytes {
		w.t.Fatalf("a request of %d bytes says %d", weight, q.Bytes)
	}
	w.flights = append(w.flights, flight{q, w.now})
	return true
}

func (w *world) laneOf(p *Port) *Lane {
	i := slices.IndexFunc(w.lanes, func(l *Lane) bool { return l.Port() == p })
	if i < 0 {
		w.t.Fatal("a port of a lane that has gone to rest")
	}
	return w.lanes[i]
}

// answer ends a request: the collector hears of it first, then each record is answered.
func (w *world) answer(fl flight, whole *Failure, each func(r *Record) *Failure) {
	w.flights = slices.DeleteFunc(w.flights, func(other flight) bool { return other.q == fl.q })
	w.collector.Done(w.now, fl.q, whole)
	open := mustMap(w.t, w.shards)
	late := whole != nil && whole.Class() == Ambiguous
	for i, r := range fl.q.Records {
		a := Answer{Record: r, Start: fl.start, Took: w.now.Sub(fl.start)}
		if whole != nil {
			a.Failure, a.Class, a.Whole, a.Others = whole, whole.Class(), true, len(fl.q.Records)-1
		} else if f := each(r); f != nil {
			a.Failure, a.Class = f, f.Class()
		}
		if a.Failure == nil || a.Class == Ambiguous && i%2 == 0 { // stored, and perhaps nobody heard of it
			w.store(w.ghost(r))
		} else if late {
			w.ghosts = append(w.ghosts, w.ghost(r))
		}
		if a.Failure == nil {
			a.ShardID, a.SequenceNumber = open.Shard(open.Find(r.hash)).ID, "49"
		}
		fl.q.Ports[i].Answer(a)
	}
}

func (w *world) ghost(r *Record) ghost {
	g := ghost{hash: r.hash, whole: r.Aggregated()}
	for _, e := range r.contents.All() {
		g.users = append(g.users, w.user(e.Data))
		g.where = append(g.where, r.hashOf(e))
	}
	return g
}

// store is the service storing a record. Numbers grow over all shards: what is stored in a child comes after what was
// stored in its parents, for readers too.
func (w *world) store(g ghost) {
	open := mustMap(w.t, w.shards)
	within := open.Shard(open.Find(g.hash)).Range
	visible := !g.whole || !slices.ContainsFunc(g.where, func(h HashKey) bool { return !within.Contains(h) })
	for _, u := range g.users {
		u.stored = true
		if w.copies++; visible && u.seen == 0 {
			u.seen = w.copies
		}
	}
}

// doom marks what was put behind a record, of its key, and has not ended: it must not be stored any more.
func (w *world) doom(u *user) {
	for _, other := range w.order[slices.Index(w.order, u)+1:] {
		other.doomed = other.doomed || other.entry.Hash == u.entry.Hash && !other.ended
	}
}

// checkOrder holds the promise of PerKey: the first copies of acknowledged records of one hash key that readers see stand in
// the order of their puts.
func (w *world) checkOrder() {
	last := map[HashKey]*user{}
	for _, u := range w.order {
		if !w.limits.Ordered || !u.acked {
			continue
		}
		if before := last[u.entry.Hash]; before != nil && u.seen < before.seen {
			w.t.Fatalf("readers see %q at %d and %q, put before it, at %d", u.entry.Data, u.seen, before.entry.Data, before.seen)
		}
		last[u.entry.Hash] = u
	}
}

// checkUnresolved holds what that rests on: of one hash key no two Kinesis records are unresolved.
func (w *world) checkUnresolved() {
	if !w.limits.Ordered {
		return
	}
	rs := slices.Clone(w.homing)
	for _, fl := range w.flights {
		rs = append(rs, fl.q.Records...)
	}
	by, given, withheld := map[HashKey]*Record{}, map[*Port]int{}, map[*Port]int{}
	for _, l := range w.lanes {
		rs = append(rs, l.again.all()...)
		for _, answers := range [][]Answer{l.port.answers, l.drained.all(), l.limbo.all()} {
			for _, a := range answers {
				if a.Start.IsZero() {
					withheld[l.port]++
				} else {
					rs = append(rs, a.Record)
				}
			}
		}
	}
	for _, r := range rs {
		given[r.holder]++
		if r.holder.sealed.rule == oneByOne && given[r.holder] > 1 {
			w.t.Fatalf("a shard has %d records unresolved", given[r.holder])
		}
		for _, e := range r.contents.All() {
			h := r.hashOf(e)
			if by[h] != nil && by[h] != r {
				w.t.Fatalf("%q is in two unresolved records", e.Data)
			}
			by[h] = r
		}
	}
	for _, l := range w.lanes {
		if n := l.port.sealed.given; n != given[l.port]+withheld[l.port] {
			w.t.Fatalf("shard %q: %d records are unresolved and %d withheld, it says %d", l.Shard().ID, given[l.port], withheld[l.port], n)
		}
	}
}

// reshard splits a shard of the stream, or merges it with the next one.
func (w *world) reshard(t *rapid.T) {
	i := rapid.IntRange(0, len(w.shards)-1).Draw(t, "shard")
	s := w.shards[i]
	var children []Shard
	if rapid.Bool().Draw(t, "merge") && i+1 < len(w.shards) {
		children = []Shard{{Range: Range{First: s.Range.First, Last: w.shards[i+1].Range.Last}, Parent: s.ID, AdjacentParent: w.shards[i+1].ID}}
		w.shards = slices.Delete(w.shards, i, i+1)
	} else {
		middle := s.Range.Middle()
		children = []Shard{{Range: Range{First: s.Range.First, Last: middle}, Parent: s.ID}}
		if middle != s.Range.Last {
			children = append(children, Shard{Range: Range{First: middle.next(), Last: s.Range.Last}, Parent: s.ID})
		}
	}
	for c := range children {
		children[c].ID = shardID(len(w.listed))
		w.listed = append(w.listed, children[c])
	}
	w.shards = slices.Replace(w.shards, i, i+1, children...)
}

// cut replaces all shards of the stream by one to four new ones.
func (w *world) cut(t *rapid.T) {
	w.shards = evenly(rapid.IntRange(1, 4).Draw(t, "shards"))
	for i := range w.shards {
		w.shards[i].ID = shardID(len(w.listed) + i)
	}
	w.listed = append(w.listed, w.shards...)
}

// load puts the stream's map in place, with the shards that have closed or without.
func (w *world) load(history bool) {
	list := slices.Clone(w.shards)
	for _, s := range w.listed {
		if history && !slices.ContainsFunc(w.shards, func(open Shard) bool { return open.ID == s.ID }) {
			list = append(list, closed(s))
		}
	}
	w.wanted = false
	m := mustMap(w.t, list)
	w.turn(w.table.Apply(m))
	for _, l := range slices.Clone(w.lanes) {
		if l.Waiting() {
			l.Remap(w.now, m)
			w.step(l)
		}
	}
}

func (w *world) turn(c Change) {
	w.ledger += c.Charge
	for _, l := range c.Retired {
		w.step(l)
	}
}

func (w *world) tidy() {
	rs := w.homing
	w.homing = nil
	w.ledger += w.table.Reroute(rs)
}

// checkRecord holds what is true of every record that a port has or had.
func (w *world) checkRecord(r *Record, l *Lane) {
	if r.Aggregated() && (r.DataSize() > w.limits.MaxSize || int64(r.Len()) > w.limits.MaxCount || !l.port.limits.Aggregate) {
		w.t.Fatalf("an aggregate of %d bytes and %d user records in a lane that aggregates: %v", r.DataSize(), r.Len(), l.port.limits.Aggregate)
	}
	for _, e := range r.contents.All() {
		if !l.Shard().Range.Contains(r.hashOf(e)) {
			w.t.Fatalf("%q does not belong to the shard %q", e.Data, l.Shard().ID)
		}
		if !strings.HasPrefix(string(e.Data), fmt.Sprint(r.Epoch(), ".")) {
			w.t.Fatalf("%q is in a record of epoch %d", e.Data, r.Epoch())
		}
	}
}

// records are all that have not ended, wherever they are.
func (w *world) records() []*Record {
	rs := slices.Clone(w.homing)
	for _, fl := range w.flights {
		rs = append(rs, fl.q.Records...)
	}
	for _, l := range w.lanes {
		if l.port.filling != nil {
			rs = append(rs, filling(l.port))
		}
		rs = append(rs, l.port.sealed.list()...)
		rs = append(rs, l.again.all()...)
		for _, answers := range [][]Answer{l.port.answers, l.drained.all(), l.limbo.all()} {
			for _, a := range answers {
				rs = append(rs, a.Record)
			}
		}
	}
	return rs
}

func (w *world) charges() (sum int64) {
	for _, r := range w.records() {
		sum += r.Charge()
	}
	return sum
}

// check holds what is true at any moment.
func (w *world) check(t *rapid.T) {
	found := map[*user]bool{}
	for _, r := range w.records() {
		for _, e := range r.contents.All() {
			u := w.user(e.Data)
			if found[u] || u.ended {
				t.Fatalf("%q is in two places, or has ended (%v)", e.Data, u.ended)
			}
			found[u] = true
		}
	}
	for name, u := range w.users {
		if !u.ended && !found[u] {
			t.Fatalf("%q is lost", name)
		}
	}
	w.checkOrder()
	w.checkUnresolved()
	if sum := w.charges(); sum != w.ledger {
		t.Fatalf("records hold %d bytes, the ledger says %d", sum, w.ledger)
	}
	sent := map[*Port]int{}
	for _, fl := range w.flights {
		for _, p := range fl.q.Ports {
			sent[p]++
		}
	}
	for _, l := range w.lanes {
		p, weight, pressed := l.port, 0, 0
		for _, r := range p.sealed.list() {
			w.checkRecord(r, l)
			if p.sealed.rule == oneOfAKey && p.sealed.keys[r.hash].first != r || p.sealed.keys[r.hash].given > 0 {
				continue // it has not its turn
			}
			weight += r.WireSize()
			if r.pressed() {
				pressed++
			}
		}
		if p.filling != nil {
			w.checkRecord(filling(p), l)
		}
		if p.sealed.bytes != weight || p.sealed.pressed != pressed || p.sent != sent[p] {
			t.Fatalf("shard %q: %d bytes, %d pressed, %d sent; it says %d, %d, %d", l.Shard().ID, weight, pressed, sent[p], p.sealed.bytes, p.sealed.pressed, p.sent)
		}
	}
}

// settle lets everything happen that is going to happen by itself, with a service that is well.
func (w *world) settle() {
	w.collector.Hurry(w.now, true)
	for range 10_000 {
		moved := len(w.homing) > 0 || len(w.flights) > 0 || len(w.rung) > 0
		w.tidy()
		moved = !w.closing && w.join(w.t) || moved
		for len(w.flights) > 0 {
			w.answer(w.flights[0], nil, func(*Record) *Failure { return nil })
		}
		for _, l := range slices.Clone(w.lanes) {
			if w.rung[l.Port()] {
				w.step(l)
			}
		}
		if !w.closing && (w.wanted || w.table.Routes().Map == nil) {
			w.load(true)
			moved = true
		}
		for w.next(1 << 20) {
			moved = true
		}
		if at, ok := w.collector.Wake(w.now); !moved && ok {
			w.now, moved = later(w.now, at), true
		}
		if !moved {
			return
		}
	}
	w.t.Fatal("it never comes to rest")
}
