package kinesistest

import (
	"math/bits"
	"slices"
	"strconv"
)

// sequence is a sequence number: 192 bits, most significant word first. In hexadecimal it
// reads, digit by digit, as far as the service's own are understood:
//
//	2 ccccccccc s oooooooooooooooo 00 ttttttttt ssssssss 2
//	│     │     │        │          │      │        │    └ version
//	│     │     │        │          │      │        └ shard, 8 digits
//	│     │     │        │          │      └ second of arrival, 9 digits
//	│     │     │        │          └ always 0
//	│     │     │        └ ordinal within the shard, 16 digits
//	│     │     └ the shard's last digit
//	│     └ second in which the shard was created, 9 digits
//	└ makes every number lie in [2^185, 3·2^184), hence 56 decimal digits
//
// So numbers rise within a shard by their ordinal, whatever the clock does, and the numbers
// of a shard that was created in a later second are all higher.
type sequence [3]uint64

// sequenceDigits is the length of every sequence number that the server gives.
const sequenceDigits = 56

// newSequence makes the number of the record with this ordinal, which arrived in second at.
func newSequence(created int64, shard uint32, ordinal uint64, at int64) sequence {
	c, t, s := uint64(created)&(1<<36-1), uint64(at)&(1<<36-1), uint64(shard)
	// 188 bits: 2 (4) c (36) s (4) ordinal (64) 00 (8) t (36) shard (32) 2 (4)
	return sequence{
		2<<56 | c<<20 | (s&15)<<16 | ordinal>>48,
		ordinal<<16 | 0<<8 | t>>28,
		t<<36 | s<<4 | 2,
	}
}

// ordinal is the record's place in its shard, from 1.
func (q sequence) ordinal() uint64 { return q[0]<<48 | q[1]>>16 }

func (q sequence) compare(r sequence) int { return slices.Compare(q[:], r[:]) }

func (q sequence) less(r sequence) bool { return q.compare(r) < 0 }

// next returns q+1.
func (q sequence) next() sequence {
	var carry uint64
	q[2], carry = bits.Add64(q[2], 1, 0)
	q[1], carry = bits.Add64(q[1], 0, carry)
	q[0] += carry
	return q
}

// append appends q in decimal, without leading zeros.
func (q sequence) append(b []byte) []byte {
	const digits = 1e19
	var groups [4]uint64
	n := 0
	for {
		var rest uint64
		q[0], rest = bits.Div64(0, q[0], digits)
		q[1], rest = bits.Div64(rest, q[1], digits)
		q[2], rest = bits.Div64(rest, q[2], digits)
		groups[n] = rest
		n++
		if q == (sequence{}) {
			break
		}
	}
	b = strconv.AppendUint(b, groups[n-1], 10)
	for n--; n > 0; n-- {
		b = appendPadded(b, groups[n-1])
	}
	return b
}

// sequenceWriter writes the numbers of one answer. Those of one shard and second begin with the
// same digits and differ in the ordinal alone. BenchmarkSequence compares it with append.
type sequenceWriter [8]sequenceFront

// sequenceFront is a number without its ordinal, n[2]·10^38 + n[1]·10^19 + n[0], and n[2] as text.
type sequenceFront struct {
	of   sequence
	n    [2]uint64
	text []byte
}

func (w *sequenceWriter) append(b []byte, q sequence) []byte {
	ordinal, of := q.ordinal(), q
	of[0], of[1] = of[0]&^(1<<16-1), of[1]&(1<<16-1)
	front := &w[q[2]>>4%uint64(len(w))] // by shard
	if front.of != of {
		front.set(of)
	}
	// ordinal·2^80 = ordinal·(120892·10^19 + 5819614629174706176)
	const high, low, base = 120_892, 5_819_614_629_174_706_176, 1e19
	hi, lo := bits.Mul64(ordinal, low)
	carry, n0 := bits.Div64(hi, lo, base)
	n0, over := bits.Add64(n0, front.n[0], 0)
	if over > 0 || n0 >= base {
		n0, carry = n0-base, carry+1
	}
	n1 := front.n[1] + ordinal*high + carry
	if ordinal >= 1<<32 || n1 >= base || front.text == nil { // rare: it would change the first digits
		return q.append(b)
	}
	return appendPadded(appendPadded(append(b, front.text...), n1), n0)
}

func (f *sequenceFront) set(of sequence) {
	text := of.append(make([]byte, 0, sequenceDigits))
	f.of, f.text = of, nil
	if len(text) != sequenceDigits {
		return
	}
	front := len(text) - 2*19
	f.text = text[:front]
	f.n[1], _ = strconv.ParseUint(string(text[front:front+19]), 10, 64)
	f.n[0], _ = strconv.ParseUint(string(text[front+19:]), 10, 64)
}

func (q sequence) String() string {
	return string(q.append(make([]byte, 0, sequenceDigits)))
}

// parseSequence reads a decimal number below 2^192; ok is false for anything else.
func parseSequence(s string) (q sequence, ok bool) {
	if s == "" {
		return q, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return sequence{}, false
		}
		carry := uint64(s[i] - '0')
		for j := len(q) - 1; j >= 0; j-- {
			hi, lo := bits.Mul64(q[j], 10)
			var c uint64
			q[j], c = bits.Add64(lo, carry, 0)
			carry = hi + c
		}
		if carry != 0 {
			return sequence{}, false
		}
	}
	return q, true
}
