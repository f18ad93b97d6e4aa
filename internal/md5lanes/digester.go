package md5lanes

import (
	"crypto/md5"
	"encoding/binary"
)

// Message is what is digested, and its digest.
type Message struct {
	Parts  [3][]byte      // what it consists of, one after the other; any may be empty
	Digest [md5.Size]byte // set by Sum
}

// lanes is how many messages a kernel takes at a time.
const lanes = 16

// worthwhile is the number of busy lanes from which on a kernel is faster than crypto/md5 with one after the other: all lanes
// take the time of two to three (BenchmarkSum, on a Zen 5, whose vector instructions have twice the latency of those before it).
const worthwhile = 3

// maxBlocks bounds a call of a kernel to some 50 µs, since the scheduler cannot interrupt it.
const maxBlocks = 256

// kernel takes n > 0 further blocks of each lane into the states; from says where the lanes' blocks begin. It reads nothing else.
type kernel func(state *states, from *[lanes]*byte, n int, scratch *scratch)

// states are A, B, C and D of all lanes: RFC 1321 calls them so.
type states [4][lanes]uint32

// scratch has room for the words of a block of all lanes, at a multiple of 64 bytes.
type scratch [(16 + 1) * lanes]uint32

// Digester is what Sum works with, some 5 KiB. The zero value is ready. It is for one goroutine at a time.
type Digester struct {
	lanes   [lanes]lane
	state   states
	from    [lanes]*byte
	scratch scratch
	single  single
}

// Sum sets the Digest of each message to the MD5 of its parts. It only reads these, allocates nothing after its first call, and
// keeps no reference to them.
func (d *Digester) Sum(messages []Message) { d.sum(widest, messages) }

func (d *Digester) sum(wide kernel, messages []Message) {
	busy := 0
	for i := range min(lanes, len(messages)) {
		d.begin(i, &messages[i])
		busy++
	}
	waiting := messages[busy:]
	for wide != nil && busy >= worthwhile {
		n := d.line()
		wide(&d.state, &d.from, n, &d.scratch)
		for i := range d.lanes {
			switch l := &d.lanes[i]; {
			case l.message == nil || l.took(n):
			case len(waiting) > 0:
				d.end(i)
				d.begin(i, &waiting[0])
				waiting = waiting[1:]
			default:
				d.end(i)
				busy--
			}
		}
	}
	for i := range d.lanes {
		if d.lanes[i].message != nil {
			d.finish(i)
		}
	}
	for i := range waiting {
		d.begin(0, &waiting[i])
		d.finish(0)
	}
	clear(d.from[:])
}

// line points from to the next blocks of the lanes, and says how many of them all have. An idle lane has those of a busy one.
func (d *Digester) line() (n int) {
	n = maxBlocks
	var some *byte
	for i := range d.lanes {
		if l := &d.lanes[i]; l.message != nil {
			n = min(n, len(l.run)/md5.BlockSize)
			some = &l.run[0]
			d.from[i] = some
		}
	}
	for i := range d.lanes {
		if d.lanes[i].message == nil {
			d.from[i] = some
		}
	}
	return n
}

// begin has lane i take a message.
func (d *Digester) begin(i int, m *Message) {
	d.lanes[i].begin(m)
	d.state[0][i], d.state[1][i], d.state[2][i], d.state[3][i] = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
}

// finish takes the rest of lane i's message alone.
func (d *Digester) finish(i int) {
	for l := &d.lanes[i]; ; {
		d.single.blocks(&d.state, i, l.run)
		if !l.took(len(l.run) / md5.BlockSize) {
			break
		}
	}
	d.end(i)
}

// end writes lane i's digest and leaves it idle.
func (d *Digester) end(i int) {
	l := &d.lanes[i]
	for j := range d.state {
		binary.LittleEndian.PutUint32(l.message.Digest[4*j:], d.state[j][i])
	}
	l.message, l.parts, l.run = nil, [3][]byte{}, nil
}
