package kinesistest

import (
	"encoding/base64"
	"encoding/binary"
)

// base64Bits has, for each place of four characters, the bits that a character stands for there, in
// a word of three bytes; base64Bad for a character that is none.
var base64Bits = func() (bits [4][256]uint32) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for place := range bits {
		for c := range bits[place] {
			bits[place][c] = base64Bad
		}
		for v, c := range []byte(alphabet) {
			bits[place][c] = uint32(v) << (18 - 6*place)
		}
	}
	return bits
}()

const base64Bad = 1 << 31

// decodeBase64 decodes text, the length of which is a multiple of four, as strictBase64 does. ok is
// false for what that refuses, and for what is more easily left to it. dst has room for what comes
// out. BenchmarkBase64 compares the two: blobs of base64 are most of what a server reads.
func decodeBase64(dst, text []byte) (n int, ok bool) {
	if len(text) == 0 {
		return 0, true
	}
	b, bad := &base64Bits, uint32(0)
	room := len(dst)
	for len(text) > 8 && len(dst) >= 8 {
		c := (*[8]byte)(text)
		v := b[0][c[0]] | b[1][c[1]] | b[2][c[2]] | b[3][c[3]]
		w := b[0][c[4]] | b[1][c[5]] | b[2][c[6]] | b[3][c[7]]
		bad |= v | w
		binary.BigEndian.PutUint64(dst, uint64(v)<<40|uint64(w)<<16)
		text, dst = text[8:], dst[6:]
	}
	before := room - len(dst)
	for ; len(text) > 4; text, n = text[4:], n+3 {
		v := b[0][text[0]] | b[1][text[1]] | b[2][text[2]] | b[3][text[3]]
		bad |= v
		dst[n], dst[n+1], dst[n+2] = byte(v>>16), byte(v>>8), byte(v)
	}
	last, v := 3, b[0][text[0]]|b[1][text[1]] // bytes, of which padding leaves less
	switch {
	case text[3] != '=':
		v |= b[2][text[2]] | b[3][text[3]]
	case text[2] != '=':
		last, v = 2, v|b[2][text[2]]
	default:
		last = 1
	}
	for i := range last {
		dst[n+i] = byte(v >> (16 - 8*i))
	}
	unused := v & (1<<(24-8*last) - 1)
	return before + n + last, (bad|v)&base64Bad == 0 && unused == 0
}

// strictBase64 refuses what the service refuses: bits that are set but not used.
var strictBase64 = base64.StdEncoding.Strict()
