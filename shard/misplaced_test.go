package shard

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The answer says stored, but elsewhere: what counts is whether the readers of that shard deliver the record.
func TestMisplaced(t *testing.T) {
	// Two keys of the left half, one of the right.
	const l1, l2, r1 = "k0", "k2", "k1"
	for key, want := range map[string]Range{l1: left.Range, l2: left.Range, r1: right.Range} {
		if !want.Contains(HashKeyOf(key)) {
			t.Fatalf("the test wants %q in %v", key, want)
		}
	}
	split := []Shard{closed(whole), left, right}
	for _, c := range []struct {
		what, record, shard string
		known               bool // by the map that the answer meets
		ends                string
		rerouted            string
	}{
		{"all inside", l1 + "+" + l2, "left", true, l1 + "+" + l2, ""},
		{"all inside, after a newer map", l1 + "+" + l2, "left", false, l1 + "+" + l2, ""},
		{"one outside", l1 + "+" + r1, "left", true, "", l1 + "+" + r1},
		{"one outside, after a newer map", l1 + "+" + r1, "left", false, "", l1 + "+" + r1},
		{"all outside", l1 + "+" + l2, "right", true, "", l1 + "+" + l2},
		{"nowhere that a map knows", l1 + "+" + l2, "stranger", false, "", l1 + "+" + l2},
		{"plain", r1, "left", true, r1, ""},
		{"plain, nowhere that a map knows", r1, "stranger", false, r1, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			l := newTestLane(t, whole, forever())
			if c.known {
				l.m = mustMap(t, split)
			}
			r := l.records(t, c.record)[0]
			l.stored(r, c.shard)
			es := l.step(after(10 * ms))
			expect(t, "a newer map is wanted", es.refreshes, 1)
			if !c.known {
				expect(t, "ended before it", es.ends(), "")
				expect(t, "waiting for it", l.Waiting(), true)
				l.m = mustMap(t, split)
				l.Remap(after(20*ms), l.m)
				es = l.step(after(20 * ms))
			}
			expect(t, "ended", es.ends(), c.ends)
			if c.rerouted == "" {
				expect(t, "rerouted", len(es.reroutes), 0)
				expect(t, "waiting", l.Waiting(), false)
				return
			}
			expect(t, "rerouted", texts(es.reroutes[0]), c.rerouted)
			last, _ := r.attempts.Last()
			expect(t, "attempt", last.Code+" in "+last.ShardID, "Misplaced in "+c.shard)
			expect(t, "maybe written", r.attempts.MaybeWritten(), true)
			expect(t, "times", r.misplaced, 1)
		})
	}
}

// Both ends of a range are inside. One user record next to it brings back all of the aggregate, also those inside: the KCL
// drops the whole record, and the KPL, which reports those inside as stored, loses them.
func TestMisplacedAtTheEndsOfARange(t *testing.T) {
	number := func(n uint64) HashKey { return HashKeyFrom(0, n) }
	parent := Shard{ID: "parent", Range: Whole()}
	for _, c := range []struct {
		first, last uint64
		hashes      []uint64
		stored      bool
	}{
		{0, 10, []uint64{0, 1, 5, 10}, true},
		{3, 10, []uint64{3, 10}, true},
		{3, 10, []uint64{0, 1, 11}, false},
		{3, 10, []uint64{3, 5, 10, 11}, false},
		{3, 10, []uint64{3, 5, 10, 2}, false},
		{3, 10, []uint64{2, 3}, false},
	} {
		l := newTestLane(t, parent, forever())
		var names []string
		for _, n := range c.hashes {
			e := entry(strconv.FormatUint(n, 10))
			e.Explicit, e.Hash = true, number(n)
			put(t, l.port.Port, e)
			names = append(names, string(e.Data))
		}
		r := drain(l.port.Port, noon, true)[0]
		children := []Shard{closed(parent), {ID: "child", Range: Range{First: number(c.first), Last: number(c.last)}}}
		if c.first > 0 {
			children = append(children, Shard{ID: "below", Range: Range{Last: number(c.first - 1)}})
		}
		l.m = mustMap(t, append(children, Shard{ID: "above", Range: Range{First: number(c.last + 1), Last: maxHashKey}}))
		l.stored(r, "child")
		es := l.step(after(10 * ms))
		all := strings.Join(names, "+")
		if c.stored {
			expect(t, fmt.Sprint(c, ": ended"), es.ends(), all)
			expect(t, fmt.Sprint(c, ": sent again"), len(es.reroutes), 0)
			continue
		}
		expect(t, fmt.Sprint(c, ": ended"), es.ends(), "")
		expect(t, fmt.Sprint(c, ": sent again"), texts(es.reroutes[0]), all)
	}
}

// A lane whose map is wrong sends nothing until a newer one has come, but not for ever.
func TestLaneWithAWrongMapWaits(t *testing.T) {
	l := newTestLane(t, whole, forever())
	l.m = mustMap(t, []Shard{closed(whole), left, right})
	rs := l.records(t, "k0+k1", "k0", "k2")
	l.stored(rs[0], "left")
	es := l.step(noon)
	expect(t, "from", es.offer.From, after(staleMost))
	expect(t, "waiting", l.Waiting(), true)
	l.stored(rs[1], "left")
	expect(t, "from, after a success", l.step(after(ms)).offer.From, after(staleMost))

	l.port.now = after(10 * ms)
	l.answer(rs[2], Answer{Failure: throttled, Class: Throttled})
	expect(t, "from, throttled as well", l.step(after(10*ms)).offer.From, after(staleMost))
	l.Remap(after(20*ms), l.m)
	expect(t, "from, with a newer map: the shard is still slow", l.step(after(20*ms)).offer.From, after(110*ms))
	expect(t, "waiting", l.Waiting(), false)
}

// What is misplaced in one step is routed again at once, together, and in order: one by one they would overtake each other.
func TestMisplacedRecordsStayInOrder(t *testing.T) {
	for _, retired := range []bool{false, true} {
		l := newTestLane(t, whole, forever())
		l.m = mustMap(t, []Shard{closed(whole), left, right})
		rs := l.records(t, "0+k1", "k0+k1", "k0", "1+k1")
		if retired {
			l.port.retire()
		}
		l.failed(rs[0], throttled)
		l.stored(rs[1], "left")
		l.failed(rs[2], throttled)
		l.stored(rs[3], "left")
		es := l.step(noon)
		expect(t, "reroutes", len(es.reroutes), 1)
		expect(t, "order", texts(es.reroutes[0]), "0+k1 k0+k1 k0 1+k1")
		expect(t, "left at the port", texts(drain(l.port.Port, after(time.Hour), true)), "")
		for _, r := range rs {
			r.Release()
		}
		expect(t, "at rest", l.Resting(), retired)
	}
}

// Records of a lane without a map are plain or alone in the key space: they are right wherever they land.
func TestUnmappedLaneIsAtHomeEverywhere(t *testing.T) {
	l := newTestLane(t, Shard{Range: Whole()}, forever())
	l.stored(l.records(t, "a")[0], "shardId-000000000007")
	es := l.step(noon)
	expect(t, "ended", es.ends(), "a")
	expect(t, "refreshes", es.refreshes, 0)
}

// An answer may wait long for a map that names its shard. A record whose time is over by then is not sent once more.
func TestMisplacedTooLateToBeSentAgain(t *testing.T) {
	l := newTestLane(t, whole, &RetryPolicy{Backoff: doubling, RecordTTL: time.Second})
	l.stored(l.records(t, "k0+k1")[0], "left")
	l.step(after(10 * ms))
	l.m = mustMap(t, []Shard{closed(whole), left, right})
	l.Remap(after(time.Second), l.m)
	es := l.step(after(time.Second))
	expect(t, "ended", es.ends(), "k0+k1!Expired/RecordTTL?")
	expect(t, "rerouted", len(es.reroutes), 0)
	expect(t, "maybe written", es.ended[0].Outcome.MaybeWritten, true)
}

// No map ever names the shard: the record's time ends all the same, and those that have no limit or more time wait on.
func TestTimeEndsWithoutAMap(t *testing.T) {
	l := newTestLane(t, whole, &RetryPolicy{Backoff: doubling, RecordTTL: time.Second})
	early := l.records(t, "k0+k1")[0]
	l.port.now = after(500 * ms)
	later := l.records(t, "k2+k3")[0]
	l.stored(early, "nowhere")
	l.stored(later, "nowhere")
	l.step(after(600 * ms))
	for _, at := range []time.Duration{0, 999 * ms} {
		l.port.Expire(after(at))
		expect(t, "ended too early", l.step(after(at)).ends(), "")
	}
	rings := l.port.rings
	l.port.Expire(after(time.Second))
	expect(t, "rings", l.port.rings-rings, 1)
	es := l.step(after(time.Second))
	expect(t, "ended", es.ends(), "k0+k1!Expired/RecordTTL?")
	expect(t, "still waiting", l.Waiting(), true)
	l.port.Expire(after(1500 * ms))
	expect(t, "ended at last", l.step(after(1500*ms)).ends(), "k2+k3!Expired/RecordTTL?")
}
