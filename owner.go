package kinecast

import (
	"log/slog"

	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/shard"
)

// What a stream is to its actors: actors.Owner. Put is in client.go, Load and Loaded in loading.go.

// Limits implements actors.Owner. An aggregated record, with the longest key before it, must fit into the stream's own
// limit, which is known from the first map on. Lanes with the same limits share them: thousands of copies would be as many
// lines of memory that each record has to wait for.
func (st *stream) Limits(aggregate bool) *shard.Limits {
	const longestKey = 4 * shard.KeyCharacters
	l := st.sup.cfg.limits
	l.Aggregate = l.Aggregate && aggregate
	l.Barred = st.barred && st.undecided()
	l.MaxSize = min(l.MaxSize, int(st.maxRecord.Load())-longestKey)
	shared := &st.limits[0]
	if l.Aggregate {
		shared = &st.limits[1]
	}
	if known := shared.Load(); known != nil && *known == l {
		return known
	}
	shared.Store(&l)
	return &l
}

// Charged implements actors.Owner.
func (st *stream) Charged(bytes int64) {
	st.sup.ledger.Bytes.Force(bytes)
	st.held.bytes.Add(bytes)
}

// Tried implements actors.Owner. The end of a record's time is no attempt to put it.
func (st *stream) Tried(r *shard.Record, a *shard.Attempt) {
	if a.Code != shard.CodeExpired {
		st.figures.Tried(figures.Tried{Shard: a.ShardID, Buffered: a.Delay, Code: a.Code, Bytes: r.DataSize()})
	}
}

// Ended implements actors.Owner: it receives each Kinesis record that has ended, on an actor's goroutine. What must be
// visible before the record stops counting is done here: figures and the sticky failure. The log and the callbacks, which
// are code of the caller's, follow on the courier.
func (st *stream) Ended(e *shard.Ended) {
	s := st.sup
	s.stats.count(e)
	if misplacedTwice(e.Outcome.Attempts) {
		st.doubt()
	}
	st.count(e)
	if e.Outcome.Failure != nil {
		s.failed(st, e)
	} else {
		e.Record.Conclude()
	}
	n := news{stream: st, ended: e}
	if s.tells(e) {
		s.courier.post(n)
		return
	}
	s.settle(n)
}

// tells says whether there is a callback to run. Where nobody asked for its result, a Kinesis record that was stored is
// settled in one step, however many user records are in it: OnFailure has nothing to hear of them (BenchmarkSettle).
func (s *supervisor) tells(e *shard.Ended) bool {
	if e.Outcome.Failure == nil && !s.cfg.results {
		return e.Record.Asked()
	}
	return e.Record.Told()
}

// count adds the end of a Kinesis record to the figures: to those of the shard that has it, or was to have it.
func (st *stream) count(e *shard.Ended) {
	o := &e.Outcome
	at := o.ShardID
	if last, tried := o.Attempts.Last(); at == "" && tried {
		at = last.ShardID
	}
	st.figures.Ended(figures.Ended{
		Shard: at, Users: e.Record.Len(), Data: e.Record.UserData(), Retries: max(o.Attempts.Requests()-1, 0),
		Stored: o.Failure == nil, Expired: o.Limit.OfTime(),
	})
}

// failed logs a failure, and keeps it for the stream if nobody else has heard of it.
func (s *supervisor) failed(st *stream, e *shard.Ended) {
	o := &e.Outcome
	code, message := o.Failure.Code, o.Failure.Message
	s.courier.post(news{stream: st, also: func() {
		s.trouble.tell(s.log, slog.LevelError, "kinecast: records were not delivered", st.name, code, message)
	}})
	if s.cfg.errorMode != FailOnError || code == shard.CodeShutdown || code == shard.CodeBehindFailed || !e.Record.Unasked() {
		return
	}
	err := deliveryError(st.name, o)
	era, first := st.stick(err, s.failures.Add(1))
	if e.Era = era + 1; first {
		s.tree.Escalate(&FatalError{Stream: st.name, Class: o.Class, Err: err})
	}
}

// misplacedTwice says that a record was stored where readers drop it, and sent again, and stored in such a place again.
func misplacedTwice(a *shard.Attempts) bool {
	misplaced := 0
	for _, attempt := range a.All() {
		if attempt.Code == shard.CodeMisplaced {
			misplaced++
		}
	}
	return misplaced > 1
}
