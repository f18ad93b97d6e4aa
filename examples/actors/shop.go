package main

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/kinesistest"
)

// shop is the parent of all. It opens, and closes when the sink has everything in its stream: then the auditor has had its
// last sum.
type shop struct {
	client *kinesistest.Client // a program for the real Kinesis has a *kinesis.Client here
	orders []Order
	closed chan<- []*report

	sink, auditor *actor.PID
	reports       []*report
}

// Receive implements actor.Actor.
func (s *shop) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		s.open(ctx)
	case *report:
		s.reports = append(s.reports, m)
		switch {
		case len(s.reports) == 1 && m.err == nil:
			ctx.Send(s.auditor, &finish{})
		default:
			s.closed <- s.reports
		}
	}
}

func (s *shop) open(ctx actor.Context) {
	s.auditor = spawn(ctx, "auditor", &auditor{client: s.client})
	s.sink = spawn(ctx, "sink", &sink{client: s.client, auditor: s.auditor})
	enricher := spawn(ctx, "enricher", &enricher{next: s.sink})
	source := spawn(ctx, "source", &source{orders: s.orders, next: enricher})
	ctx.Send(s.sink, &open{source: source})
}

// spawn starts a child that keeps its state should it be restarted.
func spawn(ctx actor.Context, name string, a actor.Actor) *actor.PID {
	pid, err := ctx.SpawnNamed(actor.PropsFromProducer(func() actor.Actor { return a }), name)
	if err != nil {
		panic(fmt.Sprintf("spawn %s: %v", name, err)) // the shop's own supervisor decides
	}
	return pid
}
