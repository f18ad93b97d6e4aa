package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"
)

// Writer writes one snapshot. It holds one block and calls the underlying Write once for each, with whole frames. Not safe
// for concurrent use.
type Writer struct {
	w       io.Writer
	sum     hash.Hash
	frame   []byte // the block that is filling, behind the place of its prefix
	stream  string // of that block
	records uint64
	blocks  uint64
	err     error // sticky: behind a hole nothing is written
}

// NewWriter begins a snapshot. Nothing is written before the first block is full.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: w, sum: sha256.New()}
}

// Add writes a record; its slices may be used again afterwards. The error is the underlying writer's, or says which bound
// the record is over; after either the snapshot is lost.
func (w *Writer) Add(r *Record) error {
	if w.err == nil {
		w.err = r.check()
	}
	need := recordSize + len(r.Key) + len(r.Data)
	if len(w.frame) > 0 && (r.Stream != w.stream || len(w.frame)-prefixSize+need > BlockBytes) {
		w.flush()
	}
	if w.err != nil {
		return w.err
	}
	if len(w.frame) == 0 {
		w.stream = r.Stream
		w.frame = append(w.frame, make([]byte, prefixSize)...)
		w.frame = binary.BigEndian.AppendUint16(w.frame, uint16(len(r.Stream)))
		w.frame = append(w.frame, r.Stream...)
	}
	w.frame = r.append(w.frame)
	w.records++
	return nil
}

// append appends a record as it stands in a block.
func (r *Record) append(b []byte) []byte {
	flags := byte(0)
	if r.Explicit {
		flags |= flagHashKey
	}
	if r.MaybeWritten {
		flags |= flagMaybe
	}
	b = append(b, flags)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.Key)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Data)))
	if r.Explicit {
		b = append(b, r.HashKey[:]...)
	}
	b = append(b, r.Key...)
	return append(b, r.Data...)
}

const keyCharacters = 256 // Kinesis counts characters

// check holds the bounds of a record.
func (r *Record) check() error {
	switch {
	case len(r.Stream) == 0 || len(r.Stream) > MaxName:
		return fmt.Errorf("a stream name of %d bytes; use 1 to %d", len(r.Stream), MaxName)
	case len(r.Key) == 0 || len(r.Key) > MaxKey || utf8.RuneCount(r.Key) > keyCharacters || !utf8.Valid(r.Key):
		return fmt.Errorf("a partition key of %d bytes; use 1 to %d characters of valid UTF-8", len(r.Key), keyCharacters)
	case len(r.Data) > MaxData:
		return fmt.Errorf("%d bytes of data; use at most %d", len(r.Data), MaxData)
	}
	return nil
}

// Close writes what is left and the trailer, without which the snapshot is no snapshot. It does not close the underlying
// writer.
func (w *Writer) Close() error {
	w.flush()
	if w.err == nil && w.blocks == 0 {
		w.write(header())
	}
	end := append(w.frame[:0], make([]byte, prefixSize)...)
	end = binary.BigEndian.AppendUint64(end, w.records)
	end = binary.BigEndian.AppendUint64(end, w.blocks)
	end = w.sum.Sum(end)
	w.write(seal(end, kindEnd))
	return w.err
}

// flush writes the block.
func (w *Writer) flush() {
	if len(w.frame) == 0 {
		return
	}
	if w.blocks == 0 {
		w.write(header())
	}
	w.blocks++
	w.write(seal(w.frame, kindBlock))
	w.frame = w.frame[:0]
	if cap(w.frame) > 4*BlockBytes {
		w.frame = nil // a single large record need not be paid for to the end
	}
}

// header is the beginning of a snapshot.
func header() []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint16(b, Version)
	b = append(b, 0, 0)
	return sum(b, b)
}

// seal puts prefix and checksum around a payload that stands behind the place of its prefix.
func seal(frame []byte, kind byte) []byte {
	n := len(frame) - prefixSize
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], uint32(n))
	sum(frame[:5], frame[:5])
	return sum(frame, frame[prefixSize:])
}

// write hands bytes on and counts them in.
func (w *Writer) write(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.w.Write(b)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	w.err = err
	w.sum.Write(b)
}
