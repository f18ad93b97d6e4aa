package shard

import (
	"fmt"
	"math/bits"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whoever is at fault in a request of 500 is found within log2 steps, and everybody else gets through.
func TestHalvingFindsThePoison(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = RequestRecords
		poison := map[string]bool{}
		for range rapid.IntRange(1, 3).Draw(t, "poisonous") {
			poison[strconv.Itoa(rapid.IntRange(0, n-1).Draw(t, "poison"))] = true
		}
		limits := wide()
		limits.Aggregate = false
		var lanes []*testLane
		c := NewCollector(&RequestLimits{Records: n, Bytes: RequestBytes, ShardBytes: 1 << 20}, NewBreaker(doubling))
		for range rapid.IntRange(1, 4).Draw(t, "shards") {
			l := &testLane{port: newTestPort(limits)}
			l.Lane = NewLane(whole, l.port.Port, forever())
			lanes = append(lanes, l)
		}
		home := map[*Port]*testLane{}
		for i := range n {
			l := lanes[i%len(lanes)]
			home[l.port.Port] = l
			put(t, l.port.Port, entry(strconv.Itoa(i)))
		}
		now, ended, tries := noon, map[string]string{}, map[string]int{}
		step := func() {
			for _, l := range lanes {
				es := l.step(now)
				c.Offer(now, es.offer)
				for _, e := range es.ended {
					ended[texts([]*Record{e.Record})] = effects{ended: []*Ended{e}}.ends()
				}
			}
		}
		requests := 0
		for step(); ; step() {
			now = now.Add(time.Second)
			q := c.Next(now, 1<<30)
			if q == nil {
				break
			}
			if requests++; requests > 100 {
				t.Fatal("it never ends")
			}
			var f *Failure
			for _, r := range q.Records {
				name := texts([]*Record{r})
				tries[name]++
				if poison[name] {
					f = invalid
				}
			}
			c.Done(now, q, f)
			for i, r := range q.Records {
				if f == nil {
					home[q.Ports[i]].stored(r, "whole")
				} else {
					home[q.Ports[i]].answer(r, Answer{Failure: f, Class: Invalid, Whole: true, Others: len(q.Records) - 1})
				}
			}
		}
		if len(ended) != n {
			t.Fatalf("%d of %d records have ended", len(ended), n)
		}
		for name, end := range ended {
			want := name
			if poison[name] {
				want += "!ValidationException/error class"
			}
			if end != want {
				t.Fatalf("record %s ended as %q, want %q", name, end, want)
			}
			if most := 1 + bits.Len(n-1); tries[name] > most {
				t.Fatalf("record %s was in %d requests, want at most %d", name, tries[name], most)
			}
		}
	})
}

// A panic on the way leaves the answer where it was; the third one over the same answer ends its record.
func TestPanicsCostOneRecord(t *testing.T) {
	angry := 2
	l := newTestLane(t, whole, &RetryPolicy{Backoff: func(Class, int) time.Duration {
		if angry > 0 {
			angry--
			panic("a bug")
		}
		return 0
	}})
	survives := func(do func()) (survived bool) {
		defer func() { survived = recover() == nil }()
		do()
		return
	}
	rs := l.records(t, "a", "b", "c")
	l.failed(rs[0], throttled)
	l.stored(rs[1], "whole")
	for i, want := range []bool{false, false, true} {
		expect(t, fmt.Sprint("step ", i), survives(func() { l.Step(noon, l.m) }), want)
	}
	expect(t, "ended", l.effects().ends(), "b")
	expect(t, "waits again", texts(drain(l.port.Port, after(time.Hour), true)), "a")

	angry = 4
	l.failed(rs[0], throttled)
	l.failed(rs[2], internal)
	for i, want := range []bool{false, false, false, false, true} { // the third record's own panic is its first
		expect(t, fmt.Sprint("step ", i), survives(func() { l.Step(after(ms), l.m) }), want)
	}
	es := l.effects()
	expect(t, "ended", es.ends(), "a!Poison")
	expect(t, "class", es.ended[0].Outcome.Class, Fatal)
	expect(t, "waits again", texts(drain(l.port.Port, after(time.Hour), true)), "c")
}

// The same for answers that waited for a map; what was stored and cannot be judged may be written.
func TestPanicsOverAMapCostOneRecord(t *testing.T) {
	l := newTestLane(t, whole, forever())
	rs := l.records(t, "k0+k2", "a+b")
	l.stored(rs[0], "left")
	l.stored(rs[1], "stranger")
	l.step(noon)
	m := mustMap(t, []Shard{closed(whole), left, right})
	broken := &Map{shards: m.shards[:0], last: m.last, index: m.index}
	for i := range 4 {
		func() {
			defer func() { expect(t, fmt.Sprint("panicked at step ", i), recover() != nil, i < 3) }()
			if i == 0 {
				l.Remap(noon, broken)
			}
			l.Step(noon, broken)
		}()
	}
	es := l.effects()
	expect(t, "ended", es.ends(), "k0+k2!Poison?")
	expect(t, "routed again", texts(es.reroutes[0]), "a+b")
}

func TestEndedByTellsWhatIsKnown(t *testing.T) {
	l := newTestLane(t, whole, forever())
	r := l.records(t, "a+b")[0]
	l.failed(r, internal)
	l.step(noon)
	es := effects{ended: []*Ended{EndedBy(r, &Failure{Code: CodeShutdown})}}
	expect(t, "ended", es.ends(), "a+b!Shutdown?")
	expect(t, "aggregated", es.ended[0].Outcome.Aggregated, true)
	expect(t, "attempts", es.ended[0].Outcome.Attempts, r.Attempts())
	expect(t, "how many", r.Attempts().Len(), 1)
}
