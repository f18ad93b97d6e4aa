package shard

import (
	"cmp"
	"slices"
)

// giving is the rule by which a port gives away what waits in it.
type giving uint8

const (
	// freely: oldest first, as much as a request takes.
	freely giving = iota
	// oneByOne: nothing while anything that was given is unresolved: in a request, not judged yet, or on its way back.
	oneByOne
	// oneOfAKey: the same for each hash key by itself, so many keys travel beside each other.
	oneOfAKey
)

// backlog is what waits in a port, sealed, and who may go next. In the ordered rules a record that was given is unresolved
// until free is told its hash key; what is put in front meanwhile goes before all that waits, and after it.
//
// By oneOfAKey the records of one key stand behind each other, and only the first of a key that has nothing unresolved is
// in the turns, so neither a long line of one key nor a thousand keys cost a search.
type backlog struct {
	rule    giving
	all     queue[*Record]     // freely, oneByOne: all that wait
	turns   queue[HashKey]     // oneOfAKey: keys whose first record may go
	keys    map[HashKey]lineup // oneOfAKey: those of which a record waits or is unresolved
	waiting int                // oneOfAKey: records
	numbers [2]int64           // oneOfAKey: the number before the first record, and that of the last

	given   int // and unresolved, or withheld
	bytes   int // wire size of what is in all, or has its turn
	pressed int // records of these that must not linger
}

// lineup is what a backlog knows of a key. A key is in the turns when it has a first record and none is given.
type lineup struct {
	first, last *Record // linked by Record.after
	given       int     // and unresolved
}

// len counts the records that wait.
func (b *backlog) len() int {
	if b.rule == oneOfAKey {
		return b.waiting
	}
	return b.all.len()
}

// next is the record that may go now, nil if none may.
func (b *backlog) next() *Record {
	switch {
	case b.rule == oneOfAKey && b.turns.len() > 0:
		return b.keys[*b.turns.front()].first
	case b.rule != oneOfAKey && b.all.len() > 0 && !b.full():
		return *b.all.front()
	}
	return nil
}

// full says that nothing may go, whatever comes.
func (b *backlog) full() bool { return b.rule == oneByOne && b.given > 0 }

// slow says that records wait behind others which they may not overtake.
func (b *backlog) slow() bool {
	return b.rule == oneByOne && b.all.len() > 1 || b.waiting > b.turns.len()
}

// offered counts what may go now.
func (b *backlog) offered() (records, bytes int) {
	switch r := b.next(); {
	case r == nil:
		return 0, 0
	case b.rule == oneByOne:
		return 1, r.WireSize()
	case b.rule == oneOfAKey:
		return b.turns.len(), b.bytes
	}
	return b.all.len(), b.bytes
}

// count keeps the account of a record that has come (+1) or gone (-1).
func (b *backlog) count(r *Record, sign int) {
	b.bytes += sign * r.WireSize()
	if r.pressed() {
		b.pressed += sign
	}
}

// push adds the newest record.
func (b *backlog) push(r *Record) {
	if b.rule != oneOfAKey {
		b.count(r, +1)
		b.all.push(r)
		return
	}
	b.numbers[1]++
	r.number = b.numbers[1]
	b.waiting++
	k, known := b.keys[r.hash]
	if k.first == nil {
		k.first = r
	} else {
		k.last.after = r
	}
	k.last = r
	b.put(r.hash, k)
	if !known {
		b.turn(r)
	}
}

// prepend puts records before all that wait.
func (b *backlog) prepend(rs []*Record) {
	if b.rule != oneOfAKey {
		for _, r := range rs {
			b.count(r, +1)
		}
		b.all.prepend(rs)
		return
	}
	for _, r := range slices.Backward(rs) {
		r.number = b.numbers[0]
		b.numbers[0]--
		b.waiting++
		k, known := b.keys[r.hash]
		behind := k.first
		r.after, k.first = behind, r
		if behind == nil {
			k.last = r
		}
		b.put(r.hash, k)
		switch {
		case !known:
			b.turn(r)
		case k.given == 0: // the key has its turn already, and the record takes it
			b.count(behind, -1)
			b.count(r, +1)
		}
	}
}

// pop gives away what next returned.
func (b *backlog) pop() *Record {
	if b.rule != oneOfAKey {
		r := b.all.pop()
		b.count(r, -1)
		if b.rule == oneByOne {
			b.given++
		}
		return r
	}
	h := b.turns.pop()
	k := b.keys[h]
	r := k.first
	k.first = r.after
	k.given++
	r.after = nil
	b.put(h, k)
	b.waiting--
	b.given++
	b.count(r, -1)
	return r
}

// free says that a record with this hash key which was given is unresolved no more.
func (b *backlog) free(h HashKey) {
	b.given--
	if b.rule != oneOfAKey {
		return
	}
	k := b.keys[h]
	k.given--
	switch {
	case k.given > 0:
		b.keys[h] = k
	case k.first == nil:
		delete(b.keys, h)
		if len(b.keys) == 0 {
			b.keys = nil // a map never shrinks
		}
	default:
		b.keys[h] = k
		b.turn(k.first)
	}
}

// withhold is for a record that has been taken out and will not go: it is unresolved until it has ended.
func (b *backlog) withhold(r *Record) {
	if b.rule == freely {
		return
	}
	b.given++
	if b.rule == oneOfAKey {
		k := b.keys[r.hash]
		k.given++
		b.put(r.hash, k)
	}
}

func (b *backlog) put(h HashKey, k lineup) {
	if b.keys == nil {
		b.keys = map[HashKey]lineup{}
	}
	b.keys[h] = k
}

func (b *backlog) turn(r *Record) {
	b.turns.push(r.hash)
	b.count(r, +1)
}

// list is all that wait, oldest first. It belongs to the backlog.
func (b *backlog) list() []*Record {
	if b.rule != oneOfAKey {
		return b.all.all()
	}
	rs := make([]*Record, 0, b.waiting)
	for _, k := range b.keys {
		for r := k.first; r != nil; r = r.after {
			rs = append(rs, r)
		}
	}
	slices.SortFunc(rs, func(x, y *Record) int { return cmp.Compare(x.number, y.number) })
	return rs
}

// take hands over all that wait, oldest first. What was given stays so.
func (b *backlog) take() []*Record {
	rs := b.list()
	b.bytes, b.pressed, b.waiting = 0, 0, 0
	b.all.take()
	b.turns.take()
	for _, r := range rs {
		r.after = nil
		if k := b.keys[r.hash]; k.given > 0 {
			b.keys[r.hash] = lineup{given: k.given}
		} else {
			delete(b.keys, r.hash)
		}
	}
	return rs
}

// remove takes out the records that a function names, oldest first, and withholds them.
func (b *backlog) remove(unwanted func(*Record) bool) (out []*Record) {
	rs := b.list()
	if !slices.ContainsFunc(rs, unwanted) {
		return nil
	}
	b.take()
	left := slices.DeleteFunc(slices.Clone(rs), func(r *Record) bool {
		gone := unwanted(r)
		if gone {
			out = append(out, r)
			b.withhold(r) // before those behind it get its turn
		}
		return gone
	})
	for _, r := range left {
		b.push(r)
	}
	return out
}
