package aggregate

import (
	"errors"
	"fmt"
)

// ErrMalformed says that an aggregated record is intact but refers to a key
// that is not there, or has an explicit hash key that is no number. The user
// records before the place were delivered; the rest of this aggregated record
// cannot be. The fault is its producer's: report it there.
var ErrMalformed = errors.New("malformed aggregated record")

// ErrOutOfRange says that an aggregated record was dropped, since one of its
// user records does not belong to the shard. See DroppedError.
var ErrOutOfRange = errors.New("aggregated record does not belong to its shard")

// DroppedError says why Deaggregate, and with it the KCL, delivers none of the
// user records of an aggregated record: one of them hashes to another shard.
// This happens when a reshard overtakes a producer, which must then send all of
// them again. It is ErrOutOfRange to errors.Is.
type DroppedError struct {
	Position int      // of the first user record outside, counted from 0
	Hash     [16]byte // its hash key, big-endian
	Range    Range    // where it would have to be
}

// Error names the user record, its hash key and the range, in decimal.
func (e *DroppedError) Error() string {
	return fmt.Sprintf("aggregate: %v: user record %d has the hash key %s, outside %s, so all its user records are dropped",
		ErrOutOfRange, e.Position, decimal(e.Hash), e.Range)
}

// Is reports whether target is ErrOutOfRange.
func (e *DroppedError) Is(target error) bool { return target == ErrOutOfRange }

// badIndex is the error for a user record whose index points behind its table.
func badIndex(position int, name string, index uint64, entries int) error {
	return fmt.Errorf("aggregate: %w: user record %d has %s %d, its table has %d entries",
		ErrMalformed, position, name, index, entries)
}

// badHashKey is the error for a user record whose explicit hash key is no hash
// key. It shows the beginning of the text, which may be long and is foreign.
func badHashKey(position int, text []byte) error {
	const shown = 48 // a hash key has at most 39 digits
	return fmt.Errorf("aggregate: %w: user record %d has the explicit hash key %.*q (%d bytes), it must be a decimal number from 0 to 2^128-1",
		ErrMalformed, position, shown, text, len(text))
}
