package kinesistest

import (
	"errors"
	"fmt"
	"time"
)

// Delay waits, by the time of package time and not the server's [Clock], so in a
// testing/synctest bubble by virtual time. If the caller goes away meanwhile, the call ends
// there: what the next steps would do is not done.
func Delay(d time.Duration) Fault { return DelayBetween(d, d) }

// DelayBetween waits for a time drawn evenly from least to most, by the [Rule]'s Seed.
func DelayBetween(least, most time.Duration) Fault {
	return Fault{kind: faultDelay, least: least, most: most}
}

// DelayUntil waits until released is closed, or something is sent on it for each call.
func DelayUntil(released <-chan struct{}) Fault { return Fault{kind: faultDelayUntil, until: released} }

// Run calls f, on the goroutine of the call and without the server's lock, so f may reshard a
// stream in the middle of a call: Store().Then(Run(func() { server.Split("events", shard, "") })).
func Run(f func()) Fault { return Fault{kind: faultRun, run: f} }

// Store carries the call out, and goes on: Store().Then(Lose(Reset)) leaves the caller without
// knowing that its records are stored.
func Store() Fault { return Fault{kind: faultStore} }

// StorePart carries a PutRecords call out for its first n records alone. If an error follows,
// the caller is told that nothing was stored.
func StorePart(n int) Fault { return Fault{kind: faultStorePart, n: n} }

// StoreAfterCalls keeps the call back until the server has carried out n more PutRecords or
// PutRecord calls, and goes on. Then it is carried out unseen, so that its records come behind
// those of a retry. Followed by nothing, the caller gets [Lose](Close).
func StoreAfterCalls(n int) Fault { return Fault{kind: faultStoreAfterCalls, n: n} }

// StoreAfter is StoreAfterCalls by the server's clock: the call is carried out once d has
// passed.
func StoreAfter(d time.Duration) Fault { return Fault{kind: faultStoreAfter, least: d} }

// TooFew carries a PutRecords call out and answers with the results of the first n records
// alone. A call of n records or fewer is not changed.
func TooFew(n int) Fault { return Fault{kind: faultTooFew, n: n} }

// TooMany carries a PutRecords call out and adds n results that belong to no record: the last
// one's over again.
func TooMany(n int) Fault { return Fault{kind: faultTooMany, n: n} }

// WrongCount carries a PutRecords call out and answers that n records have failed, whatever
// the results say.
func WrongCount(n int) Fault { return Fault{kind: faultWrongCount, n: n} }

// GoAway has the connection end behind this call's answer: by a GOAWAY frame over HTTP/2, by
// "Connection: close" over HTTP/1.1. The direct door has no connections.
func GoAway() Fault { return Fault{kind: faultGoAway} }

// stepWords says what a step on the way does.
func (f *Fault) stepWords() string {
	switch f.kind {
	case faultDelay:
		if f.least == f.most {
			return fmt.Sprintf("delay %v", f.least)
		}
		return fmt.Sprintf("delay %v to %v", f.least, f.most)
	case faultDelayUntil:
		return "delay until released"
	case faultRun:
		return "run a function"
	case faultStore:
		return "store"
	case faultStorePart:
		return fmt.Sprintf("store the first %d", f.n)
	case faultStoreAfterCalls:
		return fmt.Sprintf("store %d calls later", f.n)
	case faultStoreAfter:
		return fmt.Sprintf("store %v later", f.least)
	case faultTooFew:
		return fmt.Sprintf("no more than %d results", f.n)
	case faultTooMany:
		return fmt.Sprintf("%d results too many", f.n)
	case faultWrongCount:
		return fmt.Sprintf("failed count %d", f.n)
	}
	return "go away"
}

// onPuts reports that the step makes sense for calls that put records alone.
func (f *Fault) onPuts() bool {
	switch f.kind {
	case faultRecord, faultStoreAfterCalls, faultStoreAfter:
		return true
	}
	return f.onPutRecords()
}

// onPutRecords reports that the step is about lists of records or results.
func (f *Fault) onPutRecords() bool {
	switch f.kind {
	case faultStorePart, faultTooFew, faultTooMany, faultWrongCount:
		return true
	}
	return false
}

// any reports whether a step of the chain is so.
func (f *Fault) any(is func(*Fault) bool) bool {
	for step := f; step != nil; step = step.then {
		if is(step) {
			return true
		}
	}
	return false
}

// validate says what is wrong with a chain.
func (f *Fault) validate() error {
	for step := f; step != nil; step = step.then {
		switch {
		case step.kind == faultNone:
			return errors.New("a step is empty; make faults with the functions of this package")
		case (step.kind == faultRecord || step.kind == faultRefuse) && (f != step || step.then != nil):
			return fmt.Errorf("%s stands alone; it cannot be part of a chain", step.words())
		case step.ends() && step.then != nil:
			return fmt.Errorf("%s ends the call, so nothing comes after it", step.words())
		case step.n < 0:
			return fmt.Errorf("%s: the number must not be negative", step.words())
		case step.least < 0 || step.most < step.least && step.kind == faultDelay:
			return fmt.Errorf("%s: the time must not be negative, and the longest not below the shortest", step.words())
		case (step.kind == faultCall || step.kind == faultPage) && (step.status < 200 || step.status > 599):
			return fmt.Errorf("%s: the status must be an HTTP status, 200 to 599", step.words())
		case step.kind == faultDelayUntil && step.until == nil || step.kind == faultRun && step.run == nil:
			return fmt.Errorf("%s: nil is given for the channel or function", step.words())
		case step.kind == faultLose && step.loss > Hang:
			return fmt.Errorf("Lose(%d): must be Close, Reset, HalfBody, HalfBodyReset or Hang", step.loss)
		}
	}
	return nil
}
