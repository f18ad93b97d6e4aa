package shard

import "testing"

// A table leaves all or nothing: not while a record is anywhere, nor when the last word is no.
func TestTableLeavesAsAWhole(t *testing.T) {
	table := newTestTable(Limits{Aggregate: true, MaxCount: 10, MaxSize: 1000})
	table.Apply(mustMap(t, quarters()))
	yes, asked := func() bool { return true }, false
	table.put(t, at(0x90, "a"))
	if table.Leave(func() bool { asked = true; return true }) || asked {
		t.Fatal("it left with a record in it")
	}
	rs := drain(table.seen.Find(at(0x90, "").Hash), noon, true)
	if len(rs) != 1 || table.Leave(yes) {
		t.Fatalf("it left with one of %d records in a request", len(rs))
	}
	for _, r := range rs {
		r.Release()
	}
	for _, p := range table.seen.Ports() {
		p.sent = 0 // as if they had been answered
	}
	if table.Leave(func() bool { return false }) {
		t.Fatal("it left against the last word")
	}
	table.put(t, at(0x10, "b"))
	for _, r := range drain(table.seen.Find(at(0x10, "").Hash), noon, true) {
		r.Release()
	}
	for _, p := range table.seen.Ports() {
		p.sent = 0
	}
	if !table.Leave(yes) {
		t.Fatal("it did not leave")
	}
	for i, p := range table.seen.Ports() {
		e := at(byte(i)<<6, "c")
		if in := p.Append(&e, 1<<20); !in.Retired {
			t.Errorf("port %d: %+v", i, in)
		}
	}
}
