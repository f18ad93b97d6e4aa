package kinesistest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// outcome is how a call ends at a door.
type outcome struct {
	answer any
	err    error // *apiError, *pageError, *lostError, errRefused, or the caller's context's
	goAway bool  // the connection ends with the answer
}

// errRefused stands for a connection that did not come about.
var errRefused = errors.New("connection refused")

// pageError is an answer that is none of the service's: its status and body as they are.
type pageError struct {
	status      int
	contentType string
	body        string
}

func (e *pageError) Error() string { return fmt.Sprintf("HTTP %d with a body of its own", e.status) }

// lostError is an answer that gets lost on its way. It holds what was to be answered, of which
// HalfBody gives half.
type lostError struct {
	how    Loss
	answer any // nil: there was none
}

func (e *lostError) Error() string { return "answer lost: " + e.how.String() }

// passage is one call on its way through a fault.
type passage struct {
	*service
	op      Operation
	req     request
	checked error // what check said

	done   bool // the call was carried out, or kept for later
	answer any
	err    error
	goAway bool
}

// carryOut does what the call is for, once. REQUIRES: the service's lock.
func (p *passage) carryOut() {
	if p.done {
		return
	}
	p.done = true
	switch {
	case p.checked != nil:
		p.err = p.checked
	case p.journal.failure() != nil:
		p.err = p.journal.failure()
	default:
		if p.err = p.spendCall(p.op, p.nameOf(p.req.address())); p.err == nil {
			p.answer, p.err = p.req.perform(p.service)
		}
		if err := p.journal.failure(); err != nil {
			p.answer, p.err = nil, err
		}
	}
	if p.op == PutRecords || p.op == PutRecord {
		p.storeLate()
	}
}

func (p *passage) carryOutLocked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.carryOut()
}

// through takes the call through the steps of a fault, without the lock.
func (p *passage) through(ctx context.Context, f *Fault, chance *rand.Rand) outcome {
	for step := f; step != nil; step = step.then {
		if step.ends() {
			return outcome{err: step.end(p.answer)}
		}
		if err := p.take(ctx, step, chance); err != nil {
			return outcome{err: err}
		}
	}
	p.carryOutLocked()
	return outcome{p.answer, p.err, p.goAway}
}

// take takes one step. The error is the context's.
func (p *passage) take(ctx context.Context, step *Fault, chance *rand.Rand) error {
	switch step.kind {
	case faultDelay:
		return p.wait(ctx, step.least+p.draw(chance, step.most-step.least), nil)
	case faultDelayUntil:
		return p.wait(ctx, 0, step.until)
	case faultRun:
		step.run()
	case faultStorePart:
		if all, ok := p.req.(*putRecordsRequest); ok && len(all.entries) > step.n {
			part := *all
			part.entries = part.entries[:step.n]
			p.req = &part
		}
		p.carryOutLocked()
	case faultStoreAfterCalls, faultStoreAfter:
		p.keep(step)
	case faultGoAway:
		p.goAway = true
	default:
		p.carryOutLocked()
		if a, ok := p.answer.(*putRecordsAnswer); ok {
			step.spoil(a)
		}
	}
	return nil
}

// draw draws a time up to most. The source belongs to a rule, hence to the lock.
func (p *passage) draw(chance *rand.Rand, most time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Duration(chance.Int64N(int64(most) + 1))
}

// wait waits for the time, or for the channel if there is one.
func (p *passage) wait(ctx context.Context, d time.Duration, until <-chan struct{}) error {
	var over <-chan time.Time
	if until == nil {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-until:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// end is how a call ends by a fault.
func (f *Fault) end(answer any) error {
	switch f.kind {
	case faultCall:
		return &apiError{f.status, f.code, f.message}
	case faultPage:
		return &pageError{f.status, f.code, f.message}
	case faultLose:
		return &lostError{f.loss, answer}
	}
	return errRefused
}

// spoil damages an answer.
func (f *Fault) spoil(a *putRecordsAnswer) {
	switch f.kind {
	case faultTooFew:
		a.results = a.results[:min(f.n, len(a.results))]
	case faultTooMany:
		if len(a.results) > 0 {
			a.results = append(a.results, slices.Repeat(a.results[len(a.results)-1:], f.n)...)
		}
	case faultWrongCount:
		a.failed = f.n
	}
}

// latePut is a call that is carried out later than it was made.
type latePut struct {
	req   request
	calls int       // so many puts from now; 0: at a time
	at    time.Time // then
}

// keep keeps the call for later. If nothing follows, its connection is closed.
func (p *passage) keep(step *Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return
	}
	p.done, p.err = true, &lostError{how: Close}
	if puts, ok := p.req.(*putRecordsRequest); ok {
		puts.memory = nil // it is needed for longer
	}
	if p.checked == nil {
		p.late = append(p.late, latePut{p.req, step.n, p.now().Add(step.least)})
	}
}

// storeLate carries out the kept calls for which another put was the last they waited for.
// REQUIRES: the lock.
func (s *service) storeLate() {
	for i := range s.late {
		if late := &s.late[i]; late.calls > 0 {
			late.calls--
			if late.calls == 0 {
				late.at = time.Time{} // due
			}
		}
	}
	s.storeDue()
}

// storeDue carries out the kept calls whose time has come. Nobody hears what comes of them.
// REQUIRES: the lock.
func (s *service) storeDue() {
	if len(s.late) == 0 {
		return
	}
	now := s.now()
	var due []latePut
	s.late = slices.DeleteFunc(s.late, func(l latePut) bool {
		isDue := l.calls == 0 && !now.Before(l.at)
		if isDue {
			due = append(due, l)
		}
		return isDue
	})
	for _, l := range due {
		_, _ = l.req.perform(s)
	}
}

// refuseAll answers for an interceptor that refuses every record.
func refuseAll(op Operation, req request, f *Fault) outcome {
	n, _ := req.volume()
	answer := &putRecordsAnswer{results: make([]putResult, n), failed: n}
	for i := range answer.results {
		answer.results[i] = putResult{code: f.code, message: f.message}
	}
	if op == PutRecords {
		return outcome{answer: answer}
	}
	return outcome{err: &apiError{statusOf(f.code), f.code, f.message}}
}
