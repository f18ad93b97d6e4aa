package wire

import (
	"errors"
	"io"
	"sync"
)

var (
	errCallEnded = errors.New("the PutRecords call that this request body belongs to has ended")
	errBadSeek   = errors.New("seek to a place outside of the request body")
)

// requestBody is the body of a request in pooled buffers, as the SDK, its middlewares and the HTTP client see it.
//
//	HTTP client ─▶ SDK's safe closer ─▶ requestBody ─▶ parts: of pages ─▶ pool
//	  may read on     after Close:        after end:     ▲    of entries ─▶ the caller's again
//	  after Do        io.EOF              an error       └─ only here, under the mutex
//
// An HTTP client may go on reading when its Do has returned, and a middleware may keep the stream or make the call in a
// goroutine that it does not wait for. None of them can reach a buffer that has gone back to the pool or to its owner: the only
// way to its bytes is Read, which copies them under the mutex that end takes. So there is deliberately no WriteTo, which would hand out
// the bytes themselves (and see hideWriterTo), and who comes too late gets an error and not the bytes of another call.
type requestBody struct {
	mu     sync.Mutex
	parts  [][]byte // nil when the call has ended
	pages  [][]byte // that some of them lie in
	size   int      // of all parts
	at     int      // place in the body
	number int      // of the part of the place
	offset int      // of the place in it
	hash   string   // SHA-256 of the body in hexadecimal
}

// newBody takes the pages over. There is one part at least, and none is empty.
func newBody(parts, pages [][]byte, hash string) *requestBody {
	b := &requestBody{parts: parts, pages: pages, hash: hash}
	for _, p := range parts {
		b.size += len(p)
	}
	return b
}

// Read fills p as far as the body goes, over the ends of parts: an HTTP client writes what it gets at once.
func (b *requestBody) Read(p []byte) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.parts == nil:
		return 0, errCallEnded
	case b.at == b.size:
		return 0, io.EOF
	}
	for n < len(p) && b.at < b.size {
		if b.offset == len(b.parts[b.number]) {
			b.number, b.offset = b.number+1, 0
		}
		more := copy(p[n:], b.parts[b.number][b.offset:])
		n, b.at, b.offset = n+more, b.at+more, b.offset+more
	}
	return n, nil
}

// Seek is how the SDK finds the length of a body and rewinds it.
func (b *requestBody) Seek(offset int64, whence int) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.parts == nil:
		return 0, errCallEnded
	case whence == io.SeekCurrent:
		offset += int64(b.at)
	case whence == io.SeekEnd:
		offset += int64(b.size)
	}
	if offset < 0 || offset > int64(b.size) {
		return 0, errBadSeek
	}
	b.at, b.number, b.offset = int(offset), 0, int(offset)
	for b.offset > len(b.parts[b.number]) {
		b.offset -= len(b.parts[b.number])
		b.number++
	}
	return offset, nil
}

// payloadHash is the hash of what is left to read; "" when that is not all of the body.
func (b *requestBody) payloadHash() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at != 0 {
		return ""
	}
	return b.hash
}

// end takes the bytes away from everybody and gives the buffers back.
func (b *requestBody) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.pages {
		giveBuffer(p)
	}
	b.parts, b.pages = nil, nil
}
