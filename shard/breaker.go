package shard

import "time"

// Breaker keeps a stream's requests away from an endpoint that refuses them as a whole, so that a dead endpoint gets one
// attempt per back-off step and not one per shard. It is the usual circuit breaker: closed while requests succeed, open
// for a growing while after a failure, then half open for one probe. Pure; one owner at a time, the stream's collector, which it
// outlives: each request that it has let pass must come back, or no other ever will be.
type Breaker struct {
	backoff  func(class Class, failures int) time.Duration
	failures int // failed requests in a row, counting parallel ones once
	step     int // failures counted so far: a request of an earlier step was under way when the newest one was
	until    time.Time
	probing  bool
}

// NewBreaker returns a closed breaker that waits as long as backoff says after the n-th failure in a row, n from 1.
func NewBreaker(backoff func(class Class, failures int) time.Duration) *Breaker {
	return &Breaker{backoff: backoff}
}

// Allows says whether a request may start: while the breaker is not closed, one at a time may, after the pause.
func (b *Breaker) Allows(now time.Time) bool {
	return b.failures == 0 || !b.probing && !now.Before(b.until)
}

// Enter starts a request, which is allowed now, and says in which step it does.
func (b *Breaker) Enter() (step int) {
	b.probing = b.failures > 0
	return b.step
}

// Exit reports the end of a request that entered in this step: nil when the service answered for each record.
func (b *Breaker) Exit(now time.Time, step int, f *Failure) {
	if f == nil || f.Class() == Invalid || f.Class() == Fatal {
		b.failures, b.probing = 0, false // it answered, whatever it said
		return
	}
	if b.failures > 0 && step < b.step {
		return // it began before the newest failure was known, and says the same
	}
	pause := b.backoff(f.Class(), b.failures+1)
	b.failures, b.step, b.until, b.probing = b.failures+1, b.step+1, now.Add(pause), false
}

// Until is the time at which the next request may start, and false while only the end of a running one can tell.
func (b *Breaker) Until(now time.Time) (time.Time, bool) {
	if b.failures == 0 || b.probing {
		return time.Time{}, false
	}
	return later(now, b.until), true
}
