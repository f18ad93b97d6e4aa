package kinecast

import "github.com/kinecast/kinecast/shard"

// Result says where a record was stored and how it got there.
type Result struct {
	// Stream is the stream as the caller named it.
	Stream string
	// ShardID is the shard that stored the record, "shardId-000000000000"; empty if it was not stored.
	ShardID string
	// SequenceNumber is the number of the Kinesis record in that shard; all user records of one aggregated record share
	// it. Empty if it was not stored.
	SequenceNumber string
	// Position is the place of the record in its aggregated record, from 0: the KCL's sub-sequence number. 0 for a record
	// that travelled alone.
	Position int
	// Aggregated says that the record travelled in an aggregated record.
	Aggregated bool
	// MaybeWritten says, for a record that failed, that an attempt may have stored it all the same.
	MaybeWritten bool
	// Attempts tells every try: how many, and the first and last eight of them.
	Attempts Attempts
}

// Attempts is the history of one record, bounded: the first and the last eight attempts and the number of all. It is
// immutable.
type Attempts = shard.Attempts

// Attempt is one try of one record: when it began, how long it took, the shard, and the class, code and message of its
// failure, all empty for a success.
type Attempt = shard.Attempt

// Delivery is the end of one record, as callbacks receive it.
type Delivery[T any] struct {
	// Value is what was put; the zero T for a record that was restored.
	Value T
	// Restored is what there is of a record that came out of a snapshot; nil for one that was put. See Config.Restore.
	Restored *RestoredRecord
	// Result says where it was stored, or what was tried.
	Result Result
	// Err is nil, or a *DeliveryError.
	Err error
}

// result makes the Result of one user record out of the outcome of its Kinesis record.
func result(stream string, o *shard.Outcome, position int) Result {
	r := Result{
		Stream: stream, ShardID: o.ShardID, SequenceNumber: o.SequenceNumber,
		Aggregated: o.Aggregated, MaybeWritten: o.MaybeWritten, Attempts: *o.Attempts,
	}
	if o.Aggregated {
		r.Position = position
	}
	return r
}

// deliveryError is the error of an outcome; nil for a success.
func deliveryError(stream string, o *shard.Outcome) error {
	if o.Failure == nil {
		return nil
	}
	e := &DeliveryError{
		Stream: stream, Code: o.Failure.Code, Message: o.Failure.Message, Class: o.Class,
		Attempts: o.Attempts.Requests(), MaybeWritten: o.MaybeWritten,
	}
	if o.Limit != shard.NoLimit && o.Limit != shard.LimitClass {
		e.Limit = o.Limit.String()
	}
	return e
}
