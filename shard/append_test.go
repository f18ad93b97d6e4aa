package shard

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// What is not granted is not taken, and what is taken is paid for.
func TestGrants(t *testing.T) {
	plain := wide()
	plain.Aggregate = false
	for name, limits := range map[string]Limits{"aggregated": wide(), "plain": plain} {
		p := newTestPort(limits)
		e := entry(strings.Repeat("x", 700))
		need := p.Append(&e, 0).Need
		if need <= int64(len(e.Data)) {
			t.Fatalf("%s: a first record needs %d bytes", name, need)
		}
		for _, short := range []int64{1, need - 1} {
			expect(t, name+": a short grant", p.Append(&e, short), Admission{Need: need})
			expect(t, name+": idle", p.offered().Idle, true)
			expect(t, name+": rings", p.rings, 0)
		}
		expect(t, name+": a long grant", p.Append(&e, need+1000), Admission{Used: need})
		expect(t, name+": rings", p.rings, 1)
	}

	p := newTestPort(wide())
	e := entry(strings.Repeat("x", 700))
	charge := put(t, p.Port, e)
	small := entry("y")
	expect(t, "a record that the buffers have room for", p.Append(&small, 0), Admission{})
	grown := p.Append(&e, 0).Need
	if grown <= 0 {
		t.Fatal("a record that the buffers have no room for needs nothing")
	}
	expect(t, "one byte short", p.Append(&e, grown-1), Admission{Need: grown})
	expect(t, "charge", filling(p.Port).Charge(), charge)
	expect(t, "records", filling(p.Port).Len(), 2)
	expect(t, "granted", p.Append(&e, grown), Admission{Used: grown})
	expect(t, "charge", filling(p.Port).Charge(), charge+grown)

	// A record that does not fit behind the others needs a new one, and says so before it has it.
	other := entry("z")
	other.Epoch = 1
	need := p.Append(&other, 0).Need
	expect(t, "sealed by the attempt", p.offered().Records, 1)
	expect(t, "granted", p.Append(&other, need), Admission{Used: need})
	expect(t, "records", len(drain(p.Port, noon, true)), 2)
}

func TestRetiredPortTakesNothing(t *testing.T) {
	p := newTestPort(wide())
	put(t, p.Port, entry("a"))
	put(t, p.Port, entry("b"))
	expect(t, "left", texts(p.retire()), "a+b")

	e := entry("c")
	expect(t, "small", p.Append(&e, 1<<20), Admission{Retired: true})
	e = entry(strings.Repeat("L", 50<<10))
	expect(t, "large", p.Append(&e, 1<<20), Admission{Retired: true})
	expect(t, "prepended", p.Prepend([]*Record{{}}), false)
	expect(t, "on offer", p.offered(), Offer{Port: p.Port, Idle: true})
	expect(t, "taken", len(drain(p.Port, noon, true)), 0)
}

// Keys that were drawn only to spread load are written once in an aggregate, and all of it lies where the first one does.
func TestSharedKeysAreWrittenOnce(t *testing.T) {
	p := newTestPort(wide())
	drawn := func(n int) Entry {
		return Entry{Key: fmt.Appendf(nil, "random-%d", n), Data: []byte("x"), Hash: HashKeyFrom(uint64(n), 0), Explicit: true, Shared: true}
	}
	for n := range 50 {
		put(t, p.Port, drawn(n))
	}
	own := entry("own")
	put(t, p.Port, own)
	put(t, p.Port, drawn(51))

	records := drain(p.Port, noon, true)
	expect(t, "records", len(records), 1)
	written := records[0].AppendData(nil)
	expect(t, "drawn keys in it", bytes.Count(written, []byte("random-")), 1)
	for i, e := range records[0].contents.All() {
		key, hash := "random-0", HashKeyFrom(0, 0)
		if i == 50 {
			key, hash = "key", own.Hash
		}
		if string(e.Key) != key || records[0].hashOf(e) != hash {
			t.Errorf("user record %d has key %q and hash key %v", i, e.Key, records[0].hashOf(e))
		}
	}

	// A key that was chosen is never replaced by one that was drawn, nor the other way round.
	put(t, p.Port, own)
	put(t, p.Port, drawn(1))
	put(t, p.Port, drawn(2))
	var keys []string
	for _, e := range drain(p.Port, noon, true)[0].contents.All() {
		keys = append(keys, string(e.Key))
	}
	expect(t, "keys", strings.Join(keys, " "), "key random-1 random-2")
}
