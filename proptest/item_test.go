package proptest_test

import (
	"context"
	"math"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/proptest/kcl"
	"github.com/kinecast/kinecast/shard"
)

// item is a value that says itself where it is to go and what is to be written.
type item struct {
	key      string
	explicit bool // hash is to be set
	hash     kinecast.HashKey
	data     []byte
}

// itemConfig is the configuration that does so.
func itemConfig() kinecast.Config[item] {
	return kinecast.Config[item]{
		DefaultStream: "s",
		Serializer: kinecast.SerializerFunc[item](func(dst []byte, v item) ([]byte, error) {
			return append(dst, v.data...), nil
		}),
		Partitioner: kinecast.PartitionerFunc[item](func(v item, at *kinecast.Placement) error {
			at.Key = append(at.Key, v.key...)
			if v.explicit {
				at.SetHashKey(v.hash)
			}
			return nil
		}),
	}
}

// hashKeys prefers the ends of the words, where carries happen.
var hashKeys = rapid.Custom(func(t *rapid.T) kinecast.HashKey {
	word := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1 << 63, math.MaxUint64 - 1, math.MaxUint64}))
	return shard.HashKeyFrom(word.Draw(t, "hi"), word.Draw(t, "lo"))
})

// blobs are data of all sizes up to some; small ones are frequent.
func blobs(most int) *rapid.Generator[[]byte] {
	return rapid.OneOf(
		rapid.SliceOfN(rapid.Byte(), 0, 20),
		rapid.Map(rapid.IntRange(0, most), func(n int) []byte { return make([]byte, n) }),
	)
}

// sending is what came of a value: where it was stored, or why it was not.
type sending struct {
	result kinecast.Result
	err    error
}

func (s sending) place() place {
	return place{s.result.ShardID, s.result.SequenceNumber, s.result.Position}
}

// send puts all items through a producer, closes it, and returns what came of each.
func send(t *rapid.T, server *kinesistest.Server, cfg kinecast.Config[item], items []item) []sending {
	p, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return sendBy(t, p, items)
}

// sendBy is send with a producer that has been made already.
func sendBy(t *rapid.T, p *kinecast.Producer[item], items []item) []sending {
	sent := make([]sending, len(items))
	for i, v := range items {
		if err := p.PutAsync(context.Background(), v, func(r kinecast.Result, err error) { sent[i] = sending{r, err} }); err != nil {
			sent[i].err = err
		}
	}
	if err := p.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
	return sent
}

// sendAll is send for items of which none may fail, and reads them back: exactly one record for each, where its result says.
func sendAll(t *rapid.T, server *kinesistest.Server, cfg kinecast.Config[item], items []item) []kcl.User {
	sent := send(t, server, cfg, items)
	r := consume(t, server, "s")
	if r.dropped > 0 || len(r.records) != len(items) {
		t.Fatalf("a consumer reads %d records of %d; %d Kinesis records are dropped", len(r.records), len(items), r.dropped)
	}
	read := make([]kcl.User, len(items))
	for i, s := range sent {
		u, found := r.records[s.place()]
		if s.err != nil || !found || u.Aggregated != s.result.Aggregated {
			t.Fatalf("item %d (%+v): error %v, result %+v, found %t %+v", i, items[i], s.err, s.result, found, u)
		}
		read[i] = u
		delete(r.records, s.place()) // no other result may name it
	}
	return read
}
