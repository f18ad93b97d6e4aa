package actors

import (
	"sync"

	"github.com/asynkron/protoactor-go/actor"
)

// minBudget is the least room for bytes with which a request is worth starting beside others.
const minBudget = 64 << 10

// pool is where collectors with work and free senders meet. A collector asks for a sender; if none is free it is told
// to look again as soon as one is, first come first served. It also bounds the bytes that all requests together hold.
type pool struct {
	maxBytes int64

	mu         sync.Mutex
	generation int // of senders: a new front brings new ones
	idle       []*actor.PID
	hungry     []*Stream
	flying     int64 // bytes in requests
	busy       int   // requests
}

// seat is a free sender, taken by a collector.
type seat struct {
	sender     *actor.PID
	generation int
	budget     int // bytes that the request may weigh
}

// take gives the stream a free sender, or remembers that it wants one.
func (p *pool) take(s *Stream) (seat, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	room := p.maxBytes - p.flying
	if len(p.idle) > 0 && (room >= minBudget || p.busy == 0) {
		last := len(p.idle) - 1
		sender := p.idle[last] // the one that was busy last has the warmest connection
		p.idle = p.idle[:last]
		p.busy++
		return seat{sender: sender, generation: p.generation, budget: int(room)}, true
	}
	if !s.hungry {
		s.hungry = true
		p.hungry = append(p.hungry, s)
	}
	return seat{}, false
}

// pass calls the next stream that waits, if a sender is free: whoever was called before did not need it.
func (p *pool) pass() {
	p.mu.Lock()
	next := p.next()
	p.mu.Unlock()
	p.call(next)
}

// resting says that no request is under way.
func (p *pool) resting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busy == 0
}

// load counts the bytes of the request that a taken sender was given.
func (p *pool) load(bytes int64) {
	p.mu.Lock()
	p.flying += bytes
	p.mu.Unlock()
}

// give takes a sender back with the bytes it had been loaded with, and calls the next stream that waits for one. A sender
// of a front that has died is gone; only the room comes back.
func (p *pool) give(s seat, bytes int64) {
	p.mu.Lock()
	if s.generation == p.generation {
		p.idle = append(p.idle, s.sender)
	}
	p.flying -= bytes
	p.busy--
	next := p.next()
	p.mu.Unlock()
	p.call(next)
}

// unload frees the bytes of a request whose sender has been given back before.
func (p *pool) unload(bytes int64) {
	p.mu.Lock()
	p.flying -= bytes
	next := p.next()
	p.mu.Unlock()
	p.call(next)
}

// next is the stream that has waited longest, if a sender is free for it. REQUIRES: the mutex.
func (p *pool) next() *Stream {
	if len(p.hungry) == 0 || len(p.idle) == 0 {
		return nil
	}
	s := p.hungry[0]
	p.hungry = p.hungry[1:]
	s.hungry = false
	return s
}

func (p *pool) call(s *Stream) {
	if s != nil {
		s.Look()
	}
}

// join adds a new sender.
func (p *pool) join(sender *actor.PID) {
	p.mu.Lock()
	p.idle = append(p.idle, sender)
	next := p.next()
	p.mu.Unlock()
	p.call(next)
}

// renew forgets the senders of a front that has died. What they are sending counts until it is given back.
func (p *pool) renew() {
	p.mu.Lock()
	p.generation++
	p.idle = nil
	p.mu.Unlock()
}
