package proptest_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/shard"
)

// span is a range of hash keys, for the judge.
type span struct{ first, last *big.Int }

var keySpace = new(big.Int).Lsh(big.NewInt(1), 128)

func plus(n *big.Int, d int64) *big.Int { return new(big.Int).Add(n, big.NewInt(d)) }

// drawHistory is a stream's shards as ListShards tells them after some splits and merges, and the ranges of the open ones.
func drawHistory(t *rapid.T) (listed []shard.Shard, open map[string]span) {
	open = map[string]span{}
	add := func(s span) {
		r, err := shard.ParseRange(s.first.String(), s.last.String())
		if err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("shardId-%012d", len(listed))
		listed, open[id] = append(listed, shard.Shard{ID: id, Range: r}), s
	}
	retire := func(id string) {
		i := slices.IndexFunc(listed, func(s shard.Shard) bool { return s.ID == id })
		listed[i].Closed = true
		delete(open, id)
	}
	add(span{new(big.Int), plus(keySpace, -1)})
	for range rapid.IntRange(0, 30).Draw(t, "reshards") {
		ids := slices.SortedFunc(maps.Keys(open), func(a, b string) int { return open[a].first.Cmp(open[b].first) })
		i := rapid.IntRange(0, len(ids)-1).Draw(t, "shard")
		s := open[ids[i]]
		if i+1 < len(ids) && rapid.IntRange(0, 2).Draw(t, "merge") == 0 {
			next := open[ids[i+1]]
			retire(ids[i])
			retire(ids[i+1])
			add(span{s.first, next.last})
			continue
		}
		if s.first.Cmp(s.last) == 0 {
			continue // a shard of one hash key cannot be split
		}
		half := new(big.Int).Rsh(new(big.Int).Add(s.first, s.last), 1)
		at := rapid.SampledFrom([]*big.Int{half, half, half, s.first, plus(s.last, -1)}).Draw(t, "last of the lower half")
		retire(ids[i])
		add(span{s.first, at})
		add(span{plus(at, 1), s.last})
	}
	return rapid.Permutation(listed).Draw(t, "listed"), open
}

// Law: after any history of splits and merges, Find finds the shard that a scan of all ranges finds.
func TestFindEqualsALinearScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		listed, open := drawHistory(t)
		m, err := shard.NewMap(listed)
		if err != nil {
			t.Fatal(err)
		}
		if m.Len() != len(open) {
			t.Fatalf("the map has %d open shards, want %d", m.Len(), len(open))
		}
		asked := []string{hashKeys.Draw(t, "hash").String(), digest(rapid.String().Draw(t, "key")).String()}
		for _, s := range open {
			asked = append(asked, s.first.String(), s.last.String())
		}
		for _, text := range asked {
			h, err := shard.ParseHashKey(text)
			if err != nil {
				t.Fatal(err)
			}
			want, n := "", number(t, text)
			for id, s := range open {
				if s.first.Cmp(n) <= 0 && n.Cmp(s.last) <= 0 {
					want += id
				}
			}
			if got := m.Shard(m.Find(h)).ID; got != want {
				t.Fatalf("Find(%s) is %q, a linear scan finds %q", text, got, want)
			}
		}
	})
}
