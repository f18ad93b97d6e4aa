package kinesistest

import (
	"bytes"
	"fmt"
	"slices"
	"time"
)

// Record is a stored record.
type Record struct {
	// Data is the blob as it was put.
	Data []byte
	// PartitionKey is the key as the service received it: in a key that was not UTF-8, each
	// wrong byte has become U+FFFD.
	PartitionKey string
	// ExplicitHashKey is the hash key that the record was put with, in decimal; "" if it was
	// put without.
	ExplicitHashKey string
	// SequenceNumber is a decimal number, of 56 digits if the server gave it.
	SequenceNumber string
	// Arrival is when the record was stored, by the server's clock, to the millisecond.
	Arrival time.Time
}

// Records returns copies of all records of a stream, by shard id, in the order of their
// sequence numbers. Every shard is in the map. It fails the test, or panics in a program, if
// there is no stream of that name.
func (s *Server) Records(stream string) map[string][]Record {
	shards := map[string][]Record{}
	if err := s.service.records(stream, shards); err != nil {
		s.failf("kinesistest: %v", err)
	}
	return shards
}

// Rewrite lets edit damage what a stream holds, so that those who check records can be seen
// to find the damage. edit gets what [Server.Records] returns and may change, move, add and
// drop records; what it leaves in the map is stored, in the order of the sequence numbers.
// The server's lock is held meanwhile: edit must not call the server.
//
// It fails the test, or panics in a program, if there is no such stream, or if edit leaves a
// shard that the stream has not, or a number that is not decimal and below 2^192.
func (s *Server) Rewrite(stream string, edit func(shards map[string][]Record)) {
	if err := s.service.rewrite(stream, edit); err != nil {
		s.failf("kinesistest: Rewrite: %v", err)
	}
}

func (s *service) records(name string, into map[string][]Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.storeDue()
	st := s.find(name)
	if st == nil {
		return fmt.Errorf("there is no stream %q", name)
	}
	st.copyTo(into)
	return nil
}

func (st *stream) copyTo(into map[string][]Record) {
	for _, sh := range st.shards {
		list := make([]Record, 0, sh.records.n)
		for r := range sh.records.all() {
			list = append(list, r.record())
		}
		into[sh.id] = list
	}
}

func (s *service) rewrite(name string, edit func(map[string][]Record)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(name)
	if st == nil {
		return fmt.Errorf("there is no stream %q", name)
	}
	edited := map[string][]Record{}
	st.copyTo(edited)
	edit(edited)
	rewritten := map[*shard][]stored{}
	for id, list := range edited {
		sh := st.shard(id)
		if sh == nil {
			return fmt.Errorf("stream %s has no shard %q", name, id)
		}
		for i := range list {
			r, err := storedFrom(&list[i])
			if err != nil {
				return fmt.Errorf("record %d of %s: %w", i, id, err)
			}
			rewritten[sh] = append(rewritten[sh], r)
		}
	}
	for _, sh := range st.shards {
		list := rewritten[sh]
		slices.SortStableFunc(list, func(a, b stored) int { return a.seq.compare(b.seq) })
		sh.records = recordLog{}
		for _, r := range list {
			sh.records.append(r)
		}
	}
	return nil
}

func (r *stored) record() Record {
	out := Record{
		Data:           bytes.Clone(r.data),
		PartitionKey:   r.key,
		SequenceNumber: r.seq.String(),
		Arrival:        time.UnixMilli(r.arrival).UTC(),
	}
	if r.explicit != nil {
		out.ExplicitHashKey = r.explicit.String()
	}
	return out
}

func storedFrom(r *Record) (stored, error) {
	out := stored{data: bytes.Clone(r.Data), key: r.PartitionKey, arrival: r.Arrival.UnixMilli()}
	var ok bool
	if out.seq, ok = parseSequence(r.SequenceNumber); !ok {
		return out, fmt.Errorf("SequenceNumber %q is not a decimal number below 2^192", r.SequenceNumber)
	}
	if r.ExplicitHashKey == "" {
		return out, nil
	}
	hash, err := parseUint128(r.ExplicitHashKey)
	if err != nil {
		return out, fmt.Errorf("ExplicitHashKey %q: %w", r.ExplicitHashKey, err)
	}
	out.explicit = &hash
	return out, nil
}
