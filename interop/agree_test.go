package interop

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// written is one user record as its writer put it, and where the writer was told that it is.
type written struct {
	key     string
	hashKey string // decimal, or "" for none
	data    []byte

	shard, sequence string // "" when the writer is not told
	position        int    // -1 when the writer is not told
}

// id stands for a record's content. The records of a corpus all differ.
func id(key string, data []byte) string { return key + "\x00" + string(data) }

// delivered applies the rule by which the KCL keeps or drops: an aggregated record of which one user record lies outside the
// range of its shard is dropped whole. Most readers know of no shards. A producer that learns of a split too late writes such
// records, and has to write their user records again.
func delivered(records []stored, found []user) []user {
	dropped := map[int]bool{}
	for _, u := range found {
		if u.aggregated && !records[u.record].holds(u) {
			dropped[u.record] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(found), func(u user) bool { return dropped[u.record] })
}

// disagreement returns the first thing that a reader found otherwise than it was written, or "".
func disagreement(wrote []written, records []stored, r reader, found []user) string {
	missing := make(map[string]written, len(wrote))
	for _, w := range wrote {
		missing[id(w.key, w.data)] = w
	}
	for _, u := range found {
		w, wanted := missing[id(u.key, u.data)]
		if !wanted {
			return fmt.Sprintf("key %q, data %.60q was not written, or is there twice", u.key, u.data)
		}
		delete(missing, id(u.key, u.data))
		if fault := misread(w, records[u.record], r, u); fault != "" {
			return fmt.Sprintf("key %q, data %.60q: %s", u.key, u.data, fault)
		}
	}
	for _, w := range missing {
		return fmt.Sprintf("%d are missing, one with key %q, data %.60q", len(missing), w.key, w.data)
	}
	return ""
}

// misread says what is wrong with one user record whose content is right.
func misread(w written, in stored, r reader, u user) string {
	if u.aggregated && w.hashKey == "" && r.inventsHashKeys {
		u.hashKey = ""
	}
	switch {
	case u.aggregated && u.hashKey != w.hashKey:
		return fmt.Sprintf("explicit hash key %q, want %q", u.hashKey, w.hashKey)
	case w.shard != "" && (w.shard != in.shard || w.sequence != in.sequence):
		return fmt.Sprintf("in %s at %s, the writer was told %s at %s", in.shard, in.sequence, w.shard, w.sequence)
	case w.shard != "" && w.position >= 0 && w.position != u.position:
		return fmt.Sprintf("position %d, the writer was told %d", u.position, w.position)
	}
	return ""
}

// TestDisagreement shows that each kind of fault is found.
func TestDisagreement(t *testing.T) {
	records := []stored{{shard: "s", first: "0", last: "10", sequence: "1"}}
	wrote := []written{
		{key: "a", hashKey: "5", data: []byte("1"), shard: "s", sequence: "1", position: 0},
		{key: "b", hashKey: "6", data: []byte("2"), position: -1},
	}
	good := func() []user {
		return []user{
			{aggregated: true, key: "a", hashKey: "5", data: []byte("1")},
			{aggregated: true, position: 1, key: "b", hashKey: "6", data: []byte("2")},
		}
	}
	for want, spoil := range map[string]func(found []user) []user{
		"":                                  func(f []user) []user { return f },
		"1 are missing":                     func(f []user) []user { return f[:1] },
		"not written, or is there twice":    func(f []user) []user { return append(f, f[0]) },
		`explicit hash key "7", want "6"`:   func(f []user) []user { f[1].hashKey = "7"; return f },
		"position 3, the writer was told 0": func(f []user) []user { f[0].position = 3; return f },
		`data "3" was not written`:          func(f []user) []user { f[1].data = []byte("3"); return f },
	} {
		got := disagreement(wrote, records, reader{}, spoil(good()))
		if !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q, want %q", got, want)
		}
	}
	narrow := []stored{{shard: "s", first: "0", last: "5", sequence: "1"}}
	if got := delivered(narrow, good()); len(got) != 0 {
		t.Errorf("of an aggregated record with one user record outside the shard %v were delivered", got)
	}
	if got := delivered(records, good()); len(got) != len(wrote) {
		t.Errorf("of two user records in their shard %v were delivered", got)
	}
	elsewhere := []stored{{shard: "t", first: "0", last: "10", sequence: "1"}}
	if got := disagreement(wrote, elsewhere, reader{}, good()); !strings.Contains(got, "in t at 1, the writer was told s at 1") {
		t.Errorf("a record in another shard: %q", got)
	}
}

// distinct fails a corpus in which two records cannot be told apart.
func distinct(t *testing.T, wrote []written) {
	t.Helper()
	seen := map[string]bool{}
	for _, w := range wrote {
		if seen[id(w.key, w.data)] {
			t.Fatalf("two records with key %q and data %.60q: readers cannot be judged", w.key, bytes.TrimSpace(w.data))
		}
		seen[id(w.key, w.data)] = true
	}
}
