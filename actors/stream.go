package actors

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// Stream is what is kept of one stream while its actors come and go: the table of lanes, the addresses of whoever runs
// now, and the records that wait to be routed again.
type Stream struct {
	name  string
	owner Owner
	tree  *Tree

	// Owned by the front.
	table *shard.Table

	// Owned by the collector.
	breaker *shard.Breaker

	gone      atomic.Bool  // released: its actors stop
	missing   atomic.Bool  // the newest load says that the stream cannot be used
	loaded    atomic.Int64 // when the map was put in place, in nanoseconds since 1970
	routes    atomic.Pointer[shard.Routes]
	collector atomic.Pointer[actor.PID]
	refresher atomic.Pointer[actor.PID]
	plain     atomic.Bool  // the service places records by itself
	hungry    bool         // under the pool's mutex
	hung      atomic.Int32 // loads that were given up and run on

	mu     sync.Mutex
	cells  map[*shard.Lane]*cell
	homing []*shard.Record // left by lanes, to be routed again by the front
	ends   []end           // of requests, left for the collector
}

// end is how a request ended.
type end struct {
	request *shard.Request
	failure *shard.Failure
}

// cell is a lane and the address of the actor that drives it now.
type cell struct {
	lane    *shard.Lane
	pid     atomic.Pointer[actor.PID]
	waiting atomic.Bool // for a newer map
}

// Routes tell callers where records go; never nil.
func (s *Stream) Routes() *shard.Routes { return s.routes.Load() }

// Oldest is when the oldest record was opened that has not ended; the zero time if there is none. It looks at every lane.
func (s *Stream) Oldest() (oldest time.Time) {
	for _, c := range s.all() {
		if t := c.lane.Port().Oldest(); oldest.IsZero() || !t.IsZero() && t.Before(oldest) {
			oldest = t
		}
	}
	return oldest
}

// Look makes the collector consider at once whether it is time for a request.
func (s *Stream) Look() { s.tree.tell(s.collector.Load(), theLook) }

// Refresh asks for a map that is loaded from now on.
func (s *Stream) Refresh() { s.tree.tell(s.refresher.Load(), theRefresh) }

// Drop ends every record that waits in the stream.
func (s *Stream) Drop(f *shard.Failure) {
	for _, p := range s.Routes().Ports() {
		p.Drop(f)
	}
}

// newLane makes a lane whose port wakes whichever actor drives it.
func (s *Stream) newLane(sh shard.Shard, limits *shard.Limits) *shard.Lane {
	c := &cell{}
	port := shard.NewPort(limits, s.tree.plan.Clock, func() { s.tree.tell(c.pid.Load(), theWake) })
	c.lane = shard.NewLane(sh, port, s.tree.plan.Retry)
	c.lane.Watch(s.owner.Tried)
	s.mu.Lock()
	s.cells[c.lane] = c
	s.mu.Unlock()
	return c.lane
}

// leave hands records to the front, to be routed again. They lie here, and not in a mailbox, until it has done so.
func (s *Stream) leave(rs []*shard.Record) {
	s.mu.Lock()
	s.homing = append(s.homing, rs...)
	s.mu.Unlock()
	s.tree.tell(s.tree.front.Load(), &tidy{stream: s})
}

func (s *Stream) takeHoming() []*shard.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	rs := s.homing
	s.homing = nil
	return rs
}

// end leaves word of how a request ended. It lies here, and not in a mailbox, until the breaker has been told: one that it never
// heard of would keep the stream closed for ever.
func (s *Stream) end(q *shard.Request, f *shard.Failure) {
	s.mu.Lock()
	s.ends = append(s.ends, end{q, f})
	s.mu.Unlock()
	s.Look()
}

// nextEnd is the first that the collector has not dropped.
func (s *Stream) nextEnd() (end, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ends) == 0 {
		return end{}, false
	}
	return s.ends[0], true
}

func (s *Stream) dropEnd() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = slices.Delete(s.ends, 0, 1)
}

// all is every cell that has an actor or should have one.
func (s *Stream) all() []*cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	cells := make([]*cell, 0, len(s.cells))
	for _, c := range s.cells {
		cells = append(cells, c)
	}
	return cells
}

func (s *Stream) forget(c *cell) {
	s.mu.Lock()
	delete(s.cells, c.lane)
	s.mu.Unlock()
}
