package aggregate_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kinecast/kinecast/aggregate"
)

// TestKPLGolden reads what the official KPL wrote, and writes the same: byte for byte.
func TestKPLGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/kpl-*.hex")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files of the KPL: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			put, wrote := readKPLGolden(t, file)
			out := collect("outer", wrote, nil)
			if out.err != nil || len(out.records) != len(put) {
				t.Fatalf("read %d records of %d, %v", len(out.records), len(put), out.err)
			}
			for i, r := range out.records {
				if e := (aggregate.Entry{Key: r.PartitionKey, HashKey: r.ExplicitHashKey, Data: r.Data}); !sameEntry(e, put[i]) || r.Position != i {
					t.Errorf("read %q at %d, want %q at %d", e, r.Position, put[i], i)
				}
			}
			if ours := build(put).AppendTo(nil); !bytes.Equal(ours, wrote) {
				t.Errorf("we write\n%s, the KPL\n%s", hex.Dump(ours), hex.Dump(wrote))
			}
		})
	}
}

// readKPLGolden reads a file that interop wrote: lines put KEY HASHKEY DATA, quoted, then the aggregated record that the KPL
// made of them, in hexadecimal. Lines that begin with # are for people.
func readKPLGolden(t *testing.T, file string) (put []aggregate.Entry, wrote []byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var key, hashKey, data string
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "put "):
			_, err = fmt.Sscanf(line, "put %q %q %q", &key, &hashKey, &data)
			put = append(put, entry(key, hashKey, data))
		default:
			wrote, err = hex.AppendDecode(wrote, []byte(strings.TrimSpace(line)))
		}
		if err != nil {
			t.Fatalf("%s: %q: %v", file, line, err)
		}
	}
	return put, wrote
}
