package kinesistest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

const shard0, shard1 = "shardId-000000000000", "shardId-000000000001"

func TestRecordsAreCopies(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		in := put("a", "k")
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), in))
		in.Records[0].Data[0] = 'X'
		s.Records("a")[shard0][0].Data[0] = 'Y'
		if got := s.Records("a")[shard0][0].Data; string(got) != "k" {
			t.Errorf("data %q, want what was put", got)
		}
	}, kinesistest.Stream("a", 1))
}

// Damage done by Rewrite is what readers read.
func TestRewrite(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 2))
	c := s.Client()
	must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", times(20, "k")...)))
	before := len(s.Records("a")[shard1])
	s.Rewrite("a", func(shards map[string][]kinesistest.Record) {
		from := shards[shard1]
		from[0].Data[0] ^= 1         // altered
		from[1].PartitionKey = "new" // another key
		moved := from[2]
		moved.ExplicitHashKey = "7"
		shards[shard1] = append(from[:2], from[4:]...) // one moved, one dropped
		shards[shard0] = append(shards[shard0], moved)
	})
	records := s.Records("a")
	if len(records[shard0]) != 1 || records[shard0][0].ExplicitHashKey != "7" || len(records[shard1]) != before-2 {
		t.Errorf("%d and %d records, want 1 and %d", len(records[shard0]), len(records[shard1]), before-2)
	}
	in := &kinesis.GetShardIteratorInput{StreamName: &putStream, ShardId: &readShard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	it := must[*kinesis.GetShardIteratorOutput](t)(c.GetShardIterator(context.Background(), in))
	out := must[*kinesis.GetRecordsOutput](t)(c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: it.ShardIterator}))
	if string(out.Records[0].Data) != "j" || *out.Records[1].PartitionKey != "new" || len(out.Records) != before-2 {
		t.Errorf("read %+v", out.Records)
	}
}

var putStream, readShard = "a", shard1

func TestRewriteRefusesNonsense(t *testing.T) {
	for want, edit := range map[string]func(map[string][]kinesistest.Record){
		"has no shard":     func(shards map[string][]kinesistest.Record) { shards["shardId-9"] = nil },
		"SequenceNumber":   func(shards map[string][]kinesistest.Record) { shards[shard0][0].SequenceNumber = "one" },
		"ExplicitHashKey":  func(shards map[string][]kinesistest.Record) { shards[shard0][0].ExplicitHashKey = "-1" },
		"there is no stre": nil,
	} {
		stream := "a"
		if edit == nil {
			stream = "nowhere"
		}
		s, err := kinesistest.Start(kinesistest.Stream("a", 1))
		if err != nil {
			t.Fatal(err)
		}
		must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", "k")))
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, want) {
					t.Errorf("panic %q, want %q", text, want)
				}
			}()
			s.Rewrite(stream, edit)
		}()
	}
}

// The log holds the last MaxCalls calls.
func TestCallLogIsBounded(t *testing.T) {
	clock := newTicker()
	s := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now))
	for range kinesistest.MaxCalls {
		must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", "k")))
	}
	clock.Time = clock.Add(1)
	must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", "k", "k")))
	must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", "k", "k", "k")))
	calls := s.Calls()
	n := len(calls)
	if n != kinesistest.MaxCalls || calls[0].Records != 1 || calls[n-2].Records != 2 || calls[n-1].Records != 3 || !calls[n-1].Time.Equal(clock.Time) {
		t.Errorf("%d calls, the last %+v", n, calls[n-1])
	}
}
