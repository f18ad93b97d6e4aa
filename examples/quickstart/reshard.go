package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"math/big"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast"
)

// resharding changes the shards of the embedded stream between puts, one step after each equal part of the records.
// Nobody tells the producer: it puts what follows by the map it has, learns from the answers that records landed in
// other shards, and sends those again that a KCL consumer drops there. A nil *resharding does nothing.
type resharding struct {
	client *kinesis.Client
	stream streamRef
	total  int        // records of the run
	hashes [][16]byte // of the events' keys, sorted
	done   []string   // the names of the steps that were taken
}

// reshards are the steps. At most one more shard is open than at the start when their number is doubled.
var reshards = []struct {
	name string
	take func(*resharding, context.Context, []shardInfo) error
}{
	{"split", (*resharding).split},
	{"split", (*resharding).split},
	{"merge", (*resharding).merge},
	{"double", (*resharding).double},
	{"merge", (*resharding).merge},
}

func newResharding(client *kinesis.Client, stream streamRef, j *journal) *resharding {
	r := &resharding{client: client, stream: stream, total: len(j.fates)}
	for _, q := range j.feed.quakes {
		r.hashes = append(r.hashes, md5.Sum([]byte(q.Key)))
	}
	slices.SortFunc(r.hashes, compareHashes)
	return r
}

// before takes the steps that are due before the record with that serial number is put.
//
// Each waits until nothing is under way: a shard that opens and closes again unseen by the producer is one whose range
// it cannot know, and what landed there in the meantime it would send twice. That is its right (at least once), but
// more than this proof lets pass.
func (r *resharding) before(ctx context.Context, p *kinecast.Producer[Quake], serial int) error {
	for r != nil && len(r.done) < len(reshards) && serial >= r.total*(len(r.done)+1)/(len(reshards)+1) {
		if err := p.Flush(ctx); err != nil {
			return err
		}
		all, err := listShards(ctx, r.client, r.stream)
		if err != nil {
			return err
		}
		open := slices.DeleteFunc(all, func(s shardInfo) bool { return s.closed })
		slices.SortFunc(open, func(a, b shardInfo) int { return compareHashes(a.keys.First, b.keys.First) })
		step := reshards[len(r.done)]
		if err := step.take(r, ctx, open); err != nil {
			return fmt.Errorf("-reshard, %s: %w", step.name, err)
		}
		r.done = append(r.done, step.name)
	}
	return nil
}

// split divides the shard that the most events go to.
func (r *resharding) split(ctx context.Context, open []shardInfo) error {
	fullest := slices.MaxFunc(open, func(a, b shardInfo) int { return len(r.within(a)) - len(r.within(b)) })
	name, arn := r.stream.params()
	_, err := call(ctx, r.client.SplitShard, &kinesis.SplitShardInput{
		StreamName: name, StreamARN: arn,
		ShardToSplit: &fullest.id, NewStartingHashKey: aws.String(r.border(fullest).String()),
	})
	return err
}

// merge joins the two neighbours that the fewest events go to.
func (r *resharding) merge(ctx context.Context, open []shardInfo) error {
	least := 0
	both := func(i int) int { return len(r.within(open[i])) + len(r.within(open[i+1])) }
	for i := range open[1:] {
		if both(i) < both(least) {
			least = i
		}
	}
	name, arn := r.stream.params()
	_, err := call(ctx, r.client.MergeShards, &kinesis.MergeShardsInput{
		StreamName: name, StreamARN: arn,
		ShardToMerge: &open[least].id, AdjacentShardToMerge: &open[least+1].id,
	})
	return err
}

// double gives the stream twice as many shards, all equally wide.
func (r *resharding) double(ctx context.Context, open []shardInfo) error {
	name, arn := r.stream.params()
	_, err := call(ctx, r.client.UpdateShardCount, &kinesis.UpdateShardCountInput{
		StreamName: name, StreamARN: arn,
		TargetShardCount: aws.Int32(int32(2 * len(open))), ScalingType: types.ScalingTypeUniformScaling,
	})
	return err
}

// within returns the hashes that lie in a shard.
func (r *resharding) within(s shardInfo) [][16]byte {
	first, _ := slices.BinarySearchFunc(r.hashes, s.keys.First, compareHashes)
	end, _ := slices.BinarySearchFunc(r.hashes, s.keys.Last, func(hash, last [16]byte) int {
		if compareHashes(hash, last) <= 0 {
			return -1
		}
		return 1
	})
	return r.hashes[first:end]
}

// border is where the upper half of a shard's events begins, or, if all have one key, of the shard's hash keys.
func (r *resharding) border(s shardInfo) *big.Int {
	events := r.within(s)
	for _, hash := range events[len(events)/2:] {
		if hash != events[0] {
			return new(big.Int).SetBytes(hash[:])
		}
	}
	first, last := new(big.Int).SetBytes(s.keys.First[:]), new(big.Int).SetBytes(s.keys.Last[:])
	return first.Rsh(first.Add(first, last), 1)
}

func compareHashes(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }
