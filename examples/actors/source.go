package main

import "github.com/asynkron/protoactor-go/actor"

// source gives orders to those who ask for them; it never pushes.
type source struct {
	orders []Order
	next   *actor.PID
}

// Receive implements actor.Actor.
func (s *source) Receive(ctx actor.Context) {
	m, ok := ctx.Message().(*pull)
	if !ok {
		return
	}
	n := min(m.orders, len(s.orders))
	for i := range s.orders[:n] {
		ctx.Send(s.next, &s.orders[i])
	}
	s.orders = s.orders[n:]
	if len(s.orders) == 0 {
		ctx.Send(s.next, &soldOut{})
	}
}

// enricher looks up what an order costs.
type enricher struct{ next *actor.PID }

// Receive implements actor.Actor.
func (e *enricher) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *Order:
		ctx.Send(e.next, &Sale{Order: *m, Cents: prices[m.Item]})
	case *soldOut:
		ctx.Forward(e.next)
	}
}

var prices = map[string]int{"lamp": 49_90, "chair": 89_00, "table": 310_00}
