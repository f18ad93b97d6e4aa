package kinesistest_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// ticker is a clock that tests set.
type ticker struct{ time.Time }

func (c *ticker) now() time.Time { return c.Time }

func newTicker() *ticker { return &ticker{time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)} }

func TestListShardsPages(t *testing.T) {
	const shards = 10_000
	bothDoors(t, func(t *testing.T, s *kinesistest.Server, c client) {
		in := &kinesis.ListShardsInput{StreamName: aws.String("a")}
		var all []types.Shard
		for pages := 1; ; pages++ {
			out := must[*kinesis.ListShardsOutput](t)(c.ListShards(context.Background(), in))
			all = append(all, out.Shards...)
			if out.NextToken == nil {
				if pages != 10 {
					t.Errorf("%d pages, want 10", pages)
				}
				break
			}
			in = &kinesis.ListShardsInput{NextToken: out.NextToken}
		}
		if len(all) != shards {
			t.Fatalf("%d shards, want %d", len(all), shards)
		}
		seen := map[string]bool{}
		for _, sh := range all {
			seen[*sh.ShardId] = true
		}
		if len(seen) != shards || *all[0].ShardId != "shardId-000000000000" || *all[shards-1].ShardId != "shardId-000000009999" {
			t.Errorf("%d different shards, %s to %s", len(seen), *all[0].ShardId, *all[shards-1].ShardId)
		}
		if *all[0].HashKeyRange.StartingHashKey != "0" || *all[shards-1].HashKeyRange.EndingHashKey != maxHash {
			t.Errorf("ranges %s to %s", *all[0].HashKeyRange.StartingHashKey, *all[shards-1].HashKeyRange.EndingHashKey)
		}
	}, kinesistest.Stream("a", shards))
}

func TestListShardsToken(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		list := func(in kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
			return c.ListShards(context.Background(), &in)
		}
		first := must[*kinesis.ListShardsOutput](t)(list(kinesis.ListShardsInput{StreamName: aws.String("a"), MaxResults: aws.Int32(3)}))
		if len(first.Shards) != 3 || first.NextToken == nil {
			t.Fatalf("%d shards, token %v", len(first.Shards), first.NextToken)
		}
		_, err := list(kinesis.ListShardsInput{NextToken: first.NextToken, StreamName: aws.String("a")})
		wantError(t, err, "InvalidArgumentException", "NextToken and StreamName cannot be provided together.")
		_, err = list(kinesis.ListShardsInput{NextToken: first.NextToken, StreamCreationTimestamp: aws.Time(clock.Time)})
		wantError(t, err, "InvalidArgumentException", "StreamCreationTimestamp")
		_, err = list(kinesis.ListShardsInput{NextToken: first.NextToken, ExclusiveStartShardId: aws.String("x")})
		wantError(t, err, "InvalidArgumentException", "ExclusiveStartShardId")
		_, err = list(kinesis.ListShardsInput{NextToken: aws.String("garbage")})
		wantError(t, err, "InvalidArgumentException", "Invalid NextToken")
		_, err = list(kinesis.ListShardsInput{})
		wantError(t, err, "InvalidArgumentException", "Either NextToken or StreamName should be provided.")
		_, err = list(kinesis.ListShardsInput{StreamName: aws.String("a"), MaxResults: aws.Int32(0)})
		wantError(t, err, "ValidationException", "'maxResults'")

		clock.Time = clock.Add(300 * time.Second)
		rest := must[*kinesis.ListShardsOutput](t)(list(kinesis.ListShardsInput{NextToken: first.NextToken}))
		if len(rest.Shards) != 5 || rest.NextToken != nil {
			t.Errorf("%d shards, token %v, want the other 5 and none", len(rest.Shards), rest.NextToken)
		}
		clock.Time = clock.Add(time.Millisecond)
		_, err = list(kinesis.ListShardsInput{NextToken: first.NextToken})
		wantError(t, err, "ExpiredNextTokenException", "")
	}, kinesistest.Stream("a", 8), kinesistest.Clock(clock.now))
}

func TestListShardsFilters(t *testing.T) {
	clock := newTicker()
	filter := func(kind types.ShardFilterType, id *string, at *time.Time) *kinesis.ListShardsInput {
		return &kinesis.ListShardsInput{StreamName: aws.String("a"),
			ShardFilter: &types.ShardFilter{Type: kind, ShardId: id, Timestamp: at}}
	}
	before, now := clock.Add(-time.Hour), clock.Time
	third := aws.String("shardId-000000000002")
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		for _, tc := range []struct {
			in   *kinesis.ListShardsInput
			want int
			code string
		}{
			{filter(types.ShardFilterTypeAtLatest, nil, nil), 8, ""},
			{filter(types.ShardFilterTypeAtTrimHorizon, nil, nil), 8, ""},
			{filter(types.ShardFilterTypeFromTrimHorizon, nil, nil), 8, ""},
			{filter(types.ShardFilterTypeAfterShardId, third, nil), 5, ""},
			{filter(types.ShardFilterTypeAtTimestamp, nil, &before), 0, ""},
			{filter(types.ShardFilterTypeAtTimestamp, nil, &now), 8, ""},
			{filter(types.ShardFilterTypeFromTimestamp, nil, &before), 8, ""},
			{filter(types.ShardFilterTypeAfterShardId, nil, nil), 0, "InvalidArgumentException"},
			{filter(types.ShardFilterTypeAtTimestamp, nil, nil), 0, "InvalidArgumentException"},
			{filter(types.ShardFilterTypeAtLatest, third, nil), 0, "InvalidArgumentException"},
			{filter("OPEN", nil, nil), 0, "ValidationException"},
			{&kinesis.ListShardsInput{StreamName: aws.String("a"), ExclusiveStartShardId: third}, 5, ""},
			{&kinesis.ListShardsInput{StreamName: aws.String("a"), StreamCreationTimestamp: &now}, 8, ""},
			{&kinesis.ListShardsInput{StreamName: aws.String("a"), StreamCreationTimestamp: &before}, 0, "ResourceNotFoundException"},
		} {
			out, err := c.ListShards(context.Background(), tc.in)
			switch {
			case tc.code != "":
				wantError(t, err, tc.code, "")
			case err != nil:
				t.Errorf("%+v: %v", tc.in.ShardFilter, err)
			case len(out.Shards) != tc.want:
				t.Errorf("%+v: %d shards, want %d", tc.in.ShardFilter, len(out.Shards), tc.want)
			}
		}
	}, kinesistest.Stream("a", 8), kinesistest.Clock(clock.now))
}

// AT_TIMESTAMP goes on to the next pages.
func TestListShardsFilterPages(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		out := must[*kinesis.ListShardsOutput](t)(c.ListShards(context.Background(), &kinesis.ListShardsInput{
			StreamName: aws.String("a"), MaxResults: aws.Int32(2),
			ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: aws.Time(clock.Time)},
		}))
		out = must[*kinesis.ListShardsOutput](t)(c.ListShards(context.Background(), &kinesis.ListShardsInput{NextToken: out.NextToken}))
		if len(out.Shards) != 1 {
			t.Errorf("%d shards on the second page, want 1", len(out.Shards))
		}
	}, kinesistest.Stream("a", 3), kinesistest.Clock(clock.now))
}

func TestDescribeStream(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		d := must[*kinesis.DescribeStreamOutput](t)(c.DescribeStream(ctx, &kinesis.DescribeStreamInput{StreamName: aws.String("a")})).StreamDescription
		if len(d.Shards) != 100 || !*d.HasMoreShards || *d.StreamARN != arnOfA || d.StreamStatus != types.StreamStatusActive {
			t.Errorf("%d shards, more %v, %s, %s", len(d.Shards), *d.HasMoreShards, *d.StreamARN, d.StreamStatus)
		}
		if !d.StreamCreationTimestamp.Equal(clock.Time) {
			t.Errorf("created %v, want %v", d.StreamCreationTimestamp, clock.Time)
		}
		d = must[*kinesis.DescribeStreamOutput](t)(c.DescribeStream(ctx, &kinesis.DescribeStreamInput{
			StreamARN: aws.String(arnOfA), Limit: aws.Int32(40), ExclusiveStartShardId: d.Shards[99].ShardId,
		})).StreamDescription
		if len(d.Shards) != 20 || *d.HasMoreShards {
			t.Errorf("%d shards, more %v, want 20 and no more", len(d.Shards), *d.HasMoreShards)
		}
		sum := must[*kinesis.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("a")})).StreamDescriptionSummary
		if *sum.OpenShardCount != 120 || *sum.MaxRecordSizeInKiB != 2048 || *sum.RetentionPeriodHours != 24 ||
			sum.StreamModeDetails.StreamMode != types.StreamModeProvisioned || sum.EncryptionType != types.EncryptionTypeNone {
			t.Errorf("summary %+v", sum)
		}
		_, err := c.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("nowhere")})
		wantError(t, err, "ResourceNotFoundException", "Stream nowhere under account 123456789012 not found.")
	}, kinesistest.Stream("a", 120, kinesistest.MaxRecordSize(2048)), kinesistest.Clock(clock.now))
}
