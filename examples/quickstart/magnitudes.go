package main

import (
	"fmt"
	"math"
)

// magnitudes counts events by whole magnitude: below 0, 0 to 1, and so on, the last one open at its end. Events
// without a magnitude are not counted.
type magnitudes [11]int

func (m *magnitudes) add(mag float64) {
	if !math.IsNaN(mag) {
		m[1+int(max(-1, min(9, math.Floor(mag))))]++
	}
}

// rows returns the bins from the first to the last that holds an event; none if no event has a magnitude.
func (m *magnitudes) rows() []row {
	first, last := len(m), -1
	for i, n := range m {
		if n > 0 {
			first, last = min(first, i), i
		}
	}
	var rows []row
	for i := first; i <= last; i++ {
		label := fmt.Sprintf("%d to %d", i-1, i)
		switch i {
		case 0:
			label = "below 0"
		case len(m) - 1:
			label = "9 and up"
		}
		rows = append(rows, row{label: label, n: m[i]})
	}
	return rows
}
