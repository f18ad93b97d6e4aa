package kinesistest

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

type splitShardRequest struct {
	target
	ShardToSplit       *string
	NewStartingHashKey *string
}

func (r *splitShardRequest) touches(_ *stream, shard, key string) bool {
	return key == "" && r.ShardToSplit != nil && *r.ShardToSplit == shard
}

func (r *splitShardRequest) check() error {
	var c checks
	r.target.check(&c)
	c.notNull("shardToSplit", r.ShardToSplit == nil)
	if r.ShardToSplit != nil {
		c.name("shardToSplit", *r.ShardToSplit)
	}
	c.notNull("newStartingHashKey", r.NewStartingHashKey == nil)
	if r.NewStartingHashKey != nil {
		c.pattern("newStartingHashKey", *r.NewStartingHashKey, hashKeyPattern)
	}
	return c.err()
}

func (r *splitShardRequest) perform(s *service) (any, error) {
	return struct{}{}, s.reshardFor(r.target, func(st *stream) (plan, error) {
		return s.planSplit(st, *r.ShardToSplit, *r.NewStartingHashKey)
	})
}

type mergeShardsRequest struct {
	target
	ShardToMerge         *string
	AdjacentShardToMerge *string
}

func (r *mergeShardsRequest) touches(_ *stream, shard, key string) bool {
	return key == "" && (r.ShardToMerge != nil && *r.ShardToMerge == shard ||
		r.AdjacentShardToMerge != nil && *r.AdjacentShardToMerge == shard)
}

func (r *mergeShardsRequest) check() error {
	var c checks
	r.target.check(&c)
	c.notNull("shardToMerge", r.ShardToMerge == nil)
	if r.ShardToMerge != nil {
		c.name("shardToMerge", *r.ShardToMerge)
	}
	c.notNull("adjacentShardToMerge", r.AdjacentShardToMerge == nil)
	if r.AdjacentShardToMerge != nil {
		c.name("adjacentShardToMerge", *r.AdjacentShardToMerge)
	}
	return c.err()
}

func (r *mergeShardsRequest) perform(s *service) (any, error) {
	return struct{}{}, s.reshardFor(r.target, func(st *stream) (plan, error) {
		return s.planMerge(st, *r.ShardToMerge, *r.AdjacentShardToMerge)
	})
}

// reshardFor plans and begins a reshard for a client.
func (s *service) reshardFor(t target, plan func(*stream) (plan, error)) error {
	st, err := s.resolve(t)
	if err != nil {
		return err
	}
	if st.mode == types.StreamModeOnDemand {
		return refuse(codeValidation, "Stream %s under account %s is in ON_DEMAND mode: its shards are not "+
			"for callers to change.", st.name, s.account)
	}
	p, err := plan(st)
	if err != nil {
		return err
	}
	if st.status != types.StreamStatusActive {
		return notActive(st, s.account)
	}
	s.reshard(st, p, s.resharding, s.now())
	return nil
}

func notActive(st *stream, account string) *apiError {
	return refuse(codeInUse, "Stream %s under account %s not ACTIVE, instead in state %s", st.name, account, st.status)
}

// changeable finds an open shard.
func (s *service) changeable(st *stream, id string) (*shard, error) {
	sh := st.shard(id)
	if sh == nil {
		return nil, refuse(codeNotFound, "Could not find shard %s in stream %s under account %s.", id, st.name, s.account)
	}
	if sh.isClosed() {
		return nil, refuse(codeInvalidArgument, "Shard %s in stream %s under account %s has already been merged or "+
			"split, and thus is not eligible for merging or splitting.", id, st.name, s.account)
	}
	return sh, nil
}

// planSplit plans to split a shard so that the upper child begins at a hash key; "" is the
// middle.
func (s *service) planSplit(st *stream, id, at string) (plan, error) {
	sh, err := s.changeable(st, id)
	if err != nil {
		return nil, err
	}
	if err := s.roomFor(1); err != nil {
		return nil, err
	}
	border := sh.middle()
	if at != "" {
		border, err = parseUint128(at)
	}
	if err != nil || !sh.splits(border) {
		return nil, refuse(codeInvalidArgument, "NewStartingHashKey %s used in SplitShard() on shard %s in stream %s "+
			"under account %s is not both greater than one plus the shard's StartingHashKey %s and less than the "+
			"shard's EndingHashKey %s.", cmp.Or(at, border.String()), sh.id, st.name, s.account, sh.first, sh.last)
	}
	return plan{{newPlanner(st).split(sh, border)}}, nil
}

// planMerge plans to merge two neighbours, in either order.
func (s *service) planMerge(st *stream, id, adjacentID string) (plan, error) {
	sh, err := s.changeable(st, id)
	if err != nil {
		return nil, err
	}
	adjacent, err := s.changeable(st, adjacentID)
	if err != nil {
		return nil, err
	}
	if !sh.before(adjacent) && !adjacent.before(sh) {
		return nil, refuse(codeInvalidArgument, "Shards %s and %s in stream %s under account %s are not an adjacent "+
			"pair of shards eligible for merging", id, adjacentID, st.name, s.account)
	}
	return plan{{newPlanner(st).merge(sh, adjacent)}}, nil
}

// roomFor refuses so many more shards than the account may have.
func (s *service) roomFor(more int) error {
	have := 0
	for _, st := range s.streams {
		have += len(st.open)
	}
	if have+more <= shardQuota {
		return nil
	}
	return refuse(codeLimitExceeded, "This request would exceed the shard limit for the account %s in %s. "+
		"Current shard count for the account: %d. Limit: %d. Number of additional shards that would have "+
		"resulted from this request: %d.", s.account, s.region, have, shardQuota, more)
}
