package kinecast_test

import (
	"testing"
	"testing/synctest"

	"github.com/kinecast/kinecast/kinesistest"
)

// live is the life of a producer.
func live(t *testing.T) {
	t.Helper()
	srv := kinesistest.New(t, kinesistest.Stream("s", 2))
	p := newProducer(t, srv.Client())
	puts(t, p, 50)
	must(t, p.Close(t.Context()))
	must(t, p.Flush(t.Context())) // whose messages go to nobody
	wantStored(t, srv, "s", 50)
}

func liveInBubble(t *testing.T) {
	t.Helper()
	synctest.Test(t, live)
}

// TestBubbles runs producers in two bubbles and outside, in every order: what they share, the actor system of the
// process, belongs to no bubble. It is made by whoever comes first in a process, so each subtest says more when it runs
// alone.
func TestBubbles(t *testing.T) {
	for name, order := range map[string][]func(*testing.T){
		"bubble bubble outside": {liveInBubble, liveInBubble, live},
		"bubble outside bubble": {liveInBubble, live, liveInBubble},
		"outside bubble bubble": {live, liveInBubble, liveInBubble},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range order {
				t.Run("", f)
			}
		})
	}
}

// A producer outside lives on while others come and go in bubbles.
func TestBubblesInsideALongLife(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 2))
	p := newProducer(t, srv.Client())
	for i := range 4 {
		must(t, p.Put(t.Context(), string(rune('a'+i))))
		synctest.Test(t, func(t *testing.T) {
			inner := kinesistest.New(t, kinesistest.Stream("s", 2))
			puts(t, newProducer(t, inner.Client()), 50) // closed when the bubble ends
		})
		must(t, p.Flush(t.Context()))
	}
	must(t, p.Close(t.Context()))
	if n := len(places(t, srv, "s")); n != 4 {
		t.Errorf("%d records are stored, want 4", n)
	}
}
