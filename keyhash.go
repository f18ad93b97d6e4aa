package kinecast

import (
	"encoding/binary"
	"sync"

	"github.com/kinecast/kinecast/shard"
)

// keyHashes remembers the hash keys of partition keys that come again: an MD5 takes five times as long as finding it here
// (BenchmarkKeyHash). Where keys do not come again, looking is in vain, so whoever found little looks seldom.
//
// A table is lent to one caller for one key, and belongs to nobody in between: callers that wait for room hold none. Those
// that are idle are freed by the second garbage collection.
type keyHashes struct {
	tables sync.Pool
}

// hashTable has a place for each key, and the last one that fell there stands in it.
type hashTable [1 << hashBits]struct {
	hash shard.HashKey
	n    uint8 // length of the key; 0: nothing yet
	key  [47]byte
}

const hashBits = 10 // 64 KiB: it shall not drive the aggregates out of a core's own cache

// looking is how it went for one caller.
type looking struct {
	tries, found int
	rest         int // so many keys are not looked up
}

const (
	probe = 256     // tries that make a judgement
	worth = 64      // of them have to be found, or looking costs more than it brings
	pause = 64 << 8 // keys without looking after a judgement against it: looking is one in 64 then
)

// of is the hash key of a partition key.
func (h *keyHashes) of(key []byte, l *looking) shard.HashKey {
	if l.rest > 0 {
		l.rest--
		return shard.HashKeyOfBytes(key)
	}
	if len(key) < 8 || len(key) > len(hashTable{}[0].key) {
		return shard.HashKeyOfBytes(key)
	}
	t, _ := h.tables.Get().(*hashTable)
	if t == nil {
		t = new(hashTable)
	}
	defer h.tables.Put(t)
	place := &t[placeOf(key)]
	known := string(place.key[:place.n]) == string(key)
	if l.judge(known); known {
		return place.hash
	}
	place.hash, place.n = shard.HashKeyOfBytes(key), uint8(copy(place.key[:], key))
	return place.hash
}

// judge counts a try, and after enough of them says whether to go on.
func (l *looking) judge(known bool) {
	l.tries++
	if known {
		l.found++
	}
	if l.tries == probe {
		if l.found < worth {
			l.rest = pause
		}
		l.tries, l.found = 0, 0
	}
}

// placeOf mixes the key's first and last eight bytes. Keys that differ elsewhere alone drive each other out, and are hashed.
func placeOf(key []byte) uint64 {
	n := binary.LittleEndian.Uint64(key) ^ binary.LittleEndian.Uint64(key[len(key)-8:])*0x9e3779b97f4a7c15
	return (n ^ n>>32) * 0x9e3779b97f4a7c15 >> (64 - hashBits)
}
