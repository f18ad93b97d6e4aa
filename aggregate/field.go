package aggregate

// maxFieldNumber is the highest field number that protobuf allows.
const maxFieldNumber = 1<<29 - 1

// maxDepth is how deep messages and unknown groups may lie in each other. The
// KCL's protobuf library has this limit, and refuses what lies deeper.
const maxDepth = 100

// field is one field of a protobuf message, as it stands there.
type field struct {
	number uint64
	wire   byte
	value  uint64 // of a varint
	bytes  []byte // of a length-delimited field, a slice of the message
}

// is reports whether f is the known field with this tag. A known number with
// another wire type is an unknown field to protobuf.
func (f *field) is(tag byte) bool { return f.number<<3|uint64(f.wire) == uint64(tag) }

// nextField splits the first field off b, which is not empty. ok is false if b
// does not start with a well-formed field. depth is how many groups may still
// be opened.
func nextField(b []byte, depth int) (f field, rest []byte, ok bool) {
	tag, n := readVarint(b)
	f.number, f.wire = tag>>3, byte(tag&7)
	if n == 0 || f.number == 0 || f.number > maxFieldNumber {
		return field{}, nil, false
	}
	b = b[n:]
	switch f.wire {
	case wireVarint:
		f.value, n = readVarint(b)
		return f, b[n:], n > 0
	case wireBytes:
		length, n := readVarint(b)
		b = b[n:]
		if n == 0 || length > uint64(len(b)) {
			return field{}, nil, false
		}
		f.bytes = b[:length:length]
		return f, b[length:], true
	case wireFixed64:
		return f, b[min(8, len(b)):], len(b) >= 8
	case wireFixed32:
		return f, b[min(4, len(b)):], len(b) >= 4
	case wireStartGroup:
		rest, ok = skipGroup(b, f.number, depth-1)
		return f, rest, ok
	default: // no wire type, or the end of a group, which only skipGroup expects
		return f, b, false
	}
}

// skipGroup returns what stands behind the group with this number, whose start
// tag stood in front of b.
func skipGroup(b []byte, number uint64, depth int) (rest []byte, ok bool) {
	if depth < 0 {
		return nil, false
	}
	for len(b) > 0 {
		var f field
		f, b, ok = nextField(b, depth)
		if f.wire == wireEndGroup && f.number == number {
			return b, true
		}
		if !ok {
			return nil, false
		}
	}
	return nil, false
}
