package kinecast

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/kinecast/kinecast/internal/ledger"
)

// Whoever leaves when the grant has come already gives it on.
func TestGrantIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &ledger.New(1, 1).Records
		if !r.Try(1) {
			t.Fatal("an empty room is full")
		}
		never := stop{when: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- await(ctx, r, r.Join(1), never, never) }()
		synctest.Wait()
		go func() { second <- await(t.Context(), r, r.Join(1), never, never) }()
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
