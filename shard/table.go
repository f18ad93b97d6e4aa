package shard

import (
	"maps"
	"slices"

	"github.com/kinecast/kinecast/aggregate"
)

// Routes is an immutable picture of where a stream's records go: a map and the port of each open shard. Before the first
// map, and while the map may not be read, all records go to one port.
type Routes struct {
	// Map is nil when there is one port for everything.
	Map   *Map
	ports []*Port
}

// Find returns the port that takes records with this hash key.
func (r *Routes) Find(h HashKey) *Port {
	if r.Map == nil {
		return r.ports[0]
	}
	return r.ports[r.Map.Find(h)]
}

// ShardID names the shard that takes records with this hash key; empty before the first map.
func (r *Routes) ShardID(h HashKey) string {
	if r.Map == nil {
		return ""
	}
	return r.Map.Shard(r.Map.Find(h)).ID
}

// Ports are all ports that take records now, in the order of the shards' ranges.
func (r *Routes) Ports() []*Port { return r.ports }

// Table is the set of lanes of one stream, and the way from one map to the next. Not safe for concurrent use; its owner
// is the stream's front. It outlives the actors.
type Table struct {
	newLane func(s Shard, aggregate bool) *Lane
	publish func(*Routes)
	routes  *Routes
	lanes   map[string]*Lane // those that take records, by shard id
	leaving []*Lane          // retired ones with something unresolved
	made    uint64           // lanes so far
}

// NewTable returns a table with one lane, whose port holds all records until the first map comes. newLane makes the lane
// of a shard, held or open, that aggregates or not; publish makes routes visible to callers.
func NewTable(newLane func(s Shard, aggregate bool) *Lane, publish func(*Routes)) *Table {
	t := &Table{newLane: newLane, publish: publish}
	l := t.hold(Shard{Range: Whole()}, true)
	t.lanes = map[string]*Lane{"": l}
	t.show(&Routes{ports: []*Port{l.port}})
	return t
}

// Routes is what was published last.
func (t *Table) Routes() *Routes { return t.routes }

// Lanes are the lanes that take records, by shard id.
func (t *Table) Lanes() map[string]*Lane { return t.lanes }

// Change is what new routes ask for.
type Change struct {
	// Opened lanes need an owner; Retired lanes have one, which stops when they rest.
	Opened, Retired []*Lane
	// Charge is by how much the ledger bytes held by moved records have grown (or shrunk, if negative).
	Charge int64
}

// Apply goes from the current routes to those of a new map.
func (t *Table) Apply(m *Map) Change {
	var c Change
	lanes := make(map[string]*Lane, m.Len())
	routes := &Routes{Map: m, ports: make([]*Port, m.Len())}
	for i, s := range m.All() {
		l := t.lanes[s.ID]
		if l == nil || l.shard.Range != s.Range { // a stream that was deleted and made again keeps ids, not ranges
			l = t.hold(s, true)
			c.Opened = append(c.Opened, l)
		}
		lanes[s.ID], routes.ports[i] = l, l.port
	}
	t.turn(&c, lanes, routes)
	return c
}

// Unmapped goes to the routes of a stream whose map may not be read: one lane of plain records, which are right wherever
// they land. It changes nothing when there is a map.
func (t *Table) Unmapped() Change {
	if t.routes.Map != nil {
		return Change{}
	}
	return t.Plain()
}

// Plain goes there also when there is a map: the stream places records by itself, and what a map says means nothing.
func (t *Table) Plain() Change {
	var c Change
	if t.routes.Map == nil && t.lanes[""].port.state == portOpen {
		return c
	}
	l := t.hold(Shard{Range: Whole()}, false)
	c.Opened = []*Lane{l}
	t.turn(&c, map[string]*Lane{"": l}, &Routes{ports: []*Port{l.port}})
	return c
}

// hold makes a lane that is held.
func (t *Table) hold(s Shard, aggregate bool) *Lane {
	l := t.newLane(s, aggregate)
	t.made++
	l.port.number = t.made
	l.port.hold()
	return l
}

// turn goes to new lanes. The order is what keeps records together: the new lanes are held, the routes are published,
// the ports of closed shards are retired under their mutex, what was left in them is put in front of what the new lanes
// have been given since, and only then are those released.
func (t *Table) turn(c *Change, lanes map[string]*Lane, routes *Routes) {
	kept := func(l *Lane) bool { return lanes[l.shard.ID] == l }
	c.Retired = slices.DeleteFunc(slices.Collect(maps.Values(t.lanes)), kept)
	slices.SortFunc(c.Retired, func(a, b *Lane) int { return a.shard.Range.First.Compare(b.shard.Range.First) })
	t.lanes = lanes
	t.show(routes)
	var left []*Record
	for _, l := range c.Retired {
		left = append(left, l.port.retire()...)
	}
	t.leaving = slices.DeleteFunc(append(t.leaving, c.Retired...), func(l *Lane) bool { return !l.port.bequeath(heirs(l, c.Opened)) })
	c.Charge = t.Reroute(left)
	for _, l := range c.Opened {
		l.port.release()
	}
}

// heirs are the ports of those new lanes, in the order of their ranges, that have a part of a lane's range: by this and not
// by their parents' names, so that it does not matter how many reshards there were between two maps.
func heirs(l *Lane, opened []*Lane) (ports []*Port) {
	first, _ := slices.BinarySearchFunc(opened, l.shard.Range.First, func(o *Lane, h HashKey) int { return o.shard.Range.Last.Compare(h) })
	for _, o := range opened[first:] {
		if !o.shard.Range.Overlaps(l.shard.Range) {
			break
		}
		ports = append(ports, o.port)
	}
	return ports
}

// Reroute puts records before all that waits in the lanes where they belong now, taking apart those that do not fit into
// one shard. It returns by how much their ledger bytes have grown.
func (t *Table) Reroute(rs []*Record) (charge int64) {
	moves := mover{routes: t.routes, to: map[*Port][]*Record{}, fresh: map[*Port]*Record{}}
	places := make([]place, 0, len(rs))
	for _, r := range rs {
		places = append(places, r.leave())
		moves.move(r)
	}
	for _, p := range moves.ports {
		p.adopt(moves.to[p]) // not retired: only this table does that, and these are its newest routes
	}
	for _, p := range places {
		p.settle() // they stand in their new places, before all that waits there: nothing can pass them any more
	}
	return moves.charge
}

func (t *Table) show(r *Routes) {
	t.routes = r
	t.publish(r)
}

// mover takes records to the ports where they belong.
type mover struct {
	routes *Routes
	to     map[*Port][]*Record
	ports  []*Port           // the keys of to, in the order in which they came up: a run is to be repeatable
	fresh  map[*Port]*Record // the last record given to a port, if later parts without a history may join it
	charge int64
}

func (m *mover) give(p *Port, r *Record) {
	if m.to[p] == nil {
		m.ports = append(m.ports, p)
	}
	m.to[p] = append(m.to[p], r)
}

func (m *mover) move(r *Record) {
	port := m.routes.Find(r.hash)
	if !r.Aggregated() || m.whole(r, port) {
		m.give(port, r)
		delete(m.fresh, port)
		return
	}
	m.takeApart(r)
}

// whole says whether a record may travel as it is: all of it belongs to one port, and it was not dropped before.
func (m *mover) whole(r *Record, port *Port) bool {
	if r.misplaced > 1 || !port.limits.Aggregate {
		return false
	}
	for _, e := range r.contents.All() {
		if m.routes.Find(r.hashOf(e)) != port {
			return false
		}
	}
	return true
}

// takeApart makes one record a shard out of one for several, each with the history of the whole. Records without a history,
// as those that waited for the first map, share theirs: thousands of shards would otherwise get a nearly empty record
// each out of every one of them. A record that readers dropped twice goes on as plain records.
func (m *mover) takeApart(r *Record) {
	m.charge -= r.charge
	parts := m.fresh
	if r.attempts.Len() > 0 {
		parts = map[*Port]*Record{}
		clear(m.fresh) // what comes later is not to overtake the parts
	}
	heirs := make([]Heir, r.Len())
	for i, inner := range r.contents.All() {
		e := Entry{Key: inner.Key, Data: inner.Data, Hash: r.hashOf(inner), Explicit: len(inner.HashKey) > 0, Epoch: r.epoch, Suspect: r.suspect}
		if i < len(r.replies) {
			e.Reply = r.replies[i]
		}
		port := m.routes.Find(e.Hash)
		part := parts[port]
		if part != nil && !part.plain {
			if fit, ok := part.takes(&e, &inner, port.limits); ok {
				cost := part.cost(&e, fit)
				part.add(&e, &inner, fit, cost)
				part.joined(r)
				m.charge += cost
				heirs[i] = Heir{part, part.Len() - 1}
				continue
			}
		}
		need := openCost(&e, &inner)
		part = open(&e, &inner, need)
		part.inherit(r, port)
		m.charge += need
		parts[port] = part
		m.give(port, part)
		heirs[i] = Heir{part, 0}
	}
	r.heirs = heirs
	r.Release()
}

// inherit gives a part the history of the record that it was taken from.
func (r *Record) inherit(from *Record, p *Port) {
	r.opened, r.urgent, r.isolate = from.opened, from.urgent, from.isolate
	r.attempts, r.misplaced = from.attempts, from.misplaced
	r.lane, r.birth = from.lane, from.birth
	r.plain = !p.limits.Aggregate || from.misplaced > 1
}

// hashOf is where a user record of this record lies in the key space.
func (r *Record) hashOf(e aggregate.Entry) HashKey {
	if len(e.HashKey) == 0 {
		return HashKeyOfBytes(e.Key)
	}
	h, err := ParseHashKey(string(e.HashKey))
	if err != nil {
		return r.hash // cannot be: we wrote it
	}
	return h
}
