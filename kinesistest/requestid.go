package kinesistest

import "fmt"

// requestID returns a new id in the form of a UUID. The ids of a server count up, so that a
// run in a synctest bubble gives the same ones each time.
func (s *service) requestID() string {
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", s.requests.Add(1))
}
