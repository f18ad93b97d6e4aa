package kinecast

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// The shared system's registry is small, and has all that protoactor put into it before: what a dead letter needs, too.
func TestSharedSystemIsSlim(t *testing.T) {
	t.Parallel()
	quiet := actor.WithLoggerFactory(func(*ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) })
	whole, slimmed := actor.NewActorSystem(quiet), actor.NewActorSystem(quiet)
	slim(slimmed)
	for _, system := range []*ActorSystem{slimmed, sharedSystem()} {
		tables := system.ProcessRegistry.LocalPIDs.LocalPIDs
		if len(tables) != buckets || cap(tables) != buckets {
			t.Errorf("%d tables, room for %d", len(tables), cap(tables))
		}
		for _, table := range whole.ProcessRegistry.LocalPIDs.LocalPIDs {
			table.IterCb(func(id string, _ any) {
				if _, found := system.ProcessRegistry.GetLocal(id); !found {
					t.Errorf("%s is not there any more", id)
				}
			})
		}
	}
	gone := slimmed.Root.Spawn(actor.PropsFromFunc(func(actor.Context) {}))
	if err := slimmed.Root.StopFuture(gone).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := slimmed.Root.RequestFuture(gone, "anybody?", time.Minute).Result(); !errors.Is(err, actor.ErrDeadLetter) {
		t.Errorf("a request to an actor that has stopped: %v", err)
	}
}
