package shard

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// roll call of a world: what a snapshot lists at one moment, and reads at another.
type rollCall struct {
	records []*Record
	due     []string // the user records that had not ended when it was listed
}

// capture lists what is outstanding, lane by lane as they were made.
func (w *world) capture() {
	var c rollCall
	for _, l := range w.lanes {
		c.records = l.Port().Capture(c.records)
	}
	for name, u := range w.users {
		if !u.ended {
			c.due = append(c.due, name)
		}
	}
	slices.Sort(c.due)
	SortCaptured(c.records)
	w.calls = append(w.calls, c)
}

// read reads what was listed before: every user record is there, once, or has ended since; those of one hash key in the order
// of their puts; and whatever the service may have is marked.
func (w *world) read(t *rapid.T) {
	if len(w.calls) == 0 {
		t.Skip("nothing listed")
	}
	c := w.calls[0]
	w.calls = w.calls[1:]
	got, last := map[string]bool{}, map[HashKey]int{}
	var visit func(r *Record, only func(position int) bool)
	visit = func(r *Record, only func(int) bool) {
		if !r.Hold() {
			heirs := r.Heirs()
			for i, h := range heirs {
				if only(i) {
					visit(h.Record, func(position int) bool { return position == h.Position })
				}
			}
			return
		}
		defer r.Let()
		for i, e := range r.Entries() {
			if !only(i) {
				continue
			}
			u := w.user(e.Data)
			switch {
			case got[u.name]:
				t.Fatalf("%q is there twice", u.name)
			case u.ended:
				t.Fatalf("%q has been released and is there", u.name)
			case u.stored && !r.Suspect():
				t.Fatalf("%q may have been written and is not marked", u.name)
			case !u.entry.Shared && (string(e.Key) != string(u.entry.Key) || e.Explicit != u.entry.Explicit || e.Explicit && e.Hash != u.entry.Hash):
				t.Fatalf("%q is read as %q %v %v", u.name, e.Key, e.Hash, e.Explicit)
			case !u.entry.Shared && last[u.entry.Hash] > u.number:
				t.Fatalf("number %d of hash key %v stands behind number %d", u.number, u.entry.Hash, last[u.entry.Hash])
			}
			got[u.name], last[u.entry.Hash] = true, u.number
		}
	}
	for _, r := range c.records {
		visit(r, func(int) bool { return true })
	}
	for _, name := range c.due {
		if !got[name] && !w.users[name].ended {
			t.Fatalf("%q is outstanding and was not read", name)
		}
	}
}

// A record that was let go while it is read keeps its bytes until the reader is done; afterwards it cannot be had.
func TestHoldOutlivesRelease(t *testing.T) {
	l := newTestLane(t, whole, forever())
	r := l.records(t, "a")[0]
	listed := l.port.Capture(nil)
	if len(listed) != 1 || listed[0] != r {
		t.Fatalf("captured %v, want the record in the request", listed)
	}
	expect(t, "suspect while it is under way", r.Suspect(), true)
	expect(t, "first hold", r.Hold(), true)
	expect(t, "second hold", r.Hold(), true)
	r.Release()
	r.Let()
	for _, e := range r.Entries() {
		expect(t, "data", string(e.Data), "a")
	}
	r.Let()
	expect(t, "bytes left", r.contents.Cap(), 0)
	expect(t, "hold after the end", r.Hold(), false)
	expect(t, "captured after the end", len(l.port.Capture(nil)), 0)
}
