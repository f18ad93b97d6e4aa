package kinesistest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// service is the core behind both doors: the streams of one account in one region. It has
// no goroutine and no timer. What changes with time (CREATING, DELETING, tokens) is worked
// out from the clock when somebody asks, so it lives in virtual time as well as in real.
type service struct {
	account    string
	region     string
	clock      func() time.Time
	transition time.Duration   // how long CREATING and DELETING last
	accepted   map[string]bool // access key ids; nil accepts all

	requests atomic.Uint64 // ids given to calls

	mu      sync.Mutex // guards everything below, and all that streams hold
	streams map[string]*stream
	rules   []*standingRule
	calls   callLog
}

// request is one API call, decoded.
type request interface {
	// address says which stream the call is for; the zero target for none.
	address() target
	// touches, under the lock, reports whether the call has to do with this shard and this partition key,
	// of which one may be "": any.
	touches(st *stream, shard, key string) bool
	// volume is what the call carries: Kinesis records, and bytes of data and keys.
	volume() (records, bytes int)
	// check says what is wrong with the request by itself. It runs before the others and
	// without the lock, so hashing is done here.
	check() error
	// perform carries the request out. Its errors, and check's, are *apiError.
	perform(s *service) (answer any, err error)
}

// call carries out one API call: faults first, as they stand in front of the service, then
// the operation, then the log.
func (s *service) call(op Operation, req request) (answer any, err error) {
	checked := req.check()
	s.mu.Lock()
	defer s.mu.Unlock()
	line := Call{Operation: op, Stream: s.nameOf(req.address()), Time: s.clock()}
	line.Records, line.Bytes = req.volume()

	fault := s.strikeCall(op, req)
	switch {
	case fault != nil && !fault.spoils():
		err = fault.failure()
	case checked != nil:
		err = checked
	default:
		answer, err = req.perform(s)
	}
	if fault != nil && err == nil {
		fault.spoil(answer)
	}
	if err != errRefused { // such a call never arrived
		line.conclude(fault, answer, err)
		s.calls.add(line)
	}
	return answer, err
}

// now is the service's time, to the millisecond, as the API tells times.
func (s *service) now() time.Time { return s.clock().Truncate(time.Millisecond) }

func (s *service) arn(name string) string {
	return "arn:aws:kinesis:" + s.region + ":" + s.account + ":stream/" + name
}

// find returns the stream as it stands now, or nil.
func (s *service) find(name string) *stream {
	st := s.streams[name]
	if st == nil || st.until.IsZero() || s.now().Before(st.until) {
		return st
	}
	if st.status == types.StreamStatusDeleting {
		delete(s.streams, name)
		return nil
	}
	st.status, st.until = types.StreamStatusActive, time.Time{}
	return st
}
