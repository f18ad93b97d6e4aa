package shard

// holding is what a lane has of the ledger: user records that were put to it and have not ended, and the bytes that they
// are charged.
type holding struct{ records, bytes int64 }

func (h *holding) add(r *Record) { h.records, h.bytes = h.records+int64(r.Len()), h.bytes+r.charge }

// fills says whether it is a part of the lane's share, in quarters.
func (h *holding) fills(quarters int64, l *Limits) bool {
	return l.HeldRecords > 0 && h.records >= l.HeldRecords*quarters/4 || l.HeldBytes > 0 && h.bytes >= l.HeldBytes*quarters/4
}

// A lane that cannot send as fast as its callers put would in the end hold all that the producer may have outstanding,
// and stop callers who put to other shards. So while it is slow it takes no more than its share, and its callers wait in
// a line of its own, holding nothing. A lane is slow from the first refusal, or the first record that its pace holds back,
// until it sends freely and holds less than half of its share.

// crowded says that a record must wait in the port's line. REQUIRES: the mutex.
func (p *Port) crowded(e *Entry) bool {
	return !e.Restored && (p.limits.Barred || p.slow && (p.fills(4) || !e.First && p.line.Waiting()))
}

// fills says whether what the lane has, with what is filling, is a part of its share, in quarters. REQUIRES: the mutex.
func (p *Port) fills(quarters int64) bool {
	all := p.held
	if p.filling != nil {
		all.records, all.bytes = all.records+int64(p.draft.contents.Len()), all.bytes+p.draft.charge
	}
	return all.fills(quarters, p.limits)
}

// tally brings the account of what the lane holds up to date, and says whether somebody may come out of the line.
// REQUIRES: the mutex.
func (p *Port) tally(gone holding, slow bool) (call bool) {
	p.held.records -= gone.records
	p.held.bytes -= gone.bytes
	p.slow = slow || p.slow && p.fills(2)
	p.beware()
	return !p.slow || !p.fills(4)
}

// Line is where callers wait whom the port has told that it is crowded.
func (p *Port) Line() *Line { return &p.line }

// Eased says that a caller who was told that the port is crowded may come again: at most three quarters of its share are
// taken, or it is not slow any more; or the port is gone.
func (p *Port) Eased() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state == portRetired || p.shut != nil || !p.limits.Barred && (!p.slow || !p.fills(3))
}
