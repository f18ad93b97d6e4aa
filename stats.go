package kinecast

import (
	"sync/atomic"
	"time"

	"github.com/kinecast/kinecast/shard"
)

// Stats are figures of one producer since New. Each is exact on its own; together they are a snapshot only of a producer
// at rest.
type Stats struct {
	// UserRecordsReceived counts the records admitted.
	UserRecordsReceived int64
	// UserRecordsRestored counts those of them that came out of snapshots.
	UserRecordsRestored int64
	// UserRecordsPut counts the records that were stored, UserRecordsFailed those that ended with an error.
	UserRecordsPut, UserRecordsFailed int64
	// UserRecordsSkipped counts the records dropped on purpose with ErrSkip.
	UserRecordsSkipped int64
	// UserRecordsRefused counts the records that an actor sent without a sender and that were not admitted.
	UserRecordsRefused int64
	// UserRecordsDataPut is the data stored, in bytes, without keys and without what aggregation adds.
	UserRecordsDataPut int64
	// KinesisRecordsPut counts the Kinesis records stored; KinesisRecordsDataPut is their data in bytes.
	KinesisRecordsPut, KinesisRecordsDataPut int64
	// Requests counts the PutRecords calls, RequestsFailed those that failed as a whole.
	Requests, RequestsFailed int64
	// RequestsAbandoned is the number of calls that were given up, because the client did not heed their context, and run on:
	// at most twice MaxConnections. What becomes of them counts in Requests and RequestsFailed when they return.
	RequestsAbandoned int64
	// Retries counts the attempts of Kinesis records beyond each one's first.
	Retries int64
	// OutstandingRecords and OutstandingBytes are what the bounds QueueLimit and QueueBytes count now.
	OutstandingRecords, OutstandingBytes int64
	// OldestOutstanding is how long ago the oldest of them was put; 0 if there is none. Of several in a Kinesis record it is
	// the first that counts, and records that wait for room do not.
	OldestOutstanding time.Duration
	// BackpressureCycles counts the Puts that had to wait for room, BlockedTime is how long all of them waited together.
	BackpressureCycles int64
	// BlockedTime is the time that callers spent waiting for room.
	BlockedTime time.Duration
	// MemoryBound is the most bytes that the producer holds: QueueBytes, RequestBytes, 4 KiB a shard, 64 KiB a connection.
	// On top come one encoded record for each waiting caller and what values kept for callbacks refer to. What was restored
	// and exceeds QueueBytes is counted in, as it was at the start; the data of restored records is held twice when there are
	// callbacks.
	MemoryBound int64
}

// counters are what Stats is read from.
type counters struct {
	put, failed, skipped, refused, data atomic.Int64
	kinesisPut, kinesisData             atomic.Int64
	requests, requestsFailed, retries   atomic.Int64
	waits, blocked                      atomic.Int64
	shutdown, shutdownMaybe             atomic.Int64
}

// count notes the end of a Kinesis record.
func (c *counters) count(e *shard.Ended) {
	r, o, n := e.Record, &e.Outcome, int64(e.Record.Len())
	c.retries.Add(int64(max(o.Attempts.Requests()-1, 0)))
	if o.Failure == nil {
		c.put.Add(n)
		c.kinesisPut.Add(1)
		c.kinesisData.Add(int64(r.DataSize()))
		c.data.Add(r.UserData())
		return
	}
	c.failed.Add(n)
	if o.Failure.Code != shard.CodeShutdown {
		return
	}
	c.shutdown.Add(n)
	if o.MaybeWritten {
		c.shutdownMaybe.Add(n)
	}
}

// readStats reads the counters.
func (s *supervisor) readStats() Stats {
	c := &s.stats
	shards, oldest := int64(0), time.Duration(0)
	s.opening.Lock()
	received := s.past
	for _, st := range s.streams.Load().all {
		received += st.held.taken()
	}
	s.opening.Unlock()
	for _, st := range s.tree.Streams() {
		shards += int64(len(st.Routes().Ports()))
		if t := st.Oldest(); !t.IsZero() {
			oldest = max(oldest, time.Since(t))
		}
	}
	return Stats{
		UserRecordsReceived: received, UserRecordsRestored: s.restored, UserRecordsPut: c.put.Load(), UserRecordsFailed: c.failed.Load(),
		UserRecordsSkipped: c.skipped.Load(), UserRecordsRefused: c.refused.Load(), UserRecordsDataPut: c.data.Load(),
		KinesisRecordsPut: c.kinesisPut.Load(), KinesisRecordsDataPut: c.kinesisData.Load(),
		Requests: c.requests.Load(), RequestsFailed: c.requestsFailed.Load(), Retries: c.retries.Load(),
		RequestsAbandoned:  int64(s.tree.Abandoned()),
		OutstandingRecords: s.ledger.Records.Used(), OutstandingBytes: s.ledger.Bytes.Used(),
		OldestOutstanding: oldest, BackpressureCycles: c.waits.Load(), BlockedTime: time.Duration(c.blocked.Load()),
		MemoryBound: max(s.cfg.queueBytes, s.restoredBytes) + s.cfg.requestBytes + 4<<10*shards + 64<<10*int64(s.cfg.maxConnections),
	}
}
