package proptest

import (
	"fmt"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/shard"
)

// keys: every value has a stream and a valid partition key; where order depends on the key, it is a function of the value.
func (s *subject[T]) keys(t *rapid.T) {
	v := s.gen.Draw(t, "value")
	name, err := s.stream(v)
	if !accepted(t, v, err) {
		return
	}
	if b := s.badStream(name); b != nil {
		b.report(t, v)
	}
	at, err := s.placed(v)
	if !accepted(t, v, err) {
		return
	}
	if b := badKey(at.Key); b != nil {
		b.report(t, v)
	}
	if s.cfg.Ordering != kinecast.PerKey {
		return
	}
	again, err := s.placed(v)
	if accepted(t, v, err) && !same(at, again) {
		twice := breach{
			what: "the partitioner placed one value in two ways",
			got:  fmt.Sprintf("key %s, then %s", showBytes(at.Key), showBytes(again.Key)),
			do: "make key and hash key functions of the value: with Ordering PerKey, records keep their order only with" +
				" those of the same hash key",
		}
		twice.report(t, v)
	}
}

// badStream says what is wrong with a stream's name, as the producer sees it.
func (s *subject[T]) badStream(name string) *breach {
	if name == "" {
		return &breach{
			what: "the value has no stream: TargetStream returned \"\" and DefaultStream is empty",
			do:   "name a stream for it, set DefaultStream, or return kinecast.ErrSkip to drop it on purpose",
		}
	}
	probe := kinecast.Config[T]{Serializer: s.cfg.Serializer, DefaultPartition: "any", DefaultStream: name}
	if err := probe.Validate(); err != nil {
		return &breach{
			what: "TargetStream named a stream that cannot be",
			got:  fmt.Sprintf("%s: %v", showBytes([]byte(name)), err),
			do:   "return a stream's name or its ARN",
		}
	}
	return nil
}

// badKey says what is wrong with a partition key. Source: PutRecordsRequestEntry in the Kinesis API reference.
func badKey(key []byte) *breach {
	switch n := utf8.RuneCount(key); {
	case n == 0:
		return &breach{
			what: "the partitioner left the partition key empty; it has 1 to 256 characters",
			do: "give such values a key, or return kinecast.ErrSkip to drop them on purpose; DefaultPartition does not stand in" +
				" for a partitioner's key",
		}
	case !utf8.Valid(key):
		return &breach{
			what: "the partition key is not valid UTF-8",
			got:  showBytes(key),
			do:   "encode bytes as text, say with hex.AppendEncode: the service would replace them, and hash something else",
		}
	case n > shard.KeyCharacters:
		return &breach{
			what: fmt.Sprintf("the partition key has %d characters; it has 1 to %d", n, shard.KeyCharacters),
			got:  showBytes(key),
			do:   "use a shorter field, or a hash of the long one",
		}
	}
	return nil
}
