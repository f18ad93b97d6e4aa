package kinesistest

import "time"

// shard is one shard. It is open from the moment that the stream has it until its children
// take its place.
type shard struct {
	id       string
	index    uint32
	first    uint128 // the range, both ends included
	last     uint128
	parents  []*shard // none, the one that was split, or the two that were merged
	children []*shard // none while it is open
	opened   time.Time
	closed   time.Time // meaningful once there are children
	epoch    int64     // stands for the second of creation in sequence numbers
	ordinal  uint64    // of the newest sequence number given
	records  recordLog
	count    Count
	mark     Count    // the count when the window of AutoScale began
	keep     *int     // of records, the newest so many; nil: all
	buckets  *buckets // nil: not throttled
}

// open makes the shard take records, from a time on. Its epoch lies behind its parents',
// however soon it follows them, so all its sequence numbers are above all of theirs.
func (sh *shard) open(at time.Time) {
	sh.opened, sh.epoch = at, at.Unix()
	for _, parent := range sh.parents {
		sh.epoch = max(sh.epoch, parent.epoch+1)
	}
}

func (sh *shard) isClosed() bool { return len(sh.children) > 0 }

// before reports whether the range of next begins where sh's ends.
func (sh *shard) before(next *shard) bool {
	return sh.last.less(next.first) && sh.last.next() == next.first
}

// middle is the first hash key of the upper half.
func (sh *shard) middle() uint128 {
	return sh.first.add(sh.last.sub(sh.first).half()).next()
}

// splits reports whether the upper child may begin at border: each has two hash keys at least.
func (sh *shard) splits(border uint128) bool {
	return sh.first.next().less(border) && border.less(sh.last)
}

// startingSequence is below the number of every record of the shard.
func (sh *shard) startingSequence() sequence {
	return newSequence(sh.epoch, sh.index, 0, sh.opened.Unix())
}

// endingSequence is above the number of every record of a closed shard, and below all numbers
// of its children.
func (sh *shard) endingSequence() sequence {
	return newSequence(sh.epoch, sh.index, sh.ordinal+1, sh.closed.Unix())
}

// nextSequence is above the numbers of all records so far, and not above those to come.
func (sh *shard) nextSequence() sequence {
	return newSequence(sh.epoch, sh.index, sh.ordinal+1, 0)
}

// store appends a record, gives it its sequence number and returns that.
func (sh *shard) store(e *entry, now time.Time) sequence {
	sh.ordinal++
	seq := newSequence(sh.epoch, sh.index, sh.ordinal, now.Unix())
	record := stored{data: e.data, key: e.key, seq: seq, arrival: now.UnixMilli()}
	if e.hasExplicit {
		hash := e.hash // not e itself, which would keep the whole request
		record.explicit = &hash
	}
	sh.count.Records++
	sh.count.Bytes += int64(e.volume())
	if sh.keep == nil || *sh.keep > 0 {
		sh.records.append(record)
	}
	if sh.keep != nil {
		sh.records.forget(*sh.keep)
	}
	return seq
}
