package shard

import "time"

// Breaker keeps a stream's requests away from an endpoint that refuses them as a whole, so that a dead endpoint gets one
// attempt per back-off step and not one per shard. It is the usual circuit breaker: closed while requests succeed, open
// for a growing while after a failure, then half open for one probe. Pure; one owner, the collector.
type Breaker struct {
	backoff  func(class Class, failures int) time.Duration
	failures int // failed requests in a row, counting parallel ones once
	until    time.Time
	probing  bool
	flying   int // requests under way
	late     int // those of them that were under way when the newest failure was counted
}

// NewBreaker returns a closed breaker that waits as long as backoff says after the n-th failure in a row, n from 1.
func NewBreaker(backoff func(class Class, failures int) time.Duration) *Breaker {
	return &Breaker{backoff: backoff}
}

// Allows says whether a request may start: while the breaker is not closed, one at a time may, after the pause.
func (b *Breaker) Allows(now time.Time) bool {
	return b.failures == 0 || !b.probing && !now.Before(b.until)
}

// Enter starts a request, if one may.
func (b *Breaker) Enter(now time.Time) bool {
	if !b.Allows(now) {
		return false
	}
	b.probing = b.failures > 0
	b.flying++
	return true
}

// Leave takes back an Enter whose request was not sent.
func (b *Breaker) Leave() {
	b.probing = false
	b.flying--
}

// Exit reports the end of a request: nil when the service answered for each record. Which request it was is not asked:
// while some are under way that are older than the newest failure, a further failure is taken for one of theirs.
func (b *Breaker) Exit(now time.Time, f *Failure) {
	b.flying = max(b.flying-1, 0) // a new breaker hears of requests that its predecessor let pass
	if f == nil || f.Class() == Invalid || f.Class() == Fatal {
		b.failures, b.late, b.probing = 0, 0, false // it answered, whatever it said
		return
	}
	if b.late > 0 {
		b.late--
		return
	}
	b.failures++
	b.until = now.Add(b.backoff(f.Class(), b.failures))
	b.late, b.probing = b.flying, false
}

// Until is the time at which the next request may start, and false while only the end of a running one can tell.
func (b *Breaker) Until(now time.Time) (time.Time, bool) {
	if b.failures == 0 || b.probing {
		return time.Time{}, false
	}
	return later(now, b.until), true
}
