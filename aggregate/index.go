package aggregate

import (
	"encoding/binary"
	"hash/maphash"
)

// index finds a key of a table by its hash. It is one pooled buffer of slots,
// two for each key that it has room for, so at most half of them are taken:
//
//	| offset, 24 bits | number + 1, 20 bits | hash, 20 bits |
//
// The offset is where the field of the key starts in the table. A free slot is 0;
// a key takes the first free one from the one that its hash names. Whether a key
// is new is thus told by one cache line, and the same one takes it: with thousands
// of aggregates open every further line is one to be waited for (BenchmarkAppend of
// package shard).
//
// Keys that come after the first half million, or lie behind 16 MiB, have no slot
// and are written again when they come again. Kinesis takes records of 10 MiB.
type index []byte

const (
	bytesPerSlot = 8
	bytesPerKey  = 2 * bytesPerSlot // what a key takes in an index

	hashBits   = 20
	numberBits = 20
	offsetBits = 64 - hashBits - numberBits

	hashMask   = 1<<hashBits - 1
	numberMask = 1<<numberBits - 1

	maxKeys = 1 << (hashBits - 1) // as many slots as there are hashes
)

// seed makes the hashes of this process unpredictable, so that nobody can
// choose keys that collide.
var seed = maphash.MakeSeed()

func hashOf(key []byte) uint32 { return uint32(maphash.Bytes(seed, key)) & hashMask }

// mask is the number of slots, less one.
func (x index) mask() uint32 { return uint32(len(x)/bytesPerSlot - 1) }

// find returns the place of key, whose hash this is, in the table that is
// encoded like this.
func (x index) find(key, encoded []byte, hash uint32) (at place, found bool) {
	mask := x.mask()
	for s := hash & mask; ; s = (s + 1) & mask {
		slot := binary.LittleEndian.Uint64(x[bytesPerSlot*s:])
		if slot == 0 {
			return 0, false
		}
		if uint32(slot)&hashMask != hash {
			continue
		}
		offset := uint32(slot >> (hashBits + numberBits))
		if known, _ := firstKey(encoded[offset:]); string(known) == string(key) {
			return placeOf(uint32(slot>>hashBits)&numberMask-1, offset), true
		}
	}
}

// link enters a key that is not in the index yet, if it can have a slot.
func (x index) link(number, hash uint32, offset int) {
	if number >= maxKeys || offset >= 1<<offsetBits {
		return
	}
	x.occupy(uint64(offset)<<(hashBits+numberBits) | uint64(number+1)<<hashBits | uint64(hash))
}

// occupy fills the first free slot.
func (x index) occupy(slot uint64) {
	mask := x.mask()
	s := uint32(slot) & hashMask & mask
	for binary.LittleEndian.Uint64(x[bytesPerSlot*s:]) != 0 {
		s = (s + 1) & mask
	}
	binary.LittleEndian.PutUint64(x[bytesPerSlot*s:], slot)
}

// newIndex returns an index of this capacity in bytes, a power of two.
func newIndex(capacity int) index {
	x := index(take(capacity)[:capacity])
	clear(x)
	return x
}

// widen moves the keys of a full index into one twice as large. It needs
// no key for that, since the slots hold the hashes.
func (x index) widen(capacity int) index {
	wide := newIndex(capacity)
	for rest := x; len(rest) > 0; rest = rest[bytesPerSlot:] {
		if slot := binary.LittleEndian.Uint64(rest); slot != 0 {
			wide.occupy(slot)
		}
	}
	give(x)
	return wide
}
