package actors

import (
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// frontActor is control: it knows which streams there are, which lanes each has, and who drives them. When it starts it
// spawns everything from what the tree has kept, so its death costs a pause and nothing else.
type frontActor struct {
	tree    *Tree
	adopted map[*Stream]crew
	sweeper *time.Timer
	leaving bool // its children have been told to stop: a later one would not be told, and be waited for in vain
}

// Receive implements actor.Actor.
func (f *frontActor) Receive(ctx actor.Context) {
	f.tree.fault("front", ctx.Message())
	if f.leaving {
		return
	}
	switch m := ctx.Message().(type) {
	case *actor.Started:
		f.start(ctx)
	case *adopt:
		f.adopt(ctx, m.stream)
	case *loaded:
		f.loaded(ctx, m)
	case *release:
		f.release(m.stream)
	case *tidy:
		f.tidy(m.stream)
	case *sweep:
		f.sweep(ctx)
	case *revive:
		ctx.(actor.Supervisor).RestartChildren(m.child)
	case *actor.Stopping, *actor.Restarting:
		f.leaving = true
		if f.sweeper != nil {
			f.sweeper.Stop()
		}
	}
}

func (f *frontActor) start(ctx actor.Context) {
	f.adopted = map[*Stream]crew{}
	f.tree.front.Store(ctx.Self())
	f.tree.pool.renew()
	for _, m := range f.tree.stranded(func(*actor.PID) bool { return true }) {
		f.tree.fly(m) // its sender died with the front before
	}
	for i := range f.tree.plan.Senders {
		f.tree.pool.join(f.spawn(ctx, fmt.Sprintf("sender-%d", i), func() actor.Actor { return &senderActor{tree: f.tree} }))
	}
	for _, s := range f.tree.Streams() {
		f.adopt(ctx, s)
	}
	f.sweep(ctx)
}

// sweep ends the waiting records whose time is over, and comes back.
func (f *frontActor) sweep(ctx actor.Context) {
	plan := &f.tree.plan
	if plan.Sweep <= 0 {
		return
	}
	now := plan.Clock()
	for _, s := range f.tree.Streams() {
		for _, c := range s.all() { // retired lanes among them
			c.lane.Port().Expire(now)
		}
	}
	self := ctx.Self()
	f.sweeper = time.AfterFunc(plan.Sweep, func() { f.tree.tell(self, theSweep) })
}

// adopt starts the actors of a stream, once an incarnation: a stream may be both in the tree's list and in the mailbox. It is
// not gone: it is adopted before anybody can ask for its release, and leaves the list in the same step in which it goes.
func (f *frontActor) adopt(ctx actor.Context, s *Stream) {
	if _, known := f.adopted[s]; known {
		return
	}
	var team crew
	team.collector = f.spawn(ctx, "collector-"+s.name, func() actor.Actor { return &collectorActor{stream: s} })
	for _, c := range s.all() {
		f.drive(ctx, s, c)
	}
	team.refresher = f.spawn(ctx, "refresher-"+s.name, func() actor.Actor { return &refresherActor{stream: s} })
	f.adopted[s] = team
	f.tidy(s)
}

// drive starts the actor of a lane.
func (f *frontActor) drive(ctx actor.Context, s *Stream, c *cell) {
	name := "shard-" + s.name + "-" + c.lane.Shard().ID
	c.pid.Store(f.spawn(ctx, name, func() actor.Actor { return &shardActor{stream: s, cell: c} }))
}

// spawn starts a child under a readable name that is unique even if an earlier bearer has not quite gone.
func (f *frontActor) spawn(ctx actor.Context, prefix string, of actor.Producer) *actor.PID {
	return ctx.SpawnPrefix(f.tree.props(of), prefix)
}

// loaded puts a new map in place.
func (f *frontActor) loaded(ctx actor.Context, m *loaded) {
	s := m.stream
	if s.gone.Load() {
		return // whoever waits for it has been told by Left
	}
	if m.Same != nil {
		f.join(s, m.Same)
		return
	}
	s.missing.Store(m.Failure != nil && m.Failure.Class() == shard.Fatal)
	if m.Failure == nil {
		f.change(ctx, s, m.Loaded)
		s.plain.Store(m.Plain)
		s.loaded.Store(f.tree.plan.Clock().UnixNano())
	}
	f.tidy(s)
	s.Look()
	for _, c := range s.all() {
		if c.waiting.Swap(false) {
			f.tree.tell(c.pid.Load(), theRemap)
		}
	}
	s.owner.Loaded(m.Loaded)
}

// change goes to the routes of a new map, or to those of a stream without one.
func (f *frontActor) change(ctx actor.Context, s *Stream, l Loaded) {
	change := f.tree.move(func() shard.Change {
		switch {
		case l.Plain:
			return s.table.Plain()
		case l.Map == nil:
			return s.table.Unmapped()
		}
		return s.table.Apply(l.Map)
	})
	s.owner.Charged(change.Charge)
	cells := map[*shard.Lane]*cell{}
	for _, c := range s.all() {
		cells[c.lane] = c
	}
	for _, l := range change.Opened {
		f.drive(ctx, s, cells[l])
	}
	for _, l := range change.Retired {
		if c := cells[l]; c != nil { // else it rests already
			f.tree.tell(c.pid.Load(), theWake)
		}
	}
}

// tidy routes again what the lanes have left.
func (f *frontActor) tidy(s *Stream) {
	change := f.tree.move(func() shard.Change {
		rs := s.takeHoming()
		if len(rs) == 0 {
			return shard.Change{}
		}
		return shard.Change{Charge: s.table.Reroute(rs)}
	})
	if change.Charge != 0 {
		s.owner.Charged(change.Charge)
	}
}
