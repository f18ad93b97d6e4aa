package kinecast

import "github.com/asynkron/protoactor-go/actor"

// What actors may send to Producer.PID, and what they get back. All of them may be sent by value or by pointer; answers
// come as pointers, with the producer's PID as their sender.

// PutRecord puts a value, as TryPut does. With a sender there is exactly one Delivered for it.
type PutRecord[T any] struct {
	// Value is the record.
	Value T
	// Tag comes back in the answer.
	Tag any
}

// Delivered answers a PutRecord.
//
// When Err Is ErrQueueFull, the record was refused, and so is every further one of the same sender until it has had its
// Ready: what it sent meanwhile cannot overtake what it has to send again.
type Delivered[T any] struct {
	// Value and Tag are those of the PutRecord.
	Value T
	// Tag is the PutRecord's.
	Tag any
	// Result says where the record was stored.
	Result Result
	// Err is nil, the reason of a refusal, or a *DeliveryError.
	Err error
}

// Ready tells a sender that was refused with ErrQueueFull that there is room again: at most three quarters of both bounds
// are used. Those who were refused first are told first.
type Ready struct{}

// FlushRequest, CheckpointRequest and CloseRequest ask for Flush, Checkpoint and Close. Close drains for as long as it
// takes. The answer is Done.
type (
	// FlushRequest asks for Flush.
	FlushRequest struct {
		// Tag comes back in the answer.
		Tag any
	}
	// CheckpointRequest asks for Checkpoint.
	CheckpointRequest struct {
		// Tag comes back in the answer.
		Tag any
	}
	// CloseRequest asks for Close.
	CloseRequest struct {
		// Tag comes back in the answer.
		Tag any
	}
)

// Done answers a FlushRequest, CheckpointRequest or CloseRequest.
type Done struct {
	// Tag is the request's.
	Tag any
	// Err is what the call returned.
	Err error
}

// IgnoreDeadLetterLogging keeps records out of the log of a system whose actors have gone.
func (*PutRecord[T]) IgnoreDeadLetterLogging() {}

// IgnoreDeadLetterLogging keeps records out of the log of a system whose actors have gone.
func (*Delivered[T]) IgnoreDeadLetterLogging() {}

// IgnoreDeadLetterLogging keeps a message nobody needs any more out of the log.
func (*Ready) IgnoreDeadLetterLogging() {}

// IgnoreDeadLetterLogging keeps a message nobody needs any more out of the log.
func (*Done) IgnoreDeadLetterLogging() {}

// PID is the producer's address for actors: PutRecord[T], FlushRequest, CheckpointRequest and CloseRequest may be sent to
// it. A record sent there is admitted in the sender's goroutine, with no mailbox between. Watch works; Stop is Close with
// no time; Poison is Close that drains.
func (p *Producer[T]) PID() *actor.PID { return p.address.pid }

// Tell sends a value to the producer on behalf of an actor, which will get one Delivered[T] with the tag: ctx.Self() is
// what from usually is. It does not wait.
func (p *Producer[T]) Tell(from *actor.PID, v T, tag any) {
	p.sup.system.Root.RequestWithCustomSender(p.address.pid, &PutRecord[T]{Value: v, Tag: tag}, from)
}
