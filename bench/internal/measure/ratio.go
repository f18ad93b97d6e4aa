package measure

import (
	"context"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"
)

// Slices is how many pairs make a figure.
const Slices = 20

// Work does a slice of work and says how many units it was: records or bytes.
type Work func() (units int, err error)

// Figure is the median of several measurements, with the quartiles around it.
type Figure struct {
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
}

// Of is the figure of these measurements; of none it is all zero.
func Of(all []float64) Figure {
	if len(all) == 0 {
		return Figure{}
	}
	sorted := slices.Sorted(slices.Values(all))
	at := func(p float64) float64 { return stat.Quantile(p, stat.LinInterp, sorted, nil) }
	return Figure{at(0.25), at(0.5), at(0.75)}
}

// Once is a figure that was measured once.
func Once(v float64) Figure { return Figure{v, v, v} }

// Pair is what a comparison came to: nanoseconds a unit for both halves, and their ratio.
type Pair struct {
	Base  Figure `json:"base"`
	Work  Figure `json:"work"`
	Ratio Figure `json:"ratio"`
}

// Clock is what a comparison reads: CPU, or Elapsed.
type Clock func() time.Duration

// Elapsed is the time since the program began, for what is to be fast and not only cheap.
func Elapsed() time.Duration { return time.Since(begin) }

var begin = time.Now()

// Compare runs both halves in turn, n pairs of them, after one pair that does not count. It ends early with ctx's error.
func (clock Clock) Compare(ctx context.Context, n int, base, work Work) (Pair, error) {
	var bases, works, ratios []float64
	for i := range n + 1 {
		b, err := clock.cost(ctx, base)
		if err != nil {
			return Pair{}, err
		}
		w, err := clock.cost(ctx, work)
		if err != nil {
			return Pair{}, err
		}
		if i > 0 {
			bases, works, ratios = append(bases, b), append(works, w), append(ratios, w/b)
		}
	}
	return Pair{Of(bases), Of(works), Of(ratios)}, nil
}

// cost is the time of one slice, in nanoseconds a unit.
func (clock Clock) cost(ctx context.Context, w Work) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	start := clock()
	units, err := w()
	return float64(clock()-start) / float64(max(units, 1)), err
}

// Times is the figure in another unit.
func (f Figure) Times(by float64) Figure { return Figure{f.Low * by, f.Median * by, f.High * by} }
