package snapshot

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// write makes a snapshot of records.
func write(t testing.TB, records ...Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	for i := range records {
		if err := w.Add(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read reads all that can be read.
func read(b []byte) (records []Record, damages []Damage) {
	damages = Read(bytes.NewReader(b), func(r Record) { records = append(records, r) })
	return records, damages
}

func equal(a, b Record) bool {
	return a.Stream == b.Stream && bytes.Equal(a.Key, b.Key) && a.HashKey == b.HashKey && a.Explicit == b.Explicit &&
		a.MaybeWritten == b.MaybeWritten && bytes.Equal(a.Data, b.Data)
}

func same(a, b []Record) bool { return slices.EqualFunc(a, b, equal) }

// samples are records of every kind.
func samples() []Record {
	return []Record{
		{Stream: "orders", Key: []byte("customer-7"), Data: []byte(`{"cents":1999}`)},
		{Stream: "orders", Key: []byte("Zürich 東京 🌍"), Data: nil, MaybeWritten: true},
		{Stream: "arn:aws:kinesis:eu-central-1:123456789012:stream/events", Key: []byte("k"), Explicit: true,
			HashKey: [16]byte{0x80, 15: 1}, Data: []byte{0, 255, 10, 13, 26}},
		{Stream: "orders", Key: []byte(strings.Repeat("é", 256)), Explicit: true, MaybeWritten: true, Data: []byte("d")},
	}
}

// The bytes are held: what one release has written the next ones read.
func TestGolden(t *testing.T) {
	for name, records := range map[string][]Record{"empty": nil, "samples": samples()} {
		b := write(t, records...)
		file := "testdata/" + name + ".hex"
		if *update {
			if err := os.WriteFile(file, []byte(hex.Dump(b)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.Dump(b); got != string(want) {
			t.Errorf("%s is written as\n%s\nwant\n%s", name, got, want)
		}
		if got, damages := read(b); len(damages) > 0 || !same(got, records) {
			t.Errorf("%s is read as %v with %v", name, got, damages)
		}
	}
}

func drawRecord(t *rapid.T) Record {
	key := []rune(rapid.StringN(1, 256, MaxKey).Draw(t, "key"))
	r := Record{
		Stream:       rapid.SampledFrom([]string{"a", "b", strings.Repeat("n", MaxName)}).Draw(t, "stream"),
		Key:          []byte(string(key)),
		Explicit:     rapid.Bool().Draw(t, "explicit"),
		MaybeWritten: rapid.Bool().Draw(t, "maybe"),
		Data:         bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.SampledFrom([]int{0, 1, 100, BlockBytes - 100, BlockBytes}).Draw(t, "size")),
	}
	if r.Explicit {
		copy(r.HashKey[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "hash"))
	}
	return r
}

// Whatever was written is read, in order, also of several snapshots one behind another and in small pieces.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Record
		var b []byte
		for range rapid.IntRange(1, 3).Draw(t, "snapshots") {
			records := rapid.SliceOfN(rapid.Custom(drawRecord), 0, 8).Draw(t, "records")
			var one bytes.Buffer
			w := NewWriter(&one)
			for i := range records {
				if err := w.Add(&records[i]); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			all, b = append(all, records...), append(b, one.Bytes()...)
		}
		var got []Record
		damages := Read(iotest.HalfReader(bytes.NewReader(b)), func(r Record) { got = append(got, r) })
		if len(damages) > 0 || !same(got, all) {
			t.Fatalf("read %d of %d records, damage %v", len(got), len(all), damages)
		}
	})
}

// The parts of a snapshot, of whatever number, have each record once, and keep the order of each hash key.
func TestPartsLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "parts")
		records := rapid.SliceOfN(rapid.Custom(drawRecord), 0, 30).Draw(t, "records")
		of := map[string]int{}
		for i := range records {
			part := records[i].Part(n)
			id := string(records[i].Key)
			if records[i].Explicit {
				id = string(records[i].HashKey[:])
			}
			id += fmt.Sprint(records[i].Explicit)
			if before, ok := of[id]; ok && before != part || part < 0 || part >= n {
				t.Fatalf("part %d of %d, and another one for the same hash key", part, n)
			}
			of[id] = part
		}
	})
	counts := make([]int, 4)
	for i := range 4000 {
		r := Record{Explicit: true, HashKey: [16]byte{14: byte(i >> 8), 15: byte(i)}}
		counts[r.Part(4)]++
	}
	for part, n := range counts {
		if n < 900 || n > 1100 {
			t.Errorf("part %d has %d of 4000 small integers", part, n)
		}
	}
}

func TestLargestRecord(t *testing.T) {
	big := Record{Stream: "s", Key: []byte("k"), Data: bytes.Repeat([]byte("0123456789abcdef"), MaxData/16)}
	small := Record{Stream: "s", Key: []byte("k"), Data: []byte("x")}
	if got, damages := read(write(t, small, big, small)); len(damages) > 0 || !same(got, []Record{small, big, small}) {
		t.Errorf("read %d records, damage %v", len(got), damages)
	}
}

func TestWriterRefusesWhatItCannotWrite(t *testing.T) {
	for _, r := range []Record{
		{Key: []byte("k")},
		{Stream: strings.Repeat("s", MaxName+1), Key: []byte("k")},
		{Stream: "s"},
		{Stream: "s", Key: bytes.Repeat([]byte("k"), keyCharacters+1)},
		{Stream: "s", Key: []byte{0xff}},
		{Stream: "s", Key: []byte("k"), Data: make([]byte, MaxData+1)},
	} {
		var b bytes.Buffer
		w := NewWriter(&b)
		if err := w.Add(&r); err == nil {
			t.Errorf("%d %d %d: taken", len(r.Stream), len(r.Key), len(r.Data))
		}
		if err := w.Close(); err == nil || b.Len() > 0 {
			t.Errorf("closed with %v and %d bytes", err, b.Len())
		}
	}
}

// Every single flipped bit is noticed, and where; records of other blocks are read all the same.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	records := samples()
	whole := write(t, records...)
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			got, damages := read(b)
			switch {
			case len(damages) == 0:
				t.Fatalf("bit %d of byte %d: not noticed", bit, i)
			case damages[0].Offset > int64(i):
				t.Fatalf("bit %d of byte %d: noticed at %d: %s", bit, i, damages[0].Offset, damages[0].Reason)
			case len(got) < 2 && !strings.Contains(damages[0].Reason, "version"): // one block has two of the four records
				t.Fatalf("bit %d of byte %d: only %d records are read; %s", bit, i, len(got), damages[0].Reason)
			}
			for _, r := range got {
				if !slices.ContainsFunc(records, func(o Record) bool { return equal(o, r) }) {
					t.Fatalf("bit %d of byte %d: read %v", bit, i, r)
				}
			}
		}
	}
}

func TestEveryTruncationIsNoticed(t *testing.T) {
	whole := write(t, samples()...)
	for n := range whole {
		_, damages := read(whole[:n])
		if len(damages) == 0 || damages[0].Offset > int64(n) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), damages)
		}
		if _, damages = read(append(bytes.Clone(whole[:n]), whole...)); n > 0 && len(damages) == 0 {
			t.Fatalf("%d of %d bytes and a whole one: not noticed", n, len(whole))
		}
		if got, damages := read(append(bytes.Clone(whole), whole[:n]...)); n > 0 && (len(damages) == 0 || len(got) < 4) {
			t.Fatalf("a whole one and %d of %d bytes: %d records, %v", n, len(whole), len(got), damages)
		}
	}
}

// Blocks that were dropped, repeated or exchanged have right checksums each: the trailer tells.
func TestBlocksOutOfPlaceAreNoticed(t *testing.T) {
	first := Record{Stream: "a", Key: []byte("k"), Data: []byte("1")}
	second := Record{Stream: "b", Key: []byte("k"), Data: []byte("2")}
	whole := write(t, first, second)
	size := (len(whole) - headerSize - prefixSize - trailerSize - checksumSize) / 2
	head, a, b, end := whole[:headerSize], whole[headerSize:headerSize+size], whole[headerSize+size:headerSize+2*size], whole[headerSize+2*size:]
	for name, parts := range map[string][][]byte{
		"dropped": {head, a, end}, "repeated": {head, a, b, b, end}, "exchanged": {head, b, a, end}, "two trailers": {head, a, b, end, end},
	} {
		if _, damages := read(bytes.Join(parts, nil)); len(damages) == 0 {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func TestReasonsAreNamed(t *testing.T) {
	whole := write(t, samples()...)
	changed := func(i int, to byte) []byte {
		b := bytes.Clone(whole)
		b[i] = to
		return b
	}
	version := append(append(bytes.Clone(whole[:8]), 0, 2, 0, 0), 0, 0, 0, 0)
	version = append(sum(version[:12], version[:12]), whole[16:]...)
	for _, c := range []struct {
		b      []byte
		offset int64
		reason string
	}{
		{nil, 0, "it is empty"},
		{[]byte("hello"), 0, "5 bytes are left; a header has 16"},
		{[]byte("hello, this is some other file"), 0, "no snapshot begins here"},
		{changed(11, 9), 0, "the header's checksum is wrong"},
		{version, 0, "version 2 with flags 0; this release reads version 1"},
		{changed(16, 'X'), 16, "no frame begins here"},
		{changed(40, 0xff), 16, "the checksum of"},
		{whole[:16], 16, "its trailer is missing"},
		{whole[:20], 16, "cut off: 4 bytes are left"},
		{whole[:50], 16, "cut off: 34 bytes of a frame of"},
		{append(bytes.Clone(whole), make([]byte, 100)...), int64(len(whole)), "no snapshot begins here"},
	} {
		_, damages := read(c.b)
		if len(damages) == 0 || damages[0].Offset != c.offset || !strings.Contains(damages[0].Reason, c.reason) {
			t.Errorf("got %+v, want %q at %d", damages, c.reason, c.offset)
		}
	}
}

// A reader that fails is not taken for the end of what it has.
func TestReaderThatFails(t *testing.T) {
	broken := errors.New("broken")
	whole := write(t, samples()...)
	for n := range whole {
		damages := Read(io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken)), func(Record) {})
		if len(damages) != 1 || !errors.Is(damages[0].Err, broken) {
			t.Fatalf("after %d bytes: %+v", n, damages)
		}
	}
}

// The error of the underlying writer is returned, and nothing is written behind a hole.
func TestWriterThatFails(t *testing.T) {
	broken := errors.New("broken")
	records := samples()
	for fail := range 4 {
		w := &failing{at: fail, err: broken}
		s := NewWriter(w)
		for i := range records {
			_ = s.Add(&records[i])
		}
		if err := s.Close(); !errors.Is(err, broken) || w.calls != fail+1 {
			t.Errorf("failed at call %d: %v after %d calls", fail, err, w.calls)
		}
	}
	short := NewWriter(&failing{at: 0})
	if err := short.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a short write: %v", err)
	}
}

type failing struct {
	at, calls int
	err       error
}

func (f *failing) Write(b []byte) (int, error) {
	f.calls++
	if f.calls > f.at {
		return 0, f.err
	}
	return len(b), nil
}
