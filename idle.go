package kinecast

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/kinecast/kinecast/actors"
	"github.com/kinecast/kinecast/shard"
)

// A stream that is not used is released. A coarse timer looks for such streams and asks the front, which retires all ports of
// one at once if there is nothing in them and Leaving agrees. A caller who had found the stream before and comes to a port
// later is told that it is retired, sees that the stream is gone, and opens it anew: Put counts nothing for this, and no
// record can be left in a stream that nobody drives.

// idleness is what a stream knows of its own use.
type idleness struct {
	users atomic.Int64  // calls that wait in it: for room, for its map, or to restore its records
	opens atomic.Int64  // calls of Open
	seen  atomic.Int64  // its records and Opens at the newest look
	quiet time.Time     // since when nothing has changed; guarded by supervisor.opening
	gone  atomic.Bool   // no port of it takes anything any more
	left  chan struct{} // closed when its name is free
}

func newIdleness() idleness { return idleness{quiet: time.Now(), left: make(chan struct{})} }

// looksPerTimeout is how often an idle stream is looked at before it is released.
const looksPerTimeout = 4

// maxSizes bounds the record limits that are remembered of released streams. Beyond it a stream with a limit of its own is kept.
const maxSizes = 1000

// errReleased tells who waited for a stream to look for it again.
var errReleased = errors.New("kinecast: the stream was released")

// watchIdle sets the timer if there are streams and it is not set. REQUIRES: opening.
func (s *supervisor) watchIdle() {
	if s.idler == nil && s.cfg.idle > 0 && len(s.streams.Load().all) > 0 {
		s.idler = time.AfterFunc(s.cfg.idle/looksPerTimeout, s.lookForIdle)
	}
}

// stopWatching ends the timer. REQUIRES: opening, closed.
func (s *supervisor) stopWatching() {
	if s.idler != nil {
		s.idler.Stop()
	}
}

// lookForIdle asks the front to release the streams whose time is over.
func (s *supervisor) lookForIdle() {
	s.opening.Lock()
	defer s.opening.Unlock()
	s.idler = nil
	if s.closed.Load() {
		return
	}
	now := time.Now()
	for _, st := range s.streams.Load().all {
		if st.rested(now) >= s.cfg.idle && (st.ordinary() || len(s.sizes) < maxSizes) {
			s.tree.Release(st.lanes)
		}
	}
	s.watchIdle()
}

// rested is for how long the stream has not been used. REQUIRES: opening.
func (st *stream) rested(now time.Time) time.Duration {
	if !st.unused() {
		st.seen.Store(st.uses())
		st.quiet = now
	}
	return now.Sub(st.quiet)
}

func (st *stream) uses() int64 { return st.held.taken() + st.opens.Load() }

// unused says that nothing is going on in the stream, nothing has been since the newest look, and no failure sticks to it.
func (st *stream) unused() bool {
	return st.uses() == st.seen.Load() && st.held.outstanding() == 0 && st.users.Load() == 0 &&
		st.sticky.Load().err == nil
}

// ordinary says that the stream takes records as large as most streams do.
func (st *stream) ordinary() bool { return st.maxRecord.Load() == shard.DefaultRecordBytes }

// Leaving implements actors.Owner.
func (st *stream) Leaving(to actors.Owner) bool {
	leaves := to != nil || st.unused()
	st.gone.Store(leaves)
	return leaves
}

// Left implements actors.Owner. What a released stream has counted goes on in the figures of the whole.
func (st *stream) Left(to actors.Owner) {
	if to != nil {
		st.join(to.(*stream))
		return
	}
	s := st.sup
	s.opening.Lock()
	s.past += st.held.taken()
	if !st.ordinary() { // a record that fitted before is to fit again before the summary has been read anew
		s.sizes[st.name] = st.maxRecord.Load()
		if alias := st.alias.Load(); alias != nil {
			s.sizes[*alias] = st.maxRecord.Load()
		}
	}
	s.streams.Store(s.streams.Load().without(st))
	s.opening.Unlock()
	s.figures.Release(st.figures)
	s.courier.post(news{stream: st, also: func() { s.trouble.forget(s.log, st.name) }})
	close(st.left)
}

// again finds a stream that is being released, or was, under the same name: a new one, or the one that it has joined.
func (s *supervisor) again(st *stream) (*stream, error) {
	<-st.left // soon: the front does nothing else in between
	return s.openStream(st.name)
}

// ready waits until a stream can be used, though it be released meanwhile.
func (s *supervisor) ready(ctx context.Context, st *stream) error {
	for {
		err := st.open(ctx, s.closing)
		if !errors.Is(err, errReleased) {
			return err
		}
		if st, err = s.again(st); err != nil {
			return err
		}
	}
}
