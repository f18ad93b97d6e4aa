package kinecast

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kinecast/kinecast/shard"
)

// HashKey is a point of the 128-bit key space that the shards of a stream divide among themselves.
type HashKey = shard.HashKey

// Placement is where a partitioner says what places a record.
type Placement struct {
	// Key is the partition key: append to it. Consumers see it, and without a hash key its MD5 chooses the shard. 1 to
	// 256 characters of valid UTF-8; an empty key is an error, never a fallback to Config.DefaultPartition.
	Key []byte

	hash   HashKey
	chosen bool
	drawn  bool
}

// SetHashKey chooses the shard: the one whose range holds h. The partition key is still needed, and still what consumers
// see. Note that small integers all lie in the first shard: use shard.HashKeyOf or shard.HashKeySlice to spread.
func (p *Placement) SetHashKey(h HashKey) { p.hash, p.chosen = h, true }

// Partitioner places a record. It must not keep at or v. An error refuses the record, ErrSkip drops it. It is called from
// many goroutines at once.
type Partitioner[T any] interface {
	Partition(v T, at *Placement) error
}

// PartitionerFunc is a function as a Partitioner.
type PartitionerFunc[T any] func(v T, at *Placement) error

// Partition calls f.
func (f PartitionerFunc[T]) Partition(v T, at *Placement) error { return f(v, at) }

// ByKey places records by a partition key: equal keys go to the same shard.
//
// Use it by default. It hurts when one key has more traffic than one shard takes (1 MiB or 1,000 records a second).
func ByKey[T any](key func(T) string) Partitioner[T] {
	return PartitionerFunc[T](func(v T, at *Placement) error {
		at.Key = append(at.Key, key(v)...)
		return nil
	})
}

// ByKeyAndHash places records by a hash key and gives them a partition key for consumers to read.
//
// Use it to keep related keys in one shard, or to spread one hot key over several.
func ByKeyAndHash[T any](place func(T) (key string, hash HashKey)) Partitioner[T] {
	return PartitionerFunc[T](func(v T, at *Placement) error {
		key, hash := place(v)
		at.Key = append(at.Key, key...)
		at.SetHashKey(hash)
		return nil
	})
}

// Fields places records by several fields, joined by "|" and cut to 256 characters, as Flink's table sink does. It panics
// without a field.
//
// Two records whose joined fields agree in the first 256 characters have the same key.
func Fields[T any](fields ...func(T) string) Partitioner[T] { return JoinedFields("|", fields...) }

// JoinedFields is Fields with a delimiter of the caller's own, which may be empty: the table sink's
// sink.partitioner-field-delimiter. Choose one that the fields do not contain, or different fields make the same key.
func JoinedFields[T any](delimiter string, fields ...func(T) string) Partitioner[T] {
	if len(fields) == 0 {
		panic("kinecast: Fields and JoinedFields need at least one field")
	}
	return PartitionerFunc[T](func(v T, at *Placement) error {
		start := len(at.Key)
		for i, field := range fields {
			if i > 0 {
				at.Key = append(at.Key, delimiter...)
			}
			at.Key = append(at.Key, field(v)...)
		}
		at.Key = at.Key[:start+cut(at.Key[start:], shard.KeyCharacters)]
		return nil
	})
}

// cut is the length of the first n characters.
func cut(text []byte, n int) int {
	i := 0
	for ; n > 0 && i < len(text); n-- {
		_, size := utf8.DecodeRune(text[i:])
		i += size
	}
	return i
}

// Fixed sends all records of one of total producers to the same place: the middle of slice index of the key space, under
// the index as partition key. With as many evenly split shards as producers, each has one of its own. (The MD5 of the
// index alone, which the FlinkKinesisProducer uses, may put two producers into one shard and leave another empty.) It
// panics unless 0 ≤ index < total.
func Fixed[T any](index, total int) Partitioner[T] {
	hash, err := shard.HashKeySlice(index, total)
	if err != nil {
		panic(fmt.Sprintf("kinecast: Fixed(%d, %d): %v", index, total, err))
	}
	key := strconv.Itoa(index)
	return PartitionerFunc[T](func(_ T, at *Placement) error {
		at.Key = append(at.Key, key...)
		at.SetHashKey(hash)
		return nil
	})
}

// Random spreads records over the key space: each shard gets its share of it. Records of one aggregated record share one
// drawn key, so that it is written once.
//
// Use it when nothing has to stay together. It gives up order, and Ordering: PerKey refuses it.
func Random[T any]() Partitioner[T] {
	return random[T]{}
}

// random is Random, as a type that a configuration can be asked for.
type random[T any] struct{}

// Partition implements Partitioner.
func (random[T]) Partition(_ T, at *Placement) error {
	hash := shard.HashKeyFrom(rand.Uint64(), rand.Uint64())
	at.Key = hash.AppendDecimal(at.Key)
	at.SetHashKey(hash)
	at.drawn = true
	return nil
}

// check refuses a placement that the service would refuse, or that would land elsewhere than predicted.
func (p *Placement) check() error {
	switch {
	case len(p.Key) == 0:
		return invalid("the partition key is empty; it wants 1 to %d characters", shard.KeyCharacters)
	case !utf8.Valid(p.Key):
		return invalid("the partition key %s is not valid UTF-8; Kinesis would replace the bytes and hash something else",
			quoted(p.Key))
	case len(p.Key) > shard.KeyCharacters && utf8.RuneCount(p.Key) > shard.KeyCharacters:
		return invalid("the partition key %s has %d characters; at most %d are allowed",
			quoted(p.Key), utf8.RuneCount(p.Key), shard.KeyCharacters)
	}
	return nil
}

// quoted is a key as errors show it: shortened, and harmless in a log.
func quoted(key []byte) string {
	const most = 40
	text := string(key[:min(len(key), most)])
	if len(key) > most {
		return strconv.QuoteToASCII(strings.ToValidUTF8(text, "�")) + "…"
	}
	return strconv.QuoteToASCII(text)
}
