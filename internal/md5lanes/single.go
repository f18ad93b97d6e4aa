package md5lanes

import (
	"crypto/md5"
	"encoding"
	"encoding/binary"
	"hash"
)

// single takes blocks into the state of one lane, by crypto/md5. That has no such function, but it reads and writes what is
// between two blocks: four letters, A to D, a part of a block, which is empty here, and the length so far, of which only the
// rest after whole blocks matters.
type single struct {
	md5  hash.Hash
	text [len(magic) + 16 + md5.BlockSize + 8]byte
}

const magic = "md5\x01"

func (s *single) blocks(state *states, i int, run []byte) {
	if s.md5 == nil {
		s.md5 = md5.New()
		copy(s.text[:], magic)
	}
	for j := range state {
		binary.BigEndian.PutUint32(s.text[len(magic)+4*j:], state[j][i])
	}
	clear(s.text[len(magic)+16:])
	if err := s.md5.(encoding.BinaryUnmarshaler).UnmarshalBinary(s.text[:]); err != nil {
		panic(err)
	}
	if _, err := s.md5.Write(run); err != nil {
		panic(err) // Go's FIPS 140-only mode, which has no MD5 and so no Kinesis
	}
	if _, err := s.md5.(encoding.BinaryAppender).AppendBinary(s.text[:0]); err != nil {
		panic(err)
	}
	for j := range state {
		state[j][i] = binary.BigEndian.Uint32(s.text[len(magic)+4*j:])
	}
}
