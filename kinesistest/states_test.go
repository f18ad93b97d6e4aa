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

func TestLifeOfAStream(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		status := func() types.StreamStatus {
			t.Helper()
			out := must[*kinesis.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("a")}))
			return out.StreamDescriptionSummary.StreamStatus
		}
		create := &kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(2), MaxRecordSizeInKiB: aws.Int32(2048)}
		must[*kinesis.CreateStreamOutput](t)(c.CreateStream(ctx, create))
		if got := status(); got != types.StreamStatusCreating {
			t.Fatalf("status %s, want CREATING", got)
		}
		_, err := c.CreateStream(ctx, create)
		wantError(t, err, "ResourceInUseException", "Stream a under account 123456789012 already exists.")
		_, err = c.PutRecords(ctx, put("a", "k"))
		wantError(t, err, "ResourceNotFoundException", "Stream a under account 123456789012 not found.")
		_, err = c.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: aws.String("a"), PartitionKey: aws.String("k"), Data: []byte{}})
		wantError(t, err, "ResourceNotFoundException", "not found")
		_, err = c.ListShards(ctx, &kinesis.ListShardsInput{StreamName: aws.String("a")})
		wantError(t, err, "ResourceInUseException", "CREATING")
		d := must[*kinesis.DescribeStreamOutput](t)(c.DescribeStream(ctx, &kinesis.DescribeStreamInput{StreamName: aws.String("a")}))
		if n := len(d.StreamDescription.Shards); n != 0 {
			t.Errorf("%d shards while CREATING, want none yet", n)
		}
		_, err = c.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: aws.String("a")})
		wantError(t, err, "ResourceInUseException", "CREATING")

		clock.Time = clock.Add(10 * time.Second)
		if got := status(); got != types.StreamStatusActive {
			t.Fatalf("status %s, want ACTIVE", got)
		}
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(ctx, put("a", "k")))
		it := must[*kinesis.GetShardIteratorOutput](t)(c.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: aws.String("a"), ShardId: aws.String(shard0), ShardIteratorType: types.ShardIteratorTypeTrimHorizon}))
		page := must[*kinesis.ListShardsOutput](t)(c.ListShards(ctx, &kinesis.ListShardsInput{StreamName: aws.String("a"), MaxResults: aws.Int32(1)}))

		must[*kinesis.DeleteStreamOutput](t)(c.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamARN: aws.String(arnOfA)}))
		if got := status(); got != types.StreamStatusDeleting {
			t.Fatalf("status %s, want DELETING", got)
		}
		_, err = c.PutRecords(ctx, put("a", "k"))
		wantError(t, err, "ResourceNotFoundException", "not found")

		clock.Time = clock.Add(10 * time.Second)
		_, err = c.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("a")})
		wantError(t, err, "ResourceNotFoundException", "not found")

		must[*kinesis.CreateStreamOutput](t)(c.CreateStream(ctx, create))
		clock.Time = clock.Add(10 * time.Second)
		if n := stored(s, "a"); n != 0 {
			t.Errorf("a stream that was created again holds %d records", n)
		}
		_, err = c.ListShards(ctx, &kinesis.ListShardsInput{NextToken: page.NextToken})
		wantError(t, err, "ResourceNotFoundException", "") // the token is of the stream before
		_, err = c.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: it.ShardIterator})
		wantError(t, err, "ResourceNotFoundException", "does not exist")
	}, kinesistest.Clock(clock.now), kinesistest.Transition(10*time.Second))
}

func TestCreateStreamRefusals(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		onDemand := &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}
		for _, tc := range []struct {
			in         kinesis.CreateStreamInput
			code, text string
		}{
			{kinesis.CreateStreamInput{StreamName: aws.String("a/b"), ShardCount: aws.Int32(1)}, "ValidationException", "Value 'a/b' at 'streamName'"},
			{kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(0)}, "ValidationException", "Value '0' at 'shardCount'"},
			{kinesis.CreateStreamInput{StreamName: aws.String("a")}, "ValidationException", "ShardCount is required"},
			{kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(20_001)}, "LimitExceededException", "Limit: 20000."},
			{kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(1), MaxRecordSizeInKiB: aws.Int32(1023)}, "ValidationException", "'maxRecordSizeInKiB'"},
			{kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(1), MaxRecordSizeInKiB: aws.Int32(10241)}, "ValidationException", "equal to 10240"},
			{kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(1), StreamModeDetails: onDemand}, "ValidationException", "ON_DEMAND"},
			{kinesis.CreateStreamInput{StreamName: aws.String("a"), StreamModeDetails: &types.StreamModeDetails{StreamMode: "X"}}, "ValidationException", "enum value set: [PROVISIONED, ON_DEMAND]"},
			{kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(1), RecordDistributionStrategy: "AUTO"}, "ValidationException", "PROVISIONED"},
		} {
			_, err := c.CreateStream(context.Background(), &tc.in)
			wantError(t, err, tc.code, tc.text)
		}
		must[*kinesis.CreateStreamOutput](t)(c.CreateStream(context.Background(), &kinesis.CreateStreamInput{StreamName: aws.String("od"), StreamModeDetails: onDemand}))
		sum := must[*kinesis.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(context.Background(), &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("od")})).StreamDescriptionSummary
		if *sum.OpenShardCount != 4 || sum.RecordDistributionStrategy != types.RecordDistributionStrategyUserPartitionKey {
			t.Errorf("%d shards, %s, want 4 and USER_PARTITION_KEY", *sum.OpenShardCount, sum.RecordDistributionStrategy)
		}
	}, kinesistest.Transition(0))
}

func TestListStreams(t *testing.T) {
	var opts []kinesistest.Option
	for _, name := range []string{"e", "c", "a", "d", "b"} {
		opts = append(opts, kinesistest.Stream(name, 1))
	}
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		var names []string
		in := &kinesis.ListStreamsInput{Limit: aws.Int32(2), ExclusiveStartStreamName: aws.String("a")}
		for more := true; more; {
			out := must[*kinesis.ListStreamsOutput](t)(c.ListStreams(ctx, in))
			names = append(names, out.StreamNames...)
			if len(out.StreamSummaries) != len(out.StreamNames) || *out.StreamSummaries[0].StreamName != out.StreamNames[0] {
				t.Errorf("summaries %+v of %v", out.StreamSummaries, out.StreamNames)
			}
			more = *out.HasMoreStreams
			in = &kinesis.ListStreamsInput{Limit: aws.Int32(2), NextToken: out.NextToken}
		}
		if got := len(names); got != 4 || names[0] != "b" || names[3] != "e" {
			t.Errorf("streams %v, want b to e", names)
		}
		_, err := c.ListStreams(ctx, &kinesis.ListStreamsInput{NextToken: aws.String("x")})
		wantError(t, err, "InvalidArgumentException", "NextToken")
	}, opts...)
}

func TestOptionsOutOfRange(t *testing.T) {
	for name, opt := range map[string]kinesistest.Option{
		"no shards":       kinesistest.Stream("a", 0),
		"too many shards": kinesistest.Stream("a", 10_001),
		"bad name":        kinesistest.Stream("a b", 1),
		"record size":     kinesistest.Stream("a", 1, kinesistest.MaxRecordSize(1)),
		"status":          kinesistest.Stream("a", 1, kinesistest.Status("ASLEEP")),
		"empty key":       kinesistest.AccessKeys(""),
		"no clock":        kinesistest.Clock(nil),
		"account":         kinesistest.Account("1234"),
		"region":          kinesistest.Region("a:b"),
		"transition":      kinesistest.Transition(-1),
		"empty option":    {},
		"address":         kinesistest.Listen("127.0.0.1"),
	} {
		if _, err := kinesistest.Start(opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := kinesistest.Start(kinesistest.Stream("a", 1), kinesistest.Stream("a", 1)); err == nil {
		t.Error("a stream given twice: no error")
	}
}

// The order of options does not matter: streams know the account that comes after them.
func TestAccountAndRegion(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.Account("000000000001"), kinesistest.Region("eu-west-1"))
	out := must[*kinesis.DescribeStreamSummaryOutput](t)(s.Client().DescribeStreamSummary(context.Background(), &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("a")}))
	if got := *out.StreamDescriptionSummary.StreamARN; got != "arn:aws:kinesis:eu-west-1:000000000001:stream/a" {
		t.Errorf("ARN %s", got)
	}
}
