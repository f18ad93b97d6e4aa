package interop

import (
	"fmt"
	"testing"

	"github.com/kinecast/kinecast/kinesistest/conformance"
)

// writer puts a corpus into a new stream of a server.
type writer struct {
	name  string
	write func(t *testing.T, s server, stream string) []written
	never string // a server that loses what this one writes; interop/README.md says how
}

// writers returns those that are installed.
func writers() []writer {
	all := []writer{
		{name: "kinecast", write: kinecastWrites},
		{name: "kinecast, CBOR", write: cborWrites, never: conformance.Kinesalite},
		{name: "quickstart", write: quickstartWrites},
	}
	if javaClasses != "" {
		all = append(all, writer{name: "KPL 1.0.7", write: kplWrites})
	}
	return all
}

// TestMatrix has every writer write to every server and every reader read it.
func TestMatrix(t *testing.T) {
	installed(t)
	for _, name := range conformance.Servers() {
		t.Run(name, func(t *testing.T) {
			s := start(t, name)
			for number, w := range writers() {
				if w.never != s.name {
					t.Run(w.name, func(t *testing.T) { matrix(t, s, w, fmt.Sprint("matrix-", number)) })
				}
			}
		})
	}
}

// matrix has one writer write to a new stream of one server, and every reader read it. A writer that fails has a line in the
// table, too.
func matrix(t *testing.T, s server, w writer, stream string) {
	t.Helper()
	judged := false
	defer func() {
		if !judged {
			results.add(row{writer: w.name, server: s.name, reader: "none", disagreement: "nothing to read"})
		}
	}()
	wrote := w.write(t, s, stream)
	distinct(t, wrote)
	records := s.readAll(t, stream)
	judged = true
	judge(t, s, w, wrote, records)
}

// judge has every reader read what a server stored.
func judge(t *testing.T, s server, w writer, wrote []written, records []stored) {
	t.Helper()
	for _, r := range readers(t) {
		var fault string
		found, err := r.read(t.Context(), records)
		if err != nil {
			fault = err.Error()
		}
		found = delivered(records, found)
		if fault == "" {
			fault = disagreement(wrote, records, r, found)
		}
		if fault != "" {
			t.Errorf("%s: %s", r.name, fault)
		}
		results.add(row{w.name, s.name, r.name, len(records), len(records) - carriers(found), len(found), fault})
	}
}

// carriers counts the Kinesis records that user records came from.
func carriers(found []user) int {
	seen := map[int]bool{}
	for _, u := range found {
		seen[u.record] = true
	}
	return len(seen)
}
