package kinecast

import "github.com/asynkron/protoactor-go/actor"

// What actors may send to Producer.PID, and what they get back. All of them may be sent by value or by pointer; answers
// come as pointers, with the producer's PID as their sender.

// PutRecord puts a value, as TryPut does. With a sender there is exactly one Delivered for it, and its failure, being
// known to somebody, never sticks to the stream. Without a sender it is like TryPut in all: a failure sticks; a refusal is
// counted in Stats.UserRecordsRefused and told to Config.OnFailure, unless the producer has closed: then it is only counted.
type PutRecord[T any] struct {
	// Value is the record.
	Value T
	// Tag comes back in the answer.
	Tag any
}

// Delivered answers a PutRecord.
//
// When Err Is ErrQueueFull, the record was refused, and so is every further one of the same sender until it has had its
// Ready. The way to keep an order is to send nothing from the first such answer to the Ready, to collect what comes back,
// in the order in which it comes, and to send that first. Records that were on their way to the sender or from it cannot
// overtake them.
type Delivered[T any] struct {
	// Value is the PutRecord's.
	Value T
	// Tag is the PutRecord's.
	Tag any
	// Result says where the record was stored.
	Result Result
	// Err is nil, a *DeliveryError, or the reason of a refusal, which is any error that TryPut returns, or ErrSkip.
	Err error
}

// Ready tells a sender that was refused with ErrQueueFull that it may go on: at most three quarters of QueueLimit and of
// QueueBytes are used, and its record fits. Those who were refused first are told first. It comes after all answers to
// what was refused. A sender that has gone is forgotten.
//
// Before its Ready a sender sees an *actor.Touch, which protoactor answers for it; there is nothing to do but not to panic.
// A sender that is no actor, such as a process of one's own, has to answer it to be told.
type Ready struct{}

// FlushRequest, CheckpointRequest and CloseRequest ask for Flush, Checkpoint and Close, without a limit of time. The answer
// is Done. A Stop ends a Close that drains for too long.
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
func (PutRecord[T]) IgnoreDeadLetterLogging() {}

// IgnoreDeadLetterLogging keeps records out of the log of a system whose actors have gone.
func (Delivered[T]) IgnoreDeadLetterLogging() {}

// IgnoreDeadLetterLogging keeps a message nobody needs any more out of the log.
func (Ready) IgnoreDeadLetterLogging() {}

// IgnoreDeadLetterLogging keeps a message nobody needs any more out of the log.
func (Done) IgnoreDeadLetterLogging() {}

// PID is the producer's address for actors: PutRecord[T], FlushRequest, CheckpointRequest and CloseRequest may be sent to
// it. A record sent there is admitted in the sender's goroutine, with no mailbox between; nothing waits. Messages of any
// other type are logged and dropped.
//
// Watch works: Terminated comes when every record has ended. Stop is Close with no time, and ends the draining of an earlier
// Close; Poison is Close that drains. After the end what is sent here is still answered, with ErrClosed.
func (p *Producer[T]) PID() *actor.PID { return p.address.pid }

// Tell sends a value to the producer on behalf of an actor, which will get one Delivered[T] with the tag: ctx.Self() is
// what from usually is. It does not wait.
func (p *Producer[T]) Tell(from *actor.PID, v T, tag any) {
	p.sup.system.Root.RequestWithCustomSender(p.address.pid, &PutRecord[T]{Value: v, Tag: tag}, from)
}
