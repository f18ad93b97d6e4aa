package aggregate

// table is one key table of an aggregated record: the keys in order of their
// first use, each once, already encoded as fields of the message. Keys are the
// same when their bytes are; a hash only says which ones to compare.
//
// A short table is searched from front to back, so a record that stays alone
// needs no index. The offsets in an index have 32 bits: a table stays below
// 4 GiB, where Kinesis takes records of 10 MiB.
type table struct {
	encoded []byte // tag, length, key; again and again
	index   index  // nil until there are more than shortTable keys
	count   uint32 // of keys
	recent  uint32 // number of the key last added or found again, which is looked at first
	from    int    // where its bytes start in encoded
	to      int    // and end
}

// shortTable is the number of keys up to which a table has no index.
const shortTable = 4

// place is where a key stands in its table, or would stand if it were added: in
// the low half its number, from 0, which is the table's count when it is new; in
// the high half the hash of a new key, if the table has an index or now gets one.
// One word, since it travels in Fit, which has to fit registers (BenchmarkAppend).
type place uint64

func placeOf(number, hash uint32) place { return place(hash)<<32 | place(number) }

func (p place) number() uint32 { return uint32(p) }
func (p place) hash() uint32   { return uint32(p >> 32) }

// find looks key up and changes nothing.
func (t *table) find(key []byte) place {
	if t.count == 0 {
		return 0
	}
	if string(t.encoded[t.from:t.to]) == string(key) {
		return placeOf(t.recent, 0)
	}
	if t.index == nil {
		return t.scan(key)
	}
	hash := hashOf(key)
	if number, found := t.index.find(key, t.encoded, hash); found {
		return placeOf(number, 0)
	}
	return placeOf(t.count, hash)
}

// scan searches a table without an index.
func (t *table) scan(key []byte) place {
	rest := t.encoded
	for i := range t.count {
		var known []byte
		known, rest = firstKey(rest)
		if string(known) == string(key) {
			return placeOf(i, 0)
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
		t.recall(at.number())
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
	t.recent, t.from, t.to = t.count, len(w)-len(key), len(w)
	t.count++
}

// recall makes a key that was found again the recent one: keys come in runs.
func (t *table) recall(number uint32) {
	if number == t.recent {
		return
	}
	key, rest := firstKey(t.encoded[t.offset(number):])
	t.recent, t.to = number, len(t.encoded)-len(rest)
	t.from = t.to - len(key)
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
	case int(t.count)*bytesPerKey == len(t.index):
		return 2 * len(t.index)
	default:
		return len(t.index)
	}
}

// growth is what adding a key of this length at this place makes of the table:
// the bytes it adds to the message, and the capacity of the buffers afterwards.
func (t *table) growth(length int, at place) (size, capacity int) {
	if at.number() < t.count {
		return 0, t.capacity()
	}
	size = sizeBytes(length)
	return size, capacityFor(cap(t.encoded), len(t.encoded)+size, minTable) + t.indexAfter(at)
}

// key is the key with this number.
func (t *table) key(number uint64) []byte {
	key, _ := firstKey(t.encoded[t.offset(uint32(number)):])
	return key
}

// offset is where the field of the key with this number starts.
func (t *table) offset(number uint32) int {
	if t.index != nil {
		return t.index.offset(number)
	}
	rest := t.encoded
	for range number {
		_, rest = firstKey(rest)
	}
	return len(t.encoded) - len(rest)
}

func (t *table) capacity() int { return cap(t.encoded) + len(t.index) }

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
