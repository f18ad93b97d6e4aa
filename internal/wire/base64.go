package wire

import (
	"encoding/base64"
	"encoding/binary"
)

// letterPairs has the two base64 letters of every 12 bits, the first one in the low byte.
//
// A body is base64 for the most part, and the standard library looks up one letter at a time. Two at a time take half as
// long (BenchmarkBody), for 8 KiB that stay in the nearest cache.
var letterPairs = func() (pairs [1 << 12]uint16) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range pairs {
		pairs[i] = uint16(letters[i>>6]) | uint16(letters[i&63])<<8
	}
	return pairs
}()

// encodeBase64 writes the base64 of src to dst, padded, as base64.StdEncoding does. dst must have the room.
func encodeBase64(dst, src []byte) {
	const mask = 1<<12 - 1
	for len(src) >= 8 && len(dst) >= 8 { // reads 8 bytes, uses 6
		v := binary.BigEndian.Uint64(src)
		binary.LittleEndian.PutUint64(dst, uint64(letterPairs[v>>52])|
			uint64(letterPairs[v>>40&mask])<<16|
			uint64(letterPairs[v>>28&mask])<<32|
			uint64(letterPairs[v>>16&mask])<<48)
		src, dst = src[6:], dst[8:]
	}
	base64.StdEncoding.Encode(dst, src)
}

// base64Len is the number of letters for n bytes, padding included.
func base64Len(n int) int { return (n + 2) / 3 * 4 }

// hotBytes is how much data is encoded before the result is hashed: a multiple of 3, and with the result and the table it
// fits the 32 KiB of a core's nearest cache.
const hotBytes = 6 << 10

// write appends the base64 of p to the body. Up to two bytes wait for what comes next, or for pad.
func (c *composer) write(p []byte) {
	if c.resting > 0 {
		n := copy(c.rest[c.resting:], p)
		c.resting += n
		p = p[n:]
		if c.resting < len(c.rest) {
			return
		}
		c.encode(c.rest[:])
	}
	for len(p) >= 3 {
		n := min(len(p)/3*3, hotBytes)
		c.encode(p[:n])
		p = p[n:]
		if len(c.body)-c.hashed >= hotBytes {
			c.hash()
		}
	}
	c.resting = copy(c.rest[:], p)
}

// pad ends the base64 of one record.
func (c *composer) pad() {
	c.encode(c.rest[:c.resting])
	c.resting = 0
}

func (c *composer) encode(p []byte) {
	end := len(c.body)
	c.body = c.body[:end+base64Len(len(p))] // the room was counted
	encodeBase64(c.body[end:], p)
}

// hash takes what the body has gained into its SHA-256.
func (c *composer) hash() {
	c.sum.Write(c.body[c.hashed:])
	c.hashed = len(c.body)
}
