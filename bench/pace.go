package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/bench/internal/load"
	"github.com/kinecast/kinecast/bench/internal/measure"
)

// waits are what a slice at a steady rate came to.
type waits struct {
	times []float64 // from Put to result, of a sample, in milliseconds and in order
	rate  float64   // records a second that were put
	n     int       // records
}

// slices is how many make a figure where each is not half of a pair.
func (s *session) slices() int {
	if s.quick {
		return 4
	}
	return measure.Slices
}

const (
	// catchUp is how far behind its time a record may be put.
	catchUp = 5 * time.Millisecond
	// beyond is how long a load goes on when its last record has been watched, which is to end under load as the first did.
	beyond = 150 * time.Millisecond
	// sample is about how many records of a slice are watched; each has a callback, which the others have not.
	sample = 2000
)

// steadily puts standard records at a rate, a few each millisecond, for a time and beyond, and waits for the results of some that
// were put in that time, evenly chosen. Nobody flushes.
//
// What the machine has kept it from putting in time it leaves out, beyond a moment: put in a burst it would tell how others use
// the machine. So the rate is what was put, and may be less than was asked for.
func steadily(ctx context.Context, p *kinecast.Producer[[]byte], rate float64, span time.Duration) (waits, error) {
	var (
		w       waits
		mu      sync.Mutex
		results sync.WaitGroup
	)
	source := load.New(standard, 2)
	every, gap := max(int(rate*span.Seconds()/sample), 1), max(time.Duration(1e9/rate), 1)
	start := time.Now()
	for at, now := start, start; now.Sub(start) < span+beyond; now = time.Now() {
		if now.Sub(at) > catchUp {
			at = now.Add(-catchUp)
		}
		for ; !at.After(now); at = at.Add(gap) {
			w.n++
			if w.n%every != 0 || now.Sub(start) > span {
				if err := p.Put(ctx, source.Next()); err != nil {
					return w, fmt.Errorf("put: %w", err)
				}
				continue
			}
			results.Add(1)
			put := time.Now()
			err := p.PutAsync(ctx, source.Next(), func(kinecast.Result, error) {
				defer results.Done()
				mu.Lock()
				defer mu.Unlock()
				w.times = append(w.times, time.Since(put).Seconds()*1e3)
			})
			if err != nil {
				return w, fmt.Errorf("put: %w", err)
			}
		}
		if at.After(time.Now()) {
			time.Sleep(time.Millisecond)
		} else {
			runtime.Gosched() // it cannot keep up, and tries to
		}
	}
	w.rate = float64(w.n) / time.Since(start).Seconds()
	results.Wait()
	slices.Sort(w.times)
	return w, p.Err()
}

// quantile is that of each slice.
func quantile(all []waits, percent float64) measure.Figure {
	of := make([]float64, 0, len(all))
	for _, w := range all {
		of = append(of, stat.Quantile(percent/100, stat.Empirical, w.times, nil))
	}
	return measure.Of(of)
}
