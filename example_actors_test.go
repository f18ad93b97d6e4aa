package kinecast_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// clerk is an actor of a user's own with a producer below it.
type clerk struct {
	client   kinecast.Client
	producer *kinecast.Producer[string]
}

func (c *clerk) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		var err error
		c.producer, err = kinecast.Spawn(ctx, c.client, kinecast.Config[string]{
			DefaultStream: "letters", DefaultPartition: "office", Serializer: kinecast.String(),
		})
		if err != nil {
			panic(err) // the clerk's supervisor decides
		}
	case string:
		if err := c.producer.TryPut(m); err != nil { // never waits; full is an error
			fmt.Println(err)
		}
	case *actor.Stopping, *actor.Restarting:
		// The children still run here. Without a Close they are stopped next, and what is outstanding ends with ErrShutdown.
		within, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := c.producer.Close(within); err != nil {
			fmt.Println(err)
		}
	}
}

// A producer lives below an actor, and is drained when the actor stops.
func ExampleSpawn() {
	server, err := kinesistest.Start(kinesistest.Stream("letters", 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	system := actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
		return slog.New(slog.DiscardHandler)
	}))
	pid := system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return &clerk{client: server.Client()} }))
	system.Root.Send(pid, "dear Ada")
	system.Root.Send(pid, "dear Grace")
	if err := system.Root.PoisonFuture(pid).Wait(); err != nil { // handles what was sent before, then stops
		fmt.Println(err)
	}
	for _, record := range server.Consume("letters") {
		fmt.Printf("%s\n", record.Data)
	}
	// Unordered output:
	// dear Ada
	// dear Grace
}
