// Package load makes the records that are measured: the same ones for everybody, from a seed, at a cost of a few
// nanoseconds each.
package load

import (
	"encoding/binary"
	"math/rand/v2"
)

// KeySize is the length of every key, in bytes.
const KeySize = 20

// Spec says what records look like.
type Spec struct {
	Size int     // of the data, KeySize bytes at least: it begins with the key
	Keys int     // different keys; 0: each record has its own
	Zipf float64 // > 1: how much more often the first keys come than the others; 0: all as often
}

// Source makes records, one after another in the same buffer. It is for one goroutine.
type Source struct {
	spec  Spec
	value []byte
	next  uint64
	draw  *rand.Zipf
}

// New returns a source; each seed has records of its own.
func New(spec Spec, seed uint64) *Source {
	s := &Source{spec: spec, value: make([]byte, max(spec.Size, KeySize)), next: seed << 40}
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range s.value {
		s.value[i] = byte('a' + random.IntN(26))
	}
	if spec.Zipf > 1 && spec.Keys > 1 {
		s.draw = rand.NewZipf(random, spec.Zipf, 1, uint64(spec.Keys-1))
	}
	return s
}

// Next is the next record, valid until the call after. Its first KeySize bytes are its key.
func (s *Source) Next() []byte {
	n := s.next
	s.next++
	switch {
	case s.draw != nil:
		n = s.draw.Uint64()
	case s.spec.Keys > 0:
		n = mix(n) % uint64(s.spec.Keys)
	}
	digits(s.value[:16], mix(n))
	return s.value
}

// digits writes n in hexadecimal, with the letters a to p: eight at a time, by spreading nibbles over bytes.
func digits(to []byte, n uint64) {
	binary.LittleEndian.PutUint64(to, spread(uint32(n>>32)))
	binary.LittleEndian.PutUint64(to[8:], spread(uint32(n)))
}

func spread(n uint32) uint64 {
	v := uint64(n)
	v = (v | v<<16) & 0x0000ffff0000ffff
	v = (v | v<<8) & 0x00ff00ff00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f0f0f0f0f
	return v + 0x6161616161616161
}

// mix is SplitMix64's finalizer (Steele, Lea, Flood 2014): neighbours come out unlike each other, and no two alike.
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
