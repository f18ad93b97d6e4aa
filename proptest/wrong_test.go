package proptest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/proptest"
)

// Each of these is wrong in one way, and the text says in which.
func TestBrokenLawsSaySo(t *testing.T) {
	keyed := func(key func(order) string) func(*kinecast.Config[order]) {
		return func(cfg *kinecast.Config[order]) { cfg.Partitioner = kinecast.ByKey(key) }
	}
	partitioned := func(p kinecast.PartitionerFunc[order]) func(*kinecast.Config[order]) {
		return func(cfg *kinecast.Config[order]) { cfg.Partitioner = p }
	}
	serialized := func(s kinecast.SerializerFunc[order]) func(*kinecast.Config[order]) {
		return func(cfg *kinecast.Config[order]) { cfg.Serializer = s }
	}
	for name, c := range map[string]struct {
		wrong func(*kinecast.Config[order])
		want  string
	}{
		"an empty key": {
			keyed(func(o order) string { return o.Customer[:len(o.Customer)/2] }), // a customer of one letter has none
			"the partitioner left the partition key empty; it has 1 to 256 characters",
		},
		"a key of bytes": {keyed(func(o order) string { return o.Customer + "\xff" }), "the partition key is not valid UTF-8"},
		"a long key":     {keyed(func(o order) string { return strings.Repeat(o.Customer, 257) }), "characters; it has 1 to 256"},
		"a stream without a name": {func(cfg *kinecast.Config[order]) {
			cfg.DefaultStream = ""
			cfg.TargetStream = func(o order) (string, error) { return strings.Repeat("s", min(1, len(o.Notes)-1)), nil }
		}, "the value has no stream: TargetStream returned"},
		"a stream that cannot be": {func(cfg *kinecast.Config[order]) {
			cfg.TargetStream = func(o order) (string, error) { return "the orders of " + o.Customer, nil }
		}, "TargetStream named a stream that cannot be"},
		"a partitioner that returns an error": {
			partitioned(func(o order, at *kinecast.Placement) error {
				at.Key = append(at.Key, o.Customer...)
				if o.Amount == 7 || o.Amount > 1000 {
					return errNoOrder
				}
				return nil
			}), "the partitioner returned an error: this is no order",
		},
		"a serializer that panics": {
			serialized(func(dst []byte, o order) ([]byte, error) { return append(dst, o.Notes[len(o.Notes)]...), nil }), //nolint:gocritic // beyond the end on purpose
			"the serializer panicked: runtime error: index out of range",
		},
		"a serializer that does not append": {
			serialized(func(_ []byte, o order) ([]byte, error) { return json.Marshal(o) }),
			"the serializer did not append to dst",
		},
		"a serializer that forgets a field": {
			serialized(func(dst []byte, o order) ([]byte, error) { return append(dst, `{"Customer":"somebody"}`...), nil }),
			"the record decodes to another value",
		},
		"a serializer that decode does not understand": {
			serialized(func(dst []byte, _ order) ([]byte, error) { return append(dst, `{"Customer":`...), nil }),
			"the record cannot be decoded: unexpected end of JSON input",
		},
		"a serializer that remembers its buffer":  {serialized(remembering()), "the serializer's bytes lie in memory that it or"},
		"a serializer that writes to old buffers": {serialized(haunting()), "the serializer keeps dst"},
		"a partitioner that remembers its buffer": {partitioned(caching()), "the partition key lies in memory that the partitioner or"},
		"a partitioner that gives a literal away": {partitioned(literal), "the partition key lies in memory that the partitioner or"},
		"a partitioner that writes to old keys":   {partitioned(clinging()), "the partitioner keeps its placement"},
		"a partitioner with one buffer for all":   {partitioned(crowded()), "the partitioner is not safe for concurrent use"},
		"a serializer with one buffer for all":    {serialized(muddled()), "the serializer is not safe for concurrent use"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := orderConfig()
			c.wrong(&cfg)
			r := proptest.Record(func(t rapid.TB) { proptest.Laws(t, orders, cfg, decodeOrder) })
			told := r.Told()
			if !r.Failed() || !strings.Contains(told, c.want) {
				t.Errorf("failed: %t, want %q, told\n%s", r.Failed(), c.want, told)
			}
		})
	}
}
