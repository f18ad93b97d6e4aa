//go:build !race

package wire

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// The costs that callers build on. The race detector makes pools forget, so they are not measured under it.

// A body costs its frame and its hash's text, whatever is in it: nothing for an entry, for an aggregate or for a byte.
func TestBodyAllocatesItsFrameOnly(t *testing.T) {
	entries := make([]Entry, 100)
	for i := range entries {
		entries[i] = Entry{PartitionKey: []byte("z\u00fcrich\n"), HashKey: []byte("1"), Data: make([]byte, i*i)}
		if i%2 == 1 {
			entries[i].Aggregate = builderOf(i, i)
		}
	}
	in := &kinesis.PutRecordsInput{StreamName: &events.Name}
	for _, format := range []Format{JSON, CBOR} {
		n := testing.AllocsPerRun(100, func() { newBody(format.compose(in, entries)).end() })
		if n > 4 { // its struct, the list of its pages, and the text is encoded, then made a string
			t.Errorf("a body of %d entries allocates %v times", len(entries), n)
		}
	}
}

// 500 results take a few blocks.
func TestResultsAllocateInBlocks(t *testing.T) {
	text := manyResults(500)
	if n := testing.AllocsPerRun(100, func() {
		if out, err := ourReading(text, 500); err != nil || len(out.Records) != 500 {
			t.Fatal(err)
		}
	}); n > 50 {
		t.Errorf("500 results allocate %v times", n)
	}
}
