package snapshot

import (
	"bytes"
	"runtime"
	"testing"
)

// FuzzRead: no input makes Read panic or hold much more than it was given; and what it takes for undamaged is just what
// Writer writes.
func FuzzRead(f *testing.F) {
	whole := write(f, samples()...)
	for _, seed := range [][]byte{
		nil, write(f), whole, whole[:len(whole)-1], append(bytes.Clone(whole), whole...), whole[16:], []byte(magic),
		seal(append(make([]byte, prefixSize), 0xff, 0xff), kindBlock), seal(make([]byte, prefixSize), kindEnd),
		sum([]byte{kindBlock, 0, 0xff, 0xff, 0xff}, []byte{kindBlock, 0, 0xff, 0xff, 0xff}),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var records []Record
		damages := Read(bytes.NewReader(b), func(r Record) { records = append(records, r) })
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20+100*uint64(len(b)) {
			t.Errorf("%d bytes allocated for %d", grown, len(b))
		}
		for i, d := range damages {
			if d.Offset < 0 || d.Offset > int64(len(b)) || d.Reason == "" || i > 0 && d.Offset < damages[i-1].Offset {
				t.Errorf("%d: %+v of %d bytes", i, d, len(b))
			}
		}
		if len(damages) > 0 {
			return
		}
		if again, damages := read(write(t, records...)); len(damages) > 0 || !same(again, records) {
			t.Errorf("written again, %d records are %d with %v", len(records), len(again), damages)
		}
	})
}
