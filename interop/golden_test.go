package interop

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest/conformance"
)

// TestKPLGolden has the official KPL aggregate the user records of each golden file of package aggregate. We have to write the
// same, byte for byte. The KPL shuffles records on their way into an aggregate, so its order is taken as it comes. With -update
// what it wrote becomes the golden file, for the tests of package aggregate, which need no KPL.
func TestKPLGolden(t *testing.T) {
	installed(t)
	if javaClasses == "" {
		t.Skip("make interop-full installs the KPL, and runs this")
	}
	files, err := filepath.Glob("../aggregate/testdata/kpl-*.hex")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	s := start(t, conformance.Kinesistest)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			about, put := readGolden(t, file)
			kpl, found := s.aggregatedByKPL(t, strings.TrimSuffix(filepath.Base(file), ".hex"), put)
			if ours := aggregated(found); !bytes.Equal(ours, kpl) {
				t.Errorf("the KPL wrote\n%s, we write\n%s", hex.Dump(kpl), hex.Dump(ours))
			}
			if !*update {
				return
			}
			if err := os.WriteFile(file, goldenFile(about, found, kpl), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// aggregatedByKPL returns the one aggregated record that the KPL makes of user records, and what protoc finds in it.
func (s server) aggregatedByKPL(t *testing.T, stream string, put []written) ([]byte, []user) {
	t.Helper()
	s.create(t, stream, 1)
	alone := written{key: "alone", data: []byte("makes the KPL ask for the shards"), position: -1}
	put = kplPuts(t, s, stream, append([]written{alone}, put...))
	records := s.readAll(t, stream)
	const plainAndAggregated = 2
	if len(records) != plainAndAggregated {
		t.Fatalf("the KPL made %d Kinesis records, want one plain and one aggregated", len(records))
	}
	found, err := protoc(t.Context(), records)
	if err != nil {
		t.Fatal(err)
	}
	if fault := disagreement(put, records, reader{}, found); fault != "" {
		t.Fatal(fault)
	}
	return records[1].data, found[1:]
}

// aggregated is how we write user records.
func aggregated(users []user) []byte {
	var b aggregate.Builder
	for _, u := range users {
		e := aggregate.Entry{Key: []byte(u.key), HashKey: []byte(u.hashKey), Data: u.data}
		b.Append(&e, b.Fit(&e))
	}
	return b.AppendTo(nil)
}

// readGolden reads the comments and the user records of a golden file.
func readGolden(t *testing.T, file string) (about string, put []written) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var key, hashKey, data string
		switch {
		case strings.HasPrefix(line, "#"):
			about += line
		case strings.HasPrefix(line, "put "):
			if _, err := fmt.Sscanf(line, "put %q %q %q", &key, &hashKey, &data); err != nil {
				t.Fatalf("%s: %q: %v", file, line, err)
			}
			put = append(put, written{key: key, hashKey: hashKey, data: []byte(data), position: -1})
		}
	}
	return about, put
}

func goldenFile(about string, users []user, data []byte) []byte {
	const width = 32
	file := []byte(about)
	for _, u := range users {
		file = fmt.Appendf(file, "put %q %q %q\n", u.key, u.hashKey, u.data)
	}
	for ; len(data) > 0; data = data[min(width, len(data)):] {
		file = fmt.Appendf(file, "%x\n", data[:min(width, len(data))])
	}
	return file
}
