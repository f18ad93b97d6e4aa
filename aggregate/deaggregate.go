package aggregate

import "iter"

// UserRecord is one record as its producer put it.
type UserRecord struct {
	PartitionKey    []byte // as it stands in the record, UTF-8 if its producer was sane
	ExplicitHashKey []byte // decimal text; nil when it was put without one, and always when not Aggregated
	Data            []byte // a slice of what was given to Deaggregate
	Position        int    // inside the Kinesis record, from 0: what the KCL calls the sub-sequence number
	Aggregated      bool   // whether it came out of an aggregated record
}

// Deaggregate yields the user records of one Kinesis record, in the order in
// which they were put, by the KCL's rules (see the package comment). For a
// record that is not aggregated, or is damaged, that is one UserRecord: the
// partition key and the data as they are.
//
// within is the hash key range of the shard that the record was read from; nil
// switches the check off. If a user record is outside, a *DroppedError is the
// only thing yielded. If a user record refers to what is not there, those in
// front of it are yielded, then an error that is ErrMalformed. An error comes
// last, with a zero UserRecord.
//
// The slices of an aggregated record's UserRecords lie in data, and stay valid
// as long as its bytes do not change. The loop may end early, and the sequence
// may be ranged over again, also concurrently. data may be hostile: nothing
// panics, the cost is linear in len(data), and memory beyond it is needed only
// to remember where the keys stand.
func Deaggregate(partitionKey string, data []byte, within *Range) iter.Seq2[UserRecord, error] {
	return func(yield func(UserRecord, error) bool) {
		m, ok := open(data, within != nil)
		if !ok {
			yield(UserRecord{PartitionKey: []byte(partitionKey), Data: data}, nil)
			return
		}
		defer m.release()
		if within != nil {
			if dropped := m.dropped(within); dropped != nil {
				yield(UserRecord{}, dropped)
				return
			}
		}
		for c := m.userRecords(); c.more(); {
			if r, _, err := c.next(); !yield(r, err) {
				return
			}
		}
	}
}

// open returns the message of an aggregated record, and false if data is a
// plain record. The caller has to release the message.
func open(data []byte, hashed bool) (*message, bool) {
	encoded, ok := unwrap(data)
	if !ok {
		return nil, false
	}
	return parseMessage(encoded, hashed)
}

// dropped looks for the first user record outside of the range; the partition
// keys must be hashed. It stops at a malformed one, since the KCL gets no further.
func (m *message) dropped(within *Range) *DroppedError {
	for c := m.userRecords(); c.more(); {
		r, hash, err := c.next()
		if err != nil {
			return nil //nolint:nilerr // whoever yields the records meets it again and reports it
		}
		if !within.contains(hash) {
			return &DroppedError{Position: r.Position, Hash: *hash, Range: *within}
		}
	}
	return nil
}
