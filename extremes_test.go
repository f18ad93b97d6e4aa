package kinecast_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
)

// The longest times there are mean what they say. In the KPL a very long RecordTtl overflows, and every record expires at
// once.
func TestLongestTimes(t *testing.T) {
	const longest = time.Duration(math.MaxInt64)
	for name, set := range map[string]func(*config){
		"RecordTTL":             func(c *config) { c.RecordTTL = longest },
		"RetryDuration":         func(c *config) { c.RetryDuration = longest },
		"both":                  func(c *config) { c.RecordTTL, c.RetryDuration = longest, longest },
		"RecordMaxBufferedTime": func(c *config) { c.RecordMaxBufferedTime = longest },
		"all": func(c *config) {
			c.RecordTTL, c.RetryDuration, c.RecordMaxBufferedTime = longest, longest, longest
		},
	} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Times: 3, Do: kinesistest.Refuse()})
			p := newProducer(t, srv.Client(), set)
			puts(t, p, 20)
			time.Sleep(time.Hour)
			stored := p.Stats().UserRecordsPut
			if lingers := name == "RecordMaxBufferedTime" || name == "all"; lingers != (stored == 0) {
				t.Errorf("after an hour %d records are stored", stored)
			}
			must(t, p.Checkpoint(t.Context()))
			wantStored(t, srv, "s", 20)
		})
	}
}

// Lingers, lifetimes and pauses go by times that a change of the computer's clock does not move: what the cores are handed
// are readings of the monotonic clock, and they keep them.
func TestTimesAreMonotonic(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Times: 1, Do: kinesistest.RecordError(throttled, "")})
	p := newProducer(t, srv.Client())
	r, err := p.PutSync(t.Context(), "v0")
	must(t, err)
	for n, a := range r.Attempts.All() {
		if !strings.Contains(a.Start.String(), " m=") { // how package time shows that a time has a monotonic reading
			t.Errorf("attempt %d of %d began at %v, by the wall clock alone", n, r.Attempts.Len(), a.Start)
		}
	}
	if r.Attempts.Len() < 2 {
		t.Errorf("%d attempts", r.Attempts.Len())
	}
	must(t, p.Close(t.Context()))
}
