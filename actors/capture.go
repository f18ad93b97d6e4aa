package actors

import (
	"cmp"
	"slices"

	"github.com/kinecast/kinecast/shard"
)

// move runs a step that takes records from lane to lane, out of sight of snapshots.
func (t *Tree) move(step func() shard.Change) shard.Change {
	t.moving.Lock()
	defer t.moving.Unlock()
	return step()
}

// Capture returns, for each of these streams, every record that has not been released, those of one hash key in the order of
// their puts. It looks at all streams at one moment, since a record may move between two that turn out to be one; it holds up
// the moving of records for the time that it takes to list them, and nothing else.
func (t *Tree) Capture(streams []*Stream) [][]*shard.Record {
	records := t.list(streams)
	for _, rs := range records {
		shard.SortCaptured(rs)
	}
	return records
}

func (t *Tree) list(streams []*Stream) [][]*shard.Record {
	t.moving.Lock()
	defer t.moving.Unlock()
	records := make([][]*shard.Record, len(streams))
	for i, s := range streams {
		cells := s.all()
		slices.SortFunc(cells, func(a, b *cell) int { return cmp.Compare(a.lane.Port().Number(), b.lane.Port().Number()) })
		for _, c := range cells {
			records[i] = c.lane.Port().Capture(records[i])
		}
	}
	return records
}

// Heirs say where the user records of a captured record are that has been taken apart since; none if it has ended.
func (t *Tree) Heirs(r *shard.Record) []shard.Heir {
	t.moving.Lock()
	defer t.moving.Unlock()
	return r.Heirs()
}
