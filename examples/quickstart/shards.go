package main

import (
	"context"
	"fmt"
	"math/big"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/aggregate"
)

// shardInfo is a shard as the reader needs it.
type shardInfo struct {
	id     string
	index  int // in the list
	keys   aggregate.Range
	closed bool // by a reshard: nothing more is written to it
}

// listShards returns every shard of the stream, closed ones too, in the order in which the service lists them.
func listShards(ctx context.Context, client *kinesis.Client, stream streamRef) ([]shardInfo, error) {
	var all []shardInfo
	name, arn := stream.params()
	in := &kinesis.ListShardsInput{StreamName: name, StreamARN: arn}
	for {
		out, err := call(ctx, client.ListShards, in)
		if err != nil {
			return nil, fmt.Errorf("ListShards: %w", err)
		}
		for _, s := range out.Shards {
			info, err := newShardInfo(s, len(all))
			if err != nil {
				return nil, err
			}
			all = append(all, info)
		}
		if out.NextToken == nil {
			break
		}
		if len(out.Shards) == 0 {
			return nil, errNotKinesis("ListShards: a page without shards that says there are more")
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
	if len(all) == 0 {
		return nil, errNotKinesis("ListShards: no shards")
	}
	return all, nil
}

func newShardInfo(s types.Shard, index int) (shardInfo, error) {
	if s.ShardId == nil || s.HashKeyRange == nil || s.SequenceNumberRange == nil {
		return shardInfo{}, errNotKinesis("ListShards: a shard without id, hash key range or sequence number range")
	}
	info := shardInfo{id: *s.ShardId, index: index, closed: s.SequenceNumberRange.EndingSequenceNumber != nil}
	keys := s.HashKeyRange
	if !hashKey(keys.StartingHashKey, &info.keys.First) || !hashKey(keys.EndingHashKey, &info.keys.Last) {
		return shardInfo{}, errNotKinesis("ListShards: a shard whose hash key range is no pair of 128-bit numbers")
	}
	return info, nil
}

// hashKey writes a decimal 128-bit number in big-endian order.
func hashKey(decimal *string, into *[16]byte) bool {
	n, ok := new(big.Int).SetString(aws.ToString(decimal), 10)
	if !ok || n.Sign() < 0 || n.BitLen() > 128 {
		return false
	}
	n.FillBytes(into[:])
	return true
}
