package aggregate

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"math/bits"
)

// Range is a range of hash keys, such as the one a shard owns. A hash key is an
// unsigned 128-bit number, here in big-endian order.
type Range struct {
	First [16]byte // lowest hash key inside
	Last  [16]byte // highest hash key inside
}

// contains reports whether hash is inside.
func (r *Range) contains(hash *[16]byte) bool {
	return bytes.Compare(hash[:], r.First[:]) >= 0 && bytes.Compare(hash[:], r.Last[:]) <= 0
}

// String is the range in decimal, as Kinesis writes it.
func (r Range) String() string { return decimal(r.First) + " to " + decimal(r.Last) }

func decimal(hash [16]byte) string { return new(big.Int).SetBytes(hash[:]).String() }

// parseHashKey reads an explicit hash key: decimal digits, leading zeros and a
// sign allowed as in the KCL. ok is false if it is no number from 0 to 2^128-1.
func parseHashKey(text []byte) (hash [16]byte, ok bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	var high, low uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return hash, false
		}
		over, shifted := bits.Mul64(high, 10)
		carry, unit := bits.Mul64(low, 10)
		var c1, c2 uint64
		low, c1 = bits.Add64(unit, uint64(c-'0'), 0)
		high, c2 = bits.Add64(shifted, carry, c1)
		if over != 0 || c2 != 0 {
			return hash, false
		}
	}
	binary.BigEndian.PutUint64(hash[:8], high)
	binary.BigEndian.PutUint64(hash[8:], low)
	return hash, len(text) > 0 && (!negative || high|low == 0)
}
