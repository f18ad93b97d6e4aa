package kinesistest

import (
	"iter"
	"sort"
)

// recordLog holds the records of a shard in the order of their sequence numbers. It grows
// by chunks and never copies, so that storing costs the same however much there is.
type recordLog struct {
	chunks [][]stored // none is empty; all but the last are full
	n      int
}

// The least and the most records of a chunk: an idle shard of ten thousand costs little, a
// busy one allocates seldom. Between them the log doubles.
const (
	chunkLeast = 8
	chunkMost  = 1024
)

func (l *recordLog) append(r stored) {
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last]) == cap(l.chunks[last]) {
		l.chunks = append(l.chunks, make([]stored, 0, min(max(l.n, chunkLeast), chunkMost)))
		last++
	}
	l.chunks[last] = append(l.chunks[last], r)
	l.n++
}

// from goes through the records whose numbers are at least at.
func (l *recordLog) from(at sequence) iter.Seq[*stored] {
	return func(yield func(*stored) bool) {
		first := sort.Search(len(l.chunks), func(i int) bool {
			chunk := l.chunks[i]
			return !chunk[len(chunk)-1].seq.less(at)
		})
		for i, chunk := range l.chunks[first:] {
			if i == 0 {
				chunk = chunk[sort.Search(len(chunk), func(i int) bool { return !chunk[i].seq.less(at) }):]
			}
			for j := range chunk {
				if !yield(&chunk[j]) {
					return
				}
			}
		}
	}
}

// all goes through all records.
func (l *recordLog) all() iter.Seq[*stored] { return l.from(sequence{}) }
