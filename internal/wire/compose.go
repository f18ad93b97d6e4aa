package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/aggregate"
)

// composer writes the body of one PutRecords request, straight from the aggregates' segments:
//
//	head │ before │ magic │ keys │ hashes │ records │ MD5 │ after │ before │ … │ tail
//	                └── in base64 into pages, or as they are: then long ones stay where they lie ──┘
//
// Each part is hashed as soon as it is written, while the nearest cache still has it.
type composer struct {
	dialect dialect
	parts   [][]byte // of the body, in order: stretches of pages and of entries
	pages   [][]byte // that were taken from the pool
	page    []byte   // the last of them, which fills
	begun   int      // where in it the next part begins
	hashed  int      // so much of it is in sum
	text    []byte   // what comes between data, put together before it is written
	rest    [3]byte  // of the data: bytes that wait for the third of their three
	resting int
	sum     hash.Hash // SHA-256 of the body
	digests digests
	scratch [sha256.Size]byte // for a sum: on the stack it would be allocated, as it is passed through an interface
	letters [2 * sha256.Size]byte
}

var composers = sync.Pool{New: func() any { return &composer{sum: sha256.New()} }}

const (
	// hotBytes is how much data is written before the result is hashed: a multiple of 3, and with the result and the table of
	// base64 it fits the 32 KiB of a core's nearest cache.
	hotBytes = 6 << 10

	// lendLeast is the length of data that is not copied where it travels as it is. A part of its own costs some tens of
	// nanoseconds, as much as the copy of a few hundred bytes.
	lendLeast = 512

	entryText = 256 // about what stands around an entry's data
)

// compose returns the body for a request to in's stream with these entries, whose end gives the buffers back; until then the
// body may lie in the entries' own. Of in it takes everything but the records.
func (f Format) compose(in *kinesis.PutRecordsInput, entries []Entry) *requestBody {
	c := composers.Get().(*composer)
	defer composers.Put(c)
	c.dialect = f.dialect()
	c.begin(entries)
	c.digests.make(entries)
	defer c.digests.drop()
	c.write(c.dialect.head(c.text[:0], in, len(entries)))
	for i := range entries {
		e := &entries[i]
		c.write(c.dialect.before(c.text[:0], i, e))
		c.contents(e)
		c.write(c.dialect.after(c.text[:0], e))
	}
	c.write(c.dialect.tail(c.text[:0], in))
	c.cut()

	body := newBody(c.parts, c.pages, string(hex.AppendEncode(c.letters[:0], c.sum.Sum(c.scratch[:0]))))
	c.parts, c.pages, c.page = nil, nil, nil
	return body
}

// begin makes room for a body of these entries.
func (c *composer) begin(entries []Entry) {
	room, parts := len(entries)*entryText, 0
	for i := range entries {
		switch n := entries[i].size(); {
		case !c.dialect.raw():
			room += base64Len(n)
		case n < lendLeast:
			room += n
		default:
			parts += 2 * 2 // at most two of an aggregate's segments are long as a rule, and a text stands before each
		}
	}
	pages := 1 + room/(longPage-longPage/64)
	c.parts, c.pages, c.page = make([][]byte, 0, parts+pages), make([][]byte, 0, pages), nil
	c.begun, c.hashed, c.resting = 0, 0, 0
	c.sum.Reset()
	if room < shortPage-1024 {
		c.turn(shortPage)
	} else {
		c.turn(longPage)
	}
}

// write appends a text as it is, which lies in c.text. That is kept for the next one.
func (c *composer) write(text []byte) {
	c.text = text
	c.copy(text)
}

// copy appends p as it is.
func (c *composer) copy(p []byte) {
	if len(p) > cap(c.page)-len(c.page) {
		c.turn(max(len(p), longPage))
	}
	c.page = append(c.page, p...)
}

// lend makes p itself a part of the body.
func (c *composer) lend(p []byte) {
	c.cut()
	c.parts = append(c.parts, p)
	c.sum.Write(p)
}

// turn begins a new page, with room for n bytes.
func (c *composer) turn(n int) {
	c.cut()
	c.page, c.begun, c.hashed = takeBuffer(n), 0, 0
	c.pages = append(c.pages, c.page)
}

// cut ends the part that is being written.
func (c *composer) cut() {
	c.hash()
	if c.begun < len(c.page) {
		c.parts = append(c.parts, c.page[c.begun:])
		c.begun = len(c.page)
	}
}

// contents writes what is in an entry.
func (c *composer) contents(e *Entry) {
	if e.Aggregate == nil {
		c.data(e.Data)
	} else if e.Aggregate.Len() > 0 {
		c.aggregate(e.Aggregate)
	}
	c.encode(c.rest[:c.resting], true)
	c.resting = 0
}

// magic is converted once: as an argument of an interface it would be allocated each time.
var magic = []byte(aggregate.Magic)

// aggregate writes what b.AppendTo writes.
func (c *composer) aggregate(b *aggregate.Builder) {
	keys, hashes, records := b.Segments()
	for _, part := range [...][]byte{magic, keys, hashes, records, c.digests.next()} {
		c.data(part)
	}
}

// data writes data of an entry.
func (c *composer) data(p []byte) {
	switch {
	case !c.dialect.raw():
		c.base64(p)
	case len(p) < lendLeast:
		c.copy(p)
	default:
		c.lend(p)
	}
}

// base64 writes p in base64. Up to two bytes wait for what comes next, or for the entry's end.
func (c *composer) base64(p []byte) {
	if c.resting > 0 {
		n := copy(c.rest[c.resting:], p)
		c.resting += n
		p = p[n:]
		if c.resting < len(c.rest) {
			return
		}
		c.encode(c.rest[:], false)
	}
	for len(p) >= len(c.rest) {
		n := min(len(p)/3*3, hotBytes)
		c.encode(p[:n], false)
		p = p[n:]
		if len(c.page)-c.hashed >= hotBytes {
			c.hash()
		}
	}
	c.resting = copy(c.rest[:], p)
}

// encode writes all of p in base64, on as many pages as it takes.
func (c *composer) encode(p []byte, end bool) {
	for len(p) > 0 {
		var n int
		c.page, n = appendBase64(c.page, p, end)
		if p = p[n:]; len(p) > 0 {
			c.turn(longPage)
		}
	}
}

// hash takes what the page has gained into the body's SHA-256.
func (c *composer) hash() {
	c.sum.Write(c.page[c.hashed:])
	c.hashed = len(c.page)
}
