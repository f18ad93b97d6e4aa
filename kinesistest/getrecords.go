package kinesistest

import "time"

// What one GetRecords call gives at most: its API reference.
const (
	recordsPerRead = 10_000
	bytesPerRead   = 10 << 20
)

type getRecordsRequest struct {
	ShardIterator *string
	StreamARN     *string
	Limit         *int
	DryRun        bool

	// Of ShardIterator, set by check.
	it    iterator
	given time.Time
}

type storedRecord struct {
	ApproximateArrivalTimestamp instant
	Data                        []byte
	PartitionKey                string
	SequenceNumber              string
}

type getRecordsAnswer struct {
	ChildShards        []childShard `json:",omitempty"`
	MillisBehindLatest int64
	NextShardIterator  string `json:",omitempty"`
	Records            []storedRecord
}

// childShard is what the end of a closed shard says of those that took its place.
type childShard struct {
	ShardId      string
	ParentShards []string
	HashKeyRange hashKeyRange
}

func (r *getRecordsRequest) address() target {
	if r.it.stream == "" {
		return target{StreamARN: r.StreamARN}
	}
	return target{&r.it.stream, r.StreamARN}
}

func (r *getRecordsRequest) volume() (records, bytes int) { return 0, 0 }

func (r *getRecordsRequest) touches(_ *stream, shard, key string) bool {
	return key == "" && r.it.shard == shard
}

func (r *getRecordsRequest) check() (err error) {
	var c checks
	c.notNull("shardIterator", r.ShardIterator == nil)
	if r.ShardIterator != nil {
		c.length("shardIterator", *r.ShardIterator, 512)
	}
	c.between("limit", r.Limit, 1, recordsPerRead)
	target{StreamARN: r.StreamARN}.check(&c)
	if err := c.err(); err != nil {
		return err
	}
	r.it, r.given, err = parseIterator(*r.ShardIterator)
	return err
}

func (r *getRecordsRequest) perform(s *service) (any, error) {
	now := s.now()
	if now.Sub(r.given) > tokenLife {
		return nil, refuse(codeExpiredIterator, "Iterator expired. The iterator was created at time %s while right "+
			"now it is %s which is further in the future than the tolerated delay of %d milliseconds.",
			r.given.UTC().Format(time.UnixDate), now.UTC().Format(time.UnixDate), tokenLife.Milliseconds())
	}
	st, err := s.resolveWritable(r.address())
	if err != nil {
		return nil, err
	}
	sh := st.shard(r.it.shard)
	if sh == nil || !st.created.Equal(r.it.created) {
		return nil, noShard(r.it.shard, st.name, s.account)
	}
	if r.DryRun {
		return nil, dryRun()
	}
	limit := recordsPerRead
	if r.Limit != nil {
		limit = *r.Limit
	}
	return sh.read(r.it, limit, now), nil
}

// read gives the records at and after the iterator, and where to go on: at the end of a closed
// shard, with its children.
func (sh *shard) read(it iterator, limit int, now time.Time) *getRecordsAnswer {
	answer := &getRecordsAnswer{Records: []storedRecord{}}
	size, more := 0, false
	for record := range sh.records.from(it.at) {
		size += record.size()
		if n := len(answer.Records); n == limit || n > 0 && size > bytesPerRead {
			// At least 1: whoever stops at 0 must not leave records of this millisecond behind.
			answer.MillisBehindLatest, more = max(1, now.UnixMilli()-record.arrival), true
			break
		}
		answer.Records = append(answer.Records, storedRecord{
			ApproximateArrivalTimestamp: instant{time.UnixMilli(record.arrival)},
			Data:                        record.data,
			PartitionKey:                record.key,
			SequenceNumber:              record.seq.String(),
		})
		it.at = record.seq.next()
	}
	if sh.isClosed() && !more {
		answer.ChildShards = sh.describeChildren()
		return answer
	}
	answer.NextShardIterator = it.token(now)
	return answer
}

func (sh *shard) describeChildren() []childShard {
	list := make([]childShard, len(sh.children))
	for i, child := range sh.children {
		list[i] = childShard{ShardId: child.id, HashKeyRange: child.hashKeyRange()}
		for _, parent := range child.parents {
			list[i].ParentShards = append(list[i].ParentShards, parent.id)
		}
	}
	return list
}
