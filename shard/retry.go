package shard

import (
	"strconv"
	"time"
)

// Limit names what ended the retries of a record.
type Limit uint8

const (
	// NoLimit: no limit ended them.
	NoLimit Limit = iota
	// LimitClass: the failure's class permits no retry.
	LimitClass
	// LimitAttempts: RetryPolicy.MaxAttempts was reached.
	LimitAttempts
	// LimitRetryDuration: RetryPolicy.RetryDuration would be over before the next attempt.
	LimitRetryDuration
	// LimitRecordTTL: RetryPolicy.RecordTTL would be over before the next attempt.
	LimitRecordTTL
	// LimitThrottled: RetryPolicy.FailIfThrottled permits no retry.
	LimitThrottled
)

// String returns the limit as errors name it: for those of [RetryPolicy] the name of the field to change.
func (l Limit) String() string {
	switch l {
	case NoLimit:
		return "none"
	case LimitClass:
		return "error class"
	case LimitAttempts:
		return "MaxAttempts"
	case LimitRetryDuration:
		return "RetryDuration"
	case LimitRecordTTL:
		return "RecordTTL"
	case LimitThrottled:
		return "FailIfThrottled"
	}
	return "Limit(" + strconv.Itoa(int(l)) + ")"
}

// OfTime says that the limit is a time, and no count or class.
func (l Limit) OfTime() bool { return l == LimitRetryDuration || l == LimitRecordTTL }

// RetryPolicy decides after a failed attempt whether and when a record is tried again. It is data: it reads no clock
// and keeps no state, so one policy serves all lanes of a producer, concurrently if Backoff allows it.
type RetryPolicy struct {
	// MaxAttempts is the most attempts of one record, the first included. 0 or less: no limit.
	MaxAttempts int
	// RetryDuration is the longest time from a record's first attempt to the start of another one. 0 or less: no limit.
	RetryDuration time.Duration
	// RecordTTL is the longest time from a record's admission to the start of an attempt. 0 or less: no limit.
	RecordTTL time.Duration
	// FailIfThrottled ends a record at the first throttle, of its shard or of the whole call.
	FailIfThrottled bool
	// Backoff returns the pause before the next attempt after this many failures (1 or more) in a row, the newest of
	// this class. It is asked only for classes that are retryable. A negative pause counts as 0. Required.
	Backoff func(class Class, failures int) time.Duration
}

// Verdict is what becomes of a record after a failed attempt.
type Verdict struct {
	// Limit is what ends the record; [NoLimit] means that it is tried again.
	Limit Limit
	// After is the pause before the next attempt, 0 or more; 0 if there is none.
	After time.Duration
}

// Retry reports whether the record is tried again.
func (v Verdict) Retry() bool { return v.Limit == NoLimit }

// Deadline returns when no further attempt of a record may start, and the limit that says so: the earlier of
// RecordTTL and RetryDuration, or the zero time and [NoLimit]. A zero firstTry means that the record was not tried
// yet, and RetryDuration does not run.
func (p RetryPolicy) Deadline(firstTry, admitted time.Time) (time.Time, Limit) {
	var deadline time.Time
	limit := NoLimit
	if p.RecordTTL > 0 {
		deadline, limit = admitted.Add(p.RecordTTL), LimitRecordTTL
	}
	if p.RetryDuration > 0 && !firstTry.IsZero() {
		if end := firstTry.Add(p.RetryDuration); limit == NoLimit || end.Before(deadline) {
			deadline, limit = end, LimitRetryDuration
		}
	}
	return deadline, limit
}

// Verdict decides about a record whose newest attempt has just failed with this class. attempts counts the record's
// own; failures counts those in a row of whoever backs off, its shard as a rule, and only sets the pause. The
// earliest limit ends the record and is named; the attempt limit counts as reached now. A record whose pause would
// outlast its deadline ends at once: waiting would only delay the news. [Invalid] is taken to be isolated.
func (p RetryPolicy) Verdict(class Class, attempts, failures int, firstTry, admitted, now time.Time) Verdict {
	if !class.Retryable() {
		return Verdict{Limit: LimitClass}
	}
	if p.FailIfThrottled && class == Throttled {
		return Verdict{Limit: LimitThrottled}
	}
	deadline, limit := p.Deadline(firstTry, admitted)
	inTime := func(t time.Time) bool { return limit == NoLimit || t.Before(deadline) }

	if p.MaxAttempts > 0 && attempts >= p.MaxAttempts && inTime(now) {
		return Verdict{Limit: LimitAttempts}
	}
	after := max(0, p.Backoff(class, failures))
	if !inTime(now.Add(after)) {
		return Verdict{Limit: limit}
	}
	return Verdict{After: after}
}
