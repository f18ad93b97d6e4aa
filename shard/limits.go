package shard

import "time"

// Limits of the service, source: Amazon Kinesis Data Streams API reference, PutRecords, as of 2026.
const (
	// RequestRecords is the most Kinesis records in one PutRecords call.
	RequestRecords = 500
	// RequestBytes is the most bytes in one PutRecords call: data and partition keys, before any encoding.
	RequestBytes = 10 << 20
	// DefaultRecordBytes is the most bytes in one Kinesis record, data and partition key, unless the stream says otherwise.
	DefaultRecordBytes = 1 << 20
	// LargestRecordBytes is the most that a stream can be set to accept.
	LargestRecordBytes = 10 << 20
	// KeyCharacters is the longest partition key, in characters and not bytes.
	KeyCharacters = 256
)

// Limits bound what a port makes of the user records that it is given.
type Limits struct {
	// Aggregate allows several user records in one Kinesis record.
	Aggregate bool
	// MaxCount is the most user records in one aggregated record; at least 1.
	MaxCount int64
	// MaxSize is the most bytes in one aggregated record, magic and digest included. A user record that does not fit
	// travels alone.
	MaxSize int
	// RateLimit is how much of a shard may be taken, in percent of what the service promises; 0 for as much as it takes.
	RateLimit int64
	// Ordered says that records of one hash key keep their order.
	Ordered bool
	// Halts says that what waits behind a record that failed ends with it, unless somebody had asked about that record.
	// Only where Ordered.
	Halts bool
	// HeldRecords and HeldBytes are what a lane that is slower than its callers may hold: user records, and ledger bytes. 0
	// for any number.
	HeldRecords, HeldBytes int64
	// Barred says that callers wait in the port's line until it is retired: whether their records belong there is not known
	// yet. Restored ones are taken.
	Barred bool
	// Linger is how long a record may wait for company, counted from the first user record in it.
	Linger time.Duration
	// Apart is how long after a Kinesis record the next one of the same shard may go that is not full and that nobody waits
	// for. It is for a short linger, or none: a shard takes 1,000 records a second, and refuses more.
	Apart time.Duration
}
