package shard

import (
	"crypto/md5"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// shortKey is the longest key whose MD5 takes one block: a one and the length, in 8 bytes, follow it.
const shortKey = md5.BlockSize - 1 - 8

// allowed is false in a process with GODEBUG=fips140=only, which forbids MD5 for whatever purpose.
var allowed = func() bool {
	_, err := md5.New().Write(nil)
	return err == nil
}()

// md5OfKey is the MD5 of a key. Letters and steps are those of RFC 1321.
//
// Each record has its key hashed, and nothing can be done with it before. crypto/md5 is made for long messages: it fills its
// block piece by piece and copies its state, for a sixth of the time that a key takes (BenchmarkHashKeyOfBytes). What is left
// is the chain from each step to the next, which nothing shortens; so in each sum stands first what does not wait for the step
// before, and the compiler keeps to it.
func md5OfKey(key []byte) HashKey {
	if len(key) > shortKey || !allowed {
		return hashKeyOfSum(md5.Sum(key))
	}
	x := [16]uint32{14: uint32(len(key)) * 8}
	words := 0
	for ; len(key) >= 4; key = key[4:] {
		x[words&15] = binary.LittleEndian.Uint32(key)
		words++
	}
	x[words&15] = 0x80
	for _, letter := range slices.Backward(key) {
		x[words&15] = x[words&15]<<8 | uint32(letter)
	}
	const a0, b0, c0, d0 = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
	a, b, c, d := uint32(a0), uint32(b0), uint32(c0), uint32(d0)
	for i := 0; i < 16; i += 4 {
		a = b + bits.RotateLeft32(a+(x[i&15]+sines[i])+(d^(b&(c^d))), 7)
		d = a + bits.RotateLeft32(d+(x[(i+1)&15]+sines[i+1])+(c^(a&(b^c))), 12)
		c = d + bits.RotateLeft32(c+(x[(i+2)&15]+sines[i+2])+(b^(d&(a^b))), 17)
		b = c + bits.RotateLeft32(b+(x[(i+3)&15]+sines[i+3])+(a^(c&(d^a))), 22)
	}
	for i := 16; i < 32; i += 4 { // the two parts of b&d | c&^d have no bit in common: they may as well be added
		a = b + bits.RotateLeft32(a+(x[(5*i+1)&15]+sines[i])+(c&^d)+(b&d), 5)
		d = a + bits.RotateLeft32(d+(x[(5*i+6)&15]+sines[i+1])+(b&^c)+(a&c), 9)
		c = d + bits.RotateLeft32(c+(x[(5*i+11)&15]+sines[i+2])+(a&^b)+(d&b), 14)
		b = c + bits.RotateLeft32(b+(x[(5*i+16)&15]+sines[i+3])+(d&^a)+(c&a), 20)
	}
	for i := 32; i < 48; i += 4 {
		a = b + bits.RotateLeft32(a+(x[(3*i+5)&15]+sines[i])+(b^(c^d)), 4)
		d = a + bits.RotateLeft32(d+(x[(3*i+8)&15]+sines[i+1])+(a^(b^c)), 11)
		c = d + bits.RotateLeft32(c+(x[(3*i+11)&15]+sines[i+2])+(d^(a^b)), 16)
		b = c + bits.RotateLeft32(b+(x[(3*i+14)&15]+sines[i+3])+(c^(d^a)), 23)
	}
	for i := 48; i < 64; i += 4 {
		a = b + bits.RotateLeft32(a+(x[7*i&15]+sines[i])+(c^(b|^d)), 6)
		d = a + bits.RotateLeft32(d+(x[(7*i+7)&15]+sines[i+1])+(b^(a|^c)), 10)
		c = d + bits.RotateLeft32(c+(x[(7*i+14)&15]+sines[i+2])+(a^(d|^b)), 15)
		b = c + bits.RotateLeft32(b+(x[(7*i+21)&15]+sines[i+3])+(d^(c|^a)), 21)
	}
	return HashKey{hi: reversed(a+a0, b+b0), lo: reversed(c+c0, d+d0)}
}

// reversed is two words of a state as they stand in the digest, read as a number. By way of memory this takes as long as three steps.
func reversed(first, second uint32) uint64 {
	return uint64(bits.ReverseBytes32(first))<<32 | uint64(bits.ReverseBytes32(second))
}

// sines are the constants of the steps: 2^32 |sin(i+1)| of step i, cut to an integer.
var sines = func() (k [64]uint32) {
	for i := range k {
		k[i] = uint32(math.Abs(math.Sin(float64(i+1))) * (1 << 32))
	}
	return k
}()
