package shard

import (
	"bytes"

	"github.com/kinecast/kinecast/aggregate"
)

// Admission is what a port answers to an Append.
type Admission struct {
	// Retired says that nothing was taken because the shard is closed: find another port.
	Retired bool
	// Shut says that nothing was taken because the producer is closing.
	Shut bool
	// Crowded says that nothing was taken because the shard takes less than callers put and the lane has its share of the
	// ledger, or because the port is barred: wait in the port's [Line], holding nothing.
	Crowded bool
	// Halted says that nothing was taken because a record before it was not delivered, which its caller could not know yet.
	Halted bool
	// Need, if it is not zero, says that nothing was taken because the record needs this much room of the ledger, more
	// than was granted.
	Need int64
	// Used is how much of the grant the record has taken. The rest belongs to the caller.
	Used int64
}

// Taken says that the record has been taken.
func (a Admission) Taken() bool {
	return a.Need == 0 && !a.Retired && !a.Shut && !a.Crowded && !a.Halted
}

// Append copies a user record into the Kinesis record that is filling, or opens one. The grant is the number of ledger
// bytes that the caller has been given for it; an aggregated record with room left in its buffers needs none, so callers
// begin with zero. Safe for concurrent use; blocks for no longer than another caller's copy.
func (p *Port) Append(e *Entry, grant int64) Admission {
	var digits [HashKeyDigits]byte
	inner := aggregate.Entry{Key: e.Key, Data: e.Data}
	if e.Explicit {
		inner.HashKey = e.Hash.AppendDecimal(digits[:0])
	}
	var lone *Record
	if p.travelsAlone(e) {
		need := openCost(e, &inner)
		if need > grant {
			return Admission{Need: need}
		}
		lone = open(e, &inner, need)
		lone.plain = true // a large copy, made before the lock and only linked under it
	}
	p.mu.Lock()
	a, ring := p.append(e, &inner, lone, grant)
	p.mu.Unlock()
	if ring {
		p.bell()
	}
	return a
}

// travelsAlone says that an entry can never share a Kinesis record.
func (p *Port) travelsAlone(e *Entry) bool {
	return !p.limits.Aggregate || len(e.Key)+len(e.Data) >= p.limits.MaxSize
}

// append does what Append says; a record that travels alone has been made already. REQUIRES: the mutex.
func (p *Port) append(e *Entry, inner *aggregate.Entry, lone *Record, grant int64) (a Admission, ring bool) {
	if p.wary {
		if a = p.refuses(e); !a.Taken() {
			if lone != nil {
				lone.Release()
			}
			return a, false
		}
	}
	wasIdle := p.filling == nil && p.sealed.len() == 0
	if p.filling != nil {
		if lone == nil {
			if a, ok := p.join(e, inner, grant); ok {
				return a, (e.Urgent || p.filling == nil) && p.ring()
			}
		}
		p.seal()
		ring = p.ring()
	}
	r := lone
	if r == nil {
		need := openCost(e, inner)
		if need > grant {
			return Admission{Need: need}, ring
		}
		r = open(e, inner, need)
	}
	r.opened, r.outer = p.clock(), p.outer
	p.bear(r)
	used := r.charge
	if lone != nil || p.limits.MaxCount == 1 {
		p.queue(r)
	} else {
		p.begin(r)
	}
	if p.filling == nil || wasIdle || e.Urgent {
		ring = p.ring() || ring
	}
	return Admission{Used: used}, ring
}

// beware makes the port ask refuses about each record, if it may refuse one. To be called when a reason has come or gone.
// REQUIRES: the mutex.
func (p *Port) beware() {
	p.wary = p.state == portRetired || p.shut != nil || p.slow || p.era > 0 || p.limits.Barred
}

// refuses says why a record is not taken whatever room there is, if it is not. REQUIRES: the mutex.
func (p *Port) refuses(e *Entry) Admission {
	switch {
	case p.shut != nil:
		return Admission{Shut: true}
	case p.state == portRetired:
		return Admission{Retired: true}
	case e.Era < p.era:
		return Admission{Halted: true}
	}
	return Admission{Crowded: p.crowded(e)}
}

// join adds an entry to the filling record unless it does not fit, and seals it when it is full. REQUIRES: the mutex, filling != nil.
func (p *Port) join(e *Entry, inner *aggregate.Entry, grant int64) (Admission, bool) {
	d := &p.draft
	if e.Shared && p.filling.shared && p.state != portHeld { // where a held record goes is not known yet: one key would take all along
		first := d.first()
		inner.Key, inner.HashKey = first.Key, first.HashKey
	}
	fit, ok := d.takes(e, inner, p.limits)
	if !ok {
		return Admission{}, false
	}
	cost := d.cost(e, fit)
	if cost > grant {
		return Admission{Need: cost}, true
	}
	d.add(e, inner, fit, cost)
	if e.Urgent {
		p.filling.urgent = true
	}
	if int64(d.contents.Len()) >= p.limits.MaxCount {
		p.seal()
	}
	return Admission{Used: cost}, true
}

// openCost is the room that a record of one entry takes.
func openCost(e *Entry, inner *aggregate.Entry) int64 {
	var empty draft
	return recordOverhead + empty.cost(e, empty.contents.Fit(inner))
}

// open makes a record of one entry.
func open(e *Entry, inner *aggregate.Entry, need int64) *Record {
	r := &Record{
		draft: draft{suspect: e.Suspect, epoch: e.Epoch},
		hash:  e.Hash, explicit: e.Explicit, shared: e.Shared, urgent: e.Urgent,
		disguised: bytes.HasPrefix(e.Data, []byte(aggregate.Magic)),
	}
	r.add(e, inner, r.contents.Fit(inner), need)
	return r
}
