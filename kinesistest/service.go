package kinesistest

import (
	"context"
	"errors"
	"slices"
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
	transition time.Duration   // how long CREATING and DELETING last, and UPDATING when AtOnce
	resharding Reshard         // of clients
	scaling    *Scaling        // of on-demand streams, with its defaults; nil: by the test alone
	accepted   map[string]bool // access key ids; nil accepts all
	listenAt   string          // of the HTTP door
	tls        bool
	journal    *journal        // nil: what it holds ends with it
	restored   map[string]bool // streams of the journal, until an option has claimed them

	requests atomic.Uint64 // ids given to calls

	mu      sync.Mutex // guards everything below, and all that streams hold
	streams map[string]*stream
	rates   map[rateKey]*bucket  // how often operations may be called; nil: as they like
	created map[string]time.Time // by name: when the last stream of that name was created
	rules   []*standingRule
	late    []latePut // calls that a fault keeps back

	interceptors []*interceptor
	calls        callLog
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

// origin is where a call came from, for the log.
type origin struct {
	via     string
	attempt int
}

// direct is the origin of calls at the direct door.
var direct = origin{via: "direct", attempt: 1}

// call carries out one API call: interceptors and faults first, as they stand in front of the
// service, then the operation, then the log. It waits, and may end by ctx, only in a fault.
func (s *service) call(ctx context.Context, op Operation, req request, from origin) outcome {
	p := passage{service: s, op: op, req: req, checked: req.check()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.storeDue()
	line := Call{Operation: op, Stream: s.nameOf(req.address()), Time: s.clock(), Via: from.via, Attempt: from.attempt}
	line.Records, line.Bytes = req.volume()

	fault := s.meet(op, req, line)
	var out outcome
	switch {
	case fault == nil:
		p.carryOut()
		out = outcome{answer: p.answer, err: p.err}
	case fault.Do.kind == faultRecord: // an interceptor's
		out = refuseAll(op, req, &fault.Do)
		p.answer = out.answer
	default:
		s.mu.Unlock()
		out = p.through(ctx, &fault.Do, fault.chance)
		s.mu.Lock()
	}
	if !errors.Is(out.err, errRefused) { // such a call never arrived
		line.conclude(fault, p.answer, out.err)
		line.Took = s.clock().Sub(line.Time)
		s.calls.add(line)
	}
	return out
}

// meet returns the rule whose fault the call meets, or nil. It gives the lock back while an
// interceptor looks.
func (s *service) meet(op Operation, req request, line Call) *standingRule {
	if all := slices.Clone(s.interceptors); len(all) > 0 {
		s.mu.Unlock()
		rule := s.intercept(all, line, req)
		s.mu.Lock()
		if rule != nil {
			return rule
		}
	}
	return s.strikeCall(op, req)
}

// now is the service's time, to the millisecond, as the API tells times.
func (s *service) now() time.Time { return s.clock().Truncate(time.Millisecond) }

func (s *service) arn(name string) string {
	return "arn:aws:kinesis:" + s.region + ":" + s.account + ":stream/" + name
}

// find returns the stream as it stands now, or nil.
func (s *service) find(name string) *stream {
	st := s.streams[name]
	if st == nil || st.until.IsZero() && st.windowEnd.IsZero() {
		return st
	}
	now := s.now()
	if end := st.windowEnd; !end.IsZero() && !now.Before(end) {
		if st = s.settle(st, end); st == nil {
			return nil
		}
		s.scale(st)
	}
	return s.settle(st, now)
}

// settle brings a stream to where it stands at a time, and returns it, or nil if it is gone.
func (s *service) settle(st *stream, now time.Time) *stream {
	if st.until.IsZero() {
		return st
	}
	if st.catchUp(now) {
		s.noteStream(st)
	}
	switch {
	case now.Before(st.until):
		return st
	case st.status == types.StreamStatusDeleting:
		delete(s.streams, st.name)
		s.noteDeleted(st.name)
		return nil
	}
	st.finish()
	s.noteStream(st)
	return st
}
