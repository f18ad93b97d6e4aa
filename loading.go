package kinecast

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/kinecast/kinecast/actors"
	"github.com/kinecast/kinecast/internal/wire"
	"github.com/kinecast/kinecast/shard"
)

// How a stream is looked at: its summary now and then, its shards whenever a map is asked for. What the service answers is
// input like any other.

// describeEvery is the shortest time between two summaries of a stream: the API allows 20 a second for an account.
const describeEvery = 5 * time.Minute

// describeAgain is that time when there is reason to ask: records that landed in strange shards twice, a throttle, or shards
// that cannot be listed.
const describeAgain = 10 * time.Second

// loadTimeout is how long looking at a stream may take: a summary, and a page for each thousand shards.
func (s *settings) loadTimeout() time.Duration { return 5 * s.requestTimeout }

// Load implements actors.Owner: it fetches the map, and now and then the summary, in a goroutine of the tree.
func (st *stream) Load(ctx context.Context) actors.Loaded {
	s := st.sup
	call, cancel := context.WithTimeout(ctx, s.cfg.loadTimeout())
	defer cancel()
	if failure := s.describe(ctx, call, st, describeEvery); failure != nil {
		return actors.Loaded{Failure: failure}
	}
	switch first, failure := st.original(ctx, call); {
	case failure != nil:
		return actors.Loaded{Failure: failure}
	case first != nil:
		return actors.Loaded{Same: first.lanes}
	}
	if st.placed() {
		return actors.Loaded{Plain: true}
	}
	listed, f := wire.ListShards(call, s.client, st.target)
	if f != nil { // also while records go plain since the stream was found to be another one
		if l, another := st.remade(ctx, call); another {
			return l
		}
	}
	switch {
	case denied(f) && s.cfg.limits.Ordered:
		return st.unordered(f)
	case denied(f):
		s.log.Warn("kinecast: ListShards is denied: records go unaggregated; grant kinesis:ListShards", "stream", st.name)
		return actors.Loaded{}
	case f != nil:
		return actors.Loaded{Failure: s.failure(ctx, f)}
	}
	m, err := mapOf(listed)
	if err != nil {
		return actors.Loaded{Failure: &shard.Failure{Code: shard.CodeBadAnswer, Message: err.Error()}}
	}
	st.mu.Lock()
	st.mapped = st.created
	st.mu.Unlock()
	return actors.Loaded{Map: m}
}

// remade looks whether the stream is another one than that of the map it has, since its shards cannot be listed: if it was
// deleted and made again it may have shards with the same ids and other ranges, and nothing in an answer would tell. Then
// records go plain, which is right wherever they land. When the summary cannot be read either, or names no time of creation, the
// map goes on.
func (st *stream) remade(ctx, call context.Context) (actors.Loaded, bool) {
	if f := st.sup.describe(ctx, call, st, describeAgain); f != nil {
		return actors.Loaded{Failure: f}, f.Class() == shard.Fatal
	}
	st.mu.Lock()
	another := !st.mapped.IsZero() && !st.created.Equal(st.mapped)
	st.mu.Unlock()
	if another {
		st.sup.log.Warn("kinecast: the stream was deleted and made again, and its shards cannot be listed:"+
			" records go unaggregated until they can", "stream", st.name)
	}
	return actors.Loaded{Plain: true}, another
}

// unordered is what becomes of a stream whose shards may not be listed when its records are to keep their order: without a
// map nobody knows which of them share a shard, so they are refused. A map that is there already still tells.
func (st *stream) unordered(f *wire.Failure) actors.Loaded {
	const message = "ListShards is denied, and Ordering is PerKey, which needs to know the stream's shards;" +
		" grant kinesis:ListShards, or use Unordered"
	if st.lanes.Routes().Map != nil {
		st.sup.log.Warn("kinecast: "+message, "stream", st.name)
		return actors.Loaded{}
	}
	return actors.Loaded{Failure: fatal(f.Code, message)}
}

// describe reads a stream's summary unless it has been read so short a while ago. A missing right or a throttle leaves what
// is known; a stream that cannot be used is a failure.
func (s *supervisor) describe(ctx, call context.Context, st *stream, every time.Duration) *shard.Failure {
	st.mu.Lock()
	age := time.Since(st.described)
	recent := age < every && (!st.doubted && !st.throttled || age < describeAgain)
	st.mu.Unlock()
	if recent {
		return nil
	}
	sum, f := wire.Describe(call, s.client, st.target)
	if f == nil {
		if failure := st.identify(sum.ARN); failure != nil {
			return failure
		}
	}
	switch {
	case denied(f) || f != nil && shardFailure(f).Class() == shard.Throttled:
		s.log.Warn("kinecast: DescribeStreamSummary is denied or throttled: records over 1 MiB are refused;"+
			" grant kinesis:DescribeStreamSummary", "stream", st.name, "code", f.Code)
		st.note(time.Now(), !denied(f))
		return nil
	case f != nil:
		return s.failure(ctx, f)
	case sum.Status == "CREATING":
		return &shard.Failure{Code: codeCreating, Message: "the stream is being created; wait until it is ACTIVE"}
	case sum.Status == "DELETING":
		return fatal(codeNotFound, "the stream is being deleted")
	case sum.Distribution == "AUTO" && s.cfg.limits.Ordered:
		return fatal(shard.CodeAutoDistribution, "the stream's record distribution is AUTO, and Ordering is PerKey: the service"+
			" would place records of one key anywhere; set it to USER_PARTITION_KEY, or use Unordered")
	}
	st.maxRecord.Store(int64(sum.MaxRecordSizeKiB) << 10)
	st.note(time.Now(), false)
	st.mu.Lock()
	st.created = sum.Created
	st.mu.Unlock()
	st.place(sum.Distribution == "AUTO")
	return nil
}

// place notes whether the service places the stream's records by itself. Then there is nothing to predict, and readers would
// drop aggregated records that are not where their keys belong.
func (st *stream) place(byItself bool) {
	st.mu.Lock()
	changed := st.auto != byItself
	st.auto, st.doubted = byItself, false
	st.mu.Unlock()
	switch {
	case changed && byItself:
		st.sup.log.Info("kinecast: the stream's record distribution is AUTO: records go unaggregated", "stream", st.name)
	case changed:
		st.sup.log.Info("kinecast: the stream's record distribution is USER_PARTITION_KEY again", "stream", st.name)
	}
}

// placed says whether records are to go plain and without a map: the service places them, or they land in strange shards
// again and again and it does not tell why.
func (st *stream) placed() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.auto || st.doubted && !st.sup.cfg.limits.Ordered
}

// doubt notes that a record landed twice where readers drop it although the map had been loaded anew in between. It asks for
// the summary, which tells whether the service places records by itself.
func (st *stream) doubt() {
	st.mu.Lock()
	first := !st.doubted && !st.auto
	st.doubted = st.doubted || first
	st.mu.Unlock()
	if first {
		st.sup.log.Warn("kinecast: records land in other shards than the map says, time and again: they go unaggregated until"+
			" the stream's summary tells why; grant kinesis:DescribeStreamSummary", "stream", st.name)
		st.lanes.Refresh()
	}
}

// note remembers when the summary was asked for, and whether it is worth to ask again soon.
func (st *stream) note(now time.Time, throttled bool) {
	st.mu.Lock()
	st.described, st.throttled = now, throttled
	st.mu.Unlock()
}

// Loaded implements actors.Owner: it hears of every load after the map has been put in place.
func (st *stream) Loaded(l actors.Loaded) {
	s := st.sup
	if l.Failure == nil {
		if l.Map != nil {
			st.figures.Keep(func(id string) bool { _, open := l.Map.Index(id); return open })
		}
		st.arrived(nil)
		s.eased() // of a port that was barred
		return
	}
	trouble := &StreamError{Stream: st.name, Class: l.Failure.Class(), Code: l.Failure.Code, Message: l.Failure.Message}
	st.arrived(trouble)
	s.courier.post(news{stream: st, also: func() {
		s.trouble.tell(s.log, slog.LevelWarn, "kinecast: the stream's shards cannot be listed", st.name, trouble.Code, trouble.Message)
	}})
	if trouble.lasts() {
		st.lanes.Drop(l.Failure)
		for _, p := range st.lanes.Routes().Ports() {
			p.Line().Call() // of a port that is barred: see refusal
		}
		s.eased() // the same
	}
}

// lasts says that waiting does not help.
func (e *StreamError) lasts() bool { return e.Class == Fatal || e.Class == Invalid }

// mapOf turns a listing into a map, believing nothing of it.
func mapOf(listed []wire.Shard) (*shard.Map, error) {
	shards := make([]shard.Shard, len(listed))
	for i, l := range listed {
		r, err := shard.ParseRange(l.First, l.Last)
		if err != nil {
			return nil, fmt.Errorf("shard %q: %w", l.ID, err)
		}
		shards[i] = shard.Shard{ID: l.ID, Range: r, Parent: l.Parent, AdjacentParent: l.AdjacentParent, Closed: l.Closed}
	}
	return shard.NewMap(shards)
}

// Codes of the service.
const (
	codeNotFound  = "ResourceNotFoundException"
	codeThrottled = "LimitExceededException"
)

func fatal(code, message string) *shard.Failure {
	return &shard.Failure{Code: code, Message: message, Status: 400}
}

func shardFailure(f *wire.Failure) shard.Failure {
	return shard.Failure{Code: f.Code, Message: f.Message, Status: f.Status, Sent: f.Sent}
}
