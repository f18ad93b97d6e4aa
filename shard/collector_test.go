package shard

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// testCollector is a collector with ports whose offers it is told of, as lanes do after a bell.
type testCollector struct {
	*Collector
	ports []*testPort
}

func newTestCollector(l RequestLimits, ports int, limits Limits) *testCollector {
	c := &testCollector{Collector: NewCollector(&l, NewBreaker(doubling))}
	for range ports {
		c.ports = append(c.ports, newTestPort(limits))
	}
	return c
}

// put appends to a port and posts what it has on offer.
func (c *testCollector) put(tb rapid.TB, now time.Time, port int, entries ...Entry) {
	tb.Helper()
	p := c.ports[port]
	p.now = now
	for _, e := range entries {
		put(tb, p.Port, e)
	}
	c.Offer(now, p.offered())
}

func (c *testCollector) wake(tb testing.TB, now, want time.Time) {
	tb.Helper()
	at, ok := c.Wake(now)
	if ok != !want.IsZero() || !at.Equal(want) {
		tb.Errorf("%v after noon: wakes at %v (%v), want %v", now.Sub(noon), at, ok, want)
	}
}

// large are limits of requests that no test reaches by accident.
func large() RequestLimits { return RequestLimits{Records: 500, Bytes: 5 << 20, ShardBytes: 256 << 10} }

func plain() Limits {
	l := wide()
	l.Aggregate = false
	return l
}

// taken are the user records of a request; "none" if there is no request.
func taken(q *Request) string {
	if q == nil {
		return "none"
	}
	return texts(q.Records)
}

func TestNothingOnOffer(t *testing.T) {
	c := newTestCollector(large(), 1, wide())
	expect(t, "ripe", c.Ripe(noon), false)
	expect(t, "open", c.Open(noon), false)
	c.wake(t, noon, time.Time{})
	expect(t, "request", taken(c.Next(noon, 1<<20)), "none")
	c.Offer(noon, Offer{Port: c.ports[0].Port, Idle: true})
	expect(t, "ports", len(c.slots), 0)
}

// The oldest record's linger starts a request, and what is sealed elsewhere goes along; what fills elsewhere does not.
func TestRequestStartsWhenTheFirstIsDue(t *testing.T) {
	c := newTestCollector(large(), 4, wide())
	c.put(t, noon, 0, entry("old"))
	c.put(t, after(50*ms), 1, entry("filling"))
	c.put(t, after(60*ms), 2, entry("sealed"), entry(strings.Repeat("L", 50<<10)))
	c.wake(t, after(60*ms), after(100*ms))
	expect(t, "before", taken(c.Next(after(100*ms-1), 1<<20)), "none")
	expect(t, "ripe", c.Ripe(after(100*ms)), true)
	expect(t, "open", c.Open(after(100*ms)), true)
	c.wake(t, after(100*ms), time.Time{}) // at once, and until a sender is free only that can change anything

	q := c.Next(after(100*ms), 1<<20)
	expect(t, "request", strings.ReplaceAll(taken(q), "L", ""), "old sealed ")
	expect(t, "user records", q.UserRecords(), 3)
	weight := 0
	for i, r := range q.Records {
		weight += r.WireSize()
		expect(t, fmt.Sprint("port of record ", i), q.Ports[i], c.ports[[]int{0, 2, 2}[i]].Port)
	}
	expect(t, "bytes", q.Bytes, weight)
	expect(t, "ports left", len(c.slots), 1)
	c.wake(t, after(100*ms), after(150*ms))
	c.Done(after(110*ms), q, nil)
	expect(t, "the next request", taken(c.Next(after(150*ms), 1<<20)), "filling")
	expect(t, "ports left", len(c.slots), 0)
}

// A request that starts anyway takes along what would start another one soon, the oldest first, as far as there is room; it
// does not start earlier for it.
func TestNearlyDueGoesAlong(t *testing.T) {
	limits := large()
	limits.Early, limits.Records = 20*ms, 4
	c := newTestCollector(limits, 8, wide())
	c.ports[7].from = after(110 * ms)
	c.put(t, noon, 7, entry("paused"))
	c.put(t, noon, 0, entry("due"))
	for i := range 6 {
		c.put(t, after(time.Duration(16-3*i)*ms), 1+i, entry(fmt.Sprint(16-3*i)))
	}
	c.put(t, after(20*ms), 6, entry("more")) // into the youngest but one, which began at 1 ms
	c.wake(t, after(20*ms), after(100*ms))
	expect(t, "ripe before", c.Ripe(after(100*ms-1)), false)
	q := c.Next(after(100*ms), 1<<20)
	expect(t, "request", taken(q), "due 1+more 4 7")
	c.Done(after(100*ms), q, nil)
	c.wake(t, after(100*ms), after(110*ms))
	expect(t, "the next one", taken(c.Next(after(110*ms), 1<<20)), "10 paused 13 16")
	expect(t, "ports left", len(c.slots), 0)

	c.put(t, after(200*ms), 0, entry("a"))
	c.put(t, after(220*ms), 1, entry("b"))
	expect(t, "not so early", taken(c.Next(after(300*ms), 1<<20)), "a")
	expect(t, "but later", taken(c.Next(after(320*ms), 1<<20)), "b")
}

func TestRequestStartsWhenItWouldBeFull(t *testing.T) {
	for _, c := range []struct {
		what   string
		limits RequestLimits
	}{
		{"records", RequestLimits{Records: 4, Bytes: 1 << 20, ShardBytes: 1 << 20}},
		{"bytes", RequestLimits{Records: 500, Bytes: 4 * 1003, ShardBytes: 1 << 20}},
		{"a burst for one shard", RequestLimits{Records: 500, Bytes: 1 << 20, ShardBytes: 2 * 1003}},
	} {
		col := newTestCollector(c.limits, 2, plain())
		data := strings.Repeat("x", 1000)
		for i := range 3 {
			expect(t, c.what+": too early", col.Ripe(noon), false)
			col.put(t, noon, i%2, entry(data))
		}
		if !strings.HasPrefix(c.what, "a burst") {
			expect(t, c.what+": too early", col.Ripe(noon), false)
			col.put(t, noon, 1, entry(data))
		}
		expect(t, c.what, col.Ripe(noon), true)
		expect(t, c.what+": user records", col.Next(noon, 1<<20).UserRecords() >= 3, true)
		expect(t, c.what+": afterwards", col.Ripe(noon), false)
	}
}

func TestHurryTakesEverythingButPauses(t *testing.T) {
	c := newTestCollector(large(), 3, wide())
	c.put(t, noon, 0, entry("filling"))
	c.put(t, noon, 1, entry("sealed"), entry(strings.Repeat("L", 50<<10)))
	c.ports[2].from = after(70 * ms)
	c.put(t, noon, 2, entry("throttled"))
	c.Hurry(noon, false)
	expect(t, "ripe", c.Ripe(noon), false)
	c.Hurry(noon, true)
	c.Hurry(noon, true)
	q := c.Next(noon, 1<<20)
	expect(t, "request", q.UserRecords(), 3)
	c.wake(t, noon, after(70*ms))
	c.put(t, after(10*ms), 0, entry("new"))
	expect(t, "what comes while somebody waits", taken(c.Next(after(10*ms), 1<<20)), "new")
	expect(t, "at the end of the pause", taken(c.Next(after(70*ms), 1<<20)), "throttled")

	c.put(t, after(80*ms), 0, entry("last"))
	expect(t, "ripe", c.Ripe(after(80*ms)), true)
	c.Hurry(after(80*ms), false)
	expect(t, "when the hurry is over", c.Ripe(after(80*ms)), false)
	c.wake(t, after(80*ms), after(180*ms))
}

// The order in which ports are served must not depend on the order of a Go map: a run is to be repeatable.
func TestHurryServesPortsInAFixedOrder(t *testing.T) {
	for range 5 {
		c := newTestCollector(large(), 20, wide())
		var want []string
		for i := range c.ports {
			c.put(t, after(time.Duration(7*i%20)*ms), i, entry(strconv.Itoa(i)))
			want = append(want, strconv.Itoa(3*i%20)) // 3·7 ≡ 1: the oldest first
		}
		c.Hurry(after(30*ms), true)
		expect(t, "order", taken(c.Next(after(30*ms), 1<<20)), strings.Join(want, " "))
	}
}

// A request that is full leaves off at one port and the next request begins with the others.
func TestPortsAreServedInTurn(t *testing.T) {
	limits := large()
	limits.Records = 3
	c := newTestCollector(limits, 3, plain())
	for i := range 3 {
		for n := range 4 {
			c.put(t, after(time.Duration(i)*ms), i, entry(fmt.Sprintf("%c%d", 'a'+i, n)))
		}
	}
	var got []string
	for c.Ripe(after(time.Second)) {
		got = append(got, taken(c.Next(after(time.Second), 1<<20)))
	}
	expect(t, "requests", strings.Join(got, ", "), "a0 a1 a2, b0 b1 b2, c0 c1 c2, a3 b3 c3")
	expect(t, "ports left", len(c.slots), 0)
}

func TestRequestLimits(t *testing.T) {
	limits := large()
	limits.Bytes = 3 * 1003
	c := newTestCollector(limits, 1, plain())
	for range 5 {
		c.put(t, noon, 0, entry(strings.Repeat("x", 1000)))
	}
	expect(t, "by the limit", len(c.Next(noon, 1<<20).Records), 3)
	expect(t, "by the budget", len(c.Next(after(time.Second), 1003).Records), 1)
	expect(t, "one record whatever the budget", len(c.Next(after(time.Second), 1).Records), 1)
	c.put(t, noon, 0, entry(strings.Repeat("x", 10_000)), entry("y"))
	q := c.Next(after(time.Second), 1<<20)
	expect(t, "one record whatever it weighs", q.Bytes, 10_003)
	expect(t, "the rest", taken(c.Next(after(time.Second), 1<<20)), "y")
}

// A suspect keeps its company small, whether it is the first or not.
func TestSuspectsTravelInSmallRequests(t *testing.T) {
	for _, c := range []struct {
		isolate []int
		want    string
	}{
		{[]int{0, 0, 0, 0}, "0 1 2 3"},
		{[]int{2, 2, 2, 2}, "0 1, 2 3"},
		{[]int{0, 0, 2, 0}, "0 1, 2 3"},
		{[]int{3, 1, 0, 0}, "0, 1, 2 3"},
		{[]int{0, 3, 0, 0}, "0 1 2, 3"},
	} {
		col := newTestCollector(large(), 1, plain())
		for i := range c.isolate {
			col.put(t, noon, 0, entry(strconv.Itoa(i)))
		}
		for i, r := range col.ports[0].sealed.list() {
			r.isolate = c.isolate[i]
		}
		var got []string
		for col.Ripe(after(time.Second)) {
			got = append(got, taken(col.Next(after(time.Second), 1<<20)))
		}
		expect(t, fmt.Sprint(c.isolate), strings.Join(got, ", "), c.want)
	}
}

func TestCollectorHeedsItsBreaker(t *testing.T) {
	c := newTestCollector(large(), 1, wide())
	c.put(t, noon, 0, urgent("a"))
	q := c.Next(noon, 1<<20)
	expect(t, "request", taken(q), "a")
	c.Done(noon, q, down)
	c.put(t, noon, 0, urgent("b"))
	expect(t, "ripe", c.Ripe(noon), true)
	expect(t, "open", c.Open(noon), false)
	expect(t, "request", taken(c.Next(noon, 1<<20)), "none")
	c.wake(t, noon, after(100*ms))
	q = c.Next(after(100*ms), 1<<20)
	expect(t, "probe", taken(q), "b")
	c.put(t, after(100*ms), 0, urgent("c"))
	c.wake(t, after(100*ms), time.Time{})
	expect(t, "beside the probe", taken(c.Next(after(100*ms), 1<<20)), "none")
	c.Done(after(110*ms), q, nil)
	expect(t, "after it", taken(c.Next(after(110*ms), 1<<20)), "c")
}

// What is on offer may be gone when it is fetched, or may not be taken any more: then there is no request, and no probe.
func TestOffersMayBeStale(t *testing.T) {
	c := newTestCollector(large(), 3, wide())
	c.put(t, noon, 0, urgent("retired"))
	c.put(t, noon, 1, urgent("throttled"))
	c.put(t, noon, 2, urgent("expired"))
	c.ports[0].retire()
	c.ports[1].from = after(time.Second)
	c.ports[2].Drop(down)
	c.breaker.Exit(noon, c.breaker.Enter(), down)
	expect(t, "request", taken(c.Next(after(100*ms), 1<<20)), "none")
	expect(t, "breaker", c.breaker.Allows(after(100*ms)), true)
	expect(t, "ports left", len(c.slots), 1)
	c.wake(t, after(100*ms), after(time.Second))
	expect(t, "in the end", taken(c.Next(after(time.Second), 1<<20)), "throttled")
}

// Whatever is offered and however time passes: a request keeps its limits, everything comes out once and in its port's
// order, nothing before its time, and nothing waits while the collector sleeps.
func TestCollectorLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := RequestLimits{
			Records:    rapid.IntRange(1, 8).Draw(t, "Records"),
			Bytes:      rapid.IntRange(1, 3000).Draw(t, "Bytes"),
			ShardBytes: rapid.IntRange(1, 3000).Draw(t, "ShardBytes"),
			Early:      time.Duration(rapid.IntRange(0, 120).Draw(t, "Early")) * ms,
		}
		of := wide()
		of.MaxCount = int64(rapid.IntRange(1, 4).Draw(t, "MaxCount"))
		c := newTestCollector(limits, rapid.IntRange(1, 5).Draw(t, "ports"), of)
		now, in, out := noon, 0, make([]int, len(c.ports))
		waiting := map[string]time.Time{}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				port := rapid.IntRange(0, len(c.ports)-1).Draw(t, "port")
				name := fmt.Sprintf("%d/%05d/%s", port, in, strings.Repeat("x", rapid.IntRange(0, 900).Draw(t, "size")))
				e := entry(name)
				e.Urgent = rapid.IntRange(0, 5).Draw(t, "urgent") == 0
				in++
				waiting[name] = now
				c.put(t, now, port, e)
			},
			"pause": func(t *rapid.T) {
				p := c.ports[rapid.IntRange(0, len(c.ports)-1).Draw(t, "port")]
				p.from = now.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "ms")) * ms)
				c.Offer(now, p.offered())
			},
			"hurry": func(t *rapid.T) { c.Hurry(now, rapid.Bool().Draw(t, "on")) },
			"wait":  func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "ms")) * ms) },
			"next": func(t *rapid.T) {
				budget := rapid.IntRange(1, 4000).Draw(t, "budget")
				q := c.Next(now, budget)
				if q == nil {
					return
				}
				c.Done(now, q, nil)
				if len(q.Records) > limits.Records || len(q.Records) > 1 && q.Bytes > min(limits.Bytes, budget) {
					t.Fatalf("a request of %d records and %d bytes", len(q.Records), q.Bytes)
				}
				for i, r := range q.Records {
					if q.Ports[i].from.After(now) {
						t.Fatal("taken in a pause")
					}
					for _, e := range r.contents.All() {
						name := string(e.Data)
						port, number := 0, 0
						_, err := fmt.Sscanf(name, "%d/%d/", &port, &number)
						if _, ok := waiting[name]; err != nil || !ok || c.ports[port].Port != q.Ports[i] || number < out[port] {
							t.Fatalf("%.9s out of turn, twice, or from another port", name)
						}
						out[port] = number
						delete(waiting, name)
					}
				}
			},
			"": func(t *rapid.T) {
				if c.Ripe(now) {
					return
				}
				at, known := c.Wake(now)
				for i, p := range c.ports {
					o := p.offered()
					if o.Idle {
						continue
					}
					due := later(o.From, o.Due)
					if c.hurry {
						due = later(o.From, noon)
					}
					if !known || due.Before(at) || !due.After(now) {
						t.Fatalf("port %d has something due at %v, the collector sleeps until %v (%v)", i, due, at, known)
					}
				}
			},
		})
		for range 10_000 { // everything comes out in the end
			now = now.Add(time.Second)
			q := c.Next(now, 1<<20)
			if q == nil {
				break
			}
			c.Done(now, q, nil)
			for _, r := range q.Records {
				for _, e := range r.contents.All() {
					delete(waiting, string(e.Data))
				}
			}
		}
		if len(waiting) > 0 || len(c.slots) > 0 || c.bytes != 0 || c.records != 0 || c.crowded != 0 {
			t.Fatalf("%d left of %d ports; %d bytes, %d records, %d crowded on the account",
				len(waiting), len(c.slots), c.bytes, c.records, c.crowded)
		}
	})
}
