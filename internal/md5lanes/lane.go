package md5lanes

import (
	"crypto/md5"
	"encoding/binary"
)

// lane cuts a message into runs of whole blocks.
type lane struct {
	message  *Message  // nil: the lane is idle
	parts    [3][]byte // what is left of its parts behind run
	run      []byte    // whole blocks to be digested next, at least one: they lie in a part, or in gathered
	gathered [2 * md5.BlockSize]byte
	padded   bool // the run is the last one
}

func (l *lane) begin(m *Message) {
	l.message, l.parts, l.padded = m, m.Parts, false
	l.next()
}

// took drops n blocks that were digested. It is false when they were the last ones.
func (l *lane) took(n int) bool {
	l.run = l.run[n*md5.BlockSize:]
	if len(l.run) == 0 {
		if l.padded {
			return false
		}
		l.next()
	}
	return true
}

// next sets run to the whole blocks of the first part that is not empty, or to a gathered one if there is none.
func (l *lane) next() {
	for i, p := range l.parts {
		if whole := len(p) / md5.BlockSize * md5.BlockSize; whole > 0 {
			l.run, l.parts[i] = p[:whole], p[whole:]
			return
		}
		if len(p) > 0 {
			break
		}
	}
	l.gather()
}

// gather makes a block of what lies in several parts. If that is all there is, it pads: a one, zeros, and the length in bits.
func (l *lane) gather() {
	n := 0
	for i, p := range l.parts {
		taken := copy(l.gathered[n:md5.BlockSize], p)
		l.parts[i] = p[taken:]
		n += taken
	}
	end := md5.BlockSize
	if n < end {
		l.padded = true
		if n+1+8 > end {
			end *= 2
		}
		clear(l.gathered[n:end])
		l.gathered[n] = 0x80
		binary.LittleEndian.PutUint64(l.gathered[end-8:], 8*l.message.length())
	}
	l.run = l.gathered[:end]
}

func (m *Message) length() (n uint64) {
	for _, p := range m.Parts {
		n += uint64(len(p))
	}
	return n
}
