package shard

import (
	"sync"
	"sync/atomic"
)

// Line is where callers wait for room in one place, first come, first served. Only the head of the line is called when
// there may be room; it stays the head until it leaves, whether it has found room or given up, and then the next one is
// called. So no call is lost, and nobody overtakes. The zero value is an empty line; safe for concurrent use.
type Line struct {
	waiting atomic.Int64

	mu    sync.Mutex
	turns []*Turn
}

// Turn is a place in a line.
type Turn struct {
	line   *Line
	called chan struct{}
}

// Join takes the last place. Whoever joins looks for room again before waiting, and leaves in any case.
func (l *Line) Join() *Turn {
	t := &Turn{line: l, called: make(chan struct{}, 1)}
	l.mu.Lock()
	l.turns = append(l.turns, t)
	l.waiting.Add(1)
	l.mu.Unlock()
	return t
}

// Waiting says whether anybody is in the line.
func (l *Line) Waiting() bool { return l.waiting.Load() > 0 }

// Call tells the head of the line that there may be room. It does not block.
func (l *Line) Call() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.turns) == 0 {
		return
	}
	select {
	case l.turns[0].called <- struct{}{}:
	default: // it has been called and has not looked yet
	}
}

// Called is ready when there may be room.
func (t *Turn) Called() <-chan struct{} { return t.called }

// First says whether this one is the head of the line.
func (t *Turn) First() bool {
	t.line.mu.Lock()
	defer t.line.mu.Unlock()
	return t.line.turns[0] == t
}

// Leave gives up the place and calls the next one.
func (t *Turn) Leave() {
	l := t.line
	l.mu.Lock()
	for i, other := range l.turns {
		if other == t {
			l.turns = append(l.turns[:i:i], l.turns[i+1:]...)
			l.waiting.Add(-1)
			break
		}
	}
	l.mu.Unlock()
	l.Call()
}
