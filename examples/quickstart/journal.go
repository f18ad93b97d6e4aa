package main

import "sync/atomic"

// fate is what the producer said of one record.
type fate uint8

const (
	notPut    fate = iota // never put, or refused by Put
	admitted              // Put returned nil; no result yet
	delivered             // a result named its place
	failed                // a result said that it failed
)

// journal is the defendant's statement: for every record of the run, what the producer said became of it. The
// goroutine that puts writes a record's fate before it is put, the producer's callback goroutine writes it
// afterwards; everything else is read once the producer is closed.
type journal struct {
	feed  *feed
	fates []fate            // by serial number
	place []digest          // by serial number, where the fate is delivered
	bytes int64             // of the delivered records
	last  map[string]string // by shard id: the highest sequence number that a result named
	extra int               // results for records that were not waiting for one
	cause error             // of the first failure

	arrived atomic.Int64 // delivered so far, for the progress line
}

func newJournal(f *feed, repeat int) *journal {
	n := len(f.quakes) * repeat
	return &journal{feed: f, fates: make([]fate, n), place: make([]digest, n), last: map[string]string{}}
}

// settle notes a record's result: where it is, or why it failed. For the producer's callback goroutine.
func (j *journal) settle(q Quake, shard, sequence string, position int, err error) {
	if j.fates[q.serial] != admitted {
		j.extra++
		return
	}
	if err != nil {
		j.fates[q.serial] = failed
		if j.cause == nil {
			j.cause = err
		}
		return
	}
	j.fates[q.serial], j.place[q.serial] = delivered, placeOf(shard, sequence, position)
	j.bytes += int64(q.size())
	j.arrived.Add(1)
	if laterSequence(sequence, j.last[shard]) {
		j.last[shard] = sequence
	}
}

// laterSequence reports whether a comes after b. Sequence numbers are decimal numbers without leading zeros, far
// beyond 64 bits; "" comes first.
func laterSequence(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}
