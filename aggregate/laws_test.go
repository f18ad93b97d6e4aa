package aggregate_test

import (
	"bytes"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/aggregate"
)

// The laws of the format, for entries of all shapes.

var hashKeys = rapid.Custom(func(t *rapid.T) []byte {
	hash := rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "hash")
	return []byte(new(big.Int).SetBytes(hash).String())
})

// drawEntries draws keys from a small pool, a big one, or none, so that tables
// stay short, grow an index, or grow several.
func drawEntries(t *rapid.T) []aggregate.Entry {
	key := rapid.OneOf(
		rapid.SampledFrom([]string{"", "a", "b", "ab", "Zürich", "東京", "\xff\xfe"}),
		rapid.StringN(0, 20, -1),
		rapid.StringN(100, 256, 1024),
	)
	data := rapid.OneOf(
		rapid.SliceOfN(rapid.Byte(), 0, 20),
		rapid.Map(rapid.IntRange(0, 3000), func(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }),
		rapid.Map(rapid.IntRange(0, 200_000), func(n int) []byte { return bytes.Repeat([]byte{'y'}, n) }),
	)
	shared := hashKeys.Draw(t, "shared hash key")
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) aggregate.Entry {
		e := aggregate.Entry{Key: []byte(key.Draw(t, "key")), Data: data.Draw(t, "data")}
		switch rapid.IntRange(0, 3).Draw(t, "hash key") {
		case 0:
			e.HashKey = shared
		case 1:
			e.HashKey = hashKeys.Draw(t, "own hash key")
		}
		return e
	}), 0, 200).Draw(t, "entries")
}

func sameEntry(a, b aggregate.Entry) bool {
	return bytes.Equal(a.Key, b.Key) && bytes.Equal(a.HashKey, b.HashKey) && bytes.Equal(a.Data, b.Data)
}

// Law: what a Builder writes is protobuf's own encoding of the same records,
// and what it foretold of size and memory holds after every single append.
func TestBuilderWritesWhatProtobufWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawEntries(t)
		var b aggregate.Builder
		for i, e := range all {
			fit := b.Fit(&e)
			if again := b.Fit(&e); again != fit {
				t.Fatalf("Fit changed the Builder: %+v, then %+v", fit, again)
			}
			b.Append(&e, fit)
			if b.Size() != fit.Size || b.Cap() != fit.Cap || b.Len() != i+1 {
				t.Fatalf("entry %d: Size %d, Cap %d, Len %d; Fit said %d, %d", i, b.Size(), b.Cap(), b.Len(), fit.Size, fit.Cap)
			}
			if i < 8 || i == len(all)-1 {
				if want := len(referenceAggregate(all[:i+1])); b.Size() != want {
					t.Fatalf("entry %d: Size is %d, protobuf needs %d", i, b.Size(), want)
				}
			}
		}
		got := b.AppendTo([]byte("before"))
		if want := append([]byte("before"), referenceAggregate(all)...); !bytes.Equal(got, want) {
			t.Fatalf("wrote\n%x, want\n%x", got, want)
		}
		b.Reset()
		if b.Cap() != 0 || b.Len() != 0 || b.Size() != 0 || len(b.AppendTo(nil)) != 0 {
			t.Fatalf("after Reset: Cap %d, Len %d, Size %d", b.Cap(), b.Len(), b.Size())
		}
	})
}

// Law: All gives back what was appended, and Deaggregate what was written.
func TestDeaggregateInvertsAggregate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawEntries(t)
		b := build(all)
		n := 0
		for i, e := range b.All() {
			if i != n || !sameEntry(e, all[i]) {
				t.Fatalf("All yields at %d as %d %q, want %q", n, i, e, all[i])
			}
			n++
		}
		if n != len(all) {
			t.Fatalf("All yields %d entries of %d", n, len(all))
		}
		if len(all) == 0 {
			return
		}
		got := collect("outer", b.AppendTo(nil), nil)
		if got.err != nil || len(got.records) != len(all) {
			t.Fatalf("read %d records of %d, error %v", len(got.records), len(all), got.err)
		}
		for i, r := range got.records {
			e := aggregate.Entry{Key: r.PartitionKey, HashKey: r.ExplicitHashKey, Data: r.Data}
			if !sameEntry(e, all[i]) || r.Position != i || !r.Aggregated {
				t.Fatalf("read %+v at %d, want %q", r, i, all[i])
			}
		}
	})
}

// Law: filled up to a limit by looking at Fit, aggregates never exceed it, hold
// all records in order, and would not have had room for the next one.
func TestNoAggregateExceedsItsLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawEntries(t)
		limit := rapid.IntRange(64, 60_000).Draw(t, "limit")
		var b aggregate.Builder
		var read []aggregate.UserRecord
		seal := func() {
			data := b.AppendTo(nil)
			if len(data) > limit && b.Len() > 1 {
				t.Fatalf("%d bytes, the limit is %d", len(data), limit)
			}
			read = append(read, collect("outer", data, nil).records...)
			b.Reset()
		}
		for _, e := range all {
			fit := b.Fit(&e)
			if fit.Size > limit && b.Len() > 0 {
				seal()
				fit = b.Fit(&e)
			}
			b.Append(&e, fit)
		}
		if b.Len() > 0 {
			seal()
		}
		if len(read) != len(all) {
			t.Fatalf("%d records of %d", len(read), len(all))
		}
		for i, r := range read {
			if !bytes.Equal(r.Data, all[i].Data) || !bytes.Equal(r.PartitionKey, all[i].Key) {
				t.Fatalf("record %d is %q, want %q", i, r.Data, all[i].Data)
			}
		}
	})
}

// Law: for messages of all kinds, with indices and hash keys right and wrong,
// whole and with bytes exchanged, Deaggregate says what the KCL says.
func TestDeaggregateFollowsTheKCL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := marshal(drawMessage(t))
		for range rapid.SampledFrom([]int{0, 0, 1, 1, 2, 5}).Draw(t, "wrong bytes") {
			if len(message) > 0 {
				at := rapid.IntRange(0, len(message)-1).Draw(t, "at")
				message[at] = rapid.Byte().Draw(t, "byte")
			}
		}
		data := frame(message)
		within := drawRange(t)
		got, want := collect("outer", data, within), referenceDeaggregate("outer", data, within)
		if what := differs(got, want); what != "" {
			t.Fatalf("differs in %s\ngot  %+v\nwant %+v", what, got, want)
		}
	})
}
