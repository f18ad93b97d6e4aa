package aggregate

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Buffers are recycled by capacity. All capacities are a power of two, or that and one to three quarters of it, from
// minBuffer to maxPooled bytes. Longer ones are made to measure and left to the garbage collector: no stream takes such
// records unless it was told to, and a pool would keep tens of megabytes alive.
const (
	minShift, maxShift = 8, 20

	minBuffer = 1 << minShift // 256 B
	maxPooled = 1 << maxShift // 1 MiB

	quarter = 2 // what a power of two is shifted by for its quarter

	minRecords = 1 << 10   // first capacity of a record segment
	minTable   = minBuffer // first capacity of a table's segment and of its index
)

// steps are the capacities through which a short segment grows: it doubles, but for one step that is shorter. An aggregated
// record of the usual 50 KiB with a key for each user record has some 8.5 KiB of keys and 42 of records, which powers of two
// would hold in 16 and 64.
var steps = [...]int{256, 512, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 12 << 10, 24 << 10, 48 << 10, 64 << 10}

const lastStep = 64 << 10

// pools holds idle buffers, one pool for each capacity. It stores the pointer
// to the first byte, since a slice put into an interface would be allocated.
var pools [(maxShift-minShift)<<quarter + 1]sync.Pool

// poolOf is the place in pools of buffers with this capacity, -1 if there is none.
func poolOf(capacity int) int {
	if capacity < minBuffer || capacity > maxPooled {
		return -1
	}
	power := bits.Len(uint(capacity)) - 1
	step := power - quarter
	if capacity&(1<<step-1) != 0 {
		return -1
	}
	return (power-minShift)<<quarter + capacity>>step - 1<<quarter
}

// capacityFor is the capacity of a buffer that holds at least need bytes, where
// held is the capacity so far: unchanged while it suffices, else the next step. A
// long one doubles at least, and is a quarter longer than a single big record at
// most. What is longer than any pooled buffer gets exactly what it needs.
func capacityFor(held, need, least int) int {
	switch {
	case need <= held:
		return held
	case need <= least:
		return least
	case need <= lastStep:
		i := 0
		for steps[i] < need {
			i++
		}
		return steps[i]
	}
	need = max(need, 2*held)
	if need > maxPooled {
		return need
	}
	step := 1 << (bits.Len(uint(need-1)) - 1 - quarter)
	return (need + step - 1) &^ (step - 1)
}

// grow returns b with room for n more bytes, moved into a buffer of
// capacityFor if its own is too short. The old one goes back to its pool.
func grow(b []byte, n, least int) []byte {
	if n <= cap(b)-len(b) {
		return b
	}
	return regrow(b, n, least)
}

//go:noinline // so that grow can be inlined
func regrow(b []byte, n, least int) []byte {
	wide := append(take(capacityFor(cap(b), len(b)+n, least)), b...)
	give(b)
	return wide
}

// take returns an empty buffer of exactly this capacity; its bytes may be used ones.
func take(capacity int) []byte {
	if i := poolOf(capacity); i >= 0 {
		if first, ok := pools[i].Get().(*byte); ok {
			return unsafe.Slice(first, capacity)[:0] //nolint:gosec // the pool of a capacity holds the first bytes of arrays of just that capacity
		}
	}
	return make([]byte, 0, capacity)
}

// give hands a buffer back; nobody may use it, or a slice of it, afterwards.
// Buffers that do not come from take, nil among them, are ignored.
func give(b []byte) {
	if i := poolOf(cap(b)); i >= 0 {
		pools[i].Put(unsafe.SliceData(b)) //nolint:gosec // a pointer costs no allocation in a Pool, a slice header would
	}
}
