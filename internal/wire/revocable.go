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

// requestBody is the body of a request in a pooled buffer, as the SDK, its middlewares and the HTTP client see it.
//
//	HTTP client ─▶ SDK's safe closer ─▶ requestBody ─▶ buffer ─▶ pool
//	  may read on     after Close:        after end:      ▲
//	  after Do        io.EOF              an error        └─ only here, under the mutex
//
// An HTTP client may go on reading when its Do has returned, and a middleware may keep the stream or make the call in a
// goroutine that it does not wait for. None of them can reach a buffer that has gone back to the pool: the only way to its
// bytes is Read, which copies them under the mutex that end takes. So there is deliberately no WriteTo, which would hand out
// the bytes themselves (and see hideWriterTo), and who comes too late gets an error and not the bytes of another call.
type requestBody struct {
	mu    sync.Mutex
	bytes []byte // nil when the call has ended
	at    int
	hash  string // SHA-256 of bytes in hexadecimal
}

func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.bytes == nil:
		return 0, errCallEnded
	case b.at == len(b.bytes):
		return 0, io.EOF
	}
	n := copy(p, b.bytes[b.at:])
	b.at += n
	return n, nil
}

// Seek is how the SDK finds the length of a body and rewinds it.
func (b *requestBody) Seek(offset int64, whence int) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.bytes == nil:
		return 0, errCallEnded
	case whence == io.SeekCurrent:
		offset += int64(b.at)
	case whence == io.SeekEnd:
		offset += int64(len(b.bytes))
	}
	if offset < 0 || offset > int64(len(b.bytes)) {
		return 0, errBadSeek
	}
	b.at = int(offset)
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

// end takes the bytes away from everybody and gives the buffer back.
func (b *requestBody) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	giveBuffer(b.bytes)
	b.bytes = nil
}
