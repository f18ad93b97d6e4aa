package kinecast_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// discarding is a client that stores nothing and says that all went to the shard whose number the entry's hash key, or
// else the caller, gives.
func discarding(srv *kinesistest.Server, shardOf func(*types.PutRecordsRequestEntry) string) *meddler {
	client := &meddler{Client: srv.Client()}
	number := aws.String("1")
	client.onPut = func(_ context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
		out := &kinesis.PutRecordsOutput{Records: make([]types.PutRecordsResultEntry, len(in.Records))}
		for i := range in.Records {
			id := shardOf(&in.Records[i])
			out.Records[i] = types.PutRecordsResultEntry{ShardId: &id, SequenceNumber: number}
		}
		return out, nil
	}
	return client
}

func firstShard(*types.PutRecordsRequestEntry) string { return "shardId-000000000000" }

// Put of bytes with a key that is a field allocates nothing: what all of the producer allocates, aggregates, requests and
// answers included, is next to nothing for a record.
func TestPutAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	const records = 100_000
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	p, err := kinecast.New(discarding(srv, firstShard), kinecast.Config[[]byte]{
		DefaultStream: "s", Serializer: kinecast.Bytes(), Partitioner: kinecast.PartitionerFunc[[]byte](startOf),
	})
	must(t, err)
	value := make([]byte, 100)
	put := func(n int) {
		for i := range n {
			for j := range 4 {
				value[j] = byte('a' + i>>(4*j)&15)
			}
			must(t, p.Put(t.Context(), value))
		}
	}
	copy(value[4:], "0123456789abcdef----------------------------------------")
	put(records) // fills the pools
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	put(records)
	runtime.ReadMemStats(&after)
	perRecord := float64(after.Mallocs-before.Mallocs) / records
	t.Logf("%.4f allocations a record", perRecord)
	if perRecord > 0.1 {
		t.Errorf("%.3f allocations a record, want none but those of each 50 KiB", perRecord)
	}
	must(t, p.Close(t.Context()))
}

// startOf makes a record's first 20 bytes its key.
func startOf(v []byte, at *kinecast.Placement) error {
	at.Key = append(at.Key, v[:20]...)
	return nil
}
