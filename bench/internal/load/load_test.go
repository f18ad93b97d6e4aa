package load_test

import (
	"testing"

	"github.com/kinecast/kinecast/bench/internal/load"
)

// keys counts the different keys of n records.
func keys(s *load.Source, n int) map[string]int {
	seen := map[string]int{}
	for range n {
		seen[string(s.Next()[:load.KeySize])]++
	}
	return seen
}

func TestKeys(t *testing.T) {
	t.Parallel()
	if got := len(keys(load.New(load.Spec{Size: 100}, 1), 10_000)); got != 10_000 {
		t.Errorf("%d different keys in 10,000 records that each have their own", got)
	}
	if got := len(keys(load.New(load.Spec{Size: 100, Keys: 7}, 1), 10_000)); got != 7 {
		t.Errorf("%d different keys of 7", got)
	}
	most := 0
	for _, n := range keys(load.New(load.Spec{Size: 100, Keys: 1000, Zipf: 1.2}, 1), 10_000) {
		most = max(most, n)
	}
	if most < 1000 {
		t.Errorf("the most frequent of 1000 Zipf keys came %d times of 10,000, want a tenth at least", most)
	}
}

func TestSeedsAreApart(t *testing.T) {
	t.Parallel()
	first := keys(load.New(load.Spec{Size: 100}, 1), 1000)
	for key := range keys(load.New(load.Spec{Size: 100}, 2), 1000) {
		if first[key] > 0 {
			t.Fatalf("seeds 1 and 2 share the key %s", key)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	s := load.New(load.Spec{Size: 100}, 1)
	for b.Loop() {
		s.Next()
	}
}
