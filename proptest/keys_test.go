package proptest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// valid is the service's rule for partition keys.
func valid(key string) bool {
	n := len([]rune(key))
	return n >= 1 && n <= 256 && utf8.ValidString(key)
}

// anyKeys are valid and invalid ones, and those on the border.
var anyKeys = rapid.OneOf(
	rapid.StringN(0, 5, -1),
	rapid.StringN(250, 260, -1),
	rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }),
	rapid.SampledFrom([]string{"", strings.Repeat("é", 256), strings.Repeat("é", 257), strings.Repeat("😀", 256), "a\xff", "�"}),
)

// Law: a key is admitted exactly if it is valid, whoever made it, and arrives as it was given.
func TestKeysAreAdmittedIfValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(anyKeys, 1, 10).Draw(t, "keys")
		shards := rapid.IntRange(1, 4).Draw(t, "shards")
		items := make([]item, len(keys))
		for i, key := range keys {
			items[i] = item{key: key, data: []byte{byte(i)}}
		}
		rapid.SyncTest(t, func(t *rapid.T) {
			server := kinesistest.New(t, kinesistest.Stream("s", shards))
			sent := send(t, server, itemConfig(), items)
			read := consume(t, server, "s").records
			for i, s := range sent {
				if !valid(keys[i]) {
					if !errors.Is(s.err, kinecast.ErrInvalidRecord) {
						t.Fatalf("key %q: error %v, want ErrInvalidRecord", keys[i], s.err)
					}
					continue
				}
				if s.err != nil || read[s.place()].Key != keys[i] {
					t.Fatalf("key %q: error %v, read %+v", keys[i], s.err, read[s.place()])
				}
			}
		})
	})
}

// Law: the partitioners that make keys themselves make valid ones, and the same again, but for Random.
func TestPartitionersMakeValidKeys(t *testing.T) {
	field := func(i int) func([]string) string { return func(v []string) string { return v[i] } }
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SliceOfN(rapid.StringN(1, 300, -1), 3, 3).Draw(t, "fields")
		total := rapid.IntRange(1, 10_000).Draw(t, "total")
		index := rapid.IntRange(0, total-1).Draw(t, "index")
		for name, p := range map[string]kinecast.Partitioner[[]string]{
			"Fields": kinecast.Fields(field(0), field(1), field(2)),
			"Fixed":  kinecast.Fixed[[]string](index, total),
			"Random": kinecast.Random[[]string](),
		} {
			var at, again kinecast.Placement
			if err := errors.Join(p.Partition(value, &at), p.Partition(value, &again)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !valid(string(at.Key)) {
				t.Fatalf("%s made the key %q", name, at.Key)
			}
			if same := fmt.Sprint(at) == fmt.Sprint(again); same == (name == "Random") {
				t.Fatalf("%s placed %q as %v, then as %v", name, value, at, again)
			}
		}
	})
}
