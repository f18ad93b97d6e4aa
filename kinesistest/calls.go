package kinesistest

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// MaxCalls is how many calls a server's log holds. When it is full, the oldest goes.
const MaxCalls = 10_000

// Call is one line of a server's log: a call that reached the service, at either door.
// Calls that the HTTP door turned away before they were known as one of the service's
// operations (no access key, no JSON, an unknown operation) are not in it, nor are those
// that [Refuse] kept from arriving.
type Call struct {
	// Operation is what was called.
	Operation Operation
	// Stream is the name of the stream that the call meant, taken from its ARN if need be;
	// "" for ListStreams.
	Stream string
	// Time is when the call arrived, by the server's clock.
	Time time.Time
	// Via says how it came: "direct", or by which protocols, as "HTTP/2.0 CBOR".
	Via string
	// Attempt says which of a caller's attempts it is, from 1, as SDKs number those of one call; 0 if
	// nobody said. At the direct door every call is the first.
	Attempt int
	// Records is the number of records that a PutRecords or PutRecord call brought.
	Records int
	// Bytes is their size, data and partition keys.
	Bytes int
	// Failed is how many of them were refused one by one.
	Failed int
	// Err is "" for a call that was answered, else the error's code, as
	// "ResourceNotFoundException", or what became of the answer, in words.
	Err string
	// Fault is the whole-call fault that struck, in words; "" for none.
	Fault string
	// Took is how long the call took, by the server's clock: 0 but for faults that wait.
	Took time.Duration
}

// String says on one line what was called and what became of it, as
// "PutRecords of events, 3 records, 120 bytes: answer lost: reset, by the fault store, then answer lost: reset (direct, attempt 1)".
func (c Call) String() string {
	var b strings.Builder
	b.WriteString(string(c.Operation))
	add := func(given bool, format string, args ...any) {
		if given {
			fmt.Fprintf(&b, format, args...)
		}
	}
	add(c.Stream != "", " of %s", c.Stream)
	add(c.Records > 0, ", %d records, %d bytes", c.Records, c.Bytes)
	add(c.Failed > 0, ", %d refused", c.Failed)
	add(c.Err != "", ": %s", c.Err)
	add(c.Fault != "", ", by the fault %s", c.Fault)
	add(c.Took > 0, ", took %v", c.Took)
	add(c.Attempt == 0, " (%s)", c.Via)
	add(c.Attempt > 0, " (%s, attempt %d)", c.Via, c.Attempt)
	return b.String()
}

// conclude notes how the call ended.
func (c *Call) conclude(fault *standingRule, answer any, err error) {
	if fault != nil {
		c.Fault = fault.Do.String()
	}
	if puts, ok := answer.(*putRecordsAnswer); ok {
		c.Failed = puts.failed
	}
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		c.Err = refused.code
	case err != nil:
		c.Err = err.Error()
	}
}

// callLog is a ring of the last MaxCalls calls.
type callLog struct {
	ring []Call
	next int // where the next one goes once the ring is full: the oldest
}

func (l *callLog) add(c Call) {
	if len(l.ring) < MaxCalls {
		l.ring = append(l.ring, c)
		return
	}
	l.ring[l.next] = c
	l.next = (l.next + 1) % MaxCalls
}

// list returns the calls, oldest first.
func (l *callLog) list() []Call {
	return append(append([]Call{}, l.ring[l.next:]...), l.ring[:l.next]...)
}
