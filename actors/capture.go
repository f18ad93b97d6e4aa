package actors

import (
	"slices"

	"github.com/kinecast/kinecast/shard"
)

// move runs a step that takes records from lane to lane, out of sight of snapshots.
func (s *Stream) move(step func() shard.Change) shard.Change {
	s.moving.Lock()
	defer s.moving.Unlock()
	return step()
}

// Capture returns every record of the stream that has not been released, those of one key in the order of their puts: what
// lies in a closed shard comes before what its successors were given. It holds up the moving of records for the time that
// it takes to list them, and nothing else.
func (s *Stream) Capture() []*shard.Record {
	s.moving.Lock()
	defer s.moving.Unlock()
	cells := s.all()
	slices.SortFunc(cells, func(a, b *cell) int { return a.number - b.number })
	var records []*shard.Record
	for _, c := range cells {
		records = c.lane.Port().Capture(records)
	}
	return records
}

// Heirs are the records that a captured one has been taken apart into since; none if it has ended.
func (s *Stream) Heirs(r *shard.Record) []*shard.Record {
	s.moving.Lock()
	defer s.moving.Unlock()
	return r.Heirs()
}
