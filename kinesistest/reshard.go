package kinesistest

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Reshard says when a change of shards takes effect: make it with [AtOnce], [Late] or
// [StepByStep]. The stream is UPDATING from the call until the change is over, whatever the
// Reshard is, and takes records all the time: each goes to the shard that is open for it at
// that moment. On the service, callers see both orders: a map that is stale before the status
// says so, and one that is stale long after it did.
//
// A split or a merge takes effect in one stage: the parents close and the children open in the
// same moment. UpdateShardCount may take several, with short-lived shards between them.
type Reshard struct {
	kind reshardKind
	over time.Duration
}

type reshardKind uint8

const (
	atOnce reshardKind = iota
	late
	stepByStep
)

// AtOnce opens the children within the call. The stream goes on UPDATING for [Transition].
func AtOnce() Reshard { return Reshard{kind: atOnce} }

// Late leaves the parents open for d more by the server's clock; then the children open, and
// the stream is ACTIVE. Several stages take effect one after the other in equal parts of d.
func Late(d time.Duration) Reshard { return Reshard{kind: late, over: d} }

// StepByStep does nothing until the test calls [Server.Step].
func StepByStep() Reshard { return Reshard{kind: stepByStep} }

// String says in words when the change takes effect.
func (r Reshard) String() string {
	switch r.kind {
	case late:
		return fmt.Sprintf("after %v", r.over)
	case stepByStep:
		return "step by step"
	}
	return "at once"
}

func (r Reshard) validate() error {
	if r.over < 0 {
		return fmt.Errorf("Late(%v): must not be negative", r.over)
	}
	return nil
}

// Resharding sets when changes of shards take effect that clients ask for. Defaults to
// AtOnce().
func Resharding(how Reshard) Option {
	return Option{apply: func(s *service) error {
		s.resharding = how
		return how.validate()
	}}
}

// unfinished is what is still to come of a reshard.
type unfinished struct {
	stages plan
	due    []time.Time // for each stage when it takes effect; nil: at the test's step
}

// reshard begins to carry out a plan, at a time that may have passed already.
func (s *service) reshard(st *stream, p plan, how Reshard, now time.Time) {
	defer s.noteStream(st)
	st.status, st.until = types.StreamStatusUpdating, time.Time{}
	st.unfinished = &unfinished{stages: p}
	switch how.kind {
	case atOnce:
		st.until = now.Add(s.transition)
		for range p {
			st.step(now)
		}
	case late:
		st.until = now.Add(how.over)
		for i := range p {
			part := how.over / time.Duration(len(p)) * time.Duration(len(p)-1-i)
			st.unfinished.due = append(st.unfinished.due, st.until.Add(-part))
		}
	}
}

// catchUp carries out the stages that are due, and reports whether there were any.
func (st *stream) catchUp(now time.Time) (changed bool) {
	for u := st.unfinished; u != nil && len(u.due) > 0 && !now.Before(u.due[0]); {
		st.step(u.due[0])
		changed = true
	}
	return changed
}

// step carries out the next stage, at a time.
func (st *stream) step(at time.Time) {
	u := st.unfinished
	for _, c := range u.stages[0] {
		for _, sh := range c.parents {
			sh.closed, sh.children = at, c.children
		}
		for _, sh := range c.children {
			sh.open(at)
			sh.buckets, sh.keep = newBuckets(st.limit), st.keep
		}
		st.shards = append(st.shards, c.children...)
		st.open = append(st.open, c.children...)
	}
	st.open = slices.DeleteFunc(st.open, (*shard).isClosed)
	slices.SortFunc(st.open, byFirstKey)
	u.stages = u.stages[1:]
	if len(u.due) > 0 {
		u.due = u.due[1:]
	}
}

// finish ends the reshard, all stages of which have taken effect.
func (st *stream) finish() {
	st.status, st.until, st.unfinished = types.StreamStatusActive, time.Time{}, nil
}

// advance carries out the next step of a reshard, before its time if need be, and reports
// whether there are more: each stage is a step, and the end of UPDATING is one.
func (s *service) advance(name string) (more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch st := s.find(name); {
	case st == nil:
		return false, fmt.Errorf("there is no stream %q", name)
	case st.unfinished == nil:
		return false, fmt.Errorf("stream %s is not being resharded: its status is %s", name, st.status)
	case len(st.unfinished.stages) > 0:
		st.step(s.now())
		s.noteStream(st)
		return true, nil
	default:
		st.finish()
		s.noteStream(st)
		return false, nil
	}
}
