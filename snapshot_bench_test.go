package kinecast

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/kinecast/kinecast/actors"
	"github.com/kinecast/kinecast/kinesistest"
)

// BenchmarkSnapshot saves 100,000 outstanding records of 100 bytes over 16 shards: "list" is the part that holds up the moving
// of records, "whole" is all of it. Bytes a second are those of the records' data.
func BenchmarkSnapshot(b *testing.B) {
	for name, disabled := range map[string]bool{"aggregated": false, "plain": true} {
		server := kinesistest.New(b, kinesistest.Stream("s", 16))
		p, err := New(server.Client(), Config[[]byte]{
			DefaultStream: "s", Serializer: Bytes(), AggregationDisabled: disabled, QueueBytes: 1 << 30, RecordMaxBufferedTime: time.Hour, RequestTimeout: 10 * time.Minute,
			Partitioner: PartitionerFunc[[]byte](func(v []byte, at *Placement) error { at.Key = append(at.Key, v[:20]...); return nil }),
		})
		if err != nil {
			b.Fatal(err)
		}
		server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.DelayUntil(b.Context().Done())})
		if err := p.Open(b.Context()); err != nil {
			b.Fatal(err)
		}
		const records, size = 100_000, 100
		v := make([]byte, size)
		for i := range records {
			copy(v, benchKey(i))
			if err := p.Put(b.Context(), v); err != nil {
				b.Fatal(err)
			}
		}
		st := p.sup.stream("s")
		b.Run(name+"/list", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.sup.tree.Capture([]*actors.Stream{st.lanes})
			}
		})
		b.Run(name+"/whole", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(records * size)
			for b.Loop() {
				if err := p.Snapshot(context.Background(), io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
		if err := p.sup.close(noTime()); err == nil {
			b.Fatal("nothing was outstanding")
		}
	}
}

func benchKey(i int) []byte {
	key := make([]byte, 20)
	for at := range key {
		key[at] = 'a' + byte(i%26)
		i /= 2
	}
	return key
}
