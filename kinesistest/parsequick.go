package kinesistest

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// quick reads a record that is written as SDKs write it: without white space and escapes, all of
// its members known and texts, its key in ASCII. It reports false, and has read nothing, if the
// record is written in any other way. BenchmarkServeHTTP is what it wins.
func (p *parser) quick() bool {
	start, rest, between := len(p.keys), p.buf[p.pos:], byte('{')
	e := entry{noKey: true}
	for len(rest) > 0 && rest[0] == between {
		rest, between = rest[1:], ','
		var value []byte
		ok := false
		switch {
		case e.data == nil && bytes.HasPrefix(rest, []byte(`"Data":"`)):
			if value, rest, ok = bytes.Cut(rest[len(`"Data":"`):], []byte(`"`)); ok {
				e.data, ok = value, bytes.IndexByte(value, '\\') < 0
			}
		case bytes.HasPrefix(rest, []byte(`"PartitionKey":"`)):
			if value, rest, ok = cutPlain(rest[len(`"PartitionKey":"`):]); ok {
				e.noKey, p.keys = false, append(p.keys[:start], value...)
			}
		case bytes.HasPrefix(rest, []byte(`"ExplicitHashKey":"`)):
			if value, rest, ok = cutPlain(rest[len(`"ExplicitHashKey":"`):]); ok {
				e.explicit, e.hasExplicit = string(value), true
			}
		}
		if !ok || len(rest) == 0 {
			break
		}
		if rest[0] == '}' {
			p.pos = len(p.buf) - len(rest) + 1
			p.add(e)
			return true
		}
	}
	p.keys = p.keys[:start]
	return false
}

// cutPlain cuts at the end of a string that is ASCII without escapes.
func cutPlain(b []byte) (value, rest []byte, ok bool) {
	n := plainLength(b)
	if n == len(b) || b[n] != '"' {
		return nil, b, false
	}
	return b[:n:n], b[n+1:], true
}

// plainLength is how many bytes at the start of b are plain: ASCII, no control, no quote, no
// backslash. It looks at eight bytes at once: a byte less than n is one that borrows when n is
// taken from it; a byte that is c becomes 0, which is less than 1, by exclusive or with c. A borrow
// may spoil what is found above it, so only the lowest counts.
func plainLength(b []byte) int {
	const (
		ones = 0x0101010101010101
		tops = 0x80 * ones
	)
	n := 0
	for ; n+8 <= len(b); n += 8 {
		v := binary.LittleEndian.Uint64(b[n:])
		quote, backslash := v^'"'*ones, v^'\\'*ones
		found := (v | (v-' '*ones)&^v | (quote-ones)&^quote | (backslash-ones)&^backslash) & tops
		if found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for ; n < len(b); n++ {
		if c := b[n]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
			break
		}
	}
	return n
}
