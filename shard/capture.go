package shard

import (
	"iter"
	"sync/atomic"
)

// A snapshot writes what is outstanding while it goes on being delivered. It finds it on the rolls: each port keeps a list
// of the records that belong to its lane, wherever they are (waiting, in a request, judged, at a callback), so nobody has
// to ask around while they move.
//
//	opened at a port ──▶ on its roll ──(moved to another shard: on that one's, in front)──▶ released: off
//
// The order of a roll is the order of the puts of each key: records are opened in that order, and those that come from
// a closed shard stand before what its successor was given itself.

// berth is a record's place on a roll and who may still read it. The links are guarded by the mutex of home; home itself
// belongs to the record's owner.
type berth struct {
	home       *Port
	prev, next *Record

	readers atomic.Int32 // snapshots that read the contents; -1 when nobody does and the owner has let go
	maybe   atomic.Bool  // it is in a request, or one that carried it may have stored it
	stored  atomic.Bool  // it has ended well, and that can be seen
	heirs   []*Record    // what it was taken apart into; guarded by whoever sees to it that nothing moves
}

// roll is the list of a port's records.
type roll struct{ first, last *Record }

// enroll puts a new record at the end. REQUIRES: the mutex.
func (p *Port) enroll(r *Record) {
	r.home, r.prev, r.next = p, p.roll.last, nil
	if r.prev == nil {
		p.roll.first = r
	} else {
		r.prev.next = r
	}
	p.roll.last = r
}

// enrollFirst puts records that come from other lanes before all others, in their own order. REQUIRES: the mutex.
func (p *Port) enrollFirst(rs []*Record) {
	for i := len(rs) - 1; i >= 0; i-- {
		r := rs[i]
		if r.home == p {
			continue // it keeps its place
		}
		r.home, r.prev, r.next = p, nil, p.roll.first
		if r.next == nil {
			p.roll.last = r
		} else {
			r.next.prev = r
		}
		p.roll.first = r
	}
}

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
	r.home, r.prev, r.next = nil, nil, nil
	ring := p.state == portRetired && p.roll.first == nil && p.ring()
	p.mu.Unlock()
	if ring {
		p.bell()
	}
}

// Capture appends every record of the port's lane that has not been released to dst, in the order of their puts. The one
// that is filling is sealed, so that none of them changes any more: it lingers on and goes when it is due. While records
// are moved between lanes the answer may lack some: the caller sees to it that none are.
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

// Heirs are the records that a record was taken apart into; nil if it was not. They may carry more than it did. To be
// asked for only while nothing is moved between lanes.
func (r *Record) Heirs() []*Record { return r.heirs }

// inherited notes an heir, which may have taken several of the user records.
func (r *Record) inherited(part *Record) {
	if n := len(r.heirs); n == 0 || r.heirs[n-1] != part {
		r.heirs = append(r.heirs, part)
	}
}

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

// Entries are the user records of a record that is held, as they were put. Their slices are good until Let.
func (r *Record) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, e := range r.contents.All() {
			out := Entry{Key: e.Key, Data: e.Data, Hash: r.hashOf(e), Explicit: len(e.HashKey) > 0}
			if !yield(out) {
				return
			}
		}
	}
}
