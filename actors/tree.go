package actors

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// Tree is one producer's actors, from guard to senders, and all that they share.
type Tree struct {
	plan       Plan
	pool       *pool
	dispatcher *dispatcher
	ctx        context.Context // ends when requests and loads are to end
	cancel     context.CancelFunc

	guard   *actor.PID
	leaving atomic.Bool // Stop has been called
	front   atomic.Pointer[actor.PID]
	stopped chan struct{} // closed when the guard and all below it are gone

	moving sync.Mutex // held while records are moved between lanes, and while a snapshot looks where they are

	mu        sync.Mutex
	streams   []*Stream
	flights   map[*send]flight // requests whose answers have not been left yet
	calls     int              // requests and loads whose goroutine runs
	abandoned int              // calls that were given up and run on
	idle      sync.Cond

	givingUp sync.WaitGroup // calls that are being given up
}

// Start spawns a tree under the given parent.
func Start(parent actor.SpawnerContext, name string, plan Plan) *Tree {
	t := &Tree{plan: plan, dispatcher: newDispatcher(), stopped: make(chan struct{}), flights: map[*send]flight{}}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.idle.L = &t.mu
	t.pool = &pool{maxBytes: plan.RequestBytes}
	t.guard = parent.SpawnPrefix(t.props(func() actor.Actor { return &guardActor{tree: t} }), name)
	return t
}

// Prepare returns a stream whose routes can be used at once; nothing leaves them before Adopt. The name is for people.
func (t *Tree) Prepare(name string, owner Owner) *Stream {
	s := &Stream{name: name, owner: owner, tree: t, cells: map[*shard.Lane]*cell{}, breaker: shard.NewBreaker(t.plan.Retry.Backoff)}
	s.table = shard.NewTable(func(sh shard.Shard, aggregate bool) *shard.Lane {
		return s.newLane(sh, owner.Limits(aggregate))
	}, s.routes.Store)
	return s
}

// Adopt starts the actors of a stream, and with them the loading of its map.
func (t *Tree) Adopt(s *Stream) {
	t.mu.Lock()
	t.streams = append(t.streams, s)
	t.mu.Unlock()
	t.tell(t.front.Load(), &adopt{stream: s})
}

// Streams are the streams adopted and not released.
func (t *Tree) Streams() []*Stream {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]*Stream(nil), t.streams...)
}

// Look makes every collector consider whether it is time for a request.
func (t *Tree) Look() {
	for _, s := range t.Streams() {
		s.Look()
	}
}

// quiesce waits until no request and no load is under way, but not longer than patience.
func (t *Tree) quiesce(patience time.Duration) {
	late := false
	timer := time.AfterFunc(patience, func() {
		t.mu.Lock()
		late = true
		t.idle.Broadcast()
		t.mu.Unlock()
	})
	defer timer.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.calls > 0 && !late {
		t.idle.Wait()
	}
}

// abandon answers for the requests that have no answer yet: those that did not end although they were canceled, whatever
// their goroutine still does, and those that no sender has taken up.
func (t *Tree) abandon(f shard.Failure) {
	t.mu.Lock()
	left := maps.Clone(t.flights)
	t.mu.Unlock()
	for m, state := range left {
		own := f
		own.Sent = state == departed
		if own.Sent {
			for _, r := range m.req.Records {
				r.Lend()
			}
		}
		t.answer(m, nil, &own, t.plan.Clock(), 0)
	}
}

// board notes a request before it is sent to a sender: from here on it cannot be lost.
func (t *Tree) board(m *send) {
	t.mu.Lock()
	t.flights[m] = waiting
	t.mu.Unlock()
}

// depart says whether the caller is the one to make the call of a request.
func (t *Tree) depart(m *send) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := t.flights[m] == waiting
	if first {
		t.flights[m] = departed
	}
	return first
}

// land says whether the caller is the first to answer for a request.
func (t *Tree) land(m *send) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := t.flights[m] != nowhere
	delete(t.flights, m)
	if m.watch != nil {
		m.watch.Stop()
	}
	return first
}

// stranded are the requests that were sent to senders of the given kind and never departed.
func (t *Tree) stranded(of func(*actor.PID) bool) []*send {
	t.mu.Lock()
	defer t.mu.Unlock()
	var left []*send
	for m, f := range t.flights {
		if f == waiting && of(m.seat.sender) {
			left = append(left, m)
		}
	}
	return left
}

// flight is how far a request has come.
type flight uint8

const (
	nowhere  flight = iota
	waiting         // in the mailbox of a sender
	departed        // its call is being made
)

// Escalate fails the guard, if there is a user's actor above it to hear of it. The reason must not quote records: it may
// be logged.
func (t *Tree) Escalate(reason error) {
	if t.plan.Escalate {
		t.tell(t.guard, &escalate{reason: reason})
	}
}

// gone is called when the guard and all below it are gone, by whomever they were stopped.
func (t *Tree) gone() {
	close(t.stopped)
	if !t.leaving.Load() {
		go t.plan.Gone()
	}
}

// Stop cancels all calls, ends all actors, and gives the calls the time to end: in this order, since then no further call
// begins. When it has returned, nothing of the tree runs but calls that did not heed their context; their records are
// answered for, and what they still do reaches no port.
func (t *Tree) Stop(patience time.Duration, f shard.Failure) {
	t.leaving.Store(true)
	t.cancel()
	select {
	case <-t.stopped:
	default:
		t.plan.System.Root.Stop(t.guard)
		<-t.stopped
	}
	t.dispatcher.close()
	t.quiesce(patience)
	t.abandon(f)
	t.givingUp.Wait()
}

// Bury ends every record that is left when the actors have stopped: their lanes are driven by hand.
func (t *Tree) Bury(f *shard.Failure) {
	for _, s := range t.Streams() {
		for _, c := range s.all() {
			c.pid.Store(nil)
			c.lane.Port().Shut(f)
			c.lane.Step(t.plan.Clock(), nil)
			for e, ok := c.lane.Next(); ok; e, ok = c.lane.Next() {
				if e.Ended != nil {
					s.owner.Ended(e.Ended)
				}
				for _, r := range e.Reroute {
					s.owner.Ended(shard.EndedBy(r, f))
				}
				c.lane.Done()
			}
		}
		for _, r := range s.takeHoming() {
			s.owner.Ended(shard.EndedBy(r, f))
		}
	}
}

// fault lets a test panic at the start of a handler or before an effect. The end of an actor is left out: a panic there
// would break the actor system's own promises, and ours do nothing then that could panic.
func (t *Tree) fault(at string, message any) {
	if t.plan.Panic == nil {
		return
	}
	switch message.(type) {
	case *actor.Stopping, *actor.Stopped, *actor.Restarting, *actor.Terminated:
	default:
		t.plan.Panic(at, message)
	}
}

// call runs f in a goroutine that quiesce waits for.
func (t *Tree) call(f func()) {
	t.mu.Lock()
	t.calls++
	t.mu.Unlock()
	go func() {
		defer func() {
			t.mu.Lock()
			t.calls--
			t.idle.Broadcast()
			t.mu.Unlock()
		}()
		f()
	}()
}

// tell sends a message; to nobody, if there is nobody yet: whoever starts looks for itself.
func (t *Tree) tell(to *actor.PID, message any) {
	if to != nil {
		t.plan.System.Root.Send(to, message)
	}
}

// props are the common ones of all our actors.
func (t *Tree) props(of actor.Producer) *actor.Props {
	return actor.PropsFromProducer(of, actor.WithDispatcher(t.dispatcher), actor.WithSupervisor(&restarter{tree: t}))
}
