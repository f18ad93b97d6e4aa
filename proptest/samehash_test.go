package proptest_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// Law: keys that share a hash key stay the keys that they are: a key table that is indexed by hash keys would give all of them
// one key.
func TestDifferentKeysWithEqualHashKeysStayDifferent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.StringN(1, 4, -1), 2, 10, rapid.ID[string]).Draw(t, "keys")
		hashes := rapid.SliceOfN(hashKeys, 1, 2).Draw(t, "hash keys")
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) item {
			return item{
				key: rapid.SampledFrom(keys).Draw(t, "key"), data: blobs(100).Draw(t, "data"),
				explicit: true, hash: rapid.SampledFrom(hashes).Draw(t, "hash"),
			}
		}), 2, 60).Draw(t, "items")
		rapid.SyncTest(t, func(t *rapid.T) {
			server := kinesistest.New(t, kinesistest.Stream("s", 3))
			for i, u := range sendAll(t, server, itemConfig(), items) {
				if u.Key != items[i].key || u.HashKey != items[i].hash.String() || !bytes.Equal(u.Data, items[i].data) {
					t.Fatalf("put %+v, read %+v", items[i], u)
				}
			}
		})
	})
}

// Law: keys that Random drew for one aggregate are one key, and each record is where that key says. It holds once the stream's map
// is there: what comes before keeps its own key, or all of an aggregate would go to one shard.
func TestRandomKeysAreSharedWithinAnAggregate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := make([]item, rapid.IntRange(2, 200).Draw(t, "records"))
		for i := range items {
			items[i].data = []byte{byte(i)}
		}
		shards := rapid.IntRange(1, 8).Draw(t, "shards")
		rapid.SyncTest(t, func(t *rapid.T) {
			server := kinesistest.New(t, kinesistest.Stream("s", shards))
			cfg := itemConfig()
			cfg.Partitioner = kinecast.Random[item]()
			p, err := kinecast.New(server.Client(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Open(t.Context(), "s"); err != nil {
				t.Fatal(err)
			}
			sent := sendBy(t, p, items)
			read := consume(t, server, "s")
			if read.dropped > 0 {
				t.Fatalf("%d Kinesis records are dropped", read.dropped)
			}
			keys := map[place]string{} // of each Kinesis record
			for i, s := range sent {
				u, found := read.records[s.place()]
				whole := place{s.result.ShardID, s.result.SequenceNumber, 0}
				if first, known := keys[whole]; s.err != nil || !found || !bytes.Equal(u.Data, items[i].data) || known && first != u.Key {
					t.Fatalf("record %d: error %v, read %+v; its aggregate has the key %q", i, s.err, u, first)
				}
				keys[whole] = u.Key
			}
		})
	})
}
