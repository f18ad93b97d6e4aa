package shard

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestDropLeavesAnswers(t *testing.T) {
	p := newTestPort(wide())
	put(t, p.Port, entry(strings.Repeat("L", 50<<10)))
	put(t, p.Port, entry("a"))
	p.look()
	gone := &Failure{Code: "ResourceNotFoundException", Status: 400}
	before := p.rings
	p.Drop(gone)
	expect(t, "rings", p.rings-before, 1)
	expect(t, "on offer", p.offered(), Offer{Port: p.Port, Idle: true})
	for _, a := range p.look() {
		if a.Failure != gone || a.Class != Fatal || !a.Start.IsZero() || a.Whole || a.Others != 0 {
			t.Errorf("answer %+v", a)
		}
	}
	put(t, p.Port, entry("b"))
	expect(t, "taken afterwards", texts(drain(p.Port, noon, true)), "b")
}

// From Shut on nothing waits: what is there ends, what comes back ends, and nothing else is taken.
func TestShutLeavesNothingWaiting(t *testing.T) {
	p := newTestPort(wide())
	put(t, p.Port, entry(strings.Repeat("L", 50<<10)))
	sent := drain(p.Port, noon, true)
	put(t, p.Port, entry("waiting"))
	p.look()
	before := p.rings
	closed := &Failure{Code: CodeShutdown}
	p.Shut(closed)
	for _, data := range []string{"late", strings.Repeat("l", 50<<10)} {
		e := entry(data)
		expect(t, "appended late", p.Append(&e, 1<<20), Admission{Shut: true})
	}
	expect(t, "prepended", p.Prepend(sent), true)
	expect(t, "on offer", p.offered(), Offer{Port: p.Port, Idle: true})
	expect(t, "rings", p.rings-before, 1)
	answers := p.look()
	expect(t, "answers", len(answers), 2)
	for _, a := range answers {
		expect(t, "failure", a.Failure, closed)
	}
	p.Prepend(sent)
	expect(t, "rings for what comes back later", p.rings-before, 2)
	p.look()
	p.Shut(closed)
	expect(t, "rings although nothing waits", p.rings-before, 3)
}

func TestExpireLooksAtEveryRecord(t *testing.T) {
	limits := wide()
	limits.Aggregate = false
	policy := &RetryPolicy{RecordTTL: 100 * ms, RetryDuration: 30 * ms}
	p := newTestPort(limits)
	for i := range 4 {
		p.now = after(time.Duration(i) * 20 * ms)
		put(t, p.Port, entry(strconv.Itoa(i)))
	}
	waiting := drain(p.Port, noon, true)
	waiting[2].attempts.Add(Attempt{Start: after(60 * ms)}) // ends at 90 ms, before those in front of it
	p.Prepend(waiting)
	p.look()

	for _, step := range []struct {
		at      time.Duration
		expired string
		left    string
	}{{90*ms - 1, "", "0 1 2 3"}, {90 * ms, "2", "0 1 3"}, {120*ms - 1, "0", "1 3"}, {time.Hour, "1 3", ""}} {
		before := p.rings
		p.policy = policy
		p.Expire(after(step.at))
		answers := p.look()
		var expired []*Record
		for _, a := range answers {
			expired = append(expired, a.Record)
			expect(t, "code", a.Failure.Code, CodeExpired)
		}
		expect(t, fmt.Sprint("expired at ", step.at), texts(expired), step.expired)
		expect(t, fmt.Sprint("left at ", step.at), texts(p.sealed.list()), step.left)
		expect(t, "rings", p.rings-before, min(len(answers), 1))
		weight := 0
		for _, r := range p.sealed.list() {
			weight += r.WireSize()
		}
		expect(t, "bytes", p.offered().Bytes, weight)
	}

	p = newTestPort(wide())
	put(t, p.Port, entry("filling"))
	p.policy = &RetryPolicy{}
	p.Expire(after(time.Hour))
	expect(t, "expired without a limit", len(p.look()), 0)
	p.policy = policy
	p.Expire(after(time.Hour))
	expect(t, "expired while it filled", len(p.look()), 1)
}

// What has waited too long is not sent, although no sweep has come by: neither what is sealed nor what is filling.
func TestTakeLeavesWhatIsLate(t *testing.T) {
	p := newTestPort(wide())
	p.policy = &RetryPolicy{RecordTTL: time.Second}
	for i, name := range []string{"late", "late too", "in time"} {
		p.now = after(time.Duration(i) * 400 * ms)
		put(t, p.Port, entry(name))
		p.seal()
	}
	p.look()
	expect(t, "taken", texts(drain(p.Port, after(1500*ms), true)), "in time")
	var expired []*Record
	for _, a := range p.look() {
		expect(t, "code", a.Failure.Code, CodeExpired)
		expired = append(expired, a.Record)
	}
	expect(t, "expired", texts(expired), "late late too")

	p.now = after(2 * time.Second)
	put(t, p.Port, entry("filling"))
	expect(t, "taken after an hour", texts(drain(p.Port, after(time.Hour), true)), "")
	expect(t, "expired after an hour", len(p.look()), 1)
}

func TestOldestIsFoundWhereverItIs(t *testing.T) {
	p, other := newTestPort(wide()), newTestPort(wide())
	if !p.Oldest().IsZero() {
		t.Error("the oldest of none")
	}
	other.now = after(ms)
	put(t, other.Port, entry("from elsewhere"))
	p.now = after(2 * ms)
	put(t, p.Port, entry("own"))
	q := drain(p.Port, after(time.Second), true)
	expect(t, "in a request", p.Oldest(), after(2*ms))
	p.adopt(drain(other.Port, after(time.Second), true))
	expect(t, "moved here", p.Oldest(), after(ms))
	for _, r := range drain(p.Port, after(time.Second), true) {
		r.strike()
	}
	expect(t, "moved and gone", p.Oldest(), after(2*ms))
	q[0].strike()
	if !p.Oldest().IsZero() {
		t.Error("all are gone")
	}
}
