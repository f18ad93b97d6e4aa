package proptest_test

import (
	"bytes"
	"slices"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/internal/snapshot"
)

// snapshot takes a snapshot in whatever state the producer is, and holds it against the book and the stream: what was
// admitted before is in it, once, or its end has been told, or it is stored; what may be written is marked.
func (m *machine) snapshot(t *rapid.T) {
	before, there := m.book.admitted(), m.stored(t)
	var b bytes.Buffer
	if err := m.producer.Snapshot(m.ctx, &b); err != nil {
		t.Fatalf("Snapshot: %v", err)
	}
	saved := map[int]bool{}
	for _, d := range snapshot.Read(&b, func(r snapshot.Record) {
		id, err := eventOf(r.Data)
		if err != nil || id >= len(m.book.fates) {
			t.Fatalf("the snapshot has %v, number %d of %d", err, id, len(m.book.fates))
		}
		e := m.book.fates[id].event
		switch {
		case saved[id]:
			t.Fatalf("event %d is in the snapshot twice", id)
		case string(r.Key) != e.key || r.Explicit != e.explicit || e.explicit && r.HashKey != e.hash.Bytes() || !bytes.Equal(r.Data, e.data()):
			t.Fatalf("%+v is saved as %+v", e, r)
		case there[id] && !r.MaybeWritten:
			t.Fatalf("event %d is in the stream, and in the snapshot without a mark", id)
		}
		saved[id] = true
	}) {
		t.Fatalf("the snapshot is damaged at %d: %s", d.Offset, d.Reason)
	}
	after := m.stored(t)
	m.book.mu.Lock()
	defer m.book.mu.Unlock()
	for _, f := range before {
		if !saved[f.event.id] && f.ends == 0 && !after[f.event.id] {
			t.Fatalf("%+v is neither in the snapshot nor in the stream, and its end has not been told", f.event)
		}
	}
}

// stored are the events that consumers find.
func (m *machine) stored(t *rapid.T) map[int]bool {
	ids := map[int]bool{}
	for _, u := range slices.Concat(m.server.Consume("s"), m.server.Consume("u")) {
		id, err := eventOf(u.Data)
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = true
	}
	return ids
}
