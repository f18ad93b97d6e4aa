package aggregate

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Buffers have a power of two as capacity, from minBuffer to maxPooled bytes,
// and are recycled by capacity. Longer ones are made to measure and left to
// the garbage collector: they are rare, and a pool would keep megabytes alive.
const (
	minShift, maxShift = 8, 16

	minBuffer = 1 << minShift // 256 B
	maxPooled = 1 << maxShift // 64 KiB

	minRecords = 1 << 10   // first capacity of a record segment
	minTable   = minBuffer // first capacity of a table's segment and of its index
)

// pools holds idle buffers, one pool for each capacity. It stores the pointer
// to the first byte, since a slice put into an interface would be allocated.
var pools [maxShift - minShift + 1]sync.Pool

// poolOf is the place in pools of buffers with this capacity, -1 if there is none.
func poolOf(capacity int) int {
	if capacity < minBuffer || capacity > maxPooled || capacity&(capacity-1) != 0 {
		return -1
	}
	return bits.TrailingZeros(uint(capacity)) - minShift
}

// capacityFor is the capacity of a buffer that holds at least need bytes, where
// held is the capacity so far: unchanged while it suffices, else doubled. What
// is longer than any pooled buffer from the start gets exactly what it needs, so
// that a single big record costs its own size and no more.
func capacityFor(held, need, least int) int {
	switch {
	case need <= held:
		return held
	case need <= maxPooled:
		return max(least, 1<<bits.Len(uint(need-1)))
	default:
		return max(need, 2*held)
	}
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
