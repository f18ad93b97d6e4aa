package simulation_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/kinecast/kinecast/shard"
)

// This file holds the shells around the pure cores, as package actors has them: who is told what, and when.

// cell is a lane and its actor.
type cell struct {
	box
	lane    *shard.Lane
	waiting bool // for a newer map
	resting bool
}

func (s *sim) newLane(sh shard.Shard, aggregate bool) *shard.Lane {
	cfg := &s.plan.cfg
	c := &cell{box: box{name: "the lane of " + sh.ID}}
	port := shard.NewPort(
		&shard.Limits{
			Aggregate: cfg.aggregate && aggregate, MaxCount: cfg.maxCount, MaxSize: cfg.maxSize, Linger: cfg.linger, Apart: cfg.apart(),
			Ordered: cfg.ordered, Halts: cfg.halts, RateLimit: cfg.rateLimit, HeldRecords: cfg.heldRecords, HeldBytes: cfg.heldBytes,
		},
		s.clock, func() { s.tell(&c.box, func() { s.step(c) }) })
	c.lane = shard.NewLane(sh, port, &s.policy)
	c.started = func() { s.step(c) }
	s.cells = append(s.cells, c)
	s.byPort[port] = c
	return c.lane
}

// step steps a lane and does what it decided.
func (s *sim) step(c *cell) {
	if c.resting {
		return
	}
	s.watch.judging(c)
	c.lane.Step(s.clock(), s.routes.Map)
	c.waiting = c.waiting || c.lane.Waiting()
	for e, ok := c.lane.Next(); ok; e, ok = c.lane.Next() {
		if s.laneDies > 0 {
			if s.laneDies--; s.laneDies == 0 {
				s.hit(markLaneDies)
				panic(injected{})
			}
		}
		s.effect(e)
		c.lane.Done()
	}
	s.watch.judged(c)
	if c.lane.Resting() {
		c.resting = true
		s.cells = slices.DeleteFunc(s.cells, func(o *cell) bool { return o == c })
	}
}

func (s *sim) effect(e *shard.Effect) {
	switch {
	case e.Ended != nil:
		s.ended(e.Ended)
	case e.Offer != nil:
		port := e.Offer.Port
		c := s.collector
		s.tell(&c.box, func() {
			if c.core != nil { // else it will ask when it starts
				c.core.Offer(s.clock(), port.Offer())
				s.collect()
			}
		})
	case e.Reroute != nil:
		s.homing = append(s.homing, e.Reroute...)
		s.tell(&s.front, s.tidy)
	case e.Refresh:
		s.tell(&s.refresher.box, s.refresh)
	}
}

// startFront is what every incarnation of the front does: it starts all others anew, if there is a stream.
func (s *sim) startFront() {
	s.adopted = false
	s.adopt()
}

func (s *sim) tidy() {
	rs := s.homing
	s.homing = nil
	if len(rs) > 0 {
		s.charge(s.table.Reroute(rs))
	}
}

func (s *sim) charge(n int64) {
	s.ledger.Bytes.Force(n)
	s.forced += max(n, 0)
}

// loaded is a map, or why there is none.
type loaded struct {
	m       *shard.Map
	failure *shard.Failure
}

// put puts a map in place.
func (s *sim) put(l loaded) {
	s.refresher.missing = l.failure != nil && l.failure.Class() == shard.Fatal
	if l.failure == nil {
		var c shard.Change
		if l.m != nil {
			c = s.table.Apply(l.m)
		} else {
			c = s.table.Unmapped()
		}
		s.notef("a map of %d shards is put in place", len(s.routes.Ports()))
		s.charge(c.Charge)
		for _, lane := range append(c.Opened, c.Retired...) {
			own := s.byPort[lane.Port()]
			s.tell(&own.box, own.started)
		}
		s.refresher.put = s.now
	}
	s.tidy()
	s.look()
	for _, c := range s.cells {
		if c.waiting {
			c.waiting = false
			s.tell(&c.box, func() {
				if !c.resting {
					s.watch.judging(c)
					c.lane.Remap(s.clock(), s.routes.Map)
					s.step(c)
				}
			})
		}
	}
	if f := l.failure; f != nil && (f.Class() == shard.Fatal || f.Class() == shard.Invalid) {
		for _, p := range s.routes.Ports() {
			p.Drop(f)
		}
	}
}

// sweepEvery is how often the front looks for records whose time is over.
const sweepEvery = 20 * time.Millisecond

func (s *sim) sweep() {
	if s.stopped {
		return
	}
	s.tell(&s.front, func() {
		for _, p := range s.routes.Ports() {
			p.Expire(s.clock())
		}
	})
	if len(s.book.fates) > 0 || !s.closing {
		s.at(s.now+sweepEvery, s.sweep)
	}
}

// refresher loads maps: at the start, when it is asked, and again after a failure.
type refresher struct {
	box
	loading, again, paused bool
	missing                bool // the newest load says that the stream cannot be used
	failures               int
	timer                  int
	last                   time.Duration // when the newest load began
	put                    time.Duration // when the newest map was put in place
}

const reloadPause = time.Second

func (s *sim) refresh() {
	r := s.refresher
	switch {
	case r.loading:
		r.again = true
	case !r.paused:
		s.pause(r.last + reloadPause)
	}
}

func (s *sim) pause(until time.Duration) {
	r := s.refresher
	r.timer++
	r.paused = true
	timer := r.timer
	s.at(until, func() {
		s.tell(&r.box, func() {
			if timer == r.timer {
				r.paused = false
				s.load()
			}
		})
	})
}

func (s *sim) load() {
	r := s.refresher
	if r.loading || s.stopped {
		return
	}
	r.loading, r.again, r.paused, r.last = true, false, false, s.now
	r.timer++
	there, back := s.way(), s.way()
	if s.struck(faultSlowLoad) {
		there, back = there+2*time.Second, back+2*time.Second
	}
	s.at(s.now+there, func() {
		l := s.listed()
		s.at(s.now+back, func() {
			s.tell(&r.box, func() {
				r.loading = false
				s.tell(&s.front, func() {
					if r == s.refresher && !s.gone {
						s.put(l)
					}
				})
				switch {
				case l.failure != nil:
					r.failures++
					s.pause(s.now + min(50*time.Millisecond<<min(r.failures-1, 16), 5*time.Second))
				case r.again:
					r.failures = 0
					s.pause(s.now + reloadPause)
				default:
					r.failures = 0
				}
			})
		})
	})
}

// listed asks the service for its shards.
func (s *sim) listed() loaded {
	switch {
	case s.now < s.service.gone:
		return loaded{failure: &shard.Failure{Code: "ResourceNotFoundException", Status: 400}}
	case s.struck(faultLoadFails):
		return loaded{failure: &shard.Failure{Code: "LimitExceededException", Status: 400}}
	case s.struck(faultLoadDenied):
		if s.plan.cfg.ordered && s.routes.Map == nil {
			return loaded{failure: &shard.Failure{Code: "AccessDeniedException", Status: 400}}
		}
		return loaded{}
	}
	list, err := s.service.list(!s.struck(faultShortList))
	if err != nil {
		s.breachf("map", "%v", err)
	}
	m, err := shard.NewMap(list)
	if err != nil {
		s.breachf("map", "%v", err)
	}
	return loaded{m: m}
}

// collector starts requests.
type collector struct {
	box
	core   *shard.Collector
	timer  int
	hungry bool
	asked  time.Duration
}

// pool is where the collector finds a free sender, and room for what all requests hold.
type pool struct{ free, busy, flying, room int }

func (s *sim) startCollector() {
	cfg := &s.plan.cfg
	s.collector.core = shard.NewCollector(
		&shard.RequestLimits{
			Records: cfg.requestRecords, Bytes: cfg.requestBytes, ShardBytes: cfg.shardBytes, Early: max(cfg.linger, cfg.apart()) / 5,
		},
		s.breaker)
	s.collector.asked = -time.Hour
	for _, p := range s.routes.Ports() {
		p.Nudge()
	}
	s.collect()
}

// end is how a request ended: the breaker is to be told, by whichever collector comes to it.
type end struct {
	flight  *flight
	failure *shard.Failure
}

// hear tells the breaker how requests ended. One that the collector dies over is told again.
func (s *sim) hear() {
	for len(s.ends) > 0 {
		e := s.ends[0]
		s.collector.core.Done(s.clock(), e.flight.q, e.failure)
		s.watch.heard(e.flight, e.failure)
		s.ends = s.ends[1:]
	}
}

func (s *sim) look() { s.tell(&s.collector.box, s.collect) }

func (s *sim) pressed() bool { return len(s.lines)+len(s.queued) > 0 }

// collect starts requests while it is time for one and a sender is free, then sets the timer for the next change.
func (s *sim) collect() {
	c := s.collector
	if c.core == nil {
		return // it has not started
	}
	c.timer++
	s.hear()
	for {
		c.core.Hurry(s.clock(), s.hurries > 0 || s.pressed() && s.pool.busy == 0)
		if !c.core.Open(s.clock()) {
			break
		}
		if s.refresher.missing {
			return // the next load brings the map of the stream that is back, or ends what waits
		}
		if wait := s.doubt(); wait > 0 {
			s.wake(s.now + wait)
			return
		}
		if s.pool.free == 0 || s.pool.busy > 0 && s.pool.room-s.pool.flying < 64<<10 {
			c.hungry = true
			return
		}
		q := c.core.Next(s.clock(), s.pool.room-s.pool.flying)
		if q == nil {
			break
		}
		s.board(q)
	}
	if at, ok := c.core.Wake(s.clock()); ok {
		s.wake(at.Sub(noon))
	}
}

func (s *sim) wake(at time.Duration) {
	c := s.collector
	timer := c.timer
	s.at(at, func() {
		if timer == c.timer && !c.stopped {
			s.look()
		}
	})
}

// doubt asks for a newer map if this one is old, and says how long to wait for it.
func (s *sim) doubt() time.Duration {
	age := s.now - s.refresher.put
	if s.routes.Map == nil || age < time.Minute {
		return 0
	}
	if s.now-s.collector.asked >= time.Minute {
		s.collector.asked = s.now
		s.tell(&s.refresher.box, s.refresh)
	}
	if age < 2*time.Minute {
		return 0
	}
	return s.collector.asked + 7*time.Second - s.now
}

func nameOf(r *shard.Record) string {
	return fmt.Sprint(usersOf(r))
}
