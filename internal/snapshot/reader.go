package snapshot

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
)

// Damage is something that is wrong with what was read.
type Damage struct {
	// Offset is where it stands, in bytes from the reader's beginning: the first byte of the frame that is damaged.
	Offset int64
	// Reason says what is wrong, with the values.
	Reason string
	// Err is the reader's own error, if that is what is wrong.
	Err error
}

// Read reads all snapshots of a reader to its end and calls take for each record of each intact block, in the order in
// which they were written. The slices of a record stay good, and those of one block share one array. It returns what was
// damaged, in order, up to maxDamages; none if all of it is as it was written.
//
// Whatever the input is, Read holds one block at a time and no more than the input has, and does not panic.
func Read(r io.Reader, take func(Record)) []Damage {
	in := &reader{in: bufio.NewReaderSize(r, 64<<10), take: take}
	in.run()
	return in.damages
}

// maxDamages is how many are told of one reader: the first says most.
const maxDamages = 100

// reader is the state of a Read.
//
//	outside ──header──▶ inside ──trailer──▶ outside        lost: looking for the next frame or header that is intact
type reader struct {
	in   *bufio.Reader
	take func(Record)

	offset  int64
	inside  bool // between a header and its trailer
	failed  bool // the underlying reader has
	lost    bool // something of this snapshot is damaged: its trailer says nothing new
	start   int64
	sum     hash.Hash
	records uint64
	blocks  uint64
	damages []Damage
}

func (r *reader) damagedf(at int64, err error, format string, args ...any) {
	if len(r.damages) < maxDamages {
		r.damages = append(r.damages, Damage{Offset: at, Reason: fmt.Sprintf(format, args...), Err: err})
	}
	r.lost = true
}

// unreadable ends the reading: the reader itself has failed.
func (r *reader) unreadable(at int64, err error) {
	r.damagedf(at, err, "it cannot be read: %v", err)
	r.failed = true
}

// run reads snapshot after snapshot.
func (r *reader) run() {
	for some := false; !r.failed; some = true {
		head, err := r.in.Peek(headerSize)
		switch {
		case len(head) == 0 && errors.Is(err, io.EOF):
			switch {
			case r.inside && !r.lost:
				r.damagedf(r.offset, nil, "the snapshot that begins at offset %d is cut off: its trailer is missing", r.start)
			case !some:
				r.damagedf(0, nil, "it is empty; a snapshot without records has %d bytes", headerSize+prefixSize+trailerSize+checksumSize)
			}
			return
		case len(head) == 0:
			r.unreadable(r.offset, err)
		case !r.inside || bytes.HasPrefix(head, []byte(magic)):
			if !r.header(head, err) {
				return
			}
		default:
			r.frame()
		}
	}
}

// header reads the beginning of a snapshot. A version that is not ours ends the reading.
func (r *reader) header(head []byte, err error) bool {
	at := r.offset
	if r.inside && !r.lost {
		r.damagedf(at, nil, "the snapshot that begins at offset %d is cut off: another one begins here", r.start)
	}
	switch {
	case len(head) < headerSize && err != nil && !errors.Is(err, io.EOF):
		r.unreadable(at, err)
		return false
	case len(head) < headerSize:
		r.damagedf(at, nil, "%d bytes are left; a header has %d", len(head), headerSize)
		return false
	case !bytes.HasPrefix(head, []byte(magic)):
		r.damagedf(at, nil, "no snapshot begins here: %x instead of %x", head[:len(magic)], magic)
	case !intact(head):
		r.damagedf(at, nil, "the header's checksum is wrong")
	case binary.BigEndian.Uint32(head[len(magic):]) != Version<<16:
		version, flags := binary.BigEndian.Uint16(head[len(magic):]), binary.BigEndian.Uint16(head[len(magic)+2:])
		r.damagedf(at, nil, "the snapshot has version %d with flags %d; this release reads version %d with none", version, flags, Version)
		return false
	default:
		r.lost = false
	}
	r.inside, r.start, r.records, r.blocks, r.sum = true, at, 0, 0, sha256.New()
	if r.lost && !bytes.HasPrefix(head, []byte(magic)) {
		r.seek()
		return true
	}
	r.skip(headerSize, head)
	return true
}

// frame reads a block or a trailer.
func (r *reader) frame() {
	at := r.offset
	prefix, err := r.in.Peek(prefixSize)
	switch {
	case len(prefix) < prefixSize && !errors.Is(err, io.EOF):
		r.unreadable(at, err)
		return
	case len(prefix) < prefixSize:
		r.damagedf(at, nil, "cut off: %d bytes are left, and a frame has at least %d", len(prefix), prefixSize)
		r.skip(len(prefix), prefix)
		return
	case !plausible(prefix):
		r.damagedf(at, nil, "no frame begins here: its kind, length or their checksum is wrong (%x)", prefix)
		r.seek()
		return
	}
	kind, n := prefix[0], int64(binary.BigEndian.Uint32(prefix[1:]))
	before := []byte(nil)
	if kind == kindEnd {
		before = r.sum.Sum(nil)
	}
	r.skip(prefixSize, prefix)
	body, err := r.body(int(n) + checksumSize)
	switch {
	case errors.Is(err, io.EOF):
		r.damagedf(at, nil, "cut off: %d bytes of a frame of %d", prefixSize+len(body), prefixSize+n+checksumSize)
	case err != nil:
		r.unreadable(at, err)
	case !intact(body):
		r.damagedf(at, nil, "the checksum of %d bytes is wrong", n)
	case kind == kindEnd:
		r.trailer(at, body[:n], before)
	default:
		r.block(at, body[:n])
	}
}

// body reads n bytes into an array of their own. What is announced is not allocated before it comes.
func (r *reader) body(n int) ([]byte, error) {
	const step = 1 << 20
	b := make([]byte, 0, min(n, step))
	for len(b) < n {
		start := len(b)
		b = slices.Grow(b, min(n-start, step))
		got, err := io.ReadFull(r.in, b[start:start+min(n-start, step)])
		b = b[:start+got]
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		if err != nil {
			r.skipped(b)
			return b, err
		}
	}
	r.skipped(b)
	return b, nil
}

// plausible says whether a prefix is one that Writer writes: then its length can be believed.
func plausible(prefix []byte) bool {
	n := binary.BigEndian.Uint32(prefix[1:])
	known := prefix[0] == kindBlock && n <= uint32(maxPayload) || prefix[0] == kindEnd && n == uint32(trailerSize)
	return known && intact(prefix)
}

// seek goes to the next byte at which a frame or a snapshot may begin.
func (r *reader) seek() {
	for {
		r.skip(1, nil)
		next, err := r.in.Peek(prefixSize)
		if len(next) < prefixSize {
			if err != nil && !errors.Is(err, io.EOF) {
				r.unreadable(r.offset, err)
			}
			r.skip(len(next), nil)
			return
		}
		if bytes.HasPrefix(next, []byte(magic)) || plausible(next) {
			return
		}
	}
}

// skip goes on over bytes that have been looked at; they are b, or of no interest.
func (r *reader) skip(n int, b []byte) {
	if b != nil {
		r.sum.Write(b[:n])
	}
	n, _ = r.in.Discard(n)
	r.offset += int64(n)
}

// skipped counts bytes that have been read.
func (r *reader) skipped(b []byte) {
	r.sum.Write(b)
	r.offset += int64(len(b))
}

// block takes the records of an intact block.
func (r *reader) block(at int64, b []byte) {
	r.blocks++
	records, reason := parseBlock(b)
	if reason != "" {
		r.damagedf(at, nil, "%s", reason)
		return
	}
	r.records += uint64(len(records))
	for i := range records {
		r.take(records[i])
	}
}

// trailer compares what was read with what was written.
func (r *reader) trailer(at int64, b, sum []byte) {
	records, blocks := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	if !r.lost && (records != r.records || blocks != r.blocks || !bytes.Equal(b[16:], sum)) {
		r.damagedf(at, nil, "blocks are missing, repeated or out of order: it was written with %d records in %d blocks and has %d in %d",
			records, blocks, r.records, r.blocks)
	}
	r.inside = false
}

// parseBlock takes a block apart; its checksum was right, so a fault in it is the writer's.
func parseBlock(b []byte) (records []Record, reason string) {
	const malformed = "a block is malformed although its checksum is right"
	if len(b) < 2 {
		return nil, malformed
	}
	n := int(binary.BigEndian.Uint16(b))
	if b = b[2:]; n > len(b) {
		return nil, malformed
	}
	stream := string(b[:n])
	for b = b[n:]; len(b) > 0; {
		if len(b) < recordSize || b[0]&^everyFlag != 0 {
			return nil, malformed
		}
		r := Record{Stream: stream, Explicit: b[0]&flagHashKey != 0, MaybeWritten: b[0]&flagMaybe != 0}
		key, data := int(binary.BigEndian.Uint16(b[1:])), int64(binary.BigEndian.Uint32(b[3:]))
		b = b[recordSize:]
		if r.Explicit {
			if len(b) < hashKeySize {
				return nil, malformed
			}
			copy(r.HashKey[:], b)
			b = b[hashKeySize:]
		}
		if int64(len(b)) < int64(key)+data {
			return nil, malformed
		}
		r.Key, r.Data, b = b[:key:key], b[key:key+int(data):key+int(data)], b[key+int(data):]
		if r.check() != nil {
			return nil, malformed
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return nil, malformed
	}
	return records, ""
}
