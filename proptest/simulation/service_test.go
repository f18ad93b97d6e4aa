package simulation_test

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/kinecast/kinecast/proptest/kcl"
	"github.com/kinecast/kinecast/shard"
)

// service is a model of Kinesis for one stream: shards that are split and merged, records in the order in which they were stored.
// Its arithmetic is its own.
type service struct {
	shards []*piece // all that there ever were, the deleted ones included
	named  int      // ids given since the stream was created
	stored []stored
	gone   time.Duration // until when the stream does not exist
}

// piece is one shard.
type piece struct {
	id       string
	keys     kcl.Range
	parents  [2]string
	closed   bool
	deleted  bool // with the stream that it belonged to
	creation int  // of which stream by this name
}

// stored is a Kinesis record, and where it lies.
type stored struct {
	in       *piece
	sequence int
	entry    kcl.Kinesis
}

func newService(shards int) *service {
	v := &service{}
	v.add(whole, shards, "", "")
	return v
}

var whole = kcl.Range{Last: kcl.Point{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}}

// add opens shards that share a range evenly.
func (v *service) add(keys kcl.Range, n int, parents ...string) {
	creation := 0
	if len(v.shards) > 0 {
		creation = v.shards[len(v.shards)-1].creation
	}
	for i := range n {
		p := &piece{id: fmt.Sprintf("shardId-%012d", v.named), keys: slice(keys, i, n), parents: [2]string(parents), creation: creation}
		v.named++
		v.shards = append(v.shards, p)
	}
}

// open are the shards that take records, in the order of their ranges.
func (v *service) open() (ps []*piece) {
	for _, p := range v.shards {
		if !p.closed {
			ps = append(ps, p)
		}
	}
	slices.SortFunc(ps, func(a, b *piece) int { return a.keys.First.Compare(b.keys.First) })
	return ps
}

// mostShards keeps the streams small: what matters is that shards close, not how many there are.
const mostShards = 12

func (v *service) split(n uint64) bool {
	ps := v.open()
	p := ps[n%uint64(len(ps))]
	if len(ps) >= mostShards || p.keys.First == p.keys.Last {
		return false
	}
	p.closed = true
	v.add(p.keys, 2, p.id, "")
	return true
}

func (v *service) merge(n uint64) bool {
	ps := v.open()
	if len(ps) < 2 {
		return false
	}
	i := int(n % uint64(len(ps)-1))
	a, b := ps[i], ps[i+1]
	a.closed, b.closed = true, true
	v.add(kcl.Range{First: a.keys.First, Last: b.keys.Last}, 1, a.id, b.id)
	return true
}

// scale replaces all shards.
func (v *service) scale(n uint64) {
	for _, p := range v.open() {
		p.closed = true
	}
	v.add(whole, 1+int(n%6), "", "")
}

// recreate deletes the stream; it comes back with the same ids on other ranges.
func (v *service) recreate(back time.Duration, n uint64) {
	for _, p := range v.shards {
		p.closed, p.deleted = true, true
	}
	v.gone, v.named = back, 0
	v.add(whole, 1+int(n%6), "", "")
	for _, p := range v.open() {
		p.creation++
	}
}

// store stores one record, and says where.
func (v *service) store(e kcl.Kinesis) (*piece, int) {
	at := kcl.PointOf(e.Key)
	if e.HashKey != "" {
		at, _ = kcl.ParsePoint(e.HashKey)
	}
	for _, p := range v.shards {
		if !p.closed && p.keys.Contains(at) {
			v.stored = append(v.stored, stored{p, len(v.stored), e})
			return p, len(v.stored) - 1
		}
	}
	panic("a point in no shard")
}

// list is what ListShards tells, with the closed shards or without.
func (v *service) list(history bool) ([]shard.Shard, error) {
	var list []shard.Shard
	for _, p := range v.shards {
		if p.deleted || p.closed && !history {
			continue
		}
		r, err := shard.ParseRange(p.keys.First.String(), p.keys.Last.String())
		if err != nil {
			return nil, err
		}
		list = append(list, shard.Shard{ID: p.id, Range: r, Parent: p.parents[0], AdjacentParent: p.parents[1], Closed: p.closed})
	}
	return list, nil
}

func sequenceText(n int) string { return strconv.Itoa(n) }

// slice is part i of n of a range.
func slice(r kcl.Range, i, n int) kcl.Range {
	out := kcl.Range{First: cut(r, i, n), Last: r.Last}
	if i+1 < n {
		out.Last = minusOne(cut(r, i+1, n))
	}
	return out
}

// cut is where part i of n of a range begins: first + (last - first + 1) * i / n, which for the whole key space has 129 bits; the
// one is left out, which moves a cut by less than a key.
func cut(r kcl.Range, i, n int) kcl.Point {
	a, b := halves(r.First), halves(r.Last)
	lo, borrow := bits.Sub64(b[1], a[1], 0)
	hi, _ := bits.Sub64(b[0], a[0], borrow)
	qhi, rest := hi/uint64(n), hi%uint64(n)
	qlo, rest := bits.Div64(rest, lo, uint64(n))
	// i parts of q, and i-th's share of the rest, which is less than n.
	carry, plo := bits.Mul64(qlo, uint64(i))
	phi := qhi*uint64(i) + carry
	plo, c := bits.Add64(plo, rest*uint64(i)/uint64(n), 0)
	phi += c
	plo, c = bits.Add64(plo, a[1], 0)
	phi += a[0] + c
	if i > 0 {
		plo, c = bits.Add64(plo, 1, 0)
		phi += c
	}
	return point([2]uint64{phi, plo})
}

func minusOne(p kcl.Point) kcl.Point {
	h := halves(p)
	lo, borrow := bits.Sub64(h[1], 1, 0)
	return point([2]uint64{h[0] - borrow, lo})
}

func halves(p kcl.Point) (h [2]uint64) {
	for i, b := range p {
		h[i/8] = h[i/8]<<8 | uint64(b)
	}
	return h
}

func point(h [2]uint64) (p kcl.Point) {
	for i := range p {
		p[i] = byte(h[i/8] >> (56 - 8*(i%8)))
	}
	return p
}
