package shard

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"
)

// A snapshot writes what is outstanding while it goes on being delivered. It finds it on the rolls: each port keeps a list
// of the records that belong to its lane, wherever they are (waiting, in a request, judged, at a callback), so nobody has
// to ask around while they move.
//
//	opened at a port ──▶ on its roll ──(moved to another shard: on that one's)──▶ released: off

// berth is a record's place on a roll and who may still read it. The links are guarded by the mutex of home; home itself
// belongs to the record's owner.
type berth struct {
	home       *Port
	prev, next *Record
	moved      bool // it was opened at another port

	lane, birth uint64 // where it was opened, and as which: those of one hash key are in the order of their puts

	readers atomic.Int32 // snapshots that read the contents; -1 when nobody does and the owner has let go
	maybe   atomic.Bool  // it is in a request, or one that carried it may have stored it
	stored  atomic.Bool  // it has ended well, and that can be seen
	heirs   []Heir       // what it was taken apart into; guarded by whoever sees to it that nothing moves
}

// Heir is where a user record is that has been moved into another Kinesis record.
type Heir struct {
	Record   *Record
	Position int
}

// roll is the list of a port's records, in the order in which they came.
type roll struct {
	first, last *Record
	births      uint64 // records opened so far
	moved       int    // records on it that were opened elsewhere
}

// enroll puts a record on the roll. REQUIRES: the mutex.
func (p *Port) enroll(r *Record) {
	r.home, r.prev, r.next = p, p.roll.last, nil
	if r.prev == nil {
		p.roll.first = r
	} else {
		r.prev.next = r
	}
	p.roll.last = r
	if r.moved {
		p.roll.moved++
	}
}

// bear puts a record that has been opened at the port on its roll. REQUIRES: the mutex.
func (p *Port) bear(r *Record) {
	p.roll.births++
	r.lane, r.birth = p.number, p.roll.births
	p.enroll(r)
}

// Number is higher for the port of a shard than for those of its parents.
func (p *Port) Number() uint64 { return p.number }

// strike takes a record off the roll that it is on. A retired lane rests when the last one has gone, so it is called to
// look. Not under any port's mutex.
func (r *Record) strike() {
	p := r.home
	if p == nil {
		return
	}
	p.mu.Lock()
	if r.prev == nil {
		p.roll.first = r.next
	} else {
		r.prev.next = r.next
	}
	if r.next == nil {
		p.roll.last = r.prev
	} else {
		r.next.prev = r.prev
	}
	if r.moved {
		p.roll.moved--
	}
	r.home, r.prev, r.next = nil, nil, nil
	ring := p.state == portRetired && p.roll.first == nil && p.ring()
	p.mu.Unlock()
	if ring {
		p.bell()
	}
}

// Capture appends every record of the port's lane that has not been released to dst; SortCaptured puts them in order. The one that is filling is
// sealed, so that none of them changes any more: it lingers on and goes when it is due. While records are moved between
// lanes the answer may lack some: the caller sees to it that none are.
func (p *Port) Capture(dst []*Record) []*Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.filling != nil {
		p.seal()
	}
	for r := p.roll.first; r != nil; r = r.next {
		dst = append(dst, r)
	}
	return dst
}

// SortCaptured puts captured records in order: those of one hash key as they were put. For a shard comes after its parents,
// and what was put to a closed one, by a caller who did not know yet, before what was put to its successor.
func SortCaptured(rs []*Record) {
	if slices.IsSortedFunc(rs, younger) {
		return // nothing has been moved, and the lanes came in order: sorting would cost ten times as much
	}
	slices.SortStableFunc(rs, younger) // the parts of one record, which are of an age, stay in the order of the roll
}

func younger(a, b *Record) int {
	return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(a.birth, b.birth))
}

// joined gives a part the age of the youngest record that it has been given a share of: what else there is of the older
// ones' hash keys is in the part, too, or came before it. Its time ends with that of the oldest, like the time of every record
// that holds several.
func (r *Record) joined(from *Record) {
	if from.opened.Before(r.opened) {
		r.opened = from.opened
	}
	if younger(from, r) > 0 {
		r.lane, r.birth = from.lane, from.birth
	}
}

// Hold keeps the contents of a captured record readable until Let, whatever becomes of it meanwhile. It returns false if
// they are gone: then the record has ended, unless it has heirs.
func (r *Record) Hold() bool {
	for {
		n := r.readers.Load()
		if n < 0 {
			return false
		}
		if r.readers.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Let ends a Hold.
func (r *Record) Let() { r.let() }

// let is one reader less, or the owner gone; whoever is the last gives back the buffers, unless they are lent.
func (r *Record) let() {
	if r.readers.Add(-1) < 0 && !r.lent {
		r.contents.Reset()
		r.replies = nil
	}
}

// Heirs say where the user records of a record are that was taken apart, by position; nil if it was not. To be asked for only
// while nothing is moved between lanes.
func (r *Record) Heirs() []Heir { return r.heirs }

// Conclude says that the record was stored and that this can be seen: a snapshot need not have it, although callbacks may
// still have to be told.
func (r *Record) Conclude() { r.stored.Store(true) }

// Concluded says whether Conclude has been called. Safe for concurrent use.
func (r *Record) Concluded() bool { return r.stored.Load() }

// Suspect says that the record may be in its stream already: it is in a request, or an attempt that carried it may have
// stored it. Safe for concurrent use.
func (r *Record) Suspect() bool { return r.suspect || r.maybe.Load() }

// rest notes that a record is in no request any more.
func (r *Record) rest() { r.maybe.Store(r.MaybeWritten()) }

// MaybeWritten says whether a finished attempt, of this producer or of one before it, may have stored the record.
func (r *Record) MaybeWritten() bool { return r.suspect || r.attempts.MaybeWritten() }

// Entries are the user records of a record that is held, by position, as they were put: Hash only if it is Explicit. Their
// slices are good until Let.
func (r *Record) Entries() iter.Seq2[int, Entry] {
	return func(yield func(int, Entry) bool) {
		for i, e := range r.contents.All() {
			out := Entry{Key: e.Key, Data: e.Data}
			if out.Explicit = len(e.HashKey) > 0; out.Explicit {
				out.Hash = r.hashOf(e)
			}
			if !yield(i, out) {
				return
			}
		}
	}
}
