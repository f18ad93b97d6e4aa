package kinesistest

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// stream is one data stream. Its owner is the service, under whose lock all of it stands.
type stream struct {
	name, arn string
	created   time.Time // to the millisecond, as the API tells it
	status    types.StreamStatus
	until     time.Time // when the status ends by itself; zero: it lasts
	mode      types.StreamMode
	maxRecord int      // bytes: the greatest data plus key of a record
	shards    []*shard // by index, which is the order of their ids
	open      []*shard // by first hash key; together they partition the key space

	auto  bool       // the service chooses the shards: each in turn
	turn  int        // of AUTO distribution
	keep  *int       // of shards to come
	limit Throughput // of shards to come

	windowEnd time.Time // of the window that AutoScale judges next; zero: none is under way

	unfinished *unfinished // nil: no reshard is under way
	counts     []time.Time // when UpdateShardCount was called, the last ten times at most
	modes      []time.Time // when UpdateStreamMode was called, the last two times at most
}

// stored is one record as a shard keeps it.
type stored struct {
	data     []byte
	key      string
	explicit *uint128 // the hash key that the record was put with, if it was
	seq      sequence
	arrival  int64 // milliseconds since 1970, the precision that the API tells
}

func (r *stored) size() int { return len(r.data) + len(r.key) }

// The range of MaxRecordSizeInKiB, and what a stream has that names none: the API reference
// of CreateStream.
const (
	minMaxRecordKiB = 1024
	maxMaxRecordKiB = 10240
)

// newStream lays out a stream of n shards with equal ranges.
func newStream(name, arn string, n int, now time.Time) *stream {
	st := &stream{
		name:      name,
		arn:       arn,
		created:   now,
		status:    types.StreamStatusActive,
		mode:      types.StreamModeProvisioned,
		maxRecord: minMaxRecordKiB << 10,
	}
	for i := range n {
		last := maxUint128
		if i+1 < n {
			last = rangeStart(uint64(i+1), uint64(n)).prev()
		}
		sh := &shard{id: shardID(i), index: uint32(i), first: rangeStart(uint64(i), uint64(n)), last: last}
		sh.open(now)
		st.shards = append(st.shards, sh)
	}
	st.open = slices.Clone(st.shards)
	return st
}

func shardID(index int) string { return fmt.Sprintf("shardId-%012d", index) }

// owner returns the open shard whose range holds h.
func (st *stream) owner(h uint128) *shard {
	next := sort.Search(len(st.open), func(i int) bool { return h.less(st.open[i].first) })
	return st.open[next-1] // the first range begins at 0, so next is at least 1
}

func (st *stream) shard(id string) *shard {
	i, found := slices.BinarySearchFunc(st.shards, id, func(sh *shard, id string) int {
		return strings.Compare(sh.id, id)
	})
	if !found {
		return nil
	}
	return st.shards[i]
}

// after returns the shards whose ids follow id; all of them if id is "".
func (st *stream) after(id string) []*shard {
	return st.shards[sort.Search(len(st.shards), func(i int) bool { return st.shards[i].id > id }):]
}

// writable reports whether the stream takes and gives records.
func (st *stream) writable() bool {
	return st.status == types.StreamStatusActive || st.status == types.StreamStatusUpdating
}
