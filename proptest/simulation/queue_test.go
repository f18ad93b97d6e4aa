package simulation_test

import (
	"container/heap"
	"time"
)

// queue holds what is going to happen, in order of time; at one moment, in the order in which it was scheduled.
type queue struct {
	events events
	count  int
}

type event struct {
	at    time.Duration // since the run began
	order int
	do    func()
}

func (q *queue) push(at time.Duration, do func()) {
	q.count++
	heap.Push(&q.events, event{at, q.count, do})
}

func (q *queue) pop() event { return heap.Pop(&q.events).(event) }

func (q *queue) empty() bool { return len(q.events) == 0 }

type events []event

func (h events) Len() int      { return len(h) }
func (h events) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *events) Push(x any)   { *h = append(*h, x.(event)) }
func (h events) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].order < h[j].order
}

func (h *events) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = event{}
	*h = old[:len(old)-1]
	return e
}

// box is the mailbox of an actor: what is told to it is done one after another, in the order of telling, a while later. Its owner
// may be dead for a while; then what came waits.
type box struct {
	name    string
	waiting []func()
	last    time.Duration
	dead    bool
	stopped bool   // for good
	started func() // what its next incarnation does first
}

// injected is what a crash that the plan asks for panics with.
type injected struct{}

// tell leaves a message.
func (s *sim) tell(b *box, do func()) {
	b.waiting = append(b.waiting, do)
	b.last = max(b.last, s.now+s.hop())
	s.at(b.last, func() { s.open(b) })
}

// open does the first message of a box.
func (s *sim) open(b *box) {
	if s.stopped || b.stopped || b.dead || len(b.waiting) == 0 {
		return
	}
	do := b.waiting[0]
	b.waiting = b.waiting[1:]
	s.act(b, do)
}

// act lets an actor do something, in which it may die. A crash that nobody injected is a bug, and ends the run.
func (s *sim) act(b *box, do func()) {
	defer func() {
		switch v := recover(); v.(type) {
		case nil:
		case injected:
			s.notef("%s dies", b.name)
			b.dead = true
			s.at(s.now+s.hop()+time.Millisecond, func() { s.revive(b) })
		default:
			panic(v)
		}
	}()
	do()
}

// revive starts the next incarnation, which goes on with what has come meanwhile.
func (s *sim) revive(b *box) {
	if s.stopped || b.stopped {
		return
	}
	b.dead = false
	for range b.waiting {
		b.last = max(b.last, s.now+s.hop())
		s.at(b.last, func() { s.open(b) })
	}
	if b.started != nil {
		s.act(b, b.started)
	}
}
