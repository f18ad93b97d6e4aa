package kinesistest

import (
	"crypto/md5"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// The reference for all arithmetic is math/big.

var two128 = new(big.Int).Lsh(big.NewInt(1), 128)

func (u uint128) big() *big.Int {
	hi := new(big.Int).Lsh(new(big.Int).SetUint64(u.hi), 64)
	return hi.Or(hi, new(big.Int).SetUint64(u.lo))
}

func (q sequence) big() *big.Int {
	sum := new(big.Int)
	for _, word := range q {
		sum.Lsh(sum, 64).Or(sum, new(big.Int).SetUint64(word))
	}
	return sum
}

func anyUint128(t *rapid.T) uint128 {
	word := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1<<64 - 1, 1e19, 1e19 - 1}))
	return uint128{word.Draw(t, "hi"), word.Draw(t, "lo")}
}

func TestUint128(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u, v := anyUint128(t), anyUint128(t)
		if u.String() != u.big().String() {
			t.Fatalf("String %s, want %s", u, u.big())
		}
		if back, err := parseUint128(u.String()); err != nil || back != u {
			t.Fatalf("parsed %v %v, want %v", back, err, u)
		}
		if u.less(v) != (u.big().Cmp(v.big()) < 0) {
			t.Fatalf("%v.less(%v) is %v", u, v, u.less(v))
		}
		prev := new(big.Int).Mod(new(big.Int).Sub(u.big(), big.NewInt(1)), two128)
		if u.prev().big().Cmp(prev) != 0 {
			t.Fatalf("%v.prev() is %v", u, u.prev())
		}
		over := new(big.Int).Add(two128, u.big()).String()
		if got, err := parseUint128(over); err == nil {
			t.Fatalf("%s was parsed as %v", over, got)
		}
	})
}

func TestHashIsMD5(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.String().Draw(t, "key")
		sum := md5.Sum([]byte(key))
		if got, want := hashOf(key).big(), new(big.Int).SetBytes(sum[:]); got.Cmp(want) != 0 {
			t.Fatalf("%d, want %d", got, want)
		}
	})
}

// The ranges of a stream begin at ⌊2^128·i/n⌋ and partition the key space; every hash key
// has the owner whose range holds it.
func TestRangesPartitionTheKeySpace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(1, maxShards)).Draw(t, "shards")
		st := newStream("s", "arn", n, testTime)
		next := new(big.Int)
		for i, sh := range st.shards {
			start := new(big.Int).Div(new(big.Int).Mul(two128, big.NewInt(int64(i))), big.NewInt(int64(n)))
			if sh.first.big().Cmp(start) != 0 || start.Cmp(next) != 0 {
				t.Fatalf("shard %d of %d begins at %v, want %v and %v", i, n, sh.first, start, next)
			}
			next = new(big.Int).Add(sh.last.big(), big.NewInt(1))
		}
		if next.Cmp(two128) != 0 {
			t.Fatalf("the last range ends before %v", next)
		}
		sh := st.shards[rapid.IntRange(0, n-1).Draw(t, "shard")]
		for _, h := range []uint128{sh.first, sh.last, anyUint128(t)} {
			owner := st.owner(h)
			if h.less(owner.first) || owner.last.less(h) {
				t.Fatalf("owner of %v is %s with %v to %v", h, owner.id, owner.first, owner.last)
			}
		}
	})
}
