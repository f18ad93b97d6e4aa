package kinesistest

import (
	"slices"
	"sync"
)

// putMemory is what a PutRecords call over HTTP is made of, for use by a later one: a hundred
// kilobytes for 500 small records (BenchmarkServeHTTP, TestAllocations). Its owner is the request,
// until the call is answered. nil allocates.
type putMemory struct {
	entries []entry
	ends    []int
	keys    []byte
	slab    []byte
	results []putResult
	stored  bool // shards hold parts of the slab
}

var putMemories = sync.Pool{New: func() any { return new(putMemory) }}

// forSlab returns n bytes, of any contents; never nil, which would be no data.
func (m *putMemory) forSlab(n int) []byte {
	m.slab = slices.Grow(m.slab[:0], max(n, 1))[:n]
	return m.slab
}

// forResults returns n empty results of a call to a stream.
func (m *putMemory) forResults(st *stream, n int) []putResult {
	if m == nil {
		return make([]putResult, n)
	}
	m.stored = st.keep == nil || *st.keep > 0
	m.results = slices.Grow(m.results[:0], n)[:n]
	return m.results
}

// recycle gives the memory away. Nothing of the request is used afterwards, but for its data, if
// that is stored, and its keys.
func (r *putRecordsRequest) recycle() {
	m := r.memory
	if m == nil {
		return
	}
	*r = putRecordsRequest{}
	clear(m.entries[:cap(m.entries)])
	clear(m.results[:cap(m.results)])
	if m.stored {
		m.slab, m.stored = nil, false
	}
	putMemories.Put(m)
}
