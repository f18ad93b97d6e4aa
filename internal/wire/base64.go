package wire

import (
	"encoding/base64"
	"encoding/binary"
)

// letterPairs has the two base64 letters of every 12 bits, the first one in the low byte.
//
// A body is base64 for the most part, and the standard library looks up one letter at a time. Two at a time take half as
// long (BenchmarkBase64), for 8 KiB that stay in the nearest cache.
var letterPairs = func() (pairs [1 << 12]uint16) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range pairs {
		pairs[i] = uint16(letters[i>>6]) | uint16(letters[i&63])<<8
	}
	return pairs
}()

// stretch is what a vector register takes at a time: 24 bytes, which become 32 letters. It reads four bytes more.
const stretchBytes, stretchLetters, stretchReads = 24, 32, 28

// encodeBase64 writes the base64 of src to dst, padded, as base64.StdEncoding does. dst must have the room.
func encodeBase64(dst, src []byte) {
	if vectors && len(src) >= stretchReads {
		n := (len(src)-stretchReads)/stretchBytes + 1
		letters := dst[:n*stretchLetters]
		encodeStretches(&letters[0], &src[0], n)
		src, dst = src[n*stretchBytes:], dst[n*stretchLetters:]
	}
	encodePairs(dst, src)
}

// encodePairs is encodeBase64 for short rests, and for processors without vectors.
func encodePairs(dst, src []byte) {
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

// appendBase64 appends the base64 of as much of src as the room behind dst holds, and says how much that was: whole threes of
// bytes, and the rest, padded, only at the end.
func appendBase64(dst, src []byte, end bool) (_ []byte, taken int) {
	n := min(len(src), (cap(dst)-len(dst))/4*3)
	if n < len(src) || !end {
		n -= n % 3
	}
	at := len(dst)
	dst = dst[:at+base64Len(n)]
	encodeBase64(dst[at:], src[:n])
	return dst, n
}

// base64Len is the number of letters for n bytes, padding included.
func base64Len(n int) int { return (n + 2) / 3 * 4 }
