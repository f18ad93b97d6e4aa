package proptest_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/kinesistest"
)

// mostShards keeps the state machine's streams small: what matters is that shards close, not how many there are.
const mostShards = 24

// reshard splits, merges or scales the stream, with children that open at once or later.
func (w *weather) reshard(t *rapid.T) {
	time.Sleep(time.Until(w.resharded)) // one reshard at a time, as the service has it
	late := time.Duration(rapid.Int64Range(0, int64(5*time.Second)).Draw(t, "children late by"))
	how := kinesistest.AtOnce()
	if rapid.Bool().Draw(t, "late") {
		how = kinesistest.Late(late)
	}
	w.resharded = time.Now().Add(late + time.Second)
	w.moved.Store(true)
	open := openShards(t, w.server, "s")
	at := rapid.IntRange(0, len(open)-1).Draw(t, "shard")
	switch kind := rapid.IntRange(0, 4).Draw(t, "kind of reshard"); {
	case kind == 0 && len(open) <= mostShards/2:
		w.server.UpdateShardCount("s", rapid.IntRange((len(open)+1)/2, 2*len(open)).Draw(t, "shards"), how)
	case kind <= 2 && len(open) < mostShards || len(open) < 2:
		w.server.Split("s", aws.ToString(open[at].ShardId), "", how)
	default:
		at = min(at, len(open)-2)
		w.server.Merge("s", aws.ToString(open[at].ShardId), aws.ToString(open[at+1].ShardId), how)
	}
}

// openShards are the open shards of a stream in the order of their ranges. It asks with an operation that no storm hits.
func openShards(t *rapid.T, s *kinesistest.Server, stream string) (open []types.Shard) {
	in := &kinesis.DescribeStreamInput{StreamName: aws.String(stream)}
	for more := true; more; {
		out, err := s.Client().DescribeStream(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		all := out.StreamDescription.Shards
		for _, shard := range all {
			if shard.SequenceNumberRange.EndingSequenceNumber == nil {
				open = append(open, shard)
			}
		}
		more = aws.ToBool(out.StreamDescription.HasMoreShards)
		in.ExclusiveStartShardId = all[len(all)-1].ShardId
	}
	slices.SortFunc(open, func(a, b types.Shard) int {
		return cmp.Or(cmp.Compare(len(first(a)), len(first(b))), cmp.Compare(first(a), first(b)))
	})
	return open
}

// first is the decimal text of a shard's lowest hash key: shorter is lower.
func first(s types.Shard) string { return aws.ToString(s.HashKeyRange.StartingHashKey) }
