package proptest

import (
	"bytes"
	"runtime"
	"sync"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
)

const (
	callers = 4 // goroutines that call the user's code at a time
	rounds  = 3 // times that each of them goes through all values
)

// concurrency: calls from many goroutines answer as calls from one do. A placement that two calls in a row agree on must be the
// same then; every record must decode to its value. Values are shared between the goroutines, since a caller may put one value
// from several.
func (s *subject[T]) concurrency(t *rapid.T) {
	var values []T
	var alone []lasting
	for _, v := range rapid.SliceOfN(s.gen, 1, 8).Draw(t, "values") {
		if l, err := s.settled(v); accepted(t, v, err) {
			values, alone = append(values, v), append(alone, l)
		}
	}
	var all sync.WaitGroup
	calls := make([][]encoded, callers)
	for c := range calls {
		all.Go(func() { calls[c] = s.encodeAll(values, c) })
	}
	all.Wait()
	for _, list := range calls {
		for _, e := range list {
			s.judge(t, values[e.of], e, alone[e.of])
		}
	}
}

// encoded is what came of one value in one goroutine.
type encoded struct {
	of   int // index of the value
	data []byte
	at   kinecast.Placement
	err  error
}

// encodeAll encodes all values in turn, beginning with another one in each goroutine, in buffers that it uses again, as the
// producer does. Before it looks at an answer it lets others run, who may spoil what is not its own.
func (s *subject[T]) encodeAll(values []T, caller int) []encoded {
	var dst []byte
	var at kinecast.Placement
	list := make([]encoded, 0, rounds*len(values))
	for i := range rounds * len(values) {
		of := (caller + i) % len(values)
		e := encoded{of: of}
		if _, e.err = s.stream(values[of]); e.err == nil {
			dst, e.err = s.serialize(dst[:0], values[of])
		}
		if e.err == nil {
			at = kinecast.Placement{Key: at.Key[:0]}
			e.err = s.place(values[of], &at)
		}
		runtime.Gosched()
		e.data, e.at = bytes.Clone(dst), at
		e.at.Key = bytes.Clone(at.Key)
		list = append(list, e)
	}
	return list
}

// judge compares an answer with what the same calls answered alone.
func (s *subject[T]) judge(t *rapid.T, v T, e encoded, alone lasting) {
	const shared = "the code shares state between calls: give each call its own, guard it with a mutex, or take it from a sync.Pool"
	if !accepted(t, v, e.err) {
		return
	}
	if b := badKey(e.at.Key); b != nil {
		b.what = "called from several goroutines: " + b.what
		b.report(t, v)
	}
	if alone.sure && !same(e.at, alone.at) {
		moved := breach{
			what: "the partitioner is not safe for concurrent use: called from several goroutines it placed a value elsewhere",
			got:  showBytes(e.at.Key) + ", and alone " + showBytes(alone.at.Key),
			do:   shared,
		}
		moved.report(t, v)
	}
	w, err := s.decoded(e.data)
	if err != nil || !s.equal(v, w) {
		garbled := breach{
			what: "the serializer is not safe for concurrent use: called from several goroutines it wrote another record",
			got:  showBytes(e.data),
			do:   shared,
		}
		garbled.report(t, v)
	}
}
