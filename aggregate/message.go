package aggregate

import (
	"crypto/md5"
	"sync"
)

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

// message is a valid AggregatedRecord message with its tables laid out, so that
// an index finds its key wherever the tables stand.
type message struct {
	encoded []byte
	keys    []tableKey // partition_key_table
	hashes  []tableKey // explicit_hash_key_table
}

// tableKey is one entry of a table. Each is hashed once, not once a record: many
// records that share one endless key would cost hours.
type tableKey struct {
	start int      // of its field in the message
	hash  [16]byte // the hash key it stands for, if that was asked for
	valid bool     // an explicit hash key may be no number
}

// messages recycles the tables.
var messages = sync.Pool{New: func() any { return new(message) }}

// maxPooledKeys is how many keys a recycled table may have room for, so that one
// hostile record does not occupy memory for ever.
const maxPooledKeys = 4 << 10

// parseMessage parses an AggregatedRecord message, and hashes its partition keys
// if asked to. ok is false if it is malformed; otherwise the caller has to
// release m.
func parseMessage(encoded []byte, hashed bool) (m *message, ok bool) {
	keys, hashes, ok := countKeys(encoded)
	if !ok {
		return nil, false
	}
	m = messages.Get().(*message)
	m.encoded = encoded
	m.keys = withRoom(m.keys, keys)
	m.hashes = withRoom(m.hashes, hashes)
	for b := encoded; len(b) > 0; {
		start := len(encoded) - len(b)
		var f field
		f, b, _ = nextField(b, maxDepth)
		switch {
		case f.is(tagKeyTable):
			k := tableKey{start: start, valid: true}
			if hashed {
				k.hash = md5.Sum(f.bytes)
			}
			m.keys = append(m.keys, k)
		case f.is(tagHashTable):
			k := tableKey{start: start}
			k.hash, k.valid = parseHashKey(f.bytes)
			m.hashes = append(m.hashes, k)
		}
	}
	return m, true
}

// countKeys counts the entries of both tables. ok is false if this is no valid
// AggregatedRecord message.
func countKeys(encoded []byte) (keys, hashes int, ok bool) {
	for b := encoded; len(b) > 0; {
		var f field
		if f, b, ok = nextField(b, maxDepth); !ok {
			return 0, 0, false
		}
		switch {
		case f.is(tagKeyTable):
			keys++
		case f.is(tagHashTable):
			hashes++
		case f.is(tagRecords):
			if _, ok = parseRecord(f.bytes); !ok {
				return 0, 0, false
			}
		}
	}
	return keys, hashes, true
}

// withRoom returns an empty table with room for n keys, recycled if it is long enough.
func withRoom(table []tableKey, n int) []tableKey {
	if n <= cap(table) {
		return table[:0]
	}
	return make([]tableKey, 0, n)
}

// text is the key as it stands in the message.
func (m *message) text(k *tableKey) []byte {
	f, _, _ := nextField(m.encoded[k.start:], maxDepth)
	return f.bytes
}

func (m *message) release() {
	if cap(m.keys) > maxPooledKeys || cap(m.hashes) > maxPooledKeys {
		return
	}
	*m = message{keys: m.keys[:0], hashes: m.hashes[:0]}
	messages.Put(m)
}
