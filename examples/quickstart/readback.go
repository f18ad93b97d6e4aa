package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	readers   = 4      // shards read at the same time; each may hold one page of up to 10 MiB
	pageLimit = 10_000 // records in a page, the most that GetRecords allows
)

// reader reads shards with the real client.
type reader struct {
	client   *kinesis.Client
	stream   streamRef
	pause    time.Duration // after an empty page
	patience time.Duration // how long to wait, at the tip of a shard, for records that were acknowledged but do not show yet
}

// readBack reads what was written since the positions were taken, from all shards, and calls each with every Kinesis
// record, from several goroutines. It reads a shard to its tip, and at least as far as the sequence number that last
// names for it.
func (r *reader) readBack(
	ctx context.Context, shards []shardInfo, from positions, last map[string]string, each func(shardInfo, types.Record),
) error {
	return inShards(ctx, shards, func(ctx context.Context, s shardInfo) error {
		start := from[s.id] // for a shard that a reshard has made since: its oldest record
		if start.closed {
			return nil
		}
		return r.follow(ctx, s, start, last[s.id], func(rec types.Record) { each(s, rec) })
	})
}

// inShards calls f for each shard, for several at the same time, and returns the first error, which ends the context of
// the others.
func inShards(ctx context.Context, shards []shardInfo, f func(context.Context, shardInfo) error) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var wait sync.WaitGroup
	next := make(chan shardInfo)
	for range min(readers, len(shards)) {
		wait.Go(func() {
			for s := range next {
				if err := f(ctx, s); err != nil {
					fail(fmt.Errorf("reading %s: %w", s.id, err))
				}
			}
		})
	}
	for _, s := range shards {
		next <- s
	}
	close(next)
	wait.Wait()
	return context.Cause(ctx)
}

// follow reads one shard from a position to its tip, and as far as the sequence number last if patience allows.
func (r *reader) follow(ctx context.Context, s shardInfo, from position, last string, each func(types.Record)) error {
	iterator, err := r.iterator(ctx, s, from)
	if err != nil {
		return err
	}
	seen, alive := "", time.Now()
	for iterator != nil {
		in := &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(pageLimit)}
		page, err := call(ctx, r.client.GetRecords, in)
		if err != nil {
			return fmt.Errorf("GetRecords: %w", err)
		}
		for _, rec := range page.Records {
			each(rec)
			seen, alive = aws.ToString(rec.SequenceNumber), time.Now()
		}
		atTip := aws.ToInt64(page.MillisBehindLatest) == 0
		if atTip && !laterSequence(last, seen) {
			return nil
		}
		iterator = page.NextShardIterator
		if len(page.Records) > 0 {
			continue
		}
		if time.Since(alive) >= r.patience {
			return nil
		}
		if err := pause(ctx, r.pause); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) iterator(ctx context.Context, s shardInfo, from position) (*string, error) {
	name, arn := r.stream.params()
	in := &kinesis.GetShardIteratorInput{StreamName: name, StreamARN: arn, ShardId: &s.id}
	from.fill(in)
	out, err := call(ctx, r.client.GetShardIterator, in)
	if err != nil {
		return nil, fmt.Errorf("GetShardIterator: %w", err)
	}
	if out.ShardIterator == nil {
		return nil, errNotKinesis("GetShardIterator: no iterator")
	}
	return out.ShardIterator, nil
}

// pause waits, or returns the error of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
