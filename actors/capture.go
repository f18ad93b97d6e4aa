package actors

import (
	"cmp"
	"slices"

	"github.com/kinecast/kinecast/shard"
)

// move runs a step that takes records from lane to lane, out of sight of snapshots.
func (s *Stream) move(step func() shard.Change) shard.Change {
	s.moving.Lock()
	defer s.moving.Unlock()
	return step()
}

// Capture returns every record of the stream that has not been released, those of one hash key in the order of their puts.
// It holds up the moving of records for the time that it takes to list them, and nothing else.
func (s *Stream) Capture() []*shard.Record {
	records := s.list()
	shard.SortCaptured(records)
	return records
}

func (s *Stream) list() (records []*shard.Record) {
	s.moving.Lock()
	defer s.moving.Unlock()
	cells := s.all()
	slices.SortFunc(cells, func(a, b *cell) int { return cmp.Compare(a.lane.Port().Number(), b.lane.Port().Number()) })
	for _, c := range cells {
		records = c.lane.Port().Capture(records)
	}
	return records
}

// Heirs say where the user records of a captured record are that has been taken apart since; none if it has ended.
func (s *Stream) Heirs(r *shard.Record) []shard.Heir {
	s.moving.Lock()
	defer s.moving.Unlock()
	return r.Heirs()
}
