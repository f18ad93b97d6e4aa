package figures

import (
	"slices"
	"sync"
	"time"
)

// Set is all figures of one producer. It is safe for concurrent use.
type Set struct {
	level       Level
	granularity Granularity
	rest        *streamNode // of streams that were released, and of all with Global

	mu       sync.Mutex
	streams  []*Stream // in the order in which they came
	received int64     // by streams that were released
	codes    []string
}

// New returns an empty set that keeps what level and granularity say.
func New(l Level, g Granularity) *Set {
	return &Set{level: l, granularity: g, rest: &streamNode{}}
}

// Stream is the figures of one stream. It is safe for concurrent use; streams do not wait for each other.
type Stream struct {
	set      *Set
	name     string
	received func() int64
	joined   []*Stream // streams that turned out to be this one; guarded by the set's mutex
	own      *streamNode
	shards   sync.Map // by id: *shardNode
}

// Stream adds a stream under the name that it is shown by. received tells how many records were admitted to it: whoever
// admits counts that already.
func (s *Set) Stream(name string, received func() int64) *Stream {
	st := &Stream{set: s, name: name, received: received, own: &streamNode{}}
	if s.granularity == Global {
		st.own = s.rest
	}
	s.mu.Lock()
	s.streams = append(s.streams, st)
	s.mu.Unlock()
	return st
}

// Join adds a stream's figures to those of another one, which turned out to be the same under another name, and forgets it.
// What is written to it later is lost, but for what is received.
func (s *Set) Join(st, to *Stream) {
	s.forget(st, to.own, func() { to.joined = append(to.joined, st) })
}

// taken is how many records were admitted. REQUIRES: the set's mutex.
func (st *Stream) taken() int64 {
	n := st.received()
	for _, one := range st.joined {
		n += one.received()
	}
	return n
}

// Release adds a stream's figures to those of the whole and forgets it. What is written to it later is lost.
func (s *Set) Release(st *Stream) {
	s.forget(st, s.rest, func() { s.received += st.taken() })
}

// forget takes a stream off the list, once, and adds what it has counted to other figures; counted adds what it has received.
func (s *Set) forget(st *Stream, to *streamNode, counted func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.streams, st)
	if i < 0 {
		return
	}
	s.streams = slices.Delete(s.streams, i, i+1)
	counted()
	if st.own != s.rest {
		to.merge(st.own.copied())
	}
}

// Keep forgets the shards that are not open any more. What they have counted is among their stream's figures.
func (st *Stream) Keep(open func(id string) bool) {
	st.shards.Range(func(id, _ any) bool {
		if !open(id.(string)) {
			st.shards.Delete(id)
		}
		return true
	})
}

// Tried is an attempt of one Kinesis record.
type Tried struct {
	Shard    string        // where it was stored, or sent; "" if unknown
	Buffered time.Duration // the wait before it
	Code     string        // of its failure; "" for none
	Bytes    int           // of its data
}

// Tried notes an attempt.
func (st *Stream) Tried(t Tried) {
	if st.set.level == None {
		return
	}
	stored, failed := int64(1), int64(0)
	code := -1
	if t.Code != "" {
		stored, failed, code = 0, 1, st.set.code(t.Code)
	}
	w := st.write(t.Shard, code)
	defer w.end()
	w.add(buffering, t.Buffered.Microseconds(), 1)
	w.add(kinesisPut, stored, 1)
	w.add(allErrors, failed, 1)
	w.add(kinesisData, int64(t.Bytes), stored)
}

// Ended is the end of one Kinesis record.
type Ended struct {
	Shard   string // where it was stored, or sent last; "" if unknown
	Users   int    // user records in it
	Data    int64  // bytes of their data
	Retries int    // attempts beyond the first
	Stored  bool
	Expired bool // a time limit ended it
}

// Ended notes an end.
func (st *Stream) Ended(e Ended) {
	if st.set.level == None {
		return
	}
	users, stored, expired := int64(e.Users), int64(0), int64(0)
	if e.Stored {
		stored = 1
	}
	if e.Expired {
		expired = users
	}
	w := st.write(e.Shard, -1)
	defer w.end()
	w.add(userPut, stored, users)
	w.add(userData, e.Data, stored)
	w.add(userExpired, 1, expired)
	w.add(retries, int64(e.Retries), users)
	w.add(perRecord, users, 1)
}

// Requested notes a PutRecords call: how long it took, what was in it, and how many records of the stream are outstanding.
func (st *Stream) Requested(took time.Duration, records, users int, outstanding int64) {
	if st.set.level != Detailed {
		return // no metric of a request is in the summary
	}
	n := st.own
	n.mu.Lock()
	defer n.mu.Unlock()
	n.figures[requestTime].Add(took.Microseconds(), 1)
	n.figures[recordsPerRequest].Add(int64(records), 1)
	n.figures[usersPerRequest].Add(int64(users), 1)
	n.figures[pending].Add(outstanding, 1)
}

// writing is exclusive access to the figures of a stream and one of its shards.
type writing struct {
	level  Level
	stream *streamNode
	shard  *shardNode // nil if shards are not told apart
}

// write begins to write about a shard, with an error of the given kind, if it is one.
func (st *Stream) write(shard string, code int) writing {
	w := writing{level: st.set.level, stream: st.own, shard: st.shard(shard)}
	w.stream.mu.Lock()
	if code >= 0 {
		w.stream.codes.add(code, 1)
	}
	if w.shard != nil {
		w.shard.mu.Lock()
		if code >= 0 {
			w.shard.codes.add(code, 1)
		}
	}
	return w
}

// add takes a value n times, if the level has it.
func (w *writing) add(f figure, v, n int64) {
	if n <= 0 || known[f].level == Detailed && w.level != Detailed {
		return
	}
	w.stream.figures[f].Add(v, n)
	if w.shard != nil {
		w.shard.figures[f].add(n, v*n, v, v)
	}
}

func (w *writing) end() {
	if w.shard != nil {
		w.shard.mu.Unlock()
	}
	w.stream.mu.Unlock()
}

// shard is where the figures of a shard are kept; nil if shards are not told apart.
func (st *Stream) shard(id string) *shardNode {
	if st.set.granularity != PerShard || id == "" {
		return nil
	}
	if n, ok := st.shards.Load(id); ok {
		return n.(*shardNode)
	}
	n, _ := st.shards.LoadOrStore(id, &shardNode{})
	return n.(*shardNode)
}

// code is the number of a kind of error.
func (s *Set) code(code string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, known := range s.codes {
		if known == code {
			return i
		}
	}
	if len(s.codes) == MaxCodes {
		return MaxCodes
	}
	s.codes = append(s.codes, code)
	return len(s.codes) - 1
}

// codeName is the code with a number.
func (s *Set) codeName(code int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code < len(s.codes) {
		return s.codes[code]
	}
	return otherCode
}
