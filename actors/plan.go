package actors

import (
	"context"
	"log/slog"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// Plan is what a tree is built from: the policy and the outside world, as its builder sees them. All functions are safe
// for concurrent use.
type Plan struct {
	// System is where the actors live.
	System *actor.ActorSystem
	// Logger receives what a person should know; never record data.
	Logger *slog.Logger
	// Clock tells the time; time.Now but in tests.
	Clock func() time.Time
	// Senders is the number of parallel PutRecords calls.
	Senders int
	// RequestBytes bounds the record bytes in all requests together; one request always may go.
	RequestBytes int64
	// Requests bounds one request.
	Requests shard.RequestLimits
	// Retry is the policy of every lane.
	Retry *shard.RetryPolicy
	// Reload is the pause before the n-th load of a map after failures, n from 1.
	Reload func(failures int) time.Duration
	// Hurry says that somebody waits for everything to go.
	Hurry func() bool
	// Pressed says that callers wait for room, which only the end of a record can make.
	Pressed func() bool
	// Escalate says that the parent is a user's actor, to be told of failures: the guard fails with what Tree.Escalate was
	// given, and the parent's strategy decides.
	Escalate bool
	// Forgiven is told that the parent has answered an escalation with resume or restart.
	Forgiven func()
	// Gone is told that the guard has been stopped by somebody else. It runs in a goroutine of its own.
	Gone func()
	// Panic, if it is set, is called at the start of every handler with the actor's kind and the message, and before every
	// effect of a lane; tests let it panic.
	Panic func(at string, message any)
	// LoadTimeout is how long a load may take. It is the context's in Owner.Load that it is held to first.
	LoadTimeout time.Duration
	// Sweep is how often waiting records are looked at for those whose time is over; 0 for never.
	Sweep time.Duration
}

// Owner is one stream as its builder sees it. All methods are safe for concurrent use.
type Owner interface {
	// Limits are those of a new lane, which aggregates or not.
	Limits(aggregate bool) *shard.Limits
	// Put looks at the records of a request and returns the call that sends it. That returns an answer for each record in
	// order, or why there are none, and ends soon after ctx does. It looks at the buffers of the records alone: if it is
	// given up, the records go on without it.
	Put(req *shard.Request) func(ctx context.Context) ([]shard.Answer, *shard.Failure)
	// Timeout is how long Put may take.
	Timeout(req *shard.Request) time.Duration
	// Load fetches the stream's map. It ends soon after ctx does.
	Load(ctx context.Context) Loaded
	// Loaded is told of every load, after its map has been put in place.
	Loaded(l Loaded)
	// Leaving is asked last before the stream is given up, while its lanes are locked: it must not block. Either nothing is
	// in them, and the stream is released; or it turned out to be another one, and what waits in them goes there. After true
	// no lane takes a record any more.
	Leaving(to Owner) bool
	// Left is told that the stream was released, or that it has become another one, which owns what waited.
	Left(to Owner)
	// Charged adjusts the ledger when moved records take more bytes, or fewer.
	Charged(bytes int64)
	// Tried is told of each attempt of a Kinesis record, perhaps twice after a panic. It must not block.
	Tried(r *shard.Record, a *shard.Attempt)
	// Ended settles the user records of a Kinesis record. It owns the record from then on. It must not block.
	Ended(e *shard.Ended)
}

// Loaded is what came of fetching a map. Map is nil when it may not be read (Failure nil: go on without) or could not be
// (Failure set).
type Loaded struct {
	// Map is the stream's map.
	Map *shard.Map
	// Plain says that records are to go unaggregated and wherever they like, whatever map there was: the service places
	// them by itself. Map and Failure are nil then.
	Plain bool
	// Same is another stream of the tree, which this one turned out to be: what waits here goes there. Only of a stream that
	// has had no map yet, of which nothing can have been sent. All else is nil then.
	Same *Stream
	// Failure says why there is none.
	Failure *shard.Failure
}
