package simulation_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// seeds is how many plans plain `go test` runs: the same ones each time.
const seeds = 2000

// table is what a number of runs came to.
type table struct {
	runs, steps int
	virtual     time.Duration
	count       [marks]int
}

func (t *table) add(o *table) {
	t.runs, t.steps, t.virtual = t.runs+o.runs, t.steps+o.steps, t.virtual+o.virtual
	for m := range t.count {
		t.count[m] += o.count[m]
	}
}

func (t *table) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%12d  seeds\n%12d  steps\n%12v  of virtual time\n", t.runs, t.steps, t.virtual.Round(time.Second))
	for m := markNone + 1; m < marks; m++ {
		fmt.Fprintf(&b, "%12d  %v\n", t.count[m], m)
	}
	return b.String()
}

// one runs one seed.
func (t *table) one(seed uint64) (*plan, error) {
	p := draw(seed)
	s := newSim(p, &story{}, &t.count)
	err := s.run()
	t.runs, t.steps, t.virtual = t.runs+1, t.steps+s.steps, t.virtual+s.now
	return p, err
}

// sweepSeeds runs seeds on all processors until next says that there are no more, or one fails.
func sweepSeeds(t *testing.T, next func() (uint64, bool)) *table {
	var all table
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			var own table
			for seed, ok := next(); ok && !t.Failed(); seed, ok = next() {
				p, err := own.one(seed)
				if err == nil {
					continue
				}
				mu.Lock()
				if !t.Failed() {
					t.Errorf("seed %d breaks a law; the smallest plan found that does:\n%s", seed, tell(shrink(p, err)))
				}
				mu.Unlock()
			}
			mu.Lock()
			defer mu.Unlock()
			all.add(&own)
		})
	}
	wg.Wait()
	return &all
}

// TestSimulation is the law of laws, on 2,000 plans. One that fails prints its seed, which is to be put into TestSeed.
func TestSimulation(t *testing.T) {
	n := uint64(seeds)
	if testing.Short() || raced {
		n = 200
	}
	var last atomic.Uint64
	all := sweepSeeds(t, func() (uint64, bool) {
		seed := last.Add(1)
		return seed, seed <= n
	})
	t.Logf("\n%v", all)
	for m := markNone + 1; m < marks && n == seeds && !t.Failed(); m++ {
		if all.count[m] == 0 {
			t.Errorf("no %v in all runs: what never happens is not tested", m)
		}
	}
}

// TestSoak runs new seeds for as many minutes as KINECAST_SOAK says: make soak MINUTES=10.
func TestSoak(t *testing.T) {
	minutes, err := strconv.ParseFloat(os.Getenv("KINECAST_SOAK"), 64)
	if err != nil {
		t.Skip("KINECAST_SOAK is not a number of minutes; use make soak MINUTES=10")
	}
	start := time.Now()
	end := start.Add(time.Duration(minutes * float64(time.Minute)))
	first := uint64(start.UnixNano())
	var last atomic.Uint64
	all := sweepSeeds(t, func() (uint64, bool) { return first + last.Add(1), time.Now().Before(end) })
	fmt.Printf("simulation, seeds from %d on:\n%v", first+1, all)
}

// TestSeed runs one seed: KINECAST_SEED=17 go test ./proptest/simulation -run TestSeed -v.
func TestSeed(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv("KINECAST_SEED"), 10, 64)
	if err != nil {
		t.Skip("KINECAST_SEED is no seed")
	}
	var own table
	if p, err := own.one(seed); err != nil {
		t.Errorf("%s", tell(shrink(p, err)))
	}
	t.Logf("\n%v", &own)
}

// TestSameSeedSameRun compares the digests of all that happened, on one processor and on two.
func TestSameSeedSameRun(t *testing.T) {
	digest := func(seed uint64) uint64 {
		s := &story{}
		if err := newSim(draw(seed), s, new([marks]int)).run(); err != nil {
			t.Fatal(err)
		}
		return s.digest
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var want [50]uint64
	for i := range want {
		want[i] = digest(uint64(i))
	}
	runtime.GOMAXPROCS(2)
	distinct := map[uint64]bool{}
	for i := range want {
		runtime.GC() // pools are empty then
		if got := digest(uint64(i)); got != want[i] {
			t.Errorf("seed %d: another run", i)
		}
		distinct[want[i]] = true
	}
	if len(distinct) < len(want) {
		t.Errorf("%d digests of %d seeds", len(distinct), len(want))
	}
}
