package kinesistest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

type getShardIteratorRequest struct {
	target
	ShardId                *string
	ShardIteratorType      types.ShardIteratorType
	StartingSequenceNumber *string
	Timestamp              *instant
	DryRun                 bool
}

type getShardIteratorAnswer struct{ ShardIterator string }

func (r *getShardIteratorRequest) touches(_ *stream, shard, key string) bool {
	return key == "" && r.ShardId != nil && *r.ShardId == shard
}

func (r *getShardIteratorRequest) check() error {
	var c checks
	r.target.check(&c)
	c.notNull("shardId", r.ShardId == nil)
	if r.ShardId != nil {
		c.name("shardId", *r.ShardId)
	}
	c.notNull("shardIteratorType", r.ShardIteratorType == "")
	if r.ShardIteratorType != "" {
		c.oneOf("shardIteratorType", string(r.ShardIteratorType), "AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP",
			"AT_SEQUENCE_NUMBER", "TRIM_HORIZON")
	}
	if r.StartingSequenceNumber != nil {
		c.pattern("startingSequenceNumber", *r.StartingSequenceNumber, sequencePattern)
	}
	return c.err()
}

func (r *getShardIteratorRequest) perform(s *service) (any, error) {
	st, err := s.resolveWritable(r.target)
	if err != nil {
		return nil, err
	}
	sh := st.shard(*r.ShardId)
	if sh == nil {
		return nil, noShard(*r.ShardId, st.name, s.account)
	}
	at, err := r.position(s, st, sh)
	if err != nil {
		return nil, err
	}
	if r.DryRun {
		return nil, dryRun()
	}
	it := iterator{stream: st.name, created: st.created, shard: sh.id, at: at}
	return &getShardIteratorAnswer{it.token(s.now())}, nil
}

func noShard(shard, stream, account string) *apiError {
	return refuse(codeNotFound, "Shard %s in stream %s under account %s does not exist", shard, stream, account)
}

// position works out the lowest sequence number to read.
func (r *getShardIteratorRequest) position(s *service, st *stream, sh *shard) (sequence, error) {
	bySequence := r.ShardIteratorType == types.ShardIteratorTypeAtSequenceNumber ||
		r.ShardIteratorType == types.ShardIteratorTypeAfterSequenceNumber
	if bySequence != (r.StartingSequenceNumber != nil) {
		and := "and also a"
		if bySequence {
			and = "and no"
		}
		return sequence{}, refuse(codeInvalidArgument, "Must either specify (1) AT_SEQUENCE_NUMBER or "+
			"AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no "+
			"StartingSequenceNumber. Request specified %s %s StartingSequenceNumber.", r.ShardIteratorType, and)
	}
	switch r.ShardIteratorType {
	case types.ShardIteratorTypeTrimHorizon:
		return sequence{}, nil
	case types.ShardIteratorTypeLatest:
		return sh.nextSequence(), nil
	case types.ShardIteratorTypeAtTimestamp:
		return r.atTimestamp(s.now(), sh)
	}
	at, ok := parseSequence(*r.StartingSequenceNumber)
	if !ok {
		return sequence{}, refuse(codeInvalidArgument, "StartingSequenceNumber %s used in GetShardIterator on shard %s "+
			"in stream %s under account %s is invalid.", *r.StartingSequenceNumber, sh.id, st.name, s.account)
	}
	if r.ShardIteratorType == types.ShardIteratorTypeAfterSequenceNumber {
		at = at.next()
	}
	return at, nil
}

func (r *getShardIteratorRequest) atTimestamp(now time.Time, sh *shard) (sequence, error) {
	if r.Timestamp == nil {
		return sequence{}, refuse(codeInvalidArgument, "Must specify timestampInMillis parameter for iterator of type "+
			"AT_TIMESTAMP. Current request has no timestamp parameter.")
	}
	if r.Timestamp.After(now) {
		return sequence{}, refuse(codeInvalidArgument, "The timestampInMillis parameter cannot be greater than the "+
			"currentTimestampInMillis. timestampInMillis: %d, currentTimestampInMillis: %d",
			r.Timestamp.UnixMilli(), now.UnixMilli())
	}
	for record := range sh.records.all() {
		if record.arrival >= r.Timestamp.UnixMilli() {
			return record.seq, nil
		}
	}
	return sh.nextSequence(), nil
}

// iterator is a place in a shard.
type iterator struct {
	stream  string
	created time.Time // tells a stream from one of the same name before it
	shard   string
	at      sequence // the lowest sequence number to read
}

func (it *iterator) token(now time.Time) string {
	return sealToken("iterator", millis(now), it.stream, millis(it.created), it.shard, it.at.String())
}

// parseIterator reads what token wrote, and when that was.
func parseIterator(token string) (it iterator, given time.Time, err error) {
	f, ok := openToken(token, 6)
	if ok && f[0] == "iterator" {
		if at, ok := parseSequence(f[5]); ok {
			return iterator{f[2], fromMillis(f[3]), f[4], at}, fromMillis(f[1]), nil
		}
	}
	return iterator{}, time.Time{}, refuse(codeInvalidArgument, "Invalid ShardIterator.")
}
