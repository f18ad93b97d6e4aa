package shard

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"
)

// noon is when every test begins.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

const ms = time.Millisecond

func after(d time.Duration) time.Time { return noon.Add(d) }

// wide are limits that no test reaches by accident.
func wide() Limits {
	return Limits{Aggregate: true, MaxCount: 1000, MaxSize: 50 << 10, Linger: 100 * ms}
}

// testPort is a port with a clock to set and a bell that counts.
type testPort struct {
	*Port
	now   time.Time
	rings int
}

func newTestPort(l Limits) *testPort {
	p := &testPort{now: noon}
	p.Port = NewPort(&l, func() time.Time { return p.now }, func() { p.rings++ })
	return p
}

// look is what a lane does first when it steps.
func (p *testPort) look() []Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rung = false
	answers := p.answers
	p.answers = nil
	return answers
}

func (p *testPort) offered() Offer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.offer()
}

// filling is the record that fills, with what is in it so far.
func filling(p *Port) *Record {
	p.filling.draft = p.draft
	return p.filling
}

func entry(data string) Entry {
	return Entry{Key: []byte("key"), Data: []byte(data), Hash: HashKeyOf("key")}
}

func urgent(data string) Entry {
	e := entry(data)
	e.Urgent = true
	return e
}

// put appends as callers do: with nothing at first, then with what is needed. It returns what was used.
func put(tb rapid.TB, p *Port, e Entry) int64 {
	tb.Helper()
	a := p.Append(&e, 0)
	if a.Need > 0 {
		a = p.Append(&e, a.Need)
	}
	if a.Retired || a.Shut || a.Need > 0 {
		tb.Fatalf("the port refused: %+v", a)
	}
	return a.Used
}

// drain takes all that may be taken.
func drain(p *Port, now time.Time, hurry bool) []*Record {
	q := newRequest(&RequestLimits{Records: 1 << 20, Bytes: 1 << 40}, 1<<40, hurry, 0)
	p.take(now, q)
	return q.Records
}

// texts are the data of the records' user records, joined with + within a record.
func texts(rs []*Record) string {
	var out []string
	for _, r := range rs {
		var inner []string
		for _, e := range r.contents.All() {
			inner = append(inner, string(e.Data))
		}
		out = append(out, strings.Join(inner, "+"))
	}
	return strings.Join(out, " ")
}

func expect[T comparable](tb rapid.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestLingerCountsFromTheFirstUserRecord(t *testing.T) {
	p := newTestPort(wide())
	put(t, p.Port, entry("a"))
	p.now = after(60 * ms)
	put(t, p.Port, entry("b"))

	expect(t, "due", p.offered().Due, after(100*ms))
	expect(t, "taken before", texts(drain(p.Port, after(100*ms-1), false)), "")
	expect(t, "taken at the end", texts(drain(p.Port, after(100*ms), false)), "a+b")
	expect(t, "on offer afterwards", p.offered().Idle, true)
}

func TestHurryEndsTheLinger(t *testing.T) {
	p := newTestPort(wide())
	put(t, p.Port, entry("a"))
	expect(t, "taken in a hurry", texts(drain(p.Port, noon, true)), "a")
}

// Somebody waits for an urgent record: it makes its port due at once, wherever it stands.
func TestUrgentIsDueAtOnce(t *testing.T) {
	plain, single := wide(), wide()
	plain.Aggregate, single.MaxCount = false, 1
	large := urgent(strings.Repeat("L", plain.MaxSize))
	for name, c := range map[string]struct {
		limits  Limits
		entries []Entry
	}{
		"alone":                        {wide(), []Entry{urgent("u")}},
		"joining":                      {wide(), []Entry{entry("a"), urgent("u")}},
		"followed":                     {wide(), []Entry{urgent("u"), entry("b")}},
		"large, behind what is sealed": {wide(), []Entry{entry("a"), large}},
		"plain, behind others":         {plain, []Entry{entry("a"), urgent("u")}},
		"full, behind others":          {single, []Entry{entry("a"), urgent("u"), entry("b")}},
		"filling, behind what is full": {wide(), []Entry{entry("a"), entry(strings.Repeat("L", plain.MaxSize)), urgent("u")}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTestPort(c.limits)
			for _, e := range c.entries {
				p.look()
				before := p.rings
				put(t, p.Port, e)
				if e.Urgent {
					expect(t, "rings for the urgent record", p.rings-before, 1)
				}
			}
			if due := p.offered().Due; due.After(noon) {
				t.Errorf("due %v after noon, want at once", due.Sub(noon))
			}
			drain(p.Port, noon, true)
			put(t, p.Port, entry("later"))
			if due := p.offered().Due; !due.Equal(after(100 * ms)) {
				t.Errorf("the next record is due %v after noon: the hurry has outlived its record", due.Sub(noon))
			}
		})
	}
}

func TestNoAggregateMixesEpochs(t *testing.T) {
	p := newTestPort(wide())
	for i, epoch := range []uint64{1, 1, 2, 2, 1} {
		e := entry(strconv.Itoa(i))
		e.Epoch = epoch
		put(t, p.Port, e)
	}
	expect(t, "records", texts(drain(p.Port, noon, true)), "0+1 2+3 4")
}

func TestSealedByCount(t *testing.T) {
	limits := wide()
	limits.MaxCount = 3
	p := newTestPort(limits)
	for i := range 7 {
		p.look()
		put(t, p.Port, entry(strconv.Itoa(i)))
		expect(t, fmt.Sprintf("rings after record %d", i), p.rings, []int{1, 1, 2, 2, 2, 3, 3}[i])
	}
	o := p.offered()
	expect(t, "sealed records", o.Records, 2)
	expect(t, "sealed bytes", o.Bytes, 2*drain(p.Port, noon, false)[0].WireSize())
	expect(t, "left filling", texts(drain(p.Port, noon, true)), "6")
}

// An aggregate is as large as its limit lets it be, and never larger.
func TestSealedBySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := wide()
		limits.MaxSize = rapid.IntRange(64, 2000).Draw(t, "MaxSize")
		p := newTestPort(limits)
		var want []string
		for i := range rapid.IntRange(1, 60).Draw(t, "records") {
			e := entry(strings.Repeat(string(rune('a'+i%26)), rapid.IntRange(0, 300).Draw(t, "size")))
			e.Key = []byte(rapid.StringMatching("[a-z]{1,40}").Draw(t, "key"))
			e.Explicit = rapid.Bool().Draw(t, "explicit")
			want = append(want, string(e.Data))
			put(t, p.Port, e)
		}
		records := drain(p.Port, noon, true)
		if got := strings.ReplaceAll(texts(records), " ", "+"); got != strings.Join(want, "+") {
			t.Fatalf("out %q, in %q", got, want)
		}
		for i, r := range records {
			if r.Aggregated() && r.DataSize() > limits.MaxSize {
				t.Fatalf("an aggregate has %d bytes, want at most %d", r.DataSize(), limits.MaxSize)
			}
			if i+1 == len(records) {
				break
			}
			for _, next := range records[i+1].contents.All() { // the first of the next one, would it not have fitted?
				alone := len(next.Key)+len(next.Data) >= limits.MaxSize
				if fit := r.contents.Fit(&next); fit.Size <= limits.MaxSize && !alone && !r.alone(limits) {
					t.Fatalf("record %d was sealed with %d bytes, the next one would have made it %d of %d", i, r.DataSize(), fit.Size, limits.MaxSize)
				}
				break
			}
		}
	})
}

// alone says that a record was too large to fill.
func (r *Record) alone(l Limits) bool { return r.Len() == 1 && r.WireSize() >= l.MaxSize }

func TestLargeRecordSealsWhatFillsBeforeIt(t *testing.T) {
	limits := wide()
	limits.MaxSize = 100
	p := newTestPort(limits)
	large := strings.Repeat("L", 100)
	for _, data := range []string{"a", "b", large, "c"} {
		put(t, p.Port, entry(data))
	}
	expect(t, "sealed", texts(drain(p.Port, noon, false)), "a+b "+large)
	expect(t, "filling", texts(drain(p.Port, noon, true)), "c")
}

func TestAggregationDisabled(t *testing.T) {
	limits := wide()
	limits.Aggregate = false
	p := newTestPort(limits)
	for _, data := range []string{"a", "b"} {
		p.look()
		put(t, p.Port, entry(data))
	}
	expect(t, "rings: the port was idle, then a further record was full", p.rings, 2)
	expect(t, "sealed", p.offered().Records, 2)
	expect(t, "due", p.offered().Due, after(100*ms))
	for _, r := range drain(p.Port, noon, false) {
		expect(t, "aggregated", r.Aggregated(), false)
	}
}

func TestBellRingsOnEdges(t *testing.T) {
	limits := wide()
	limits.MaxCount = 4
	p := newTestPort(limits)
	step := func(what string, do func(), want int) {
		t.Helper()
		before := p.rings
		do()
		expect(t, what, p.rings-before, want)
	}
	step("nudged while empty", p.Nudge, 0)
	step("first record", func() { put(t, p.Port, entry("1")) }, 1)
	step("again before the lane has looked", func() { put(t, p.Port, urgent("2")) }, 0)
	p.look()
	step("one more", func() { put(t, p.Port, entry("3")) }, 0)
	step("full", func() { put(t, p.Port, entry("4")) }, 1)
	p.look()
	step("behind what is sealed", func() { put(t, p.Port, entry("5")) }, 0)
	step("nudged", p.Nudge, 1)
	step("nudged twice", p.Nudge, 0)
	p.look()
	var taken []*Record
	step("taken", func() { taken = drain(p.Port, noon, true) }, 0)
	step("answered", func() { p.Answer(Answer{Record: taken[0]}) }, 1)
	step("answered again", func() { p.Answer(Answer{Record: taken[1]}) }, 0)
	expect(t, "answers", len(p.look()), 2)
	step("nothing to drop", func() { p.Drop(&Failure{}) }, 0)
	step("nothing expired", func() { p.policy = &RetryPolicy{RecordTTL: 1}; p.Expire(after(time.Hour)) }, 0)
	step("nothing prepended", func() { p.Prepend(nil) }, 0)
	step("prepended", func() { p.Prepend(taken) }, 1)
}

func TestHeldPortKeepsWhatItIsGiven(t *testing.T) {
	p := newTestPort(wide())
	p.hold()
	put(t, p.Port, urgent("a"))
	put(t, p.Port, entry(strings.Repeat("L", 50<<10)))
	expect(t, "idle", p.offered().Idle, true)
	expect(t, "taken", len(drain(p.Port, after(time.Hour), true)), 0)
	p.look()
	before := p.rings
	p.release()
	p.release()
	expect(t, "rings when released", p.rings-before, 1)
	expect(t, "taken when released", len(drain(p.Port, noon, true)), 2)
	p.look()
	before = p.rings
	p.release()
	expect(t, "rings of an empty port", p.rings-before, 0)
}

func TestPermit(t *testing.T) {
	p := newTestPort(wide())
	put(t, p.Port, urgent("a"))
	p.from = after(time.Second)
	expect(t, "offered from", p.offered().From, after(time.Second))
	expect(t, "taken in the pause", len(drain(p.Port, after(time.Second-1), true)), 0)
	expect(t, "still filling", p.filling != nil, true)
	expect(t, "taken after it", texts(drain(p.Port, after(time.Second), false)), "a")
}

func TestPrependedRecordsComeFirst(t *testing.T) {
	p := newTestPort(wide())
	put(t, p.Port, entry("a"))
	put(t, p.Port, entry(strings.Repeat("L", 50<<10)))
	old := p.retireInto(t)
	put(t, p.Port, entry("new"))
	bytesBefore := p.offered().Bytes
	expect(t, "accepted", p.Prepend(old[:1]) && p.Prepend(nil), true)
	expect(t, "bytes", p.offered().Bytes, bytesBefore+old[0].WireSize())
	p.Prepend(old[1:])
	expect(t, "order", texts(drain(p.Port, noon, true)), texts([]*Record{old[1], old[0]})+" new")
	expect(t, "bytes afterwards", p.offered().Bytes, 0)
}

// retireInto empties the port as retiring does and opens it again.
func (p *testPort) retireInto(tb testing.TB) []*Record {
	tb.Helper()
	rs := p.retire()
	p.state = portOpen
	return rs
}

// Sixteen writers and a reader: every record comes out once, in an aggregate of its writer's epoch, and is paid for once.
func TestPortUnderContention(t *testing.T) {
	const writers, each = 16, 500
	limits := wide()
	limits.MaxCount, limits.MaxSize = 50, 2000
	bell := make(chan struct{}, 1)
	p := NewPort(&limits, time.Now, func() {
		select {
		case bell <- struct{}{}:
		default:
		}
	})
	var group sync.WaitGroup
	used := make([]int64, writers)
	for w := range writers {
		group.Go(func() {
			for i := range each {
				e := entry(fmt.Sprintf("%d/%d", w, i))
				e.Epoch, e.Urgent = uint64(w%2), i%7 == 0
				used[w] += put(t, p, e)
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()

	var out []*Record
	for open := true; open; {
		select {
		case <-bell:
		case <-done:
			open = false
		}
		p.mu.Lock()
		p.rung = false
		p.mu.Unlock()
		out = append(out, drain(p, time.Now(), true)...)
		p.Expire(time.Now())
		p.Nudge()
	}
	next := map[string]int{}
	charge := int64(0)
	for _, r := range out {
		charge += r.Charge()
		for _, e := range r.contents.All() {
			writer, number, _ := strings.Cut(string(e.Data), "/")
			w, _ := strconv.Atoi(writer)
			expect(t, "epoch", r.Epoch(), uint64(w%2))
			expect(t, "number of writer "+writer, number, strconv.Itoa(next[writer]))
			next[writer]++
		}
	}
	total := int64(0)
	for _, n := range used {
		total += n
	}
	expect(t, "writers", len(next), writers)
	for _, n := range next {
		expect(t, "records of a writer", n, each)
	}
	expect(t, "charge", charge, total)
	expect(t, "left", slices.Equal(p.sealed.list(), []*Record{}) && p.filling == nil, true)
}

// What one more record touches of its port are three cache lines, whatever else a port has: with ten thousand of them they
// come from memory each time.
func TestHotStructs(t *testing.T) {
	t.Parallel()
	p := newTestPort(wide()).Port
	begin, line := uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&p.draft.contents))
	if line%64 != 0 || line-begin > 64 {
		t.Errorf("a port begins at %x, the contents of its draft at %x: want that behind one line, and the start of another", begin, line)
	}
}
