package main

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// positions says where each shard stood before the run, so that only what the run wrote is judged: an earlier run
// may have put the very same bytes. The zero value is for a stream that the run made itself: every shard from its
// oldest record.
type positions map[string]position // by shard id

// position is a point in one shard: behind a sequence number if there is one, else at a time if there is one, else
// at the oldest record. It is kept as a sequence number because a shard iterator would expire after five minutes.
type position struct {
	after  string
	at     time.Time
	closed bool // the shard was closed by then: nothing more came
}

func (p position) fill(in *kinesis.GetShardIteratorInput) {
	switch {
	case p.after != "":
		in.ShardIteratorType = types.ShardIteratorTypeAfterSequenceNumber
		in.StartingSequenceNumber = &p.after
	case !p.at.IsZero():
		in.ShardIteratorType = types.ShardIteratorTypeAtTimestamp
		in.Timestamp = &p.at
	default:
		in.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	}
}

// before takes the positions of every shard. The service can seek by its own clock alone, in whole seconds of its
// Date header; what other runs wrote in that last second is read here and passed over, exactly, by sequence number.
// Without a Date the shards are read from their oldest record.
func (r *reader) before(ctx context.Context, now time.Time) (positions, error) {
	shards, err := listShards(ctx, r.client, r.stream)
	if err != nil {
		return nil, err
	}
	all := positions{}
	var mutex sync.Mutex
	err = inShards(ctx, shards, func(ctx context.Context, s shardInfo) error {
		p, err := r.tip(ctx, s, now)
		mutex.Lock()
		defer mutex.Unlock()
		all[s.id] = p
		return err
	})
	return all, err
}

func (r *reader) tip(ctx context.Context, s shardInfo, now time.Time) (position, error) {
	p := position{at: now, closed: s.closed}
	if s.closed {
		return p, nil
	}
	if !now.IsZero() {
		p.at = now.Add(-time.Second)
	}
	err := r.follow(ctx, s, p, "", func(rec types.Record) { p.after = aws.ToString(rec.SequenceNumber) })
	return p, err
}
