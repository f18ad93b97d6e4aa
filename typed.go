package kinecast

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// Producer puts values of type T into Kinesis data streams. It is safe for concurrent use, and must be closed. It starts
// a fixed number of goroutines at most, none per shard and none per record.
type Producer[T any] struct {
	cfg     Config[T]
	sup     *supervisor
	scratch sync.Pool
	hashes  keyHashes
	kept    bool // values are needed again by a callback
	address *address[T]
}

// scratch is where one record is put together before its port copies it.
type scratch struct {
	data []byte
	at   Placement
	e    shard.Entry

	looking looking // for keys that come again

	// The stream of the record before, which most likely is this one's, too.
	stream  *stream
	name    string
	called  *string    // by the caller, as results say it
	streams *directory // all of them then: another one once a stream has come or gone
}

const (
	// maxScratch is the largest buffer that goes back to the pool: appending a record of 1 MiB makes one of up to twice that.
	maxScratch = 2 << 20

	// wideScratch is from where on a buffer is kept only by records that fill half of it. Else what one big record left behind
	// would be held by every caller who waits with a small one.
	wideScratch = 64 << 10
)

// New returns a producer that writes through the client. It checks the configuration and does no network I/O: streams are
// looked at when they get their first record, or with Open. The error is a *ConfigError that names every fault at once.
//
// With Config.Restore it reads snapshots to their ends, and their records are outstanding when it returns; a *SnapshotError
// says which of them is damaged, and then nothing has been started.
func New[T any](client Client, cfg Config[T]) (*Producer[T], error) {
	return start(client, cfg, nil, nil)
}

// Spawn is New under an actor: the producer's actors become children of the parent, which may be an actor's context, inside
// its Receive, or the root context of a system. Config.ActorSystem is not used.
//
// When a record fails that nobody asked about and ErrorMode is FailOnError, the parent's supervision gets a *FatalError. On
// resume and restart the sticky failure is forgotten and nothing else changes: no record is lost. On stop, and when the
// parent itself stops or restarts, outstanding records end with ErrShutdown and the producer is closed; spawn another.
//
// Flush, Checkpoint and Close may be called from the parent's Receive; Put there blocks the parent while the queue is
// full, TryPut and PID do not.
func Spawn[T any](parent actor.SpawnerContext, client Client, cfg Config[T]) (*Producer[T], error) {
	if parent == nil {
		return nil, &ConfigError{Faults: []string{"parent is nil; give an actor.Context, a system's Root, or use New"}}
	}
	return start(client, cfg, parent, nil)
}

// start makes a producer. Tests let its actors panic.
func start[T any](client Client, cfg Config[T], parent actor.SpawnerContext, panics func(string, any)) (*Producer[T], error) {
	s, err := cfg.settings()
	if isNil(client) {
		var faults *ConfigError
		if !errors.As(err, &faults) {
			faults = &ConfigError{}
		}
		faults.Faults = append([]string{"client is nil; give a *kinesis.Client or kinesistest's"}, faults.Faults...)
		return nil, faults
	}
	if err != nil {
		return nil, err
	}
	saved, err := readRestore(&cfg, s.logger)
	if err != nil {
		return nil, err
	}
	s.panics = panics
	p := &Producer[T]{cfg: cfg, kept: cfg.OnResult != nil || cfg.OnFailure != nil}
	p.scratch.New = func() any { return &scratch{} }
	p.sup = newSupervisor(client, s, parent)
	p.address = newAddress(p, p.sup.system)
	p.sup.eased = p.address.ease
	p.sup.left = p.address.leave
	if err := p.restore(saved); err != nil {
		_ = p.sup.close(noTime())
		return nil, err
	}
	return p, nil
}

// Open loads the maps of the named streams, or of DefaultStream if none is named, and returns when all can be used. It is
// optional, the first record does the same in the background; use it to learn at the start of a program that a stream is
// missing, a right is denied or an endpoint is dead, and as a readiness probe.
//
// It waits for a stream that is being created, until ctx ends. Any other trouble is returned as soon as it is known, as a
// *StreamError; the producer goes on trying unless it is Fatal.
func (p *Producer[T]) Open(ctx context.Context, streams ...string) error {
	if len(streams) == 0 && p.cfg.DefaultStream != "" {
		streams = []string{p.cfg.DefaultStream}
	}
	opened := make([]*stream, len(streams))
	for i, name := range streams {
		st, err := p.sup.openStream(name)
		if err != nil {
			return err
		}
		opened[i] = st
	}
	for _, st := range opened {
		if err := p.sup.ready(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

// Put admits a record and returns: its result comes through the callbacks, and a failure sticks to the stream if ErrorMode
// says so. It waits while the queue is full, until ctx ends; it does not wait for the result.
//
// An error means that nothing was admitted and nothing else will report the record: the serializer, the partitioner or
// TargetStream refused or panicked (ErrInvalidRecord, PanicError), the record is too large (ErrTooLarge), there is no
// stream (ErrNoStream), or in order nobody may say which (see Config.Ordering), an earlier record failed (ErrFailed), the
// producer is closed (ErrClosed), or ctx ended.
//
// v may be changed as soon as Put has returned, but for what callbacks are given. No allocation in steady state.
func (p *Producer[T]) Put(ctx context.Context, v T) error {
	return skipped(p.put(ctx, v, nil, waits))
}

// TryPut is Put that never waits: with a full queue it returns a *QueueFullError, which Is ErrQueueFull. It is the verb to
// use inside callbacks and inside actors.
func (p *Producer[T]) TryPut(v T) error { return skipped(p.put(context.Background(), v, nil, tries)) }

// PutSync admits a record and waits for its result; the linger is cut short for it. The error of a record that was
// admitted and failed is a *DeliveryError, and the Result tells the attempts.
//
// When ctx ends after the admission, the error Is ErrUnresolved and ctx's: the record goes on.
func (p *Producer[T]) PutSync(ctx context.Context, v T) (Result, error) {
	type end struct {
		result Result
		err    error
	}
	done := make(chan end, 1)
	err := p.put(ctx, v, func(r Result, err error) { done <- end{r, err} }, hastens)
	if err != nil {
		return Result{}, err
	}
	select {
	case e := <-done:
		return e.result, e.err
	case <-ctx.Done():
		return Result{}, fmt.Errorf("%w: %w", ErrUnresolved, context.Cause(ctx))
	}
}

// PutAsync admits a record as Put does and calls done with its result, exactly once if PutAsync returns nil and never
// otherwise. done runs on the goroutine of the callbacks; see Config.OnFailure for what it may do.
func (p *Producer[T]) PutAsync(ctx context.Context, v T, done func(Result, error)) error {
	if done == nil {
		return invalid("PutAsync needs a function to call; use Put when nobody waits for the result")
	}
	return p.put(ctx, v, done, waits)
}

// Flush returns when every record that was admitted, or waited to be, before the call has ended and its callbacks have
// returned. Meanwhile nothing lingers. It does not return failures: see Checkpoint. Its own error is ctx's. It may be
// called from the actor that is the producer's parent.
func (p *Producer[T]) Flush(ctx context.Context) error { return p.sup.flush(ctx) }

// Checkpoint is Flush and then Err: nil means that every record put before the call is in its stream, unless ErrorMode is
// LogAndContinue. Commit your position in the source after it.
func (p *Producer[T]) Checkpoint(ctx context.Context) error {
	if err := p.Flush(ctx); err != nil {
		return err
	}
	return p.Err()
}

// Err is the sticky failure of a stream, unchanged, or nil: the first record put with Put or TryPut that was admitted and
// not delivered. Always nil with LogAndContinue.
func (p *Producer[T]) Err() error { return p.sup.sticky() }

// ClearErr forgets the sticky failure if it is still this one, as Err returned it, and says whether it was. Puts to the
// stream are admitted again.
func (p *Producer[T]) ClearErr(err error) bool {
	for _, st := range p.sup.streams.Load().all {
		if st.clear(err) {
			return true
		}
	}
	return false
}

// Close refuses further records, delivers those that were admitted, runs every callback and stops. When ctx ends, or has
// ended at the call, requests are canceled and what is left ends with ErrShutdown: Close then returns an
// *UndeliveredError with the numbers, and OnFailure has had the records. Nothing of the producer runs after Close has
// returned, but a foreign client's call that does not heed its context. A sticky failure is returned too. A second Close
// waits for the first and returns the same.
func (p *Producer[T]) Close(ctx context.Context) error { return p.sup.close(ctx) }

// Stats reads the figures of the producer. It costs a few dozen loads and a look at each open shard.
func (p *Producer[T]) Stats() Stats { return p.sup.readStats() }

// skipped turns the wish to drop a record into success.
func skipped(err error) error {
	if err != nil && errors.Is(err, ErrSkip) {
		return nil
	}
	return err
}

// manner is how a verb goes about admission.
type manner uint8

const (
	waits   manner = iota // for room
	tries                 // and does not wait
	hastens               // waits for room, and for the result too: nothing is to linger
)

// put is the way of every record: encode, route, admit, append.
func (p *Producer[T]) put(ctx context.Context, v T, done func(Result, error), how manner) error {
	sc := p.scratch.Get().(*scratch)
	defer p.giveBack(sc)
	st, err := p.encode(v, sc)
	if err != nil {
		if errors.Is(err, ErrSkip) {
			p.sup.stats.skipped.Add(1)
		}
		return err
	}
	sc.e.Urgent = how == hastens
	if done != nil || p.kept {
		sc.e.Reply = &kept[T]{p: p, stream: sc.called, value: v, done: done}
	}
	return p.sup.admit(ctx, st, &sc.e, how)
}

func (p *Producer[T]) giveBack(sc *scratch) {
	if cap(sc.data) > maxScratch {
		sc.data = nil
	}
	sc.e.Data, sc.e.Reply = nil, nil
	p.scratch.Put(sc)
}

// encode makes an entry of a value, and finds its stream.
func (p *Producer[T]) encode(v T, sc *scratch) (st *stream, err error) {
	where := "TargetStream"
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Where: where, Value: r, Stack: debug.Stack()}
		}
	}()
	if st, err = p.route(v, sc); err != nil {
		return nil, err
	}
	where = "Serializer"
	sc.data, err = p.cfg.Serializer.Append(sc.data[:0], v)
	if err != nil {
		return nil, refused(where, err)
	}
	where = "Partitioner"
	sc.at = Placement{Key: sc.at.Key[:0]}
	if p.cfg.Partitioner == nil {
		sc.at.Key = append(sc.at.Key, p.cfg.DefaultPartition...)
	} else if err = p.cfg.Partitioner.Partition(v, &sc.at); err != nil {
		return nil, refused(where, err)
	}
	if err = sc.at.check(); err != nil {
		return nil, err
	}
	if sc.at.drawn && p.cfg.Ordering == PerKey {
		return nil, invalid("its key was drawn by Random and Ordering is PerKey; give it a key, or use Unordered")
	}
	if err = st.fits(len(sc.at.Key), len(sc.data)); err != nil {
		return nil, err
	}
	if cap(sc.data) > wideScratch && len(sc.data) < cap(sc.data)/2 {
		sc.data = bytes.Clone(sc.data)
	}
	e := &sc.e // field by field: to make it elsewhere and copy it costs ten times as much (BenchmarkPut)
	e.Key, e.Data, e.Hash, e.Explicit, e.Shared = sc.at.Key, sc.data, sc.at.hash, sc.at.chosen, sc.at.drawn
	e.Urgent, e.First, e.Reply = false, false, nil
	if !e.Explicit {
		e.Hash = p.hashes.of(e.Key, &sc.looking)
	}
	return st, nil
}

// route finds the stream of a value.
func (p *Producer[T]) route(v T, sc *scratch) (st *stream, err error) {
	name := ""
	if p.cfg.TargetStream != nil {
		if name, err = p.cfg.TargetStream(v); err != nil {
			return nil, refused("TargetStream", err)
		}
	}
	if name == "" {
		name = p.cfg.DefaultStream
	}
	if name == "" {
		return nil, ErrNoStream
	}
	known := p.sup.streams.Load()
	if known == sc.streams && name == sc.name {
		return sc.stream, nil
	}
	sc.streams = nil
	if st, err = p.sup.openStream(name); err != nil {
		return nil, err
	}
	if sc.called = st.called(name); known.byName[name] == st {
		sc.stream, sc.name, sc.streams = st, name, known
	}
	return st, nil
}

// refused wraps an error of the caller's own code. ErrSkip passes.
func refused(where string, err error) error {
	if errors.Is(err, ErrSkip) {
		return ErrSkip
	}
	return fmt.Errorf("%w: %s: %w", ErrInvalidRecord, where, err)
}

// kept is what has to be remembered of a record until it ends.
type kept[T any] struct {
	p      *Producer[T]
	stream *string // as its caller named it
	value  T
	done   func(Result, error)
}

// Asked implements shard.Reply.
func (k *kept[T]) Asked() bool { return k.done != nil }

// Ended implements shard.Reply: done first, then OnFailure and OnResult. Deferred, so that none is left out when one
// before it panics.
func (k *kept[T]) Ended(o *shard.Outcome, position int) {
	d := Delivery[T]{Value: k.value, Result: result(*k.stream, o, position), Err: deliveryError(*k.stream, o)}
	defer k.p.tell(d)
	if k.done != nil {
		k.done(d.Result, d.Err)
	}
}

// tell runs OnFailure, if it failed, and OnResult.
func (p *Producer[T]) tell(d Delivery[T]) {
	if p.cfg.OnResult != nil {
		defer p.cfg.OnResult(d)
	}
	if d.Err != nil && p.cfg.OnFailure != nil {
		p.cfg.OnFailure(d)
	}
}

// isNil sees through an interface that holds a nil pointer: with one, every call would panic.
func isNil(c Client) bool {
	v := reflect.ValueOf(c)
	return c == nil || v.Kind() == reflect.Pointer && v.IsNil()
}
