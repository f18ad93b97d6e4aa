package shard

import (
	"math"
	"time"
)

// limiter learns how much of a shard this producer may take, while others take of it too and nobody tells how much: by
// additive increase and multiplicative decrease, which is known to make those who share something share it evenly (Chiu
// and Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks", 1989). A
// refused record is the sign of congestion. What TCP does not have is the end of the curve: a limit that nothing confirms
// is forgotten, for the others have gone, or the shard has been told to take more.
//
//	share
//	  ▲ no limit        refused        refused                          nobody refuses any more
//	  │ ····╷              ╷              ╷                                      ╱
//	  │     │           ,-'│           ,-'│           ,-'                      ╱
//	  │     │        ,-'   │        ,-'   │        ,-'   '                  ,-'
//	  │     └─────,-'      └─────,-'      └─────,-'                  ... ,-'
//	  └─────────────────────────────────────────────────────────────────────────▶ time
//	     shrink        climb                                     patience   redouble
//
// A share has no unit: 1 is what the service promises of a whole shard, 1,000 records and 1 MiB a second. One number
// stands for both, so that what was learned from large records holds for small ones. Pure; its owner is the lane.
type limiter struct {
	most    float64   // RateLimit; +Inf for none
	low     float64   // the share after the newest refusal, 0 if nothing is known
	peak    float64   // the share at which it came
	refused time.Time // when
	use     meter     // what the shard has taken of late
}

// The parameters were found by simulating two and more writers on one shard; TestSharedShard holds what they give. A
// larger shrink or a slower climb refuses less and shares less evenly.
const (
	// shrink is what a refusal leaves of the share. TCP has 0.5, for a path whose queue is full; a shard's bucket is empty
	// for an instant only.
	shrink = 0.85
	// climb is what the share gains in a second: from a refusal at half a shard back to it takes 7.5 s.
	climb = 0.01
	// patience is for how long the share climbs beyond the newest refusal before it doubles every redouble.
	patience = 6.0
	redouble = 2.0
	// least is the smallest share: 10 records and 10 KiB a second. A shard that refuses even that is left to its back-off.
	least = 0.01
	// spare is by how much a share may exceed what was used when a refusal came: measuring is not exact.
	spare = 1.25
	// unlimited is a share so large that it limits nothing.
	unlimited = 64.0
)

// newLimiter takes RateLimit, in percent of a shard; 0 for none.
func newLimiter(percent int64) limiter {
	if percent <= 0 {
		return limiter{most: math.Inf(+1)}
	}
	return limiter{most: float64(percent) / 100}
}

// stored counts a record that the shard has taken.
func (l *limiter) stored(now time.Time, bytes int) {
	l.use.add(now, max(1.0/shardRecords, float64(bytes)/shardBytes))
}

// throttled learns from a refusal. It comes at what was used, not at what was allowed; but what was used may be little
// because the shard was left alone, so one refusal halves at most. What was under way together is to be counted once.
func (l *limiter) throttled(now time.Time) {
	share := l.share(now)
	floor := share / 2
	switch {
	case l.low == 0 && l.use.young(now): // nothing is known: perhaps nobody else is there
		floor = 1
	case l.low == 0:
		floor = 0.25
	}
	l.peak = max(min(share, max(floor, spare*l.use.rate(now))), least/shrink)
	l.low, l.refused = shrink*l.peak, now
}

// share is what may be taken now.
func (l *limiter) share(now time.Time) float64 {
	if l.low == 0 {
		return l.most
	}
	passed := max(now.Sub(l.refused).Seconds(), 0)
	share := l.low + climb*passed
	if beyond := passed - (l.peak-l.low)/climb - patience; beyond > 0 {
		share *= math.Exp2(beyond / redouble)
	}
	if share >= unlimited {
		l.low = 0
		return l.most
	}
	return min(share, l.most)
}

// What a shard takes in a second. Source: Amazon Kinesis Data Streams, quotas and limits, as of 2026.
const (
	shardRecords = 1000
	shardBytes   = 1 << 20
)

// meter measures a rate as a mean in which what is older counts for less.
type meter struct {
	sum         float64
	first, last time.Time
}

// window is the time in which what was counted falls to a third.
const window = 2 * time.Second

func (m *meter) add(now time.Time, n float64) {
	if m.first.IsZero() {
		m.first = now
	}
	m.sum, m.last = m.decayed(now)+n, later(m.last, now)
}

// young says that there has not been a window to measure yet.
func (m *meter) young(now time.Time) bool { return m.first.IsZero() || now.Sub(m.first) < window }

// rate is per second, of the time that there was: a meter that has just begun has not had its window yet.
func (m *meter) rate(now time.Time) float64 {
	had := max(now.Sub(m.first), time.Millisecond).Seconds()
	return m.decayed(now) / (window.Seconds() * -math.Expm1(-had/window.Seconds()))
}

func (m *meter) decayed(now time.Time) float64 {
	return m.sum * math.Exp(-max(now.Sub(m.last), 0).Seconds()/window.Seconds())
}
