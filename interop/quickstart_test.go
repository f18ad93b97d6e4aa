package interop

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// quickstartWrites runs the quickstart as a stranger would, against a stream that it has to create. Its own proof must hold, too.
func quickstartWrites(t *testing.T, s server, stream string) []written {
	t.Helper()
	program := filepath.Join(t.TempDir(), "quickstart")
	if _, err := run(t.Context(), nil, "go", "build", "-o", program, "../examples/quickstart"); err != nil {
		t.Fatal(err)
	}
	out, err := run(t.Context(), nil, program, "-endpoint", s.url, "-create", "-stream", stream, "-json")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var figures struct {
		UserRecords, ReadBack int
		Proved                bool
	}
	if err := json.Unmarshal(out, &figures); err != nil {
		t.Fatal(err)
	}
	wrote := earthquakes(t)
	if !figures.Proved || figures.UserRecords != len(wrote) || figures.ReadBack != len(wrote) {
		t.Errorf("the quickstart says\n%swant %d records, proved", out, len(wrote))
	}
	return wrote
}

// earthquakes is the quickstart's embedded feed, read anew: a line is a record, and its network is the key.
func earthquakes(t *testing.T) []written {
	t.Helper()
	file, err := os.Open("../examples/quickstart/feed/earthquakes.ndjson.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var wrote []written
	lines := bufio.NewScanner(unzipped)
	for lines.Scan() {
		var event struct {
			Properties struct{ Net string }
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			t.Fatal(err)
		}
		wrote = append(wrote, written{key: event.Properties.Net, data: bytes.Clone(lines.Bytes()), position: -1})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return wrote
}
