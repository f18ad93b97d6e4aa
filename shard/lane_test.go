package shard

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// testLane is a lane with the port that it drives, a map, and the time.
type testLane struct {
	*Lane
	port *testPort
	m    *Map
}

// left and right are the shards of a stream that has been split; whole was their parent.
var (
	middle = sliceStart(1, 2)
	whole  = Shard{ID: "whole", Range: Whole()}
	left   = Shard{ID: "left", Range: Range{Last: middle.previous()}, Parent: "whole"}
	right  = Shard{ID: "right", Range: Range{First: middle, Last: maxHashKey}, Parent: "whole"}
)

func closed(s Shard) Shard {
	s.Closed = true
	return s
}

func newTestLane(tb testing.TB, s Shard, policy *RetryPolicy) *testLane {
	tb.Helper()
	p := newTestPort(wide())
	l := &testLane{Lane: NewLane(s, p.Port, policy), port: p}
	if s.ID == whole.ID {
		l.m = mustMap(tb, []Shard{whole})
	}
	return l
}

// forever retries without limits, after 100 ms, 200 ms and so on.
func forever() *RetryPolicy { return &RetryPolicy{Backoff: doubling} }

// records puts one Kinesis record for each text, of the user records that + parts, and takes them into a request.
func (l *testLane) records(tb rapid.TB, names ...string) []*Record {
	tb.Helper()
	var rs []*Record
	for _, name := range names {
		for text := range strings.SplitSeq(name, "+") {
			e := entry(text)
			e.Key = []byte(text)
			e.Hash = HashKeyOf(text)
			put(tb, l.port.Port, e)
		}
		rs = append(rs, drain(l.port.Port, l.port.now, true)...)
	}
	return rs
}

// answer leaves an answer that began when it ends.
func (l *testLane) answer(r *Record, a Answer) {
	a.Record = r
	if a.Start.IsZero() {
		a.Start = l.port.now
	}
	l.port.Answer(a)
}

func (l *testLane) stored(r *Record, shard string) {
	l.answer(r, Answer{ShardID: shard, SequenceNumber: "49"})
}

func (l *testLane) failed(r *Record, f *Failure) { l.answer(r, Answer{Failure: f, Class: f.Class()}) }

// effects are what a lane asked for, in its outbox's order.
type effects struct {
	ended     []*Ended
	reroutes  [][]*Record
	refreshes int
	offer     Offer
}

// step steps the lane and takes over what it asks for.
func (l *testLane) step(at time.Time) effects {
	l.port.now = at
	l.Step(at, l.m)
	return l.effects()
}

func (l *testLane) effects() (es effects) {
	for e, ok := l.Next(); ok; e, ok = l.Next() {
		switch {
		case e.Ended != nil:
			es.ended = append(es.ended, e.Ended)
		case e.Reroute != nil:
			es.reroutes = append(es.reroutes, e.Reroute)
		case e.Refresh:
			es.refreshes++
		case e.Offer != nil:
			es.offer = *e.Offer
		}
		l.Done()
	}
	return es
}

// ends tells how records ended, one word each: what is in it, the failure's code, the limit, whether it may be written.
func (es effects) ends() string {
	var out []string
	for _, e := range es.ended {
		o, word := e.Outcome, texts([]*Record{e.Record})
		if o.Failure != nil {
			word += "!" + o.Failure.Code
		}
		if o.Limit != NoLimit {
			word += "/" + o.Limit.String()
		}
		if o.MaybeWritten {
			word += "?"
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

var (
	throttled = &Failure{Code: "ProvisionedThroughputExceededException", Status: 200, Sent: true}
	internal  = &Failure{Code: "InternalFailure", Status: 200, Sent: true}
)

func TestLaneEndsWhatIsStored(t *testing.T) {
	l := newTestLane(t, whole, forever())
	rs := l.records(t, "a+b", "c")
	l.answer(rs[0], Answer{ShardID: "whole", SequenceNumber: "49001", Start: after(5 * ms), Took: 20 * ms})
	es := l.step(after(25 * ms))
	expect(t, "ended", es.ends(), "a+b")
	o := es.ended[0].Outcome
	expect(t, "shard", o.ShardID, "whole")
	expect(t, "sequence number", o.SequenceNumber, "49001")
	expect(t, "aggregated", o.Aggregated, true)
	attempt, _ := o.Attempts.Last()
	expect(t, "attempt", attempt, Attempt{Delay: 5 * ms, Start: after(5 * ms), Duration: 20 * ms, ShardID: "whole"})
	expect(t, "refreshes", es.refreshes, 0)
	expect(t, "offer", es.offer, Offer{Port: l.port.Port, Idle: true})

	l.stored(rs[1], "whole")
	es = l.step(after(30 * ms))
	expect(t, "ended", es.ends(), "c")
	expect(t, "aggregated", es.ended[0].Outcome.Aggregated, false)
	if l.Shard() != whole || l.Lane.Port() != l.port.Port {
		t.Error("the lane has another shard or port than it was given")
	}
}

func TestFailuresByClass(t *testing.T) {
	for _, c := range []struct {
		what    string
		failure *Failure
		answer  Answer
		ends    string
		from    time.Time
	}{
		{"fatal", denied, Answer{Whole: true}, "a!AccessDeniedException/error class", time.Time{}},
		{"invalid and alone", invalid, Answer{Whole: true}, "a!ValidationException/error class", time.Time{}},
		{"throttled", throttled, Answer{}, "", after(110 * ms)},
		{"ambiguous", internal, Answer{}, "", after(110 * ms)},
		{"a whole request: no shard is to blame", down, Answer{Whole: true, Others: 3}, "", time.Time{}},
		{"closing", &Failure{Code: CodeShutdown, Sent: true}, Answer{Whole: true, Others: 3}, "a!Shutdown?", time.Time{}},
	} {
		l := newTestLane(t, whole, forever())
		r := l.records(t, "a")[0]
		c.answer.Failure, c.answer.Class, c.answer.Start = c.failure, c.failure.Class(), noon
		l.answer(r, c.answer)
		es := l.step(after(10 * ms))
		expect(t, c.what+": ended", es.ends(), c.ends)
		expect(t, c.what+": nothing before", es.offer.From, c.from)
		if c.ends == "" {
			expect(t, c.what+": due", es.offer.Due, noon)
			expect(t, c.what+": waits again", texts(drain(l.port.Port, after(time.Hour), false)), "a")
		}
	}
}

// A shard that throttles is left alone for longer each time, and the answers of one request are one time.
func TestThrottledShardIsLeftAlone(t *testing.T) {
	l := newTestLane(t, whole, forever())
	from := func(at time.Duration, do func()) time.Duration {
		t.Helper()
		l.port.now = after(at)
		do()
		o := l.step(after(at)).offer
		if o.From.IsZero() {
			return 0
		}
		return o.From.Sub(noon)
	}
	rs := l.records(t, "a", "b", "c", "d")
	start := func(at time.Duration, r *Record, f *Failure) {
		a := Answer{Record: r, Start: after(at), ShardID: "whole"}
		if f != nil {
			a = Answer{Record: r, Start: after(at), Failure: f, Class: f.Class()}
		}
		l.port.Answer(a)
	}
	expect(t, "three at once", from(10*ms, func() {
		start(0, rs[0], throttled)
		start(0, rs[1], throttled)
		start(0, rs[2], throttled)
	}), 110*ms)
	expect(t, "a success of the same request", from(20*ms, func() { start(0, rs[3], nil) }), 110*ms)
	expect(t, "taken in the pause", len(drain(l.port.Port, after(109*ms), true)), 0)

	taken := drain(l.port.Port, after(110*ms), false)
	expect(t, "taken after it, in order", texts(taken), "a b c")
	expect(t, "again", from(130*ms, func() {
		start(110*ms, taken[0], nil)
		start(110*ms, taken[1], throttled)
		start(110*ms, taken[2], throttled)
	}), 230*ms) // the success was the shard's first sign of life: the pauses begin anew
	taken = drain(l.port.Port, after(230*ms), false)
	expect(t, "and again", from(240*ms, func() { start(230*ms, taken[0], throttled) }), 440*ms)
	expect(t, "then all is well", from(250*ms, func() { start(245*ms, taken[1], nil) }), time.Duration(0))
}

// Nothing that was not sent, and no request that failed as a whole, says that the shard is slow.
func TestOnlyTheShardsOwnFailuresCount(t *testing.T) {
	l := newTestLane(t, whole, &RetryPolicy{Backoff: doubling, RecordTTL: time.Minute})
	l.port.limits.Aggregate = false
	for range 5 {
		put(t, l.port.Port, entry("old"))
	}
	l.port.Expire(after(time.Minute))
	l.step(after(time.Minute))
	rs := l.records(t, "a", "b")
	l.answer(rs[0], Answer{Failure: down, Class: Transient, Whole: true})
	l.step(after(time.Minute))
	l.port.now = after(time.Minute + ms)
	l.failed(rs[1], throttled)
	es := l.step(after(time.Minute + 2*ms))
	expect(t, "the first pause", es.offer.From, after(time.Minute+102*ms))
}

func TestLimitsAreNamed(t *testing.T) {
	for _, c := range []struct {
		what   string
		policy RetryPolicy
		at     time.Duration
		ends   string
	}{
		{"attempts", RetryPolicy{MaxAttempts: 1}, 10 * ms, "a!InternalFailure/MaxAttempts?"},
		{"time to live", RetryPolicy{RecordTTL: 100 * ms}, 10 * ms, "a!InternalFailure/RecordTTL?"},
		{"time from the first attempt", RetryPolicy{RetryDuration: 100 * ms, RecordTTL: time.Hour}, 10 * ms, "a!InternalFailure/RetryDuration?"},
	} {
		c.policy.Backoff = doubling
		l := newTestLane(t, whole, &c.policy)
		l.failed(l.records(t, "a")[0], internal)
		expect(t, c.what, l.step(after(c.at)).ends(), c.ends)
	}
}

func TestExpiredWhileItWaited(t *testing.T) {
	for _, c := range []struct {
		what   string
		policy RetryPolicy
		tried  bool
		ends   string
	}{
		{"never sent", RetryPolicy{RecordTTL: time.Second}, false, "a!Expired/RecordTTL"},
		{"sent before", RetryPolicy{RecordTTL: time.Second, RetryDuration: 500 * ms}, true, "a!Expired/RetryDuration?"},
	} {
		c.policy.Backoff = pauseOf(0)
		l := newTestLane(t, whole, &c.policy)
		if c.tried {
			l.failed(l.records(t, "a")[0], internal)
			l.step(noon)
		} else {
			put(t, l.port.Port, entry("a"))
		}
		l.port.Expire(after(time.Second))
		es := l.step(after(time.Second))
		expect(t, c.what, es.ends(), c.ends)
		requests := 0
		if c.tried {
			requests = 1
		}
		expect(t, c.what+": requests", es.ended[0].Outcome.Attempts.Requests(), requests)
		last, _ := es.ended[0].Outcome.Attempts.Last()
		expect(t, c.what+": last attempt", last.Code, CodeExpired)
		expect(t, c.what+": its delay", last.Delay > 0, true)
	}
}

func TestMaybeWrittenIsTrueForEver(t *testing.T) {
	l := newTestLane(t, whole, &RetryPolicy{MaxAttempts: 3, Backoff: pauseOf(0)})
	rs := l.records(t, "a", "b", "c")
	for i, f := range []*Failure{internal, throttled} {
		l.failed(rs[0], f)
		l.failed(rs[1], throttled)
		l.failed(rs[2], internal)
		expect(t, "ended early", l.step(after(time.Duration(i)*ms)).ends(), "")
		drain(l.port.Port, after(time.Duration(i)*ms), true)
	}
	l.failed(rs[0], throttled)
	l.failed(rs[1], throttled)
	l.stored(rs[2], "whole")
	expect(t, "ended", l.step(after(2*ms)).ends(),
		"a!ProvisionedThroughputExceededException/MaxAttempts? b!ProvisionedThroughputExceededException/MaxAttempts c")
}

// Records that are tried again keep their order, and stand before all that waits.
func TestRetriedRecordsComeFirstAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &testLane{port: newTestPort(wide())}
		l.Lane = NewLane(whole, l.port.Port, &RetryPolicy{Backoff: pauseOf(0)})
		rs := l.records(t, "0+0", "1", "2+2+2", "3", "4", "5+5")
		put(t, l.port.Port, entry("new"))
		var want []*Record
		for _, r := range rs {
			if rapid.Bool().Draw(t, "stored") {
				l.stored(r, "whole")
				continue
			}
			l.failed(r, rapid.SampledFrom([]*Failure{throttled, internal}).Draw(t, "failure"))
			want = append(want, r)
		}
		l.step(noon)
		got := texts(drain(l.port.Port, after(time.Second), true)) // what was throttled has its pace
		if want := strings.TrimSpace(texts(want) + " new"); got != want {
			t.Fatalf("waiting %q, want %q", got, want)
		}
	})
}

func TestRetiredLaneRestsWhenAllIsDone(t *testing.T) {
	l := newTestLane(t, whole, forever())
	rs := l.records(t, "a", "k0+k1", "c")
	resting := func(what string, want bool) {
		t.Helper()
		expect(t, "at rest "+what, l.Resting(), want)
	}
	resting("while open", false)
	l.port.retire()
	resting("with three records under way", false)
	l.failed(rs[0], throttled)
	l.stored(rs[1], "unknown")
	resting("with answers", false)
	es := l.step(noon)
	expect(t, "handed over", texts(es.reroutes[0]), "a")
	expect(t, "offer", es.offer.Idle, true)
	l.stored(rs[2], "whole")
	l.Step(noon, l.m)
	resting("with effects to do", false)
	expect(t, "ended", l.effects().ends(), "c")
	resting("with an answer that waits for a map", false)
	l.Remap(noon, l.m)
	expect(t, "handed over", texts(l.step(noon).reroutes[0]), "k0+k1")
	resting("with records that have not been taken over", false)
	l.port.rings = 0
	for _, r := range rs {
		r.Release()
	}
	expect(t, "bells for the last of them", l.port.rings, 1)
	resting("at the end", true)
}

// One step after Shut nothing is left that is not in a request, whatever it was that waited or had been answered.
func TestShutEndsAllInOneStep(t *testing.T) {
	closing := &Failure{Code: CodeShutdown}
	for _, retired := range []bool{false, true} {
		l := newTestLane(t, whole, forever())
		l.m = nil
		rs := l.records(t, "a", "b", "c", "k0", "e", "k0+k1", "flying")
		l.stored(rs[3], "stranger")
		l.stored(rs[5], "stranger")
		l.step(noon)
		if retired {
			l.port.retire()
		} else {
			put(t, l.port.Port, entry("waiting"))
		}
		l.failed(rs[0], throttled)
		l.failed(rs[1], internal)
		l.answer(rs[2], Answer{Failure: invalid, Class: Invalid, Whole: true, Others: 9})
		l.stored(rs[4], "whole")
		l.port.Shut(closing)
		es := l.step(after(ms))

		ends := map[string]bool{}
		for word := range strings.SplitSeq(es.ends(), " ") {
			ends[word] = true
		}
		want := []string{"a!Shutdown", "b!Shutdown?", "c!Shutdown", "k0", "e"}
		if !retired {
			want = append(want, "waiting!Shutdown")
		}
		for _, word := range want {
			if !ends[word] {
				t.Errorf("no end %q in %q", word, es.ends())
			}
		}
		expect(t, "ended", len(es.ended), len(want))
		for _, e := range es.ended {
			if f := e.Outcome.Failure; f != nil {
				expect(t, "class of "+f.Code, e.Outcome.Class, f.Class())
			}
		}
		expect(t, "handed over", texts(es.reroutes[0]), "k0+k1")
		expect(t, "answers left", len(l.port.look()), 0)
		expect(t, "on offer", es.offer.Idle, true)

		l.failed(rs[6], internal)
		expect(t, "what flew", l.step(after(2*ms)).ends(), "flying!Shutdown?")
	}
}
