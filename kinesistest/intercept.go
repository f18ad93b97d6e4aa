package kinesistest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// Intercepted is a call on its way in, as an interceptor sees it.
type Intercepted struct {
	// Call says what is called; how it ends is not known yet.
	Call
	// Puts are the records that a PutRecords or PutRecord call brings, in its order, as they
	// will be stored: without SequenceNumber and Arrival. nil for other calls.
	Puts []Record
}

// Intercept has look see each call as it comes in, for everything that a [Rule] cannot say.
// look answers with the fault that shall happen to the call, and whether that is all it was
// there for: it is asked until it says done. The zero Fault lets the call pass.
//
//	server.Intercept(func(c kinesistest.Intercepted) (do kinesistest.Fault, done bool) {
//		if c.Records < 100 {
//			return do, false // wait for a larger one
//		}
//		server.Split("events", shard, "")
//		return kinesistest.Store().Then(kinesistest.Lose(kinesistest.Reset)), true
//	})
//
// Interceptors come before all rules; a call with a fault of theirs is neither seen nor counted
// by rules. RecordError refuses all records, Refuse drops the connection. look runs on the
// goroutine of the call, without the server's lock, and never twice at a time: it may use the
// Server but must not make calls itself. remove takes it away, and may be called any number of
// times, but not by look.
func (s *Server) Intercept(look func(Intercepted) (do Fault, done bool)) (remove func()) {
	i := &interceptor{look: look}
	s.service.mu.Lock()
	defer s.service.mu.Unlock()
	s.service.interceptors = append(s.service.interceptors, i)
	return func() { s.service.removeInterceptor(i) }
}

type interceptor struct {
	mu   sync.Mutex // held while look runs
	over bool       // it said done, or was removed
	look func(Intercepted) (Fault, bool)
}

func (s *service) removeInterceptor(i *interceptor) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interceptors = slices.DeleteFunc(s.interceptors, func(other *interceptor) bool { return other == i })
}

// intercept asks the interceptors, without the lock. nil: the call passes.
func (s *service) intercept(all []*interceptor, line Call, req request) *standingRule {
	seen := Intercepted{Call: line}
	if puts, ok := req.(interface{ puts() []entry }); ok {
		for _, e := range puts.puts() {
			seen.Puts = append(seen.Puts, e.record())
		}
	}
	for _, i := range all {
		do, done := i.ask(seen)
		if done {
			s.removeInterceptor(i)
		}
		if do == nil {
			continue
		}
		if err := do.validate(); err != nil {
			panic(fmt.Sprintf("kinesistest: an interceptor answers with a fault without sense: %v", err))
		}
		return &standingRule{Rule: Rule{Do: *do}, chance: rand.New(rand.NewPCG(0, 0))}
	}
	return nil
}

func (i *interceptor) ask(seen Intercepted) (*Fault, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over {
		return nil, false
	}
	do, done := i.look(seen)
	i.over = done
	if do.kind == faultNone && do.then == nil {
		return nil, done
	}
	return &do, done
}
