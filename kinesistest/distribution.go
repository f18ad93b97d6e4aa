package kinesistest

import "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

// Auto makes an on-demand stream whose records the service distributes over the shards itself:
// it ignores partition keys and explicit hash keys, and wants none. (The record distribution
// strategy AUTO.) A test can switch an on-demand stream at any time with the operation
// UpdateStreamRecordDistributionStrategy.
func Auto() StreamOption {
	return func(st *stream) error {
		st.mode, st.auto = types.StreamModeOnDemand, true
		return nil
	}
}

// place returns the shard that takes a record now. On an AUTO stream that is each open shard
// in turn, which moves on with next.
func (st *stream) place(e *entry, next bool) *shard {
	if !st.auto {
		return st.owner(e.hash)
	}
	sh := st.open[st.turn%len(st.open)]
	if next {
		st.turn++
	}
	return sh
}

func (st *stream) distribution() types.RecordDistributionStrategy {
	switch {
	case st.mode != types.StreamModeOnDemand:
		return "" // the member is only there for on-demand streams
	case st.auto:
		return types.RecordDistributionStrategyAuto
	}
	return types.RecordDistributionStrategyUserPartitionKey
}

type updateDistributionRequest struct {
	target
	RecordDistributionStrategy types.RecordDistributionStrategy
}

func (r *updateDistributionRequest) check() error {
	var c checks
	r.target.check(&c)
	c.notNull("streamARN", r.StreamARN == nil)
	c.notNull("recordDistributionStrategy", r.RecordDistributionStrategy == "")
	if d := r.RecordDistributionStrategy; d != "" {
		c.oneOf("recordDistributionStrategy", string(d), "USER_PARTITION_KEY", "AUTO")
	}
	return c.err()
}

func (r *updateDistributionRequest) perform(s *service) (any, error) {
	st, err := s.resolveReady(r.target)
	if err != nil {
		return nil, err
	}
	if st.mode != types.StreamModeOnDemand {
		return nil, refuse(codeInvalidArgument, "Stream %s under account %s is in PROVISIONED mode; only ON_DEMAND "+
			"streams have a record distribution strategy.", st.name, s.account)
	}
	st.auto = r.RecordDistributionStrategy == types.RecordDistributionStrategyAuto
	s.noteStream(st)
	return struct{}{}, nil
}
