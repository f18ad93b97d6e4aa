package aggregate

import (
	"encoding/binary"
	"hash/maphash"
)

// index finds a key of a table by its hash. It is one pooled buffer, of 16
// bytes for each key that it has room for:
//
//	| refs: hash uint32, offset uint32; one a key | slots: uint32; two a key |
//
// A ref says where the field of the key starts in the table. A slot is 0 when
// free, else the number of a key plus one; a key takes the first free slot from
// the one its hash names. So at most half of the slots are taken.
type index []byte

// bytesPerKey is what a key takes in an index.
const bytesPerKey = 16

// seed makes the hashes of this process unpredictable, so that nobody can
// choose keys that collide.
var seed = maphash.MakeSeed()

func hashOf(key []byte) uint32 { return uint32(maphash.Bytes(seed, key)) }

func (x index) refs() []byte  { return x[:len(x)/2] }
func (x index) slots() []byte { return x[len(x)/2:] }

// offset is where the field of the key with this number starts.
func (x index) offset(number uint32) int {
	return int(binary.LittleEndian.Uint32(x.refs()[8*number+4:]))
}

// find returns the number of key, whose hash this is, in the table that is
// encoded like this.
func (x index) find(key, encoded []byte, hash uint32) (number uint32, found bool) {
	refs, slots := x.refs(), x.slots()
	mask := uint32(len(slots)/4 - 1)
	for s := hash & mask; ; s = (s + 1) & mask {
		slot := binary.LittleEndian.Uint32(slots[4*s:])
		if slot == 0 {
			return 0, false
		}
		ref := binary.LittleEndian.Uint64(refs[8*(slot-1):])
		if uint32(ref) != hash {
			continue
		}
		if known, _ := firstKey(encoded[ref>>32:]); string(known) == string(key) {
			return slot - 1, true
		}
	}
}

// link enters a key that is not in the index yet.
func (x index) link(number, hash uint32, offset int) {
	slots := x.slots()
	mask := uint32(len(slots)/4 - 1)
	s := hash & mask
	for binary.LittleEndian.Uint32(slots[4*s:]) != 0 {
		s = (s + 1) & mask
	}
	binary.LittleEndian.PutUint32(slots[4*s:], number+1)
	binary.LittleEndian.PutUint64(x.refs()[8*number:], uint64(offset)<<32|uint64(hash))
}

// newIndex returns an index of this capacity in bytes, a power of two.
func newIndex(capacity int) index {
	x := index(take(capacity)[:capacity])
	clear(x.slots())
	return x
}

// widen moves the keys of a full index into one twice as large. It needs
// no key for that, since the refs hold the hashes.
func (x index) widen(capacity int) index {
	wide := newIndex(capacity)
	for i, refs := uint32(0), x.refs(); len(refs) > 0; i, refs = i+1, refs[8:] {
		ref := binary.LittleEndian.Uint64(refs)
		wide.link(i, uint32(ref), int(ref>>32))
	}
	give(x)
	return wide
}
