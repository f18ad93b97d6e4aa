package kinecast

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kinecast/kinecast/shard"
)

// What a caller can decide on. Every error of this package is, in the sense of errors.Is, at most a few of these; the
// structs below carry the facts.
var (
	// ErrSkip is returned by a serializer, a partitioner or Config.TargetStream to drop a record on purpose. It is counted
	// in Stats and no callback is told. Put and TryPut return nil; PutSync and PutAsync, whose caller waits for a result
	// that will not come, return ErrSkip.
	ErrSkip = errors.New("kinecast: record skipped on purpose")
	// ErrNoStream: neither Config.TargetStream nor Config.DefaultStream names a stream for the record.
	ErrNoStream = errors.New("kinecast: no stream: Config.TargetStream returned \"\" and Config.DefaultStream is empty")
	// ErrInvalidRecord: the record cannot be sent as it is: its key, its hash key, its stream, or what the serializer
	// made of it. Nothing was admitted.
	ErrInvalidRecord = errors.New("kinecast: invalid record")
	// ErrTooLarge: data and partition key together are over the stream's record size or over Config.QueueBytes.
	ErrTooLarge = errors.New("kinecast: record too large")
	// ErrQueueFull: TryPut found no room. Slow down, or use Put, which waits.
	ErrQueueFull = errors.New("kinecast: queue full")
	// ErrFailed: an earlier record of this stream could not be delivered and Config.ErrorMode is FailOnError. See
	// Producer.Err and Producer.ClearErr.
	ErrFailed = errors.New("kinecast: an earlier record of this stream was not delivered")
	// ErrUnresolved: the caller's context ended after the record had been admitted; it goes on and its result comes
	// through the callbacks only.
	ErrUnresolved = errors.New("kinecast: the record was admitted and its result is not known yet")
	// ErrClosed: the producer has been closed.
	ErrClosed = errors.New("kinecast: producer closed")
	// ErrShutdown: the producer was closed before the record was delivered.
	ErrShutdown = errors.New("kinecast: producer closed before the record was delivered")
	// ErrExpired: Config.RecordTTL, Config.RetryDuration or Config.MaxAttempts ended the record.
	ErrExpired = errors.New("kinecast: the record's time or its attempts are used up")
	// ErrBehindFailed: the record waited in a shard in which another could not be delivered, and Config asks for order and
	// to fail on errors. It was not sent any more; see Config.Ordering. DeliveryError.Attempts is 0 unless it had been tried
	// before.
	ErrBehindFailed = errors.New("kinecast: a record before this one was not delivered")
	// ErrSnapshot: a reader of Config.Restore has no snapshot, or a damaged one; see SnapshotError.
	ErrSnapshot = errors.New("kinecast: damaged snapshot")
	// ErrPanic: the caller's own serializer, partitioner, TargetStream, callback, writer or reader panicked; see PanicError.
	ErrPanic = errors.New("kinecast: user code panicked")
)

// Class says what kind of failure ended a record: Fatal, Throttled, Transient, Ambiguous or Invalid.
type Class = shard.Class

// The classes of failures. Their documentation is in package shard.
const (
	Fatal     = shard.Fatal
	Throttled = shard.Throttled
	Transient = shard.Transient
	Ambiguous = shard.Ambiguous
	Invalid   = shard.Invalid
)

// DeliveryError says that an admitted record was not delivered, or that nobody knows.
//
// It Is ErrShutdown when the producer was closed, ErrExpired when a limit of the configuration ended it, and
// ErrBehindFailed when the failure was that of another record.
type DeliveryError struct {
	// Stream is the stream as the caller named it.
	Stream string
	// Class is the class of the last failure.
	Class Class
	// Code and Message are the service's own, or, when no answer came, a word and a sentence of ours. At most 128 and
	// 512 bytes, whatever the service sent.
	Code, Message string
	// Limit names the Config field that ended the retries: "RecordTTL", "RetryDuration", "MaxAttempts" or
	// "FailIfThrottled"; empty when the failure was one that is not retried.
	Limit string
	// Attempts is how many requests have carried the record.
	Attempts int
	// MaybeWritten says that an attempt may have stored the record although no answer said so. Sending it again may make
	// a second copy.
	MaybeWritten bool
}

// Error says what failed, how often it was tried and whether the record may have been written.
func (e *DeliveryError) Error() string {
	written := "not written"
	if e.MaybeWritten {
		written = "may have been written"
	}
	limit := ""
	if e.Limit != "" {
		limit = ", ended by " + e.Limit
	}
	return fmt.Sprintf("kinecast: stream %q: record not delivered (%s) after %d attempts%s: %s: %s: %s",
		e.Stream, written, e.Attempts, limit, e.Class, e.Code, e.Message)
}

// Is reports whether the error is ErrShutdown, ErrExpired or ErrBehindFailed.
func (e *DeliveryError) Is(target error) bool {
	switch target {
	case ErrShutdown:
		return e.Code == shard.CodeShutdown
	case ErrBehindFailed:
		return e.Code == shard.CodeBehindFailed
	case ErrExpired:
		return e.Limit != "" && e.Limit != shard.LimitThrottled.String()
	}
	return false
}

// QueueFullError says which bound TryPut met. It Is ErrQueueFull.
type QueueFullError struct {
	// Records and Bytes are what is outstanding now.
	Records, Bytes int64
	// QueueLimit and QueueBytes are the bounds.
	QueueLimit, QueueBytes int64
	// Need is the number of bytes that the record would have taken; 0 when the number of records is at its bound.
	Need int64
	// Stream and ShardID are set when there is room in the queue, but a shard that is slower than its callers, or a stream
	// beside others, has its share of it: an eighth and a half. Put to others meanwhile.
	Stream, ShardID string

	eased func() bool // says that the share has room again
}

// Error names both bounds and what to do.
func (e *QueueFullError) Error() string {
	switch {
	case e.ShardID != "":
		return fmt.Sprintf("kinecast: queue full for shard %s of stream %q, which takes less than is put: it has its share of"+
			" QueueLimit %d and QueueBytes %d; put slower, or spread the keys", e.ShardID, e.Stream, e.QueueLimit, e.QueueBytes)
	case e.Stream != "":
		return fmt.Sprintf("kinecast: queue full for stream %q: it has half of QueueLimit %d or QueueBytes %d and leaves the rest"+
			" to other streams; put slower, or raise the bound", e.Stream, e.QueueLimit, e.QueueBytes)
	}
	return fmt.Sprintf("kinecast: queue full: %d of %d records (QueueLimit) and %d of %d bytes (QueueBytes) are outstanding;"+
		" put slower, wait with Put, or raise the bound", e.Records, e.QueueLimit, e.Bytes, e.QueueBytes)
}

// Is reports whether target is ErrQueueFull.
func (e *QueueFullError) Is(target error) bool { return target == ErrQueueFull }

// UndeliveredError says what Close had to leave. It Is ErrShutdown, and wraps why Close stopped waiting.
type UndeliveredError struct {
	// Records is the number of records that ended with ErrShutdown.
	Records int64
	// MaybeWritten is how many of them had been sent in a request whose end is not known.
	MaybeWritten int64
	// Cause is the context's error.
	Cause error
}

// Error counts what was left.
func (e *UndeliveredError) Error() string {
	return fmt.Sprintf("kinecast: closed with %d records undelivered, %d of them may have been written: %v",
		e.Records, e.MaybeWritten, e.Cause)
}

// Is reports whether target is ErrShutdown.
func (e *UndeliveredError) Is(target error) bool { return target == ErrShutdown }

// Unwrap returns the cause.
func (e *UndeliveredError) Unwrap() error { return e.Cause }

// PanicError says that code of the caller panicked. The record was refused, or the snapshot given up, and the producer
// lives on. It Is ErrPanic.
type PanicError struct {
	// Where is "Serializer", "Partitioner", "TargetStream", "Writer" (of Snapshot) or "Restore[0]".
	Where string
	// Value is what was panicked with.
	Value any
	// Stack is the goroutine's stack at the panic.
	Stack []byte
}

// Error names the place and the value. The stack is in the struct.
func (e *PanicError) Error() string {
	return fmt.Sprintf("kinecast: %s panicked: %v", e.Where, e.Value)
}

// Is reports whether target is ErrPanic.
func (e *PanicError) Is(target error) bool { return target == ErrPanic }

// StreamError says that a stream cannot be used, or not yet.
type StreamError struct {
	// Stream is the stream as the caller named it first.
	Stream string
	// Class says whether waiting helps: Fatal does not pass by itself.
	Class Class
	// Code and Message are the service's own, or a word and a sentence of ours.
	Code, Message string
	// Cause is the client's error, if there was one.
	Cause error
}

// Error says which stream, what is wrong and, where we know it, what to do.
func (e *StreamError) Error() string {
	return fmt.Sprintf("kinecast: stream %q: %s: %s", e.Stream, e.Code, e.Message)
}

// Unwrap returns the client's error.
func (e *StreamError) Unwrap() error { return e.Cause }

// FatalError is what the producer's guard fails with when a record was lost to the caller and the producer was spawned
// under an actor: the parent's strategy sees it as the reason. It quotes no record.
type FatalError struct {
	// Stream is the stream as the caller named it first.
	Stream string
	// Class is the class of the failure.
	Class Class
	// Err is the sticky failure, as Producer.Err returns it.
	Err error
}

// Error says which stream failed and why.
func (e *FatalError) Error() string {
	return fmt.Sprintf("kinecast: stream %q failed (%s): %v", e.Stream, e.Class, e.Err)
}

// Unwrap returns the sticky failure.
func (e *FatalError) Unwrap() error { return e.Err }

// ConfigError names every fault of a configuration at once.
type ConfigError struct {
	// Faults are sentences, each beginning with the field that is wrong.
	Faults []string
}

// Error lists the faults, one a line.
func (e *ConfigError) Error() string {
	head := fmt.Sprintf("kinecast: %d faults in the configuration:", len(e.Faults))
	if len(e.Faults) == 1 {
		head = "kinecast: a fault in the configuration:"
	}
	return strings.Join(append([]string{head}, e.Faults...), "\n  ")
}

// invalid refuses a record.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalidRecord, fmt.Sprintf(format, args...))
}

// logEvery is how often a failure that goes on is summed up in the log.
const logEvery = 10 * time.Second
