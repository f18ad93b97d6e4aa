package kinecast

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/kinecast/kinecast/internal/ledger"
	"github.com/kinecast/kinecast/internal/snapshot"
	"github.com/kinecast/kinecast/shard"
)

// SnapshotPart is one of several parts of what was saved. Records of one hash key are always in the same part, so their
// order survives when n producers hand over to m. The zero value is all.
type SnapshotPart struct {
	// Index is which part, 0 to Total-1.
	Index int
	// Total is how many there are; 0 and 1 mean all.
	Total int
}

// check refuses a part that is none.
func (p SnapshotPart) check() error {
	if p.Total < 0 || p.Index < 0 || p.Index >= max(p.Total, 1) {
		return fmt.Errorf("index %d of %d; use 0 to Total-1, or the zero value for all", p.Index, p.Total)
	}
	return nil
}

// has says whether a record is in the part.
func (p SnapshotPart) has(r *snapshot.Record) bool { return p.Total <= 1 || r.Part(p.Total) == p.Index }

// RestoredRecord is a record as a snapshot has it: its bytes, and no T.
type RestoredRecord struct {
	// Key is the partition key.
	Key string
	// HashKey is the explicit hash key, if Explicit.
	HashKey HashKey
	// Explicit says that the record has a hash key of its own.
	Explicit bool
	// Data is what the serializer had made of the value; the receiver's to keep, not to change.
	Data []byte
	// MaybeWritten says that the record may have been in its stream already when it was saved.
	MaybeWritten bool
}

// SnapshotError says what is wrong with one reader of Config.Restore. It Is ErrSnapshot. New returns one for each damaged
// reader, joined: errors.As finds the first. Set Config.RestoreDamaged to go on with what is intact.
type SnapshotError struct {
	// Reader is the index in Config.Restore.
	Reader int
	// Offset is where the first damage stands, in bytes from the reader's beginning.
	Offset int64
	// Reason says what is wrong there. It quotes no record.
	Reason string
	// Damages is how many places are damaged, at most 100 are counted.
	Damages int
	// Intact is how many records of the reader, of all parts, can be restored all the same.
	Intact int64
	// Cause is the reader's own error, if it failed.
	Cause error
}

// Error names reader, offset, fault and what can be saved.
func (e *SnapshotError) Error() string {
	more := ""
	if e.Damages > 1 {
		more = fmt.Sprintf(" (and %d more faults behind it)", e.Damages-1)
	}
	return fmt.Sprintf("kinecast: damaged snapshot: Restore[%d] at offset %d: %s%s; %d records are intact: set RestoreDamaged to go on with them",
		e.Reader, e.Offset, e.Reason, more, e.Intact)
}

// Is reports whether target is ErrSnapshot.
func (e *SnapshotError) Is(target error) bool { return target == ErrSnapshot }

// Unwrap returns the reader's error.
func (e *SnapshotError) Unwrap() error { return e.Cause }

// snapshotErrors are those of several readers.
type snapshotErrors []error

func (e snapshotErrors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

func (e snapshotErrors) Unwrap() []error { return e }

func (f *faults) checkRestore(readers []io.Reader, part SnapshotPart) {
	for i, r := range readers {
		f.checkf(r != nil, "Restore[%d] is nil; leave it out when there is no snapshot", i)
	}
	f.wrap("RestorePart", part.check())
}

// readRestore reads all snapshots to their ends, before anything is started: a record must not be sent twice because the
// last byte of the last reader turned out to be damaged.
func readRestore[T any](cfg *Config[T], log *slog.Logger) (saved []snapshot.Record, err error) {
	var damaged snapshotErrors
	for i, r := range cfg.Restore {
		intact := int64(0)
		damages := snapshot.Read(watchful{r, i}, func(one snapshot.Record) {
			intact++
			if !cfg.RestorePart.has(&one) {
				return
			}
			if cfg.RestorePart.Total > 1 { // or its block would be held for the sake of a part
				one.Key, one.Data = bytes.Clone(one.Key), bytes.Clone(one.Data)
			}
			saved = append(saved, one)
		})
		if len(damages) == 0 {
			continue
		}
		first := damages[0]
		e := &SnapshotError{
			Reader: i, Offset: first.Offset, Reason: first.Reason, Damages: len(damages), Intact: intact, Cause: first.Err,
		}
		if cfg.RestoreDamaged {
			log.Error("kinecast: a snapshot is damaged; what is intact is restored", "reader", i, "offset", first.Offset,
				"reason", first.Reason, "damages", len(damages), "intact", intact)
			continue
		}
		damaged = append(damaged, e)
	}
	cfg.Restore = nil // read; what they hold is not needed any more
	switch len(damaged) {
	case 0:
		return saved, nil
	case 1:
		return nil, damaged[0]
	}
	return nil, damaged
}

// watchful turns the panic of a caller's reader into an error.
type watchful struct {
	r     io.Reader
	index int
}

func (w watchful) Read(b []byte) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			n, err = 0, &PanicError{Where: fmt.Sprintf("Restore[%d]", w.index), Value: v, Stack: debug.Stack()}
		}
	}()
	return w.r.Read(b)
}

// restore admits what was saved, before anybody can put anything. The bounds are exceeded if need be: what is in memory
// already cannot wait outside, and it ends like everything else.
func (p *Producer[T]) restore(saved []snapshot.Record) error {
	streams := map[string]*stream{}
	for i := range saved { // all before the first record: then nothing is sent if one cannot be written to
		name := saved[i].Stream
		if streams[name] != nil {
			continue
		}
		st, err := p.sup.openStream(name)
		if err != nil {
			return fmt.Errorf("kinecast: Restore: %w", err)
		}
		st.users.Add(1) // it is not to be released before it has its records, however long that takes
		defer st.users.Add(-1)
		streams[name] = st
	}
	for i := range saved {
		r := &saved[i]
		st := streams[r.Stream]
		e := shard.Entry{Key: r.Key, Data: r.Data, Hash: hashOf(r), Explicit: r.Explicit, Suspect: r.MaybeWritten, Restored: true}
		if p.kept {
			e.Reply = &restored[T]{p: p, stream: st, record: RestoredRecord{
				Key: string(r.Key), HashKey: e.Hash, Explicit: r.Explicit, Data: r.Data, MaybeWritten: r.MaybeWritten,
			}}
		}
		if !p.sup.force(st, &e) {
			return ErrClosed
		}
		*r = snapshot.Record{} // its bytes have been copied
	}
	p.sup.restored = int64(len(saved))
	return nil
}

func hashOf(r *snapshot.Record) HashKey {
	if !r.Explicit {
		return shard.HashKeyOfBytes(r.Key)
	}
	return shard.HashKeyFrom(binary.BigEndian.Uint64(r.HashKey[:8]), binary.BigEndian.Uint64(r.HashKey[8:]))
}

// force takes a record in without regard to any bound; false if the producer was closed meanwhile, by an actor.
func (s *supervisor) force(st *stream, e *shard.Entry) bool {
	epoch := s.ledger.Enter()
	e.Epoch = epoch.Number()
	s.ledger.Records.Force(1)
	granted := int64(0)
	for {
		in := st.lanes.Routes().Find(e.Hash).Append(e, granted)
		switch {
		case in.Taken():
			s.ledger.Bytes.Give(granted - in.Used)
			s.restoredBytes += in.Used
			st.held.enter(in.Used)
			return true
		case in.Shut:
			return s.unforce(epoch, granted)
		case in.Retired && st.gone.Load(): // it has joined another one, or was released
			var err error
			if st, err = s.again(st); err != nil {
				return s.unforce(epoch, granted)
			}
		case in.Need > granted:
			s.ledger.Bytes.Force(in.Need - granted)
			granted = in.Need
		}
	}
}

// unforce gives back what force has taken.
func (s *supervisor) unforce(epoch *ledger.Epoch, granted int64) (taken bool) {
	s.ledger.Bytes.Give(granted)
	s.ledger.Records.Give(1)
	s.ledger.Leave(epoch, 1)
	return false
}

// restored is what has to be remembered of a restored record until it ends.
type restored[T any] struct {
	p      *Producer[T]
	stream *stream
	record RestoredRecord
}

// Asked implements shard.Reply.
func (*restored[T]) Asked() bool { return false }

// Ended implements shard.Reply.
func (r *restored[T]) Ended(o *shard.Outcome, position int) {
	r.p.tell(Delivery[T]{
		Restored: &r.record, Result: result(r.stream.name, o, position), Err: deliveryError(r.stream.name, o),
	})
}

// noTime is a context that has ended.
func noTime() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
