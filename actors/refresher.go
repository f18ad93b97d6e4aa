package actors

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// reloadPause is the shortest time between two loads of a map: far below what the API allows for one stream, and no
// longer than a person waits for a reshard to be noticed.
const reloadPause = time.Second

// refresherActor loads the maps of one stream: at the start, when it is asked, and again after a failure.
//
//	idle ──refresh──▶ loading ──loaded──▶ idle, or (asked meanwhile, or failed) paused ──look──▶ loading
type refresherActor struct {
	stream   *Stream
	loading  bool
	again    bool // asked while loading: that load may have begun too early
	failures int
	last     time.Time // when the newest load began
	timer    *time.Timer
}

// Receive implements actor.Actor.
func (r *refresherActor) Receive(ctx actor.Context) {
	r.stream.tree.fault("refresher", ctx.Message())
	if r.stream.quits(ctx) {
		return
	}
	switch m := ctx.Message().(type) {
	case *actor.Started:
		r.stream.refresher.Store(ctx.Self())
		r.load(ctx)
	case *refresh:
		switch {
		case r.loading:
			r.again = true
		case r.timer == nil:
			r.pause(ctx, r.last.Add(reloadPause).Sub(r.stream.tree.plan.Clock()))
		}
	case *look:
		r.stop()
		r.load(ctx)
	case *loaded:
		r.loaded(ctx, m)
	case *actor.Stopping, *actor.Restarting:
		r.stop()
	}
}

func (r *refresherActor) load(ctx actor.Context) {
	if r.loading {
		return
	}
	r.loading, r.again = true, false
	tree, s, self := r.stream.tree, r.stream, ctx.Self()
	r.last = tree.plan.Clock()
	tell := func(l Loaded) { tree.tell(self, &loaded{stream: s, Loaded: l}) }
	if s.hung.Load() >= maxHung {
		tell(Loaded{Failure: hungLoad})
		return
	}
	// A client that does not heed its context is held to the time for a load all the same, and one hung load is no reason
	// never to try again; a second one is.
	var ended atomic.Bool // by whoever comes first
	watch := time.AfterFunc(tree.plan.LoadTimeout+grace, func() {
		if ended.CompareAndSwap(false, true) {
			s.hung.Add(1)
			tell(Loaded{Failure: hungLoad})
		}
	})
	unwatch := context.AfterFunc(tree.ctx, func() { watch.Stop() })
	tree.call(func() {
		l := tree.safeLoad(s)
		unwatch()
		watch.Stop()
		if ended.CompareAndSwap(false, true) {
			tell(l)
			return
		}
		s.hung.Add(-1)
	})
}

// maxHung is how many loads of one stream may hang in a client that does not heed its context.
const maxHung = 2

var hungLoad = &shard.Failure{Code: shard.CodeTimeout, Message: "the client did not return in time from listing the stream's shards"}

// safeLoad turns a client that panics into a failure.
func (t *Tree) safeLoad(s *Stream) (l Loaded) {
	defer func() {
		if v := recover(); v != nil {
			l = Loaded{Failure: t.panicked(v)}
		}
	}()
	return s.owner.Load(t.ctx)
}

func (r *refresherActor) loaded(ctx actor.Context, m *loaded) {
	r.loading = false
	r.stream.tree.tell(r.stream.tree.front.Load(), m)
	if m.Failure == nil {
		r.failures = 0
		if r.again {
			r.pause(ctx, reloadPause)
		}
		return
	}
	r.failures++
	r.pause(ctx, r.stream.tree.plan.Reload(r.failures))
}

func (r *refresherActor) pause(ctx actor.Context, d time.Duration) {
	r.stop()
	self, tree := ctx.Self(), r.stream.tree
	r.timer = time.AfterFunc(max(d, 0), func() { tree.tell(self, theLook) })
}

func (r *refresherActor) stop() {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
}
