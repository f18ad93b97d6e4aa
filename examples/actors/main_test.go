package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

func Example() {
	main()
	// Output:
	// sink: the queue was full; waited for Ready, sent again in order
	// sink: 2000 sales stored, and closed
	// auditor: stream "audit" is missing (ResourceNotFoundException); created it: resume
	// auditor: 20 sums stored, and closed
	// read back: 2000 orders and 20 sums, each exactly once; each customer's orders in order
}

// A stream that is missing and cannot be created: the auditor's answer is stop, and the program says so and fails.
func TestStop(t *testing.T) {
	t.Parallel()
	server := kinesistest.New(t, kinesistest.Stream("sales", 1))
	server.Inject(kinesistest.Rule{
		On: kinesistest.CreateStream, Do: kinesistest.CallError(400, "LimitExceededException", "too many streams"),
	})
	var out strings.Builder
	err := run(&out, server, orders(200))
	if !errors.Is(err, kinecast.ErrClosed) || !strings.Contains(out.String(), "auditor: create stream \"audit\": ") {
		t.Errorf("got %v and %q", err, out.String())
	}
}

// The check can fail, and says what is wrong.
func TestReadBackFinds(t *testing.T) {
	t.Parallel()
	server := kinesistest.New(t, kinesistest.Stream("sales", 1), kinesistest.Stream("audit", 1))
	var out strings.Builder
	err := readBack(&out, server, 1)
	if err == nil || !strings.Contains(err.Error(), "order 0 is in its stream 0 times") || out.Len() > 0 {
		t.Errorf("got %v and %q", err, out.String())
	}
}
