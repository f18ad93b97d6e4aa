package conformance

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

var shardProbes = []Probe{
	{"ranges-of-1", "0-340282366920938463463374607431768211455", on(1, ranges)},
	{"ranges-of-2", "0-" + belowMiddle + " " + middle + "-" + highest, on(2, ranges)},
	{"ranges-of-3", "0-113427455640312821154458202477256070484 " +
		"113427455640312821154458202477256070485-226854911280625642308916404954512140969 " +
		"226854911280625642308916404954512140970-340282366920938463463374607431768211455", on(3, ranges)},
	{"pages", "3+3+2", on(8, pages)},
	{"shards-by-arn", "2 shards", on(2, func(ctx context.Context, s session) string {
		arn, err := s.arn(ctx)
		if err != nil {
			return broken(err)
		}
		return s.count(ctx, &kinesis.ListShardsInput{StreamARN: arn})
	})},
	{"shards-at-latest", "2 shards", on(2, func(ctx context.Context, s session) string {
		return s.count(ctx, &kinesis.ListShardsInput{
			StreamName: &s.stream, ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest},
		})
	})},
	{"shards-of-missing", "ResourceNotFoundException", func(ctx context.Context, s session) string {
		return s.count(ctx, &kinesis.ListShardsInput{StreamName: &s.stream})
	}},
	{"shards-after", "1 shards", on(2, func(ctx context.Context, s session) string {
		return s.count(ctx, &kinesis.ListShardsInput{StreamName: &s.stream, ShardFilter: &types.ShardFilter{
			Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String(shardID(0))}})
	})},
	{"shards-after-nothing", "InvalidArgumentException", on(2, func(ctx context.Context, s session) string {
		return s.count(ctx, &kinesis.ListShardsInput{
			StreamName: &s.stream, ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAfterShardId},
		})
	})},
	{"token-and-name", "InvalidArgumentException", on(2, func(ctx context.Context, s session) string {
		out, err := s.client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &s.stream, MaxResults: aws.Int32(1)})
		if err != nil || out.NextToken == nil {
			return "no token: " + code(err)
		}
		return s.count(ctx, &kinesis.ListShardsInput{StreamName: &s.stream, NextToken: out.NextToken})
	})},
	{"bad-token", "InvalidArgumentException", func(ctx context.Context, s session) string {
		return s.count(ctx, &kinesis.ListShardsInput{NextToken: aws.String("not-a-token")})
	}},
}

func (s session) count(ctx context.Context, in *kinesis.ListShardsInput) string {
	out, err := s.client.ListShards(ctx, in)
	if err != nil {
		return code(err)
	}
	return fmt.Sprintf("%d shards", len(out.Shards))
}

// ranges lists the hash key ranges of all shards.
func ranges(ctx context.Context, s session) string {
	out, err := s.client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &s.stream})
	if err != nil {
		return code(err)
	}
	all := make([]string, len(out.Shards))
	for i, shard := range out.Shards {
		if shard.HashKeyRange == nil {
			return fmt.Sprintf("shard %d has no range", i)
		}
		all[i] = aws.ToString(shard.HashKeyRange.StartingHashKey) + "-" + aws.ToString(shard.HashKeyRange.EndingHashKey)
	}
	return strings.Join(all, " ")
}

// pages lists shards three at a time and answers how many came in each page.
func pages(ctx context.Context, s session) string {
	const most = 10 // a server whose tokens lead nowhere ends here
	var sizes []string
	in := &kinesis.ListShardsInput{StreamName: &s.stream, MaxResults: aws.Int32(3)}
	for range most {
		out, err := s.client.ListShards(ctx, in)
		if err != nil {
			return code(err)
		}
		sizes = append(sizes, strconv.Itoa(len(out.Shards)))
		if out.NextToken == nil {
			break
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken, MaxResults: aws.Int32(3)}
	}
	return strings.Join(sizes, "+")
}
