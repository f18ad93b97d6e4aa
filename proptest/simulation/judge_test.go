package simulation_test

import (
	"slices"

	"github.com/kinecast/kinecast/proptest/kcl"
	"github.com/kinecast/kinecast/shard"
)

// found is a copy of a user record in the stream.
type found struct {
	stored
	user     kcl.User
	position int
	readable bool
}

// judge holds the book against what a consumer reads, when all is over.
func (s *sim) judge() {
	switch {
	case !s.over:
		s.breachf("rest", "nothing happens any more, and Close has not returned; %d records are outstanding", s.ledger.Records.Used())
	case s.ledger.Records.Used() != 0 || s.ledger.Bytes.Used() != 0:
		s.breachf("rest", "%d records and %d bytes are outstanding after Close", s.ledger.Records.Used(), s.ledger.Bytes.Used())
	case len(s.flights) > 0 || len(s.homing) > 0 || len(s.lines)+len(s.queued) > 0 || len(s.courier.waiting) > 0:
		s.breachf("rest", "something is left after Close")
	}
	copies := s.read()
	for _, f := range s.book.fates {
		if f == nil {
			continue
		}
		switch {
		case f.refusal != nil:
			if f.ends > 0 || len(copies[f.put.id]) > 0 {
				s.breachf("once", "%v was refused (%v), ended %d times and is in the stream %d times", f, f.refusal, f.ends, len(copies[f.put.id]))
			}
		case f.returned == 0:
			s.breachf("rest", "the put of %v has not returned", f)
		case f.ends != 1:
			s.breachf("once", "%v ended %d times", f, f.ends)
		case f.put.told && f.told != 1:
			s.breachf("once", "the end of %v was told %d times", f, f.told)
		case f.outcome.Failure == nil:
			s.readable(f, copies[f.put.id])
		case !f.outcome.MaybeWritten && len(copies[f.put.id]) > 0:
			s.breachf("not written", "%v was not written, says %s, and is in the stream", f, f.outcome.Failure.Code)
		}
		s.hit(duplicates(len(copies[f.put.id])))
	}
	if s.plan.cfg.ordered {
		s.order(copies)
	}
}

func duplicates(copies int) mark {
	if copies > 1 {
		return markDuplicated
	}
	return markNone
}

// read reads the stream as the KCL does, and notes the copies that it drops as well.
func (s *sim) read() map[int][]found {
	copies := map[int][]found{}
	for _, st := range s.service.stored {
		users, dropped, err := kcl.Read(st.entry, st.in.keys)
		if err == nil && dropped {
			s.hit(markDropped)
			users, _, err = kcl.Read(st.entry, whole)
		}
		if err != nil {
			s.breachf("format", "%v", err)
		}
		for i, u := range users {
			id := idOf(u.Data)
			copies[id] = append(copies[id], found{st, u, i, !dropped})
		}
	}
	return copies
}

// readable looks for an acknowledged record at the place that its result names.
func (s *sim) readable(f *fate, copies []found) {
	at := slices.IndexFunc(copies, func(c found) bool {
		return c.readable && (s.book.lied || c.in.id == f.outcome.ShardID) &&
			sequenceText(c.sequence) == f.outcome.SequenceNumber && c.position == f.position
	})
	if at < 0 {
		s.breachf("readable", "%v was acknowledged at %s %s, position %d, and no consumer finds it there",
			f, f.outcome.ShardID, f.outcome.SequenceNumber, f.position)
	}
	u := copies[at].user
	if !slices.Equal(u.Data, f.data) || !f.put.shared && (u.Key != f.key() || (u.HashKey == f.put.hash.String()) != f.put.explicit) {
		s.breachf("readable", "%v was put with key %s; there is %s, hash key %s", f, f.key(), u.Key, u.HashKey)
	}
}

// order looks for inversions: of two records of one hash key, the one whose put had returned before the other's began must be seen
// first by a consumer, if both were acknowledged. And where failures are not to be passed over, none was acknowledged that waited
// behind one that failed.
func (s *sim) order(copies map[int][]found) {
	first := func(f *fate) int {
		for _, c := range copies[f.put.id] {
			if c.readable {
				return c.sequence
			}
		}
		return -1
	}
	byKey := map[shard.HashKey][]*fate{}
	for _, f := range s.book.fates {
		if f != nil && f.ends == 1 {
			byKey[f.place()] = append(byKey[f.place()], f)
		}
	}
	for _, fates := range byKey {
		for _, b := range fates {
			for _, a := range fates {
				switch {
				case a.returned >= b.called || b.outcome.Failure != nil:
				case a.outcome.Failure == nil && first(a) > first(b):
					s.breachf("order", "%v is read before %v, which was put before", b, a)
				case s.plan.cfg.halts && a.halts() && b.appended < s.cause(a):
					s.breachf("gap", "%v was acknowledged, and waited behind %v, which failed", b, a)
				}
			}
		}
	}
}

// cause is the event at which the failure was told that ended a record: its own end, or, if that was one before it, no sooner than
// the first that was told while it waited.
func (s *sim) cause(f *fate) int {
	if f.outcome.Failure.Code != shard.CodeBehindFailed {
		return f.ended
	}
	for _, at := range s.breaks {
		if at > f.appended {
			return at
		}
	}
	return 0
}

// halts says that a record failed in a way that ends what waits behind it.
func (f *fate) halts() bool {
	asked := f.put.told && f.put.urgent
	return f.outcome.Failure != nil && f.outcome.Failure.Code != shard.CodeShutdown && !asked
}
