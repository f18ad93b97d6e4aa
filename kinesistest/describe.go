package kinesistest

import "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

// shardsPerDescription bounds DescribeStream: its API reference.
const shardsPerDescription = 100

// retentionHours is what streams say of themselves. Nothing is removed, however old.
const retentionHours = 24

// description is what DescribeStream and DescribeStreamSummary both tell.
type description struct {
	EncryptionType          types.EncryptionType
	EnhancedMonitoring      []enhancedMetrics
	RetentionPeriodHours    int
	StreamARN               string
	StreamCreationTimestamp instant
	StreamModeDetails       streamMode
	StreamName              string
	StreamStatus            types.StreamStatus
}

type enhancedMetrics struct{ ShardLevelMetrics []string }

func (st *stream) describe() description {
	return description{
		EncryptionType:          types.EncryptionTypeNone,
		EnhancedMonitoring:      []enhancedMetrics{{ShardLevelMetrics: []string{}}},
		RetentionPeriodHours:    retentionHours,
		StreamARN:               st.arn,
		StreamCreationTimestamp: instant{st.created},
		StreamModeDetails:       streamMode{st.mode},
		StreamName:              st.name,
		StreamStatus:            st.status,
	}
}

type describeStreamSummaryRequest struct{ target }

type describeStreamSummaryAnswer struct {
	StreamDescriptionSummary summaryDescription
}

type summaryDescription struct {
	description
	ConsumerCount              int
	MaxRecordSizeInKiB         int
	OpenShardCount             int
	RecordDistributionStrategy types.RecordDistributionStrategy `json:",omitempty"`
}

func (r *describeStreamSummaryRequest) check() error {
	var c checks
	r.target.check(&c)
	return c.err()
}

func (r *describeStreamSummaryRequest) perform(s *service) (any, error) {
	st, err := s.resolve(r.target)
	if err != nil {
		return nil, err
	}
	d := summaryDescription{
		description:                st.describe(),
		MaxRecordSizeInKiB:         st.maxRecord >> 10,
		OpenShardCount:             len(st.open),
		RecordDistributionStrategy: st.distribution(),
	}
	if st.status == types.StreamStatusCreating {
		d.OpenShardCount = 0
	}
	return &describeStreamSummaryAnswer{d}, nil
}

type describeStreamRequest struct {
	target
	ExclusiveStartShardId string
	Limit                 *int
}

type describeStreamAnswer struct {
	StreamDescription shardsDescription
}

type shardsDescription struct {
	description
	HasMoreShards bool
	Shards        []shardDescription
}

func (r *describeStreamRequest) check() error {
	var c checks
	r.target.check(&c)
	if r.ExclusiveStartShardId != "" {
		c.name("exclusiveStartShardId", r.ExclusiveStartShardId)
	}
	c.between("limit", r.Limit, 1, 10_000)
	return c.err()
}

func (r *describeStreamRequest) perform(s *service) (any, error) {
	st, err := s.resolve(r.target)
	if err != nil {
		return nil, err
	}
	limit := shardsPerDescription
	if r.Limit != nil {
		limit = min(limit, *r.Limit)
	}
	shards := st.after(r.ExclusiveStartShardId)
	if st.status == types.StreamStatusCreating {
		shards = nil // they are being made
	}
	d := shardsDescription{description: st.describe(), HasMoreShards: len(shards) > limit}
	d.Shards = describeShards(shards[:min(limit, len(shards))])
	return &describeStreamAnswer{d}, nil
}

type shardDescription struct {
	ShardId               string
	ParentShardId         string `json:",omitempty"`
	AdjacentParentShardId string `json:",omitempty"`
	HashKeyRange          hashKeyRange
	SequenceNumberRange   struct {
		StartingSequenceNumber string
		EndingSequenceNumber   string `json:",omitempty"`
	}
}

type hashKeyRange struct{ StartingHashKey, EndingHashKey string }

func (sh *shard) hashKeyRange() hashKeyRange {
	return hashKeyRange{sh.first.String(), sh.last.String()}
}

func describeShards(shards []*shard) []shardDescription {
	list := make([]shardDescription, len(shards))
	for i, sh := range shards {
		d := &list[i]
		d.ShardId = sh.id
		d.HashKeyRange = sh.hashKeyRange()
		d.SequenceNumberRange.StartingSequenceNumber = sh.startingSequence().String()
		if sh.isClosed() {
			d.SequenceNumberRange.EndingSequenceNumber = sh.endingSequence().String()
		}
		if len(sh.parents) > 0 {
			d.ParentShardId = sh.parents[0].id
		}
		if len(sh.parents) > 1 {
			d.AdjacentParentShardId = sh.parents[1].id
		}
	}
	return list
}
