package kinesistest_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// A stream's largest record grows, at once; meanwhile it is UPDATING.
func TestUpdateMaxRecordSize(t *testing.T) {
	clock := newTicker()
	bothDoors(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		large := put("a", "k")
		large.Records[0].Data = bytes.Repeat([]byte("x"), 2<<20-1)
		_, err := c.PutRecords(ctx, large)
		wantError(t, err, "ValidationException", "less than or equal to 1048576")
		in := &kinesis.UpdateMaxRecordSizeInput{StreamARN: aws.String(arnOfA), MaxRecordSizeInKiB: aws.Int32(2048)}
		must[*kinesis.UpdateMaxRecordSizeOutput](t)(c.UpdateMaxRecordSize(ctx, in))
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(ctx, large))
		_, err = c.UpdateMaxRecordSize(ctx, in)
		wantError(t, err, "ResourceInUseException", "UPDATING")
		clock.Time = clock.Add(time.Second)
		is := must[*kinesis.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("a")})).StreamDescriptionSummary
		if is.StreamStatus != types.StreamStatusActive || *is.MaxRecordSizeInKiB != 2048 {
			t.Errorf("%s, %d KiB", is.StreamStatus, *is.MaxRecordSizeInKiB)
		}
		for _, kib := range []int32{1023, 10241} {
			_, err = c.UpdateMaxRecordSize(ctx, &kinesis.UpdateMaxRecordSizeInput{StreamARN: aws.String(arnOfA), MaxRecordSizeInKiB: &kib})
			wantError(t, err, "ValidationException", "'maxRecordSizeInKiB'")
		}
		_, err = c.UpdateMaxRecordSize(ctx, &kinesis.UpdateMaxRecordSizeInput{StreamARN: aws.String(arnOfA + "b"), MaxRecordSizeInKiB: aws.Int32(1024)})
		wantError(t, err, "ResourceNotFoundException", "")
	}, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now))
}

// A stream changes its mode twice a day, and with it who changes its shards.
func TestUpdateStreamMode(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		to := func(mode types.StreamMode) error {
			_, err := c.UpdateStreamMode(ctx, &kinesis.UpdateStreamModeInput{StreamARN: aws.String(arnOfA), StreamModeDetails: &types.StreamModeDetails{StreamMode: mode}})
			return err
		}
		if err := to(types.StreamModeOnDemand); err != nil {
			t.Fatal(err)
		}
		_, err := c.SplitShard(ctx, split("a", shard0, half))
		wantError(t, err, "ValidationException", "ON_DEMAND")
		if err := to(types.StreamModeProvisioned); err != nil {
			t.Fatal(err)
		}
		_, err = c.SplitShard(ctx, split("a", shard0, half))
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, to(types.StreamModeOnDemand), "LimitExceededException", "2 times")
		wantError(t, to("X"), "ValidationException", "[PROVISIONED, ON_DEMAND]")
	}, kinesistest.Stream("a", 1), kinesistest.Transition(0))
}

// The test plays the service that scales an on-demand stream under steady puts: late, and back again.
func TestOnDemandScaling(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		var written []kinesistest.Put
		shards := map[string]bool{}
		for n := range 60 {
			switch n {
			case 10:
				s.UpdateShardCount("a", 8, kinesistest.Late(10*time.Second))
			case 30:
				s.UpdateShardCount("a", 6, kinesistest.Late(10*time.Second))
			}
			in := put("a", fmt.Sprint("key-", n%7))
			in.Records[0].Data = fmt.Append(nil, n)
			out := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), in))
			shards[*out.Records[0].ShardId] = true
			written = append(written, kinesistest.Put{Key: *in.Records[0].PartitionKey, Data: in.Records[0].Data})
			clock.Time = clock.Add(time.Second)
		}
		s.Want("a", written, kinesistest.Exactly)
		if len(shards) < 9 || status(t, c, "a") != "ACTIVE 6" {
			t.Errorf("records went to %d shards; the stream is %s", len(shards), status(t, c, "a"))
		}
	}, kinesistest.Stream("a", 4, kinesistest.OnDemand()), kinesistest.Clock(clock.now))
}
