package kinesistest

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Split divides a shard in two, of which the upper begins at atHashKey, a decimal number; ""
// is the middle. It returns the ids of the children, lower range first; they are open when
// how, which defaults to [AtOnce], says. The call does what SplitShard does for a client, with
// the same rules, but for any stream, on-demand or not, and it does not wait for an earlier
// reshard to be over whose shards have all opened. It fails the test, or panics in a program,
// where SplitShard is refused.
func (s *Server) Split(name, shard, atHashKey string, how ...Reshard) (children []string) {
	return s.change(name, how, func(st *stream) (plan, error) {
		return s.service.planSplit(st, shard, atHashKey)
	})
}

// Merge joins two neighbours and returns the id of their child; the rest is as with
// [Server.Split].
func (s *Server) Merge(name, shard, adjacent string, how ...Reshard) (child string) {
	children := s.change(name, how, func(st *stream) (plan, error) {
		return s.service.planMerge(st, shard, adjacent)
	})
	if len(children) == 0 {
		return "" // the test has failed
	}
	return children[0]
}

// UpdateShardCount gives a stream n shards with equal ranges, n being from half the number of
// its open shards to the double, and returns the ids of the shards that will be open and were
// not before; the rest is as with [Server.Split]. It is how the service scales on-demand
// streams, too, and does not count among a client's ten calls a day.
func (s *Server) UpdateShardCount(name string, n int, how ...Reshard) (opened []string) {
	return s.change(name, how, func(st *stream) (plan, error) {
		return s.service.planCount(st, n)
	})
}

// Step carries out the next step of the reshard that a stream is in, without waiting for its
// time: first stage after stage, at which parents close and children open, then the end of
// UPDATING. It reports whether there are more. So after a split or a merge with [StepByStep],
// the first Step opens the children and the second makes the stream ACTIVE, and
//
//	for server.Step("events") {
//	}
//
// brings any reshard to its end. It fails the test, or panics in a program, if the stream is
// in no reshard.
func (s *Server) Step(stream string) (more bool) {
	more, err := s.service.advance(stream)
	if err != nil {
		s.failf("kinesistest: Step: %v", err)
	}
	return more
}

// change plans and begins a reshard by the hand of the test.
func (s *Server) change(name string, how []Reshard, plan func(*stream) (plan, error)) []string {
	opened, err := s.service.change(name, how, plan)
	if err != nil {
		s.failf("kinesistest: stream %s cannot be resharded: %v", name, err)
	}
	return opened
}

func (s *service) change(name string, how []Reshard, plan func(*stream) (plan, error)) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var when Reshard
	switch len(how) {
	case 0:
	case 1:
		when = how[0]
	default:
		return nil, fmt.Errorf("%d values say when it takes effect; give one or none", len(how))
	}
	if err := when.validate(); err != nil {
		return nil, err
	}
	st := s.find(name)
	if st == nil {
		return nil, noStream(name, s.account)
	}
	if u := st.unfinished; u != nil && len(u.stages) == 0 {
		st.finish() // only the status is left, which a test need not wait for
	}
	p, err := plan(st)
	if err != nil {
		return nil, err
	}
	if st.status != types.StreamStatusActive {
		return nil, notActive(st, s.account)
	}
	s.reshard(st, p, when, s.now())
	return p.opened(), nil
}
