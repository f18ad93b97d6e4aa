package wire

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/aggregate"
)

// composer writes the body of one PutRecords request, straight from the aggregates' segments into pages:
//
//	head │ before │ magic │ keys │ hashes │ records │ MD5 │ after │ before │ … │ tail
//	                └── in base64 or as they are: the dialect's business ──┘
//
// Each part is hashed as soon as it is written, while the nearest cache still has it.
type composer struct {
	dialect dialect
	pages   [][]byte // that are full
	page    []byte   // that fills
	hashed  int      // so much of it is in sum
	text    []byte   // what comes between data, put together before it is written
	rest    [3]byte  // of the data: bytes that wait for the third of their three
	resting int
	sum     hash.Hash         // SHA-256 of the body
	digest  hash.Hash         // MD5 of an aggregate's segments
	scratch [sha256.Size]byte // for a sum: on the stack it would be allocated, as it is passed through an interface
}

var composers = sync.Pool{New: func() any { return &composer{sum: sha256.New(), digest: md5.New()} }}

// hotBytes is how much data is written before the result is hashed: a multiple of 3, and with the result and the table of
// base64 it fits the 32 KiB of a core's nearest cache.
const hotBytes = 6 << 10

// compose returns the body for a request to in's stream with these entries, in buffers from takeBuffer, and its SHA-256 in
// hexadecimal. Of in it takes everything but the records.
func (f Format) compose(in *kinesis.PutRecordsInput, entries []Entry) (body [][]byte, hash string) {
	c := composers.Get().(*composer)
	defer composers.Put(c)
	data := 0
	for i := range entries {
		data += entries[i].size()
	}
	first := longPage
	if data/3*4+len(entries)*256 < shortPage-1024 {
		first = shortPage
	}
	c.dialect, c.pages, c.page, c.hashed, c.resting = f.dialect(), make([][]byte, 0, 1+data*4/3/(longPage-longPage/64)), takeBuffer(first), 0, 0
	c.sum.Reset()

	c.write(c.dialect.head(c.text[:0], in, len(entries)))
	for i := range entries {
		e := &entries[i]
		c.write(c.dialect.before(c.text[:0], i, e))
		c.contents(e)
		c.write(c.dialect.after(c.text[:0], e))
	}
	c.write(c.dialect.tail(c.text[:0], in))
	c.hash()

	body, c.pages, c.page = append(c.pages, c.page), nil, nil
	return body, hex.EncodeToString(c.sum.Sum(c.scratch[:0]))
}

// write appends a text as it is. It may lie in c.text, which is kept for the next one.
func (c *composer) write(text []byte) {
	c.text = text
	if len(text) > cap(c.page)-len(c.page) {
		c.turn(len(text))
	}
	c.page = append(c.page, text...)
}

// turn begins a new page, of n bytes at least.
func (c *composer) turn(n int) {
	c.hash()
	c.pages = append(c.pages, c.page)
	c.page, c.hashed = takeBuffer(max(n, longPage)), 0
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
	c.data(magic)
	c.digest.Reset()
	for _, segment := range [...][]byte{keys, hashes, records} {
		c.digest.Write(segment)
		c.data(segment)
	}
	c.data(c.digest.Sum(c.scratch[:0]))
}

// data writes data of an entry. Up to two bytes wait for what comes next, or for the entry's end.
func (c *composer) data(p []byte) {
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

// encode has the dialect write all of p, on as many pages as it takes.
func (c *composer) encode(p []byte, end bool) {
	for len(p) > 0 {
		var n int
		c.page, n = c.dialect.encode(c.page, p, end)
		if p = p[n:]; len(p) > 0 {
			c.turn(0)
		}
	}
}

// hash takes what the page has gained into the body's SHA-256.
func (c *composer) hash() {
	c.sum.Write(c.page[c.hashed:])
	c.hashed = len(c.page)
}
