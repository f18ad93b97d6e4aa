package shard

import (
	"container/heap"
	"container/list"
	"slices"
	"time"
)

// Collector decides when a stream's next request starts and what goes into it. It holds no records, only what the ports
// have on offer: a list of those that must give, a list of those that may, and a heap of the times at which that
// changes. Pure: time comes in, requests go out. One owner, the stream's collector actor.
//
// A request starts when the oldest record of a shard has waited its linger, when enough waits to fill a request, when
// one shard alone has a burst waiting, or when somebody is in a hurry. It then takes all that is sealed, from every
// shard in turn, and what is nearly due, until it is full.
type Collector struct {
	limits  *RequestLimits
	breaker *Breaker
	slots   map[*Port]*slot
	due     list.List // *slot: must go
	ready   list.List // *slot: goes along, or starts a request when there is enough
	times   slotHeap  // slots that are not due, by the time of their next change
	bytes   int       // sealed bytes in due and ready
	records int       // sealed records in due and ready
	crowded int       // slots in due and ready with a burst for one shard
	hurry   bool
}

// slot is what the collector knows of one port. It is in times unless it is due, and in one list at most.
type slot struct {
	offer Offer
	home  *list.List
	elem  *list.Element
	at    time.Time
	index int // in times; -1 when it is not there
}

// NewCollector returns a collector with nothing on offer.
func NewCollector(l *RequestLimits, b *Breaker) *Collector {
	return &Collector{limits: l, breaker: b, slots: map[*Port]*slot{}}
}

// Offer replaces what a port has on offer.
func (c *Collector) Offer(now time.Time, o Offer) {
	s := c.slots[o.Port]
	if s == nil {
		s = &slot{index: -1}
		c.slots[o.Port] = s
	}
	c.unplace(s)
	s.offer = o
	if o.Idle {
		delete(c.slots, o.Port)
		return
	}
	c.place(now, s)
}

// Hurry says whether somebody waits for everything to go: then nothing lingers.
func (c *Collector) Hurry(now time.Time, on bool) {
	if c.hurry == on {
		return
	}
	c.hurry = on
	var moved []*slot // oldest first, and not in the order of the map: a run is to be repeatable
	if on {
		moved = slices.Clone(c.times)
		slices.SortStableFunc(moved, func(a, b *slot) int { return a.at.Compare(b.at) })
	} else {
		for e := c.due.Front(); e != nil; e = e.Next() {
			moved = append(moved, e.Value.(*slot))
		}
	}
	for _, s := range moved {
		c.unplace(s)
		c.place(now, s)
	}
}

// Next fills a request of at most budget bytes (but one record, whatever it weighs), if it is time for one and the breaker
// lets it pass; nil otherwise. The caller sends what it gets and reports the end with Done.
func (c *Collector) Next(now time.Time, budget int) *Request {
	if !c.Open(now) {
		return nil
	}
	q := newRequest(c.limits, budget, c.hurry, c.records+c.due.Len())
	if full := c.takeSealed(now, q); !full && len(q.Records) > 0 {
		c.takeEarly(now, q)
	}
	if len(q.Records) == 0 {
		return nil
	}
	q.step = c.breaker.Enter()
	return q
}

// takeSealed adds what must go and what may, and says whether there was more than fits.
func (c *Collector) takeSealed(now time.Time, q *Request) (full bool) {
	for _, l := range []*list.List{&c.due, &c.ready} {
		for l.Len() > 0 {
			s := l.Front().Value.(*slot)
			next, full := s.offer.Port.take(now, q)
			c.Offer(now, next)
			if full {
				return true
			}
		}
	}
	return false
}

// takeEarly adds what is due within RequestLimits.Early, the oldest first. Each port is asked once, whatever it still has.
func (c *Collector) takeEarly(now time.Time, q *Request) {
	var soon []*slot
	for len(c.times) > 0 && c.times[0].at.Before(now.Add(c.limits.Early)) {
		s := c.times[0]
		c.unplace(s)
		soon = append(soon, s)
	}
	full := false
	for _, s := range soon {
		next := s.offer
		if !full && !now.Before(next.From) {
			next, full = next.Port.take(now, q)
		}
		c.Offer(now, next)
	}
}

// Done tells the collector how a request ended: nil, or why none of its records was answered. It may be one that an earlier
// collector with the same breaker has filled.
func (c *Collector) Done(now time.Time, q *Request, f *Failure) { c.breaker.Exit(now, q.step, f) }

// Ripe says whether it is time for a request, whatever the breaker says.
func (c *Collector) Ripe(now time.Time) bool {
	for len(c.times) > 0 && !now.Before(c.times[0].at) {
		s := c.times[0]
		c.unplace(s)
		c.place(now, s)
	}
	return c.due.Len() > 0 || c.crowded > 0 || c.bytes >= c.limits.Bytes || c.records >= c.limits.Records
}

// Open says whether Next may be called: it is time for a request and the breaker would let it pass.
func (c *Collector) Open(now time.Time) bool { return c.Ripe(now) && c.breaker.Allows(now) }

// Wake is the time at which Next may answer otherwise although nothing has happened; false when there is none.
func (c *Collector) Wake(now time.Time) (time.Time, bool) {
	if c.Ripe(now) {
		return c.breaker.Until(now)
	}
	if len(c.times) == 0 {
		return time.Time{}, false
	}
	return c.times[0].at, true
}

// place puts a slot where it belongs now.
func (c *Collector) place(now time.Time, s *slot) {
	o := &s.offer
	switch {
	case now.Before(o.From):
		c.await(s, o.From)
		return
	case c.hurry || !now.Before(o.Due):
		s.home = &c.due
	case o.Records > 0:
		s.home = &c.ready
		c.await(s, o.Due)
	default:
		c.await(s, o.Due)
		return
	}
	s.elem = s.home.PushBack(s)
	c.count(s, +1)
}

// unplace takes a slot out of wherever it is.
func (c *Collector) unplace(s *slot) {
	if s.index >= 0 {
		heap.Remove(&c.times, s.index)
	}
	if s.elem != nil {
		s.home.Remove(s.elem)
		s.home, s.elem = nil, nil
		c.count(s, -1)
	}
}

func (c *Collector) await(s *slot, at time.Time) {
	s.at = at
	heap.Push(&c.times, s)
}

func (c *Collector) count(s *slot, sign int) {
	c.bytes += sign * s.offer.Bytes
	c.records += sign * s.offer.Records
	if s.offer.Bytes >= c.limits.ShardBytes {
		c.crowded += sign
	}
}

// slotHeap orders slots by the time of their next change.
type slotHeap []*slot

func (h slotHeap) Len() int           { return len(h) }
func (h slotHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h slotHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i]; h[i].index, h[j].index = i, j }
func (h *slotHeap) Push(x any)        { s := x.(*slot); s.index = len(*h); *h = append(*h, s) }
func (h *slotHeap) Pop() any {
	old := *h
	s := old[len(old)-1]
	old[len(old)-1] = nil
	s.index = -1
	*h = old[:len(old)-1]
	return s
}
