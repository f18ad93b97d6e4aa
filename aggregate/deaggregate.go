package aggregate

import (
	"crypto/md5"
	"iter"
)

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
		m, ok := open(data)
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
			if !yield(c.next()) {
				return
			}
		}
	}
}

// open returns the message of an aggregated record, and false if data is a
// plain record. The caller has to release the message.
func open(data []byte) (*message, bool) {
	encoded, ok := unwrap(data)
	if !ok {
		return nil, false
	}
	return parseMessage(encoded)
}

// dropped looks for the first user record outside of the range. It stops where
// the message is malformed, since the KCL gets no further either.
func (m *message) dropped(within *Range) *DroppedError {
	var key []byte // the one that hash belongs to: runs of equal keys are hashed once
	var hash [16]byte
	for c := m.userRecords(); c.more(); {
		r, err := c.next()
		if err != nil {
			return nil
		}
		switch {
		case r.ExplicitHashKey != nil:
			key = nil
			hash, _ = parseHashKey(r.ExplicitHashKey)
		case key == nil || string(key) != string(r.PartitionKey):
			key = r.PartitionKey
			hash = md5.Sum(key)
		}
		if !within.contains(hash) {
			return &DroppedError{Position: r.Position, Hash: hash, Range: *within}
		}
	}
	return nil
}

// cursor walks over the user records of a message, up to the first malformed one.
type cursor struct {
	message  *message
	rest     []byte // from the next Record on; empty when there is none
	position int
}

func (m *message) userRecords() cursor {
	c := cursor{message: m, rest: m.encoded}
	c.skip()
	return c
}

// skip moves on to the next Record field.
func (c *cursor) skip() {
	for len(c.rest) > 0 {
		f, rest, _ := nextField(c.rest, maxDepth)
		if f.is(tagRecords) {
			return
		}
		c.rest = rest
	}
}

func (c *cursor) more() bool { return len(c.rest) > 0 }

// next returns the user record at the cursor, or the error that ends the walk.
func (c *cursor) next() (UserRecord, error) {
	f, rest, _ := nextField(c.rest, maxDepth)
	r, _ := parseRecord(f.bytes)
	user, err := c.message.resolve(r, c.position)
	if err != nil {
		c.rest = nil
		return UserRecord{}, err
	}
	c.rest = rest
	c.position++
	c.skip()
	return user, nil
}

// resolve looks up the keys of a record.
func (m *message) resolve(r record, position int) (UserRecord, error) {
	if r.key >= uint64(len(m.keys)) {
		return UserRecord{}, badIndex(position, "partition_key_index", r.key, len(m.keys))
	}
	user := UserRecord{
		PartitionKey: m.at(m.keys[r.key]),
		Data:         r.data,
		Position:     position,
		Aggregated:   true,
	}
	if !r.hasHash {
		return user, nil
	}
	if r.hash >= uint64(len(m.hashes)) {
		return UserRecord{}, badIndex(position, "explicit_hash_key_index", r.hash, len(m.hashes))
	}
	user.ExplicitHashKey = m.at(m.hashes[r.hash])
	if _, ok := parseHashKey(user.ExplicitHashKey); !ok {
		return UserRecord{}, badHashKey(position, user.ExplicitHashKey)
	}
	return user, nil
}
