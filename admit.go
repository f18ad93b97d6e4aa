package kinecast

import (
	"context"
	"fmt"
	"time"

	"github.com/kinecast/kinecast/internal/ledger"
	"github.com/kinecast/kinecast/shard"
)

// admit takes a record into a stream: it waits for a place in the queue, then for the bytes that its port asks for, and
// hands it over. It holds nothing while it waits but its place in the line.
func (s *supervisor) admit(ctx context.Context, st *stream, e *shard.Entry, how manner) error {
	if s.closed.Load() {
		return ErrClosed
	}
	if err := st.failure(); err != nil {
		return err
	}
	epoch := s.ledger.Enter()
	e.Epoch = epoch.Number()
	err := s.append(ctx, st, e, how)
	if err != nil {
		s.ledger.Leave(epoch, 1)
		return err
	}
	s.stats.received.Add(1)
	return nil
}

// append is admit between entering an epoch and leaving it.
func (s *supervisor) append(ctx context.Context, st *stream, e *shard.Entry, how manner) error {
	if s.closed.Load() {
		return ErrClosed // looked at after entering: a record that gets past is one that Close waits for
	}
	if err := s.wait(ctx, st, &s.ledger.Records, 1, how); err != nil {
		return err
	}
	granted := int64(0)
	for {
		a := st.lanes.Routes().Find(e.Hash).Append(e, granted)
		switch {
		case a.Retired:
			// The shard closed between Find and Append; its successors are published already.
		case a.Shut:
			s.ledger.Bytes.Give(granted)
			s.ledger.Records.Give(1)
			return ErrClosed
		case a.Need > 0:
			if err := s.grow(ctx, st, a.Need, &granted, how); err != nil {
				s.ledger.Bytes.Give(granted)
				s.ledger.Records.Give(1)
				return err
			}
		default:
			if granted > a.Used {
				s.ledger.Bytes.Give(granted - a.Used)
			}
			return nil
		}
	}
}

// grow raises what has been granted to what a port needs.
func (s *supervisor) grow(ctx context.Context, st *stream, need int64, granted *int64, how manner) error {
	if need > s.ledger.Bytes.Limit() {
		return fmt.Errorf("%w: it takes %d bytes with its bookkeeping; QueueBytes is %d", ErrTooLarge, need, s.ledger.Bytes.Limit())
	}
	more := need - *granted
	if s.ledger.Bytes.Try(more) {
		*granted = need
		return nil
	}
	// To wait while holding a part could make two callers wait for each other.
	s.ledger.Bytes.Give(*granted)
	*granted = 0
	if err := s.wait(ctx, st, &s.ledger.Bytes, need, how); err != nil {
		return err
	}
	*granted = need
	return nil
}

// wait takes room, and waits for it if it may.
func (s *supervisor) wait(ctx context.Context, st *stream, r *ledger.Room, need int64, how manner) error {
	if r.Try(need) {
		return nil
	}
	if how == tries {
		full := &QueueFullError{
			Records: s.ledger.Records.Used(), QueueLimit: s.ledger.Records.Limit(),
			Bytes: s.ledger.Bytes.Used(), QueueBytes: s.ledger.Bytes.Limit(),
		}
		if r == &s.ledger.Bytes {
			full.Need = need
		}
		return full
	}
	s.stats.waits.Add(1)
	start := time.Now()
	defer func() { s.stats.blocked.Add(int64(time.Since(start))) }()
	w := r.Join(need)
	s.tree.Look() // what holds the room lingers for company that cannot come; after join, or nobody is seen to wait
	return await(ctx, r, w, stop{when: s.closing, why: func() error { return ErrClosed }}, st.broken())
}

// await waits until room is granted or one of the events happens, whose error it returns.
func await(ctx context.Context, r *ledger.Room, w *ledger.Waiter, first, second stop) error {
	var err error
	select {
	case <-w.Granted():
		return nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-first.when:
		err = first.why()
	case <-second.when:
		err = second.why()
	}
	if !r.Quit(w) {
		r.Give(w.Need())
	}
	return err
}

// stop is an event that ends waiting, and the error that it means.
type stop struct {
	when <-chan struct{}
	why  func() error
}
