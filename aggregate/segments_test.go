package aggregate_test

import (
	"bytes"
	"crypto/md5"
	"slices"
	"testing"

	"github.com/kinecast/kinecast/aggregate"
)

// What a writer makes of the segments is what AppendTo writes.
func TestSegmentsAreTheRecord(t *testing.T) {
	var b aggregate.Builder
	if keys, hashes, records := b.Segments(); len(keys)+len(hashes)+len(records) != 0 {
		t.Errorf("an empty Builder has segments: %x %x %x", keys, hashes, records)
	}
	for _, e := range []aggregate.Entry{
		{Key: []byte("foo"), Data: []byte("one")},
		{Key: []byte("bar"), HashKey: []byte("7")},
		{Key: []byte("foo"), Data: bytes.Repeat([]byte("long"), 1000)},
	} {
		b.Append(&e, b.Fit(&e))
		keys, hashes, records := b.Segments()
		message := slices.Concat(keys, hashes, records)
		digest := md5.Sum(message)
		if got := slices.Concat([]byte(aggregate.Magic), message, digest[:]); !bytes.Equal(got, b.AppendTo(nil)) {
			t.Fatalf("after %d records the segments give\n%x, AppendTo\n%x", b.Len(), got, b.AppendTo(nil))
		}
	}
}
