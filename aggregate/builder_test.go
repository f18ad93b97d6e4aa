package aggregate_test

import (
	"bytes"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/internal/kplpb"
)

// build is a Builder with these entries.
func build(all []aggregate.Entry) *aggregate.Builder {
	var b aggregate.Builder
	for _, e := range all {
		b.Append(&e, b.Fit(&e))
	}
	return &b
}

// entry is an Entry from text; no hash key if it is "".
func entry(key, hashKey, data string) aggregate.Entry {
	e := aggregate.Entry{Key: []byte(key), Data: []byte(data)}
	if hashKey != "" {
		e.HashKey = []byte(hashKey)
	}
	return e
}

// decode is the message of an aggregated record as protobuf reads it.
func decode(t *testing.T, data []byte) *kplpb.AggregatedRecord {
	t.Helper()
	var m kplpb.AggregatedRecord
	if err := proto.Unmarshal(data[4:len(data)-16], &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

// Keys stand once in their table, in the order of first use, and records refer
// to them.
func TestBuilderSharesKeys(t *testing.T) {
	tests := []struct {
		name         string
		keys, hashes []string // of the entries, in order
		keyTable     string
		hashTable    string
	}{
		{"same key", []string{"a", "a", "a"}, []string{"", "", ""}, "[a]", "[]"},
		{"different keys", []string{"a", "b", "c"}, []string{"", "", ""}, "[a b c]", "[]"},
		{"mixed keys", []string{"b", "a", "b", "c", "a"}, []string{"", "", "", "", ""}, "[b a c]", "[]"},
		{"same hash key", []string{"a", "b", "c"}, []string{"7", "7", "7"}, "[a b c]", "[7]"},
		{"different hash keys", []string{"a", "a", "a"}, []string{"1", "2", "3"}, "[a]", "[1 2 3]"},
		{"mixed hash keys", []string{"a", "b", "a", "b"}, []string{"2", "", "1", "2"}, "[a b]", "[2 1]"},
		{"a key that looks like a hash key", []string{"7", "8"}, []string{"8", "7"}, "[7 8]", "[8 7]"},
		{"more than a short table", []string{"a", "b", "c", "d", "e", "f", "a", "d", "f"}, make([]string, 9), "[a b c d e f]", "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var all []aggregate.Entry
			for i, key := range tt.keys {
				all = append(all, entry(key, tt.hashes[i], fmt.Sprint("data ", i)))
			}
			m := decode(t, build(all).AppendTo(nil))
			if got := fmt.Sprint(m.PartitionKeyTable); got != tt.keyTable {
				t.Errorf("partition keys %s, want %s", got, tt.keyTable)
			}
			if got := fmt.Sprint(m.ExplicitHashKeyTable); got != tt.hashTable {
				t.Errorf("explicit hash keys %s, want %s", got, tt.hashTable)
			}
			for i, r := range m.Records {
				if got := m.PartitionKeyTable[r.GetPartitionKeyIndex()]; got != tt.keys[i] {
					t.Errorf("record %d has the key %q, want %q", i, got, tt.keys[i])
				}
				if (r.ExplicitHashKeyIndex != nil) != (tt.hashes[i] != "") {
					t.Errorf("record %d: explicit hash key index %v, want the key %q", i, r.ExplicitHashKeyIndex, tt.hashes[i])
				}
			}
		})
	}
}

// A record that stayed alone can be had back as it is.
func TestLone(t *testing.T) {
	for _, e := range []aggregate.Entry{
		entry("key", "", "data"),
		entry("key", "340282366920938463463374607431768211455", "data"),
		entry("", "", ""),
		{Key: []byte("giant"), Data: bytes.Repeat([]byte{1}, 10<<20)},
	} {
		b := build([]aggregate.Entry{e})
		if got := b.Lone(); !sameEntry(got, e) || (got.HashKey == nil) != (e.HashKey == nil) {
			t.Errorf("key %q: Lone is %.100q", e.Key, got)
		}
	}
	for _, n := range []int{0, 2} {
		b := build(entries(n))
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Lone of %d records did not panic", n)
				}
			}()
			b.Lone()
		}()
	}
}

// A big record costs its own size in memory, not the next power of two.
func TestBigRecordIsHeldExactly(t *testing.T) {
	e := aggregate.Entry{Key: []byte("giant"), Data: make([]byte, 10<<20)}
	b := build([]aggregate.Entry{e})
	const keys = 256
	if want := b.Size() - aggregate.MinOverhead - len("giant") - 2 + keys; b.Cap() != want {
		t.Errorf("a record of 10 MiB holds %d bytes, want %d", b.Cap(), want)
	}
}

// A Builder copies what it is given, and a buffer that went back to the pool
// leaves no trace in what the next one writes.
func TestBuilderOwnsItsBytes(t *testing.T) {
	for round := range 3 {
		e := entry("key", "12", "data")
		var b aggregate.Builder
		for i := range 500 {
			e.Key = fmt.Appendf(e.Key[:0], "key %d of %d", i, round)
			e.Data = fmt.Appendf(e.Data[:0], "data %d", i)
			b.Append(&e, b.Fit(&e))
		}
		n := 0
		for i, got := range b.All() {
			want := entry(fmt.Sprintf("key %d of %d", i, round), "12", fmt.Sprint("data ", i))
			if !sameEntry(got, want) {
				t.Fatalf("round %d: entry %d is %q, want %q", round, i, got, want)
			}
			if n++; n == 490 {
				break
			}
		}
		b.Reset()
	}
}
