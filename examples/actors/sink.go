package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// batch is how many orders the sink asks for at a time, limit how many its producer holds: too few, so that the story has
// some back-pressure in it.
const (
	batch = 200
	limit = 64
)

// sink puts sales into their stream, in order. It never waits in Receive: the producer answers by messages.
type sink struct {
	client   *kinesistest.Client
	auditor  *actor.PID
	source   *actor.PID
	producer *kinecast.Producer[Sale]

	due      int    // sales that were asked for and have not come
	last     bool   // there are no more
	underway int    // sales that the producer has and has not answered
	refused  bool   // until Ready
	back     []Sale // what was refused, in the order in which it came back
	kept     []Sale // what came meanwhile: it goes behind those
	refusals int
	stored   Sum
	lost     error
}

// Receive implements actor.Actor.
func (s *sink) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		s.start(ctx)
	case *open:
		s.source = m.source
		s.more(ctx)
	case *Sale:
		s.due--
		s.put(ctx, *m)
		s.more(ctx)
	case *soldOut:
		s.last = true
		s.finish(ctx)
	case *kinecast.Delivered[Sale]:
		s.delivered(ctx, m)
	case *kinecast.Ready:
		s.ready(ctx)
	case *kinecast.Done:
		s.done(ctx, m)
	}
}

func (s *sink) start(ctx actor.Context) {
	var err error
	s.producer, err = kinecast.Spawn(ctx, s.client, kinecast.Config[Sale]{
		DefaultStream: "sales",
		Serializer:    kinecast.JSON[Sale](),
		Partitioner:   kinecast.ByKey(func(v Sale) string { return v.Customer }),
		QueueLimit:    limit,
		// One request at a time: as nothing fails here, the stream has each customer's sales in the order of the puts.
		MaxConnections:        1,
		RecordMaxBufferedTime: time.Second,
	})
	if err != nil {
		panic(err)
	}
}

// more asks for the next orders when the last ones have come, unless there is no room for them.
func (s *sink) more(ctx actor.Context) {
	if s.due > 0 || s.refused || s.last {
		return
	}
	s.due = batch
	ctx.Send(s.source, &pull{orders: batch})
}

func (s *sink) put(ctx actor.Context, v Sale) {
	if s.refused {
		s.kept = append(s.kept, v)
		return
	}
	s.underway++
	s.producer.Tell(ctx.Self(), v, nil)
}

func (s *sink) delivered(ctx actor.Context, m *kinecast.Delivered[Sale]) {
	s.underway--
	switch {
	case errors.Is(m.Err, kinecast.ErrQueueFull):
		s.refused = true
		s.refusals++
		s.back = append(s.back, m.Value)
	case m.Err != nil:
		s.lost = m.Err
	default:
		s.stored.Sales++
		s.stored.Cents += m.Value.Cents
		if s.stored.Sales%100 == 0 {
			ctx.Send(s.auditor, &Sum{Sales: s.stored.Sales, Cents: s.stored.Cents})
		}
	}
	s.finish(ctx)
}

// ready sends again what had come back, then what had come meanwhile. Some of it may come back once more.
func (s *sink) ready(ctx actor.Context) {
	again := append(s.back, s.kept...)
	s.refused, s.back, s.kept = false, nil, nil
	for _, v := range again {
		s.put(ctx, v)
	}
	s.more(ctx)
}

// finish begins to close when every sale has been answered.
func (s *sink) finish(ctx actor.Context) {
	if s.last && s.underway == 0 && !s.refused {
		ctx.Request(s.producer.PID(), &kinecast.CheckpointRequest{Tag: checkpoint})
	}
}

// done closes after the checkpoint, and reports after the close.
func (s *sink) done(ctx actor.Context, m *kinecast.Done) {
	if over, err := closing(ctx, s.producer.PID(), m); over {
		story := fmt.Sprintf("sink: %d sales stored, and closed\n", s.stored.Sales)
		if s.refusals > 0 {
			story = "sink: the queue was full; waited for Ready, sent again in order\n" + story
		}
		ctx.Send(ctx.Parent(), &report{story: story, err: errors.Join(s.lost, err)})
	}
}
