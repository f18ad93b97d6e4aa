package kinecast

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/kinecast/kinecast/shard"
)

// courier runs callbacks, one after another, on a goroutine of its own that exists only while there is something to
// tell. What waits here is still counted by the ledger, so the list is bounded by it.
type courier struct {
	mu      sync.Mutex
	waiting []news
	current *news // being told; owned by the goroutine
	running bool
	gone    sync.Cond
	logger  *slog.Logger
	after   func(news) // settles, once the callbacks of a Kinesis record have returned
}

// news is the end of one Kinesis record of a stream, or something else to be told in turn.
type news struct {
	stream *stream
	ended  *shard.Ended
	also   func()
	told   int // the position behind the last callback that was begun
}

func newCourier(logger *slog.Logger, after func(news)) *courier {
	c := &courier{logger: logger, after: after}
	c.gone.L = &c.mu
	return c
}

func (c *courier) post(n news) {
	c.mu.Lock()
	c.waiting = append(c.waiting, n)
	start := !c.running
	c.running = true
	c.mu.Unlock()
	if start {
		go c.run()
	}
}

func (c *courier) run() {
	finished := false
	defer func() {
		if !finished { // a callback ended the goroutine, as t.FailNow does: the next one goes on behind it
			go c.run()
		}
	}()
	for c.next() {
		c.tell()
	}
	finished = true
}

// next takes the first of what waits; false if nothing does, and then the goroutine is over.
func (c *courier) next() bool {
	if c.current != nil {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		c.running = false
		c.waiting = nil
		c.gone.Broadcast()
		return false
	}
	c.current = &c.waiting[0]
	c.waiting = c.waiting[1:]
	return true
}

// tell runs the callbacks of the current news that have not run, and lets it end.
func (c *courier) tell() {
	n := c.current
	if n.also != nil {
		c.current = nil
		c.safely(*n, n.also)
		return
	}
	n.ended.Record.Replies(func(position int, reply shard.Reply) {
		if position >= n.told {
			n.told = position + 1
			c.safely(*n, func() { reply.Ended(&n.ended.Outcome, position) })
		}
	})
	c.current = nil
	c.after(*n)
}

// safely runs one callback; its panic is the caller's bug and counts as returned.
func (c *courier) safely(n news, callback func()) {
	defer func() {
		if v := recover(); v != nil {
			defer func() { _ = recover() }() // the caller's own logger may be what panicked
			name := ""
			if n.stream != nil { // else it was about a record that never had one
				name = n.stream.name
			}
			c.logger.Error("kinecast: a callback panicked", "stream", name,
				"panic", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		}
	}()
	callback()
}

// wait returns when no callback runs or waits.
func (c *courier) wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.running {
		c.gone.Wait()
	}
}
