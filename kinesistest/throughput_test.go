package kinesistest_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// A throttled shard refuses the records it has no room for, with the service's words, and
// they use up nothing; other shards take theirs.
func TestThrottledShard(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		s.Throttle("a", kinesistest.Throughput{Records: 2}, shard0)
		in := put("a", "1", "2", "3", "4")
		for i := range in.Records {
			in.Records[i].ExplicitHashKey = aws.String([]string{"0", "0", "0", maxHash}[i])
		}
		for range 2 { // the second second is as the first: refused records took nothing of it
			out := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), in))
			if *out.FailedRecordCount != 1 || aws.ToString(out.Records[2].ErrorCode) != throttled ||
				aws.ToString(out.Records[2].ErrorMessage) != "Rate exceeded for shard shardId-000000000000 in stream a under account 123456789012." {
				t.Errorf("%d failed, third %+v", *out.FailedRecordCount, out.Records[2])
			}
			_, err := c.PutRecord(context.Background(), &kinesis.PutRecordInput{
				StreamName: aws.String("a"), PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("0"), Data: []byte{}})
			if _, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err); !ok {
				t.Errorf("PutRecord: %v", err)
			}
			clock.Time = clock.Add(time.Second)
		}
		records := s.Records("a")[shard0]
		if len(records) != 4 || stored(s, "a") != 6 {
			t.Errorf("%d records in the shard, %d in all, want 4 and 6", len(records), stored(s, "a"))
		}
		s.Throttle("a", kinesistest.Throughput{})
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), in))
		if got := stored(s, "a"); got != 10 {
			t.Errorf("%d records after the end of the throttling, want 10", got)
		}
	}, kinesistest.Stream("a", 2), kinesistest.Clock(clock.now))
}

// How much of a steady stream of records of 100 bytes, keys included, is stored in ten seconds.
func TestThroughput(t *testing.T) {
	for name, tc := range map[string]struct {
		limit   kinesistest.Throughput
		size    int
		offered int // a second
		want    int
	}{
		"records":            {kinesistest.Throughput{Records: 10}, 100, 50, 110},
		"bytes, keys count":  {kinesistest.Throughput{Bytes: 1000}, 100, 50, 110},
		"both, bytes first":  {kinesistest.Throughput{Records: 20, Bytes: 1000}, 100, 50, 110},
		"burst":              {kinesistest.Throughput{Records: 10, Burst: 3 * time.Second}, 100, 50, 130},
		"under the limit":    {kinesistest.Throughput{Records: 10}, 100, 5, 50},
		"other writers":      {kinesistest.Throughput{Records: 10, OtherRecords: 6}, 100, 50, 50},
		"others take it all": {kinesistest.Throughput{Bytes: 1000, OtherBytes: 2000}, 100, 50, 8},
		"larger than burst":  {kinesistest.Throughput{Bytes: 1000}, 5000, 1, 3}, // at 0, 5 and 10 s: a debt is paid first
		"the service's":      {kinesistest.ServiceThroughput(), 1 << 20, 2, 11},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := kinesistest.New(t, kinesistest.Stream("a", 1, kinesistest.Throttled(tc.limit)))
				in := put("a", "k")
				in.Records[0].Data = make([]byte, tc.size-1)
				for range 10*tc.offered + 1 {
					must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), in))
					time.Sleep(time.Second / time.Duration(tc.offered))
				}
				if got := stored(s, "a"); got < tc.want-1 || got > tc.want+1 {
					t.Errorf("%d records stored, want %d", got, tc.want)
				}
			})
		})
	}
}

// The children of a throttled shard are throttled.
func TestThrottledChildren(t *testing.T) {
	clock := newTicker()
	s := kinesistest.New(t, kinesistest.Clock(clock.now), kinesistest.Stream("a", 1, kinesistest.Throttled(kinesistest.Throughput{Records: 3})))
	s.Split("a", shard0, "")
	out := must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", times(50, "k")...)))
	if *out.FailedRecordCount != 47 {
		t.Errorf("%d refused, want 47", *out.FailedRecordCount)
	}
}

func TestThrottleRefusals(t *testing.T) {
	tb := &fakeTB{TB: t}
	s := kinesistest.New(tb, kinesistest.Stream("a", 1))
	s.Throttle("nowhere", kinesistest.Throughput{})
	s.Throttle("a", kinesistest.Throughput{}, "shardId-7")
	s.Throttle("a", kinesistest.Throughput{Records: -1})
	if len(tb.fatal) != 3 {
		t.Errorf("%d complaints, want 3", len(tb.fatal))
	}
	if _, err := kinesistest.Start(kinesistest.Stream("a", 1, kinesistest.Throttled(kinesistest.Throughput{Burst: -1}))); err == nil {
		t.Error("negative burst: no error")
	}
}

// Operations about streams have limits of their own, per stream or per account.
func TestCallLimits(t *testing.T) {
	clock := newTicker()
	bothDoors(t, func(t *testing.T, s *kinesistest.Server, c client) {
		describe := func(stream string) error {
			_, err := c.DescribeStreamSummary(context.Background(), &kinesis.DescribeStreamSummaryInput{StreamName: &stream})
			return err
		}
		list := func(stream string) error {
			_, err := c.ListShards(context.Background(), &kinesis.ListShardsInput{StreamName: &stream})
			return err
		}
		for i := range 20 {
			if err := describe([]string{"a", "b"}[i%2]); err != nil {
				t.Fatalf("call %d: %v", i, err)
			}
		}
		err := describe("a")
		wantError(t, err, "LimitExceededException", "Rate exceeded for account 123456789012.")
		if _, ok := errors.AsType[*types.LimitExceededException](err); !ok {
			t.Errorf("error %T, want a LimitExceededException", err)
		}
		clock.Time = clock.Add(50 * time.Millisecond)
		if err := describe("a"); err != nil {
			t.Errorf("a twentieth of a second later: %v", err)
		}
		for range 1000 {
			if err := list("a"); err != nil {
				t.Fatal(err)
			}
		}
		wantError(t, list("a"), "LimitExceededException", "Rate exceeded for stream a under account 123456789012.")
		if err := list("b"); err != nil {
			t.Errorf("another stream: %v", err)
		}
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
	}, kinesistest.Stream("a", 1), kinesistest.Stream("b", 1), kinesistest.CallLimits(), kinesistest.Clock(clock.now))
}

// AUTO streams ignore keys, and do not need them.
func TestAutoDistribution(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		in := put("a", "k", "k", "k", "k", "k", "k")
		in.Records[1].ExplicitHashKey = aws.String("0")
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(ctx, in))
		for shard, records := range s.Records("a") {
			if len(records) != 2 {
				t.Errorf("%d records in %s, want 2", len(records), shard)
			}
		}
		_, err := c.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: aws.String("a"), PartitionKey: aws.String("k"),
			Data: []byte{}, SequenceNumberForOrdering: aws.String("1")})
		wantError(t, err, "InvalidArgumentException", "AUTO")
		describe := func() types.RecordDistributionStrategy {
			return must[*kinesis.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{
				StreamName: aws.String("a")})).StreamDescriptionSummary.RecordDistributionStrategy
		}
		if got := describe(); got != types.RecordDistributionStrategyAuto {
			t.Errorf("strategy %q, want AUTO", got)
		}
		set := func(name string, to types.RecordDistributionStrategy) error {
			_, err := c.UpdateStreamRecordDistributionStrategy(ctx, &kinesis.UpdateStreamRecordDistributionStrategyInput{
				StreamARN: aws.String(strings.TrimSuffix(arnOfA, "a") + name), RecordDistributionStrategy: to})
			return err
		}
		if err := set("a", types.RecordDistributionStrategyUserPartitionKey); err != nil || describe() != types.RecordDistributionStrategyUserPartitionKey {
			t.Errorf("strategy %q, error %v", describe(), err)
		}
		out := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(ctx, put("a", "k", "k")))
		if *out.Records[0].ShardId != *out.Records[1].ShardId {
			t.Error("one key went to two shards")
		}
		wantError(t, set("b", types.RecordDistributionStrategyAuto), "InvalidArgumentException", "PROVISIONED")
		wantError(t, set("a", "X"), "ValidationException", "[USER_PARTITION_KEY, AUTO]")
	}, kinesistest.Stream("a", 3, kinesistest.Auto()), kinesistest.Stream("b", 1))
}

func TestAutoNeedsNoKey(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("auto", 2, kinesistest.Auto()), kinesistest.Stream("b", 1))
	for body, want := range map[string]string{
		`{"StreamName":"auto","Records":[{"Data":"aGk="},{"Data":"aGk="}]}`: `"FailedRecordCount":0`,
		`{"StreamName":"b","Records":[{"Data":"aGk="}]}`:                    `Value null at 'records.1.member.partitionKey'`,
		`{"StreamName":"auto","Records":[{}]}`:                              `2 validation errors detected`,
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, post("PutRecords", body))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s, want %s", body, w.Body, want)
		}
	}
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, post("PutRecord", `{"StreamName":"auto","Data":"aGk="}`)); w.Code != 200 {
		t.Errorf("PutRecord without a key: %s", w.Body)
	}
}
