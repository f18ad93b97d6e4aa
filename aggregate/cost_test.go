package aggregate_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/internal/kplpb"
)

// The costs that callers build on. The race detector makes pools forget, so they
// are not measured under it.

func TestWarmCycleAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("pools forget on purpose under the race detector")
	}
	for _, c := range keyCases {
		t.Run(c.name, func(t *testing.T) {
			all := entries(c.keys)
			for i := range all {
				all[i].HashKey = []byte(c.hash)
			}
			var b aggregate.Builder
			dst := make([]byte, 0, fillSize)
			cycle := func() {
				for i := 0; ; i++ {
					e := all[i%len(all)]
					f := b.Fit(&e)
					if f.Size > fillSize {
						break
					}
					b.Append(&e, f)
				}
				dst = b.AppendTo(dst[:0])
				b.Reset()
			}
			if n := testing.AllocsPerRun(100, cycle); n != 0 {
				t.Errorf("filling, writing and resetting allocates %v times", n)
			}
		})
	}
}

// Big records take used buffers too, each of its own length.
func TestBigRecordsAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("pools forget on purpose under the race detector")
	}
	data := make([]byte, 1<<20-64)
	var b aggregate.Builder
	if n := testing.AllocsPerRun(20, func() {
		for size := 50_000; size < len(data); size = size * 3 / 2 {
			e := aggregate.Entry{Key: []byte("key"), Data: data[:size]}
			b.Append(&e, b.Fit(&e))
			b.Reset()
		}
	}); n != 0 {
		t.Errorf("records of 50 kB to 1 MiB allocate %v times", n)
	}
}

func TestDeaggregateAllocatesNothingPerRecord(t *testing.T) {
	if raceEnabled {
		t.Skip("pools forget on purpose under the race detector")
	}
	data := build(numbered(1000)).AppendTo(nil)
	for name, within := range map[string]*aggregate.Range{"unchecked": nil, "checked": {Last: allOnes}} {
		t.Run(name, func(t *testing.T) {
			records := 0
			n := testing.AllocsPerRun(100, func() {
				for _, err := range aggregate.Deaggregate("outer", data, within) {
					if err != nil {
						t.Fatal(err)
					}
					records++
				}
			})
			if n != 0 || records == 0 {
				t.Errorf("reading %d records allocates %v times", records, n)
			}
		})
	}
}

// A hostile message of keys that nobody refers to, the worst for its size, takes
// a small multiple of it.
func TestHostileTablesTakeLinearMemory(t *testing.T) {
	message := make([]byte, 1<<20)
	for i := 0; i < len(message); i += 2 {
		message[i] = 0x0a
	}
	data := frame(message)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range aggregate.Deaggregate("outer", data, nil) {
		t.Error("yielded something")
	}
	runtime.ReadMemStats(&after)
	const most = 20 // bytes for each byte of data: 32 for each key of two bytes, and a little
	if got := after.TotalAlloc - before.TotalAlloc; got > most*uint64(len(data)) {
		t.Errorf("%d bytes of data took %d bytes of memory", len(data), got)
	}
}

// Records that share an endless key cost one look at it, not one look each:
// otherwise this test would take minutes.
func TestEndlessKeysAreHashedOnce(t *testing.T) {
	const size, records = 4 << 20, 300_000
	zeros := strings.Repeat("0", size)
	var m kplpb.AggregatedRecord
	m.PartitionKeyTable = []string{zeros, "other"}
	m.ExplicitHashKeyTable = []string{zeros}
	for i := range records {
		r := rec(uint64(i%2), "")
		if i%4 == 0 {
			r = recHash(0, 0, "")
		}
		m.Records = append(m.Records, r)
	}
	data := frame(marshal(&m))
	if out := collect("outer", data, &aggregate.Range{Last: allOnes}); out.err != nil || len(out.records) != records {
		t.Errorf("%d records, %v", len(out.records), out.err)
	}
}
