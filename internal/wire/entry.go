package wire

import "github.com/kinecast/kinecast/aggregate"

// Entry is one Kinesis record of a request. PutRecords only reads what it refers to.
type Entry struct {
	// PartitionKey is 1–256 characters of valid UTF-8. The caller checks: JSON would have U+FFFD in the place of a bad
	// byte, and the record would land in a shard that nobody predicted.
	PartitionKey []byte
	// HashKey is the explicit hash key as decimal text, 0 … 2^128−1; empty leaves the choice to MD5 of PartitionKey.
	HashKey []byte
	// Data is the record's content. Nil means empty, and an empty record is sent. Not looked at when Aggregate is set.
	Data []byte
	// Aggregate has the record's content, and travels as what its AppendTo writes; nil when Data is the content.
	Aggregate *aggregate.Builder
}

// size is the number of bytes of the record's content.
func (e *Entry) size() int {
	if e.Aggregate != nil {
		return e.Aggregate.Size()
	}
	return len(e.Data)
}
