package shard

import (
	"time"
	"unsafe"

	"github.com/kinecast/kinecast/aggregate"
)

// Entry is one user record on its way to a port. Its slices are only read during
// Port.Append, which copies them.
type Entry struct {
	// Key is the partition key: 1 to 256 characters of valid UTF-8, checked by the caller.
	Key []byte
	// Data is the serialized value.
	Data []byte
	// Hash is where the record lies in the key space: the explicit hash key if there is one, else the MD5 of Key.
	Hash HashKey
	// Explicit says that Hash was chosen and must travel with the record.
	Explicit bool
	// Shared says that key and hash were drawn only to spread load: where an aggregated record with such a key is
	// filling, the record takes that one's, so that a drawn key is written once an aggregate and not once a record.
	Shared bool
	// Urgent cuts the linger: somebody waits for the result.
	Urgent bool
	// First says that the caller is the head of the port's line: it passes those who wait behind it.
	First bool
	// Restored says that the record was admitted by an earlier producer: no lane is too crowded for it.
	Restored bool
	// Suspect says that an earlier producer may have stored the record; it shares a Kinesis record only with such.
	Suspect bool
	// Epoch is the flush epoch of the record's admission; no aggregated record mixes two.
	Epoch uint64
	// Era counts the failures of the stream that had been cleared when the record was admitted. A shard that halted in an
	// era takes no more records of it.
	Era uint64
	// Reply is told how the record ended; nil when nobody asked.
	Reply Reply
}

// Reply receives the end of one user record. It is called once, by the owner of callbacks, never under a lock.
type Reply interface {
	// Ended reports the outcome of the Kinesis record and the position of the user record in it.
	Ended(o *Outcome, position int)
	// Asked says that somebody waits for this very result; a failure that nobody asked about is kept for the stream. Asked
	// under the port's mutex, when the record is put.
	Asked() bool
}

// Outcome is how a Kinesis record ended, the same for every user record in it.
type Outcome struct {
	// ShardID is where the record was stored; empty if it was not.
	ShardID string
	// SequenceNumber is the record's number in that shard; empty if it was not stored.
	SequenceNumber string
	// Aggregated says that the record travelled in the KPL's aggregated format.
	Aggregated bool
	// Failure is why the record ended without being stored, and Class what kind of failure that is; nil on success.
	Failure *Failure
	Class   Class
	// Limit is the bound that ended the retries, if one did.
	Limit Limit
	// Attempts tells every try.
	Attempts *Attempts
	// MaybeWritten says that at least one attempt may have stored the record although no answer said so.
	MaybeWritten bool
}

// recordOverhead is charged for every Kinesis record beside its buffers: the struct itself, its place in a queue and
// its share of an answer.
const recordOverhead = int64(unsafe.Sizeof(Record{})) + 256 - int64(unsafe.Sizeof(Ended{}))

// replyOverhead is charged for a place in the list of replies.
const replyOverhead = int64(unsafe.Sizeof(Reply(nil)))

// Record is one Kinesis record from the moment it is opened until all of its user records have ended.
//
// Owner: the port while it is filling or waits there (under the port's mutex); the request that carries it; the lane
// once its answer has been drained. Exactly one of them at a time.
type Record struct {
	draft // what is in it; empty while the record fills, for then its port has it

	hash      HashKey // of the first user record: the outer explicit hash key, always inside the shard
	explicit  bool    // the first user record chose its hash
	plain     bool    // must travel alone and unaggregated
	shared    bool    // the first user record's key was drawn, see Entry.Shared
	urgent    bool
	lent      bool // a call that was given up may still read the buffers
	disguised bool // the only user record begins like an aggregated record

	outer  []byte  // the key of the aggregated record, if it is not the first user record's
	holder *Port   // where it is unresolved, if anybody keeps the order
	after  *Record // of its key, while it waits where that counts
	number int64   // its place there

	opened    time.Time // when the first user record came in
	isolate   int       // > 0: after a refused request, travel in a request of at most this many
	misplaced int       // times that it was stored where its readers drop it
	attempts  Attempts
	end       Ended // how it ended, once it has: what is told of it lies here

	berth // for snapshots
}

// Len is the number of user records.
func (r *Record) Len() int { return r.contents.Len() }

// Charge is the number of ledger bytes that the record holds.
func (r *Record) Charge() int64 { return r.charge }

// UserData is the number of data bytes of the user records.
func (r *Record) UserData() int64 { return int64(r.data) }

// Epoch is the flush epoch of the record's user records.
func (r *Record) Epoch() uint64 { return r.epoch }

// Aggregated says whether the record travels in the aggregated format: a record alone travels plain, unless readers would
// take its own bytes for an aggregated record and take them apart.
func (r *Record) Aggregated() bool { return r.contents.Len() > 1 || r.disguised && !r.plain }

// Key is the partition key that the record travels under: its first user record's own, since a constant would defeat
// consumers that spread by the outer key. Where order counts an aggregated record goes under the name of its shard, since
// some consumers order by that key: Lambda does both.
func (r *Record) Key() []byte {
	if r.outer != nil && r.Aggregated() {
		return r.outer
	}
	return r.first().Key
}

// HashKey is the explicit hash key that the record travels under, and whether it needs one. An aggregated record always
// does: the readers drop all of it unless it lies in the shard of every user record.
func (r *Record) HashKey() (HashKey, bool) { return r.hash, r.explicit || r.Aggregated() }

// AppendData appends the record's data blob, as it travels, to dst.
func (r *Record) AppendData(dst []byte) []byte {
	if r.Aggregated() {
		return r.contents.AppendTo(dst)
	}
	return append(dst, r.contents.Lone().Data...)
}

// Contents is what the record carries: the data of a record that travels plain, or the aggregate to be written. Both are
// the record's own, to be read until it has been answered for.
func (r *Record) Contents() ([]byte, *aggregate.Builder) {
	if r.Aggregated() {
		return nil, &r.contents
	}
	return r.contents.Lone().Data, nil
}

// Lend leaves the record's buffers to a call that does not end: Release will not give them to anybody else.
func (r *Record) Lend() { r.lent = true }

// DataSize is the length of what AppendData appends.
func (r *Record) DataSize() int {
	if r.Aggregated() {
		return r.contents.Size()
	}
	return len(r.contents.Lone().Data)
}

// WireSize is what the record counts against the limit of a request: data and partition key.
func (r *Record) WireSize() int { return r.DataSize() + len(r.Key()) }

// Attempts tells what has been tried so far.
func (r *Record) Attempts() *Attempts { return &r.attempts }

// Replies calls f for every user record somebody asked about, in order.
func (r *Record) Replies(f func(position int, reply Reply)) {
	for i, reply := range r.replies {
		if reply != nil {
			f(i, reply)
		}
	}
}

// Told says whether any user record of the record has somebody to tell.
func (r *Record) Told() bool { return r.replies != nil }

// Asked says whether somebody waits for the result of any user record, however it ends.
func (r *Record) Asked() bool { return r.asked > 0 }

// Unasked says whether the result of any user record was asked for by nobody.
func (r *Record) Unasked() bool { return r.asked < r.Len() }

// Release gives the record's buffers back to their pools. Nothing of it may be used afterwards.
func (r *Record) Release() {
	r.strike()
	r.let()
}

// due is the time at which a waiting record must go.
func (r *Record) due(linger time.Duration) time.Time {
	if r.pressed() {
		return r.opened
	}
	return r.opened.Add(linger)
}

// pressed says that a record does not linger: somebody waits for it, or it has been tried before. While it is sealed
// that does not change.
func (r *Record) pressed() bool { return r.urgent || r.attempts.Len() > 0 }

// inside says whether every user record lies in a shard.
func (r *Record) inside(within Range) bool {
	for _, e := range r.contents.All() {
		if !within.Contains(r.hashOf(e)) {
			return false
		}
	}
	return true
}
