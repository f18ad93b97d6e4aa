package shard

import (
	"errors"
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"strings"
)

const (
	// MaxOpenShards is the most open shards a [Map] takes: the highest shard quota that AWS grants by default (20,000
	// in three regions, 1,000 or 6,000 elsewhere).
	MaxOpenShards = 20_000
	// MaxListedShards is the most shards, open and closed, that [NewMap] takes: twenty generations of the largest
	// stream. Above, list with a filter that leaves out what closed long ago.
	MaxListedShards = 20 * MaxOpenShards
	// MaxShardIDBytes is the longest shard id of the Kinesis API.
	MaxShardIDBytes = 128
)

// ErrShardList is what every error of [NewMap] wraps: this list of shards is no picture of a stream. A list read
// page by page while the stream is resharded may be such a list, so the answer is to keep the old map and list again.
var ErrShardList = errors.New("inconsistent list of shards")

// Shard is one shard as ListShards describes it.
type Shard struct {
	// ID is the shard's id, unique in its stream: 1 to [MaxShardIDBytes] of the characters a-z A-Z 0-9 _ . -
	ID string
	// Range is the part of the key space that the shard owns, or owned while it was open.
	Range Range
	// Parent is the id of the shard that was split or merged into this one; "" for a shard of the stream's creation.
	// The parent itself may have left the list.
	Parent string
	// AdjacentParent is the id of the other parent of a merge; "" otherwise.
	AdjacentParent string
	// Closed says that the shard takes no more records: it was split or merged (it has an ending sequence number).
	Closed bool
}

// Map is an immutable picture of a stream's shards: the open ones, whose ranges cover every hash key exactly once,
// and the ranges of the closed ones. It is safe for concurrent use. It takes about 150 bytes a shard.
type Map struct {
	shards []Shard        // the open ones by ascending range, then the closed ones in the order of the list
	last   []HashKey      // last[i] == shards[i].Range.Last of the open ones: 16 bytes a step for Find, ends in 2^128-1
	index  map[string]int // id → place in shards, open and closed
}

// NewMap builds a map from a complete answer of ListShards, all pages, in any order. The list is checked, not
// trusted: an empty, malformed or duplicate id, a reversed range, more than [MaxListedShards] shards, no open shard,
// more than [MaxOpenShards] of them, and a gap or an overlap between them are errors that wrap [ErrShardList] and
// name the shards. Of closed shards only ids and the order of their range's ends are checked: they overlap by nature.
// The map keeps nothing of the slice itself. Building 10,000 shards takes a few milliseconds.
func NewMap(shards []Shard) (*Map, error) {
	if len(shards) > MaxListedShards {
		return nil, listError("%d shards, want at most %d; leave out those closed long ago", len(shards), MaxListedShards)
	}
	m := &Map{shards: make([]Shard, 0, len(shards)), index: make(map[string]int, len(shards))}
	for _, s := range shards {
		if !s.Closed {
			m.shards = append(m.shards, s)
		}
	}
	open := len(m.shards)
	slices.SortFunc(m.shards, func(a, b Shard) int { return a.Range.First.Compare(b.Range.First) })
	for _, s := range shards {
		if s.Closed {
			m.shards = append(m.shards, s)
		}
	}
	for i, s := range m.shards {
		if err := checkShard(s); err != nil {
			return nil, err
		}
		if _, twice := m.index[s.ID]; twice {
			return nil, listError("shard %q is listed twice", s.ID)
		}
		m.index[s.ID] = i
	}
	if err := checkCover(m.shards[:open], len(shards)); err != nil {
		return nil, err
	}
	m.last = make([]HashKey, open)
	for i := range m.last {
		m.last[i] = m.shards[i].Range.Last
	}
	return m, nil
}

func checkShard(s Shard) error {
	if s.ID == "" {
		return listError("the shard with range %v has no id", s.Range)
	}
	if len(s.ID) > MaxShardIDBytes || strings.ContainsFunc(s.ID, notInShardID) {
		return listError("shard id %s: want 1 to %d of the characters a-z A-Z 0-9 _ . -", quoted(s.ID), MaxShardIDBytes)
	}
	if s.Range.reversed() {
		return listError("shard %q has the reversed range %v", s.ID, s.Range)
	}
	return nil
}

func notInShardID(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '.', r == '-':
		return false
	}
	return true
}

// checkCover holds the invariant that Find rests on: open shards, sorted, cover every hash key exactly once.
func checkCover(open []Shard, listed int) error {
	if len(open) == 0 {
		return listError("no open shard among the %d listed; is the stream being deleted?", listed)
	}
	if len(open) > MaxOpenShards {
		return listError("%d open shards, want at most %d", len(open), MaxOpenShards)
	}
	if first := open[0]; first.Range.First != (HashKey{}) {
		return listError("no open shard has the hash keys %v below shard %q", Range{Last: first.Range.First.previous()}, first.ID)
	}
	for i, s := range open[1:] {
		before := open[i]
		if s.Range.Overlaps(before.Range) {
			return listError("open shards %q (%v) and %q (%v) overlap", before.ID, before.Range, s.ID, s.Range)
		}
		if hole := (Range{First: before.Range.Last.next(), Last: s.Range.First.previous()}); hole.Last != before.Range.Last {
			return listError("no open shard has the hash keys %v between shards %q and %q", hole, before.ID, s.ID)
		}
	}
	if last := open[len(open)-1]; last.Range.Last != maxHashKey {
		return listError("no open shard has the hash keys %v above shard %q", Range{First: last.Range.Last.next(), Last: maxHashKey}, last.ID)
	}
	return nil
}

func listError(format string, args ...any) error {
	return fmt.Errorf("%w: %s; list the shards again", ErrShardList, fmt.Sprintf(format, args...))
}

// Len returns the number of open shards, at least 1.
func (m *Map) Len() int { return len(m.last) }

// Shard returns open shard i, 0 ≤ i < Len, in ascending order of the ranges. It panics outside.
func (m *Map) Shard(i int) Shard { return m.shards[:len(m.last)][i] }

// Find returns the index of the open shard whose range holds h: the shard that Kinesis chooses as long as the map is
// true. It always finds one, and does not allocate.
//
// Streams are mostly split evenly, and then h's share of the key space is its shard's share of the list: one
// multiplication and two comparisons, at any size. Else it is a binary search without a branch to mispredict
// (BenchmarkFind measures both).
func (m *Map) Find(h HashKey) int {
	last := m.last
	guess, _ := bits.Mul64(h.hi, uint64(len(last)))
	if !last[guess].Less(h) && (guess == 0 || last[guess-1].Less(h)) {
		return int(guess)
	}
	// The shard is one of last[low : low+n]: every shard before low ends below h, and the last one never does.
	low := 0
	for n := len(last); n > 1; {
		half := n / 2
		low += half * int(last[low+half-1].below(h))
		n -= half
	}
	return low
}

// Index returns the index of the open shard with this id; false if there is none or it is closed.
func (m *Map) Index(id string) (int, bool) {
	i, known := m.index[id]
	if !known || i >= len(m.last) {
		return 0, false
	}
	return i, true
}

// RangeOf returns the range of the shard with this id, open or closed; false if the list did not have it.
func (m *Map) RangeOf(id string) (Range, bool) {
	i, known := m.index[id]
	if !known {
		return Range{}, false
	}
	return m.shards[i].Range, true
}

// All iterates over the open shards with their indexes, in ascending order of their ranges.
func (m *Map) All() iter.Seq2[int, Shard] { return slices.All(m.shards[:len(m.last)]) }
