package kinesistest

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// streamState is a stream without its records, as the journal keeps it.
type streamState struct {
	Name      string
	Created   time.Time
	Status    types.StreamStatus
	Until     time.Time
	Mode      types.StreamMode
	MaxRecord int
	Auto      bool
	Keep      *int `json:",omitempty"`
	Counts    []time.Time
	Modes     []time.Time
	// Shards are all shards by index: the stream's, and behind them those of stages to come.
	Shards []shardState
	// Have is how many of them are the stream's.
	Have int
	// Stages are those to come of a reshard; nil: none is under way.
	Stages [][]changeState
	Due    []time.Time
}

// shardState is a shard. Parents and children are indices.
type shardState struct {
	First, Last       string
	Parents, Children []uint32 `json:",omitempty"`
	Opened, Closed    time.Time
	Epoch             int64
	Ordinal           uint64
}

type changeState struct{ Parents, Children []uint32 }

// state describes a stream as it is now.
func (st *stream) state() *streamState {
	s := &streamState{
		Name: st.name, Created: st.created, Status: st.status, Until: st.until, Mode: st.mode, MaxRecord: st.maxRecord,
		Auto: st.auto, Keep: st.keep, Counts: st.counts, Modes: st.modes, Have: len(st.shards),
	}
	for _, sh := range st.shards {
		s.Shards = append(s.Shards, sh.state())
	}
	if u := st.unfinished; u != nil {
		s.Stages, s.Due = [][]changeState{}, u.due
		for _, stage := range u.stages {
			changes := []changeState{}
			for _, c := range stage {
				changes = append(changes, changeState{indices(c.parents), indices(c.children)})
				for _, sh := range c.children {
					s.Shards = append(s.Shards, sh.state())
				}
			}
			s.Stages = append(s.Stages, changes)
		}
	}
	return s
}

func (sh *shard) state() shardState {
	return shardState{
		First: sh.first.String(), Last: sh.last.String(), Parents: indices(sh.parents), Children: indices(sh.children),
		Opened: sh.opened, Closed: sh.closed, Epoch: sh.epoch, Ordinal: sh.ordinal,
	}
}

func indices(shards []*shard) (all []uint32) {
	for _, sh := range shards {
		all = append(all, sh.index)
	}
	return all
}

// restore makes a stream what the journal says of it. Shards that it has keep their records.
func (s *service) restore(state *streamState) error {
	st := s.streams[state.Name]
	if st == nil {
		st = &stream{name: state.Name, arn: s.arn(state.Name)}
		s.streams[st.name], s.restored[st.name] = st, true
	}
	s.created[st.name] = state.Created
	st.created, st.status, st.until, st.mode = state.Created, state.Status, state.Until, state.Mode
	st.maxRecord, st.auto, st.keep, st.counts = state.MaxRecord, state.Auto, state.Keep, state.Counts
	st.modes = state.Modes

	all, err := st.restoreShards(state)
	if err != nil {
		return fmt.Errorf("stream %s: %w", st.name, err)
	}
	st.shards = all[:state.Have:state.Have]
	st.open = slices.DeleteFunc(slices.Clone(st.shards), (*shard).isClosed)
	slices.SortFunc(st.open, byFirstKey)
	st.unfinished = nil
	if state.Stages != nil {
		st.unfinished = &unfinished{due: state.Due}
		for _, stage := range state.Stages {
			var changes []change
			for _, c := range stage {
				changes = append(changes, change{pick(all, c.Parents), pick(all, c.Children)})
			}
			st.unfinished.stages = append(st.unfinished.stages, changes)
		}
	}
	return nil
}

// restoreShards makes all shards there are and those to come, by index.
func (st *stream) restoreShards(state *streamState) ([]*shard, error) {
	all := slices.Clone(st.shards)
	for i := len(all); i < len(state.Shards); i++ {
		all = append(all, &shard{id: shardID(i), index: uint32(i)})
	}
	if state.Have < 1 || state.Have > len(all) || len(all) != len(state.Shards) {
		return nil, fmt.Errorf("%d shards, of which it has %d, and had %d", len(state.Shards), state.Have, len(st.shards))
	}
	for i := range state.Shards {
		is, sh := &state.Shards[i], all[i]
		for _, index := range slices.Concat(is.Parents, is.Children) {
			if index >= uint32(len(all)) {
				return nil, fmt.Errorf("shard %d has a relative %d, of %d", i, index, len(all))
			}
		}
		var err, err2 error
		sh.first, err = parseUint128(is.First)
		sh.last, err2 = parseUint128(is.Last)
		if err != nil || err2 != nil {
			return nil, fmt.Errorf("shard %d has the hash keys %s to %s", i, is.First, is.Last)
		}
		sh.parents, sh.children = pick(all, is.Parents), pick(all, is.Children)
		sh.opened, sh.closed, sh.epoch, sh.ordinal, sh.keep = is.Opened, is.Closed, is.Epoch, is.Ordinal, st.keep
	}
	return all, nil
}

// pick returns the shards of these indices.
func pick(all []*shard, which []uint32) (picked []*shard) {
	for _, i := range which {
		picked = append(picked, all[i])
	}
	return picked
}
