package actors

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// senderActor makes one PutRecords call at a time, in a goroutine that ends when the tree's context does.
type senderActor struct{ tree *Tree }

// Receive implements actor.Actor.
func (s *senderActor) Receive(ctx actor.Context) {
	s.tree.fault("sender", ctx.Message())
	switch m := ctx.Message().(type) {
	case *actor.Started:
		self := ctx.Self()
		for _, left := range s.tree.stranded(self.Equal) {
			s.tree.fly(left)
		}
	case *send:
		s.tree.fly(m)
	}
}

// fly makes the call of a request, once. The collector hears first how it ended, so that its breaker knows before records
// that failed are on offer again; then every record is answered; then the sender is free.
func (t *Tree) fly(m *send) {
	t.call(func() {
		if !t.depart(m) {
			return
		}
		start := t.plan.Clock()
		answers, failure := t.safePut(m, start)
		if !t.back(m) {
			return
		}
		m.stream.end(m.req, failure)
		t.answer(m, answers, failure, start, t.plan.Clock().Sub(start))
		t.pool.give(m.seat, int64(m.req.Bytes))
		if t.plan.Pressed() {
			t.Look() // the pool rests perhaps: then what lingers in any stream is to make room
		}
	})
}

// answer leaves an answer for every record at the port it came from, unless somebody else has.
func (t *Tree) answer(m *send, answers []shard.Answer, failure *shard.Failure, start time.Time, took time.Duration) {
	if t.land(m) {
		t.leave(m, answers, failure, start, took)
	}
}

// leave is answer for whoever may.
func (t *Tree) leave(m *send, answers []shard.Answer, failure *shard.Failure, start time.Time, took time.Duration) {
	for i, r := range m.req.Records {
		a := shard.Answer{}
		if failure == nil {
			a = answers[i]
		} else {
			a.Failure, a.Class, a.Whole, a.Others = failure, failure.Class(), true, len(m.req.Records)-1
		}
		a.Record, a.Start, a.Took = r, start, took
		m.req.Ports[i].Answer(a)
	}
}

// safePut turns a client that panics, or answers for another number of records, into a failure: nobody knows what it has
// sent.
func (t *Tree) safePut(m *send, start time.Time) (answers []shard.Answer, failure *shard.Failure) {
	defer func() {
		if v := recover(); v != nil {
			answers, failure = nil, t.panicked(v)
		}
	}()
	call := m.stream.owner.Put(m.req)
	t.watch(m, start)
	answers, failure = call(t.ctx)
	if failure == nil && len(answers) != len(m.req.Records) {
		return nil, &shard.Failure{
			Code: shard.CodeCountMismatch, Sent: true,
			Message: fmt.Sprintf("%d answers for %d records", len(answers), len(m.req.Records)),
		}
	}
	return answers, failure
}

// panicked is what became of a call in which the client panicked. Its value is not quoted, since it may quote a record.
func (t *Tree) panicked(v any) *shard.Failure {
	t.plan.Logger.Error("kinecast: the Kinesis client panicked", "panic", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
	return &shard.Failure{Code: "ClientPanic", Message: fmt.Sprintf("the Kinesis client panicked with a %T", v), Sent: true}
}
