package shard

import (
	"fmt"
	"slices"
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

// begin enters so many requests at once, and returns their step.
func (b *Breaker) begin(tb testing.TB, now time.Time, n int) (step int) {
	tb.Helper()
	for i := range n {
		if !b.Allows(now) {
			tb.Fatalf("request %d of %d is not let pass", i+1, n)
		}
		step = b.Enter()
	}
	return step
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
	b.Exit(noon, b.begin(t, noon, 1), nil)
	b.expect(t, "closed", noon, true, never)

	b.Exit(noon, b.begin(t, noon, 1), down)
	b.expect(t, "open", noon, false, after(100*ms))
	b.expect(t, "open to the last", after(100*ms-1), false, after(100*ms))
	b.expect(t, "half open", after(150*ms), true, after(150*ms))

	probe := b.begin(t, after(150*ms), 1)
	b.expect(t, "probing", after(150*ms), false, never)
	b.expect(t, "probing for long", after(time.Hour), false, never)
	b.Exit(after(160*ms), probe, down)
	b.expect(t, "open for longer", after(160*ms), false, after(360*ms))

	b.Exit(after(370*ms), b.begin(t, after(360*ms), 1), nil)
	b.expect(t, "closed again", after(370*ms), true, never)

	b.Exit(after(380*ms), b.begin(t, after(380*ms), 1), down)
	b.expect(t, "open from the first step", after(380*ms), false, after(480*ms))
}

func TestBreakerIsClosedByAnyAnswer(t *testing.T) {
	for _, answer := range []*Failure{nil, invalid, denied} {
		b := NewBreaker(doubling)
		b.Exit(noon, b.begin(t, noon, 1), down)
		b.Exit(after(110*ms), b.begin(t, after(100*ms), 1), answer)
		b.expect(t, fmt.Sprintf("after %+v", answer), after(110*ms), true, time.Time{})
	}
}

func TestBreakerTellsTheClass(t *testing.T) {
	var told string
	b := NewBreaker(func(c Class, n int) time.Duration { told = fmt.Sprint(c, " ", n); return 0 })
	b.Exit(noon, b.begin(t, noon, 1), &Failure{Code: "KMSThrottlingException", Status: 400})
	expect(t, "backoff was asked about", told, "throttled 1")
}

// Requests that were on their way when the first one failed are one failure with it, however late they end: they neither let a
// second probe out nor stand for the one that is.
func TestBreakerCountsParallelFailuresOnce(t *testing.T) {
	b := NewBreaker(doubling)
	first := b.begin(t, noon, 4)
	b.Exit(noon, first, down)
	b.Exit(after(10*ms), first, down)
	b.expect(t, "after the second", after(10*ms), false, after(100*ms))
	b.Exit(after(150*ms), first, down) // later than the pause
	b.expect(t, "after the third", after(150*ms), true, after(150*ms))
	probe := b.begin(t, after(150*ms), 1)
	b.Exit(after(160*ms), first, down)
	b.expect(t, "while the probe is out", after(160*ms), false, time.Time{})
	b.Exit(after(170*ms), probe, down)
	b.expect(t, "after the probe", after(170*ms), false, after(370*ms))
}

func TestBreakerIsClosedByAnOldSuccess(t *testing.T) {
	b := NewBreaker(doubling)
	first := b.begin(t, noon, 3)
	b.Exit(noon, first, down)
	b.Exit(after(10*ms), first, nil)
	b.expect(t, "after a success", after(10*ms), true, time.Time{})
	b.Exit(after(20*ms), first, down)
	b.expect(t, "after the next failure", after(20*ms), false, after(120*ms))
}

// A breaker whose owner dies while it counts a failure is as it was, and is told again.
func TestBreakerSurvivesItsOwner(t *testing.T) {
	dies := true
	b := NewBreaker(func(c Class, n int) time.Duration {
		if dies {
			panic("injected")
		}
		return doubling(c, n)
	})
	step := b.begin(t, noon, 1)
	func() {
		defer func() { _ = recover() }()
		b.Exit(noon, step, down)
	}()
	b.expect(t, "after the death", noon, true, time.Time{})
	dies = false
	b.Exit(noon, step, down)
	b.expect(t, "after the failure", noon, false, after(100*ms))
}

// While the breaker is not closed at most one new request is out, and as long as one thing or the other goes on, so does
// the breaker: it never refuses for ever.
func TestBreakerLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBreaker(func(_ Class, n int) time.Duration { return time.Duration(n) * ms })
		type request struct {
			step  int
			probe bool
		}
		now, gate := noon, noon
		var out []request
		probes := func() (n int) {
			for _, q := range out {
				if q.probe {
					n++
				}
			}
			return n
		}
		t.Repeat(map[string]func(*rapid.T){
			"enter": func(t *rapid.T) {
				if !b.Allows(now) {
					return
				}
				probe := b.failures > 0
				if out = append(out, request{b.Enter(), probe}); probe && (probes() > 1 || now.Before(gate)) {
					t.Fatalf("%d probes are out, at %v, and the pause ends at %v", probes(), now, gate)
				}
			},
			"exit": func(t *rapid.T) {
				if len(out) == 0 {
					t.Skip("nothing is out")
				}
				i := rapid.IntRange(0, len(out)-1).Draw(t, "i")
				q, f := out[i], rapid.SampledFrom([]*Failure{nil, down, invalid, down}).Draw(t, "f")
				out = slices.Delete(out, i, i+1)
				before := b.failures
				b.Exit(now, q.step, f)
				want := before
				switch {
				case f != down:
					want = 0
					for i := range out { // the endpoint lives: none of them is a probe any more
						out[i].probe = false
					}
				case before == 0 || q.probe:
					want++
					gate = now.Add(time.Duration(want) * ms)
				}
				if b.failures != want {
					t.Fatalf("failures go from %d to %d, want %d", before, b.failures, want)
				}
			},
			"wait": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(0, 10).Draw(t, "ms")) * ms) },
			"": func(t *rapid.T) {
				at, known := b.Until(now)
				if !b.Allows(now) && len(out) == 0 && !known {
					t.Fatal("nothing is out and nothing will ever be let pass")
				}
				if known && !b.Allows(at) {
					t.Fatalf("not open at %v, the time it named", at)
				}
			},
		})
	})
}
