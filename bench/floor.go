package main

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"io"
)

// floor is the least work for one request, term by term: arithmetic that nobody can leave out who writes the KPL's format
// in signed requests, by the standard library, on buffers that are there already.
type floor struct {
	key              []byte
	record           []byte // one Kinesis record
	body             []byte
	records, entries int // user records in a Kinesis record, Kinesis records in the request
	to               io.Writer
}

// perRecord is what the format adds to a user record of up to 127 bytes: two tags and lengths, two for the key.
const perRecord = 10

// newFloor is the floor of user records of this size, packed into Kinesis records of 50 KiB and requests of 500 KiB.
func newFloor(size, key int, to io.Writer) *floor {
	f := &floor{key: make([]byte, key), records: 1, entries: 1, to: to}
	if each := size + key + perRecord; each < 50<<10 {
		f.records = 50 << 10 / each
		f.record = make([]byte, f.records*each)
	} else {
		f.record = make([]byte, size)
	}
	f.entries = max(1, 500<<10/len(f.record))
	for i := range f.record {
		f.record[i] = byte(i * 31)
	}
	f.body = make([]byte, f.entries*base64.StdEncoding.EncodedLen(len(f.record)))
	return f
}

// floorTerm is a part of the floor. Each is for the whole request.
type floorTerm struct {
	name string
	do   func(*floor)
	cbor bool // is left in CBOR
}

var terms = []floorTerm{
	{"MD5 of the key", func(f *floor) {
		for range f.records * f.entries {
			_ = md5.Sum(f.key)
		}
	}, true},
	{"MD5 of the aggregate", func(f *floor) {
		for i := 0; i < f.entries && f.records > 1; i++ { // a record alone travels plain
			_ = md5.Sum(f.record)
		}
	}, true},
	{"base64", func(f *floor) {
		each := base64.StdEncoding.EncodedLen(len(f.record))
		for i := range f.entries {
			base64.StdEncoding.Encode(f.body[i*each:], f.record)
		}
	}, false},
	{"SHA-256", func(f *floor) { _ = sha256.Sum256(f.body) }, true},
	{"socket write", func(f *floor) { _, _ = f.to.Write(f.body) }, true},
}

// all does every term once and says for how many user records; in CBOR there is no base64, and the body is as much shorter.
func (f *floor) all(cbor bool) int {
	g := *f
	if cbor {
		g.body = f.body[:len(f.record)*f.entries]
	}
	for _, t := range terms {
		if t.cbor || !cbor {
			t.do(&g)
		}
	}
	return f.records * f.entries
}
