package kinesistest_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/kinecast/kinecast/kinesistest"
)

// dials reports whether anybody listens at the server's URL.
func dials(t *testing.T, url string) bool {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatal(err)
		}
		return false
	}
	c.Close()
	return true
}

// Two rules that refuse keep the listener closed until both are gone; the port stays.
func TestRefuseClosesTheListener(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1))
	url, c := s.URL(), sdkClient(s, "AKID")
	for round := range 3 {
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
		removeOne := s.Inject(kinesistest.Rule{Do: kinesistest.Refuse()})
		removeOther := s.Inject(kinesistest.Rule{Do: kinesistest.Refuse()})
		removeOne()
		if dials(t, url) {
			t.Fatalf("round %d: somebody listens", round)
		}
		_, err := c.PutRecords(context.Background(), put("a", "k")) // it has an idle connection
		if _, ok := errors.AsType[*smithyhttp.RequestSendError](err); !ok {
			t.Fatalf("round %d: error %v, want a RequestSendError", round, err)
		}
		removeOther()
		if !dials(t, url) || s.URL() != url {
			t.Fatalf("round %d: nobody listens at %s", round, url)
		}
	}
	if n := stored(s, "a"); n != 3 {
		t.Errorf("%d records stored, want 3", n)
	}
}

// A rule that stands before the door is opened holds for it.
func TestRefuseBeforeURL(t *testing.T) {
	s := kinesistest.New(t)
	remove := s.Inject(kinesistest.Rule{Do: kinesistest.Refuse()})
	if dials(t, s.URL()) {
		t.Error("somebody listens")
	}
	remove()
	if !dials(t, s.URL()) {
		t.Error("nobody listens")
	}
}

func TestClose(t *testing.T) {
	tb := &fakeTB{TB: t}
	s := kinesistest.New(tb, kinesistest.Stream("a", 1))
	c := sdkClient(s, "AKID")
	must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
	url := s.URL()
	s.Close()
	s.Close()
	if dials(t, url) {
		t.Error("somebody listens after Close")
	}
	unused := sdkClient(s, "AKID") // the other may find its connection broken first
	for _, c := range []client{unused, s.Client()} {
		if _, err := c.PutRecords(context.Background(), put("a", "k")); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("error %v, want ECONNREFUSED", err)
		}
	}
	s.Inject(kinesistest.Rule{Do: kinesistest.Refuse()})()
	if dials(t, url) || len(s.Calls()) != 1 || stored(s, "a") != 1 {
		t.Error("Close did not hold")
	}

	unopened := kinesistest.New(tb)
	unopened.Close()
	unopened.URL()
	if len(tb.fatal) != 1 {
		t.Errorf("%d complaints about URL after Close, want 1", len(tb.fatal))
	}
}

// A program has no test to fail: misuse panics.
func TestStartPanics(t *testing.T) {
	s, err := kinesistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, `there is no stream "nowhere"`) {
			t.Errorf("panic %q", text)
		}
	}()
	s.Records("nowhere")
}

// Puts at both doors, faults coming and going, inspection: all at once.
func TestConcurrentUse(t *testing.T) {
	const writers, calls = 4, 25
	s := kinesistest.New(t, kinesistest.Stream("a", 3))
	overHTTP := sdkClient(s, "AKID")
	var wg sync.WaitGroup
	for w := range writers {
		var c client = s.Client()
		if w%2 == 0 {
			c = overHTTP
		}
		wg.Go(func() {
			for range calls {
				if out, err := c.PutRecords(context.Background(), put("a", "x", "y", "z")); err != nil || len(out.Records) != 3 {
					t.Errorf("%v, %v", out, err)
				}
			}
		})
	}
	wg.Go(func() {
		for range calls {
			s.Inject(kinesistest.Rule{Key: "nobody's", Do: kinesistest.RecordError(throttled, "m")})()
			s.Records("a")
			s.Calls()
		}
	})
	wg.Wait()
	if n := stored(s, "a"); n != writers*calls*3 {
		t.Errorf("%d records stored, want %d", n, writers*calls*3)
	}
}
