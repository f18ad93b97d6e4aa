package main

import (
	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast"
)

// Tags of the requests with which an actor ends its producer.
const (
	checkpoint = "checkpoint"
	closed     = "closed"
)

// closing goes from one answer of a producer to the next request: once the checkpoint says that everything is stored, the
// producer is closed. It is over when that is done, or the checkpoint has failed.
func closing(ctx actor.Context, producer *actor.PID, m *kinecast.Done) (over bool, err error) {
	if m.Tag == checkpoint && m.Err == nil {
		ctx.Request(producer, &kinecast.CloseRequest{Tag: closed})
		return false, nil
	}
	return true, m.Err
}
