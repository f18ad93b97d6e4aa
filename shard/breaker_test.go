package shard

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	down    = &Failure{Code: CodeNoAnswer}
	invalid = &Failure{Code: "ValidationException", Status: 400}
	denied  = &Failure{Code: "AccessDeniedException", Status: 400}
)

// doubling waits 100 ms, 200 ms, 400 ms and so on.
func doubling(_ Class, failures int) time.Duration { return 100 * ms << (failures - 1) }

// begin enters so many requests at once.
func (b *Breaker) begin(tb testing.TB, now time.Time, n int) {
	tb.Helper()
	for i := range n {
		if !b.Enter(now) {
			tb.Fatalf("request %d of %d was not let pass", i+1, n)
		}
	}
}

func (b *Breaker) expect(tb testing.TB, what string, now time.Time, open bool, until time.Time) {
	tb.Helper()
	at, known := b.Until(now)
	if b.Allows(now) != open || known != !until.IsZero() || !at.Equal(until) {
		tb.Errorf("%s: allows %v until %v, want %v until %v", what, b.Allows(now), at, open, until)
	}
}

func TestBreakerOpensAndCloses(t *testing.T) {
	b := NewBreaker(doubling)
	never := time.Time{}
	b.begin(t, noon, 1)
	b.Exit(noon, nil)
	b.expect(t, "closed", noon, true, never)

	b.begin(t, noon, 1)
	b.Exit(noon, down)
	b.expect(t, "open", noon, false, after(100*ms))
	b.expect(t, "open to the last", after(100*ms-1), false, after(100*ms))
	expect(t, "entered while open", b.Enter(after(99*ms)), false)
	b.expect(t, "half open", after(150*ms), true, after(150*ms))

	b.begin(t, after(150*ms), 1)
	b.expect(t, "probing", after(150*ms), false, never)
	expect(t, "a second probe", b.Enter(after(time.Hour)), false)
	b.Exit(after(160*ms), down)
	b.expect(t, "open for longer", after(160*ms), false, after(360*ms))

	b.begin(t, after(360*ms), 1)
	b.Leave()
	b.expect(t, "a probe that was not sent", after(360*ms), true, after(360*ms))
	b.begin(t, after(360*ms), 1)
	b.Exit(after(370*ms), nil)
	b.expect(t, "closed again", after(370*ms), true, never)

	b.begin(t, after(380*ms), 1)
	b.Exit(after(380*ms), down)
	b.expect(t, "open from the first step", after(380*ms), false, after(480*ms))
}

func TestBreakerIsClosedByAnyAnswer(t *testing.T) {
	for _, answer := range []*Failure{nil, invalid, denied} {
		b := NewBreaker(doubling)
		b.begin(t, noon, 1)
		b.Exit(noon, down)
		b.begin(t, after(100*ms), 1)
		b.Exit(after(110*ms), answer)
		b.expect(t, fmt.Sprintf("after %+v", answer), after(110*ms), true, time.Time{})
	}
}

func TestBreakerTellsTheClass(t *testing.T) {
	var told string
	b := NewBreaker(func(c Class, n int) time.Duration { told = fmt.Sprint(c, " ", n); return 0 })
	b.begin(t, noon, 1)
	b.Exit(noon, &Failure{Code: "KMSThrottlingException", Status: 400})
	expect(t, "backoff was asked about", told, "throttled 1")
}

// Requests that were on their way when the first one failed are one failure with it, however late they end, and none of
// them lets a second probe out.
func TestBreakerCountsParallelFailuresOnce(t *testing.T) {
	b := NewBreaker(doubling)
	b.begin(t, noon, 4)
	b.Exit(noon, down)
	b.Exit(after(10*ms), down)
	b.expect(t, "after the second", after(10*ms), false, after(100*ms))
	b.Exit(after(150*ms), down) // later than the pause
	b.expect(t, "after the third", after(150*ms), true, after(150*ms))
	b.begin(t, after(150*ms), 1)
	b.Exit(after(160*ms), down)
	b.expect(t, "while the probe or the fourth is out", after(160*ms), false, time.Time{})
	b.Exit(after(170*ms), down)
	b.expect(t, "after both", after(170*ms), false, after(370*ms))
}

func TestBreakerIsClosedByAnOldSuccess(t *testing.T) {
	b := NewBreaker(doubling)
	b.begin(t, noon, 3)
	b.Exit(noon, down)
	b.Exit(after(10*ms), nil)
	b.expect(t, "after a success", after(10*ms), true, time.Time{})
	b.Exit(after(20*ms), down)
	b.expect(t, "after the next failure", after(20*ms), false, after(120*ms))
}

// A collector that has died leaves its requests to the next one, which never saw them begin.
func TestBreakerHearsOfRequestsItDidNotSee(t *testing.T) {
	b := NewBreaker(doubling)
	b.Exit(noon, nil)
	b.expect(t, "after a success", noon, true, time.Time{})
	b.Exit(noon, down)
	b.expect(t, "after a failure", noon, false, after(100*ms))
	b.begin(t, after(100*ms), 1)
	b.Exit(after(100*ms), down)
	b.expect(t, "after the probe", after(100*ms), false, after(300*ms))
}

// While the breaker is not closed at most one new request is out, and as long as one thing or the other goes on, so does
// the breaker: it never refuses for ever.
func TestBreakerLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBreaker(func(_ Class, n int) time.Duration { return time.Duration(n) * ms })
		now, out, probes := noon, 0, 0
		t.Repeat(map[string]func(*rapid.T){
			"enter": func(t *rapid.T) {
				closed := b.failures == 0
				if !b.Enter(now) {
					return
				}
				out++
				if closed {
					return
				}
				if probes++; probes > 1 {
					t.Fatal("two probes are out")
				}
			},
			"exit": func(t *rapid.T) {
				if out == 0 {
					t.Skip("nothing is out")
				}
				f := rapid.SampledFrom([]*Failure{nil, down, invalid, down}).Draw(t, "f")
				failures := b.failures
				b.Exit(now, f)
				out--
				if b.failures != failures {
					probes = 0
				}
				if b.failures > failures+1 {
					t.Fatal("one end counted twice")
				}
			},
			"wait": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(0, 10).Draw(t, "ms")) * ms) },
			"": func(t *rapid.T) {
				at, known := b.Until(now)
				if !b.Allows(now) && out == 0 && !known {
					t.Fatal("nothing is out and nothing will ever be let pass")
				}
				if known && !b.Allows(at) {
					t.Fatalf("not open at %v, the time it named", at)
				}
			},
		})
	})
}
