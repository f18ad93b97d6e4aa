package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// auditor puts sums into their stream and does not ask how each one ends, so a failure sticks, and its producer fails: see
// HandleFailure. What failed comes back through OnFailure and is put again.
type auditor struct {
	client   *kinesistest.Client
	producer *kinecast.Producer[Sum]

	underway int  // sums that have come and are not stored
	last     bool // there will be no further one
	stored   int
	story    strings.Builder
	reported bool
}

// Receive implements actor.Actor.
func (a *auditor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		a.start(ctx)
	case *Sum:
		a.underway++
		a.put(ctx, *m)
	case *retry:
		a.put(ctx, m.sum)
	case *ended:
		a.ended(ctx, m)
	case *finish:
		a.last = true
		a.finish(ctx)
	case *kinecast.Done:
		if over, err := closing(ctx, a.producer.PID(), m); over {
			fmt.Fprintf(&a.story, "auditor: %d sums stored, and closed\n", a.stored)
			a.report(ctx, err)
		}
	}
}

func (a *auditor) start(ctx actor.Context) {
	self, root := ctx.Self(), ctx.ActorSystem().Root
	var err error
	a.producer, err = kinecast.Spawn(ctx, a.client, kinecast.Config[Sum]{
		DefaultStream: "audit", DefaultPartition: "sums",
		Serializer: kinecast.JSON[Sum](),
		OnResult: func(d kinecast.Delivery[Sum]) { // runs on a goroutine of the producer: tell the actor
			root.Send(self, &ended{sum: d.Value, err: d.Err})
		},
	})
	if err != nil {
		panic(err)
	}
}

// put is for inside Receive: TryPut does not wait. A sum that has failed, or came while the failure stuck, is put again.
func (a *auditor) put(ctx actor.Context, v Sum) {
	switch err := a.producer.TryPut(v); {
	case errors.Is(err, kinecast.ErrFailed), errors.Is(err, kinecast.ErrQueueFull):
		self, root := ctx.Self(), ctx.ActorSystem().Root
		time.AfterFunc(20*time.Millisecond, func() { root.Send(self, &retry{sum: v}) })
	case err != nil:
		a.report(ctx, err)
	}
}

func (a *auditor) ended(ctx actor.Context, m *ended) {
	switch {
	case errors.Is(m.err, kinecast.ErrShutdown):
		a.report(ctx, m.err)
	case m.err != nil:
		a.put(ctx, m.sum)
	default:
		a.underway--
		a.stored++
		a.finish(ctx)
	}
}

// report tells the shop once how it ended.
func (a *auditor) report(ctx actor.Context, err error) {
	if !a.reported {
		a.reported = true
		ctx.Send(ctx.Parent(), &report{story: a.story.String(), err: err})
	}
}

func (a *auditor) finish(ctx actor.Context) {
	if a.last && a.underway == 0 {
		ctx.Request(a.producer.PID(), &kinecast.CheckpointRequest{Tag: checkpoint})
	}
}

// HandleFailure implements actor.SupervisorStrategy: what becomes of the producer when it has failed. protoactor calls it
// between two messages to the auditor.
func (a *auditor) HandleFailure(_ *actor.ActorSystem, supervisor actor.Supervisor, child *actor.PID,
	_ *actor.RestartStatistics, reason, _ any,
) {
	if err := a.repair(reason); err != nil {
		fmt.Fprintf(&a.story, "auditor: %v: stop\n", err)
		supervisor.StopChildren(child) // the producer closes; what is outstanding ends with ErrShutdown
		return
	}
	supervisor.ResumeChildren(child) // the failure is forgotten: puts are admitted again
}

// repair creates the stream if it is missing. Anything else is beyond it.
func (a *auditor) repair(reason any) error {
	err, _ := reason.(error)
	var fatal *kinecast.FatalError
	var failed *kinecast.DeliveryError
	if !errors.As(err, &fatal) || !errors.As(err, &failed) || failed.Code != "ResourceNotFoundException" {
		return fmt.Errorf("cannot be repaired: %v", reason)
	}
	_, err = a.client.CreateStream(context.Background(), &kinesis.CreateStreamInput{
		StreamName: aws.String(fatal.Stream), ShardCount: aws.Int32(1),
	})
	var exists *types.ResourceInUseException
	switch {
	case errors.As(err, &exists): // by now: the failure was on its way
		return nil
	case err != nil:
		return fmt.Errorf("create stream %q: %w", fatal.Stream, err)
	}
	fmt.Fprintf(&a.story, "auditor: stream %q is missing (%s); created it: resume\n", fatal.Stream, failed.Code)
	return nil
}
