package kinesistest

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var testTime = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

func anySequence(t *rapid.T) sequence {
	word := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 1<<64 - 1}))
	return sequence{word.Draw(t, "0"), word.Draw(t, "1"), word.Draw(t, "2")}
}

func TestSequenceArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, r := anySequence(t), anySequence(t)
		if q.String() != q.big().String() {
			t.Fatalf("String %s, want %s", q, q.big())
		}
		if back, ok := parseSequence(q.String()); !ok || back != q {
			t.Fatalf("parsed %v %v, want %v", back, ok, q)
		}
		if q.less(r) != (q.big().Cmp(r.big()) < 0) {
			t.Fatalf("%v.less(%v) is %v", q, r, q.less(r))
		}
		next := new(big.Int).Add(q.big(), big.NewInt(1))
		if q != (sequence{1<<64 - 1, 1<<64 - 1, 1<<64 - 1}) && q.next().big().Cmp(next) != 0 {
			t.Fatalf("%v.next() is %v", q, q.next())
		}
	})
	for _, bad := range []string{"", "x", "-1", "1 ", strings.Repeat("9", 58), new(big.Int).Lsh(big.NewInt(1), 192).String()} {
		if q, ok := parseSequence(bad); ok {
			t.Errorf("%q was parsed as %v", bad, q)
		}
	}
}

// Every number has 56 digits, and numbers rise within a shard even if the clock goes back.
func TestSequenceNumbersRise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		index := rapid.IntRange(0, maxShards-1).Draw(t, "shard")
		opened := time.Unix(rapid.Int64Range(0, 1<<36-1).Draw(t, "opened"), 0)
		sh := &shard{id: shardID(index), index: uint32(index)}
		sh.open(opened)
		last := sh.startingSequence()
		if len(last.String()) != sequenceDigits {
			t.Fatalf("starting number %s has %d digits", last, len(last.String()))
		}
		for range rapid.IntRange(1, 20).Draw(t, "records") {
			at := time.Unix(rapid.Int64Range(0, 1<<36-1).Draw(t, "at"), 0)
			bound := sh.nextSequence()
			seq := sh.store(&entry{}, at)
			if !last.less(seq) || seq.less(bound) {
				t.Fatalf("%s after %s, announced as at least %s", seq, last, bound)
			}
			if len(seq.String()) != sequenceDigits {
				t.Fatalf("%s has %d digits", seq, len(seq.String()))
			}
			last = seq
		}
	})
}

// The log gives back what was appended, from any number on, through all sizes of chunks.
func TestRecordLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 5000).Draw(t, "records")
		var log recordLog
		for i := range n {
			log.append(stored{seq: sequence{0, 0, uint64(2 * i)}})
		}
		start := rapid.Uint64Range(0, uint64(2*n+3)).Draw(t, "from")
		want := (start + 1) / 2 * 2
		for r := range log.from(sequence{0, 0, start}) {
			if r.seq[2] != want {
				t.Fatalf("from %d: got %d, want %d", start, r.seq[2], want)
			}
			want += 2
		}
		if want < uint64(2*n) || log.n != n {
			t.Fatalf("from %d of %d: ended before %d", start, n, want)
		}
	})
}

// The numbers of an answer are written as each of them would be by itself.
func TestSequenceWriter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w sequenceWriter
		shards := rapid.IntRange(1, 20).Draw(t, "shards")
		for range 50 {
			q := anySequence(t)
			if rapid.IntRange(0, 9).Draw(t, "odd") > 0 {
				ordinal := rapid.OneOf(rapid.Uint64Range(0, 1000), rapid.Uint64(), rapid.Uint64Range(1<<32-9, 1<<32+9)).Draw(t, "ordinal")
				shard, late := rapid.IntRange(0, shards).Draw(t, "shard"), rapid.Int64Range(0, 1).Draw(t, "late")
				q = newSequence(testTime.Unix(), uint32(shard), ordinal, testTime.Unix()+late)
			}
			if got := string(w.append([]byte("x"), q)); got != "x"+q.big().String() {
				t.Fatalf("written as %s, want %v", got, q.big())
			}
		}
	})
}

// BenchmarkSequence compares the two ways of writing numbers.
func BenchmarkSequence(b *testing.B) {
	var w sequenceWriter
	for name, write := range map[string]func([]byte, sequence) []byte{
		"append": func(b []byte, q sequence) []byte { return q.append(b) },
		"writer": w.append,
	} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, sequenceDigits)
			for n := uint64(0); b.Loop(); n++ {
				buf = write(buf[:0], newSequence(testTime.Unix(), uint32(n)&3, n, testTime.Unix()))
			}
		})
	}
}
