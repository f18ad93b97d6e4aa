package main

// moment is where consumers meet a record: later in its shard the higher its sequence number is, and in the children of a
// shard, whose numbers are higher than any of their parent's, later than in that.
type moment struct {
	sequence string // of the Kinesis record; "" for never
	position int    // in that
}

func (m moment) before(n moment) bool {
	if m.sequence == n.sequence {
		return m.position < n.position
	}
	return laterSequence(n.sequence, m.sequence)
}

// meet notes a copy of a record, if the order is to be proved: the first one counts.
func (p *proof) meet(serial int, at moment) {
	if p.firsts == nil {
		return
	}
	if known := p.firsts[serial]; known.sequence == "" || at.before(known) {
		p.firsts[serial] = at
	}
}

// inversions counts the delivered records whose first copy comes before that of a record of their key that was put earlier
// and delivered, too.
func (p *proof) inversions() (n int) {
	last := map[string]moment{} // of the records so far, by key
	for serial, at := range p.firsts {
		if p.journal.fates[serial] != delivered || at.sequence == "" {
			continue
		}
		key := p.journal.feed.at(serial).Key
		if at.before(last[key]) {
			n++
			continue
		}
		last[key] = at
	}
	return n
}
