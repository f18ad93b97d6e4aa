package kinesistest

import "fmt"

// What the service allows of a request, from the API reference of PutRecords.
const (
	recordsPerRequest = 500
	bytesPerRequest   = 10 << 20 // data and partition keys
)

// putRecordsRequest is a PutRecords call. It does not come from encoding/json but from
// parsePutRecords or from the direct client.
type putRecordsRequest struct {
	target
	dryRun  bool
	entries []entry // nil: the member was missing
	size    int     // the sum of the entries' volumes, set by check
	keyless bool    // an entry has no partition key, set by check

	memory *putMemory // what the request is made of; nil: it is not to be used again
}

// putResult is the fate of one entry: a place in a shard, or an error code.
type putResult struct {
	shard         *shard // shard.id never changes, so it may be read without the lock
	seq           sequence
	code, message string
}

type putRecordsAnswer struct {
	results []putResult
	failed  int
}

func (r *putRecordsRequest) volume() (records, bytes int) { return len(r.entries), r.size }

func (r *putRecordsRequest) puts() []entry { return r.entries }

func (r *putRecordsRequest) touches(st *stream, shard, key string) bool {
	for i := range r.entries {
		if e := &r.entries[i]; matches(key, e.key) && matches(shard, st.place(e, false).id) {
			return true
		}
	}
	return false
}

func (r *putRecordsRequest) check() error {
	if err := r.members(false); err != nil {
		return r.members(true)
	}
	for i := range r.entries {
		e := &r.entries[i]
		r.size += e.volume()
		r.keyless = r.keyless || e.noKey
		if err := e.route(); err != nil {
			return err
		}
	}
	return nil
}

// members checks what is not about a stream; whether keys may be missing is.
func (r *putRecordsRequest) members(withKeys bool) error {
	var c checks
	r.target.check(&c)
	c.notNull("records", r.entries == nil)
	if r.entries != nil {
		c.count("records", len(r.entries), 1, recordsPerRequest)
	}
	if len(r.entries) > recordsPerRequest {
		return c.err()
	}
	for i := range r.entries {
		if e := &r.entries[i]; !e.sound() {
			e.check(&c, fmt.Sprintf("records.%d.member.", i+1), withKeys)
		}
	}
	return c.err()
}

func (r *putRecordsRequest) perform(s *service) (any, error) {
	st, err := s.resolveWritable(r.target)
	if err != nil {
		return nil, err
	}
	if r.keyless && !st.auto {
		return nil, r.members(true)
	}
	var c checks
	for i := range r.entries {
		if r.entries[i].volume() > st.maxRecord {
			c.tooLong(fmt.Sprintf("records.%d.member.data", i+1), st.maxRecord)
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if r.size > bytesPerRequest {
		return nil, refuse(codeInvalidArgument, "Records size exceeds 10 MB limit")
	}
	if r.dryRun {
		return nil, dryRun()
	}
	return s.put(PutRecords, st, r.entries, r.memory.forResults(st, len(r.entries))), nil
}

// put stores the entries that no fault strikes, all at one time. results is as long as entries.
func (s *service) put(op Operation, st *stream, entries []entry, results []putResult) *putRecordsAnswer {
	now := s.now()
	s.observe(st, now)
	faults := s.recordRules(op, st.name)
	answer := &putRecordsAnswer{results: results}
	for i := range entries {
		e, result := &entries[i], &answer.results[i]
		sh := st.place(e, true)
		if fault := strikeRecord(faults, sh.id, e.key, now); fault != nil {
			result.code, result.message = fault.code, fault.message
			answer.failed++
			continue
		}
		if !sh.buckets.take(now, e.volume()) {
			*result = throttled(sh.id, st.name, s.account)
			answer.failed++
			continue
		}
		result.shard, result.seq = sh, sh.store(e, now)
	}
	s.noteRecords(st, entries, answer.results, now)
	return answer
}
