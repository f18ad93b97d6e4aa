package shard

import (
	"fmt"
	"math/bits"

	"github.com/kinecast/kinecast/aggregate"
)

// Range is a contiguous part of the key space, both ends included, as Kinesis gives it for each shard. First ≤ Last
// holds for every Range that this package makes; the zero value holds the hash key 0 alone.
type Range struct {
	// First is the lowest hash key in the range (StartingHashKey in the Kinesis API).
	First HashKey
	// Last is the highest hash key in the range (EndingHashKey in the Kinesis API).
	Last HashKey
}

// Whole returns the range of all hash keys, 0 to 2^128-1.
func Whole() Range { return Range{Last: maxHashKey} }

// ParseRange reads both ends in decimal, see [ParseHashKey]. Its error names the end that is wrong, and wraps
// [ErrHashKey]; first above last is an error too.
func ParseRange(first, last string) (Range, error) {
	var r Range
	var err error
	if r.First, err = ParseHashKey(first); err != nil {
		return Range{}, fmt.Errorf("first hash key of a range: %w", err)
	}
	if r.Last, err = ParseHashKey(last); err != nil {
		return Range{}, fmt.Errorf("last hash key of a range: %w", err)
	}
	if r.reversed() {
		return Range{}, fmt.Errorf("%w: the range %v is reversed; want first ≤ last", ErrHashKey, r)
	}
	return r, nil
}

// Contains reports whether h lies in r.
func (r Range) Contains(h HashKey) bool { return !h.Less(r.First) && !r.Last.Less(h) }

// Overlaps reports whether some hash key lies in both r and o.
func (r Range) Overlaps(o Range) bool { return !r.Last.Less(o.First) && !o.Last.Less(r.First) }

// Middle returns the hash key halfway between the ends, rounded down. It lies in r, and as far as possible from both
// neighbours: after a split of r it is still in one of the halves.
func (r Range) Middle() HashKey {
	lo, borrow := bits.Sub64(r.Last.lo, r.First.lo, 0)
	hi, _ := bits.Sub64(r.Last.hi, r.First.hi, borrow)
	lo, carry := bits.Add64(r.First.lo, lo>>1|hi<<63, 0)
	hi, _ = bits.Add64(r.First.hi, hi>>1, carry)
	return HashKey{hi: hi, lo: lo}
}

// String returns both ends in decimal, "0..340282366920938463463374607431768211455" for the whole key space.
func (r Range) String() string { return r.First.String() + ".." + r.Last.String() }

// Bytes returns r in the form that [aggregate.Deaggregate] takes.
func (r Range) Bytes() aggregate.Range {
	return aggregate.Range{First: r.First.Bytes(), Last: r.Last.Bytes()}
}

func (r Range) reversed() bool { return r.Last.Less(r.First) }
