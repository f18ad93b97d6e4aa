// Command actors runs a small shop as a tree of actors that ends in two producers, tells what happened, and checks that
// every order is in its stream exactly once. It needs nothing but Go: the Kinesis is kinesistest's, in memory.
//
//	shop
//	 ├── source      has the orders and gives as many as it is asked for
//	 ├── enricher    makes a sale of an order: looks up the price
//	 ├── sink        puts sales into stream "sales"; asks for more while there is room, waits while there is none
//	 │    └── the producer of sales
//	 └── auditor     puts a sum for each hundred sales into stream "audit", which somebody forgot to create
//	      └── the producer of sums
package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/kinesistest"
)

func main() {
	server, err := kinesistest.Start(kinesistest.Stream("sales", 4), kinesistest.Transition(0))
	if err == nil {
		err = run(os.Stdout, server, orders(2000))
		server.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "actors:", err)
		os.Exit(1)
	}
}

// run opens the shop for these orders, waits until it has closed, and checks what is in the streams.
func run(out io.Writer, server *kinesistest.Server, all []Order) error {
	system := actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
		return slog.New(slog.DiscardHandler)
	}))

	closed := make(chan []*report, 1)
	pid := system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor {
		return &shop{client: server.Client(), orders: all, closed: closed}
	}))
	var err error
	select {
	case reports := <-closed:
		for _, r := range reports {
			fmt.Fprint(out, r.story)
			err = errors.Join(err, r.err)
		}
	case <-time.After(time.Minute):
		err = errors.New("the shop has not closed within a minute")
	}
	if stopped := system.Root.PoisonFuture(pid).Wait(); stopped != nil || err != nil {
		return errors.Join(err, stopped)
	}
	return readBack(out, server, len(all))
}
