package aggregate

import (
	"fmt"
	"testing"
)

// Keys whose hashes are equal stay different keys: bytes decide.
func TestIndexComparesBytes(t *testing.T) {
	const hash = 0xdeadbeef
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
		if !found || got != i {
			t.Errorf("key %d is found as %d, %t", i, got, found)
		}
	}
	if number, found := wide.find([]byte("key 99"), encoded, hash); found {
		t.Errorf("a key that is not there is found as %d", number)
	}
}

func TestCapacityFor(t *testing.T) {
	for _, c := range []struct{ held, need, want int }{
		{0, 1, minRecords},
		{0, minRecords, minRecords},
		{0, minRecords + 1, 2 * minRecords},
		{minRecords, minRecords, minRecords},
		{minRecords, minRecords + 1, 2 * minRecords},
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
	for capacity := minBuffer; capacity <= maxPooled; capacity = capacityFor(0, capacity+1, 0) {
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
		0, 1, minBuffer - 1, minBuffer / 2, minBuffer + 1, 3 * minBuffer, 48 << 10, maxDouble + 1, 72 << 10, 144 << 10, maxPooled - 1, maxPooled + 1, 2 * maxPooled,
	} {
		if i := poolOf(capacity); i >= 0 {
			t.Errorf("capacity %d has pool %d, want none", capacity, i)
		}
	}
	if last != len(pools)-1 {
		t.Errorf("the last pool is %d of %d", last, len(pools))
	}
}
