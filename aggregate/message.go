package aggregate

import "sync"

// record is a parsed Record message.
type record struct {
	key     uint64 // partition_key_index
	hash    uint64 // explicit_hash_key_index, if hasHash
	hasHash bool
	data    []byte // a slice of the message
}

// parseRecord parses a Record message. Of a field that is repeated the last one
// counts. ok is false if b is malformed or a required field is missing.
func parseRecord(b []byte) (r record, ok bool) {
	var hasKey, hasData bool
	for len(b) > 0 {
		var f field
		if f, b, ok = nextField(b, maxDepth-1); !ok {
			return record{}, false
		}
		switch {
		case f.is(tagKeyIndex):
			r.key, hasKey = f.value, true
		case f.is(tagHashIndex):
			r.hash, r.hasHash = f.value, true
		case f.is(tagData):
			r.data, hasData = f.bytes, true
		case f.is(tagTags):
			if !validTag(f.bytes) {
				return record{}, false
			}
		}
	}
	return r, hasKey && hasData
}

// validTag reports whether b is a well-formed Tag message. Producers do not
// write them, but a malformed one makes the whole aggregate unparsable.
func validTag(b []byte) bool {
	var hasKey bool
	for len(b) > 0 {
		var f field
		var ok bool
		if f, b, ok = nextField(b, maxDepth-2); !ok {
			return false
		}
		hasKey = hasKey || f.is(tagTagKey)
	}
	return hasKey
}

// message is a valid AggregatedRecord message, with the places of its tables'
// entries, so that an index finds its key wherever the tables stand.
type message struct {
	encoded []byte
	keys    []int // where the fields of partition_key_table start
	hashes  []int // where the fields of explicit_hash_key_table start
}

// messages recycles the places.
var messages = sync.Pool{New: func() any { return new(message) }}

// maxPlaces is how many places a recycled message may hold, so that one hostile
// record does not occupy memory for ever.
const maxPlaces = 8 << 10

// parseMessage parses an AggregatedRecord message. ok is false if it is
// malformed; otherwise the caller has to release m.
func parseMessage(encoded []byte) (m *message, ok bool) {
	m = messages.Get().(*message)
	m.encoded = encoded
	for b := encoded; len(b) > 0; {
		start := len(encoded) - len(b)
		var f field
		if f, b, ok = nextField(b, maxDepth); ok && f.is(tagRecords) {
			_, ok = parseRecord(f.bytes)
		}
		if !ok {
			m.release()
			return nil, false
		}
		switch {
		case f.is(tagKeyTable):
			m.keys = append(m.keys, start)
		case f.is(tagHashTable):
			m.hashes = append(m.hashes, start)
		}
	}
	return m, true
}

// at returns the table entry whose field starts at this place.
func (m *message) at(place int) []byte {
	f, _, _ := nextField(m.encoded[place:], maxDepth)
	return f.bytes
}

func (m *message) release() {
	if cap(m.keys) > maxPlaces || cap(m.hashes) > maxPlaces {
		return
	}
	*m = message{keys: m.keys[:0], hashes: m.hashes[:0]}
	messages.Put(m)
}
