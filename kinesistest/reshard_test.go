package kinesistest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

const (
	shard2, shard3, shard4 = "shardId-000000000002", "shardId-000000000003", "shardId-000000000004"
	half                   = "170141183460469231731687303715884105728" // 2^127
)

func split(stream, shard, at string) *kinesis.SplitShardInput {
	return &kinesis.SplitShardInput{StreamName: &stream, ShardToSplit: &shard, NewStartingHashKey: &at}
}

func merge(stream, shard, adjacent string) *kinesis.MergeShardsInput {
	return &kinesis.MergeShardsInput{StreamName: &stream, ShardToMerge: &shard, AdjacentShardToMerge: &adjacent}
}

func count(stream string, n int32) *kinesis.UpdateShardCountInput {
	return &kinesis.UpdateShardCountInput{StreamName: &stream, TargetShardCount: &n, ScalingType: types.ScalingTypeUniformScaling}
}

// shards lists a stream's shards as numbers, closed ones in parentheses, with their parents.
func shards(t *testing.T, c client, in *kinesis.ListShardsInput) string {
	t.Helper()
	number := func(id *string) string {
		return strings.TrimLeft((*id)[len("shardId-"):len(*id)-1], "0") + (*id)[len(*id)-1:]
	}
	var list []string
	for _, sh := range must[*kinesis.ListShardsOutput](t)(c.ListShards(context.Background(), in)).Shards {
		text := number(sh.ShardId)
		if sh.ParentShardId != nil {
			text += "<" + number(sh.ParentShardId)
		}
		if sh.AdjacentParentShardId != nil {
			text += "+" + number(sh.AdjacentParentShardId)
		}
		if sh.SequenceNumberRange.EndingSequenceNumber != nil {
			text = "(" + text + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, " ")
}

func status(t *testing.T, c client, stream string) string {
	t.Helper()
	sum := must[*kinesis.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(context.Background(),
		&kinesis.DescribeStreamSummaryInput{StreamName: &stream})).StreamDescriptionSummary
	return fmt.Sprintf("%s %d", sum.StreamStatus, *sum.OpenShardCount)
}

// A split and a merge by the API, at once: who descends from whom, how long the stream is
// UPDATING, and what the closed shards still give to readers.
func TestSplitAndMerge(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		list := &kinesis.ListShardsInput{StreamName: aws.String("a")}
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(ctx, put("a", "before")))
		iterator := func(shard string) *string {
			return must[*kinesis.GetShardIteratorOutput](t)(c.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
				StreamName: aws.String("a"), ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})).ShardIterator
		}

		must[*kinesis.SplitShardOutput](t)(c.SplitShard(ctx, split("a", shard0, half)))
		if got, want := shards(t, c, list)+", "+status(t, c, "a"), "(0) 1<0 2<0, UPDATING 2"; got != want {
			t.Errorf("after the split: %s, want %s", got, want)
		}
		_, err := c.MergeShards(ctx, merge("a", shard1, shard2))
		wantError(t, err, "ResourceInUseException", "Stream a under account 123456789012 not ACTIVE, instead in state UPDATING")
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(ctx, put("a", "while UPDATING")))

		clock.Time = clock.Add(time.Minute)
		must[*kinesis.MergeShardsOutput](t)(c.MergeShards(ctx, merge("a", shard2, shard1)))
		clock.Time = clock.Add(time.Minute)
		if got, want := shards(t, c, list)+", "+status(t, c, "a"), "(0) (1<0) (2<0) 3<2+1, ACTIVE 1"; got != want {
			t.Errorf("after the merge: %s, want %s", got, want)
		}

		for shard, want := range map[string]string{shard0: shard1 + " " + shard2, shard1: shard3, shard2: shard3, shard3: ""} {
			out := must[*kinesis.GetRecordsOutput](t)(c.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator(shard)}))
			var children []string
			for _, child := range out.ChildShards {
				children = append(children, *child.ShardId)
				if !slices.Contains(child.ParentShards, shard) || child.HashKeyRange == nil {
					t.Errorf("%s has the child %+v", shard, child)
				}
			}
			if got := strings.Join(children, " "); got != want || (out.NextShardIterator == nil) != (want != "") {
				t.Errorf("%s ends with the children %q and iterator %v, want %q", shard, got, out.NextShardIterator, want)
			}
			if shard == shard0 && len(out.Records) != 1 {
				t.Errorf("%d records in the closed shard, want 1", len(out.Records))
			}
		}
		d := must[*kinesis.DescribeStreamOutput](t)(c.DescribeStream(ctx, &kinesis.DescribeStreamInput{StreamName: aws.String("a")})).StreamDescription
		if last := d.Shards[len(d.Shards)-1]; len(d.Shards) != 4 || *last.ParentShardId != shard2 || *last.HashKeyRange.EndingHashKey != maxHash {
			t.Errorf("%d shards described, the last %+v", len(d.Shards), last)
		}
	}, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now), kinesistest.Transition(time.Minute))
}

func TestReshardRefusals(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		s.Split("a", shard0, "") // so that 0 is closed, 2 and 3 are its children
		splits := func(in *kinesis.SplitShardInput) error { _, err := c.SplitShard(ctx, in); return err }
		merges := func(in *kinesis.MergeShardsInput) error { _, err := c.MergeShards(ctx, in); return err }
		counts := func(in *kinesis.UpdateShardCountInput) error { _, err := c.UpdateShardCount(ctx, in); return err }
		for _, tc := range []struct {
			err        error
			code, text string
		}{
			{splits(split("a", shard2, "1")), "InvalidArgumentException", "NewStartingHashKey 1 used in SplitShard() on shard shardId-000000000002 in " +
				"stream a under account 123456789012 is not both greater than one plus the shard's StartingHashKey 0 and less than"},
			{splits(split("a", shard1, maxHash)), "InvalidArgumentException", "less than the shard's EndingHashKey " + maxHash + "."},
			{splits(split("a", shard1, strings.Repeat("9", 39))), "InvalidArgumentException", "NewStartingHashKey 999"},
			{splits(split("a", shard1, "01")), "ValidationException", "'newStartingHashKey'"},
			{splits(split("a", shard0, "5")), "InvalidArgumentException", "has already been merged or split"},
			{splits(split("a", "shardId-7", "5")), "ResourceNotFoundException", "Could not find shard shardId-7 in stream a under account 123456789012."},
			{splits(split("nowhere", shard0, "5")), "ResourceNotFoundException", "Stream nowhere"},
			{splits(split("od", shard0, "5")), "ValidationException", "ON_DEMAND"},
			{merges(merge("a", shard2, shard1)), "InvalidArgumentException", "are not an adjacent pair of shards eligible for merging"},
			{merges(merge("a", shard1, shard2)), "InvalidArgumentException", "are not an adjacent pair"}, // the ends of the key space do not meet
			{merges(merge("a", shard1, shard1)), "InvalidArgumentException", "are not an adjacent pair"},
			{merges(merge("a", shard0, shard1)), "InvalidArgumentException", "has already been merged or split"},
			{merges(merge("a", shard1, "shardId-7")), "ResourceNotFoundException", "Could not find shard shardId-7"},
			{merges(merge("a", "a/b", shard1)), "ValidationException", "'shardToMerge'"},
			{counts(count("a", 7)), "InvalidArgumentException", "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 3 Target shard count: 7"},
			{counts(count("a", 1)), "InvalidArgumentException", "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: 3 Target shard count: 1"},
			{counts(count("a", 10_001)), "LimitExceededException", "cannot be greater than 10000"},
			{counts(count("a", 0)), "ValidationException", "'targetShardCount'"},
			{counts(&kinesis.UpdateShardCountInput{StreamName: aws.String("a"), TargetShardCount: aws.Int32(2), ScalingType: "X"}), "ValidationException", "[UNIFORM_SCALING]"},
			{counts(count("od", 8)), "ValidationException", "ON_DEMAND"},
		} {
			wantError(t, tc.err, tc.code, tc.text)
		}
		if got := status(t, c, "a"); got != "ACTIVE 3" {
			t.Errorf("refused calls left the stream %s", got)
		}
	}, kinesistest.Stream("a", 2), kinesistest.Stream("od", 4, kinesistest.OnDemand()), kinesistest.Transition(0))
}

// UpdateShardCount from 2 to 3 goes through four short-lived pieces of which two are merged.
func TestUpdateShardCount(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		out := must[*kinesis.UpdateShardCountOutput](t)(c.UpdateShardCount(ctx, count("a", 3)))
		if *out.CurrentShardCount != 2 || *out.TargetShardCount != 3 || *out.StreamName != "a" || *out.StreamARN != arnOfA {
			t.Errorf("answer %+v", out)
		}
		if got, want := shards(t, c, &kinesis.ListShardsInput{StreamName: aws.String("a")}), "(0) (1) 2<0 (3<0) (4<1) 5<1 6<3+4"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		open := must[*kinesis.ListShardsOutput](t)(c.ListShards(ctx, &kinesis.ListShardsInput{StreamName: aws.String("a"),
			ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}}))
		var starts []string
		for _, sh := range open.Shards {
			starts = append(starts, *sh.HashKeyRange.StartingHashKey)
		}
		slices.Sort(starts)
		if want := "0 113427455640312821154458202477256070485 226854911280625642308916404954512140970"; strings.Join(starts, " ") != want {
			t.Errorf("open shards begin at %v, want %s", starts, want)
		}
		for i := range int32(9) {
			must[*kinesis.UpdateShardCountOutput](t)(c.UpdateShardCount(ctx, count("a", 3+i%2)))
		}
		_, err := c.UpdateShardCount(ctx, count("a", 3))
		wantError(t, err, "LimitExceededException", "10 times per rolling 24 hours")
		s.UpdateShardCount("a", 4) // which is no call of a client
		clock.Time = clock.Add(24 * time.Hour)
		must[*kinesis.UpdateShardCountOutput](t)(c.UpdateShardCount(ctx, count("a", 3)))
	}, kinesistest.Stream("a", 2), kinesistest.Transition(0), kinesistest.Clock(clock.now))
}

// The filters of ListShards, over a life of two reshards.
func TestListShardsFiltersClosedShards(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		start := clock.Time
		at := func(d time.Duration) *time.Time { return aws.Time(start.Add(d)) }
		clock.Time = *at(time.Minute)
		s.Split("a", shard0, "")
		clock.Time = *at(2 * time.Minute)
		s.Merge("a", shard2, shard3)
		for _, tc := range []struct {
			kind types.ShardFilterType
			id   string
			at   *time.Time
			want string
		}{
			{kind: types.ShardFilterTypeFromTrimHorizon, want: "(0) 1 (2<0) (3<0) 4<2+3"},
			{kind: types.ShardFilterTypeAtTrimHorizon, want: "(0) 1"},
			{kind: types.ShardFilterTypeAtLatest, want: "1 4<2+3"},
			{kind: types.ShardFilterTypeAfterShardId, id: shard1, want: "(2<0) (3<0) 4<2+3"},
			{kind: types.ShardFilterTypeAtTimestamp, at: at(30 * time.Second), want: "(0) 1"},
			{kind: types.ShardFilterTypeAtTimestamp, at: at(90 * time.Second), want: "1 (2<0) (3<0)"},
			{kind: types.ShardFilterTypeAtTimestamp, at: at(time.Hour), want: "1 4<2+3"},
			{kind: types.ShardFilterTypeFromTimestamp, at: at(30 * time.Second), want: "(0) 1 (2<0) (3<0) 4<2+3"},
			{kind: types.ShardFilterTypeFromTimestamp, at: at(90 * time.Second), want: "1 (2<0) (3<0) 4<2+3"},
			{kind: types.ShardFilterTypeFromTimestamp, at: at(time.Hour), want: "1 4<2+3"},
		} {
			filter := &types.ShardFilter{Type: tc.kind, Timestamp: tc.at}
			if tc.id != "" {
				filter.ShardId = &tc.id
			}
			if got := shards(t, c, &kinesis.ListShardsInput{StreamName: aws.String("a"), ShardFilter: filter}); got != tc.want {
				t.Errorf("%s %v: %s, want %s", tc.kind, tc.at, got, tc.want)
			}
			first := must[*kinesis.ListShardsOutput](t)(c.ListShards(context.Background(), &kinesis.ListShardsInput{
				StreamName: aws.String("a"), ShardFilter: filter, MaxResults: aws.Int32(1)}))
			if got := shards(t, c, &kinesis.ListShardsInput{NextToken: first.NextToken}); !strings.HasSuffix(tc.want, " "+got) {
				t.Errorf("%s %v: %s on the second page, want the rest of %s", tc.kind, tc.at, got, tc.want)
			}
		}
	}, kinesistest.Stream("a", 2), kinesistest.Clock(clock.now), kinesistest.Transition(0))
}

// Late and step by step, in virtual time: when the parents close and the children open.
func TestReshardTiming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := kinesistest.New(t, kinesistest.Stream("a", 2), kinesistest.Resharding(kinesistest.Late(2*time.Minute)))
		c := s.Client()
		now := func() string { return status(t, c, "a") }
		must[*kinesis.UpdateShardCountOutput](t)(c.UpdateShardCount(context.Background(), count("a", 3)))
		for _, want := range []string{"UPDATING 2", "UPDATING 4", "ACTIVE 3"} { // splits after a minute, the merge after another
			if got := now(); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", times(20, "k")...)))
			time.Sleep(time.Minute)
		}

		if children := s.UpdateShardCount("a", 6, kinesistest.StepByStep()); len(children) != 6 {
			t.Errorf("children %v", children)
		}
		time.Sleep(time.Hour)
		for _, want := range []string{"UPDATING 3 true", "UPDATING 6 false"} {
			if got := fmt.Sprint(now(), " ", s.Step("a")); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		if got := now(); got != "ACTIVE 6" {
			t.Errorf("%s, want ACTIVE 6", got)
		}

		child := s.Merge("a", "shardId-000000000007", "shardId-000000000008", kinesistest.Late(time.Minute))
		if got := now(); got != "UPDATING 6" || child != "shardId-000000000013" {
			t.Errorf("%s before the child %s opens", got, child)
		}
		if more := s.Step("a"); !more || now() != "UPDATING 5" { // before its time
			t.Errorf("%v %s after the step", more, now())
		}
	})
}

// What the hand of a test cannot do.
func TestReshardByHandRefusals(t *testing.T) {
	tb := &fakeTB{TB: t}
	s := kinesistest.New(tb, kinesistest.Stream("a", 1))
	s.Step("a")
	s.Step("nowhere")
	s.Split("nowhere", shard0, "")
	s.Split("a", shard0, "x")
	s.Merge("a", shard0, shard0)
	s.UpdateShardCount("a", 3)
	s.Split("a", shard0, "", kinesistest.Late(-1))
	s.Split("a", shard0, "", kinesistest.AtOnce(), kinesistest.AtOnce())
	if len(tb.fatal) != 8 {
		t.Errorf("%d complaints, want 8", len(tb.fatal))
	}
	s.Split("a", shard0, "", kinesistest.StepByStep())
	s.Split("a", shard0, "") // its stage is still to come
	if len(tb.fatal) != 9 {
		t.Errorf("%d complaints, want 9", len(tb.fatal))
	}
	if _, err := kinesistest.Start(kinesistest.Resharding(kinesistest.Late(-1))); err == nil {
		t.Error("Late(-1): no error")
	}
}

// A stream that is created again under the same name, at the same time, is another one.
func TestRecreatedStream(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		created := func() time.Time {
			return *must[*kinesis.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(ctx,
				&kinesis.DescribeStreamSummaryInput{StreamName: aws.String("a")})).StreamDescriptionSummary.StreamCreationTimestamp
		}
		first := created()
		s.Split("a", shard0, "", kinesistest.StepByStep())
		must[*kinesis.DeleteStreamOutput](t)(c.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: aws.String("a")}))
		must[*kinesis.CreateStreamOutput](t)(c.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(1)}))
		if second := created(); !second.After(first) {
			t.Errorf("created %v, the one before %v", second, first)
		}
		if got := shards(t, c, &kinesis.ListShardsInput{StreamName: aws.String("a")}) + ", " + status(t, c, "a"); got != "0, ACTIVE 1" {
			t.Errorf("%s, want 0, ACTIVE 1", got)
		}
	}, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now), kinesistest.Transition(0))
}
