package aggregate

import "math/bits"

// The first byte of every protobuf field that the format knows: field number
// and wire type, which fit one byte for all of them.
const (
	tagKeyTable  = 1<<3 | wireBytes // AggregatedRecord.partition_key_table
	tagHashTable = 2<<3 | wireBytes // AggregatedRecord.explicit_hash_key_table
	tagRecords   = 3<<3 | wireBytes // AggregatedRecord.records

	tagKeyIndex  = 1<<3 | wireVarint // Record.partition_key_index
	tagHashIndex = 2<<3 | wireVarint // Record.explicit_hash_key_index
	tagData      = 3<<3 | wireBytes  // Record.data
	tagTags      = 4<<3 | wireBytes  // Record.tags

	tagTagKey = 1<<3 | wireBytes // Tag.key
)

// The wire types of protobuf.
const (
	wireVarint     = 0
	wireFixed64    = 1
	wireBytes      = 2
	wireStartGroup = 3
	wireEndGroup   = 4
	wireFixed32    = 5
)

// sizeVarint is the number of bytes that v takes as a varint, 1 to 10.
func sizeVarint(v uint64) int {
	if v < 0x80 {
		return 1
	}
	return (bits.Len64(v) + 6) / 7
}

// sizeBytes is the size of a length-delimited field with a one-byte tag and
// n bytes of content.
func sizeBytes(n int) int { return 1 + sizeVarint(uint64(n)) + n }

// appendVarint is small enough to be inlined for the common one-byte value.
func appendVarint(dst []byte, v uint64) []byte {
	if v < 0x80 {
		return append(dst, byte(v))
	}
	return appendLongVarint(dst, v)
}

//go:noinline // so that appendVarint can be inlined
func appendLongVarint(dst []byte, v uint64) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// readVarint decodes the varint at the start of b and returns how many bytes
// it took; 0 when b ends too early or the value does not fit 64 bits.
func readVarint(b []byte) (v uint64, n int) {
	if len(b) == 0 || b[0] >= 0x80 {
		return readLongVarint(b)
	}
	return uint64(b[0]), 1
}

//go:noinline // so that readVarint can be inlined
func readLongVarint(b []byte) (v uint64, n int) {
	for i := 0; i < len(b) && i < 10; i++ {
		c := b[i]
		if i == 9 && c > 1 {
			return 0, 0
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}
