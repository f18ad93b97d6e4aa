package conformance

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

var reshardProbes = []Probe{
	{"split", "0 closed, 1 of 0, 2 of 0", on(1, func(ctx context.Context, s session) string {
		return s.after(ctx, s.split(ctx, middle), family)
	})},
	{"split-ranges", "0-" + highest + " 0-" + belowMiddle + " " + middle + "-" + highest,
		on(1, func(ctx context.Context, s session) string { return s.after(ctx, s.split(ctx, middle), ranges) })},
	{"split-at-the-start", "InvalidArgumentException", on(1, func(ctx context.Context, s session) string {
		return code(s.split(ctx, "0"))
	})},
	{"put-after-split", "1 2", on(1, func(ctx context.Context, s session) string {
		return s.after(ctx, s.split(ctx, middle), func(ctx context.Context, s session) string {
			return s.places(ctx, hashed(belowMiddle), hashed(middle))
		})
	})},
	{"ending-number", "bounds the shard", on(1, endingNumber)},
	{"read-closed-shard", "a b c d e, then no iterator", on(1, readClosed)},
	{"merge", "0 closed, 1 closed, 2 of 0 and 1", on(2, func(ctx context.Context, s session) string {
		return s.after(ctx, s.merge(ctx, 1), family)
	})},
	{"merge-apart", "InvalidArgumentException", on(3, func(ctx context.Context, s session) string {
		return code(s.merge(ctx, 2))
	})},
	{"split-missing-shard", "ResourceNotFoundException", on(1, func(ctx context.Context, s session) string {
		_, err := s.client.SplitShard(ctx, &kinesis.SplitShardInput{
			StreamName: &s.stream, ShardToSplit: aws.String(shardID(7)), NewStartingHashKey: aws.String(middle),
		})
		return code(err)
	})},
	{"split-twice", "InvalidArgumentException", on(1, func(ctx context.Context, s session) string {
		return s.after(ctx, s.split(ctx, middle), func(ctx context.Context, s session) string { return code(s.split(ctx, middle)) })
	})},
	{"merge-twice", "InvalidArgumentException", on(2, func(ctx context.Context, s session) string {
		return s.after(ctx, s.merge(ctx, 1), func(ctx context.Context, s session) string { return code(s.merge(ctx, 1)) })
	})},
	{"shards-at-latest-after-split", "2 shards", on(1, func(ctx context.Context, s session) string {
		return s.after(ctx, s.split(ctx, middle), func(ctx context.Context, s session) string {
			return s.count(ctx, &kinesis.ListShardsInput{
				StreamName: &s.stream, ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest},
			})
		})
	})},
	{"count-over-double", "InvalidArgumentException", on(2, func(ctx context.Context, s session) string {
		_, err := s.client.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{
			StreamName: &s.stream, TargetShardCount: aws.Int32(5), ScalingType: types.ScalingTypeUniformScaling,
		})
		return code(err)
	})},
	{"update-shard-count", "4 open", on(2, func(ctx context.Context, s session) string {
		_, err := s.client.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{
			StreamName: &s.stream, TargetShardCount: aws.Int32(4), ScalingType: types.ScalingTypeUniformScaling,
		})
		return s.after(ctx, err, func(ctx context.Context, s session) string {
			is, err := summary(ctx, s.client, &kinesis.DescribeStreamSummaryInput{StreamName: &s.stream})
			if err != nil {
				return code(err)
			}
			return fmt.Sprintf("%d open", aws.ToInt32(is.OpenShardCount))
		})
	})},
}

// split splits the first shard.
func (s session) split(ctx context.Context, at string) error {
	_, err := s.client.SplitShard(ctx, &kinesis.SplitShardInput{
		StreamName: &s.stream, ShardToSplit: aws.String(shardID(0)), NewStartingHashKey: &at,
	})
	return err
}

// merge merges the first shard with another.
func (s session) merge(ctx context.Context, other int) error {
	_, err := s.client.MergeShards(ctx, &kinesis.MergeShardsInput{
		StreamName: &s.stream, ShardToMerge: aws.String(shardID(0)), AdjacentShardToMerge: aws.String(shardID(other)),
	})
	return err
}

// after asks a question when the resharding that a call began has ended. The call's own error is an answer, too.
func (s session) after(ctx context.Context, err error, ask func(context.Context, session) string) string {
	if err != nil {
		return code(err)
	}
	if err := AwaitActive(ctx, s.client, s.stream); err != nil {
		return broken(err)
	}
	return ask(ctx, s)
}

// family lists the shards with what became of them, or else whose children they are.
func family(ctx context.Context, s session) string {
	out, err := s.client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &s.stream})
	if err != nil {
		return code(err)
	}
	all := make([]string, len(out.Shards))
	for i, shard := range out.Shards {
		all[i] = numberOf(shard.ShardId)
		switch {
		case shard.SequenceNumberRange != nil && shard.SequenceNumberRange.EndingSequenceNumber != nil:
			all[i] += " closed"
		case shard.AdjacentParentShardId != nil:
			all[i] += " of " + numberOf(shard.ParentShardId) + " and " + numberOf(shard.AdjacentParentShardId)
		case shard.ParentShardId != nil:
			all[i] += " of " + numberOf(shard.ParentShardId)
		}
	}
	return strings.Join(all, ", ")
}

// endingNumber compares the ending sequence number of a split shard with the last number in it.
func endingNumber(ctx context.Context, s session) string {
	put, err := s.put(ctx, letters...)
	if err != nil {
		return broken(err)
	}
	return s.after(ctx, s.split(ctx, middle), func(ctx context.Context, s session) string {
		out, err := s.client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &s.stream})
		if err != nil || len(out.Shards) == 0 || out.Shards[0].SequenceNumberRange == nil {
			return "no range: " + code(err)
		}
		end, _ := new(big.Int).SetString(aws.ToString(out.Shards[0].SequenceNumberRange.EndingSequenceNumber), 10)
		last, _ := new(big.Int).SetString(aws.ToString(put.Records[len(letters)-1].SequenceNumber), 10)
		if end == nil || last == nil || end.Cmp(last) < 0 {
			return "below numbers of the shard"
		}
		return "bounds the shard"
	})
}

// readClosed reads a shard that has been split. Its end is an answer without a next iterator.
func readClosed(ctx context.Context, s session) string {
	if _, err := s.put(ctx, letters...); err != nil {
		return broken(err)
	}
	return s.after(ctx, s.split(ctx, middle), func(ctx context.Context, s session) string {
		iterator, err := s.iterator(ctx, types.ShardIteratorTypeTrimHorizon, nil)
		if err != nil {
			return broken(err)
		}
		const most = 5 // answers, the empty ones at the end included
		var records []types.Record
		for range most {
			out, err := s.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator})
			if err != nil {
				return code(err)
			}
			records, iterator = append(records, out.Records...), out.NextShardIterator
			if iterator == nil {
				return texts(records) + ", then no iterator"
			}
		}
		return texts(records) + ", then more iterators"
	})
}
