package shard

import "testing"

// What waits in a table that joins another stands there before all that waits, and nothing is taken at the old place.
func TestJoinMovesWhatWaits(t *testing.T) {
	table, other := newTestTable(wide()), newTestTable(wide())
	table.Apply(mustMap(t, quarters()))
	table.put(t, at(0, "a"), at(0x90, "b"))
	other.put(t, at(1, "c"), at(0x91, "d"), at(2, "e"))
	told := false
	charge, ok := table.Join(other.Table, func() bool { told = true; return true })
	if !ok || !told {
		t.Fatalf("joined %v, told %v", ok, told)
	}
	e := at(3, "late")
	if in := other.seen.Find(e.Hash).Append(&e, 1<<20); !in.Retired {
		t.Errorf("the old port answers %+v", in)
	}
	got, charged := table.waiting()
	expect(t, "waiting", got, "c+e a |  | d b | ")
	expect(t, "charged", charged, table.used+other.used+charge)
	if l := other.Lanes()[""]; l.port.roll.first != nil {
		t.Error("the old port has a record on its roll")
	}
}

// A table takes nothing of another one that has more than what waits there.
func TestJoinOfATableThatIsNotAtRest(t *testing.T) {
	for what, disturb := range map[string]func(*testTable) (again func()){
		"an answer that is not judged": func(o *testTable) func() {
			port := o.seen.Ports()[0]
			port.Drop(denied)
			return func() {
				l := o.Lanes()[""]
				l.Step(noon, nil)
				for e, more := l.Next(); more; e, more = l.Next() {
					if e.Ended != nil {
						e.Ended.Record.Release()
					}
					l.Done()
				}
			}
		},
		"a record that is being told of": func(o *testTable) func() {
			l := o.Lanes()[""]
			l.port.Drop(denied)
			l.Step(noon, nil)
			var ended *Record
			for e, more := l.Next(); more; e, more = l.Next() {
				if e.Ended != nil {
					ended = e.Ended.Record
				}
				l.Done()
			}
			return ended.Release
		},
	} {
		table, other := newTestTable(wide()), newTestTable(wide())
		table.Apply(mustMap(t, quarters()))
		other.put(t, at(1, "a"))
		again := disturb(other)
		other.put(t, at(2, "b"))
		if _, ok := table.Join(other.Table, func() bool { t.Errorf("%s: it was asked", what); return true }); ok {
			t.Fatalf("%s: joined", what)
		}
		other.put(t, at(3, "c")) // it goes on as before
		again()
		if _, ok := table.Join(other.Table, func() bool { return true }); !ok {
			t.Fatalf("%s: not joined when it was over", what)
		}
		got, _ := table.waiting()
		expect(t, what, got, "b+c |  |  | ")
	}
}

// Before its own first map a table keeps what joins it, until that comes.
func TestJoinBeforeTheFirstMap(t *testing.T) {
	table, other := newTestTable(wide()), newTestTable(wide())
	table.put(t, at(0, "a"))
	other.put(t, at(0x90, "b"), at(1, "c"))
	if _, ok := table.Join(other.Table, func() bool { return true }); !ok {
		t.Fatal("not joined")
	}
	table.put(t, at(2, "d"))
	got, _ := table.waiting()
	expect(t, "held", got, "")
	table.Apply(mustMap(t, quarters()))
	got, _ = table.waiting()
	expect(t, "waiting", got, "c a+d |  | b | ")
}

// Captured records of what joined stand before what was put afterwards, also where lanes of both tables have one number.
func TestJoinKeepsTheOrderOfCaptures(t *testing.T) {
	table, other := newTestTable(wide()), newTestTable(wide())
	for _, text := range []string{"1", "2", "3"} {
		e := at(0, text)
		e.Epoch = uint64(text[0])
		other.put(t, e)
	}
	table.put(t, at(0x90, "x"))
	if _, ok := table.Join(other.Table, func() bool { return true }); !ok {
		t.Fatal("not joined")
	}
	e := at(0, "4")
	e.Epoch = '4'
	table.put(t, e)
	rs := table.seen.Ports()[0].Capture(nil)
	SortCaptured(rs)
	got := ""
	for _, r := range rs {
		if text := texts([]*Record{r}); text != "x" {
			got += text
		}
	}
	expect(t, "captured", got, "1234")
}

// Callers of a barred port wait in its line, restored records do not; when it is retired, they are called and find another.
func TestBarredPort(t *testing.T) {
	l := wide()
	l.Barred = true
	p := newTestPort(l)
	e := at(0, "a")
	for _, first := range []bool{false, true} {
		e.First = first
		if in := p.Append(&e, 1<<20); !in.Crowded {
			t.Fatalf("first in line: %v: %+v", first, in)
		}
	}
	turn := p.Line().Join()
	expect(t, "eased", p.Eased(), false)
	restored := at(0, "b")
	restored.Restored = true
	if in := p.Append(&restored, 1<<20); !in.Taken() {
		t.Errorf("restored: %+v", in)
	}
	expect(t, "left", texts(p.retire()), "b")
	expect(t, "called", called(turn), true)
	expect(t, "eased when retired", p.Eased(), true)
	if in := p.Append(&e, 1<<20); !in.Retired {
		t.Errorf("retired: %+v", in)
	}
}
