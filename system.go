package kinecast

import (
	"log/slog"
	"slices"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/eventstream"
)

// ActorSystem is protoactor's, under a name that configurations can use without importing it.
type ActorSystem = actor.ActorSystem

// sharedSystem is the actor system of producers that were not given one. It holds no goroutine, channel or timer that
// is used, so producers in different testing/synctest bubbles may share it. Its event stream is a new one, without the
// subscriber that logs dead letters: that one starts a goroutine and a timer for a second, and a Stop that meets an actor
// which has just stopped itself is a dead letter.
var sharedSystem = sync.OnceValue(func() *ActorSystem {
	system := actor.NewActorSystem(
		actor.WithLoggerFactory(func(*ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }))
	system.EventStream = eventstream.NewEventStream()
	slim(system)
	return system
})

// buckets is how many tables a registry of processes needs. Each has 32 maps with a lock of their own, so that what ten
// thousand actors take out of them is found in maps of some twenty.
const buckets = 16

// slim gives a system that nobody uses yet a registry of fewer tables. protoactor's has 1,024, which take 2.5 MB: a tenth of
// what a busy producer holds.
func slim(system *ActorSystem) {
	registry := system.ProcessRegistry
	if len(registry.LocalPIDs.LocalPIDs) <= buckets {
		return
	}
	there := map[string]any{}
	for _, table := range registry.LocalPIDs.LocalPIDs {
		table.IterCb(func(id string, process any) { there[id] = process })
	}
	registry.LocalPIDs = &actor.SliceMap{LocalPIDs: slices.Clone(registry.LocalPIDs.LocalPIDs[:buckets])}
	for id, process := range there {
		registry.LocalPIDs.GetBucket(id).Set(id, process)
	}
}
