package aggregate

import (
	"crypto/md5"
	"iter"
	"slices"
)

// Entry is one user record as it goes into an aggregated record, and as it
// comes out of a Builder again.
type Entry struct {
	Key     []byte // partition key, UTF-8; Kinesis takes 1 to 256 characters, which are at most 1024 bytes
	HashKey []byte // explicit hash key, decimal text of 0 to 2^128-1; empty when the record has none
	Data    []byte // the record itself, any bytes, also none
}

// Fit says what appending one Entry makes of a Builder.
type Fit struct {
	Size int // of the aggregated record with the entry, in bytes, magic and digest included: Size after Append
	Cap  int // of all buffers with the entry, in bytes: Cap after Append

	key  place // where the entry's keys stand in their tables,
	hash place // remembered for Append
}

// Builder collects user records and writes them as one aggregated record. It
// holds the message in its final encoding from the first record on, in three
// segments (partition keys, explicit hash keys, records), so its size is known
// exactly at every moment and writing it is copying.
//
// The zero value is an empty Builder. It sets no limit: look at Fit before you
// Append. It is not safe for concurrent use, and one that holds records must not
// be copied. In steady state it allocates nothing: buffers up to 1 MiB come from
// pools shared by all Builders, and Reset returns them.
type Builder struct {
	keys     table // a cache line; what a record under a key touches ends half a line behind it (TestHotStructs)
	records  []byte
	count    int
	size     int // of the message
	capacity int // of all buffers
	hashes   table
}

// Fit looks what appending e would cost and changes nothing. It takes a hash of
// e's keys and does not allocate.
func (b *Builder) Fit(e *Entry) Fit {
	key := b.keys.find(e.Key)
	size, capacity := b.keys.growth(len(e.Key), key)
	var hash place
	if len(e.HashKey) > 0 {
		hash = b.hashes.find(e.HashKey)
		s, c := b.hashes.growth(len(e.HashKey), hash)
		size, capacity = size+s, capacity+c
	}
	record := sizeBytes(sizeRecord(len(e.HashKey) > 0, len(e.Data), key, hash))
	held := cap(b.records)
	return Fit{
		Size: MinOverhead + b.size + size + record,
		Cap:  b.capacity + capacity + capacityFor(held, len(b.records)+record, minRecords) - held,
		key:  key,
		hash: hash,
	}
}

// Append copies e to the end. f must be what Fit returned for this e since the
// Builder was last changed; any other f leaves it with wrong keys. It cannot fail.
func (b *Builder) Append(e *Entry, f Fit) {
	hasHash := len(e.HashKey) > 0
	b.keys.add(tagKeyTable, e.Key, f.key)
	inner := sizeRecord(hasHash, len(e.Data), f.key, f.hash)
	w := grow(b.records, sizeBytes(inner), minRecords)
	w = append(w, tagRecords)
	w = appendVarint(w, uint64(inner))
	w = append(w, tagKeyIndex)
	w = appendVarint(w, uint64(f.key.number()))
	if hasHash {
		b.hashes.add(tagHashTable, e.HashKey, f.hash)
		w = append(w, tagHashIndex)
		w = appendVarint(w, uint64(f.hash.number()))
	}
	w = append(w, tagData)
	w = appendVarint(w, uint64(len(e.Data)))
	b.records = append(w, e.Data...)
	b.count++
	b.size, b.capacity = f.Size-MinOverhead, f.Cap
}

// sizeRecord is the size of a Record message with n bytes of data, without the
// tag and length in front of it.
func sizeRecord(hasHash bool, n int, key, hash place) int {
	size := 1 + sizeVarint(uint64(key.number())) + sizeBytes(n)
	if hasHash {
		size += 1 + sizeVarint(uint64(hash.number()))
	}
	return size
}

// Len is the number of user records.
func (b *Builder) Len() int { return b.count }

// Size is the exact number of bytes that AppendTo writes; 0 when there is no
// user record.
func (b *Builder) Size() int {
	if b.count == 0 {
		return 0
	}
	return MinOverhead + b.size
}

// Cap is the capacity of all buffers that the Builder holds, in bytes: the
// three segments and the tables' indexes. It changes in Append, to the Cap of
// its Fit, and in Reset, to 0; so its owner can charge memory before it is taken.
// While Append moves a buffer into a longer one it holds both.
func (b *Builder) Cap() int { return b.capacity }

// AppendTo appends the aggregated record to dst: magic, message, MD5 of the
// message. It writes nothing when there is no user record, and leaves the
// Builder as it is. The message is byte for byte what protobuf's deterministic
// encoding of it would be.
func (b *Builder) AppendTo(dst []byte) []byte {
	if b.count == 0 {
		return dst
	}
	dst = slices.Grow(dst, b.Size())
	dst = append(dst, Magic...)
	start := len(dst)
	dst = append(dst, b.keys.encoded...)
	dst = append(dst, b.hashes.encoded...)
	dst = append(dst, b.records...)
	digest := md5.Sum(dst[start:])
	return append(dst, digest[:]...)
}

// Segments are the parts of the message in the order in which AppendTo writes
// them: Magic, keys, hashes, records, MD5 of the three. They are for a writer that
// needs no contiguous copy in between. All are empty when there is no user record.
// The slices lie in the Builder's buffers: to be read only, and valid until the
// next Append or Reset. It costs nothing.
func (b *Builder) Segments() (keys, hashes, records []byte) {
	return b.keys.encoded, b.hashes.encoded, b.records
}

// Lone is the only user record; it panics unless Len is 1. Use it to send a
// record that stayed alone as it is: it needs no aggregate around it. The
// slices lie in the Builder's buffers, valid until the next Append or Reset.
func (b *Builder) Lone() Entry {
	if b.count != 1 {
		panic("aggregate: Lone of a Builder that does not hold exactly one user record")
	}
	for _, e := range b.All() {
		return e
	}
	return Entry{}
}

// All yields the user records with their positions, from 0, as they were
// appended. The slices lie in the Builder's buffers, valid until the next Append
// or Reset; neither may be called from inside the loop.
func (b *Builder) All() iter.Seq2[int, Entry] {
	return func(yield func(int, Entry) bool) {
		keys, hashes := column{t: &b.keys}, column{t: &b.hashes}
		defer keys.close()
		defer hashes.close()
		rest := b.records
		for i := range b.count {
			var f field
			f, rest, _ = nextField(rest, maxDepth)
			r, _ := parseRecord(f.bytes)
			e := Entry{Key: keys.key(uint32(r.key)), Data: r.data}
			if r.hasHash {
				e.HashKey = hashes.key(uint32(r.hash))
			}
			if !yield(i, e) {
				return
			}
		}
	}
}

// Reset empties the Builder and gives its buffers back to the pools. Slices
// from Lone and All must not be used afterwards.
func (b *Builder) Reset() {
	b.keys.reset()
	b.hashes.reset()
	give(b.records)
	b.records, b.count, b.size, b.capacity = nil, 0, 0, 0
}
