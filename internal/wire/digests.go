package wire

import "github.com/kinecast/kinecast/internal/md5lanes"

// digests are the MD5s with which the aggregates of a request end. They are made all at once, before the first is written, as that
// takes a fraction of the time.
type digests struct {
	messages []md5lanes.Message // one for each aggregate that is not empty
	written  int
	lanes    md5lanes.Digester
}

func (d *digests) make(entries []Entry) {
	d.messages, d.written = d.messages[:0], 0
	for i := range entries {
		if b := entries[i].Aggregate; b != nil && b.Len() > 0 {
			var m md5lanes.Message
			m.Parts[0], m.Parts[1], m.Parts[2] = b.Segments()
			d.messages = append(d.messages, m)
		}
	}
	d.lanes.Sum(d.messages)
}

// next is the MD5 of the next aggregate, in the order of the entries.
func (d *digests) next() []byte {
	d.written++
	return d.messages[d.written-1].Digest[:]
}

// drop forgets the aggregates: their buffers end with the call, and the composer does not.
func (d *digests) drop() { clear(d.messages) }
