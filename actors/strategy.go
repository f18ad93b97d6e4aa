package actors

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// restarter is the supervision of everything below the guard. Expected errors never get here, they travel as values; a
// panic is a bug, and the answer is a new incarnation with the kept state, after a pause that grows while the failures go
// on and is forgotten when they stop.
type restarter struct{ tree *Tree }

const (
	restartPause    = 10 * time.Millisecond
	restartPauseCap = 5 * time.Second
	// restartMemory is how long a failure counts. It is longer than the cap, or the pause would never reach it.
	restartMemory = 30 * time.Second
)

// HandleFailure implements actor.SupervisorStrategy. It runs in the mailbox of the parent.
func (r *restarter) HandleFailure(system *actor.ActorSystem, parent actor.Supervisor, child *actor.PID,
	stats *actor.RestartStatistics, reason, _ any,
) {
	if stats.NumberOfFailures(restartMemory) == 0 {
		stats.Reset() // or its list would grow for ever
	}
	stats.Fail()
	pause := restartPause << min(stats.NumberOfFailures(restartMemory)-1, 10)
	pause = min(pause, restartPauseCap)
	pause += rand.N(pause/4 + 1)
	// %T and not %v: a panic's value may quote a record.
	r.tree.plan.Logger.Error("kinecast: an actor panicked and will be restarted",
		slog.String("actor", child.Id), slog.String("panic", fmt.Sprintf("%T", reason)), slog.Duration("pause", pause))
	system.EventStream.Publish(&actor.SupervisorEvent{Child: child, Reason: reason, Directive: actor.RestartDirective})
	self := parent.(actor.Context).Self()
	time.AfterFunc(pause, func() { r.tree.tell(self, &revive{child: child}) })
}
