package simulation_test

import (
	"slices"
	"time"

	"github.com/kinecast/kinecast/proptest/kcl"
	"github.com/kinecast/kinecast/shard"
)

// flight is one request under way.
type flight struct {
	q      *shard.Request
	sent   []entry
	start  time.Duration
	flying bool // its call is being made
	landed bool
}

// entry is a record of a request as the service gets it: a copy, since a call that was given up may arrive late.
type entry struct {
	kinesis kcl.Kinesis
	users   []int
	poison  bool
}

func (s *sim) board(q *shard.Request) {
	f := &flight{q: q}
	s.pool.free--
	s.pool.busy++
	s.pool.flying += q.Bytes
	s.flights = append(s.flights, f)
	s.watch.taken(f)
	s.at(s.now+s.hop(), func() { s.depart(f) })
}

// depart makes the call.
func (s *sim) depart(f *flight) {
	if f.landed {
		return
	}
	f.flying, f.start = true, s.now
	s.hit(markRequest)
	for _, r := range f.q.Records {
		e := entry{kinesis: kcl.Kinesis{Key: string(r.Key()), Data: r.AppendData(nil)}, users: usersOf(r)}
		if h, explicit := r.HashKey(); explicit {
			e.kinesis.HashKey = h.String()
		}
		e.poison = slices.ContainsFunc(e.users, func(id int) bool { return s.book.fates[id].put.poison })
		f.sent = append(f.sent, e)
		s.noteOf(e.users, "sent in a request of %d", len(f.q.Records))
	}
	s.watch.started(f)
	s.at(s.now+s.way(), func() { s.serve(f) })
	s.at(s.now+s.plan.cfg.timeout, func() {
		if !f.landed {
			s.hit(markTimeout)
		}
		s.land(f, nil, &shard.Failure{Code: shard.CodeTimeout, Sent: true})
	})
}

// way is how long a call takes one way.
func (s *sim) way() time.Duration {
	return time.Duration(1+s.rng.IntN(100_000)) + within(s.rng, s.plan.cfg.latency)
}

// land leaves the answers at the ports. The collector hears of the end first.
func (s *sim) land(f *flight, answers []shard.Answer, failure *shard.Failure) {
	if f.landed {
		return
	}
	f.landed = true
	s.flights = slices.DeleteFunc(s.flights, func(o *flight) bool { return o == f })
	took := s.now - f.start
	if !f.flying {
		f.start = s.now
	}
	s.ends = append(s.ends, end{f, failure})
	s.look()
	for i, r := range f.q.Records {
		a := shard.Answer{}
		if failure == nil {
			a = answers[i]
			s.noteOf(f.sent[i].users, "answered: %s %s %v", a.ShardID, a.SequenceNumber, codeOf(a.Failure))
		} else {
			a.Failure, a.Class, a.Whole, a.Others = failure, failure.Class(), true, len(f.q.Records)-1
			s.noteOf(usersOf(r), "the request fails: %s", failure.Code)
		}
		a.Record, a.Start, a.Took = r, noon.Add(f.start), took
		s.watch.left(f.q.Ports[i], a)
		f.q.Ports[i].Answer(a)
	}
	s.pool.free++
	s.pool.busy--
	s.pool.flying -= f.q.Bytes
	if s.collector.hungry {
		s.collector.hungry = false
		s.look()
	}
	if s.pressed() {
		s.look()
	}
}

func codeOf(f *shard.Failure) string {
	if f == nil {
		return "stored"
	}
	return f.Code
}

// serve is the service's side of a call, with whatever fault befalls it.
func (s *sim) serve(f *flight) {
	if s.stopped && f.landed && s.rng.IntN(2) == 0 {
		return // cancelled before it arrived
	}
	refuse := func(code string, status int, sent bool) {
		s.answer(f, nil, &shard.Failure{Code: code, Status: status, Sent: sent})
	}
	switch {
	case s.now < s.service.gone:
		refuse("ResourceNotFoundException", 400, true)
	case slices.ContainsFunc(f.sent, func(e entry) bool { return e.poison }):
		s.hit(markPoison)
		refuse("ValidationException", 400, true)
	case s.struck(faultDead):
		refuse(shard.CodeNoAnswer, 0, false)
	case s.struck(faultExpiredToken):
		refuse("ExpiredTokenException", 400, true)
	case s.struck(faultDenied):
		refuse("AccessDeniedException", 400, true)
	case s.struck(faultInvalid):
		refuse("ValidationException", 400, true)
	case s.struck(faultCallThrottled):
		refuse("LimitExceededException", 400, true)
	case s.struck(faultUnavailable):
		refuse("ServiceUnavailable", 503, true)
	case s.struck(faultLost):
		s.store(f, len(f.sent))
		refuse(shard.CodeNoAnswer, 0, true)
	case s.struck(faultPart):
		s.store(f, s.rng.IntN(len(f.sent)+1))
		refuse("InternalFailureException", 500, true)
	case s.struck(faultHang):
	case s.struck(faultLate):
		s.at(s.now+within(s.rng, 20*time.Second), func() { s.store(f, len(f.sent)) })
	case s.struck(faultWrongCount):
		s.store(f, len(f.sent))
		refuse(shard.CodeCountMismatch, 200, true)
	default:
		s.answer(f, s.store(f, len(f.sent)), nil)
	}
}

// answer sends an answer back.
func (s *sim) answer(f *flight, answers []shard.Answer, failure *shard.Failure) {
	s.at(s.now+s.way(), func() { s.land(f, answers, failure) })
}

// store stores the first n records of a request, but those that are refused one by one.
func (s *sim) store(f *flight, n int) (answers []shard.Answer) {
	if s.now < s.service.gone {
		return nil // late, and the stream has gone
	}
	refuse := func(code string) {
		answers = append(answers, shard.Answer{Failure: &shard.Failure{Code: code}, Class: shard.ClassOfCode(code)})
	}
	for _, e := range f.sent[:n] {
		if s.hot(e) {
			refuse("ProvisionedThroughputExceededException")
			continue
		}
		if s.struck(faultInternal) {
			if s.rng.IntN(2) == 0 {
				s.keep(e)
			}
			refuse("InternalFailure")
			continue
		}
		a := s.keep(e)
		if s.struck(faultStrange) {
			a.ShardID = "shardId-999999999999"
			s.book.lied = true
		}
		answers = append(answers, a)
	}
	return answers
}

func (s *sim) keep(e entry) shard.Answer {
	in, sequence := s.service.store(e.kinesis)
	s.noteOf(e.users, "stored in %s at %d", in.id, sequence)
	return shard.Answer{ShardID: in.id, SequenceNumber: sequenceText(sequence)}
}

// hot says whether a record's shard throttles.
func (s *sim) hot(e entry) bool {
	for _, f := range s.faults {
		if f.kind != faultHotShard || s.now >= f.ends {
			continue
		}
		open := s.service.open()
		at := kcl.PointOf(e.kinesis.Key)
		if e.kinesis.HashKey != "" {
			at, _ = kcl.ParsePoint(e.kinesis.HashKey)
		}
		if open[f.n%uint64(len(open))].keys.Contains(at) {
			s.hit(markOf(faultHotShard))
			return true
		}
	}
	return s.struck(faultThrottled)
}

// struck says whether a fault of this kind befalls the caller now.
func (s *sim) struck(kind faultKind) bool {
	for _, f := range s.faults {
		if f.kind == kind && s.now < f.ends && s.rng.IntN(f.one) == 0 {
			s.hit(markOf(kind))
			return true
		}
	}
	return false
}
