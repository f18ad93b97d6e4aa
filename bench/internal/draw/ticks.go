package draw

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// ticks are at most eight round numbers from low to high: gonum's own choice leaves some axes with two, and writes "250.00".
func ticks(low, high float64) []plot.Tick {
	power := math.Pow(10, math.Floor(math.Log10((high-low)/8)))
	step := power
	for _, times := range []float64{2, 5, 10} {
		if (high-low)/step > 8 {
			step = power * times
		}
	}
	var found []plot.Tick
	for n := math.Ceil(low / step); n*step <= high; n++ {
		found = append(found, plot.Tick{Value: n * step, Label: strconv.FormatFloat(n*step, 'g', 6, 64)})
	}
	return found
}
