package main

import (
	"bytes"
	"strconv"
)

// Quake is one event of the feed: the T of this program's Producer[T]. It is cheap to copy; the line is shared and
// never written to.
type Quake struct {
	Line   []byte  // one JSON object, as it stands in the input, without its line ending
	Key    string  // the partition key: the value at -key
	Mag    float64 // properties.mag, or NaN
	Number int     // the line's number in the input, from 1
	Repeat int     // the pass over the feed, from 0
	serial int     // its place in the journal
}

// append is the serializer. On the first pass the bytes are the line's own. On pass k > 0 the member "_repeat": k is
// added before the closing brace, so that every pass is distinct, still one JSON object, and says which pass it is.
// A line always has a member before it: the one at -key.
func (q Quake) append(dst []byte) []byte {
	if q.Repeat == 0 {
		return append(dst, q.Line...)
	}
	end := bytes.LastIndexByte(q.Line, '}')
	dst = append(dst, q.Line[:end]...)
	dst = append(dst, `,"_repeat":`...)
	dst = strconv.AppendInt(dst, int64(q.Repeat), 10)
	return append(dst, q.Line[end:]...)
}

// size returns the length of what append adds.
func (q Quake) size() int {
	if q.Repeat == 0 {
		return len(q.Line)
	}
	return len(q.Line) + len(`,"_repeat":`) + len(strconv.Itoa(q.Repeat))
}
