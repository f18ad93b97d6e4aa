package simulation_test

import (
	"errors"
	"slices"
	"time"

	"github.com/kinecast/kinecast/internal/ledger"
	"github.com/kinecast/kinecast/shard"
)

// caller is a goroutine that puts one record after another.
type caller struct {
	puts []*fate
	busy bool
}

// line is a caller who waits for room.
type line struct {
	fate   *fate
	room   *ledger.Room
	waiter *ledger.Waiter
	next   func()
}

var (
	errClosed   = errors.New("closed")
	errFull     = errors.New("full")
	errTooLarge = errors.New("too large")
	errGaveUp   = errors.New("gave up")
	errFailed   = errors.New("an earlier one failed")
)

// give leaves a record to a caller, who comes to it when he is through with those before.
func (s *sim) give(p put) {
	f := &fate{put: p, s: s, data: dataOf(p)}
	for len(s.book.fates) <= p.id {
		s.book.fates = append(s.book.fates, nil)
	}
	s.book.fates[p.id] = f
	s.callers[p.caller].puts = append(s.callers[p.caller].puts, f)
	s.call(&s.callers[p.caller])
}

// call lets a caller begin his next put.
func (s *sim) call(c *caller) {
	if c.busy || len(c.puts) == 0 {
		return
	}
	f := c.puts[0]
	c.puts = c.puts[1:]
	c.busy = true
	s.at(s.now+time.Duration(s.rng.IntN(1000)), func() { s.admit(c, f) })
}

// returned ends a put: the record is admitted, or nobody ever hears of it again.
func (s *sim) returned(c *caller, f *fate, refusal error) {
	f.refusal, f.returned = refusal, s.steps
	if f.waits {
		f.waits = false
		s.waiters--
	}
	c.busy = false
	s.noteOf([]int{f.put.id}, "put returns: %v", refusal)
	if refusal == nil {
		s.hit(markAdmitted)
	} else {
		s.hit(markRefused)
	}
	s.call(c)
}

// admit is the way in, as the root has it.
func (s *sim) admit(c *caller, f *fate) {
	f.called = s.steps
	switch {
	case s.closing:
		s.returned(c, f, errClosed)
		return
	case s.broken:
		s.returned(c, f, errFailed)
		return
	}
	if err := s.reopen(); err != nil {
		s.returned(c, f, err)
		return
	}
	e := s.ledger.Enter()
	f.epoch, f.entered = e.Number(), true
	refuse := func(err error) {
		s.ledger.Leave(e, 1)
		f.left = true
		s.returned(c, f, err)
	}
	s.later(func() {
		if s.closing {
			refuse(errClosed)
			return
		}
		s.wait(f, &s.ledger.Records, 1, refuse, func() { s.append(c, f, 0, refuse) })
	})
}

// append hands the record over, with so many bytes granted.
func (s *sim) append(c *caller, f *fate, granted int64, refuse func(error)) {
	port, table := s.routes.Find(f.place()), s.table
	s.later(func() {
		entry := f.entry()
		a := port.Append(&entry, granted)
		back := func() {
			s.ledger.Bytes.Give(granted)
			s.ledger.Records.Give(1)
		}
		quit := func(err error) {
			back()
			f.leaveLine()
			refuse(err)
		}
		if !a.Taken() {
			f.slowly()
		}
		switch {
		case a.Retired && (s.gone || table != s.table):
			back()
			f.leaveLine()
			if err := s.reopen(); err != nil {
				refuse(err)
				return
			}
			s.hit(markBegunAnew)
			s.wait(f, &s.ledger.Records, 1, refuse, func() { s.append(c, f, 0, refuse) })
		case a.Crowded:
			back()
			s.hit(markCrowded)
			s.queueUp(c, f, port.Line(), refuse)
		case a.Retired:
			s.append(c, f, granted, refuse)
		case a.Shut:
			quit(errClosed)
		case a.Need > s.ledger.Bytes.Limit():
			quit(errTooLarge)
		case a.Need > 0 && s.ledger.Bytes.Try(a.Need-granted):
			s.append(c, f, a.Need, refuse)
		case a.Need > 0:
			s.ledger.Bytes.Give(granted) // two who wait while they hold a part could wait for each other
			granted = 0
			s.wait(f, &s.ledger.Bytes, a.Need, quit, func() { s.append(c, f, a.Need, refuse) })
		default:
			if granted > a.Used {
				s.ledger.Bytes.Give(granted - a.Used)
			}
			f.admitted, f.appended = s.now, s.steps
			s.later(func() {
				s.received++
				f.leaveLine()
				s.returned(c, f, nil)
			})
		}
	})
}

// wait takes room, and waits for it if the caller does.
func (s *sim) wait(f *fate, r *ledger.Room, need int64, refuse func(error), next func()) {
	if r.Try(need) {
		next()
		return
	}
	if f.put.verb == tries {
		refuse(errFull)
		return
	}
	s.hit(markWaited)
	f.slowly()
	l := &line{fate: f, room: r, waiter: r.Join(need), next: next}
	s.lines = append(s.lines, l)
	s.look()
	s.patience(f, func(why error) {
		if !slices.Contains(s.lines, l) {
			return
		}
		s.lines = slices.DeleteFunc(s.lines, func(o *line) bool { return o == l })
		if !r.Quit(l.waiter) {
			r.Give(l.waiter.Need())
		}
		refuse(why)
	})
}

// patience lets a waiting caller give up, by himself or because of Close.
func (s *sim) patience(f *fate, give func(error)) {
	f.giveUp = give
	if f.put.verb == impatient {
		s.at(s.now+50*time.Millisecond, func() { give(errGaveUp) })
	}
}

// queueUp waits in the line of a crowded shard, holding nothing, and then takes a place in the queue again.
func (s *sim) queueUp(c *caller, f *fate, l *shard.Line, refuse func(error)) {
	if f.put.verb == tries {
		refuse(errFull)
		return
	}
	again := func() {
		f.first = true
		s.wait(f, &s.ledger.Records, 1, func(err error) { f.leaveLine(); refuse(err) }, func() { s.append(c, f, 0, refuse) })
	}
	if f.line != l {
		f.leaveLine() // the shard has closed meanwhile, and its successor is crowded, too
		f.line, f.turn = l, l.Join()
		if f.turn.First() {
			again()
			return
		}
	}
	q := &queued{f, again}
	s.queued = append(s.queued, q)
	s.look()
	s.patience(f, func(why error) {
		if !slices.Contains(s.queued, q) {
			return
		}
		s.queued = slices.DeleteFunc(s.queued, func(o *queued) bool { return o == q })
		f.leaveLine()
		refuse(why)
	})
}

// queued is a caller in the line of a shard.
type queued struct {
	fate *fate
	next func()
}

func (f *fate) leaveLine() {
	if f.turn != nil {
		f.turn.Leave()
		f.line, f.turn, f.first = nil, nil, false
	}
}

// flush is somebody who waits for an epoch to end.
type flush struct {
	epoch *ledger.Epoch
	then  func()
}

func (s *sim) flush(then func()) {
	s.hurries++
	e := s.ledger.Turn()
	s.look()
	s.flushes = append(s.flushes, &flush{e, func() {
		s.hurries--
		for _, f := range s.book.fates {
			if f != nil && f.entered && f.epoch <= e.Number() && !f.left && f.ends == 0 {
				s.breachf("flush", "a flush of epoch %d returns before %v has ended", e.Number(), f)
			}
		}
		if then != nil {
			then()
		}
	}})
}

// poll looks who need not wait any longer.
func (s *sim) poll() {
	for i := 0; i < len(s.lines); i++ {
		l := s.lines[i]
		if !closed(l.waiter.Granted()) {
			continue
		}
		s.lines = slices.Delete(s.lines, i, i+1)
		i--
		s.later(l.next)
	}
	for i := 0; i < len(s.queued); i++ {
		q := s.queued[i]
		if !closed(q.fate.turn.Called()) || !q.fate.turn.First() {
			continue
		}
		s.queued = slices.Delete(s.queued, i, i+1)
		i--
		s.later(q.next)
	}
	for i := 0; i < len(s.flushes); i++ {
		f := s.flushes[i]
		if !closed(f.epoch.Ended()) {
			continue
		}
		s.flushes = slices.Delete(s.flushes, i, i+1)
		i--
		f.then()
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// shut closes the producer: it drains, for so long or, if that is negative, for as long as it takes; then it stops everything.
func (s *sim) shut(patience time.Duration) {
	s.notef("Close, with %v to drain", patience)
	s.closing = true
	s.turnAway(errClosed)
	s.draining = true
	stop := func() {
		if s.draining {
			s.draining = false
			s.stop()
		}
	}
	s.flush(stop)
	if patience >= 0 {
		s.at(s.now+patience, stop)
	}
}

// turnAway ends the waiting of all callers.
func (s *sim) turnAway(why error) {
	for _, l := range slices.Clone(s.lines) {
		l.fate.giveUp(why)
	}
	for _, q := range slices.Clone(s.queued) {
		q.fate.giveUp(why)
	}
}

// stop ends the actors, then the calls, and then what is left.
func (s *sim) stop() {
	s.stopped = true
	for _, f := range slices.Clone(s.flights) {
		if s.rng.IntN(2) == 0 { // ends because it was told to; others have their answer within the second that they are given
			s.land(f, nil, &shard.Failure{Code: shard.CodeShutdown, Sent: f.flying})
		}
	}
	s.at(s.now+time.Second, s.bury)
}

// bury ends every record that is left, by driving the lanes by hand.
func (s *sim) bury() {
	f := &shard.Failure{Code: shard.CodeShutdown}
	for _, flight := range slices.Clone(s.flights) {
		if flight.flying {
			for _, r := range flight.q.Records {
				r.Lend()
			}
		}
		s.land(flight, nil, &shard.Failure{Code: shard.CodeShutdown, Sent: flight.flying})
	}
	for _, c := range s.cells {
		c.lane.Port().Shut(f)
		s.judgePanics = 0
		c.lane.Step(s.clock(), nil)
		for e, ok := c.lane.Next(); ok; e, ok = c.lane.Next() {
			if e.Ended != nil {
				s.ended(e.Ended)
			}
			for _, r := range e.Reroute {
				s.ended(shard.EndedBy(r, f))
			}
			c.lane.Done()
		}
	}
	for _, r := range s.homing {
		s.ended(shard.EndedBy(r, f))
	}
	s.homing = nil
	last := s.ledger.Turn()
	s.flushes = append(s.flushes, &flush{last, func() { s.over = true }})
}
