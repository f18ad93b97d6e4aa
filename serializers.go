package kinecast

import (
	"encoding/json"

	"google.golang.org/protobuf/proto"
)

// Serializer turns a value into the bytes of its record. It appends to dst, which belongs to the producer, and returns
// the extended slice; it must not keep dst or v. An error refuses the record, ErrSkip drops it. It is called from many
// goroutines at once.
type Serializer[T any] interface {
	Append(dst []byte, v T) ([]byte, error)
}

// SerializerFunc is a function as a Serializer.
type SerializerFunc[T any] func(dst []byte, v T) ([]byte, error)

// Append calls f.
func (f SerializerFunc[T]) Append(dst []byte, v T) ([]byte, error) { return f(dst, v) }

// Bytes sends byte slices as they are. The slice may be used again when the verb has returned.
func Bytes() Serializer[[]byte] {
	return SerializerFunc[[]byte](func(dst, v []byte) ([]byte, error) { return append(dst, v...), nil })
}

// String sends the bytes of a string.
func String() Serializer[string] {
	return SerializerFunc[string](func(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil })
}

// JSON sends what encoding/json makes of a value. It allocates; a type that matters can append its own.
func JSON[T any]() Serializer[T] {
	return SerializerFunc[T](func(dst []byte, v T) ([]byte, error) {
		text, err := json.Marshal(v)
		return append(dst, text...), err
	})
}

// Proto sends the wire form of a protobuf message. Map fields are not sorted: equal messages may differ in their bytes.
func Proto[T proto.Message]() Serializer[T] {
	return SerializerFunc[T](func(dst []byte, v T) ([]byte, error) { return proto.MarshalOptions{}.MarshalAppend(dst, v) })
}
