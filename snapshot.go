package kinecast

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"

	"github.com/kinecast/kinecast/actors"
	"github.com/kinecast/kinecast/internal/snapshot"
	"github.com/kinecast/kinecast/shard"
)

// Snapshot writes what is outstanding to w, for Config.Restore of a later producer: every record that was admitted before
// the call is in the snapshot, or has ended before Snapshot returns. It waits for no delivery: use it where Checkpoint
// takes too long, because a stream is throttled or away. Records go on being delivered meanwhile; those that are admitted
// meanwhile may be in the snapshot or not. A record that failed is in it until its callbacks have returned, so that no
// failure is lost with the process that was to be told of it.
//
// Nothing is saved but what w has taken when Snapshot returns nil: write to a new file, sync it, and rename it over the old
// one. An error leaves w with a beginning, which Restore refuses: ctx's, w's own, a *PanicError if w panics, or ErrClosed
// after Close, or if Close gave up records meanwhile; those have ended with ErrShutdown and OnFailure has them.
//
// Each record has its stream, as it was named first, partition key, hash key and data, and a mark whether it may be in the stream already, as far
// as was known when it was written. A producer that goes on after the snapshot goes on delivering what is in it: whoever
// restores it repeats that. Delivery stays at least once; consumers that need more drop what they have seen, by an id
// of the record's own.
//
// Records of one key are written in the order of their Puts. The call lists the outstanding Kinesis records, eight bytes for
// each, then copies one block of 64 KiB (or one larger record) at a time; it holds no lock while w is called. Each shard's
// filling record is closed by it, as by a Flush. Safe for concurrent use, also twice at once, in callbacks, and from the
// actor that is the producer's parent. ctx is looked at between blocks: it cannot end a Write that hangs.
func (p *Producer[T]) Snapshot(ctx context.Context, w io.Writer) error {
	if w == nil {
		return errors.New("kinecast: snapshot: the writer is nil")
	}
	return p.sup.snapshot(ctx, w)
}

func (s *supervisor) snapshot(ctx context.Context, w io.Writer) error {
	select {
	case <-s.down:
		return ErrClosed
	default:
	}
	out := snapshot.NewWriter(careful{w})
	streams := slices.Clone(s.streams.Load().all)
	slices.SortFunc(streams, func(a, b *stream) int { return cmp.Compare(a.name, b.name) })
	lanes := make([]*actors.Stream, len(streams))
	for i, st := range streams {
		lanes[i] = st.lanes
	}
	for i, records := range s.tree.Capture(lanes) {
		if err := streams[i].save(ctx, out, records); err != nil {
			return err
		}
	}
	if s.stats.shutdown.Load() > 0 {
		return fmt.Errorf("%w while the snapshot was written, with records undelivered", ErrClosed)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("kinecast: snapshot: %w", err)
	}
	return nil
}

// save writes what was captured of a stream. It may be released meanwhile: then all of that has ended.
func (st *stream) save(ctx context.Context, out *snapshot.Writer, records []*shard.Record) error {
	saved := saving{ctx: ctx, stream: st, out: out}
	for i, r := range records {
		if err := saved.visit(r, nil); err != nil {
			return err
		}
		records[i] = nil // what has ended since need not be kept for the list's sake
	}
	return nil
}

// saving is the writing of one stream.
type saving struct {
	ctx    context.Context //nolint:containedctx // a saving is a call
	stream *stream
	out    *snapshot.Writer
}

// visit writes the user records of a Kinesis record at these positions, which ascend; all of them if there are none. If it
// has been taken apart since it was listed, it finds them where they are now.
func (s *saving) visit(r *shard.Record, positions []int) error {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	if r.Concluded() {
		return nil
	}
	if r.Hold() {
		defer r.Let()
		return s.write(r, positions)
	}
	heirs := s.stream.sup.tree.Heirs(r)
	var parts []*shard.Record
	at := map[*shard.Record][]int{}
	for i, h := range heirs {
		if positions != nil && !slices.Contains(positions, i) {
			continue
		}
		if at[h.Record] == nil {
			parts = append(parts, h.Record)
		}
		at[h.Record] = append(at[h.Record], h.Position)
	}
	for _, part := range parts {
		if err := s.visit(part, at[part]); err != nil {
			return err
		}
	}
	return nil
}

func (s *saving) write(r *shard.Record, positions []int) error {
	one := snapshot.Record{Stream: s.stream.name, MaybeWritten: r.Suspect()}
	for i, e := range r.Entries() {
		if positions != nil {
			if len(positions) == 0 || positions[0] != i {
				continue
			}
			positions = positions[1:]
		}
		one.Key, one.Data, one.Explicit, one.HashKey = e.Key, e.Data, e.Explicit, [16]byte{}
		if e.Explicit {
			one.HashKey = e.Hash.Bytes()
		}
		if err := s.out.Add(&one); err != nil {
			return fmt.Errorf("kinecast: snapshot: %w", err)
		}
	}
	return nil
}

// careful turns the panic of a caller's writer into an error.
type careful struct{ w io.Writer }

func (c careful) Write(b []byte) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Where: "Writer", Value: v, Stack: debug.Stack()}
		}
	}()
	return c.w.Write(b)
}
