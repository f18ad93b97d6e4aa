package actors

import (
	"github.com/asynkron/protoactor-go/actor"
)

// guardActor is the top of a producer's tree. It keeps the front alive, takes failures to the user's actor above it, and
// reports when everything below is gone.
type guardActor struct {
	tree    *Tree
	leaving bool // its child has been told to stop
}

// Receive implements actor.Actor.
func (g *guardActor) Receive(ctx actor.Context) {
	g.tree.fault("guard", ctx.Message())
	switch m := ctx.Message().(type) {
	case *actor.Started:
		front := ctx.SpawnPrefix(g.tree.props(func() actor.Actor { return &frontActor{tree: g.tree} }), "front")
		g.tree.front.Store(front)
	case *escalate:
		// Failing without a panic loses nothing. The second message waits while the guard is suspended, and is handled
		// when the parent has said resume or restart; after a stop it is never handled.
		ctx.(actor.Supervisor).EscalateFailure(m.reason, nil)
		ctx.Send(ctx.Self(), &forgiven{})
	case *revive:
		if !g.leaving {
			ctx.(actor.Supervisor).RestartChildren(m.child)
		}
	case *actor.Stopping, *actor.Restarting:
		g.leaving = true
	case *forgiven:
		g.tree.plan.Forgiven()
	case *actor.Stopped:
		g.tree.gone()
	}
}
