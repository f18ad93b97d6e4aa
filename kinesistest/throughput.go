package kinesistest

import (
	"fmt"
	"time"
)

// Throughput is what a shard takes, as two token buckets: one of records, one of bytes, data
// and partition keys. A record is stored if both have room for it, and takes its room from
// both; else it is refused, and takes nothing. In the zero value nothing is limited.
//
// A record larger than the whole burst is stored when the bucket is full and leaves it in
// debt, which is how the service lets records of up to 10 MiB into shards of 1 MiB a second.
type Throughput struct {
	// Records is how many records a second the shard takes; 0: any number.
	Records float64
	// Bytes is how many bytes a second the shard takes; 0: any number.
	Bytes float64
	// Burst is how long a full bucket can have been filling: one of two seconds holds twice
	// what comes in a second. Defaults to one second.
	Burst time.Duration
	// OtherRecords is how many records a second other writers put to the same shard, as far
	// as the bucket has room for them. They are not stored. Defaults to 0.
	OtherRecords float64
	// OtherBytes is how many bytes a second other writers put to the same shard, likewise.
	OtherBytes float64
}

// ServiceThroughput returns what the service promises for each shard: 1000 records and 1 MiB a
// second, from its page of quotas.
func ServiceThroughput() Throughput { return Throughput{Records: 1000, Bytes: 1 << 20} }

// Throttled limits what each shard of the stream takes, those that a reshard opens as well.
// Without it no shard is limited. [Server.Throttle] does the same at any time.
func Throttled(limit Throughput) StreamOption {
	return func(st *stream) error {
		if err := limit.validate(); err != nil {
			return err
		}
		st.throttle(limit, st.shards)
		return nil
	}
}

// Throttle changes, from now on, what shards of a stream take: those named, or all of them and
// those that a reshard will open. Their buckets are full at first. The zero Throughput ends
// the throttling. It fails the test, or panics in a program, if there is no such stream or
// shard, or if the limit is negative.
func (s *Server) Throttle(stream string, limit Throughput, shards ...string) {
	if err := s.service.throttle(stream, limit, shards); err != nil {
		s.failf("kinesistest: Throttle: %v", err)
	}
}

func (t Throughput) validate() error {
	if min(t.Records, t.Bytes, t.OtherRecords, t.OtherBytes) < 0 || t.Burst < 0 {
		return fmt.Errorf("the limit %+v has a negative part; 0 means no limit", t)
	}
	return nil
}

func (s *service) throttle(name string, limit Throughput, ids []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := limit.validate(); err != nil {
		return err
	}
	st := s.find(name)
	if st == nil {
		return fmt.Errorf("there is no stream %q", name)
	}
	if len(ids) == 0 {
		st.throttle(limit, st.shards)
		return nil
	}
	var named []*shard
	for _, id := range ids {
		sh := st.shard(id)
		if sh == nil {
			return fmt.Errorf("stream %s has no shard %q", name, id)
		}
		named = append(named, sh)
	}
	for _, sh := range named {
		sh.buckets = newBuckets(limit)
	}
	return nil
}

// throttle limits all shards, and those to come.
func (st *stream) throttle(limit Throughput, all []*shard) {
	st.limit = limit
	for _, sh := range all {
		sh.buckets = newBuckets(limit)
	}
}

// buckets are a shard's two. nil takes everything.
type buckets struct{ records, bytes bucket }

func newBuckets(t Throughput) *buckets {
	if t.Records == 0 && t.Bytes == 0 {
		return nil
	}
	if t.Burst == 0 {
		t.Burst = time.Second
	}
	return &buckets{
		records: newBucket(t.Records, t.OtherRecords, t.Burst),
		bytes:   newBucket(t.Bytes, t.OtherBytes, t.Burst),
	}
}

// take takes room for one record of so many bytes, if there is.
func (b *buckets) take(now time.Time, size int) bool {
	if b == nil {
		return true
	}
	b.records.fill(now)
	b.bytes.fill(now)
	if !b.records.has(1) || !b.bytes.has(float64(size)) {
		return false
	}
	b.records.tokens--
	b.bytes.tokens -= float64(size)
	return true
}

// bucket is one token bucket.
type bucket struct {
	limited bool
	most    float64 // what it holds when it is full
	net     float64 // what comes in a second, less what others take
	tokens  float64 // what it holds; negative: a debt
	filled  time.Time
}

func newBucket(rate, others float64, burst time.Duration) bucket {
	most := rate * burst.Seconds()
	return bucket{limited: rate > 0, most: most, net: rate - others, tokens: most}
}

// fill lets the time since the last call pass. Others take no more than there is.
func (b *bucket) fill(now time.Time) {
	if passed := now.Sub(b.filled).Seconds(); passed > 0 && !b.filled.IsZero() {
		b.tokens = min(b.most, max(b.tokens+b.net*passed, min(b.tokens, 0)))
	}
	if now.After(b.filled) {
		b.filled = now
	}
}

// has reports whether there is room for n; for more than it ever holds it must be full.
func (b *bucket) has(n float64) bool { return !b.limited || b.tokens >= min(n, b.most) }

// throttled is the result of a record that a shard has no room for.
func throttled(shard, stream, account string) putResult {
	return putResult{code: codeThroughput, message: "Rate exceeded for shard " + shard + " in stream " + stream +
		" under account " + account + "."}
}
