package proptest

import (
	"bytes"
	"runtime/debug"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
)

// buffers: what a serializer appends decodes to an equal value; neither it nor the partitioner keeps the producer's buffers or
// hands out memory that is in use elsewhere. The producer copies the bytes, then uses the buffer for the next record. So the
// law does that, with something that no record looks like, and asks again.
func (s *subject[T]) buffers(t *rapid.T) {
	v, next := s.gen.Draw(t, "value"), s.gen.Draw(t, "next value")
	s.serializerKeepsNothing(t, v, next)
	s.partitionerKeepsNothing(t, v, next)
}

// roomy is larger than what most records need, so that there is a buffer to be kept.
const roomy = 4 << 10

func (s *subject[T]) serializerKeepsNothing(t *rapid.T, v, next T) {
	const before = "what dst held before"
	out, err := s.serialize(append(make([]byte, 0, roomy), before...), v)
	if !accepted(t, v, err) {
		return
	}
	if !bytes.HasPrefix(out, []byte(before)) {
		lost := breach{
			what: "the serializer did not append to dst: what it returned does not begin with what dst held",
			got:  showBytes(out),
			do: "return append(dst, …): the producer writes the next record into what is returned, so it must be neither a slice" +
				" of the value nor one of the serializer's own",
		}
		lost.report(t, v)
	}
	data := bytes.Clone(out[len(before):])
	first := s.mustDecode(t, v, data)

	if _, err = s.serialize(make([]byte, 0, roomy), next); err == nil && !bytes.Equal(out[len(before):], data) {
		kept := breach{
			what: "the serializer keeps dst: serializing another value changed the bytes of this one",
			got:  showBytes(out[len(before):]) + ", and before " + showBytes(data),
			do:   "do not remember dst, nor what was appended to it; to use a buffer again, take one from a sync.Pool and copy out of it",
		}
		kept.report(t, v)
	}

	restore, done := overwrite(out)
	data, err = s.serialize(make([]byte, 0, roomy), v)
	data = bytes.Clone(data) // it may lie where restore writes
	restore()
	var again T
	if err == nil {
		again, err = s.decoded(data)
	}
	if !done || err != nil || !s.equal(first, again) {
		shared := breach{
			what: "the serializer's bytes lie in memory that it or the value still uses: overwriting them changed what comes next",
			got:  showBytes(data),
			do:   "append copies to dst; a cache must keep a slice of its own and never dst",
		}
		shared.report(t, v)
	}
}

// mustDecode asks for the way back.
func (s *subject[T]) mustDecode(t *rapid.T, v T, data []byte) T {
	w, err := s.decoded(data)
	if err != nil {
		undecoded := breach{
			what: "the record cannot be decoded: " + err.Error(),
			got:  showBytes(data),
			do:   "make serializer and decode inverse to each other",
		}
		undecoded.report(t, v)
	}
	if !s.equal(v, w) {
		changed := breach{
			what: "the record decodes to another value",
			got:  show(w) + " from " + showBytes(data),
			do:   "make serializer and decode inverse to each other, or say with LawsFunc which differences do not matter",
		}
		changed.report(t, v)
	}
	return w
}

func (s *subject[T]) partitionerKeepsNothing(t *rapid.T, v, next T) {
	at := kinecast.Placement{Key: make([]byte, 0, roomy)}
	if !accepted(t, v, s.place(v, &at)) {
		return
	}
	key := bytes.Clone(at.Key)
	settled, err := s.settled(v)
	if !accepted(t, v, err) {
		return
	}

	if _, err = s.placed(next); err == nil && !bytes.Equal(at.Key, key) {
		kept := breach{
			what: "the partitioner keeps its placement: placing another value changed the key of this one",
			got:  showBytes(at.Key) + ", and before " + showBytes(key),
			do:   "do not remember at or at.Key; append a copy of the key to at.Key",
		}
		kept.report(t, v)
	}

	restore, done := overwrite(at.Key)
	again, err := s.placed(v)
	now := bytes.Clone(again.Key)
	restore()
	if !done || settled.sure && (err != nil || !bytes.Equal(now, key)) {
		shared := breach{
			what: "the partition key lies in memory that the partitioner or the value still uses: overwriting it changed the key",
			got:  showBytes(now) + ", and before " + showBytes(key),
			do:   "append to at.Key and never assign to it: the producer writes the next key there",
		}
		shared.report(t, v)
	}
}

// overwrite fills a buffer, to its full capacity, with what is no record, says whether that could be done, and returns what
// brings the old contents back. It cannot be done in read-only memory, such as a string literal that was made into bytes
// without a copy: there the producer's write would end the program.
func overwrite(b []byte) (restore func(), done bool) {
	b = b[:cap(b)]
	saved := bytes.Clone(b)
	done = fill(b, func(int) byte { return 0xa5 })
	return func() { fill(b, func(i int) byte { return saved[i] }) }, done
}

func fill(b []byte, with func(i int) byte) (done bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { done = recover() == nil }()
	for i := range b {
		b[i] = with(i)
	}
	return true
}
