//go:build !race

package kinecast

import (
	"fmt"
	"testing"
)

// Not under the race detector: there a sync.Pool forgets at random, and tables begin anew.

// Callers find what comes again, and stop looking for what does not.
func TestLookingPays(t *testing.T) {
	t.Parallel()
	var h keyHashes
	var few, many looking
	for i := range 10 * probe {
		h.of(fmt.Appendf(nil, "one of few keys, %d", i%50), &few)
		h.of(fmt.Appendf(nil, "one of many keys, %d", i), &many)
	}
	if few.rest != 0 {
		t.Error("50 keys: nobody looks any more")
	}
	if many.rest < pause-10*probe {
		t.Errorf("each its own key: %d are still not looked up, of %d", many.rest, pause)
	}
}
