package proptest_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/proptest/kcl"
)

// Law: the size that is foretold for each append is the size that is written, which is what protobuf needs for the same message
// and 20 bytes for magic and digest.
func TestSizesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b aggregate.Builder
		defer b.Reset()
		for i, e := range entries(1).Draw(t, "entries") {
			fit := b.Fit(&e)
			b.Append(&e, fit)
			data := b.AppendTo(nil)
			m := kcl.Message(data)
			if m == nil {
				t.Fatalf("after entry %d no reader takes it for an aggregated record: %x", i, data)
			}
			if needed := proto.Size(m) + aggregate.MinOverhead; fit.Size != len(data) || b.Size() != len(data) || needed != len(data) {
				t.Fatalf("after entry %d: foretold %d, Size %d, written %d, needed %d", i, fit.Size, b.Size(), len(data), needed)
			}
		}
	})
}
