package shard

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// BenchmarkAppend is what routing and appending a record of 100 bytes costs under a key of its own, when the aggregated
// records of all shards are at all stages of filling. With ten thousand nothing that it touches is in a cache.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint("shards=", n), func(b *testing.B) {
			f := newFilled(b, n)
			b.ReportAllocs()
			for b.Loop() {
				f.put(b, f.draw())
			}
		})
	}
}

// filled are the ports of an evenly split stream, with a bell that is remembered.
type filled struct {
	routes *Routes
	rung   []*Port
	random *rand.PCG
	entry  Entry
	number uint64 // of the record
}

func newFilled(tb testing.TB, n int) *filled {
	tb.Helper()
	f := &filled{random: rand.NewPCG(1, 2), entry: Entry{Key: []byte("a key of twenty byte"), Data: make([]byte, 100)}}
	limits := Limits{Aggregate: true, MaxCount: 1 << 30, MaxSize: 50 << 10, Linger: time.Hour}
	ports := make([]*Port, n)
	for i := range ports {
		ports[i] = NewPort(&limits, func() time.Time { return noon }, func() { f.rung = append(f.rung, ports[i]) })
	}
	f.routes = &Routes{Map: mustMap(tb, evenly(n)), ports: ports}
	const full = 415 // records in 50 KiB
	for i, s := range f.routes.Map.All() {
		for range i * full / n {
			f.put(tb, s.Range.First)
		}
	}
	return f
}

// draw is a place in the key space.
func (f *filled) draw() HashKey { return HashKeyFrom(f.random.Uint64(), f.random.Uint64()) }

// put puts a record under a new key, and releases what has become full.
func (f *filled) put(tb testing.TB, h HashKey) { //nolint:thelper // Helper costs more than what is measured
	f.entry.Hash = h
	f.number++
	binary.LittleEndian.PutUint64(f.entry.Key, f.number)
	port := f.routes.Find(f.entry.Hash)
	if a := port.Append(&f.entry, 0); a.Need > 0 && !port.Append(&f.entry, a.Need).Taken() {
		tb.Fatal("a record was refused")
	}
	if len(f.rung) == 0 {
		return
	}
	for _, p := range f.rung {
		p.rung = false
		for _, r := range drain(p, noon, false) {
			r.Release()
			p.sent--
		}
	}
	f.rung = f.rung[:0]
}
