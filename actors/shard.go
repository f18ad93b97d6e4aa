package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// shardActor drives the lane of one shard: it steps it after a wake and does what the lane decided. The lane is kept
// when the actor dies; its outbox says what had been decided and not done.
type shardActor struct {
	stream *Stream
	cell   *cell
}

// Receive implements actor.Actor.
func (a *shardActor) Receive(ctx actor.Context) {
	a.stream.tree.fault("shard", ctx.Message())
	switch ctx.Message().(type) {
	case *actor.Started:
		a.cell.pid.Store(ctx.Self())
		a.step(ctx)
		if a.cell.lane.Waiting() {
			a.stream.Refresh() // the news of the map that it waits for may have died with the incarnation before
		}
	case *wake:
		a.step(ctx)
	case *remap:
		a.cell.lane.Remap(a.now(), a.stream.Routes().Map)
		a.step(ctx)
	}
}

func (a *shardActor) step(ctx actor.Context) {
	lane := a.cell.lane
	lane.Step(a.now(), a.stream.Routes().Map)
	if lane.Waiting() {
		a.cell.waiting.Store(true)
	}
	for {
		e, ok := lane.Next()
		if !ok {
			break
		}
		a.do(ctx, e)
		lane.Done()
	}
	if lane.Resting() {
		a.stream.forget(a.cell)
		ctx.Stop(ctx.Self())
	}
}

// do performs one effect.
func (a *shardActor) do(ctx actor.Context, e *shard.Effect) {
	a.stream.tree.fault("shard effect", e)
	switch {
	case e.Ended != nil:
		a.stream.owner.Ended(e.Ended)
	case e.Offer != nil:
		if pid := a.stream.collector.Load(); pid != nil {
			ctx.Send(pid, &offer{Offer: *e.Offer})
		}
	case e.Reroute != nil:
		a.stream.leave(e.Reroute)
	case e.Refresh:
		a.stream.Refresh()
	}
}

func (a *shardActor) now() time.Time { return a.stream.tree.plan.Clock() }
