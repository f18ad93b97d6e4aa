package kinesistest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Server is an in-memory Kinesis Data Streams service of one account in one region. Make
// it with [New] in tests and with [Start] in programs.
//
// All methods are safe for concurrent use. A server holds every record it was given until
// it is garbage, unless [Keep] says otherwise; [MaxCalls] bounds its log; with a [Journal] it
// outlives its process.
type Server struct {
	service service
	door    door
	client  *Client
	tb      TB // nil for Start
}

// TB is the part of testing.TB that a server needs; any *testing.T, *testing.B, *testing.F
// and *rapid.T is one. It keeps package testing out of programs that embed a server.
// Fatalf is expected not to return.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// New makes a server for one test and closes it when the test ends. An option out of range
// ends the test.
//
// Nothing runs and nothing is opened until [Server.URL] is called, so a server that is used
// by its [Server.Client] alone may be made inside a testing/synctest bubble, and lives in
// the bubble's time.
func New(tb TB, opts ...Option) *Server {
	tb.Helper()
	s, err := Start(opts...)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	s.tb = tb
	tb.Cleanup(s.Close)
	return s
}

// Start makes a server for a program, which must Close it. The error names the first option
// that is out of range.
func Start(opts ...Option) (*Server, error) {
	s := &Server{service: service{
		account:    "123456789012",
		region:     "us-east-1",
		clock:      time.Now,
		transition: transitionDefault,
		listenAt:   "127.0.0.1:0",
		streams:    map[string]*stream{},
		created:    map[string]time.Time{},
		restored:   map[string]bool{},
	}}
	if err := s.service.configure(opts); err != nil {
		s.service.journal.close()
		return nil, fmt.Errorf("kinesistest: %w", err)
	}
	s.door.handler, s.door.listenAt = s, s.service.listenAt
	if s.service.tls {
		var err error
		if s.door.certificate, err = newCertificate(); err != nil {
			return nil, fmt.Errorf("kinesistest: %w", err)
		}
	}
	s.client = newClient(s)
	return s, nil
}

// Client returns the direct door: a client that calls the service as a function, without
// HTTP, goroutines, timers or credentials.
func (s *Server) Client() *Client { return s.client }

// URL returns the base endpoint of the HTTP door, "http://127.0.0.1:PORT", or https with
// [TLS]. The first call opens a listener, on a free port of the loopback interface unless
// [Listen] says otherwise. It fails the test, or panics in a program, if there is no port to be
// had or the server is closed.
func (s *Server) URL() string {
	url, err := s.door.open()
	if err != nil {
		s.failf("kinesistest: cannot open the HTTP door: %v", err)
	}
	return url
}

// Close closes the HTTP door, waits until its goroutines have ended, and makes the direct
// client refuse. Calls under way at the HTTP door are cut off. What was stored can still be
// read with [Server.Records] and [Server.Calls]. Further calls do nothing.
func (s *Server) Close() {
	s.service.close()
	s.door.close()
}

// Inject puts a rule into force and returns what takes it out again. remove may be called
// any number of times. A rule that makes no sense fails the test, or panics in a program.
//
// A rule that says nothing but Do: [Refuse]() closes the HTTP listener, and remove opens it
// again on the same port; both return when it is done.
func (s *Server) Inject(r Rule) (remove func()) {
	if err := r.validate(); err != nil {
		s.failf("%v", err)
		return func() {}
	}
	standing := s.service.addRule(r)
	s.follow()
	return func() {
		s.service.removeRule(standing)
		s.follow()
	}
}

// follow opens or shuts the HTTP door as the rules in force will have it.
func (s *Server) follow() {
	if err := s.door.follow(s.service.refusesAll); err != nil {
		s.failf("kinesistest: cannot open the HTTP door again: %v", err)
	}
}

// Calls returns the log of calls, oldest first: the last [MaxCalls] of them.
func (s *Server) Calls() []Call {
	s.service.mu.Lock()
	defer s.service.mu.Unlock()
	return s.service.calls.list()
}

// failf ends the test, if there is one, and panics otherwise.
func (s *Server) failf(format string, args ...any) {
	if s.tb == nil {
		panic(fmt.Sprintf(format, args...))
	}
	s.tb.Helper()
	s.tb.Fatalf(format, args...)
}

func (s *service) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = []*standingRule{{Rule: Rule{Do: Refuse()}}}
	s.interceptors, s.late = nil, nil
	s.journal.close()
}

func (s *service) addRule(r Rule) *standingRule {
	s.mu.Lock()
	defer s.mu.Unlock()
	standing := stand(r, s.clock())
	s.rules = append(s.rules, standing)
	return standing
}

func (s *service) removeRule(r *standingRule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.rules, r); i >= 0 {
		s.rules = slices.Delete(s.rules, i, i+1)
	}
}

// refusesAll reports whether a rule in force keeps everybody from connecting.
func (s *service) refusesAll() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.rules, func(r *standingRule) bool {
		return r.Do.kind == faultRefuse && r.unconditional()
	})
}

var _ http.Handler = (*Server)(nil)
