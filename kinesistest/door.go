package kinesistest

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
)

// door is the HTTP door's listener: none before the first open, then one, except while a
// rule refuses connections, and none after close. The port stays the same throughout.
type door struct {
	handler     http.Handler
	listenAt    string
	certificate *tls.Certificate // nil: no TLS

	mu       sync.Mutex
	address  string     // "" until the first open
	refusing bool       // a rule lets nobody connect
	closed   bool       // for good
	current  *listening // nil unless somebody may connect
}

// open opens the door if it never was, and returns the base endpoint.
func (d *door) open() (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.address == "" {
		if d.closed {
			return "", errors.New("the server is closed")
		}
		if err := d.listen(d.listenAt); err != nil {
			return "", err
		}
		if d.refusing {
			d.shut()
		}
	}
	if d.certificate != nil {
		return "https://" + d.address, nil
	}
	return "http://" + d.address, nil
}

// follow shuts and opens the door as refuses will have it; asking under the lock makes the
// last of several changes the one that counts.
func (d *door) follow(refuses func() bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	refusing := refuses()
	if refusing == d.refusing || d.closed {
		return nil
	}
	d.refusing = refusing
	switch {
	case d.address == "":
		return nil
	case refusing:
		d.shut()
		return nil
	}
	return d.listen(d.address)
}

// close shuts the door for good and waits for all its goroutines.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.current != nil {
		d.current.cut()
		d.current = nil
	}
}

// listen lets clients connect. REQUIRES: the lock.
func (d *door) listen(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	d.address = l.Addr().String()
	d.current = serve(l, d.handler, d.certificate)
	return nil
}

// shut lets nobody connect any more. REQUIRES: the lock.
func (d *door) shut() {
	d.current.shut()
	d.current = nil
}
