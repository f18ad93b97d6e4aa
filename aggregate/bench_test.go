package aggregate_test

import (
	"fmt"
	"testing"

	"github.com/kinecast/kinecast/aggregate"
)

// fillSize is the KPL's own default for the size of an aggregated record.
const fillSize = 51200

// entries returns records of 100 bytes with 20-byte keys, n of them different.
func entries(n int) []aggregate.Entry {
	all := make([]aggregate.Entry, n)
	data := make([]byte, 100)
	for i := range all {
		all[i] = aggregate.Entry{Key: fmt.Appendf(nil, "customer-%011d", i), Data: data}
	}
	return all
}

// keyCases are the shapes of a stream's keys: each record its own, runs of a
// few, always the same, and each its own with an explicit hash key.
var keyCases = []struct {
	name string
	keys int
	hash string
}{
	{"keys=distinct", 512, ""},
	{"keys=100", 100, ""},
	{"keys=3", 3, ""},
	{"keys=1", 1, ""},
	{"keys=distinct,hash=shared", 512, "170141183460469231731687303715884105728"},
}

// BenchmarkAppend is the price of a record on its way in: Fit and Append, with
// its share of Reset.
func BenchmarkAppend(b *testing.B) {
	for _, c := range keyCases {
		b.Run(c.name, func(b *testing.B) {
			all := entries(c.keys)
			for i := range all {
				all[i].HashKey = []byte(c.hash)
			}
			var builder aggregate.Builder
			b.ReportAllocs()
			i := 0
			for range b.N {
				e := &all[i]
				if i++; i == len(all) {
					i = 0
				}
				f := builder.Fit(e)
				if f.Size > fillSize {
					builder.Reset()
					f = builder.Fit(e)
				}
				builder.Append(e, f)
			}
		})
	}
}

// full is a Builder filled up to fillSize.
func full() *aggregate.Builder {
	var builder aggregate.Builder
	for _, e := range entries(512) {
		f := builder.Fit(&e)
		if f.Size > fillSize {
			break
		}
		builder.Append(&e, f)
	}
	return &builder
}

// BenchmarkAppendTo is the price of writing a full aggregate; MD5 is most of it.
func BenchmarkAppendTo(b *testing.B) {
	builder := full()
	dst := builder.AppendTo(nil)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = builder.AppendTo(dst[:0])
	}
}

// BenchmarkDeaggregate is the price of reading a full aggregate, without and
// with the check of its hash keys.
func BenchmarkDeaggregate(b *testing.B) {
	data := full().AppendTo(nil)
	everything := &aggregate.Range{Last: allOnes}
	for name, within := range map[string]*aggregate.Range{"unchecked": nil, "checked": everything} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range aggregate.Deaggregate("a", data, within) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

var allOnes = [16]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}
