package actors

import (
	"github.com/asynkron/protoactor-go/actor"
)

// guardActor is the top of a producer's tree. It keeps the front alive and reports when everything below is gone.
type guardActor struct{ tree *Tree }

// Receive implements actor.Actor.
func (g *guardActor) Receive(ctx actor.Context) {
	switch ctx.Message().(type) {
	case *actor.Started:
		front := ctx.SpawnPrefix(g.tree.props(func() actor.Actor { return &frontActor{tree: g.tree} }), "front")
		g.tree.front.Store(front)
	case *actor.Stopped:
		close(g.tree.stopped)
	}
}
