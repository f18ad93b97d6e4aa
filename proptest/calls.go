package proptest

import (
	"errors"
	"fmt"
	"reflect"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
)

// This file calls the user's code as the producer does: what it returns as an error is handed on, and so is its panic.

// serialize appends a value to dst.
func (s *subject[T]) serialize(dst []byte, v T) (data []byte, err error) {
	defer rescue("serializer", &err)
	data, err = s.cfg.Serializer.Append(dst, v)
	return data, refusal("serializer", err)
}

// place fills in a placement.
func (s *subject[T]) place(v T, at *kinecast.Placement) (err error) {
	defer rescue("partitioner", &err)
	if s.cfg.Partitioner == nil {
		at.Key = append(at.Key, s.cfg.DefaultPartition...)
		return nil
	}
	return refusal("partitioner", s.cfg.Partitioner.Partition(v, at))
}

// placed is place with a placement of its own.
func (s *subject[T]) placed(v T) (at kinecast.Placement, err error) {
	err = s.place(v, &at)
	return at, err
}

// stream names the stream of a value, as Config.TargetStream and Config.DefaultStream do.
func (s *subject[T]) stream(v T) (name string, err error) {
	defer rescue("TargetStream", &err)
	if s.cfg.TargetStream != nil {
		name, err = s.cfg.TargetStream(v)
	}
	if name == "" {
		name = s.cfg.DefaultStream
	}
	return name, refusal("TargetStream", err)
}

// decoded is decode on bytes of its own, which it may keep.
func (s *subject[T]) decoded(data []byte) (v T, err error) {
	defer rescue("decode function", &err)
	return s.decode(append([]byte(nil), data...))
}

// refusal says whose error it is. ErrSkip is nobody's fault.
func refusal(who string, err error) error {
	if err == nil || errors.Is(err, kinecast.ErrSkip) {
		return err
	}
	return fmt.Errorf("the %s returned an error: %w", who, err)
}

// rescue turns a panic into an error.
func rescue(who string, err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("the %s panicked: %v", who, v)
	}
}

// accepted says that the user's code took a value. It ends the property if the code refused it, and is false if it did so on
// purpose, with ErrSkip: then there is nothing more to ask.
func accepted(t *rapid.T, value any, err error) bool {
	t.Helper()
	if err != nil && !errors.Is(err, kinecast.ErrSkip) {
		refused := breach{what: err.Error(), do: "draw only values that you put; to drop a value on purpose, return kinecast.ErrSkip"}
		refused.report(t, value)
	}
	return err == nil
}

// same says that two placements mean the same: key, hash key, and whether there is one.
func same(a, b kinecast.Placement) bool { return reflect.DeepEqual(a, b) }

// lasting is a placement and whether it is a function of the value: two calls gave the same one. A partitioner may also
// draw keys, or deal them out in turn; then there is nothing to compare with.
type lasting struct {
	at   kinecast.Placement
	sure bool
}

// settled asks for a value's placement twice.
func (s *subject[T]) settled(v T) (l lasting, err error) {
	if l.at, err = s.placed(v); err != nil {
		return lasting{}, err
	}
	again, err := s.placed(v)
	l.sure = err == nil && same(l.at, again)
	return l, err
}
