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
	for {
		c.mu.Lock()
		batch := c.waiting
		c.waiting = nil
		if len(batch) == 0 {
			c.running = false
			c.gone.Broadcast()
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		for _, n := range batch {
			if n.also != nil {
				c.safely(n, n.also)
				continue
			}
			n.ended.Record.Replies(func(position int, reply shard.Reply) {
				c.safely(n, func() { reply.Ended(&n.ended.Outcome, position) })
			})
			c.after(n)
		}
	}
}

// safely runs one callback; its panic is the caller's bug and counts as returned.
func (c *courier) safely(n news, callback func()) {
	defer func() {
		if v := recover(); v != nil {
			defer func() { _ = recover() }() // the caller's own logger may be what panicked
			c.logger.Error("kinecast: a callback panicked", "stream", n.stream.name,
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
