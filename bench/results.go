package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/kinecast/kinecast/bench/internal/measure"
)

// result is one figure.
type result struct {
	Scenario string         `json:"scenario"`
	Case     string         `json:"case"`
	What     string         `json:"what"` // is measured, with the base that it is compared to
	Unit     string         `json:"unit"`
	Figure   measure.Figure `json:"figure"`
	Position float64        `json:"position,omitempty"` // of the case on a plot's axis
}

// results are all figures of a run, in the order in which they were measured.
type results []result

// find is the figure of a scenario's case.
func (rs results) find(scenario, name, what string) (measure.Figure, bool) {
	for i := range rs {
		if r := &rs[i]; r.Scenario == scenario && r.Case == name && r.What == what {
			return r.Figure, true
		}
	}
	return measure.Figure{}, false
}

// table prints them.
func (rs results) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "scenario\tcase\twhat\tmedian\tquartiles\tunit")
	for i := range rs {
		r := &rs[i]
		spread := ""
		if r.Figure.Low != r.Figure.High {
			spread = short(r.Figure.Low) + " – " + short(r.Figure.High)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Scenario, r.Case, r.What, short(r.Figure.Median), spread, r.Unit)
	}
	return w.Flush()
}

// short prints a number with three digits that count.
func short(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 1000 || v <= -1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v < 0.001 && v > -0.001:
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
	digits := 2
	switch {
	case v >= 100 || v <= -100:
		digits = 0
	case v >= 10 || v <= -10:
		digits = 1
	case v < 0.1 && v > -0.1:
		digits = 4
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}
