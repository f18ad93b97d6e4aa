package kinesistest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// reader reads the one shard of stream "a".
type reader struct {
	*testing.T
	c client
}

func (r reader) iterator(kind types.ShardIteratorType, set ...func(*kinesis.GetShardIteratorInput)) (*string, error) {
	in := &kinesis.GetShardIteratorInput{StreamName: aws.String("a"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: kind}
	for _, f := range set {
		f(in)
	}
	out, err := r.c.GetShardIterator(context.Background(), in)
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

func (r reader) read(iterator *string, limit int32) *kinesis.GetRecordsOutput {
	r.Helper()
	return must[*kinesis.GetRecordsOutput](r.T)(r.c.GetRecords(context.Background(),
		&kinesis.GetRecordsInput{ShardIterator: iterator, Limit: &limit}))
}

func keysOf(records []types.Record) string {
	var keys []string
	for _, r := range records {
		keys = append(keys, *r.PartitionKey)
	}
	return strings.Join(keys, " ")
}

func TestIterators(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		r := reader{t, c}
		early := clock.Time
		first := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k0", "k1")))
		clock.Time = clock.Add(time.Second)
		late := clock.Time
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k2")))
		latest := must[*string](t)(r.iterator(types.ShardIteratorTypeLatest))

		number := func(n *string) func(*kinesis.GetShardIteratorInput) {
			return func(in *kinesis.GetShardIteratorInput) { in.StartingSequenceNumber = n }
		}
		at := func(when time.Time) func(*kinesis.GetShardIteratorInput) {
			return func(in *kinesis.GetShardIteratorInput) { in.Timestamp = &when }
		}
		for _, tc := range []struct {
			kind types.ShardIteratorType
			set  func(*kinesis.GetShardIteratorInput)
			want string
		}{
			{types.ShardIteratorTypeTrimHorizon, nil, "k0 k1 k2"},
			{types.ShardIteratorTypeAtSequenceNumber, number(first.Records[1].SequenceNumber), "k1 k2"},
			{types.ShardIteratorTypeAfterSequenceNumber, number(first.Records[1].SequenceNumber), "k2"},
			{types.ShardIteratorTypeAtTimestamp, at(early), "k0 k1 k2"},
			{types.ShardIteratorTypeAtTimestamp, at(late), "k2"},
			{types.ShardIteratorTypeAtTimestamp, at(early.Add(-time.Hour)), "k0 k1 k2"},
		} {
			var set []func(*kinesis.GetShardIteratorInput)
			if tc.set != nil {
				set = append(set, tc.set)
			}
			out := r.read(must[*string](t)(r.iterator(tc.kind, set...)), 10)
			if got := keysOf(out.Records); got != tc.want || *out.MillisBehindLatest != 0 {
				t.Errorf("%s: %q, %d ms behind, want %q and 0", tc.kind, got, *out.MillisBehindLatest, tc.want)
			}
		}
		clock.Time = clock.Add(time.Second)
		if out := r.read(must[*string](t)(r.iterator(types.ShardIteratorTypeAtTimestamp, at(clock.Time))), 10); len(out.Records) != 0 {
			t.Errorf("AT_TIMESTAMP after all: %q, want nothing", keysOf(out.Records))
		}
		if out := r.read(latest, 10); len(out.Records) != 0 {
			t.Errorf("LATEST: %q, want nothing", keysOf(out.Records))
		}
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k3")))
		if out := r.read(latest, 10); keysOf(out.Records) != "k3" {
			t.Errorf("LATEST: %q, want what came after it", keysOf(out.Records))
		}

		for _, bad := range []struct {
			kind       types.ShardIteratorType
			set        func(*kinesis.GetShardIteratorInput)
			code, text string
		}{
			{types.ShardIteratorTypeLatest, number(aws.String("1")), "InvalidArgumentException", "and also a StartingSequenceNumber"},
			{types.ShardIteratorTypeAtSequenceNumber, number(nil), "InvalidArgumentException", "and no StartingSequenceNumber"},
			{types.ShardIteratorTypeAtSequenceNumber, number(aws.String(strings.Repeat("9", 80))), "InvalidArgumentException", "is invalid"},
			{types.ShardIteratorTypeAtSequenceNumber, number(aws.String("x")), "ValidationException", "'startingSequenceNumber'"},
			{types.ShardIteratorTypeAtTimestamp, number(nil), "InvalidArgumentException", "Must specify timestampInMillis"},
			{types.ShardIteratorTypeAtTimestamp, at(clock.Add(time.Hour)), "InvalidArgumentException", "cannot be greater"},
			{"FIRST", number(nil), "ValidationException", "TRIM_HORIZON]"},
			{types.ShardIteratorTypeLatest, func(in *kinesis.GetShardIteratorInput) { in.ShardId = aws.String("shardId-000000000001") },
				"ResourceNotFoundException", "Shard shardId-000000000001 in stream a under account 123456789012 does not exist"},
			{types.ShardIteratorTypeLatest, func(in *kinesis.GetShardIteratorInput) { in.DryRun = aws.Bool(true) }, "DryRunOperationException", ""},
		} {
			_, err := r.iterator(bad.kind, bad.set)
			wantError(t, err, bad.code, bad.text)
		}
	}, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now))
}

func TestGetRecordsPages(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		r := reader{t, c}
		in := put("a", "k0", "k1", "k2", "k3", "k4")
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), in))
		iterator := must[*string](t)(r.iterator(types.ShardIteratorTypeTrimHorizon))
		first := r.read(iterator, 3)
		if keysOf(first.Records) != "k0 k1 k2" || *first.MillisBehindLatest < 1 {
			t.Errorf("%q, %d ms behind, want three records and at least 1", keysOf(first.Records), *first.MillisBehindLatest)
		}
		if got := first.Records[0]; string(got.Data) != "k0" || len(*got.SequenceNumber) != 56 || !got.ApproximateArrivalTimestamp.Equal(clock.Time) {
			t.Errorf("record %q %s %v", got.Data, *got.SequenceNumber, got.ApproximateArrivalTimestamp)
		}
		second := r.read(first.NextShardIterator, 3)
		if keysOf(second.Records) != "k3 k4" || *second.MillisBehindLatest != 0 {
			t.Errorf("%q, %d ms behind, want two records and 0", keysOf(second.Records), *second.MillisBehindLatest)
		}

		clock.Time = clock.Add(300 * time.Second)
		r.read(iterator, 1)
		clock.Time = clock.Add(time.Millisecond)
		_, err := c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: iterator})
		wantError(t, err, "ExpiredIteratorException", "tolerated delay of 300000 milliseconds")
		for _, bad := range []string{"garbage", *iterator + "AAAA", (*iterator)[4:]} {
			_, err = c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: &bad})
			wantError(t, err, "InvalidArgumentException", "Invalid ShardIterator.")
		}
		_, err = c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(10_001)})
		wantError(t, err, "ValidationException", "less than or equal to 10000")
		_, err = c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: first.NextShardIterator, StreamARN: aws.String(arnOfB)})
		wantError(t, err, "ExpiredIteratorException", "")
		fresh := must[*string](t)(r.iterator(types.ShardIteratorTypeLatest))
		_, err = c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: fresh, StreamARN: aws.String(arnOfB)})
		wantError(t, err, "InvalidArgumentException", "do not name the same")
		_, err = c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: fresh, DryRun: aws.Bool(true)})
		wantError(t, err, "DryRunOperationException", "")
	}, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now))
}

// One call gives at most 10 MiB and 10,000 records.
func TestGetRecordsBounds(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1))
	r := reader{t, s.Client()}
	for range 3 {
		must[*kinesis.PutRecordsOutput](t)(r.c.PutRecords(context.Background(), sized("a", mib, mib, mib, mib)))
	}
	out := r.read(must[*string](t)(r.iterator(types.ShardIteratorTypeTrimHorizon)), 100)
	if len(out.Records) != 10 {
		t.Errorf("%d records of 1 MiB, want 10", len(out.Records))
	}
	if out = r.read(out.NextShardIterator, 100); len(out.Records) != 2 {
		t.Errorf("then %d records, want the other 2", len(out.Records))
	}
	for range 21 {
		must[*kinesis.PutRecordsOutput](t)(r.c.PutRecords(context.Background(), put("a", times(500, "k")...)))
	}
	out = r.read(out.NextShardIterator, 10_000)
	if rest := r.read(out.NextShardIterator, 10_000); len(out.Records) != 10_000 || len(rest.Records) != 500 {
		t.Errorf("%d records, then %d, want 10,000 and 500", len(out.Records), len(rest.Records))
	}
}

// What is put is read back, where its hash key belongs, in order, with rising numbers.
func TestPutAndReadBack(t *testing.T) {
	bothDoors(t, func(t *testing.T, s *kinesistest.Server, c client) {
		in := &kinesis.PutRecordsInput{StreamName: aws.String("a")}
		for i := range 300 {
			entry := types.PutRecordsRequestEntry{Data: fmt.Appendf(nil, "data %d", i), PartitionKey: aws.String(fmt.Sprintf("key-%d", i%70))}
			if i%3 == 0 {
				entry.ExplicitHashKey = aws.String(maxHash)
			}
			in.Records = append(in.Records, entry)
		}
		out := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), in))
		at := map[string]int{}
		records := s.Records("a")
		for i, result := range out.Records {
			shard := *result.ShardId
			got := records[shard][at[shard]]
			at[shard]++
			if string(got.Data) != fmt.Sprintf("data %d", i) || got.SequenceNumber != *result.SequenceNumber || got.PartitionKey != *in.Records[i].PartitionKey {
				t.Fatalf("record %d in %s: %q %s %s", i, shard, got.Data, got.PartitionKey, got.SequenceNumber)
			}
			if got.ExplicitHashKey != aws.ToString(in.Records[i].ExplicitHashKey) {
				t.Fatalf("record %d: explicit hash key %q", i, got.ExplicitHashKey)
			}
			if i%3 == 0 && shard != "shardId-000000000006" {
				t.Fatalf("record %d with the highest hash key went to %s", i, shard)
			}
			if n := at[shard]; n > 1 && records[shard][n-2].SequenceNumber >= got.SequenceNumber {
				t.Fatalf("record %d: number %s after %s", i, got.SequenceNumber, records[shard][n-2].SequenceNumber)
			}
		}
	}, kinesistest.Stream("a", 7))
}
