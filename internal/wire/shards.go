package wire

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	// MaxShards is the largest shard map we read. The service's quota is 20,000 shards an account in its largest regions
	// (developer guide, quotas and limits), so more is a server that does not stop.
	MaxShards = 25_000
	// maxPages bounds a listing whose pages are nearly empty. The service fills pages of 1000 shards, some emulators of 100.
	maxPages = 500
)

// Shard is one shard as ListShards describes it. Nothing is empty but Parent and AdjacentParent.
type Shard struct {
	ID string
	// First and Last are the shard's lowest and highest hash key, both inside it, as the server's decimal text; whether
	// they are numbers in range is for the reader to check.
	First, Last string
	// Parent is the shard that this one was split or merged from, AdjacentParent the second one of a merge. They are
	// "" for a shard as old as its stream; a named parent may have left the stream long ago.
	Parent, AdjacentParent string
	// Closed says that the shard takes no more records. Only servers that ignore the filter report such shards.
	Closed bool
}

// ListShards reads all pages of the stream's open shards, in the server's order. The SDK's retries are on for each page.
//
// It asks with the filter AT_LATEST, for open shards only: without it the answer has every shard that closed within the
// retention time, up to a year of resharding, and a map of 10,000 shards might need many times its ten pages. Closed
// shards are not missed: one that we put to was open when we listed it, and open shards name their parents.
//
// A token that expired between two pages (after 300 s) starts the listing over, once. More than MaxShards shards, a shard
// listed twice (a page that comes again) or a listing without end is CodeBadAnswer.
func ListShards(ctx context.Context, api API, s Stream) ([]Shard, *Failure) {
	shards, f := listing(ctx, api, s)
	if f != nil && f.Code == (*types.ExpiredNextTokenException)(nil).ErrorCode() {
		shards, f = listing(ctx, api, s)
	}
	return shards, f
}

func listing(ctx context.Context, api API, s Stream) ([]Shard, *Failure) {
	var shards []Shard
	seen := make(map[string]bool)
	in := &kinesis.ListShardsInput{ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}}
	in.StreamName, in.StreamARN = s.address()
	for range maxPages {
		out, f := page(ctx, api, in)
		if f != nil {
			return nil, f
		}
		if len(shards)+len(out.Shards) > MaxShards {
			return nil, badAnswer(fmt.Sprintf("the shard list goes on after %d shards", MaxShards))
		}
		for i := range out.Shards {
			shard, ok := readShard(&out.Shards[i])
			switch {
			case !ok:
				return nil, badAnswer(fmt.Sprintf("shard %d of the list lacks its id or its hash key range", len(shards))).withRequestID(out.ResultMetadata)
			case seen[shard.ID]:
				return nil, badAnswer("the shard list has " + clean(shorten(shard.ID)) + " twice").withRequestID(out.ResultMetadata)
			}
			seen[shard.ID] = true
			shards = append(shards, shard)
		}
		if aws.ToString(out.NextToken) == "" {
			return shards, nil
		}
		// The token stands for stream and filter; the service refuses both beside it.
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
	return nil, badAnswer(fmt.Sprintf("the shard list has no end after %d pages and %d shards", maxPages, len(shards)))
}

func page(ctx context.Context, api API, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, *Failure) {
	var t transit
	if f := t.ended(ctx); f != nil {
		return nil, f
	}
	out, err := api.ListShards(ctx, in, t.watch)
	if err != nil {
		return nil, t.judge(ctx, err)
	}
	if out == nil {
		return nil, badAnswer("the client returned neither a shard list nor an error")
	}
	return out, nil
}

func readShard(from *types.Shard) (Shard, bool) {
	shard := Shard{
		ID:             aws.ToString(from.ShardId),
		Parent:         aws.ToString(from.ParentShardId),
		AdjacentParent: aws.ToString(from.AdjacentParentShardId),
	}
	if keys := from.HashKeyRange; keys != nil {
		shard.First, shard.Last = aws.ToString(keys.StartingHashKey), aws.ToString(keys.EndingHashKey)
	}
	if numbers := from.SequenceNumberRange; numbers != nil {
		shard.Closed = aws.ToString(numbers.EndingSequenceNumber) != ""
	}
	return shard, shard.ID != "" && shard.First != "" && shard.Last != ""
}
