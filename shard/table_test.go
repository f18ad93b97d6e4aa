package shard

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// testTable is a table whose lanes have ports with a clock that stands still, and that counts what it owes the ledger.
type testTable struct {
	*Table
	seen   *Routes // as callers see them
	limits Limits
	rings  []string // of which shards, in order
	used   int64    // what the ports were paid
}

func newTestTable(limits Limits) *testTable {
	t := &testTable{limits: limits}
	t.Table = NewTable(func(s Shard, aggregate bool) *Lane {
		l := t.limits
		l.Aggregate = l.Aggregate && aggregate
		ring := func() { t.rings = append(t.rings, s.ID) }
		return NewLane(s, NewPort(&l, func() time.Time { return noon }, ring), forever())
	}, func(r *Routes) { t.seen = r })
	return t
}

// at is an entry with a place in the key space, in 256ths of it.
func at(place byte, data string) Entry {
	return Entry{Key: []byte("key of " + data), Data: []byte(data), Hash: HashKeyFrom(uint64(place)<<56, 0), Explicit: true}
}

func (t *testTable) put(tb testing.TB, entries ...Entry) {
	tb.Helper()
	for _, e := range entries {
		t.used += put(tb, t.seen.Find(e.Hash), e)
	}
}

// look clears the bells as lanes do.
func (t *testTable) look() {
	t.rings = nil
	for _, p := range t.seen.Ports() {
		p.mu.Lock()
		p.rung = false
		p.mu.Unlock()
	}
}

// waiting is what the ports would give, in the order of their ranges, and its charge.
func (t *testTable) waiting() (texts_ string, charge int64) {
	var out []string
	for _, p := range t.seen.Ports() {
		rs := drain(p, noon, true)
		out = append(out, texts(rs))
		for _, r := range rs {
			charge += r.Charge()
		}
	}
	return strings.Join(out, " | "), charge
}

func ids(lanes []*Lane) string {
	var out []string
	for _, l := range lanes {
		out = append(out, strconv.Quote(l.Shard().ID))
	}
	return strings.Join(out, " ")
}

// quarters are four shards, q0 to q3.
func quarters() []Shard {
	shards := evenly(4)
	for i := range shards {
		shards[i].ID = fmt.Sprint("q", i)
	}
	return shards
}

func TestBeforeTheFirstMapEverythingWaitsInOnePort(t *testing.T) {
	table := newTestTable(wide())
	if table.Routes() != table.seen || len(table.seen.Ports()) != 1 || len(table.Lanes()) != 1 {
		t.Fatal("not one port")
	}
	table.put(t, at(0, "a"), at(255, "b"))
	got, _ := table.waiting()
	expect(t, "taken", got, "")
}

// A part that several records have a share in is as old as the oldest: its time ends with that one's, or that one would be sent too late.
func TestPartsAreAsOldAsTheOldest(t *testing.T) {
	table := newTestTable(wide())
	table.Apply(mustMap(t, quarters()))
	table.put(t, at(10, "a"), at(40, "b"), at(70, "c"), at(110, "d"))
	filling(table.seen.Find(at(10, "").Hash)).opened = after(time.Second)
	bound := func(first, last byte) Range {
		return Range{First: HashKeyFrom(uint64(first)<<56, 0), Last: HashKeyFrom(uint64(last)<<56|(1<<56-1), 1<<64-1)}
	}
	table.Apply(mustMap(t, []Shard{{ID: "A", Range: bound(0, 31)}, {ID: "B", Range: bound(32, 95)}, {ID: "C", Range: bound(96, 255)}}))
	for i, want := range []time.Time{after(time.Second), noon, noon} {
		for _, r := range table.seen.Ports()[i].sealed.list() {
			expect(t, texts([]*Record{r})+" was opened", r.opened, want)
		}
	}
	got, _ := table.waiting()
	expect(t, "waiting", got, "a | b+c | d")
}

// What waited before the first map is taken apart, in order, and paid for exactly.
func TestFirstMapTakesApartWhatWaited(t *testing.T) {
	table := newTestTable(wide())
	replies := map[string]*heard{}
	for i, place := range []byte{0, 10, 200, 1, 130, 201, 2, 202} {
		e := at(place, strconv.Itoa(i))
		e.Epoch, e.Urgent = 7, i == 2
		if i%2 == 0 {
			replies[string(e.Data)] = &heard{}
			e.Reply = replies[string(e.Data)]
		}
		table.put(t, e)
	}
	late := at(3, "late")
	late.Epoch = 8
	table.put(t, late)
	table.look()

	c := table.Apply(mustMap(t, quarters()))
	expect(t, "opened", ids(c.Opened), `"q0" "q1" "q2" "q3"`)
	expect(t, "retired", ids(c.Retired), `""`)
	expect(t, "rung", strings.Join(table.rings, " "), " q0 q3 q2") // the closed one, then as their first records came
	for _, l := range c.Opened {
		for _, r := range l.port.sealed.list() {
			if r.opened != noon || r.plain || (r.Epoch() != 7) != (texts([]*Record{r}) == "late") {
				t.Errorf("%s opened %v, plain %v, epoch %d", texts([]*Record{r}), r.opened, r.plain, r.Epoch())
			}
			r.Replies(func(position int, reply Reply) { reply.Ended(nil, position) })
			if !r.inside(l.Shard().Range) {
				t.Errorf("%s lies outside of %s", texts([]*Record{r}), l.Shard().ID)
			}
		}
	}
	for name, want := range map[string]int{"0": 0, "2": 0, "4": 0, "6": 3} {
		expect(t, "position of "+name, fmt.Sprint(replies[name].ends), fmt.Sprint([]int{want}))
	}
	got, charge := table.waiting()
	expect(t, "waiting", got, "0+1+3+6 late |  | 4 | 2+5+7")
	expect(t, "charge", charge, table.used+c.Charge)
	expect(t, "resting", c.Retired[0].Resting(), true)
	expect(t, "same routes for all", table.seen == table.Routes() && len(table.Lanes()) == 4, true)
}

func TestSplit(t *testing.T) {
	table := newTestTable(wide())
	table.Apply(mustMap(t, []Shard{whole}))
	parent := table.Lanes()["whole"]
	table.put(t, at(0, "l"), at(1, "l"), at(255, "r"))
	e := at(2, strings.Repeat("L", 50<<10))
	table.put(t, e, at(3, "l"))
	table.look()

	// A caller that has found the parent before the split finds it retired, and asks again.
	old := table.seen
	c := table.Apply(mustMap(t, []Shard{closed(whole), left, right}))
	a := at(9, "late")
	expect(t, "appended by the old routes", old.Find(a.Hash).Append(&a, 1<<20), Admission{Retired: true})
	table.put(t, a)

	expect(t, "opened", ids(c.Opened), `"left" "right"`)
	expect(t, "retired", ids(c.Retired), `"whole"`)
	got, charge := table.waiting()
	expect(t, "waiting", strings.ReplaceAll(got, "L", ""), "l+l  l late | r")
	expect(t, "charge", charge, table.used+c.Charge)
	expect(t, "parent", c.Retired[0] == parent && parent.Resting(), true)

	c = table.Apply(mustMap(t, []Shard{closed(whole), left, right}))
	expect(t, "the same map again", len(c.Opened)+len(c.Retired), 0)
}

// What waits in shards that merge goes on in the order of their ranges, whole, and before what the child was given.
func TestMerge(t *testing.T) {
	for range 5 {
		table := newTestTable(wide())
		table.Apply(mustMap(t, quarters()))
		for i, place := range []byte{0, 64, 128, 192} {
			table.put(t, at(place, fmt.Sprint(i)), at(place+1, fmt.Sprint(i)))
		}
		c := table.Apply(mustMap(t, []Shard{whole}))
		expect(t, "retired", ids(c.Retired), `"q0" "q1" "q2" "q3"`)
		expect(t, "charge", c.Charge, 0)
		table.put(t, at(0, "new"))
		got, charge := table.waiting()
		expect(t, "waiting", got, "0+0 1+1 2+2 3+3 new")
		expect(t, "paid", charge, table.used)
	}
}

// Bells ring in the order of the records, so that a run can be repeated.
func TestReshardIsRepeatable(t *testing.T) {
	for range 5 {
		table := newTestTable(wide())
		want := []string{""} // the closed one
		for i := range 32 {
			table.put(t, at(byte(8*i), "x"))
			want = append(want, shardID(i))
		}
		table.look()
		table.Apply(mustMap(t, evenly(32)))
		expect(t, "rung", strings.Join(table.rings, " "), strings.Join(want, " "))
	}
}

// A stream that was deleted and made again may have the old ids with other ranges.
func TestRecreatedStream(t *testing.T) {
	table := newTestTable(wide())
	first := []Shard{{ID: "s0", Range: left.Range}, {ID: "s1", Range: right.Range}}
	table.Apply(mustMap(t, first))
	before := table.Lanes()["s1"]
	table.put(t, at(0, "l"), at(140, "r"), at(250, "r"))
	third := sliceStart(3, 4)
	c := table.Apply(mustMap(t, []Shard{
		{ID: "s0", Range: Range{Last: third.previous()}}, {ID: "s1", Range: Range{First: third, Last: maxHashKey}},
	}))
	expect(t, "opened", ids(c.Opened), `"s0" "s1"`)
	expect(t, "retired", ids(c.Retired), `"s0" "s1"`)
	expect(t, "a new lane", table.Lanes()["s1"] != before, true)
	got, charge := table.waiting()
	expect(t, "waiting", got, "l r | r")
	expect(t, "charge", charge, table.used+c.Charge)
}

// A stream whose shards may not be listed gets plain records through one port, until it has a map after all.
func TestUnmapped(t *testing.T) {
	table := newTestTable(wide())
	table.put(t, at(0, "a"), at(255, "b"), at(0, "c"))
	c := table.Unmapped()
	expect(t, "opened", ids(c.Opened), `""`)
	expect(t, "retired", ids(c.Retired), `""`)
	table.put(t, at(9, "d"))
	again := table.Unmapped()
	expect(t, "again", len(again.Opened)+len(again.Retired), 0)
	for i, r := range slices.Concat(table.seen.Ports()[0].sealed.list()) {
		if r.Aggregated() || i < 3 && !r.plain {
			t.Errorf("record %d is aggregated or may be", i)
		}
	}
	got, charge := table.waiting()
	expect(t, "waiting", got, "a b c d")
	expect(t, "charge", charge, table.used+c.Charge)

	table.put(t, at(0, "e"), at(255, "f"))
	c = table.Apply(mustMap(t, []Shard{left, right}))
	expect(t, "retired", ids(c.Retired), `""`)
	got, _ = table.waiting()
	expect(t, "waiting", got, "e | f")
	late := table.Unmapped()
	expect(t, "with a map", len(late.Opened)+len(late.Retired), 0)
}

// What readers dropped once is sent again in aggregates; what they dropped twice goes plain, which is right wherever it lands.
func TestMisplacedOnceAndTwice(t *testing.T) {
	for times, want := range map[int]string{0: "a+b+c | ", 1: "a+b+c | ", 2: "a b c | "} {
		table := newTestTable(wide())
		table.Apply(mustMap(t, []Shard{left, right}))
		table.put(t, at(0, "a"), at(1, "b"), at(2, "c"))
		rs := drain(table.seen.Ports()[0], noon, true)
		rs[0].misplaced = times
		rs[0].attempts.Add(Attempt{Start: noon, Class: Ambiguous, Code: CodeMisplaced})
		table.put(t, at(3, "new"))
		table.used += table.Reroute(rs)
		got, charge := table.waiting()
		expect(t, fmt.Sprint(times, " times"), got, strings.Replace(want, " |", " new |", 1))
		expect(t, "charge", charge, table.used)
	}

	table := newTestTable(wide())
	table.Apply(mustMap(t, []Shard{left, right}))
	table.put(t, at(0, "a"), at(1, "b"), at(2, "c"))
	rs := drain(table.seen.Ports()[0], noon, true)
	rs[0].misplaced, rs[0].isolate, rs[0].urgent = 2, 9, true
	rs[0].attempts.Add(Attempt{Start: noon, Class: Ambiguous, Code: CodeMisplaced})
	table.Reroute(rs)
	for _, r := range table.seen.Ports()[0].sealed.list() {
		if r.misplaced != 2 || r.attempts.Len() != 1 || !r.attempts.MaybeWritten() || r.isolate != 9 || !r.urgent || !r.plain {
			t.Errorf("a part has lost its history: %+v", r)
		}
	}
}

// A part that would grow over the limit of its new port is continued in a second one.
func TestPartsKeepTheLimits(t *testing.T) {
	table := newTestTable(wide())
	for i := range 20 {
		table.put(t, at(byte(i%2), strconv.Itoa(i)))
	}
	table.limits.MaxCount = 6
	table.put(t, at(255, "x"))
	table.Apply(mustMap(t, []Shard{left, right}))
	got, _ := table.waiting()
	expect(t, "waiting", got, "0+1+2+3+4+5 6+7+8+9+10+11 12+13+14+15+16+17 18+19 | x")
}

func TestReroutePutsRecordsWhereTheyBelong(t *testing.T) {
	table := newTestTable(wide())
	table.Apply(mustMap(t, []Shard{whole}))
	var rs []*Record
	for _, places := range [][]byte{{0, 1}, {0, 255}, {255}, {254, 253}} {
		for _, place := range places {
			table.put(t, at(place, strconv.Itoa(int(place))))
		}
		rs = append(rs, drain(table.seen.Ports()[0], noon, true)...)
	}
	table.Apply(mustMap(t, []Shard{closed(whole), left, right}))
	table.put(t, at(0, "new"), at(255, "new"))
	table.used += table.Reroute(rs)
	got, charge := table.waiting()
	expect(t, "waiting", got, "0+1 0 new | 255 255 254+253 new")
	expect(t, "charge", charge, table.used)
	expect(t, "nothing to do", table.Reroute(nil), 0)
}
