package kinecast

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/cenkalti/backoff/v4"

	"github.com/kinecast/kinecast/actors"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/internal/ledger"
	"github.com/kinecast/kinecast/shard"
)

// supervisor is a producer without its T: the tree, the policy, and what must happen in which order.
//
//	who starts whom     New starts the guard, it the front, it everything else; a stream's actors start with its first record
//	what a restart      keeps every record: ports, lanes and streams outlive their actors; loses nothing; may repeat a request
//	order of shutdown   refuse, drain (callbacks run) while there is time, stop the actors, cancel calls, end what is left
type supervisor struct {
	client  Client
	cfg     settings
	ledger  *ledger.Ledger
	tree    *actors.Tree
	courier *courier
	stats   counters
	figures *figures.Set
	log     *slog.Logger
	trouble troubles

	system  *ActorSystem
	eased   func()   // called after room was given back
	left    func()   // called when every record has ended, before Close returns
	refused refusals // actors that wait for room
	streams atomic.Pointer[directory]
	opening sync.Mutex       // guards the writing, and the next three
	idler   *time.Timer      // looks for idle streams; nil while there is no stream
	past    int64            // records received by streams that were released
	sizes   map[string]int64 // record limits of released streams that have another than most

	hurries  atomic.Int64 // flushes that wait
	waiting  atomic.Int64 // callers that wait for room, wherever
	failures atomic.Int64 // sticky ones, to tell the oldest
	restored int64        // records, set before New returns
	// restoredBytes is what they were charged.
	restoredBytes int64

	closing chan struct{}
	closed  atomic.Bool
	noTime  context.Context // ended when there is no time to drain, not even for a Close that does
	hasten  context.CancelCauseFunc
	once    sync.Once
	down    chan struct{} // closed when Close has finished
	last    error         // what Close returned
}

// parent is a user's actor or the root of an actor system, nil for the one that the configuration names.
func newSupervisor(client Client, cfg settings, parent actor.SpawnerContext) *supervisor {
	s := &supervisor{
		client: client, cfg: cfg, log: cfg.logger, ledger: ledger.New(cfg.queueLimit, cfg.queueBytes),
		closing: make(chan struct{}), down: make(chan struct{}), figures: figures.New(cfg.level, cfg.granularity),
		sizes: map[string]int64{},
	}
	s.noTime, s.hasten = context.WithCancelCause(context.Background())
	s.streams.Store(&directory{})
	s.courier = newCourier(s.log, s.settle)
	s.cfg.policy.Backoff = jittered(backoffs)
	s.system = cfg.system
	switch {
	case parent != nil:
		s.system = parent.ActorSystem()
	case s.system == nil:
		s.system = sharedSystem()
	}
	_, isRoot := parent.(*actor.RootContext)
	under := parent
	if parent == nil {
		under = s.system.Root
	}
	s.tree = actors.Start(under, "kinecast", actors.Plan{
		System: s.system, Escalate: parent != nil && !isRoot, Forgiven: s.forgive, Gone: s.orphaned, Panic: cfg.panics,
		Logger: s.log, Clock: time.Now, Senders: cfg.maxConnections,
		RequestBytes: int64(float64(cfg.requestBytes) / heldPerByte), Requests: cfg.requests,
		Retry: &s.cfg.policy, Reload: func(n int) time.Duration { return s.cfg.policy.Backoff(shard.Transient, n) },
		Hurry: func() bool { return s.hurries.Load() > 0 },
		Pressed: func() bool {
			return s.waiting.Load() > 0 || s.refused.waiting.Load() > 0
		},
		LoadTimeout: cfg.loadTimeout(),
		Sweep:       sweepEvery(&s.cfg.policy),
	})
	return s
}

// sweepEvery is how often to look for records whose time is over: a twentieth of the shorter limit is how late they end.
func sweepEvery(p *shard.RetryPolicy) time.Duration {
	shortest := p.RecordTTL
	if d := p.RetryDuration; d > 0 && (shortest == 0 || d < shortest) {
		shortest = d
	}
	if shortest == 0 {
		return 0
	}
	return min(max(shortest/20, 10*time.Millisecond), time.Second)
}

// backoffs are the pauses before a retry: by class, exponential, without the library's own randomness and clock, which
// would make the lanes impure. The cap of what may pass by itself is the 5 s within which a dead endpoint that answers
// again is to be noticed; a throttled shard refills within a second.
func backoffs(class shard.Class, failures int) time.Duration {
	b := backoff.ExponentialBackOff{
		InitialInterval: 50 * time.Millisecond, Multiplier: 2, MaxInterval: 5 * time.Second, Clock: backoff.SystemClock, Stop: backoff.Stop,
	}
	if class == shard.Throttled {
		b.InitialInterval, b.MaxInterval = 25*time.Millisecond, time.Second
	}
	b.Reset()
	pause := b.NextBackOff()
	for range min(failures-1, 16) {
		pause = b.NextBackOff()
	}
	return pause
}

// jittered spreads pauses over their upper half, so that those who failed together do not return together.
func jittered(pauses func(shard.Class, int) time.Duration) func(shard.Class, int) time.Duration {
	return func(c shard.Class, n int) time.Duration {
		pause := pauses(c, n)
		return pause - rand.N(pause/2+1)
	}
}

// settle is the very end of a Kinesis record.
func (s *supervisor) settle(n news) {
	r := n.ended.Record
	epoch, records, charge := r.Epoch(), int64(r.Len()), r.Charge()
	r.Release()
	s.ledger.Settle(epoch, records, charge)
	n.stream.held.leave(records, charge)
	s.eased()
}

// flush is a barrier over all that was admitted, or waited to be, before the call. It runs on the ledger and on the
// ports, never through a mailbox of the caller's, so an actor may call it about a producer below itself.
func (s *supervisor) flush(ctx context.Context) error {
	s.hurries.Add(1)
	defer s.hurries.Add(-1)
	e := s.ledger.Turn()
	s.tree.Look()
	select {
	case <-e.Ended():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sticky is the oldest sticky failure, or nil.
func (s *supervisor) sticky() error {
	var oldest failed
	for _, st := range s.streams.Load().all {
		if f := st.sticky.Load(); f.err != nil && (oldest.err == nil || f.turn < oldest.turn) {
			oldest = *f
		}
	}
	return oldest.err
}

// patience is how long canceled requests are given to end.
const patience = time.Second

// close ends the producer; only the first call does anything, every one waits for it.
func (s *supervisor) close(ctx context.Context) error {
	s.once.Do(func() {
		s.opening.Lock()
		s.closed.Store(true) // from here on no stream is adopted
		close(s.closing)
		s.stopWatching()
		s.opening.Unlock()
		err := s.drain(ctx)
		s.tree.Stop(patience, shard.Failure{Code: shard.CodeShutdown, Message: "the producer was closed before the request had ended"})
		last := s.ledger.Turn()
		s.tree.Bury(&shard.Failure{Code: shard.CodeShutdown, Message: "the producer was closed"})
		<-last.Ended()
		s.left()
		s.courier.wait()
		s.trouble.sum(s.log)
		if n := s.stats.shutdown.Load(); n > 0 {
			err = &UndeliveredError{Records: n, MaybeWritten: s.stats.shutdownMaybe.Load(), Cause: err}
		} else {
			err = nil // time was up, but nothing was left
		}
		s.last = errors.Join(err, s.sticky())
		close(s.down)
	})
	<-s.down
	return s.last
}

// drain is flush, for as long as there is time.
func (s *supervisor) drain(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(s.noTime, func() { stop(context.Cause(s.noTime)) })()
	return s.flush(ctx)
}

// stop is close with no time. A close that drains has none any more either.
func (s *supervisor) stop(why error) {
	s.hasten(why)
	_ = s.close(s.noTime)
}

// orphaned ends the producer after its actors were stopped from above: there is nothing left that could drain it.
func (s *supervisor) orphaned() { s.stop(errStopped) }

var errStopped = errors.New("kinecast: the producer was stopped by an actor")

// forgive forgets every sticky failure: the parent has answered the escalation.
func (s *supervisor) forgive() {
	for _, st := range s.streams.Load().all {
		if f := st.sticky.Load(); f.err != nil {
			st.clear(f.err)
		}
	}
}
