package shard

import "github.com/kinecast/kinecast/aggregate"

// draft is what changes in a Kinesis record with each user record that joins it. While the record fills, this lies in its
// port, behind what the port has to look at first: a record of a shard that was far away waits for memory once then, and not
// for the port, and then for the record.
type draft struct {
	suspect  bool   // the user records came from an earlier producer, which may have stored them
	data     int    // bytes of the user records' data
	epoch    uint64 // of all of them
	contents aggregate.Builder
	replies  []Reply // by position; shorter than contents.Len() when the last ones have none
	asked    int     // replies that somebody waits for
	charge   int64   // bytes of the ledger that the record gives back when it ends
}

// first is the first user record.
func (d *draft) first() aggregate.Entry {
	for _, e := range d.contents.All() {
		return e
	}
	return aggregate.Entry{}
}

// takes says whether a further entry may join the record, and what that would come to.
func (d *draft) takes(e *Entry, inner *aggregate.Entry, l *Limits) (aggregate.Fit, bool) {
	fit := d.contents.Fit(inner)
	ok := d.epoch == e.Epoch && d.suspect == e.Suspect && int64(d.contents.Len()) < l.MaxCount && fit.Size <= l.MaxSize
	return fit, ok
}

// cost is how many ledger bytes appending would take on top of what the record holds.
func (d *draft) cost(e *Entry, fit aggregate.Fit) int64 {
	n := int64(fit.Cap - d.contents.Cap())
	if e.Reply != nil && cap(d.replies) <= d.contents.Len() {
		n += int64(growReplies(d.contents.Len())-cap(d.replies)) * replyOverhead
	}
	return n
}

// add appends an entry whose cost has been granted.
func (d *draft) add(e *Entry, inner *aggregate.Entry, fit aggregate.Fit, cost int64) {
	position := d.contents.Len()
	d.contents.Append(inner, fit)
	d.data += len(e.Data)
	if cost != 0 { // nearly never, and it lies farther off
		d.charge += cost
	}
	if e.Reply == nil {
		return
	}
	if cap(d.replies) <= position {
		grown := make([]Reply, position, growReplies(position))
		copy(grown, d.replies)
		d.replies = grown
	}
	d.replies = d.replies[:position+1]
	d.replies[position] = e.Reply
	if e.Reply.Asked() {
		d.asked++
	}
}

// growReplies is the capacity of the list of replies that is to hold the given position.
func growReplies(position int) int {
	if position < 4 {
		return 4
	}
	return 2 * position
}
