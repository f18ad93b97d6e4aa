package main

// found is one user record as a consumer reads it back.
type found struct {
	place   digest // where it was read
	at      moment // the same, among others
	content digest // of its data
	key     digest // of its partition key
	shard   int    // index of the shard it was read from
	inRange bool   // its hash key lies in the range of that shard
	first   bool   // of its Kinesis record
	dropped bool   // a KCL consumer is not given it, nor the others of its Kinesis record
}

// proof holds what was read back against the journal. Give it every record of every shard in any order, then ask for
// the verdict. It looks at nothing but its arguments, and keeps about 40 bytes for each record of the run, 24 more if the
// order is to be proved.
type proof struct {
	journal *journal
	byPlace map[digest]int32 // serial numbers of the delivered records
	seen    []bool           // by serial number: matched with a record read back
	firsts  []moment         // by serial number: the first copy; nil if the order does not count
	late    []found          // read at a place that no unmatched record of the same content was promised
	scratch []byte
	verdict
}

// verdict counts what the proof found. Everything in it is about this run's own records, except foreign.
type verdict struct {
	put        int // records that Put admitted
	readBack   int // records read back, copies included
	missing    int // put, but not read back
	duplicates int // copies beyond the first
	misplaced  int // not where their result said, or there, but outside the shard's range or dropped
	wrongKey   int // under another partition key than they were put with
	inverted   int // first copies before that of an earlier record of their key
	failed     int // whose result was a failure, never came, or came twice
	foreign    int // records with bytes that this run never sent: altered, or another writer's

	// Copies that a KCL consumer drops, at a place that no result named: a reshard overtook the producer, which knows it
	// and sends them again. They count neither as read back nor as duplicates.
	droppedCopies  int
	droppedRecords int // Kinesis records that hold them

	perShard   []int      // records read back, by index of the shard
	magnitudes magnitudes // of the records read back
}

// newProof prepares to judge what is read from so many shards, and in which order if that counts.
func newProof(j *journal, shards int, ordered bool) *proof {
	p := &proof{journal: j, byPlace: make(map[digest]int32, len(j.fates)), seen: make([]bool, len(j.fates))}
	p.perShard = make([]int, shards)
	p.failed = j.extra
	if ordered {
		p.firsts = make([]moment, len(j.fates))
	}
	for serial, f := range j.fates {
		if f == notPut {
			continue
		}
		p.put++
		if f == delivered {
			p.byPlace[j.place[serial]] = int32(serial)
		} else {
			p.failed++
		}
	}
	return p
}

// observe takes one record that was read back.
func (p *proof) observe(r found) {
	serial, known := p.byPlace[r.place]
	if !known || p.seen[serial] || p.content(int(serial)) != r.content {
		p.late = append(p.late, r)
		return
	}
	p.match(int(serial), r, !r.inRange || r.dropped)
}

// conclude judges the late records by content alone, and gives the verdict.
func (p *proof) conclude() verdict {
	wanted := p.wanted()
	for _, r := range p.late {
		same, ours := wanted[r.content]
		switch {
		case !ours:
			p.foreign++
		case r.dropped:
			p.droppedCopies++
			if r.first {
				p.droppedRecords++
			}
		case len(same.unmatched) == 0:
			p.duplicates++
			p.count(r, same.quake)
			if same.serials == 1 { // else it may be a copy of any of them
				p.meet(same.quake.serial, r.at)
			}
		default:
			serial := same.unmatched[0]
			same.unmatched = same.unmatched[1:]
			p.match(serial, r, !r.inRange || p.journal.fates[serial] == delivered)
		}
	}
	for serial, f := range p.journal.fates {
		if f != notPut && !p.seen[serial] {
			p.missing++
		}
	}
	p.inverted = p.inversions()
	return p.verdict
}

// equals are the records of the run that have one content: more than one when the input repeats a line.
type equals struct {
	quake     Quake // one of them
	serials   int   // how many there are
	unmatched []int // serial numbers of those not found at their place
}

// wanted returns, by content, the records of this run that the late ones may be.
func (p *proof) wanted() map[digest]*equals {
	if len(p.late) == 0 {
		return nil
	}
	late := make(map[digest]bool, len(p.late))
	for _, r := range p.late {
		late[r.content] = true
	}
	wanted := map[digest]*equals{}
	for serial, f := range p.journal.fates {
		if f == notPut {
			continue
		}
		content := p.content(serial)
		if !late[content] {
			continue
		}
		same := wanted[content]
		if same == nil {
			same = &equals{quake: p.journal.feed.at(serial)}
			wanted[content] = same
		}
		same.serials++
		if !p.seen[serial] {
			same.unmatched = append(same.unmatched, serial)
		}
	}
	return wanted
}

func (p *proof) match(serial int, r found, misplaced bool) {
	p.seen[serial] = true
	q := p.journal.feed.at(serial)
	if misplaced {
		p.misplaced++
	}
	p.meet(serial, r.at)
	if r.key != digestOfString(q.Key) {
		p.wrongKey++
	}
	p.count(r, q)
}

func (p *proof) count(r found, q Quake) {
	p.readBack++
	p.perShard[r.shard]++
	p.magnitudes.add(q.Mag)
}

// content is the digest of the bytes that were to be sent for a record.
func (p *proof) content(serial int) digest {
	p.scratch = p.journal.feed.at(serial).append(p.scratch[:0])
	return digestOf(p.scratch)
}

// proved reports whether every record put was read back exactly once, unchanged and in place. On a stream that
// nobody else writes to, exclusive, a foreign record refutes it too.
func (v verdict) proved(exclusive bool) bool {
	faults := v.missing + v.duplicates + v.misplaced + v.wrongKey + v.inverted + v.failed
	if exclusive {
		faults += v.foreign
	}
	return faults == 0
}
