package shard

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func ordered(aggregate bool) Limits {
	l := wide()
	l.Aggregate, l.Ordered = aggregate, true
	return l
}

// keyed is an entry whose key is the text before its digit.
func keyed(text string) Entry {
	e := entry(text)
	e.Key = []byte(strings.TrimRight(text, "0123456789"))
	e.Hash = HashKeyOfBytes(e.Key)
	return e
}

func newOrderedLane(tb testing.TB, l Limits, policy *RetryPolicy) *testLane {
	tb.Helper()
	p := newTestPort(l)
	return &testLane{Lane: NewLane(whole, p.Port, policy), port: p, m: mustMap(tb, []Shard{whole})}
}

func (l *testLane) put(tb testing.TB, texts ...string) {
	tb.Helper()
	for _, text := range texts {
		put(tb, l.port.Port, keyed(text))
	}
}

func (l *testLane) drain(at time.Time) []*Record { return drain(l.port.Port, at, true) }

// While a record is unresolved nothing goes, and what comes meanwhile shares the next one.
func TestOneByOneFillsWhileItWaits(t *testing.T) {
	l := newOrderedLane(t, ordered(true), forever())
	l.put(t, "a1", "b1")
	first := l.drain(noon)
	expect(t, "first", texts(first), "a1+b1")
	l.put(t, "a2")
	expect(t, "offer of a busy shard", l.step(after(time.Hour)).offer.Idle, true)
	expect(t, "taken while it is out", texts(l.drain(after(time.Hour))), "")
	l.put(t, "b2", "a3")

	l.failed(first[0], throttled)
	expect(t, "offer after a failure", l.step(after(time.Hour)).offer.Records, 1)
	again := l.drain(after(2 * time.Hour))
	expect(t, "again", texts(again), "a1+b1")
	l.put(t, "c1")
	l.stored(again[0], "whole")
	es := l.step(after(2 * time.Hour))
	expect(t, "ends", es.ends(), "a1+b1")
	expect(t, "due", es.offer.Due, noon.Add(100*ms))
	expect(t, "next", texts(l.drain(after(2*time.Hour))), "a2+b2+a3+c1")
}

// A backlog is due at once and offered one record at a time.
func TestOneByOneOffersOne(t *testing.T) {
	limits := ordered(true)
	limits.MaxCount = 2
	l := newOrderedLane(t, limits, forever())
	l.put(t, "a1", "a2")
	o := l.step(noon).offer
	expect(t, "due of one that is full", o.Due, after(100*ms))
	l.put(t, "a3", "a4", "a5")
	o = l.step(noon).offer
	expect(t, "due of a backlog", o.Due, noon)
	expect(t, "offered", o.Records, 1)
	rs := l.drain(noon)
	expect(t, "offered bytes", o.Bytes, rs[0].WireSize())
	expect(t, "left", texts(l.port.sealed.list()), "a3+a4")
	expect(t, "still filling", texts([]*Record{filling(l.port.Port)}), "a5")
}

// Without aggregation the same holds of each hash key, and keys do not wait for each other.
func TestOneOfAKey(t *testing.T) {
	l := newOrderedLane(t, ordered(false), forever())
	l.put(t, "a1", "a2", "b1", "a3", "c1", "b2")
	expect(t, "offered", l.step(noon).offer.Records, 3)
	rs := l.drain(noon)
	expect(t, "first of each", texts(rs), "a1 b1 c1")
	expect(t, "then", texts(l.drain(noon)), "")

	l.stored(rs[1], "whole")
	l.step(noon)
	l.put(t, "b3", "c2")
	expect(t, "b goes on", texts(l.drain(noon)), "b2")
	l.failed(rs[0], throttled)
	l.stored(rs[2], "whole")
	l.step(noon)
	expect(t, "a again, and c", texts(l.drain(after(time.Second))), "a1 c2")
	expect(t, "left", texts(l.port.sealed.list()), "a2 a3 b3")
	expect(t, "keys", len(l.port.sealed.keys), 3)
}

// When nothing is left of a burst, nothing is left of what it took.
func TestOneOfAKeyKeepsNothing(t *testing.T) {
	l := newOrderedLane(t, ordered(false), forever())
	for range 3 {
		l.put(t, "a1", "b1", "a2")
		for rs := l.drain(noon); len(rs) > 0; rs = l.drain(noon) {
			for _, r := range rs {
				l.stored(r, "whole")
			}
			l.step(noon)
		}
		expect(t, "keys are dropped", l.port.sealed.keys == nil, true)
		expect(t, "bytes", l.port.sealed.bytes, 0)
	}
}

// The outer key of an aggregated record is the shard's name; a record alone keeps its own, and so does everybody without
// an order.
func TestOuterKey(t *testing.T) {
	l := newOrderedLane(t, ordered(true), forever())
	l.put(t, "a1")
	expect(t, "alone", string(l.drain(noon)[0].Key()), "a")
	l = newOrderedLane(t, ordered(true), forever())
	l.put(t, "a1", "b1")
	r := l.drain(noon)[0]
	expect(t, "aggregated", string(r.Key()), "whole")
	expect(t, "weight", r.WireSize(), r.DataSize()+len("whole"))
	l = newOrderedLane(t, wide(), forever())
	l.put(t, "a1", "b1")
	expect(t, "unordered", string(l.drain(noon)[0].Key()), "a")
}

// What waits behind a record that nobody had asked about ends with it, after it, and unsent; what comes later does not.
func TestWhatIsBehindAFailureEnds(t *testing.T) {
	for name, aggregate := range map[string]bool{"aggregated": true, "plain": false} {
		t.Run(name, func(t *testing.T) {
			limits := ordered(aggregate)
			limits.Halts = true
			l := newOrderedLane(t, limits, &RetryPolicy{MaxAttempts: 1, Backoff: doubling})
			l.put(t, "a1")
			r := l.drain(noon)[0]
			l.put(t, "a2", "a3")
			l.failed(r, throttled)
			l.Step(noon, l.m)
			expect(t, "offered before the failure is told", len(l.drain(after(time.Hour))), 0)
			es := l.effects()
			expect(t, "ends first", es.ends(), "a1!"+throttled.Code+"/MaxAttempts")
			l.put(t, "a4") // the failure has been told and cleared
			behind := strings.Fields(strings.ReplaceAll(l.step(noon).ends(), "+", "!"+CodeBehindFailed+" "))
			expect(t, "ends behind it", strings.Join(behind, " "), "a2!BehindFailed a3!BehindFailed")
			expect(t, "next", texts(l.drain(after(time.Hour))), "a4")
		})
	}
}

// A failure that somebody asked about is that caller's affair, and leaves a gap.
func TestAskedFailureLeavesAGap(t *testing.T) {
	limits := ordered(true)
	limits.Halts = true
	l := newOrderedLane(t, limits, &RetryPolicy{MaxAttempts: 1, Backoff: doubling})
	e := keyed("a1")
	e.Reply = &heard{asked: true}
	put(t, l.port.Port, e)
	r := l.drain(noon)[0]
	l.put(t, "a2")
	l.failed(r, throttled)
	expect(t, "ends", l.step(noon).ends(), "a1!"+throttled.Code+"/MaxAttempts")
	expect(t, "next", texts(l.drain(after(time.Hour))), "a2")
}

// What was ended while it waited holds up those behind it until it has been judged.
func TestWithheld(t *testing.T) {
	for name, aggregate := range map[string]bool{"aggregated": true, "plain": false} {
		t.Run(name, func(t *testing.T) {
			l := newOrderedLane(t, ordered(aggregate), &RetryPolicy{RecordTTL: time.Second, Backoff: doubling})
			l.put(t, "a1")
			l.port.now = after(ms)
			put(t, l.port.Port, Entry{Key: []byte("a"), Data: []byte("a2"), Hash: HashKeyOf("a"), Epoch: 1})
			l.port.Expire(after(time.Second))
			expect(t, "taken before", texts(l.drain(after(time.Second))), "")
			expect(t, "ends", l.step(after(time.Second)).ends(), "a1!Expired/RecordTTL")
			expect(t, "taken after", texts(l.drain(after(time.Second))), "a2")
		})
	}
}

// splitting is a table of one shard with a lane that has something out and something waiting, and the maps of its
// successors.
func splitting(t *testing.T, limits Limits) (table *testTable, parent *Lane, out []*Record) {
	t.Helper()
	table = newTestTable(limits)
	table.Apply(mustMap(t, []Shard{whole}))
	parent = table.Lanes()["whole"]
	table.put(t, at(10, "a1"), at(200, "b1"))
	out = drain(parent.port, noon, true)
	table.put(t, at(10, "a2"), at(200, "b2"))
	return table, parent, out
}

// A child gives nothing while anything of a parent is unresolved, however many reshards there were since.
func TestChildrenWaitForTheirParents(t *testing.T) {
	table, parent, out := splitting(t, ordered(true))
	table.Apply(mustMap(t, []Shard{closed(whole), left, right}))
	table.put(t, at(10, "a3"), at(200, "b3"))
	waiting, _ := table.waiting()
	expect(t, "both children are held", waiting, " | ")

	table.Apply(mustMap(t, append(quarters(), closed(whole), closed(left), closed(right))))
	table.put(t, at(10, "a4"), at(200, "b4"))
	waiting, _ = table.waiting()
	expect(t, "their children are held", waiting, " |  |  | ")

	parent.port.Answer(Answer{Record: out[0], Start: noon, Failure: throttled, Class: Throttled})
	parent.Step(noon, table.Routes().Map)
	var homing []*Record
	for e, ok := parent.Next(); ok; e, ok = parent.Next() {
		homing = append(homing, e.Reroute...)
		parent.Done()
	}
	waiting, _ = table.waiting()
	expect(t, "held while it is on its way", waiting, " |  |  | ")
	table.Reroute(homing)
	expect(t, "the parent rests", parent.Resting(), true)
	waiting, _ = table.waiting()
	expect(t, "and in its place", waiting, "a1 |  |  | b1")
	expect(t, "leaving", len(table.leaving), 1)
	table.Apply(mustMap(t, append(quarters(), closed(whole), closed(left), closed(right))))
	expect(t, "left", len(table.leaving), 0)
}

// A parent that has nothing unresolved holds nobody, and of a merge each parent counts.
func TestMergeWaitsForBothParents(t *testing.T) {
	table := newTestTable(ordered(true))
	table.Apply(mustMap(t, quarters()))
	lanes := table.Lanes()
	table.put(t, at(10, "a1"), at(70, "b1"), at(140, "c1"))
	a, b := drain(lanes["q0"].port, noon, true), drain(lanes["q1"].port, noon, true)
	table.Apply(mustMap(t, []Shard{left, right, closed(quarters()[0]), closed(quarters()[1])}))
	table.put(t, at(10, "a2"), at(70, "b2"))
	waiting, _ := table.waiting()
	expect(t, "right has no parent that waits", waiting, " | c1")
	for i, r := range []*Record{a[0], b[0]} {
		l := lanes[[]string{"q0", "q1"}[i]]
		l.port.Answer(Answer{Record: r, Start: noon, ShardID: l.Shard().ID, SequenceNumber: "49"})
		l.Step(noon, table.Routes().Map)
		waiting, _ = table.waiting()
		expect(t, "waiting", waiting, []string{" | ", "a2+b2 | "}[i])
	}
}

// Whoever looks at the first sign of a record's new place finds nothing before it: a bell is rung, and a place given up, only
// when all stand where they belong.
func TestReroutedStandsFirst(t *testing.T) {
	limits := ordered(false)
	table := newTestTable(limits)
	var taken []*Record
	table.newLane = func(s Shard, _ bool) *Lane {
		var p *Port
		p = NewPort(&limits, func() time.Time { return noon }, func() { taken = append(taken, drain(p, noon, true)...) })
		return NewLane(s, p, forever())
	}
	table.Apply(mustMap(t, []Shard{whole}))
	table.put(t, at(10, "a1"), at(10, "a2"))
	out := slices.Clone(taken)
	expect(t, "out", texts(out), "a1")
	taken = nil
	table.Apply(mustMap(t, []Shard{closed(whole), left, right}))
	table.put(t, at(10, "a3"))
	expect(t, "taken while the parent waits", texts(taken), "")
	for _, p := range table.Routes().Ports() {
		p.rung = false
	}
	table.Reroute(out)
	taken = append(taken, drain(table.Routes().Ports()[0], noon, true)...)
	expect(t, "taken first", texts(taken), "a1")
	expect(t, "behind it", texts(table.Routes().Ports()[0].sealed.list()), "a2 a3")
}

// The failure of a record in a shard that has closed ends what has moved to its successors.
func TestHeirsOfAFailure(t *testing.T) {
	limits := ordered(true)
	limits.Halts = true
	table, parent, out := splitting(t, limits)
	table.Apply(mustMap(t, []Shard{closed(whole), left, right}))
	table.put(t, at(10, "a3"))
	parent.port.Answer(Answer{Record: out[0], Start: noon, Failure: denied, Class: Fatal})
	parent.Step(noon, table.Routes().Map)
	for _, ok := parent.Next(); ok; _, ok = parent.Next() {
		parent.Done()
	}
	for i, p := range table.Routes().Ports() {
		var codes []string
		for _, a := range p.answers {
			codes = append(codes, texts([]*Record{a.Record})+":"+a.Failure.Code)
		}
		expect(t, "ends", strings.Join(codes, " "), []string{"a2:BehindFailed a3:BehindFailed", "b2:BehindFailed"}[i])
	}
}

// A caller who had looked before the failure was told is refused, and one who knows that it was cleared is not; in the shards
// that come after, too.
func TestHaltedRefusesEarlierEras(t *testing.T) {
	limits := ordered(true)
	limits.Halts = true
	table, parent, out := splitting(t, limits)
	table.Apply(mustMap(t, []Shard{closed(whole), left, right}))
	parent.port.Answer(Answer{Record: out[0], Start: noon, Failure: denied, Class: Fatal})
	parent.Step(noon, table.Routes().Map)
	for e, ok := parent.Next(); ok; e, ok = parent.Next() {
		if e.Ended != nil {
			e.Ended.Era = 1
		}
		parent.Done()
	}
	for _, size := range []int{10, 60 << 10} {
		for _, p := range append([]*Port{}, table.Routes().Ports()...) {
			late := entry(strings.Repeat("x", size))
			if a := p.Append(&late, 1<<20); !a.Halted || a.Taken() || a.Used != 0 {
				t.Errorf("a record that was on its way: %+v", a)
			}
			late.Era = 1
			if a := p.Append(&late, 1<<20); !a.Taken() {
				t.Errorf("a record that knows: %+v", a)
			}
		}
	}
}
