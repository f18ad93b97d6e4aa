package aggregate

import (
	"bytes"
	"fmt"
	"math/bits"
	"testing"
	"unsafe"
)

// Keys whose hashes are equal stay different keys: bytes decide.
func TestIndexComparesBytes(t *testing.T) {
	const hash = 0xdbeef
	var encoded []byte
	x := newIndex(minTable)
	for i := range uint32(minTable / bytesPerKey) {
		x.link(i, hash, len(encoded))
		key := fmt.Append(nil, "key ", i)
		encoded = append(append(encoded, tagKeyTable, byte(len(key))), key...)
	}
	wide := x.widen(2 * minTable)
	for i := range uint32(minTable / bytesPerKey) {
		got, found := wide.find(fmt.Append(nil, "key ", i), encoded, hash)
		if start := uint32(bytes.Index(encoded, fmt.Append(nil, "key ", i))) - 2; !found || got.number() != i || got.offset() != start {
			t.Errorf("key %d, which starts at %d, is found as %d at %d, %t", i, start, got.number(), got.offset(), found)
		}
	}
	if number, found := wide.find([]byte("key 99"), encoded, hash); found {
		t.Errorf("a key that is not there is found as %d", number)
	}
}

// A slot has no room for keys that come late or lie far behind; they are written again when they come again.
func TestKeysWithoutASlot(t *testing.T) {
	x := newIndex(minTable)
	x.link(maxKeys, 1, 0)
	x.link(0, 1, 1<<offsetBits)
	for _, b := range x {
		if b != 0 {
			t.Fatal("a key has got a slot that cannot have one")
		}
	}

	var b Builder
	e := Entry{Key: make([]byte, 1<<10), Data: []byte("data")}
	put := func(i int) {
		copy(e.Key, fmt.Appendf(nil, "%08d", i))
		b.Append(&e, b.Fit(&e))
	}
	const far = 1<<(offsetBits-10) + 10
	for i := range far {
		put(i)
	}
	for _, i := range []int{0, far / 2, far - 1} {
		put(i)
	}
	if b.keys.count != far+1 {
		t.Errorf("%d keys, want the %d and one again", b.keys.count, far)
	}
	i := 0
	for _, e := range b.All() {
		want := i
		if i >= far {
			want = []int{0, far / 2, far - 1}[i-far]
		}
		if got := string(e.Key[:8]); got != fmt.Sprintf("%08d", want) {
			t.Fatalf("record %d has key %s, want %d", i, got, want)
		}
		i++
	}
}

// What one record touches of a Builder lies close together.
func TestHotStructs(t *testing.T) {
	t.Parallel()
	if got := unsafe.Sizeof(table{}); got != 64 {
		t.Errorf("a table has %d bytes, want a cache line", got)
	}
	var b Builder
	if end := unsafe.Offsetof(b.capacity) + unsafe.Sizeof(b.capacity); end > 112 {
		t.Errorf("the hot part of a Builder has %d bytes, want at most 112", end)
	}
}

func TestCapacityFor(t *testing.T) {
	for _, c := range []struct{ held, need, want int }{
		{0, 1, minRecords},
		{0, minRecords, minRecords},
		{0, minRecords + 1, 2 * minRecords},
		{minRecords, minRecords, minRecords},
		{minRecords, minRecords + 1, 2 * minRecords},
		{minRecords, 8<<10 + 1, 12 << 10},
		{8 << 10, 8<<10 + 1, 12 << 10},
		{12 << 10, 12<<10 + 1, 24 << 10},
		{24 << 10, 24<<10 + 1, 48 << 10},
		{48 << 10, 48<<10 + 1, 64 << 10},
		{minRecords, 64 << 10, 64 << 10},
		{0, 64<<10 + 1, 80 << 10},
		{0, 80 << 10, 80 << 10},
		{0, 80<<10 + 1, 96 << 10},
		{0, 100 << 10, 112 << 10},
		{0, 128<<10 + 1, 160 << 10},
		{0, 1<<20 - 1, 1 << 20},
		{0, 1<<20 + 1, 1<<20 + 1},
		{64 << 10, 64<<10 + 1, 128 << 10},
		{80 << 10, 80<<10 + 1, 160 << 10},
		{80 << 10, 200 << 10, 224 << 10},
		{minRecords, 10 << 20, 10 << 20},
		{1 << 20, 1<<20 + 1, 2 << 20},
	} {
		if got := capacityFor(c.held, c.need, minRecords); got != c.want {
			t.Errorf("%d held, %d needed: %d, want %d", c.held, c.need, got, c.want)
		}
	}
}

func TestPoolsHoldEachCapacity(t *testing.T) {
	last := -1
	for capacity := minBuffer; capacity <= maxPooled; capacity += 1 << (bits.Len(uint(capacity)) - 1 - quarter) {
		if i := poolOf(capacity); i != last+1 {
			t.Errorf("capacity %d has pool %d, want %d", capacity, i, last+1)
		}
		last++
		b := take(capacity)
		if len(b) != 0 || cap(b) != capacity {
			t.Errorf("took length %d, capacity %d, want 0, %d", len(b), cap(b), capacity)
		}
		give(b)
		if b = take(capacity); cap(b) != capacity {
			t.Errorf("took again capacity %d, want %d", cap(b), capacity)
		}
	}
	for _, capacity := range []int{
		0, 1, minBuffer - 1, minBuffer / 2, minBuffer + 1, 9 * minBuffer, 64<<10 + 1, 72 << 10, 144 << 10, maxPooled - 1, maxPooled + 1, 2 * maxPooled,
	} {
		if i := poolOf(capacity); i >= 0 {
			t.Errorf("capacity %d has pool %d, want none", capacity, i)
		}
	}
	if last != len(pools)-1 {
		t.Errorf("the last pool is %d of %d", last, len(pools))
	}
}
