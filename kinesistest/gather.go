package kinesistest

import (
	"errors"
	"slices"
)

// gathering is a PutRecords request that is being read. Until it is done the data of its entries
// lies in the body, as it came; the keys are gathered end to end. Then all data has moved into one
// slab, and all keys are parts of one string, so the request keeps nothing of the body.
type gathering struct {
	req  *putRecordsRequest
	keys []byte
	ends []int // for each entry, where its key ends in keys
	slab int   // bytes that all data needs, or a few more
}

// errTooManyRecords stops the reading of a request: it will be refused for their number.
var errTooManyRecords = errors.New("more records than a request may have")

func gather() gathering {
	m := putMemories.Get().(*putMemory)
	return gathering{req: &putRecordsRequest{memory: m}, keys: m.keys[:0], ends: m.ends[:0]}
}

// none forgets the entries so far: the list is null, or comes twice, and the last one counts.
func (g *gathering) none() {
	g.req.entries, g.keys, g.ends, g.slab = nil, g.keys[:0], g.ends[:0], 0
}

// begin begins a list, which may be empty.
func (g *gathering) begin() {
	g.none()
	if g.req.entries = g.req.memory.entries[:0]; g.req.entries == nil {
		g.req.entries = []entry{}
	}
}

// full reports that one more record is one too many.
func (g *gathering) full() bool { return len(g.req.entries) == recordsPerRequest }

// reserve makes room for so many more records like the first, which is how most come.
func (g *gathering) reserve(n int) {
	n = min(n, recordsPerRequest-1)
	g.req.entries = slices.Grow(g.req.entries, n)
	g.ends = slices.Grow(g.ends, n)
	g.keys = slices.Grow(g.keys, n*len(g.keys))
}

// add takes an entry whose key is the end of keys, and whose data needs so many bytes.
func (g *gathering) add(e entry, size int) {
	g.req.entries = append(g.req.entries, e)
	g.ends = append(g.ends, len(g.keys))
	g.slab += size
}

// done ends the reading, which may have failed, and gives the entries data and keys of their own;
// take writes data as it came where it shall be, and returns how long it is there.
func (g *gathering) done(err error, take func(dst, data []byte) (int, error)) (*putRecordsRequest, error) {
	m := g.req.memory
	m.entries, m.keys, m.ends = g.req.entries, g.keys, g.ends
	switch {
	case errors.Is(err, errTooManyRecords):
		g.req.entries = append(g.req.entries, entry{})
		return g.req, nil
	case err != nil:
		return nil, err
	}
	slab, keys, start := m.forSlab(g.slab), string(g.keys), 0
	for i := range g.req.entries {
		e := &g.req.entries[i]
		e.key, start = keys[start:g.ends[i]], g.ends[i]
		if e.data == nil {
			continue
		}
		n, err := take(slab, e.data)
		if err != nil {
			return nil, err
		}
		e.data, slab = slab[:n:n], slab[n:]
	}
	return g.req, nil
}
