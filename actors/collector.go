package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// collectorActor starts the requests of one stream. Its core is made anew with each incarnation: the ports are asked to
// post their offers again. What the breaker knows, and how requests ended, is the stream's.
type collectorActor struct {
	stream *Stream
	core   *shard.Collector
	timer  *time.Timer
	at     time.Time // what the timer is set to
	asked  time.Time // when a newer map was asked for because this one is old
}

// Receive implements actor.Actor.
func (c *collectorActor) Receive(ctx actor.Context) {
	plan := &c.stream.tree.plan
	c.stream.tree.fault("collector", ctx.Message())
	if c.stream.quits(ctx) {
		return
	}
	switch m := ctx.Message().(type) {
	case *actor.Started:
		c.start(ctx)
	case *offer:
		c.core.Offer(plan.Clock(), m.Port.Offer()) // what was on offer when this was sent may have been taken since
		c.run(ctx)
	case *look:
		c.run(ctx)
	case *actor.Stopping, *actor.Restarting:
		c.stop()
		if c.stream.gone.Load() {
			c.stream.tree.pool.forget(c.stream)
		}
	}
}

func (c *collectorActor) start(ctx actor.Context) {
	plan := &c.stream.tree.plan
	c.core = shard.NewCollector(&plan.Requests, c.stream.breaker)
	c.stream.collector.Store(ctx.Self())
	for _, p := range c.stream.Routes().Ports() {
		p.Nudge()
	}
	c.run(ctx)
}

// hear tells the breaker how requests ended.
func (c *collectorActor) hear() {
	for e, ok := c.stream.nextEnd(); ok; e, ok = c.stream.nextEnd() {
		c.core.Done(c.stream.tree.plan.Clock(), e.request, e.failure)
		c.stream.dropEnd()
	}
}

// run starts requests while it is time for one and a sender is free, then sets the timer for the next change.
func (c *collectorActor) run(ctx actor.Context) {
	tree := c.stream.tree
	c.hear()
	for {
		now := tree.plan.Clock()
		c.core.Hurry(now, tree.plan.Hurry() || tree.plan.Pressed() && tree.pool.resting())
		if !c.core.Open(now) {
			break
		}
		if c.stream.missing.Load() {
			tree.pool.pass()
			return // nothing would be taken; the next load ends what waits, or brings the map of the stream that is back
		}
		if wait := c.doubt(now); wait > 0 {
			tree.pool.pass()
			c.wake(ctx, now.Add(wait))
			return
		}
		seat, ok := tree.pool.take(c.stream)
		if !ok {
			return // the pool calls when one is free
		}
		req := c.core.Next(now, seat.budget)
		if req == nil {
			tree.pool.give(seat, 0)
			break
		}
		tree.pool.load(int64(req.Bytes))
		m := &send{stream: c.stream, req: req, seat: seat}
		tree.board(m)
		ctx.Send(seat.sender, m)
	}
	tree.pool.pass()
	c.sleep(ctx)
}

// sleep sets the timer to the next time at which something changes by itself.
func (c *collectorActor) sleep(ctx actor.Context) {
	now := c.stream.tree.plan.Clock()
	if !now.Before(c.at) {
		c.stop() // it has fired
	}
	at, ok := c.core.Wake(now)
	if ok {
		c.wake(ctx, at)
	}
}

// wake sets the timer.
func (c *collectorActor) wake(ctx actor.Context, at time.Time) {
	if at.Equal(c.at) && c.timer != nil {
		return
	}
	c.stop()
	self, tree := ctx.Self(), c.stream.tree
	c.at = at
	c.timer = time.AfterFunc(at.Sub(tree.plan.Clock()), func() { tree.tell(self, theLook) })
}

// How old a map may be. A reshard shows in the answers to what is sent, but a stream that was deleted and made again may
// have shards with the same ids and other ranges, and then nothing shows. So a stream in use asks for a map every minute,
// and one that has not been used for two waits for it before it sends, for a moment: longer than loads back off at most, since a
// stream that is gone makes them fail until it is back.
const (
	mapFresh    = time.Minute
	mapStale    = 2 * time.Minute
	mapPatience = 7 * time.Second
)

// doubt asks for a newer map if this one is old, and says how long to wait for it.
func (c *collectorActor) doubt(now time.Time) time.Duration {
	s := c.stream
	age := now.Sub(time.Unix(0, s.loaded.Load()))
	plain := s.plain.Load() // it may be told to heed keys again, but no need to wait for that
	if s.Routes().Map == nil && !plain || age < mapFresh {
		return 0
	}
	if now.Sub(c.asked) >= mapFresh {
		c.asked = now
		s.Refresh()
	}
	if plain || age < mapStale {
		return 0
	}
	return c.asked.Add(mapPatience).Sub(now)
}

func (c *collectorActor) stop() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}
