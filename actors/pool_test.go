package actors

import (
	"fmt"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
)

// newPool makes a pool of n senders, and streams that need no tree: their collectors are nobody.
func newPool(n int, maxBytes int64) (*pool, [3]*Stream) {
	p := &pool{maxBytes: maxBytes}
	tree := &Tree{}
	for i := range n {
		p.join(actor.NewPID("here", fmt.Sprint(i)))
	}
	return p, [3]*Stream{{tree: tree}, {tree: tree}, {tree: tree}}
}

func TestPoolHandsOutEachSenderOnce(t *testing.T) {
	p, streams := newPool(3, 1<<20)
	seen := map[string]bool{}
	var seats []seat
	for range 3 {
		s, ok := p.take(streams[0])
		if !ok || seen[s.sender.Id] {
			t.Fatalf("%v, %v", s, ok)
		}
		seen[s.sender.Id] = true
		seats = append(seats, s)
	}
	if _, ok := p.take(streams[0]); ok {
		t.Fatal("a fourth sender of three")
	}
	if p.resting() {
		t.Error("three requests are under way and it rests")
	}
	for _, s := range seats {
		p.give(s, 0)
	}
	if !p.resting() || len(p.idle) != 3 {
		t.Errorf("%+v", p)
	}
}

// Streams that found no sender are called in the order in which they came, each once.
func TestPoolCallsInTurn(t *testing.T) {
	p, streams := newPool(1, 1<<20)
	s, _ := p.take(streams[0])
	for _, i := range []int{1, 2, 1, 0, 2} {
		p.take(streams[i])
	}
	var order []*Stream
	for len(p.hungry) > 0 {
		order = append(order, p.hungry[0])
		p.give(s, 0)
		s, _ = p.take(streams[0]) // whoever comes first gets it; it has a sender and is not hungry
	}
	if len(order) != 3 || order[0] != streams[1] || order[1] != streams[2] || order[2] != streams[0] {
		t.Errorf("%d calls in another order", len(order))
	}
}

// All requests together hold no more than the bound, but one may always go.
func TestPoolBoundsBytes(t *testing.T) {
	p, streams := newPool(3, 2*minBudget)
	first, ok := p.take(streams[0])
	if !ok || first.budget != 2*minBudget {
		t.Fatalf("%+v, %v", first, ok)
	}
	p.load(minBudget)
	second, ok := p.take(streams[0])
	if !ok || second.budget != minBudget {
		t.Fatalf("%+v, %v", second, ok)
	}
	p.load(1)
	if _, ok := p.take(streams[0]); ok {
		t.Error("a third request without room")
	}
	p.give(first, minBudget)
	p.give(second, 1)
	p.load(0)
	huge, _ := p.take(streams[0])
	p.load(100 * minBudget) // one record may be that large
	if _, ok := p.take(streams[0]); ok {
		t.Error("another one beside it")
	}
	p.give(huge, 100*minBudget)
	if _, ok := p.take(streams[0]); !ok {
		t.Error("the room did not come back")
	}
}

// The senders of a front that died are not used again, but what they send goes on counting until it has ended.
func TestPoolRenewed(t *testing.T) {
	p, streams := newPool(2, 2*minBudget)
	old, _ := p.take(streams[0])
	p.load(2 * minBudget)
	p.renew()
	fresh := actor.NewPID("here", "fresh")
	p.join(fresh)
	if _, ok := p.take(streams[0]); ok {
		t.Error("the old request does not count any more")
	}
	p.give(old, 2*minBudget)
	s, ok := p.take(streams[0])
	if !ok || s.sender != fresh {
		t.Errorf("%+v, %v", s, ok)
	}
	if _, ok := p.take(streams[0]); ok {
		t.Error("an old sender is used again")
	}
}

// A stream that is released leaves the line, and a call that it may have had goes to the next one.
func TestPoolForgets(t *testing.T) {
	p, streams := newPool(1, 1<<20)
	s, _ := p.take(streams[0])
	for _, one := range streams {
		p.take(one)
	}
	p.forget(streams[1])
	if len(p.hungry) != 2 || p.hungry[0] != streams[0] || p.hungry[1] != streams[2] {
		t.Fatalf("%d in the line", len(p.hungry))
	}
	p.give(s, 0) // calls the first, which has been released and does not hear it
	p.forget(streams[0])
	if len(p.hungry) != 0 {
		t.Error("the sender is free and the last stream was not called")
	}
}
