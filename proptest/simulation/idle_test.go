package simulation_test

import (
	"time"

	"github.com/kinecast/kinecast/shard"
)

// This file holds the release of a stream that nothing is outstanding in, and its return with the next record. A plan asks for it
// at any moment, and not only when the stream has been idle for long.

// release gives up the stream if nothing is in it, nobody waits in it, and no failure sticks to it.
func (s *sim) release() {
	if s.gone || !s.adopted || len(s.homing) > 0 || len(s.cells) > len(s.table.Lanes()) {
		return
	}
	unused := func() bool { return s.waiters == 0 && !s.broken && s.received == s.settled }
	if !s.table.Leave(unused) {
		return
	}
	s.hit(markReleased)
	s.notef("the stream is released")
	s.gone, s.adopted = true, false
	s.collector.stopped, s.refresher.stopped = true, true
	for _, c := range s.cells {
		s.rest(c)
	}
	s.cells = nil
}

// rest lets the lane of a released stream do what it has left to do, which concerns no record.
func (s *sim) rest(c *cell) {
	c.stopped, c.resting = true, true
	c.lane.Step(s.clock(), s.routes.Map)
	for e, ok := c.lane.Next(); ok; e, ok = c.lane.Next() {
		if e.Ended != nil || e.Reroute != nil {
			s.breachf("rest", "%s still has a record, and its stream was released", c.name)
		}
		c.lane.Done()
	}
	if !c.lane.Resting() {
		s.breachf("rest", "%s does not rest, and its stream was released", c.name)
	}
}

// prepare makes the stream anew; nothing leaves it before the front has adopted it.
func (s *sim) prepare() {
	s.gone, s.ends = false, nil
	s.breaker = shard.NewBreaker(s.backoff)
	s.watch.forget()
	s.collector = &collector{box: box{name: "the collector", started: s.startCollector}, asked: -time.Hour}
	s.refresher = &refresher{box: box{name: "the refresher", started: s.load}}
	s.table = shard.NewTable(s.newLane, func(r *shard.Routes) { s.routes = r })
}

// reopen brings a released stream back, unless the producer closes.
func (s *sim) reopen() error {
	switch {
	case !s.gone:
	case s.closing:
		return errClosed
	default:
		s.hit(markReopened)
		s.notef("the stream comes back")
		s.prepare()
		s.tell(&s.front, s.adopt)
	}
	return nil
}

// adopt starts the actors of the stream, once an incarnation of the front.
func (s *sim) adopt() {
	if s.adopted || s.gone {
		return
	}
	s.adopted = true
	for _, c := range s.cells {
		s.tell(&c.box, c.started)
	}
	s.tell(&s.collector.box, s.startCollector)
	s.tell(&s.refresher.box, s.load)
	s.tidy()
}

// slowly counts a caller whose put has not come in at the first try, until it returns.
func (f *fate) slowly() {
	if !f.waits {
		f.waits = true
		f.s.waiters++
	}
}
