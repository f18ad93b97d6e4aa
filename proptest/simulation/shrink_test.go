package simulation_test

import (
	"errors"
	"slices"
)

// shrink looks for a smaller plan that breaks the same law, by leaving out acts in ever smaller chunks (delta debugging, Zeller and
// Hildebrandt, 2002). What is decided on the way changes when an act is left out, so each candidate is tried with a few seeds.
func shrink(p *plan, first error) (*plan, error) {
	best, err := p, first
	tries := 0
	try := func(acts []act) bool {
		for seed := range uint64(3) {
			if tries++; tries > 3000 {
				return false
			}
			q := &plan{seed: best.seed + seed, cfg: best.cfg, acts: acts}
			if broken := newSim(q, &story{}, new([marks]int)).run(); broken != nil && lawOf(broken) == lawOf(first) {
				best, err = q, broken
				return true
			}
		}
		return false
	}
	for size := len(best.acts) / 2; size > 0; {
		removed := false
		for from := 0; from+size <= len(best.acts)-1; { // the last act is Close
			if try(slices.Delete(slices.Clone(best.acts), from, from+size)) {
				removed = true
			} else {
				from += size
			}
		}
		if !removed || size > len(best.acts)/2 {
			size /= 2
		}
	}
	return best, err
}

func lawOf(err error) string {
	var b breach
	errors.As(err, &b)
	return b.law
}
