package simulation_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kinecast/kinecast/shard"
)

// book is what has become of every record.
type book struct {
	fates []*fate // by id; nil for those that a smaller plan leaves out
	lied  bool    // the service has named a shard that does not exist
}

// fate is one user record, what its caller was told and what was reported of it.
type fate struct {
	s    *sim
	put  put
	data []byte

	called, returned int // the events during which the put began and returned,
	appended, ended  int // and during which the record came in and ended
	entered, left    bool
	epoch            uint64
	admitted         time.Duration
	refusal          error
	giveUp           func(error)
	line             *shard.Line // of a crowded shard, while he waits there,
	turn             *shard.Turn // and his place in it
	first            bool        // he is its head
	waits            bool        // counted in sim.waiters

	ends     int
	told     int
	outcome  shard.Outcome
	position int // in its Kinesis record
}

func (f *fate) String() string {
	return fmt.Sprintf("record %d (key %d, %d bytes)", f.put.id, f.put.key, f.put.size)
}

// dataOf is the blob of a record: its number, and padding.
func dataOf(p put) []byte {
	return append(strconv.AppendInt(nil, int64(p.id), 10), strings.Repeat(".", 1+p.size)...)
}

// idOf is the number of the record with this blob.
func idOf(data []byte) int {
	text, _, _ := strings.Cut(string(data), ".")
	id, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return id
}

// usersOf are the numbers of a Kinesis record's user records.
func usersOf(r *shard.Record) (ids []int) {
	data, many := r.Contents()
	if many == nil {
		return []int{idOf(data)}
	}
	for _, e := range many.All() {
		ids = append(ids, idOf(e.Data))
	}
	return ids
}

func (f *fate) key() string {
	if f.put.shared {
		return f.put.hash.String()
	}
	return fmt.Sprintf("key-%d", f.put.key)
}

func (f *fate) place() shard.HashKey {
	if !f.put.explicit {
		return shard.HashKeyOf(f.key())
	}
	h, err := shard.ParseHashKey(f.put.hash.String())
	if err != nil {
		f.s.breachf("hash key", "%v", err)
	}
	return h
}

func (f *fate) entry() shard.Entry {
	e := shard.Entry{
		Key: []byte(f.key()), Data: f.data, Hash: f.place(), Explicit: f.put.explicit, Shared: f.put.shared,
		Urgent: f.put.urgent, Epoch: f.epoch, First: f.first,
	}
	if f.put.told {
		e.Reply = f
	}
	return e
}

// Ended implements shard.Reply.
func (f *fate) Ended(o *shard.Outcome, position int) {
	f.told++
	if f.told > 1 || o.SequenceNumber != f.outcome.SequenceNumber || position != f.position {
		f.s.breachf("once", "%v is told for the %d. time that it ended at %s %s, position %d", f, f.told, o.ShardID, o.SequenceNumber, position)
	}
}

// Asked implements shard.Reply.
func (f *fate) Asked() bool { return f.put.urgent }

// courier tells those who want to know, one after another, a while later.
type courier struct {
	waiting []*shard.Ended
	running bool
}

// ended notes an end, and settles it once it has been told.
func (s *sim) ended(e *shard.Ended) {
	for position, id := range usersOf(e.Record) {
		if id < 0 || id >= len(s.book.fates) || s.book.fates[id] == nil {
			s.breachf("once", "a record ends that nobody put")
		}
		f := s.book.fates[id]
		if f.ends++; f.ends > 1 {
			s.breachf("once", "%v ends for the %d. time: %s after %s", f, f.ends, codeOf(e.Outcome.Failure), codeOf(f.outcome.Failure))
		}
		if !f.entered || f.left {
			s.breachf("once", "%v ends, and was refused: %v", f, f.refusal)
		}
		f.outcome, f.position, f.ended = e.Outcome, position, s.steps
		attempts := *e.Outcome.Attempts
		f.outcome.Attempts = &attempts
		s.noteOf([]int{id}, "ends: %s %s %s", e.Outcome.ShardID, e.Outcome.SequenceNumber, codeOf(e.Outcome.Failure))
		if e.Outcome.Failure == nil {
			s.hit(markAcknowledged)
		} else {
			s.hit(markFailed)
		}
	}
	if f := e.Outcome.Failure; f != nil && s.plan.cfg.halts && f.Code != shard.CodeShutdown && f.Code != shard.CodeBehindFailed && e.Record.Unasked() {
		s.stick()
	}
	if !e.Record.Told() {
		s.settle(e)
		return
	}
	s.courier.waiting = append(s.courier.waiting, e)
	if !s.courier.running {
		s.courier.running = true
		s.at(s.now+s.hop(), s.deliver)
	}
}

// stick keeps a failure until somebody clears it, and sends away who waits.
func (s *sim) stick() {
	s.breaks = append(s.breaks, s.steps)
	if s.broken {
		return
	}
	s.broken = true
	s.turnAway(errFailed)
	s.at(s.now+time.Duration(s.rng.IntN(50_000_000)), func() { s.broken = false })
}

func (s *sim) deliver() {
	c := &s.courier
	e := c.waiting[0]
	c.waiting = c.waiting[1:]
	e.Record.Replies(func(position int, r shard.Reply) { r.Ended(&e.Outcome, position) })
	s.settle(e)
	if c.running = len(c.waiting) > 0; c.running {
		s.at(s.now+s.hop(), s.deliver)
	}
}

func (s *sim) settle(e *shard.Ended) {
	epoch, records, charge := e.Record.Epoch(), int64(e.Record.Len()), e.Record.Charge()
	e.Record.Release()
	s.settled += int(records)
	s.ledger.Settle(epoch, records, charge)
}
