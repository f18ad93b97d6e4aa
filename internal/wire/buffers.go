package wire

import (
	"sync"
	"unsafe"
)

// Bodies and answers live in buffers of two lengths, so that whatever the next call is like, it uses what the last one gave
// back. (Buffers made to measure were of forty lengths: a producer's pools held several times what it ever used at once.) A
// body takes as many as it needs. What is idle in a pool is freed by the second garbage collection, and it is never more than
// what was in use at the same time; so the callers, who bound what is under way, bound this as well.
const (
	shortPage = 8 << 10  // for the call of a lone record, and most answers
	longPage  = 64 << 10 // any other
)

// The pools store the pointer to the first byte, since a slice put into an interface would be allocated.
var shortPages, pages sync.Pool

// takeBuffer returns an empty buffer with room for n bytes at least, which may be used ones. Longer ones than a long page are
// made to measure and left to the garbage collector.
func takeBuffer(n int) []byte {
	switch {
	case n <= shortPage:
		return take(&shortPages, shortPage)
	case n <= longPage:
		return take(&pages, longPage)
	}
	return make([]byte, 0, n)
}

func take(pool *sync.Pool, capacity int) []byte {
	if first, ok := pool.Get().(*byte); ok {
		return unsafe.Slice(first, capacity)[:0] //nolint:gosec // the pool of a capacity holds the first bytes of arrays of just that capacity
	}
	return make([]byte, 0, capacity)
}

// giveBuffer hands a buffer back; nobody may use it, or a slice of it, afterwards. One that is not from takeBuffer is ignored.
func giveBuffer(b []byte) {
	switch cap(b) {
	case shortPage:
		shortPages.Put(unsafe.SliceData(b)) //nolint:gosec // a pointer costs no allocation in a Pool, a slice header would
	case longPage:
		pages.Put(unsafe.SliceData(b)) //nolint:gosec // as above
	}
}
