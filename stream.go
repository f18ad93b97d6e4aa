package kinecast

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kinecast/kinecast/actors"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/internal/wire"
	"github.com/kinecast/kinecast/shard"
)

// stream is what a producer knows of one stream beside its lanes: who it is, how large its records may be, whether it
// can be used, and the failure that sticks to it.
type stream struct {
	sup    *supervisor
	name   string                 // as the caller named it first
	alias  atomic.Pointer[string] // its other name, if callers use both
	target wire.Stream            // how calls name it
	lanes  *actors.Stream

	held      held // of the queue
	figures   *figures.Stream
	maxRecord atomic.Int64 // bytes of data and key
	sticky    atomic.Pointer[failed]
	limits    [2]atomic.Pointer[shard.Limits] // of its newest lanes: those that do not aggregate, and those that do
	idleness

	barred bool // callers wait until it is known whether it is one of its doubles

	mu        sync.Mutex
	doubles   []*stream // streams that it may be; nil when it is none of them
	arn       string    // what its summary said
	throttled bool      // that could not be read, and may be the next time
	described time.Time // when its summary was asked for last
	created   time.Time // when the stream was, by the newest summary; zero if that does not tell
	mapped    time.Time // and when the one was that the map is of
	auto      bool      // the service places records by itself
	doubted   bool      // perhaps it does: they landed in strange shards, and the summary has not been read since
	loads     int       // finished loads of its map
	ready     bool      // one of them succeeded
	trouble   *StreamError
	changed   chan struct{} // closed and replaced with each load
}

// failed is a sticky failure, or the place for one.
type failed struct {
	err  error
	era  uint64        // how many have been cleared before it
	turn int64         // its place among the failures of the producer
	when chan struct{} // closed when err is set
}

func newStream(sup *supervisor, name string, ref wire.Stream) *stream {
	st := &stream{sup: sup, name: name, target: ref, changed: make(chan struct{}), idleness: newIdleness()}
	st.figures = sup.figures.Stream(name, st.held.received.Load)
	st.maxRecord.Store(cmp.Or(sup.sizes[name], shard.DefaultRecordBytes))
	st.sticky.Store(&failed{when: make(chan struct{})})
	return st
}

// failure is the sticky failure as Puts return it, or nil.
func (st *stream) failure() error { return st.failureOf(st.sticky.Load()) }

func (st *stream) failureOf(f *failed) error {
	if f.err != nil {
		return fmt.Errorf("%w (stream %q): %w", ErrFailed, st.name, f.err)
	}
	return nil
}

// stick keeps the first failure, and sends away who waits for room; false if there was one already. The era is that of the
// failure that sticks now, and of every record that did not know of it.
func (st *stream) stick(err error, turn int64) (era uint64, first bool) {
	for {
		none := st.sticky.Load()
		if none.err != nil {
			return none.era, false
		}
		if st.sticky.CompareAndSwap(none, &failed{err: err, era: none.era, turn: turn, when: none.when}) {
			close(none.when)
			return none.era, true
		}
	}
}

// clear forgets the failure if it is still that one.
func (st *stream) clear(err error) bool {
	f := st.sticky.Load()
	//nolint:errorlint // the very failure that Err returned, not one like it
	return f.err != nil && f.err == err && st.sticky.CompareAndSwap(f, &failed{era: f.era + 1, when: make(chan struct{})})
}

// broken is the event of a sticky failure. Its error is never nil, even if the failure is cleared before it is asked for:
// whoever waited for room has not been given any.
func (st *stream) broken() stop {
	return stop{when: st.sticky.Load().when, why: st.halted}
}

// halted is why a record is refused that was on its way when the failure came.
func (st *stream) halted() error {
	if err := st.failure(); err != nil {
		return err
	}
	return fmt.Errorf("%w (stream %q): it was cleared since; put the record again", ErrFailed, st.name)
}

// arrived notes what came of a load and wakes who waits for it.
func (st *stream) arrived(trouble *StreamError) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.loads++
	st.trouble = trouble
	st.ready = st.ready || trouble == nil
	close(st.changed)
	st.changed = make(chan struct{})
}

// codeCreating is the code of a stream that cannot be used yet and will be by itself.
const codeCreating = "StreamCreating"

// open waits until the stream can be used. A failure that may pass is returned too, as soon as one load has met it: a
// readiness probe wants to hear of it. Only a stream that is being created is waited for.
func (st *stream) open(ctx context.Context, closing <-chan struct{}) error {
	st.opens.Add(1)
	st.users.Add(1)
	defer st.users.Add(-1)
	st.mu.Lock()
	since := st.loads
	if st.trouble != nil {
		st.lanes.Refresh()
	}
	st.mu.Unlock()
	for {
		st.mu.Lock()
		ready, trouble, fresh, changed := st.ready, st.trouble, st.loads > since, st.changed
		st.mu.Unlock()
		select {
		case <-closing:
			return ErrClosed
		default:
		}
		switch {
		case st.gone.Load():
			<-st.left
			return errReleased
		case ready && (trouble == nil || trouble.Class != Fatal):
			return nil // a map that is a little old serves
		case fresh && trouble != nil && trouble.Code != codeCreating:
			return trouble
		}
		select {
		case <-changed:
		case <-st.left:
			return errReleased
		case <-closing:
			return ErrClosed
		case <-ctx.Done():
			if trouble != nil {
				return fmt.Errorf("%w (waited until %w)", trouble, context.Cause(ctx))
			}
			return fmt.Errorf("kinecast: stream %q: not ready: %w", st.name, context.Cause(ctx))
		}
	}
}

// fits refuses a record that is over the stream's limit, or over the producer's own.
func (st *stream) fits(key, data int) error {
	if own := st.sup.cfg.maxRecord; int64(key+data) > own {
		return fmt.Errorf("%w: %d bytes of data and %d of key; MaxRecordSize is %d", ErrTooLarge, data, key, own)
	}
	if most := st.maxRecord.Load(); int64(key+data) > most {
		return fmt.Errorf("%w: %d bytes of data and %d of key; stream %q takes %d together", ErrTooLarge, data, key, st.name, most)
	}
	return nil
}
