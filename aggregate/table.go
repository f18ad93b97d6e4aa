package aggregate

import "encoding/binary"

// table is one key table of an aggregated record: the keys in order of their
// first use, each once (but see index), already encoded as fields of the message. Keys are the
// same when their bytes are; a hash only says which ones to compare.
//
// A short table is searched from front to back, so a record that stays alone
// needs no index. A table stays below 4 GiB, where Kinesis takes records of
// 10 MiB. It is one cache line (TestHotStructs).
type table struct {
	encoded []byte // tag, length, key; again and again
	index   index  // nil until there are more than shortTable keys
	count   uint32 // of keys
	recent  uint32 // number of the key that was found last, which is looked at first
	from    uint32 // where its bytes start in encoded
	to      uint32 // and end; 0 when a new key has been added since
}

// shortTable is the number of keys up to which a table has no index.
const shortTable = 4

// place is where a key stands in its table, or would stand if it were added: in
// the low half its number, from 0, which is the table's count when it is new; in
// the high half where its field starts, or the hash of a new key, if the table has
// an index or now gets one. One word, since it travels in Fit, which has to fit
// registers (BenchmarkAppend).
type place uint64

func placeOf(number, detail uint32) place { return place(detail)<<32 | place(number) }

func (p place) number() uint32 { return uint32(p) }
func (p place) offset() uint32 { return uint32(p >> 32) }
func (p place) hash() uint32   { return uint32(p >> 32) }

// find looks key up and changes nothing. Where keys are new again and again it
// does not read the table itself, which will be far away when many are filling.
func (t *table) find(key []byte) place {
	if t.to > 0 && string(t.encoded[t.from:t.to]) == string(key) {
		return placeOf(t.recent, 0)
	}
	if t.index == nil {
		return t.scan(key)
	}
	hash := hashOf(key)
	if at, found := t.index.find(key, t.encoded, hash); found {
		return at
	}
	return placeOf(t.count, hash)
}

// scan searches a table without an index.
func (t *table) scan(key []byte) place {
	rest := t.encoded
	for i := range t.count {
		offset := len(t.encoded) - len(rest)
		var known []byte
		known, rest = firstKey(rest)
		if string(known) == string(key) {
			return placeOf(i, uint32(offset))
		}
	}
	if t.count < shortTable {
		return placeOf(t.count, 0)
	}
	return placeOf(t.count, hashOf(key))
}

// add puts key at its place, which find returned, unless it stands there already.
func (t *table) add(tag byte, key []byte, at place) {
	if at.number() < t.count {
		t.recall(at)
		return
	}
	if capacity := t.indexAfter(at); capacity > len(t.index) {
		t.reindex(capacity)
	}
	if t.index != nil {
		t.index.link(at.number(), at.hash(), len(t.encoded))
	}
	w := grow(t.encoded, sizeBytes(len(key)), minTable)
	w = append(w, tag)
	w = appendVarint(w, uint64(len(key)))
	w = append(w, key...)
	t.encoded = w
	t.to = 0
	t.count++
}

// recall makes a key that was found again the recent one: keys come in runs.
func (t *table) recall(at place) {
	if at.number() == t.recent && t.to > 0 {
		return
	}
	key, rest := firstKey(t.encoded[at.offset():])
	t.recent, t.to = at.number(), uint32(len(t.encoded)-len(rest))
	t.from = t.to - uint32(len(key))
}

// reindex makes the index, or replaces a full one.
func (t *table) reindex(capacity int) {
	if t.index != nil {
		t.index = t.index.widen(capacity)
		return
	}
	t.index = newIndex(capacity)
	rest := t.encoded
	for i := range t.count {
		offset := len(t.encoded) - len(rest)
		var key []byte
		key, rest = firstKey(rest)
		t.index.link(i, hashOf(key), offset)
	}
}

// indexAfter is the capacity of the index once the key at this place is added.
func (t *table) indexAfter(at place) int {
	switch {
	case at.number() < t.count || t.count < shortTable:
		return len(t.index)
	case t.index == nil:
		return minTable
	case int(t.count)*bytesPerKey == len(t.index) && t.count < maxKeys:
		return 2 * len(t.index)
	default:
		return len(t.index)
	}
}

// growth is what adding a key of this length at this place adds to the table: to
// its bytes in the message, and to the capacity of its buffers.
func (t *table) growth(length int, at place) (size, capacity int) {
	if at.number() < t.count {
		return 0, 0
	}
	size = sizeBytes(length)
	held := cap(t.encoded)
	return size, capacityFor(held, len(t.encoded)+size, minTable) - held + t.indexAfter(at) - len(t.index)
}

// reset empties the table and gives its buffers back.
func (t *table) reset() {
	give(t.encoded)
	give(t.index)
	*t = table{}
}

// firstKey splits the first field off a table's own encoding.
func firstKey(encoded []byte) (key, rest []byte) {
	length, n := readVarint(encoded[1:])
	start := 1 + n
	end := start + int(length)
	return encoded[start:end:end], encoded[end:]
}

// column reads the keys of a table in the order in which records refer to them:
// each for the first time in turn, and then now and again.
type column struct {
	t      *table
	next   uint32 // number of the first key that has not been referred to
	offset int    // where its field starts
	starts []byte // where all fields start, uint32 each; pooled, nil until a key comes again
}

// key is the key with this number.
func (c *column) key(number uint32) []byte {
	offset := c.offset
	if number < c.next {
		offset = c.start(number)
	}
	key, rest := firstKey(c.t.encoded[offset:])
	if number == c.next {
		c.next, c.offset = number+1, len(c.t.encoded)-len(rest)
	}
	return key
}

// start is where the field of a key starts that has been referred to.
func (c *column) start(number uint32) int {
	if number == 0 {
		return 0
	}
	if c.starts == nil {
		c.starts = take(capacityFor(0, 4*int(c.t.count), minBuffer))
		for rest := c.t.encoded; len(rest) > 0; _, rest = firstKey(rest) {
			c.starts = binary.LittleEndian.AppendUint32(c.starts, uint32(len(c.t.encoded)-len(rest)))
		}
	}
	return int(binary.LittleEndian.Uint32(c.starts[4*number:]))
}

// close gives back what was taken.
func (c *column) close() { give(c.starts) }
