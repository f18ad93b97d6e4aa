package kinecast_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// panicking is a client that panics in the first n calls of an operation.
func panicking(srv *kinesistest.Server, op kinesistest.Operation, n int) *meddler {
	client := &meddler{Client: srv.Client()}
	oops := func() {
		if n--; n >= 0 {
			panic("oops")
		}
	}
	switch op {
	case kinesistest.PutRecords:
		client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
			oops()
			return client.Client.PutRecords(ctx, in)
		}
	case kinesistest.ListShards:
		client.onList = func(ctx context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
			oops()
			return client.Client.ListShards(ctx, in)
		}
	default:
		client.onDescribe = func(ctx context.Context, in *kinesis.DescribeStreamSummaryInput) (*kinesis.DescribeStreamSummaryOutput, error) {
			oops()
			return client.Client.DescribeStreamSummary(ctx, in)
		}
	}
	return client
}

// A client that keeps what it was given, a mock say, finds it unchanged later.
func TestForeignClientMayKeepItsInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		client := &meddler{Client: srv.Client()}
		var mu sync.Mutex // requests run side by side
		var kept, copies []types.PutRecordsRequestEntry
		client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
			mu.Lock()
			defer mu.Unlock()
			kept = append(kept, in.Records...)
			for _, r := range in.Records {
				key := *r.PartitionKey
				copies = append(copies, types.PutRecordsRequestEntry{Data: bytes.Clone(r.Data), PartitionKey: &key})
			}
			return client.Client.PutRecords(ctx, in)
		}
		p := newProducer(t, client)
		for round := range 20 {
			for i := range 200 {
				must(t, p.Put(t.Context(), fmt.Sprintf("%d of round %d", i, round)))
			}
			must(t, p.Flush(t.Context()))
		}
		must(t, p.Close(t.Context()))
		same := func(a, b types.PutRecordsRequestEntry) bool {
			return bytes.Equal(a.Data, b.Data) && *a.PartitionKey == *b.PartitionKey
		}
		if len(kept) == 0 || !slices.EqualFunc(kept, copies, same) {
			t.Error("what the client was given has changed behind its back")
		}
	})
}
