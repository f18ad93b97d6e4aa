package kinecast

import (
	"context"
	"fmt"
	"time"

	"github.com/kinecast/kinecast/internal/ledger"
	"github.com/kinecast/kinecast/shard"
)

// admission is the way of one record in: it waits for a place in the queue, then for the bytes that its port asks for,
// and hands it over. It holds nothing while it waits but its place in the line.
//
//	share of the stream ──▶ place in the queue ──▶ port ──▶ in
//	                              ▲                 │ │ ▲
//	                              │     bytes ◀─need┘ │ └── granted
//	                              └── the line ◀──────┘ crowded: the shard is slow and has its share
type admission struct {
	*supervisor

	ctx     context.Context //nolint:containedctx // an admission is a call, and lives no longer
	stream  *stream
	entry   *shard.Entry
	how     manner
	granted int64       // bytes of the ledger that the port has not taken yet
	line    *shard.Line // of a crowded shard, if this one is in one,
	turn    *shard.Turn // and its place there
	waited  bool        // for anything, so far
}

// admit takes a record into a stream, or says why not.
func (s *supervisor) admit(ctx context.Context, st *stream, e *shard.Entry, how manner) error {
	if s.closed.Load() {
		return ErrClosed
	}
	f := st.sticky.Load()
	if err := st.failureOf(f); err != nil {
		return err
	}
	e.Era = f.era
	epoch := s.ledger.Enter()
	e.Epoch = epoch.Number()
	if s.slip(st, e) {
		return nil
	}
	if err := s.admitSlowly(ctx, st, e, how); err != nil {
		s.ledger.Leave(epoch, 1)
		return err
	}
	return nil
}

// slip takes a record in when nothing has to be waited for: nearly every record comes this way (BenchmarkPut: a tenth of a
// Put's time, where aggregated records grow as they fill).
func (s *supervisor) slip(st *stream, e *shard.Entry) bool {
	if s.closed.Load() || st.held.scarce(s) || !s.ledger.Records.Try(1) {
		return false
	}
	port := st.lanes.Routes().Find(e.Hash)
	in := port.Append(e, 0)
	if in.Need > 0 {
		in = s.squeeze(port, e, in.Need)
	}
	if !in.Taken() {
		s.ledger.Records.Give(1)
		return false
	}
	st.held.enter(in.Used)
	return true
}

// squeeze appends with the bytes that a port has asked for, if they are free.
func (s *supervisor) squeeze(port *shard.Port, e *shard.Entry, need int64) shard.Admission {
	if need > s.ledger.Bytes.Limit() || !s.ledger.Bytes.Try(need) {
		return shard.Admission{Need: need}
	}
	in := port.Append(e, need)
	if left := need - in.Used; left > 0 {
		s.ledger.Bytes.Give(left)
	}
	return in
}

func (s *supervisor) admitSlowly(ctx context.Context, st *stream, e *shard.Entry, how manner) error {
	a := admission{supervisor: s, ctx: ctx, stream: st, entry: e, how: how}
	st.users.Add(1)
	defer func() { a.stream.users.Add(-1) }()
	return a.run()
}

// run is admit between entering an epoch and leaving it.
func (a *admission) run() error {
	if a.closed.Load() {
		return ErrClosed // looked at after entering: a record that gets past is one that Close waits for
	}
	if err := a.place(); err != nil {
		return err
	}
	for {
		routes := a.stream.lanes.Routes()
		in := routes.Find(a.entry.Hash).Append(a.entry, a.granted)
		var err error
		switch {
		case in.Retired && a.stream.gone.Load():
			if err = a.reopen(); err != nil {
				return err // it holds nothing
			}
		case in.Retired:
			// The shard closed between Find and Append; its successors are published already.
		case in.Shut:
			err = ErrClosed
		case in.Halted:
			err = a.stream.halted()
		case in.Crowded:
			if err = a.queue(routes); err != nil {
				return err // it holds nothing
			}
		case in.Need > 0:
			err = a.grow(in.Need)
		default:
			if a.granted > in.Used {
				a.ledger.Bytes.Give(a.granted - in.Used)
			}
			a.stream.held.enter(in.Used)
			a.leave()
			return nil
		}
		if err != nil {
			a.giveBack()
			a.leave()
			return err
		}
	}
}

// place waits for the share of the stream and takes a place in the queue.
func (a *admission) place() error {
	if err := a.share(); err != nil {
		return err
	}
	return a.room(&a.ledger.Records, 1)
}

// reopen begins anew with a stream that was released after it had been found. After an error it holds nothing.
func (a *admission) reopen() error {
	a.giveBack()
	a.leave()
	st, err := a.again(a.stream)
	if err != nil {
		return err
	}
	a.stream.users.Add(-1)
	a.stream = st
	st.users.Add(1)
	f := st.sticky.Load()
	if err := st.failureOf(f); err != nil {
		return err
	}
	a.entry.Era = f.era
	return a.place()
}

// giveBack returns all that was taken: somebody else can use it while this one waits, or has given up.
func (a *admission) giveBack() {
	if a.granted > 0 {
		a.ledger.Bytes.Give(a.granted)
		a.granted = 0
	}
	a.ledger.Records.Give(1)
}

// grow raises what has been granted to what a port needs.
func (a *admission) grow(need int64) error {
	if need > a.ledger.Bytes.Limit() {
		return fmt.Errorf("%w: it takes %d bytes with its bookkeeping; QueueBytes is %d", ErrTooLarge, need, a.ledger.Bytes.Limit())
	}
	if a.ledger.Bytes.Try(need - a.granted) {
		a.granted = need
		return nil
	}
	// To wait while holding a part could make two callers wait for each other.
	a.ledger.Bytes.Give(a.granted)
	a.granted = 0
	if err := a.room(&a.ledger.Bytes, need); err != nil {
		return err
	}
	a.granted = need
	return nil
}

// room takes room in the queue, and waits for it if it may.
func (a *admission) room(r *ledger.Room, need int64) error {
	if r.Try(need) {
		return nil
	}
	if a.how == tries {
		full := a.full()
		if r == &a.ledger.Bytes {
			full.Need = need
		}
		return full
	}
	defer a.blocks()()
	w := r.Join(need)
	a.tree.Look() // what holds the room lingers for company that cannot come; after join, or nobody is seen to wait
	err := a.await(w.Granted())
	if err != nil && !r.Quit(w) {
		r.Give(w.Need())
	}
	return err
}

// blocks counts a record that has to wait, once, and the time until the function that it returns is called.
func (a *admission) blocks() (end func()) {
	if !a.waited {
		a.waited = true
		a.stats.waits.Add(1)
	}
	s, since := a.supervisor, time.Now()
	s.waiting.Add(1)
	return func() {
		s.waiting.Add(-1)
		s.stats.blocked.Add(int64(time.Since(since)))
	}
}

// await waits until it is told, or for the event after which waiting has no sense, whose error it returns.
func (a *admission) await(told <-chan struct{}) error {
	broken := a.stream.broken()
	select {
	case <-told:
		return nil
	case <-a.ctx.Done():
		return context.Cause(a.ctx)
	case <-a.closing:
		return ErrClosed
	case <-broken.when:
		return broken.why()
	}
}

// stop is an event that ends waiting, and the error that it means.
type stop struct {
	when <-chan struct{}
	why  func() error
}
