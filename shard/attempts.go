package shard

import (
	"iter"
	"slices"
	"time"
)

const (
	// KeptAttempts is how many attempts [Attempts] keeps from each end: the first 8 show how the trouble began, the
	// last 8 how it ended.
	KeptAttempts = 8
	// MaxMessageBytes is how much of a service's message an [Attempt] keeps, and is not more than a person reads.
	MaxMessageBytes = 512
	// maxCodeBytes bounds codes as MaxShardIDBytes bounds shard ids: servers are not trusted to be brief.
	maxCodeBytes = 128
)

// Attempt is one try of one record, or the end of its time: then Code is [CodeExpired], and no request has carried it.
type Attempt struct {
	// Delay is how long the record waited before: since it was admitted, or since the attempt before ended. It is that of
	// the first user record in its Kinesis record. Never negative.
	Delay time.Duration
	// Start is when the request was handed to the client, or the time ended.
	Start time.Time
	// Duration is the time from Start to the answer, or to giving up on it; never negative.
	Duration time.Duration
	// Class is what the failure asked for; 0 for an attempt that succeeded. A record that was stored in a shard where
	// its readers drop it is Ambiguous: it is sent again, and a copy of it exists.
	Class Class
	// Code is the service's error code or one of the Code constants; "" for an attempt that succeeded. At most 128 bytes.
	Code string
	// Message is the service's text, at most [MaxMessageBytes]. Whoever answered wrote it: quote it where it is shown.
	Message string
	// ShardID is the shard that the record was sent to, or where it landed; "" if unknown. At most [MaxShardIDBytes].
	ShardID string
}

// Attempts is the bounded history of one record: the first and last [KeptAttempts] attempts, how many there were, and
// whether any of them may have written the record. The zero value is an empty history, ready to use.
//
// It is a value: a copy stays as it is, whatever is added to the original later, so records that part ways can start
// from one shared history. Add needs exclusive use of its variable; the other methods and copies may run concurrently.
// It takes 48 bytes, and about 110 more for each attempt kept.
type Attempts struct {
	kept         []Attempt // in order, at most 2·KeptAttempts; never changed once it is here, Add makes a new one
	count        int
	expired      int // of them, ends of time
	maybeWritten bool
}

// Add appends one attempt, cutting its texts to their bounds, and returns it as it is kept, never to be changed. It allocates;
// it runs once for each Kinesis record and try.
func (a *Attempts) Add(attempt Attempt) *Attempt {
	attempt.Code = excerpt(attempt.Code, maxCodeBytes)
	attempt.Message = excerpt(attempt.Message, MaxMessageBytes)
	attempt.ShardID = excerpt(attempt.ShardID, MaxShardIDBytes)

	begin, end := a.kept, []Attempt(nil)
	if len(a.kept) == 2*KeptAttempts {
		begin, end = a.kept[:KeptAttempts], a.kept[KeptAttempts+1:]
	}
	kept := make([]Attempt, 0, len(begin)+len(end)+1)
	kept = append(kept, begin...)
	kept = append(kept, end...)
	a.kept = append(kept, attempt)

	a.count++
	if attempt.Code == CodeExpired {
		a.expired++
	}
	a.maybeWritten = a.maybeWritten || attempt.Class.MaybeWritten()
	return &a.kept[len(a.kept)-1]
}

// Len returns how many attempts were added, kept or not.
func (a *Attempts) Len() int { return a.count }

// Requests returns how many requests have carried the record: all attempts but the end of its time.
func (a *Attempts) Requests() int { return a.count - a.expired }

// MaybeWritten reports whether any attempt, kept or not, may have left the record in the stream.
func (a *Attempts) MaybeWritten() bool { return a.maybeWritten }

// First returns the oldest attempt, which is always kept; false if there is none.
func (a *Attempts) First() (Attempt, bool) {
	if a.count == 0 {
		return Attempt{}, false
	}
	return a.kept[0], true
}

// Last returns the newest attempt; false if there is none.
func (a *Attempts) Last() (Attempt, bool) {
	if a.count == 0 {
		return Attempt{}, false
	}
	return a.kept[len(a.kept)-1], true
}

// All iterates over the kept attempts, oldest first, each with its number counted from 1. The number jumps where
// attempts were not kept.
func (a *Attempts) All() iter.Seq2[int, Attempt] {
	return func(yield func(int, Attempt) bool) {
		for i, attempt := range a.kept {
			number := i + 1
			if i >= KeptAttempts {
				number += a.count - len(a.kept)
			}
			if !yield(number, attempt) {
				return
			}
		}
	}
}

// Slice returns the kept attempts, oldest first, in a slice of the caller's own.
func (a *Attempts) Slice() []Attempt { return slices.Clone(a.kept) }
