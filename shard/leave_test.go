package shard

import "testing"

// A table leaves all or nothing, and not while a record is anywhere: at a port, in a request, at its lane, or where its end is
// being told.
func TestTableLeavesAsAWhole(t *testing.T) {
	table := newTestTable(Limits{Aggregate: true, MaxCount: 10, MaxSize: 1000})
	table.Apply(mustMap(t, quarters()))
	asked := false
	stays := func(when string) {
		t.Helper()
		if table.Leave(func() bool { asked = true; return true }) || asked {
			t.Fatalf("it left with a record that %s", when)
		}
	}
	table.put(t, at(0x90, "a"))
	port := table.seen.Find(at(0x90, "").Hash)
	lane := table.lanes[table.seen.ShardID(at(0x90, "").Hash)]
	stays("waits")
	rs := drain(port, noon, true)
	stays("is in a request")
	port.Answer(Answer{Record: rs[0], ShardID: lane.Shard().ID, SequenceNumber: "49", Start: noon})
	stays("has been answered")
	lane.Step(noon, table.seen.Map)
	stays("has been judged")
	for e, ok := lane.Next(); ok; e, ok = lane.Next() {
		if stays("ends"); e.Ended != nil {
			e.Ended.Record.Conclude()
		}
		lane.Done()
	}
	stays("is being told of")
	rs[0].Release()
	if table.Leave(func() bool { return false }) {
		t.Fatal("it left against the last word")
	}
	if !table.Leave(func() bool { return true }) {
		t.Fatal("it did not leave")
	}
	for i, p := range table.seen.Ports() {
		e := at(byte(i)<<6, "c")
		if in := p.Append(&e, 1<<20); !in.Retired {
			t.Errorf("port %d: %+v", i, in)
		}
	}
}

// Where failures halt, the place of a record that failed is taken until those behind it have ended, though the record itself
// has been released: so long a table does not leave.
func TestTableLeavesNoPlaceTaken(t *testing.T) {
	table := newTestTable(Limits{Aggregate: true, MaxCount: 1, MaxSize: 1000, Ordered: true, Halts: true})
	table.Apply(mustMap(t, quarters()))
	yes := func() bool { return true }
	table.put(t, at(0x90, "a"))
	port := table.seen.Find(at(0x90, "").Hash)
	lane := table.lanes[table.seen.ShardID(at(0x90, "").Hash)]
	rs := drain(port, noon, true)
	port.Answer(Answer{Record: rs[0], Failure: denied, Class: denied.Class(), Whole: true, Start: noon})
	lane.Step(noon, table.seen.Map)
	for e, ok := lane.Next(); ok; e, ok = lane.Next() {
		if e.Ended != nil {
			e.Ended.Record.Release()
			if table.Leave(yes) {
				t.Fatal("it left before those behind a failure had ended")
			}
		}
		lane.Done()
	}
	if !table.Leave(yes) {
		t.Fatal("it did not leave")
	}
}
