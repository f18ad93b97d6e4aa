package figures

import (
	"iter"
	"slices"
)

// All iterates over every metric that has a value: those of each stream's shards, of the stream, and last of the whole. Each
// metric counts for all that it is part of, so never add two levels up. The metrics are copies; each shard and stream is
// copied at one moment, all of them are not. It costs one pass over all shards: some milliseconds for ten thousand.
func (s *Set) All() iter.Seq[Metric] {
	return func(yield func(Metric) bool) {
		s.mu.Lock()
		streams, received, each := slices.Clone(s.streams), s.received, make([]int64, len(s.streams))
		for i, st := range streams {
			each[i] = st.taken()
			received += each[i]
		}
		s.mu.Unlock()
		whole := s.rest.copied()
		for i, st := range streams {
			if s.granularity == Global {
				continue // the rest is all
			}
			total := st.own.copied()
			whole.merge(total)
			of := []Dimension{{StreamName, st.name}}
			if !st.each(yield) || !s.counted(of, each[i], yield) || !s.walk(total.figures[:], total.codes, of, yield) {
				return
			}
		}
		_ = s.counted(nil, received, yield) && s.walk(whole.figures[:], whole.codes, nil, yield)
	}
}

// each walks over the shards of a stream in the order of their ids.
func (st *Stream) each(yield func(Metric) bool) bool {
	var ids []string
	st.shards.Range(func(id, _ any) bool {
		ids = append(ids, id.(string))
		return true
	})
	slices.Sort(ids)
	for _, id := range ids {
		n, ok := st.shards.Load(id)
		if !ok {
			continue // closed meanwhile
		}
		shard := n.(*shardNode)
		var figures [ofShards]Distribution
		shard.mu.Lock()
		for f, t := range shard.figures {
			figures[f].Totals = t
		}
		codes := append(tallies(nil), shard.codes...)
		shard.mu.Unlock()
		if !st.set.walk(figures[:], codes, []Dimension{{StreamName, st.name}, {ShardID, id}}, yield) {
			return false
		}
	}
	return true
}

// counted yields how many records came in.
func (s *Set) counted(of []Dimension, n int64, yield func(Metric) bool) bool {
	return s.level != Detailed || n == 0 ||
		yield(Metric{Name: UserRecordsReceived, Unit: Count, Kind: Counter, Dimensions: of, Distribution: Of(n)})
}

// walk yields the metrics of one shard, of one stream, or of all.
func (s *Set) walk(figures []Distribution, codes tallies, of []Dimension, yield func(Metric) bool) bool {
	for f := range figures {
		k, d := &known[f], &figures[f]
		if d.Count > 0 && !yield(Metric{Name: k.name, Unit: k.unit, Dimensions: of, Distribution: *d}) {
			return false
		}
	}
	for _, t := range codes {
		var d Distribution
		d.Add(1, t.count)
		dims := append([]Dimension{{ErrorCode, s.codeName(t.code)}}, of...)
		if !yield(Metric{Name: ErrorsByCode, Unit: Count, Dimensions: dims, Distribution: d}) {
			return false
		}
	}
	return true
}
