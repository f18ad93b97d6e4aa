package kinecast

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
)

// address is the process behind Producer.PID. It is no actor: what is sent to it runs in the sender's goroutine, so a
// record reaches its port without a mailbox, and an actor that floods the producer is told so at once.
type address[T any] struct {
	p       *Producer[T]
	pid     *actor.PID
	system  *ActorSystem
	running sync.WaitGroup // flushes and checkpoints on behalf of actors

	crowd atomic.Int64 // len(refused), to be read without the mutex

	mu       sync.Mutex
	refused  []*actor.PID // until they have had their Ready, in the order of their first refusal
	watchers map[string]*actor.PID
	gone     bool
}

func newAddress[T any](p *Producer[T], system *ActorSystem) *address[T] {
	a := &address[T]{p: p, system: system, watchers: map[string]*actor.PID{}}
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
	default:
		a.p.sup.log.Warn("kinecast: a message that the producer does not understand; it takes PutRecord of its own type,"+
			" FlushRequest, CheckpointRequest and CloseRequest", "message", fmt.Sprintf("%T", m))
	}
}

// SendSystemMessage implements actor.Process.
func (a *address[T]) SendSystemMessage(_ *actor.PID, message any) {
	switch m := message.(type) {
	case *actor.Watch:
		a.mu.Lock()
		gone := a.gone
		a.watchers[m.Watcher.String()] = m.Watcher
		a.mu.Unlock()
		if gone {
			a.farewell(m.Watcher)
		}
	case *actor.Unwatch:
		a.mu.Lock()
		delete(a.watchers, m.Watcher.String())
		a.mu.Unlock()
	case *actor.Stop:
		a.Stop(a.pid)
	}
}

// Stop implements actor.Process: Close with no time.
func (a *address[T]) Stop(*actor.PID) { a.close(ended(errStopped), nil, nil) }

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
	if a.barred(sender) {
		answer(Result{}, fmt.Errorf("%w: an earlier record of this sender was refused; wait for Ready", ErrQueueFull))
		return
	}
	err := a.p.put(context.Background(), v, answer, tries)
	if err == nil {
		return
	}
	if errors.Is(err, ErrQueueFull) {
		a.bar(sender)
	}
	answer(Result{}, err)
	a.ease() // room may have come back before the sender was barred, and then nobody else would call
}

// unheard reports a refusal that has no sender to go to.
func (a *address[T]) unheard(v T, err error) {
	a.p.sup.stats.refused.Add(1)
	if tell := a.p.cfg.OnFailure; tell != nil {
		a.p.sup.courier.post(news{also: func() { tell(Delivery[T]{Value: v, Err: err}) }})
	}
}

func (a *address[T]) barred(sender *actor.PID) bool {
	if a.crowd.Load() == 0 {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.find(sender) >= 0
}

func (a *address[T]) bar(sender *actor.PID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.find(sender) < 0 {
		a.refused = append(a.refused, sender)
		a.crowd.Store(int64(len(a.refused)))
	}
}

// find is the place of a sender among the refused. REQUIRES: the mutex.
func (a *address[T]) find(sender *actor.PID) int {
	for i, r := range a.refused {
		if r.Equal(sender) {
			return i
		}
	}
	return -1
}

// ease tells those who were refused that there is room, if there is.
func (a *address[T]) ease() {
	l := a.p.sup.ledger
	if a.crowd.Load() == 0 || !l.records.eased() || !l.bytes.eased() {
		return
	}
	a.mu.Lock()
	ready := a.refused
	a.refused = nil
	a.crowd.Store(0)
	a.mu.Unlock()
	for _, r := range ready {
		a.reply(r, &Ready{})
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

// leave takes the address out of the system when the producer has closed.
func (a *address[T]) leave() {
	a.running.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone {
		return
	}
	a.gone = true
	a.system.ProcessRegistry.Remove(a.pid)
	for _, w := range a.watchers {
		a.farewell(w)
	}
	for _, r := range a.refused {
		a.reply(r, &Ready{}) // its next record will learn that the producer is closed
	}
	a.refused = nil
}

func (a *address[T]) farewell(watcher *actor.PID) {
	if process, ok := a.system.ProcessRegistry.Get(watcher); ok {
		process.SendSystemMessage(watcher, &actor.Terminated{Who: a.pid})
	}
}
