package actors

import "github.com/kinecast/kinecast/shard"

// A stream that is asked for by its name and by its ARN is two streams until a load finds out that they are one, which is
// before the first map of the second is used: so nothing of that has been sent, and all that has to be moved is what waits.
//
//	Owner.Load: Same ──▶ front: ports of the second retired, its records put to the first's ──▶ Owner.Left ──▶ its actors stop

// join brings what waits in a stream to another one, which it turned out to be, and lets go of it.
func (f *frontActor) join(s, to *Stream) {
	if to.gone.Load() || !f.move(s, to) {
		s.Refresh() // it is a stream of its own again, or something of it is still being told: the next load finds out
		return
	}
	f.letGo(s, to.owner)
}

// move gives up the lanes of a stream if nothing but waiting records is in them, and puts those into the lanes of another.
func (f *frontActor) move(s, to *Stream) (moved bool) {
	change := f.tree.move(func() (c shard.Change) {
		if s.settled() {
			c.Charge, moved = to.table.Join(s.table, func() bool { return s.leaves(to.owner) })
		}
		return c
	})
	if moved {
		to.owner.Charged(change.Charge)
	}
	return moved
}
