package proptest_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// Law: the ranges of a stream's shards partition the key space: they follow each other without a gap or an overlap, from 0 to
// 2^128-1; the map is made of just these, and slice i of n lies in shard i of n.
func TestRangesPartitionTheKeySpace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1, 10), rapid.IntRange(1, 1500)).Draw(t, "shards")
		server := kinesistest.New(t, kinesistest.Stream("s", n))
		var listed []shard.Shard
		next := new(big.Int)
		for _, s := range list(t, server, "s") {
			first, last := *s.HashKeyRange.StartingHashKey, *s.HashKeyRange.EndingHashKey
			if number(t, first).Cmp(next) != 0 || number(t, last).Cmp(next) < 0 {
				t.Fatalf("shard %s has %s..%s, want it to begin at %v", *s.ShardId, first, last, next)
			}
			next = plus(number(t, last), 1)
			r, err := shard.ParseRange(first, last)
			if err != nil || r.String() != first+".."+last {
				t.Fatalf("ParseRange(%s, %s) = %v, %v", first, last, r, err)
			}
			listed = append(listed, shard.Shard{ID: *s.ShardId, Range: r})
		}
		if next.Cmp(keySpace) != 0 {
			t.Fatalf("the shards end before %v, want 2^128", next)
		}
		m, err := shard.NewMap(listed)
		if err != nil || m.Len() != n {
			t.Fatalf("NewMap: %v", err)
		}
		for i, s := range m.All() {
			if s != listed[i] {
				t.Fatalf("open shard %d is %+v, want %+v", i, s, listed[i])
			}
			slice, err := shard.HashKeySlice(i, n)
			if err != nil || m.Find(slice) != i || !s.Range.Contains(slice) || m.Find(s.Range.Middle()) != i {
				t.Fatalf("slice %d of %d is %v (error %v), outside of shard %v", i, n, slice, err, s.Range)
			}
		}
	})
}
