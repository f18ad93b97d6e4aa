package kinesistest

import (
	"slices"
	"sort"
)

// A reshard is planned when it begins: which shards will close, which will open in their
// place, and in how many stages. The shards to come exist from then on, with their ids and
// ranges, but are no part of the stream until their stage.

// change replaces shards by others of the same range: one by two, or two by one.
type change struct {
	parents  []*shard
	children []*shard
}

// plan is a reshard's stages. The changes of one stage are independent of each other.
type plan [][]change

// planner lays out shards after the shards of a stream.
type planner struct {
	next   int      // index of the next shard to come
	pieces []*shard // that will be open after the stages so far, by first hash key
	stages plan
}

func newPlanner(st *stream) *planner {
	return &planner{next: len(st.shards), pieces: st.open}
}

// child lays out a shard.
func (p *planner) child(first, last uint128, parents ...*shard) *shard {
	sh := &shard{id: shardID(p.next), index: uint32(p.next), first: first, last: last, parents: parents}
	p.next++
	return sh
}

func (p *planner) split(sh *shard, at uint128) change {
	return change{[]*shard{sh}, []*shard{p.child(sh.first, at.prev(), sh), p.child(at, sh.last, sh)}}
}

// merge joins two neighbours. The order of its arguments is that of the parents.
func (p *planner) merge(sh, adjacent *shard) change {
	first, last := sh.first, adjacent.last
	if adjacent.first.less(sh.first) {
		first, last = adjacent.first, sh.last
	}
	return change{[]*shard{sh, adjacent}, []*shard{p.child(first, last, sh, adjacent)}}
}

// uniform plans to have n shards with equal ranges, as the service does: it splits at every
// border that is missing, then merges what lies between two borders, all by pairs. So short-
// lived shards come and go unless one number divides the other.
func (p *planner) uniform(n int) plan {
	borders := make([]uint128, n)
	for i := range borders {
		borders[i] = rangeStart(uint64(i), uint64(n))
	}
	for p.stage(p.splits(borders)) {
	}
	for p.stage(p.merges(borders)) {
	}
	return p.stages
}

// stage adds the changes as one stage, if there are any; pieces was already replaced.
func (p *planner) stage(changes []change) bool {
	if len(changes) == 0 {
		return false
	}
	p.stages = append(p.stages, changes)
	return true
}

// splits cuts each piece that has borders inside at the middle one of them.
func (p *planner) splits(borders []uint128) (changes []change) {
	var pieces []*shard
	for _, sh := range p.pieces {
		low := countUpTo(borders, sh.first) // borders not inside, as they are not above its first key
		inside := borders[low:countUpTo(borders, sh.last)]
		if len(inside) == 0 {
			pieces = append(pieces, sh)
			continue
		}
		c := p.split(sh, inside[len(inside)/2])
		changes, pieces = append(changes, c), append(pieces, c.children...)
	}
	p.pieces = pieces
	return changes
}

// merges joins pairs of neighbours that no border parts.
func (p *planner) merges(borders []uint128) (changes []change) {
	var pieces []*shard
	for i := 0; i < len(p.pieces); i++ {
		sh := p.pieces[i]
		if i+1 == len(p.pieces) || countUpTo(borders, sh.first) != countUpTo(borders, p.pieces[i+1].first) {
			pieces = append(pieces, sh)
			continue
		}
		c := p.merge(sh, p.pieces[i+1])
		changes, pieces = append(changes, c), append(pieces, c.children...)
		i++ // the neighbour is part of it
	}
	p.pieces = pieces
	return changes
}

// opened lists the ids of the shards that the plan makes and leaves open, by first hash key.
func (p plan) opened() []string {
	passing := map[*shard]bool{} // closed by a later stage
	var lasting []*shard
	for _, stage := range slices.Backward(p) {
		for _, c := range stage {
			for _, sh := range c.parents {
				passing[sh] = true
			}
			for _, sh := range c.children {
				if !passing[sh] {
					lasting = append(lasting, sh)
				}
			}
		}
	}
	slices.SortFunc(lasting, byFirstKey)
	ids := make([]string, len(lasting))
	for i, sh := range lasting {
		ids[i] = sh.id
	}
	return ids
}

func byFirstKey(a, b *shard) int { return a.first.compare(b.first) }

// countUpTo returns how many of the ascending borders are not above h.
func countUpTo(borders []uint128, h uint128) int {
	return sort.Search(len(borders), func(i int) bool { return h.less(borders[i]) })
}
