package bench

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"io"
)

// The records that all benchmarks use: 100 bytes with keys of 20, in aggregated records of 50 KiB, ten of them a request.
const (
	dataSize    = 100
	keySize     = 20
	perRequest  = 10
	perRecord   = (50<<10 - 20) / (dataSize + keySize + 10) // user records in an aggregated record, about
	recordSize  = perRecord * (dataSize + keySize + 10)
	userRecords = perRecord * perRequest
)

// floor is the least work for one request, term by term.
type floor struct {
	key    []byte
	record []byte // one aggregated record
	text   []byte // it in base64
	body   []byte
	to     io.Writer
}

func newFloor(to io.Writer) *floor {
	f := &floor{key: make([]byte, keySize), record: make([]byte, recordSize), to: to}
	for i := range f.record {
		f.record[i] = byte(i * 31)
	}
	f.text = make([]byte, base64.StdEncoding.EncodedLen(recordSize))
	f.body = make([]byte, perRequest*len(f.text))
	return f
}

func (f *floor) keys() {
	for range userRecords {
		_ = md5.Sum(f.key)
	}
}

func (f *floor) digests() {
	for range perRequest {
		_ = md5.Sum(f.record)
	}
}

func (f *floor) base64() {
	for i := range perRequest {
		base64.StdEncoding.Encode(f.body[i*len(f.text):], f.record)
	}
}

func (f *floor) sha256() { _ = sha256.Sum256(f.body) }

func (f *floor) write() { _, _ = f.to.Write(f.body) }
