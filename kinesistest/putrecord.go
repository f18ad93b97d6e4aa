package kinesistest

import "net/http"

// putRecordRequest is a PutRecord call.
type putRecordRequest struct {
	target
	Data                      []byte
	PartitionKey              *string
	ExplicitHashKey           *string
	SequenceNumberForOrdering *string
	DryRun                    bool

	entry [1]entry // of the members above, set by check
}

type putRecordAnswer struct {
	SequenceNumber string
	ShardId        string
}

func (r *putRecordRequest) volume() (records, bytes int) { return 1, r.entry[0].volume() }

func (r *putRecordRequest) puts() []entry { return r.entry[:] }

func (r *putRecordRequest) touches(st *stream, shard, key string) bool {
	e := &r.entry[0]
	return matches(key, e.key) && matches(shard, st.place(e, false).id)
}

func (r *putRecordRequest) check() error {
	e := &r.entry[0]
	e.data, e.noKey, e.hasExplicit = r.Data, r.PartitionKey == nil, r.ExplicitHashKey != nil
	if !e.noKey {
		e.key = *r.PartitionKey
	}
	if e.hasExplicit {
		e.explicit = *r.ExplicitHashKey
	}
	if err := r.members(false); err != nil {
		return r.members(true)
	}
	return e.route()
}

// members checks what is not about a stream; whether the key may be missing is.
func (r *putRecordRequest) members(withKey bool) error {
	var c checks
	r.target.check(&c)
	r.entry[0].check(&c, "", withKey)
	if n := r.SequenceNumberForOrdering; n != nil {
		c.pattern("sequenceNumberForOrdering", *n, sequencePattern)
	}
	return c.err()
}

func (r *putRecordRequest) perform(s *service) (any, error) {
	st, err := s.resolveWritable(r.target)
	if err != nil {
		return nil, err
	}
	if r.PartitionKey == nil && !st.auto {
		return nil, r.members(true)
	}
	if r.SequenceNumberForOrdering != nil && st.auto {
		return nil, refuse(codeInvalidArgument, "SequenceNumberForOrdering cannot be used on stream %s under account %s: "+
			"its record distribution strategy is AUTO.", st.name, s.account)
	}
	if r.entry[0].volume() > st.maxRecord {
		var c checks
		c.tooLong("data", st.maxRecord)
		return nil, c.err()
	}
	// Numbers rise within a shard anyhow, so all there is to the member is its validity.
	if n := r.SequenceNumberForOrdering; n != nil {
		if _, ok := parseSequence(*n); !ok {
			return nil, refuse(codeInvalidArgument,
				"ExclusiveMinimumSequenceNumber %s used in PutRecord on stream %s under account %s is invalid.",
				*n, st.name, s.account)
		}
	}
	if r.DryRun {
		return nil, dryRun()
	}
	result := s.put(PutRecord, st, r.entry[:], make([]putResult, 1)).results[0]
	if result.shard == nil {
		return nil, &apiError{statusOf(result.code), result.code, result.message}
	}
	return &putRecordAnswer{result.seq.String(), result.shard.id}, nil
}

// statusOf is the HTTP status that a call gets for a code that a record of a larger call
// could also get: the service's own failures are 500.
func statusOf(code string) int {
	if code == "InternalFailure" || code == "InternalFailureException" {
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}
