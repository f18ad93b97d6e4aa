package kinecast

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/kinecast/kinecast/actors"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/internal/ledger"
	"github.com/kinecast/kinecast/internal/wire"
)

// Whoever leaves when the grant has come already gives it on.
func TestGrantIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &supervisor{ledger: ledger.New(1, 1), closing: make(chan struct{}), tree: &actors.Tree{}, figures: figures.New(0, 0)}
		st := newStream(s, "s", wire.Stream{})
		r := &s.ledger.Records
		if !r.Try(1) {
			t.Fatal("an empty room is full")
		}
		ctx, cancel := context.WithCancel(t.Context())
		room := func(ctx context.Context, done chan<- error) {
			a := admission{supervisor: s, ctx: ctx, stream: st}
			done <- a.room(r, 1)
		}
		first, second := make(chan error, 1), make(chan error, 1)
		go room(ctx, first)
		synctest.Wait()
		go room(t.Context(), second)
		synctest.Wait()
		cancel()
		r.Give(1) // races with cancel: the first has it or leaves, and the second gets it sooner or later
		if err := <-first; err == nil {
			r.Give(1)
		} else if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := <-second; err != nil {
			t.Error(err)
		}
	})
}
