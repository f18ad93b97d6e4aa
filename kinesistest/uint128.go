package kinesistest

import (
	"cmp"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"strconv"
)

// uint128 is a point in the hash key space, 0 … 2^128-1. The package has its own
// arithmetic, so that what judges a producer does not share the producer's mistakes.
type uint128 struct{ hi, lo uint64 }

var maxUint128 = uint128{math.MaxUint64, math.MaxUint64}

// errNotUint128 says that a text is no decimal number below 2^128.
var errNotUint128 = errors.New("not a decimal number below 2^128")

// hashOf is the service's mapping of a partition key: its MD5, read as one big-endian number.
func hashOf(partitionKey string) uint128 {
	sum := md5.Sum([]byte(partitionKey))
	return uint128{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// rangeStart returns ⌊2^128·i/n⌋, the first hash key of shard i of n, for 0 ≤ i < n. It is
// the schoolbook division of the three-digit number (i, 0, 0) in base 2^64 by n.
func rangeStart(i, n uint64) uint128 {
	hi, rest := bits.Div64(i, 0, n)
	lo, _ := bits.Div64(rest, 0, n)
	return uint128{hi, lo}
}

func (u uint128) less(v uint128) bool {
	return u.hi < v.hi || u.hi == v.hi && u.lo < v.lo
}

func (u uint128) compare(v uint128) int {
	return cmp.Or(cmp.Compare(u.hi, v.hi), cmp.Compare(u.lo, v.lo))
}

// add, sub and next wrap around at 2^128.
func (u uint128) add(v uint128) uint128 {
	lo, carry := bits.Add64(u.lo, v.lo, 0)
	hi, _ := bits.Add64(u.hi, v.hi, carry)
	return uint128{hi, lo}
}

func (u uint128) sub(v uint128) uint128 {
	lo, borrow := bits.Sub64(u.lo, v.lo, 0)
	hi, _ := bits.Sub64(u.hi, v.hi, borrow)
	return uint128{hi, lo}
}

func (u uint128) next() uint128 { return u.add(uint128{0, 1}) }

func (u uint128) half() uint128 { return uint128{u.hi >> 1, u.hi<<63 | u.lo>>1} }

// prev returns u-1; it wraps around at 0, as the end of the last range wants it to.
func (u uint128) prev() uint128 { return u.sub(uint128{0, 1}) }

// String returns u in decimal.
func (u uint128) String() string {
	const digits = 1e19 // the largest power of ten in a uint64
	if u.hi == 0 {
		return strconv.FormatUint(u.lo, 10)
	}
	top, rest := bits.Div64(0, u.hi, digits)
	middle, low := bits.Div64(rest, u.lo, digits)
	var buf [40]byte
	b := buf[:0]
	// top·2^64+middle is the quotient; it may itself exceed one group of digits.
	first, second := bits.Div64(top, middle, digits)
	if first != 0 {
		b = strconv.AppendUint(b, first, 10)
		b = appendPadded(b, second)
	} else {
		b = strconv.AppendUint(b, second, 10)
	}
	return string(appendPadded(b, low))
}

// parseUint128 reads a decimal number of digits only.
func parseUint128(s string) (uint128, error) {
	if s == "" {
		return uint128{}, errNotUint128
	}
	var u uint128
	for i := range len(s) {
		d := uint64(s[i] - '0')
		if s[i] < '0' || d > 9 {
			return uint128{}, errNotUint128
		}
		carry, lo := bits.Mul64(u.lo, 10)
		over, hi := bits.Mul64(u.hi, 10)
		lo, c := bits.Add64(lo, d, 0)
		hi, c2 := bits.Add64(hi, carry, c)
		if over != 0 || c2 != 0 {
			return uint128{}, errNotUint128
		}
		u = uint128{hi, lo}
	}
	return u, nil
}
