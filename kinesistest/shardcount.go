package kinesistest

import (
	"slices"
	"time"
)

// What a day allows of a stream: the API reference of UpdateShardCount.
const (
	countsPerDay = 10
	countsDay    = 24 * time.Hour
)

type updateShardCountRequest struct {
	target
	ScalingType      string
	TargetShardCount *int
}

type updateShardCountAnswer struct {
	CurrentShardCount int
	StreamARN         string
	StreamName        string
	TargetShardCount  int
}

func (r *updateShardCountRequest) check() error {
	var c checks
	r.target.check(&c)
	c.notNull("scalingType", r.ScalingType == "")
	if r.ScalingType != "" {
		c.oneOf("scalingType", r.ScalingType, "UNIFORM_SCALING")
	}
	c.notNull("targetShardCount", r.TargetShardCount == nil)
	c.between("targetShardCount", r.TargetShardCount, 1, 100_000)
	return c.err()
}

func (r *updateShardCountRequest) perform(s *service) (any, error) {
	now := s.now()
	answer := new(updateShardCountAnswer)
	err := s.reshardFor(r.target, func(st *stream) (plan, error) {
		*answer = updateShardCountAnswer{len(st.open), st.arn, st.name, *r.TargetShardCount}
		if err := st.countsLeft(now); err != nil {
			return nil, err
		}
		return s.planCount(st, *r.TargetShardCount)
	})
	if err != nil {
		return nil, err
	}
	st := s.streams[answer.StreamName]
	st.counts = append(st.counts, now)
	s.noteStream(st)
	return answer, nil
}

// planCount plans to have n uniform shards.
func (s *service) planCount(st *stream, n int) (plan, error) {
	have := len(st.open)
	switch {
	case n < 1 || n > maxShards:
		return nil, refuse(codeLimitExceeded, "Target shard count or number of open shards cannot be greater than %d. "+
			"Current open shard count: %d, Target shard count: %d", maxShards, have, n)
	case n > 2*have:
		return nil, refuse(codeInvalidArgument, "UpdateShardCount cannot scale up over double your current open shard "+
			"count. Current open shard count: %d Target shard count: %d", have, n)
	case 2*n < have:
		return nil, refuse(codeInvalidArgument, "UpdateShardCount cannot scale down below half your current open shard "+
			"count. Current open shard count: %d Target shard count: %d", have, n)
	}
	if err := s.roomFor(n - have); err != nil {
		return nil, err
	}
	return newPlanner(st).uniform(n), nil
}

// countsLeft refuses when a stream has had the calls of a day.
func (st *stream) countsLeft(now time.Time) error {
	st.counts = slices.DeleteFunc(st.counts, func(at time.Time) bool { return now.Sub(at) >= countsDay })
	if len(st.counts) == countsPerDay {
		return refuse(codeLimitExceeded, "UpdateShardCount cannot be called more than %d times per rolling 24 hours "+
			"on stream %s.", countsPerDay, st.name)
	}
	return nil
}
