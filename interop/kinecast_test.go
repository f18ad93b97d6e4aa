package interop

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest/conformance"
	"github.com/kinecast/kinecast/shard"
)

// kinecastWrites puts the corpus through the API, in JSON. The results say where each record is.
func kinecastWrites(t *testing.T, s server, stream string) []written {
	t.Helper()
	return writes(t, s, stream, kinecast.AWSJSON)
}

// writes is kinecastWrites in any protocol.
func writes(t *testing.T, s server, stream string, protocol kinecast.Protocol) []written {
	t.Helper()
	s.create(t, stream, 4)
	p, err := kinecast.New(s.client, kinecast.Config[written]{
		DefaultStream: stream,
		Serializer:    kinecast.SerializerFunc[written](func(dst []byte, w written) ([]byte, error) { return append(dst, w.data...), nil }),
		Partitioner: kinecast.PartitionerFunc[written](func(w written, at *kinecast.Placement) error {
			at.Key = append(at.Key, w.key...)
			if w.hashKey == "" {
				return nil
			}
			hash, err := shard.ParseHashKey(w.hashKey)
			at.SetHashKey(hash)
			return err
		}),
		Protocol:           protocol,
		AggregationMaxSize: 8 << 10, // many aggregated records, and large records that travel alone
		RequestTimeout:     30 * time.Second,
		RecordTTL:          time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	defer func() {
		if err := p.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	wrote := append(corpus("kinecast"),
		written{key: "nested", data: nested("text")},
		written{key: "zero\u0000behind", data: []byte("a key that ends early in C, the KPL's language")},
	)
	putAll(ctx, t, p, wrote)
	s.split(ctx, t, stream)
	later := corpus("kinecast after a split")
	putAll(ctx, t, p, later)
	return append(wrote, later...)
}

// split splits the stream's first shard in its middle, and waits until that is done. The producer is not told.
func (s server) split(ctx context.Context, t *testing.T, stream string) {
	t.Helper()
	_, err := s.client.SplitShard(ctx, &kinesis.SplitShardInput{
		StreamName: &stream, ShardToSplit: aws.String("shardId-000000000000"),
		NewStartingHashKey: aws.String("42535295865117307932921825928971026432"), // 2^125, of a range that ends at 2^126
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := conformance.AwaitActive(ctx, s.client, stream); err != nil {
		t.Fatal(err)
	}
}

// putAll puts records, waits for their results and notes the place of each.
func putAll(ctx context.Context, t *testing.T, p *kinecast.Producer[written], records []written) {
	t.Helper()
	ended, failed := 0, error(nil) // written by the goroutine of the callbacks, read after Flush
	for i := range records {
		err := p.PutAsync(ctx, records[i], func(r kinecast.Result, err error) {
			records[i].shard, records[i].sequence, records[i].position = r.ShardID, r.SequenceNumber, r.Position
			ended++
			failed = cmp.Or(failed, err)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if failed != nil || ended != len(records) {
		t.Fatalf("%d results for %d records, the first failure: %v", ended, len(records), failed)
	}
}
