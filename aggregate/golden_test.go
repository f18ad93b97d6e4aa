package aggregate_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kinecast/kinecast/aggregate"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// golden are the aggregated records whose bytes are kept in testdata. They must
// never change: streams are full of such records.
var golden = []struct {
	name    string
	about   string
	entries []aggregate.Entry
}{
	{"one", "One record. The producer sends it plain, but as an aggregate it must be readable too.",
		[]aggregate.Entry{entry("abcd", "", "data")}},
	{"empty-data", "Data of no bytes is written nonetheless, since the field is required; so is the index 0.",
		[]aggregate.Entry{entry("a", "", ""), entry("a", "", "")}},
	{"non-ascii-keys", "Keys are UTF-8; two of three are the same.",
		[]aggregate.Entry{entry("Zürich", "", "1"), entry("東京", "", "2"), entry("Zürich", "", "3")}},
	{"hash-key-shared", "Two keys, one explicit hash key: the keys stay different.",
		[]aggregate.Entry{entry("a", "170141183460469231731687303715884105728", "1"), entry("b", "170141183460469231731687303715884105728", "2")}},
	{"hash-keys-mixed", "The lowest and the highest hash key, and a record without one between them.",
		[]aggregate.Entry{entry("a", "0", "1"), entry("a", "", "2"), entry("a", "340282366920938463463374607431768211455", "3")}},
	{"129-records", "Keys and hash keys of their own, so that the index 128 takes two bytes.", numbered(129)},
	{"long", "A key of 256 characters of four bytes, and data whose length takes three bytes.",
		[]aggregate.Entry{entry(strings.Repeat("🌍", 256), "", strings.Repeat("x", 1<<14)), entry("k", "", "")}},
}

func numbered(n int) []aggregate.Entry {
	var all []aggregate.Entry
	for i := range n {
		all = append(all, entry(fmt.Sprint("key-", i), fmt.Sprint(i), fmt.Sprint("data ", i)))
	}
	return all
}

func TestGolden(t *testing.T) {
	for _, g := range golden {
		t.Run(g.name, func(t *testing.T) {
			got := build(g.entries).AppendTo(nil)
			path := filepath.Join("testdata", g.name+".golden")
			if *update {
				if err := os.WriteFile(path, goldenFile(g.about, got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := readGolden(t, path)
			if !bytes.Equal(got, want) {
				t.Errorf("wrote\n%s, want\n%s", hex.Dump(got), hex.Dump(want))
			}
			if !bytes.Equal(want, referenceAggregate(g.entries)) {
				t.Error("protobuf encodes it differently")
			}
			out := collect("outer", want, nil)
			if out.err != nil || len(out.records) != len(g.entries) {
				t.Fatalf("read %d records of %d, %v", len(out.records), len(g.entries), out.err)
			}
			for i, r := range out.records {
				if e := (aggregate.Entry{Key: r.PartitionKey, HashKey: r.ExplicitHashKey, Data: r.Data}); !sameEntry(e, g.entries[i]) {
					t.Errorf("read %.200q at %d, want %.200q", e, i, g.entries[i])
				}
			}
		})
	}
}

// goldenFile is what a golden file holds: lines that begin with # are for
// people, all others hexadecimal bytes.
func goldenFile(about string, data []byte) []byte {
	file := fmt.Appendf(nil, "# %s\n", about)
	for line := data; len(line) > 0; line = line[min(32, len(line)):] {
		file = fmt.Appendf(file, "%x\n", line[:min(32, len(line))])
	}
	return file
}

func readGolden(t testing.TB, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with: go test ./aggregate -run TestGolden -update)", err)
	}
	var data []byte
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if data, err = hex.AppendDecode(data, []byte(strings.TrimSpace(line))); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return data
}
