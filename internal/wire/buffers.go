package wire

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Buffers of bodies and answers come in sizes of 5, 6, 7 and 8 times a power of two, so that at most a fifth of one is wasted.
// Each size has a pool. What is idle in a pool is freed by the second garbage collection, and it is never more than what was
// in use at the same time; so the callers, who bound what is under way, bound this as well.
const (
	minShift = 12 // 5 KiB is the shortest: below, sizes make no difference
	maxShift = 24 // 16 MiB: more than the largest body, 10 MiB in base64; above, nothing is kept
)

// idle stores the pointer to the first byte, since a slice put into an interface would be allocated.
var idle [(maxShift - minShift) * 4]sync.Pool

// sizeClass is the place in idle for n bytes, and the capacity of the buffers there. Longer ones than any have place -1 and
// are made to measure.
func sizeClass(n int) (place, capacity int) {
	n = max(n, 1<<minShift+1)
	shift := bits.Len(uint(n - 1)) // n is above 1<<(shift-1), at most 1<<shift
	if shift > maxShift {
		return -1, n
	}
	step := 1 << (shift - 3)
	steps := (n + step - 1) / step // 5 … 8
	return (shift-minShift-1)*4 + steps - 5, steps * step
}

// takeBuffer returns an empty buffer with room for n bytes at least, which may be used ones.
func takeBuffer(n int) []byte {
	place, capacity := sizeClass(n)
	if place >= 0 {
		if first, ok := idle[place].Get().(*byte); ok {
			return unsafe.Slice(first, capacity)[:0] //nolint:gosec // the pool of a capacity holds the first bytes of arrays of just that capacity
		}
	}
	return make([]byte, 0, capacity)
}

// giveBuffer hands a buffer back; nobody may use it, or a slice of it, afterwards. One that is not from takeBuffer is ignored.
func giveBuffer(b []byte) {
	if place, capacity := sizeClass(cap(b)); place >= 0 && capacity == cap(b) {
		idle[place].Put(unsafe.SliceData(b)) //nolint:gosec // a pointer costs no allocation in a Pool, a slice header would
	}
}
