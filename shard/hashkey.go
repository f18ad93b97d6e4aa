package shard

import (
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// HashKeyDigits is the length of the longest hash key in decimal: 2^128-1 has 39 digits.
const HashKeyDigits = 39

// ErrHashKey is what every error about the text or the slice of a hash key wraps: the record cannot be placed as
// asked, and trying again gives the same answer.
var ErrHashKey = errors.New("invalid hash key")

// HashKey is a point in the key space of a stream, an unsigned 128-bit number. Every shard owns one contiguous range
// of that space, and a record goes to the shard whose range holds its hash key: the MD5 of its partition key, or the
// explicit hash key that the caller set instead.
//
// The space is enormous, so small integers are all the same place: HashKeyFrom(0, 1), HashKeyFrom(0, 2) and every
// other 64-bit number lie in the first shard of any stream. To spread records by a number, use [HashKeyOf] on its
// text or [HashKeySlice].
//
// The zero value is hash key 0, which is valid. Values are comparable with ==, and safe for concurrent use.
type HashKey struct{ hi, lo uint64 }

var maxHashKey = HashKey{hi: math.MaxUint64, lo: math.MaxUint64}

// HashKeyFrom returns the hash key hi·2^64 + lo. It is meant for random draws: two uniform 64-bit numbers make a
// uniform hash key.
func HashKeyFrom(hi, lo uint64) HashKey { return HashKey{hi: hi, lo: lo} }

// HashKeyOf returns the hash key that Kinesis gives to a record with this partition key and no explicit hash key:
// the MD5 of the key's UTF-8 bytes, read as a big-endian number. It checks neither length nor encoding of the key.
// It does not allocate. Like everything that uses MD5 it panics in a process that runs with GODEBUG=fips140=only.
func HashKeyOf(key string) HashKey {
	// A conversion would copy long keys (TestHashKeyAllocatesNothing).
	lent := unsafe.Slice(unsafe.StringData(key), len(key)) //nolint:gosec // G103: MD5 reads the bytes and keeps none
	return HashKeyOfBytes(lent)
}

// HashKeyOfBytes is [HashKeyOf] for a key held as bytes, which it neither keeps nor changes.
func HashKeyOfBytes(key []byte) HashKey { return md5OfKey(key) }

func hashKeyOfSum(sum [md5.Size]byte) HashKey {
	return HashKey{hi: binary.BigEndian.Uint64(sum[:8]), lo: binary.BigEndian.Uint64(sum[8:])}
}

// HashKeySlice cuts the key space into n slices of equal size (to within one key) and returns the middle of slice i,
// counted from 0. It is how instance i of n gets a place of its own: with n no larger than the number of shards of an
// evenly split stream, no two instances share a shard. It wants n ≥ 1 and 0 ≤ i < n; its error wraps [ErrHashKey].
func HashKeySlice(i, n int) (HashKey, error) {
	if n < 1 || i < 0 || i >= n {
		return HashKey{}, fmt.Errorf("%w: slice %d of %d: want at least 1 slice, and an index from 0 to the number of slices - 1",
			ErrHashKey, i, n)
	}
	slice := Range{First: sliceStart(i, n), Last: maxHashKey}
	if i+1 < n {
		slice.Last = sliceStart(i+1, n).previous()
	}
	return slice.Middle(), nil
}

// sliceStart is ⌊2^128·i/n⌋ for 0 ≤ i < n: long division of the three digits (i, 0, 0) in base 2^64. i < n keeps
// every quotient digit below 2^64, which is what bits.Div64 demands.
func sliceStart(i, n int) HashKey {
	hi, rest := bits.Div64(uint64(i), 0, uint64(n))
	lo, _ := bits.Div64(rest, 0, uint64(n))
	return HashKey{hi: hi, lo: lo}
}

// ParseHashKey reads the decimal form that Kinesis accepts as an explicit hash key: 0, or up to 39 digits without a
// leading zero, at most 2^128-1. Signs, spaces and other number bases are refused, since the service would refuse
// them too. Its error wraps [ErrHashKey] and names the value, shortened.
func ParseHashKey(s string) (HashKey, error) {
	if s == "" {
		return HashKey{}, fmt.Errorf("%w: it is empty; want a decimal number from 0 to 2^128-1", ErrHashKey)
	}
	if s[0] == '0' && len(s) > 1 {
		return HashKey{}, parseError(s, "it starts with 0; leave out leading zeros")
	}
	var h HashKey
	for i := range len(s) {
		digit := s[i] - '0'
		if digit > 9 {
			return HashKey{}, parseError(s, "it has something other than the digits 0 to 9; leave out signs, spaces and prefixes")
		}
		var ok bool
		if h, ok = h.shiftIn(digit); !ok {
			return HashKey{}, parseError(s, "it is above 2^128-1 = "+maxHashKey.String()+"; take the number modulo 2^128, or HashKeyOf(text)")
		}
	}
	return h, nil
}

func parseError(s, fault string) error {
	return fmt.Errorf("%w %s: %s", ErrHashKey, quoted(s), fault)
}

// shiftIn returns 10·h + digit, or false if that has no room in 128 bits.
func (h HashKey) shiftIn(digit byte) (HashKey, bool) {
	over, hi := bits.Mul64(h.hi, 10)
	carry, lo := bits.Mul64(h.lo, 10)
	lo, c := bits.Add64(lo, uint64(digit), 0)
	hi, c = bits.Add64(hi, carry, c)
	return HashKey{hi: hi, lo: lo}, over == 0 && c == 0
}

// Compare returns -1, 0 or +1 as h is below, equal to or above o.
func (h HashKey) Compare(o HashKey) int {
	switch {
	case h.Less(o):
		return -1
	case h == o:
		return 0
	}
	return +1
}

// Less reports whether h is below o.
func (h HashKey) Less(o HashKey) bool { return h.below(o) != 0 }

// below is 1 if h < o, else 0: the borrow of h - o. A number, so that Find can add it up without a branch.
func (h HashKey) below(o HashKey) uint64 {
	_, borrow := bits.Sub64(h.lo, o.lo, 0)
	_, borrow = bits.Sub64(h.hi, o.hi, borrow)
	return borrow
}

// Bytes returns the 16 bytes of h, most significant first: for HashKeyOf(key) the MD5 of the key itself.
func (h HashKey) Bytes() [16]byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], h.hi)
	binary.BigEndian.PutUint64(b[8:], h.lo)
	return b
}

// String returns h in decimal, the form of an explicit hash key in the Kinesis API.
func (h HashKey) String() string {
	return string(h.AppendDecimal(make([]byte, 0, HashKeyDigits)))
}

// AppendDecimal appends h in decimal to dst, at most [HashKeyDigits] bytes. It allocates only if dst has no room.
func (h HashKey) AppendDecimal(dst []byte) []byte {
	if h.hi == 0 {
		return strconv.AppendUint(dst, h.lo, 10)
	}
	// h = (top·10^19 + middle)·10^19 + low. 10^19 is the largest power of ten below 2^64, and top ≤ 34.
	const ten19 = 1e19
	quotientHi, rest := h.hi/ten19, h.hi%ten19
	quotientLo, low := bits.Div64(rest, h.lo, ten19)
	top, middle := bits.Div64(quotientHi, quotientLo, ten19)
	if top == 0 {
		return appendPadded(strconv.AppendUint(dst, middle, 10), low)
	}
	return appendPadded(appendPadded(strconv.AppendUint(dst, top, 10), middle), low)
}

// appendPadded appends n < 10^19 as exactly 19 digits.
func appendPadded(dst []byte, n uint64) []byte {
	const zeros = "0000000000000000000"
	var digits [len(zeros)]byte
	text := strconv.AppendUint(digits[:0], n, 10)
	dst = append(dst, zeros[len(text):]...)
	return append(dst, text...)
}

// next is h+1, wrapping from the last key to 0.
func (h HashKey) next() HashKey {
	lo, carry := bits.Add64(h.lo, 1, 0)
	return HashKey{hi: h.hi + carry, lo: lo}
}

// previous is h-1, wrapping from 0 to the last key.
func (h HashKey) previous() HashKey {
	lo, borrow := bits.Sub64(h.lo, 1, 0)
	return HashKey{hi: h.hi - borrow, lo: lo}
}
