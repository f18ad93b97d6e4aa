package actors

import (
	"slices"

	"github.com/asynkron/protoactor-go/actor"
)

// A stream that is not used any more is released. The front does it, since it owns the table: it retires all ports at once if
// there is nothing in them, so that whoever comes later is told to look for the stream again, and only then lets go. The
// actors of the stream stop themselves when they see that it is gone, whether they are told, or made anew after a panic:
// to be stopped from outside could cross a restart, which would bring one back to life.
//
//	Release ──▶ front: ports retired, Owner.Leaving ──▶ off the tree's list ──▶ Owner.Left ──▶ collector, refresher, shards stop

// Release gives a stream back if nothing of it is outstanding and its owner agrees.
func (t *Tree) Release(s *Stream) { t.tell(t.front.Load(), &release{stream: s}) }

// crew are the actors of a stream beside those of its shards.
type crew struct{ collector, refresher *actor.PID }

func (f *frontActor) release(s *Stream) {
	if _, adopted := f.adopted[s]; !adopted || !s.retire() {
		return
	}
	f.letGo(s, nil)
}

// letGo ends a stream whose ports are retired; to is the owner of the one that it turned out to be, nil if it was released.
func (f *frontActor) letGo(s *Stream, to Owner) {
	f.tree.drop(s)
	s.owner.Left(to)
	f.dismiss(s)
}

// dismiss tells the actors of a stream that is gone.
func (f *frontActor) dismiss(s *Stream) {
	team := f.adopted[s]
	delete(f.adopted, s)
	f.tree.tell(team.collector, theLook)
	f.tree.tell(team.refresher, theLook)
	for _, c := range s.all() {
		f.tree.tell(c.pid.Load(), theWake) // it finds its lane at rest
	}
}

// retire gives up the lanes if nothing is in them, in lanes that were retired before, or between lanes.
func (s *Stream) retire() bool {
	s.tree.moving.Lock()
	defer s.tree.moving.Unlock()
	return s.settled() && s.table.Leave(func() bool { return s.leaves(nil) })
}

// leaves asks the owner for its consent, and marks the stream as gone with it. The ports are locked.
func (s *Stream) leaves(to Owner) bool {
	leaves := s.owner.Leaving(to)
	s.gone.Store(leaves)
	return leaves
}

// settled says that nothing is between lanes, or in lanes that were retired. REQUIRES: moving.
func (s *Stream) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.homing) == 0 && len(s.cells) == len(s.table.Lanes())
}

// quits ends an actor of a stream that is gone.
func (s *Stream) quits(ctx actor.Context) bool {
	switch ctx.Message().(type) {
	case *actor.Stopping, *actor.Stopped, *actor.Restarting:
		return false
	}
	if !s.gone.Load() {
		return false
	}
	ctx.Stop(ctx.Self())
	return true
}

// drop takes a stream off the list.
func (t *Tree) drop(s *Stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.streams = slices.DeleteFunc(t.streams, func(one *Stream) bool { return one == s })
}

// forget is called when the collector of a released stream handles no message any more. A call that was meant for it may be
// lost by then, so another stream that waits gets it.
func (p *pool) forget(s *Stream) {
	p.mu.Lock()
	p.hungry = slices.DeleteFunc(p.hungry, func(one *Stream) bool { return one == s })
	p.mu.Unlock()
	p.pass()
}
