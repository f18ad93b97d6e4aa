package kinesistest

import "fmt"

// Keep has each shard of the stream hold no more than about its newest records, for programs
// that write without end: older ones are forgotten, some hundreds at a time, but never one of
// the newest n. Keep(0) holds none, and only counts. Without it every record is kept as long
// as the server is.
func Keep(n int) StreamOption {
	return func(st *stream) error {
		if n < 0 {
			return fmt.Errorf("Keep(%d): must not be negative", n)
		}
		st.keep = &n
		for _, sh := range st.shards {
			sh.keep = &n
		}
		return nil
	}
}

// Count is how much was put to a shard.
type Count struct {
	// Records is the number of records that were stored, and Bytes their size, data and
	// partition keys, whether they are still kept or not.
	Records int64 `json:"records"`
	Bytes   int64 `json:"bytes"`
}

// Counts returns what was put to a stream so far, by shard id. It fails the test, or panics in
// a program, if there is no stream of that name.
func (s *Server) Counts(stream string) map[string]Count {
	counts, err := s.service.counts(stream)
	if err != nil {
		s.failf("kinesistest: %v", err)
	}
	return counts
}

func (s *service) counts(name string) (map[string]Count, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.storeDue()
	st := s.find(name)
	if st == nil {
		return nil, fmt.Errorf("there is no stream %q", name)
	}
	counts := map[string]Count{}
	for _, sh := range st.shards {
		counts[sh.id] = sh.count
	}
	return counts, nil
}

// forget drops the oldest chunks as long as keep records are left.
func (l *recordLog) forget(keep int) {
	for len(l.chunks) > 1 && l.n-len(l.chunks[0]) >= keep {
		l.n -= len(l.chunks[0])
		l.chunks = l.chunks[1:]
	}
}
