//go:build unix

package kinesistest_test

import (
	"net/http"
	"testing"

	"github.com/kinecast/kinecast/kinesistest"
)

// A call of 500 records costs the server a fixed number of allocations, none for each record.
func TestAllocations(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("bench", 4, kinesistest.Keep(0)))
	body := benchBody(t, benchInput(500, 100))
	w := discard{header: http.Header{}}
	request := func() { s.ServeHTTP(&w, benchRequest(body)) }
	request()
	if n := testing.AllocsPerRun(20, request); n > 100 || w.status != http.StatusOK {
		t.Errorf("%v allocations a call, status %d", n, w.status)
	}
}
