package shard

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/aggregate"
)

// heard is a reply that notes its positions.
type heard struct {
	asked bool
	ends  []int
}

func (h *heard) Ended(_ *Outcome, position int) { h.ends = append(h.ends, position) }
func (h *heard) Asked() bool                    { return h.asked }

// one makes a record by way of a port.
func one(tb rapid.TB, entries ...Entry) *Record {
	tb.Helper()
	p := newTestPort(wide())
	for _, e := range entries {
		put(tb, p.Port, e)
	}
	rs := drain(p.Port, noon, true)
	if len(rs) != 1 {
		tb.Fatalf("%d records, want 1", len(rs))
	}
	return rs[0]
}

func TestRecordAloneTravelsPlain(t *testing.T) {
	chosen := entry("data")
	chosen.Explicit, chosen.Hash = true, HashKeyFrom(0, 7)
	for name, c := range map[string]struct {
		entry    Entry
		hash     HashKey
		explicit bool
	}{
		"hash of the key": {entry("data"), HashKeyOf("key"), false},
		"explicit hash":   {chosen, HashKeyFrom(0, 7), true},
	} {
		r := one(t, c.entry)
		hash, needed := r.HashKey()
		expect(t, name+": aggregated", r.Aggregated(), false)
		expect(t, name+": key", string(r.Key()), "key")
		expect(t, name+": hash key", hash, c.hash)
		expect(t, name+": explicit hash key", needed, c.explicit)
		expect(t, name+": data", string(r.AppendData([]byte("> "))), "> data")
		expect(t, name+": size", r.DataSize(), len("data"))
		expect(t, name+": weight", r.WireSize(), len("data")+len("key"))
	}
}

func TestAggregatedRecordTravelsUnderItsFirst(t *testing.T) {
	first, second := entry("1"), entry("22")
	first.Key, first.Hash = []byte("first"), HashKeyOf("first")
	second.Explicit, second.Hash = true, HashKeyFrom(0, 7)
	r := one(t, first, second)
	hash, needed := r.HashKey()
	expect(t, "aggregated", r.Aggregated(), true)
	expect(t, "key", string(r.Key()), "first")
	expect(t, "hash key", hash, HashKeyOf("first"))
	expect(t, "explicit hash key", needed, true)
	expect(t, "user records", r.Len(), 2)
	expect(t, "user data", r.UserData(), int64(3))
	written := r.AppendData(nil)
	expect(t, "size", r.DataSize(), len(written))
	expect(t, "weight", r.WireSize(), len(written)+len("first"))
	var read []string
	for u, err := range aggregate.Deaggregate("first", written, nil) {
		read = append(read, fmt.Sprintf("%s %s %s %v", u.PartitionKey, u.ExplicitHashKey, u.Data, err))
	}
	expect(t, "read back", strings.Join(read, ", "), "first  1 <nil>, key 7 22 <nil>")
}

func TestRecordKnowsWhomToTell(t *testing.T) {
	replies := make([]*heard, 12)
	var entries []Entry
	for i := range replies {
		replies[i] = &heard{asked: i == 9}
		e := entry("x")
		if i == 2 || i >= 9 { // a gap of any length, also where the list grows
			e.Reply = replies[i]
		}
		entries = append(entries, e)
	}
	r := one(t, entries...)
	expect(t, "told", r.Told(), true)
	expect(t, "asked", r.Asked(), true)
	expect(t, "unasked", r.Unasked(), true)
	var order []int
	r.Replies(func(position int, reply Reply) {
		order = append(order, position)
		reply.Ended(nil, position)
	})
	expect(t, "positions", fmt.Sprint(order), "[2 9 10 11]")
	for _, i := range order {
		expect(t, fmt.Sprint("heard by ", i), fmt.Sprint(replies[i].ends), fmt.Sprint([]int{i}))
	}

	quiet := one(t, entry("x"))
	expect(t, "a record that nobody asked about: told", quiet.Told(), false)
	expect(t, "asked", quiet.Asked(), false)
	expect(t, "unasked", quiet.Unasked(), true)
	failures := entry("x")
	failures.Reply = &heard{}
	expect(t, "a record that is to tell of a failure only: asked", one(t, failures).Asked(), false)
	waited := entry("x")
	waited.Reply = &heard{asked: true}
	expect(t, "a record that somebody waits for: unasked", one(t, waited, waited).Unasked(), false)
}

// The charge of a record is what it holds: itself, the capacity of its buffers, its list of replies.
func TestChargeIsWhatIsHeld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newTestPort(wide())
		used := int64(0)
		for range rapid.IntRange(1, 80).Draw(t, "records") {
			e := entry(strings.Repeat("x", rapid.IntRange(0, 500).Draw(t, "size")))
			e.Key = []byte(rapid.StringMatching("[a-z]{1,60}").Draw(t, "key"))
			if rapid.Bool().Draw(t, "reply") {
				e.Reply = &heard{}
			}
			used += put(t, p.Port, e)
			r := filling(p.Port)
			held := recordOverhead + int64(r.contents.Cap()) + int64(cap(r.replies))*replyOverhead
			if r.Charge() != held || used != held {
				t.Fatalf("charged %d, used %d, held %d", r.Charge(), used, held)
			}
		}
	})
}

func TestReleaseKeepsWhatSettlingNeeds(t *testing.T) {
	e := entry("x")
	e.Epoch, e.Reply = 7, &heard{}
	r := one(t, e)
	charge := r.Charge()
	r.Release()
	expect(t, "charge", r.Charge(), charge)
	expect(t, "epoch", r.Epoch(), uint64(7))
	expect(t, "told", r.Told(), false)
	if r.Len() != 0 || r.Key() != nil {
		t.Error("the record keeps its contents")
	}
}

// Whatever cannot be read back lies where the record does: no caller can make that happen, no panic follows.
func TestHashOfUnreadableHashKey(t *testing.T) {
	r := one(t, entry("x"))
	expect(t, "hash key", r.hashOf(aggregate.Entry{Key: []byte("other"), HashKey: []byte("no number")}), r.hash)
}
