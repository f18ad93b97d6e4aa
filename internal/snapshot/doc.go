// Package snapshot is the format in which a producer saves what is outstanding. It is pure: bytes in, records out.
//
//	snapshot:  header  block…  trailer              snapshots may stand one behind another in a file
//
//	header     16 bytes   magic 89 4B 43 53 0D 0A 1A 0A · version uint16 = 1 · 0 0 · CRC of the 12 bytes before
//	frame      9+n+4      kind · n uint32 · CRC of the 5 bytes before · n bytes · CRC of the n bytes
//	block      frame 'B'  length of the stream's name uint16 · name · records
//	record     7+…        flags · length of the key uint16 · length of the data uint32 · [hash key, 16 bytes] · key · data
//	trailer    frame 'E'  number of records uint64 · number of blocks uint64 · SHA-256 of all before the frame
//
// Integers are big-endian, CRC is CRC-32C (Castagnoli). Flag 1: the record has an explicit hash key; flag 2: it may have
// been written already. docs/state.md tells users the same.
//
// A block is at most [BlockBytes] long, or holds one record. Each frame says for itself whether its length can be believed
// and whether its bytes can, so a reader finds its way past damage, and the trailer tells whether frames are missing,
// repeated or out of order. These are checksums, not signatures: who can write the file can write a valid one.
package snapshot

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
)

// Version is what Writer writes and Read reads.
const Version = 1

// BlockBytes is the payload at which a block is full.
const BlockBytes = 64 << 10

// Bounds of one record, beyond anything that Kinesis takes.
const (
	MaxName = 2 << 10 // of a stream's name or ARN, in bytes
	MaxKey  = 1 << 10 // of a partition key, in bytes: 256 characters of UTF-8
	MaxData = 16 << 20
)

const (
	magic = "\x89KCS\r\n\x1a\n" // as in PNG: a transfer that mends line ends, or stops at a Ctrl-Z, breaks it

	headerSize   = len(magic) + 2 + 2 + 4
	prefixSize   = 1 + 4 + 4 // of a frame, before its payload
	recordSize   = 1 + 2 + 4 // of a record, before hash key, key and data
	trailerSize  = 8 + 8 + sha256.Size
	maxPayload   = max(BlockBytes, 2+MaxName+recordSize+hashKeySize+MaxKey+MaxData)
	hashKeySize  = 16
	kindBlock    = 'B'
	kindEnd      = 'E'
	flagHashKey  = 1
	flagMaybe    = 2
	everyFlag    = flagHashKey | flagMaybe
	checksumSize = crc32.Size
)

// Record is one user record that was outstanding.
type Record struct {
	// Stream is the stream as its producer named it, 1 to MaxName bytes.
	Stream string
	// Key is the partition key, 1 to 256 characters of valid UTF-8.
	Key []byte
	// HashKey is the explicit hash key, big-endian, if the record has one.
	HashKey [hashKeySize]byte
	// Explicit says that it has.
	Explicit bool
	// MaybeWritten says that the record may be in its stream already.
	MaybeWritten bool
	// Data is the record itself, up to MaxData bytes.
	Data []byte
}

// Part says which of n parts a record belongs to, 0 to n-1, when what was saved is divided. Records of one hash key, which
// may have an order, stay together; hash keys that lie close to each other, as small integers do, are spread.
func (r *Record) Part(n int) int {
	hash := r.HashKey
	if !r.Explicit {
		hash = md5.Sum(r.Key)
	}
	spread := md5.Sum(hash[:])
	return int(binary.BigEndian.Uint64(spread[:]) % uint64(n))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sum appends the CRC of b to dst.
func sum(dst, b []byte) []byte {
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(b, castagnoli))
}

// intact says whether the last four bytes of b are the CRC of the others.
func intact(b []byte) bool {
	n := len(b) - checksumSize
	return binary.BigEndian.Uint32(b[n:]) == crc32.Checksum(b[:n], castagnoli)
}
