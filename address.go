package kinecast

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
)

// address is the process behind Producer.PID. It is no actor: what is sent to it runs in the sender's goroutine, so a
// record reaches its port without a mailbox, and an actor that floods the producer is told so at once.
type address[T any] struct {
	p       *Producer[T]
	pid     *actor.PID
	system  *ActorSystem
	running sync.WaitGroup // flushes and checkpoints on behalf of actors
	refused *refusals

	mu       sync.Mutex
	watchers map[actorID]*actor.PID
	gone     bool
}

func newAddress[T any](p *Producer[T], system *ActorSystem) *address[T] {
	a := &address[T]{p: p, system: system, refused: &p.sup.refused, watchers: map[actorID]*actor.PID{}}
	a.pid, _ = system.ProcessRegistry.Add(a, "kinecast"+system.ProcessRegistry.NextId())
	return a
}

// SendUserMessage implements actor.Process.
func (a *address[T]) SendUserMessage(_ *actor.PID, message any) {
	_, message, sender := actor.UnwrapEnvelope(message)
	switch m := message.(type) {
	case *PutRecord[T]:
		a.put(m.Value, m.Tag, sender)
	case PutRecord[T]:
		a.put(m.Value, m.Tag, sender)
	case *FlushRequest:
		a.run(sender, m.Tag, a.p.Flush)
	case FlushRequest:
		a.run(sender, m.Tag, a.p.Flush)
	case *CheckpointRequest:
		a.run(sender, m.Tag, a.p.Checkpoint)
	case CheckpointRequest:
		a.run(sender, m.Tag, a.p.Checkpoint)
	case *CloseRequest:
		a.close(context.Background(), sender, m.Tag)
	case CloseRequest:
		a.close(context.Background(), sender, m.Tag)
	case *actor.PoisonPill:
		a.close(context.Background(), nil, nil)
	case *actor.Touched:
		a.touched(m.Who)
	case *actor.DeadLetterResponse:
		// An actor has gone before its answer came.
	default:
		a.p.sup.log.Warn("kinecast: a message that the producer does not understand; it takes PutRecord of its own type,"+
			" FlushRequest, CheckpointRequest and CloseRequest", "message", fmt.Sprintf("%T", m))
	}
}

// SendSystemMessage implements actor.Process.
func (a *address[T]) SendSystemMessage(_ *actor.PID, message any) {
	switch m := message.(type) {
	case *actor.Watch:
		if !a.watch(m.Watcher) {
			a.farewell(m.Watcher)
		}
	case *actor.Unwatch:
		a.mu.Lock()
		delete(a.watchers, idOf(m.Watcher))
		a.mu.Unlock()
	case *actor.Stop:
		a.Stop(a.pid)
	}
}

// Stop implements actor.Process: Close with no time, also for a Close that is draining.
func (a *address[T]) Stop(*actor.PID) { go a.p.sup.stop(errStopped) }

// put is TryPut on behalf of an actor.
func (a *address[T]) put(v T, tag any, sender *actor.PID) {
	if sender == nil {
		if err := a.p.TryPut(v); err != nil {
			a.unheard(v, err)
		}
		return
	}
	answer := func(r Result, err error) {
		a.reply(sender, &Delivered[T]{Value: v, Tag: tag, Result: r, Err: err})
	}
	if a.refused.has(sender) {
		a.refuse(sender, answer, fmt.Errorf("%w: an earlier record of this sender was refused; wait for Ready", ErrQueueFull))
		return
	}
	switch err := a.p.put(context.Background(), v, answer, tries); {
	case errors.Is(err, ErrQueueFull):
		a.refuse(sender, answer, err)
	case err != nil:
		answer(Result{}, err)
	}
}

// refuse answers, and makes the sender wait for its Ready. The answer goes first, so that a Ready always follows it.
func (a *address[T]) refuse(sender *actor.PID, answer func(Result, error), full error) {
	answer(Result{}, full)
	need, eased := int64(0), (func() bool)(nil)
	if bound, ok := errors.AsType[*QueueFullError](full); ok {
		need, eased = bound.Need, bound.eased
	}
	if a.refused.add(sender, need, eased) {
		a.p.sup.tree.Look() // what holds the room may be lingering
	}
	a.ease() // room may have come back already, and then nobody else would call
}

// ease begins to tell those who were refused that there is room, if there is.
func (a *address[T]) ease() {
	if a.refused.waiting.Load() == 0 || !a.p.sup.ledger.Eased(0) {
		return
	}
	for _, pid := range a.refused.touch(a.p.sup.ledger.Eased) {
		if _, alive := a.system.ProcessRegistry.Get(pid); !alive {
			a.refused.forget(pid)
			continue
		}
		a.reply(pid, &actor.Touch{})
	}
}

// touched ends it.
func (a *address[T]) touched(pid *actor.PID) {
	if a.refused.answered(pid, a.p.sup.ledger.Eased) {
		a.reply(pid, &Ready{})
		return
	}
	a.ease() // room may have come back while it was touched
}

// unheard reports a refusal that has no sender to go to.
func (a *address[T]) unheard(v T, err error) {
	a.p.sup.stats.refused.Add(1)
	tell := a.p.cfg.OnFailure
	if tell == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.gone { // callbacks end before Close does
		a.p.sup.courier.post(news{also: func() { tell(Delivery[T]{Value: v, Err: err}) }})
	}
}

// run makes a call that may wait in a goroutine of its own, and answers.
func (a *address[T]) run(sender *actor.PID, tag any, call func(context.Context) error) {
	a.mu.Lock()
	gone := a.gone
	if !gone {
		a.running.Add(1)
	}
	a.mu.Unlock()
	if gone {
		a.reply(sender, &Done{Tag: tag, Err: ErrClosed})
		return
	}
	go func() {
		defer a.running.Done()
		a.reply(sender, &Done{Tag: tag, Err: call(context.Background())})
	}()
}

// close makes Close in a goroutine that nobody waits for: Close itself ends with the last thing it does.
func (a *address[T]) close(ctx context.Context, sender *actor.PID, tag any) {
	go func() { a.reply(sender, &Done{Tag: tag, Err: a.p.Close(ctx)}) }()
}

func (a *address[T]) reply(to *actor.PID, message any) {
	if to != nil {
		a.system.Root.RequestWithCustomSender(to, message, a.pid)
	}
}

// leave takes the address out of the system when everything has ended and the producer is about to have closed.
func (a *address[T]) leave() {
	a.mu.Lock()
	a.gone = true
	watchers := a.watchers
	a.watchers = nil
	a.mu.Unlock()
	a.running.Wait()
	a.ease() // their next record will learn that the producer is closed
	a.system.ProcessRegistry.Remove(a.pid)
	for _, w := range watchers {
		a.farewell(w)
	}
}

// watch notes who wants to know of the end; false if that is past.
func (a *address[T]) watch(watcher *actor.PID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.gone {
		a.watchers[idOf(watcher)] = watcher
	}
	return !a.gone
}

func (a *address[T]) farewell(watcher *actor.PID) {
	if process, ok := a.system.ProcessRegistry.Get(watcher); ok {
		process.SendSystemMessage(watcher, &actor.Terminated{Who: a.pid})
	}
}
