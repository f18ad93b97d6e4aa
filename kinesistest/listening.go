package kinesistest

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// listening is one listener and the connections that came through it. Its goroutines are
// the one that accepts, and net/http's one for each connection.
type listening struct {
	handler  http.Handler
	listener net.Listener
	server   http.Server
	running  sync.WaitGroup

	mu      sync.Mutex
	over    bool                  // no call may begin any more
	waiting map[net.Conn]struct{} // connections on which no call is under way
}

// serve answers at a listener, by TLS if there is a certificate.
func serve(l net.Listener, h http.Handler, certificate *tls.Certificate) *listening {
	s := &listening{handler: h, listener: l, waiting: map[net.Conn]struct{}{}}
	s.server = http.Server{
		Handler:           http.HandlerFunc(s.admit),
		ConnState:         s.track,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		// There is no WriteTimeout: a fault may delay an answer for as long as it likes.
		IdleTimeout: 2 * time.Minute,
	}
	s.server.Protocols = new(http.Protocols)
	s.server.Protocols.SetHTTP1(true)
	s.server.Protocols.SetHTTP2(true)
	s.server.Protocols.SetUnencryptedHTTP2(true) // as the SDK for JavaScript speaks it without TLS
	if certificate != nil {
		l = secureListener{l, &tls.Config{
			Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		}}
	}
	s.running.Go(func() { _ = s.server.Serve(l) }) // it ends when the listener is closed
	return s
}

// secureListener speaks TLS itself, and hides that from net/http, which otherwise believes the
// handshake alone on whether the client speaks HTTP/2. The SDK for Java says nothing of it there,
// and speaks it all the same. Without TLS, net/http looks at what comes.
type secureListener struct {
	net.Listener
	config *tls.Config
}

func (l secureListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return secureConn{tls.Server(c, l.config)}, nil
}

// secureConn is a *tls.Conn that nobody takes for one.
type secureConn struct{ net.Conn }

// admit drops calls that come on a connection that was already given up: their bytes may
// have been read before it was closed.
func (s *listening) admit(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	over := s.over
	s.mu.Unlock()
	if over {
		panic(http.ErrAbortHandler)
	}
	s.handler.ServeHTTP(w, r)
}

// track is net/http's report on its connections.
func (s *listening) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.running.Add(1)
		fallthrough
	case http.StateIdle:
		if s.over {
			_ = c.Close()
		} else {
			s.waiting[c] = struct{}{}
		}
	case http.StateActive:
		delete(s.waiting, c)
	case http.StateClosed, http.StateHijacked: // which is hijacked to be reset
		delete(s.waiting, c)
		s.running.Done()
	}
}

// shut closes the listener and the connections on which nothing happens; calls under way
// are answered, and their connections closed after them.
func (s *listening) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	_ = s.listener.Close()
	for c := range s.waiting {
		_ = c.Close()
	}
}

// cut closes everything, calls under way included, and waits until all goroutines are done.
func (s *listening) cut() {
	s.shut()
	_ = s.server.Close()
	s.running.Wait()
}
