package proptest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/kinesistest"
)

// Law: a record lands in the shard that holds its hash key: the explicit one if it was given one, else the MD5 of its key. The
// explicit one travels with it; without one it has none.
func TestExplicitHashKeysLandWhereTheySay(t *testing.T) {
	items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) item {
		return item{
			key: rapid.StringN(1, 3, -1).Draw(t, "key"), data: blobs(200).Draw(t, "data"),
			explicit: rapid.Bool().Draw(t, "explicit"), hash: hashKeys.Draw(t, "hash"),
		}
	}), 1, 30)
	rapid.Check(t, func(t *rapid.T) {
		all := items.Draw(t, "items")
		shards := rapid.IntRange(1, 20).Draw(t, "shards")
		cfg := itemConfig()
		cfg.AggregationDisabled = rapid.Bool().Draw(t, "plain")
		rapid.SyncTest(t, func(t *rapid.T) {
			server := kinesistest.New(t, kinesistest.Stream("s", shards))
			ranges := map[string]*types.HashKeyRange{}
			for _, s := range list(t, server, "s") {
				ranges[*s.ShardId] = s.HashKeyRange
			}
			sent := send(t, server, cfg, all)
			read := consume(t, server, "s").records
			for i, s := range sent {
				if s.err != nil {
					t.Fatal(s.err)
				}
				hash, want := digest(all[i].key), ""
				if all[i].explicit {
					want = all[i].hash.String()
					hash = number(t, want)
				}
				r := ranges[s.result.ShardID]
				if hash.Cmp(number(t, *r.StartingHashKey)) < 0 || hash.Cmp(number(t, *r.EndingHashKey)) > 0 {
					t.Fatalf("hash key %v is in shard %s with %s..%s", hash, s.result.ShardID, *r.StartingHashKey, *r.EndingHashKey)
				}
				if u := read[s.place()]; u.HashKey != want || u.Key != all[i].key {
					t.Fatalf("read %+v, want key %q and hash key %q", u, all[i].key, want)
				}
			}
		})
	})
}
