package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A run in order is proved by what is read back, reshards and all; a run without is not asked.
func TestOrdered(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-ordered"}, {"-ordered", "-reshard", "-repeat", "10"}, {"-ordered", "-key", "properties.type"}, {}} {
		o := execute(t, nil, append(args, "-json")...)
		o.want(t, exitProved)
		if f := o.figures(t); f.Inverted != 0 || f.Ordered != slices.Contains(args, "-ordered") || !f.Proved {
			t.Errorf("%v: %+v", args, f)
		}
	}
	o := execute(t, nil, "-ordered")
	if o.want(t, exitProved); !strings.Contains(o.stdout, "in order: 0 records before an earlier one of their key") {
		t.Errorf("the proof does not speak of order:\n%s", o.stdout)
	}
}

// Sequence numbers are larger than any integer.
func TestMoments(t *testing.T) {
	order := []moment{{}, {"9", 0}, {"9", 2}, {"10", 1}, {"49500000000000000000000000000000000000000000000000000001", 0}}
	for i, m := range order {
		for k, n := range order {
			if m.before(n) != (i < k) {
				t.Errorf("%v before %v: %v", m, n, m.before(n))
			}
		}
	}
}

// Whatever the places of the copies: those are counted whose first copy comes before that of an earlier record of the key.
func TestInversionsAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := testFeed(rapid.IntRange(1, 12).Draw(t, "events"), true)
		for i := range f.quakes {
			f.quakes[i].Key = strconv.Itoa(i % 3)
		}
		j := deliveredJournal(f, 1)
		p := newProof(j, 3, true)
		moments := rapid.Permutation(func() (all []int) {
			for i := range 2 * len(j.fates) {
				all = append(all, i)
			}
			return all
		}()).Draw(t, "moments")
		at := func(i int) moment { return moment{fmt.Sprint(moments[i] / 2), moments[i] % 2} }
		want, last := 0, map[string]int{}
		var stored []found
		for serial := range j.fates {
			first := intact(j, serial)
			first.at = at(2 * serial)
			stored = append(stored, first)
			n := moments[2*serial]
			if rapid.Bool().Draw(t, "copied") {
				second := first
				second.place, second.at = placeOf("elsewhere", strconv.Itoa(serial), 0), at(2*serial+1)
				stored = append(stored, second)
				n = min(n, moments[2*serial+1])
			}
			key := f.quakes[serial].Key
			if before, known := last[key]; known && n < before {
				want++
			} else {
				last[key] = n
			}
		}
		for _, r := range rapid.Permutation(stored).Draw(t, "read") {
			p.observe(r)
		}
		if v := p.conclude(); v.inverted != want || want > 0 && v.proved(true) {
			t.Fatalf("%d inversions, want %d; proved: %v", v.inverted, want, v.proved(true))
		}
	})
}
