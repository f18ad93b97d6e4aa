package proptest_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/proptest/kcl"
)

// Law: whatever is put, no aggregated record and no request exceeds the limits of the configuration; what fits into no aggregate
// travels alone; and every record arrives as it was put.
func TestNoLimitIsExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := itemConfig()
		cfg.AggregationMaxSize = rapid.OneOf(rapid.IntRange(64, 500), rapid.IntRange(64, 60_000)).Draw(t, "AggregationMaxSize")
		cfg.AggregationMaxCount = rapid.Int64Range(1, 50).Draw(t, "AggregationMaxCount")
		cfg.CollectionMaxSize = rapid.OneOf(rapid.Just(52_224), rapid.IntRange(52_224, 200_000)).Draw(t, "CollectionMaxSize")
		cfg.CollectionMaxCount = rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(1, 500)).Draw(t, "CollectionMaxCount")
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) item {
			return item{
				key: rapid.StringN(1, 256, -1).Draw(t, "key"), data: blobs(20_000).Draw(t, "data"),
				explicit: rapid.Bool().Draw(t, "explicit"), hash: hashKeys.Draw(t, "hash"),
			}
		}), 1, 80).Draw(t, "items")
		shards := rapid.IntRange(1, 4).Draw(t, "shards")
		rapid.SyncTest(t, func(t *rapid.T) {
			server := kinesistest.New(t, kinesistest.Stream("s", shards))
			for i, u := range sendAll(t, server, cfg, items) {
				if u.Key != items[i].key || !bytes.Equal(u.Data, items[i].data) {
					t.Fatalf("put %+v, read %+v", items[i], u)
				}
			}
			checkRecords(t, server, cfg)
			checkRequests(t, server, cfg)
		})
	})
}

func checkRecords(t *rapid.T, server *kinesistest.Server, cfg kinecast.Config[item]) {
	for _, records := range server.Records("s") {
		for _, k := range records {
			m := kcl.Message(k.Data)
			if m == nil {
				continue
			}
			if n := len(m.GetRecords()); n < 2 || int64(n) > cfg.AggregationMaxCount || len(k.Data) > cfg.AggregationMaxSize {
				t.Fatalf("an aggregated record of %d user records and %d bytes; the limits are %d and %d",
					n, len(k.Data), cfg.AggregationMaxCount, cfg.AggregationMaxSize)
			}
		}
	}
}

func checkRequests(t *rapid.T, server *kinesistest.Server, cfg kinecast.Config[item]) {
	requests := 0
	for _, c := range server.Calls() {
		if c.Operation != kinesistest.PutRecords {
			continue
		}
		requests++
		if c.Err != "" || c.Records > cfg.CollectionMaxCount || c.Bytes > cfg.CollectionMaxSize {
			t.Fatalf("a request of %d records and %d bytes, error %q; the limits are %d and %d",
				c.Records, c.Bytes, c.Err, cfg.CollectionMaxCount, cfg.CollectionMaxSize)
		}
	}
	if requests == 0 {
		t.Fatal("the server was sent no request")
	}
}
