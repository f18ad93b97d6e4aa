package kinesistest

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The kinds of entries.
const (
	entryStream  = 's' // a stream as it is now, in JSON; its records stay as they were
	entryDeleted = 'd' // the name of a stream that is gone
	entryRecords = 'r' // records of one stream that were stored together
)

// noteStream writes what a stream is like, after each change of it.
func (s *service) noteStream(st *stream) {
	s.journal.write(func(b []byte) []byte { return appendMarshalled(append(b, entryStream), st.state()) })
}

func (s *service) noteDeleted(name string) {
	s.journal.write(func(b []byte) []byte { return append(append(b, entryDeleted), name...) })
}

// noteRecords writes the entries of a call that were stored:
//
//	name, arrival in ms; for each: shard, ordinal, key, data, explicit hash key or nothing
func (s *service) noteRecords(st *stream, entries []entry, results []putResult, now time.Time) {
	if s.journal == nil {
		return
	}
	s.journal.write(func(b []byte) []byte {
		b = appendText(append(b, entryRecords), st.name)
		b = binary.AppendVarint(b, now.UnixNano())
		for i := range entries {
			e, r := &entries[i], &results[i]
			if r.shard == nil {
				continue
			}
			b = binary.AppendUvarint(b, uint64(r.shard.index))
			b = binary.AppendUvarint(b, r.seq.ordinal())
			b = appendText(appendText(b, e.key), e.data)
			if !e.hasExplicit {
				b = append(b, 0)
				continue
			}
			b = append(b, 16)
			b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, e.hash.hi), e.hash.lo)
		}
		return b
	})
}

func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// replay does once more what an entry says.
func (s *service) replay(entry []byte) error {
	switch kind, rest := entry[0], entry[1:]; kind {
	case entryStream:
		var state streamState
		if err := json.Unmarshal(rest, &state); err != nil { //nolint:musttag // the names are the fields' own, here and when it was written
			return err
		}
		return s.restore(&state)
	case entryDeleted:
		delete(s.streams, string(rest))
		delete(s.restored, string(rest))
		return nil
	case entryRecords:
		return s.replayRecords(&fields{rest: rest})
	default:
		return fmt.Errorf("a kind %q that this version does not know", kind)
	}
}

func (s *service) replayRecords(f *fields) error {
	name, at := string(f.text()), time.Unix(0, f.varint())
	st := s.streams[name]
	if st == nil {
		return fmt.Errorf("records of %q, of which there is no stream", name)
	}
	for len(f.rest) > 0 {
		index, ordinal := f.uvarint(), f.uvarint()
		e := entry{key: string(f.text()), data: append([]byte{}, f.text()...)}
		if hash := f.text(); len(hash) == 16 {
			e.hasExplicit, e.hash = true, uint128{binary.BigEndian.Uint64(hash), binary.BigEndian.Uint64(hash[8:])}
		}
		switch {
		case f.short:
			return errors.New("a record is cut short")
		case index >= uint64(len(st.shards)):
			return fmt.Errorf("a record of shard %d, of %d", index, len(st.shards))
		}
		sh := st.shards[index]
		sh.ordinal = ordinal - 1
		sh.store(&e, at)
	}
	return nil
}

// fields reads what appendText and its like have written. Behind the end everything is empty,
// and short is set.
type fields struct {
	rest  []byte
	short bool
}

func (f *fields) uvarint() uint64 {
	v, n := binary.Uvarint(f.rest)
	f.skip(n)
	return v
}

func (f *fields) varint() int64 {
	v, n := binary.Varint(f.rest)
	f.skip(n)
	return v
}

func (f *fields) text() []byte {
	n := f.uvarint()
	if n > uint64(len(f.rest)) {
		f.skip(0)
		return nil
	}
	v := f.rest[:n]
	f.rest = f.rest[n:]
	return v
}

func (f *fields) skip(n int) {
	if n <= 0 {
		f.rest, f.short = nil, true
		return
	}
	f.rest = f.rest[n:]
}
