package kinecast_test

import (
	"context"
	"fmt"
	"math/big"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// BenchmarkPut is what the producer costs a record of 100 bytes under a key of 20, without a network: the client
// discards what it is given. Requests, answers and Close are in the figure.
func BenchmarkPut(b *testing.B) {
	for _, shards := range []int{1, 100, 10_000} {
		for _, callers := range []int{1, 4} {
			b.Run(fmt.Sprintf("shards=%d/callers=%d", shards, callers), func(b *testing.B) {
				benchmarkPut(b, shards, callers, kinecast.Config[string]{
					Serializer: kinecast.String(), Partitioner: kinecast.ByKey(func(v string) string { return v[:20] }),
				})
			})
		}
	}
}

// BenchmarkPutTold is the same with a callback for each record, and with one for those that fail, of which there are none.
func BenchmarkPutTold(b *testing.B) {
	never := func(kinecast.Delivery[string]) {}
	for _, c := range []struct {
		name                string
		onResult, onFailure func(kinecast.Delivery[string])
	}{{name: "OnResult", onResult: never}, {name: "OnFailure", onFailure: never}} {
		b.Run(c.name, func(b *testing.B) {
			benchmarkPut(b, 1, 1, kinecast.Config[string]{
				Serializer: kinecast.String(), Partitioner: kinecast.ByKey(func(v string) string { return v[:20] }),
				OnResult: c.onResult, OnFailure: c.onFailure,
			})
		})
	}
}

func benchmarkPut(b *testing.B, shards, callers int, cfg kinecast.Config[string]) {
	b.Helper()
	srv := kinesistest.New(b, kinesistest.Stream("s", shards))
	cfg.DefaultStream = "s"
	p, err := kinecast.New(discarding(srv, shardByHash(shards)), cfg)
	must(b, err)
	must(b, p.Open(b.Context()))
	values := make([]string, 1<<12)
	for i := range values {
		values[i] = fmt.Sprintf("%020d%080d", i, i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var running sync.WaitGroup
	for caller := range callers {
		running.Go(func() {
			for i := caller; i < b.N; i += callers {
				if err := p.Put(context.Background(), values[i&(len(values)-1)]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	must(b, p.Close(context.Background()))
	s := p.Stats()
	b.ReportMetric(float64(s.UserRecordsPut)/float64(s.KinesisRecordsPut), "user/kinesis")
	b.ReportMetric(float64(s.KinesisRecordsPut)/float64(s.Requests), "kinesis/request")
}

// shardByHash finds the shard of an aggregated record; those that travel plain are few and may be anywhere.
func shardByHash(shards int) func(*types.PutRecordsRequestEntry) string {
	return func(e *types.PutRecordsRequestEntry) string {
		if shards == 1 || e.ExplicitHashKey == nil {
			return firstShard(e)
		}
		n, _ := new(big.Int).SetString(*e.ExplicitHashKey, 10)
		n.Mul(n, big.NewInt(int64(shards)))
		return fmt.Sprintf("shardId-%012d", n.Rsh(n, 128).Int64())
	}
}
