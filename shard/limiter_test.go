package shard

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// What is known, and for how long.
func TestLimiterLearnsAndForgets(t *testing.T) {
	l := newLimiter(0)
	expectShare := func(at time.Duration, want float64) {
		t.Helper()
		if got := l.share(noon.Add(at)); math.Abs(got-want) > 0.02*want && got != want {
			t.Errorf("after %v: share %.3f, want %.3f", at, got, want)
		}
	}
	expectShare(0, math.Inf(+1))
	for i := range 100 {
		l.stored(noon.Add(time.Duration(i)*100*ms), 50<<10) // half a shard's bytes
	}
	const at = 10 * time.Second
	l.throttled(noon.Add(at))
	low := l.share(noon.Add(at))
	if used := low / shrink; used < 0.45 || used > spare*0.55 {
		t.Errorf("refused at half a shard, and taken to have come at %.3f", used)
	}
	expectShare(at+5*time.Second, low+5*climb)
	expectShare(at+12*time.Second, low+12*climb)
	if got := l.share(noon.Add(at + 20*time.Second)); got < 1 {
		t.Errorf("share %.3f, 20 s after the only refusal: it was to double by now", got)
	}
	expectShare(at+time.Hour, math.Inf(+1))
}

func TestLimiterOfWhichNothingIsKnown(t *testing.T) {
	l := newLimiter(0)
	l.throttled(noon) // the first record of all
	if got := l.share(noon); got != shrink {
		t.Errorf("share %v after a refusal out of nowhere", got)
	}
	for range 100 {
		l.throttled(noon)
	}
	if got := l.share(noon); got != least {
		t.Errorf("share %v after a hundred refusals, want %v", got, least)
	}
	if got := l.share(noon.Add(20 * time.Second)); got < 0.5 {
		t.Errorf("share %v, 20 s after the shard was refused for ever", got)
	}
	if got := l.share(noon.Add(-time.Hour)); got != least {
		t.Errorf("share %v before the refusal: the clock may step back", got)
	}
}

func TestLimiterKeepsToRateLimit(t *testing.T) {
	l := newLimiter(150)
	for _, at := range []time.Duration{0, time.Second, time.Hour} {
		if got := l.share(noon.Add(at)); got != 1.5 {
			t.Errorf("share %v, want 1.5", got)
		}
	}
	l.throttled(noon)
	for at := time.Duration(0); at < time.Hour; at += time.Second {
		if got := l.share(noon.Add(at)); got > 1.5 {
			t.Fatalf("share %v after %v, above RateLimit", got, at)
		}
	}
}

// writer writes as much as it may to a shard that it shares.
type writer struct {
	lane struct {
		limiter  limiter
		pace     pace
		from     time.Time
		failed   time.Time
		failures int
	}
	flights         []burst
	stored, refused int
	since, until    time.Duration
}

// burst is what a writer has sent at once.
type burst struct {
	start time.Time
	n     int
}

// shared is a shard with a bucket of one second, as its service promises it, and its writers: a millisecond a step.
type shared struct {
	rng     *rand.Rand
	size    int
	tokens  float64 // shard-seconds
	writers []*writer
}

const roundTrip = 20 * ms

func (s *shared) run(from, to time.Duration) {
	for at := from; at < to; at += ms {
		s.tokens = min(s.tokens+0.001, 1)
		for _, i := range s.rng.Perm(len(s.writers)) {
			if w := s.writers[i]; at >= w.since && (w.until == 0 || at < w.until) {
				s.answers(w, after(at))
				s.sends(w, after(at))
			}
		}
	}
}

func (s *shared) answers(w *writer, now time.Time) {
	for len(w.flights) > 0 && !now.Before(w.flights[0].start.Add(roundTrip)) {
		b := w.flights[0]
		w.flights = w.flights[1:]
		taken := 0
		for cost := max(1.0/shardRecords, float64(s.size)/shardBytes); taken < b.n && s.tokens >= cost; taken++ {
			s.tokens -= cost
			w.lane.limiter.stored(now, s.size)
		}
		w.stored += taken
		w.refused += b.n - taken
		switch l := &w.lane; {
		case taken == b.n && b.start.After(l.failed):
			l.failures = 0
		case taken < b.n && b.start.After(l.failed):
			l.failures, l.failed = l.failures+1, now
			l.limiter.throttled(now)
			pause := min(25*ms<<min(l.failures-1, 6), time.Second)
			l.from = now.Add(pause - time.Duration(s.rng.Int64N(int64(pause/2))))
		}
	}
}

func (s *shared) sends(w *writer, now time.Time) {
	l := &w.lane
	if now.Before(l.from) || len(w.flights) >= 20 {
		return
	}
	l.pace.turn(now, l.limiter.share(now))
	l.pace.fill(now)
	n := 0
	for ; n < 100 && l.pace.open(); n++ {
		l.pace.pay(s.size)
	}
	if n > 0 {
		w.flights = append(w.flights, burst{start: now, n: n})
	}
}

func newShared(seed uint64, size int, writers ...*writer) *shared {
	s := &shared{rng: rand.New(rand.NewPCG(seed, 0)), size: size, tokens: 1, writers: writers}
	for _, w := range writers {
		w.lane.limiter, w.lane.pace = newLimiter(0), unpaced
	}
	return s
}

// Two writers on one shard that each could fill it, over a minute after 20 seconds: together they use all of it, share it
// evenly, and few of their records are refused. What the parameters were chosen for, and with a seed a fact, not a timing.
func TestSharedShard(t *testing.T) {
	for _, size := range []int{100, 25 << 10, 50 << 10} {
		uneven := 0
		for seed := range uint64(20) {
			a, b := &writer{}, &writer{since: 3 * time.Second}
			s := newShared(seed, size, a, b)
			s.run(0, 20*time.Second)
			a.stored, a.refused, b.stored, b.refused = 0, 0, 0, 0
			s.run(20*time.Second, 80*time.Second)

			stored, refused := float64(a.stored+b.stored), float64(a.refused+b.refused)
			used := stored * max(1.0/shardRecords, float64(size)/shardBytes) / 60
			smaller := float64(min(a.stored, b.stored)) / stored
			if used < 0.95 || smaller < 0.35 || refused > 0.02*stored {
				t.Errorf("size %d, seed %d: %.1f %% used, the smaller writer has %.1f %%, %.2f %% refused",
					size, seed, 100*used, 100*smaller, 100*refused/stored)
			}
			if smaller < 0.40 {
				uneven++
			}
		}
		if uneven > 2 {
			t.Errorf("size %d: the smaller writer had below 40 %% in %d of 20 runs", size, uneven)
		}
	}
}

// What one leaves, the other finds.
func TestSharedShardIsFreed(t *testing.T) {
	for _, size := range []int{100, 50 << 10} {
		a, b := &writer{}, &writer{until: 30 * time.Second}
		s := newShared(1, size, a, b)
		s.run(0, 45*time.Second)
		a.stored = 0
		s.run(45*time.Second, 60*time.Second)
		if used := float64(a.stored) * max(1.0/shardRecords, float64(size)/shardBytes) / 15; used < 0.9 {
			t.Errorf("size %d: 15 s after the other has gone the one uses %.1f %%", size, 100*used)
		}
	}
}

// The lane of a stream without a map writes to as many shards as there are, so what RateLimit leaves of one is no bound for it.
func TestLaneWithoutAShardHasNoRateLimit(t *testing.T) {
	for id, want := range map[string]float64{"": math.Inf(1), "shard": 0.5} {
		lane := NewLane(Shard{ID: id, Range: Whole()}, NewPort(&Limits{RateLimit: 50}, func() time.Time { return noon }, func() {}), forever())
		expect(t, fmt.Sprintf("share of the lane %q", id), lane.limiter.share(noon), want)
	}
}
