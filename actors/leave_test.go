package actors

import (
	"testing"
	"time"

	"github.com/kinecast/kinecast/shard"
)

// agreeing is an owner who would let any stream go.
type agreeing struct {
	Owner

	asked int
}

func (*agreeing) Limits(bool) *shard.Limits {
	return &shard.Limits{Aggregate: true, MaxCount: 10, MaxSize: 1000}
}
func (*agreeing) Tried(*shard.Record, *shard.Attempt) {}
func (a *agreeing) Leaving(Owner) bool {
	a.asked++
	return true
}

func mapOf(t *testing.T, shards ...shard.Shard) *shard.Map {
	t.Helper()
	m, err := shard.NewMap(shards)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A stream does not retire while a lane that was retired before still has something, nor while records are between lanes: the
// ports that take records are empty then.
func TestStreamRetiresWhenOldLanesRest(t *testing.T) {
	tree := &Tree{plan: Plan{Clock: time.Now, Retry: &shard.RetryPolicy{Backoff: func(shard.Class, int) time.Duration { return 0 }}}}
	owner := &agreeing{}
	s := tree.Prepare("s", owner)
	s.table.Apply(mapOf(t, shard.Shard{ID: "a", Range: shard.Whole()}))
	for _, c := range s.all() {
		if c.lane.Resting() { // that of the time before the map
			s.forget(c)
		}
	}
	old := s.all()[0]
	if in := old.lane.Port().Append(&shard.Entry{Key: []byte("k"), Data: []byte("v"), Hash: shard.HashKeyOf("k"), Urgent: true}, 1<<20); !in.Taken() {
		t.Fatalf("%+v", in)
	}
	core := shard.NewCollector(&shard.RequestLimits{Records: 500, Bytes: 5 << 20, ShardBytes: 1 << 20}, s.breaker)
	core.Offer(time.Now(), old.lane.Port().Offer())
	q := core.Next(time.Now(), 1<<20)
	if q == nil {
		t.Fatal("no request")
	}
	s.table.Apply(mapOf(t, shard.Shard{ID: "b", Range: shard.Whole()}))
	if s.retire() {
		t.Fatal("it retired with a record of a closed shard in a request")
	}
	f := &shard.Failure{Code: shard.CodeTimeout, Sent: true}
	q.Ports[0].Answer(shard.Answer{Record: q.Records[0], Failure: f, Class: f.Class(), Whole: true, Start: time.Now()})
	old.lane.Step(time.Now(), s.Routes().Map)
	for e, ok := old.lane.Next(); ok; e, ok = old.lane.Next() {
		if e.Reroute != nil {
			s.leave(e.Reroute)
		}
		old.lane.Done()
	}
	if len(s.homing) != 1 || s.retire() || owner.asked > 0 {
		t.Fatalf("it retired with %d records between lanes; its owner was asked %d times", len(s.homing), owner.asked)
	}
	for _, r := range s.takeHoming() {
		r.Release()
	}
	if s.retire() || !old.lane.Resting() {
		t.Fatal("it retired before the actor of a closed shard had stopped")
	}
	s.forget(old)
	if !s.retire() || owner.asked != 1 {
		t.Fatalf("it did not retire; its owner was asked %d times", owner.asked)
	}
	late := &loaded{stream: s, Loaded: Loaded{Map: mapOf(t, shard.Shard{ID: "c", Range: shard.Whole()})}}
	(&frontActor{tree: tree}).loaded(nil, late) // it lay in the mailbox behind the release
	if id := s.Routes().Map.Shard(0).ID; id != "b" || len(s.all()) > 1 {
		t.Errorf("a stream that is gone has got shard %s and %d lanes", id, len(s.all()))
	}
}

// The collector of a released stream passes on the call for a sender that it was given and does not need.
func TestForgottenStreamPassesItsCall(t *testing.T) {
	p, streams := newPool(1, 1<<20)
	seat, _ := p.take(streams[0])
	p.take(streams[1])
	p.take(streams[2])
	p.give(seat, 0) // calls streams[1], whose collector has just stopped
	if streams[1].hungry || !streams[2].hungry {
		t.Fatal("the calls are out of turn")
	}
	p.forget(streams[1])
	if streams[2].hungry {
		t.Error("nobody was called")
	}
	seat, _ = p.take(streams[0])
	p.take(streams[1])
	p.take(streams[2])
	p.forget(streams[1]) // before it was called
	p.give(seat, 0)
	if streams[2].hungry {
		t.Error("a stream that is gone was called")
	}
}
