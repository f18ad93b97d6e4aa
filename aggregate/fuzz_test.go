package aggregate_test

import (
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/kinecast/kinecast/aggregate"
)

// FuzzDeaggregate: whatever the bytes, Deaggregate does not panic and says what
// the reference says. Since nobody guesses an MD5, the bytes are also taken as a
// message, framed with the right magic and digest.
func FuzzDeaggregate(f *testing.F) {
	for _, g := range golden {
		data := readGolden(f, filepath.Join("testdata", g.name+".golden"))
		f.Add(data, false, []byte(nil), allOnes[:])
		f.Add(data[4:len(data)-16], true, []byte(nil), allOnes[:])
	}
	for _, message := range [][]byte{
		{},
		groups(3),
		groups(101),
		marshal(referenceMessage(numbered(3))),
		{0x1a, 0x04, 0x08, 0x00, 0x1a, 0x00},
		{0x1a, 0x04, 0x08, 0x00, 0x1a, 0x05},
		{0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01},
		protowire.AppendTag(nil, protowire.MaxValidNumber, protowire.VarintType),
	} {
		f.Add(message, true, []byte(nil), []byte{1})
	}
	f.Fuzz(func(t *testing.T, data []byte, framed bool, first, last []byte) {
		if framed {
			data = frame(data)
		}
		var within *aggregate.Range
		if len(last) > 0 {
			within = new(aggregate.Range)
			copy(within.First[:], first)
			copy(within.Last[:], last)
		}
		before := string(data)
		got := collect("outer", data, within)
		if string(data) != before {
			t.Fatal("Deaggregate changed the data")
		}
		if what := differs(got, referenceDeaggregate("outer", data, within)); what != "" {
			t.Fatalf("differs from the reference in %s: %+v", what, got)
		}
	})
}
