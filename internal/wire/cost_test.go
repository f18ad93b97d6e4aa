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
		n := testing.AllocsPerRun(100, func() { format.compose(in, entries).end() })
		if n > 4 { // its struct, the lists of its parts and pages, and the text of its hash
			t.Errorf("a body of %d entries allocates %v times", len(entries), n)
		}
	}
}

// Where data travels as it is, long data is not copied: what is around it fits a short page. It pays where a request is longer than
// the near caches: end to end in CBOR, not in BenchmarkBody.
func TestLongDataIsLent(t *testing.T) {
	entries := make([]Entry, 10)
	for i := range entries {
		entries[i] = Entry{PartitionKey: []byte("key"), HashKey: []byte("1"), Aggregate: builderOf(100, 500)}
	}
	body := CBOR.compose(&kinesis.PutRecordsInput{StreamName: &events.Name}, entries)
	defer body.end()
	if n := len(body.pages); n != 1 || cap(body.pages[0]) != shortPage || body.size < 10*100*500 {
		t.Errorf("a body of %d bytes takes %d pages, the first of %d bytes", body.size, n, cap(body.pages[0]))
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
