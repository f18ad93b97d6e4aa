// Package draw draws figures as PNG files, with gonum's plot: SVG leaves the letters to whoever shows it, and they run into the
// bars where the font is another.
package draw

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/kinecast/kinecast/bench/internal/measure"
)

var ink = []color.Color{color.RGBA{R: 0x2b, G: 0x6c, B: 0xb0, A: 0xff}, color.RGBA{R: 0xdd, G: 0x6b, B: 0x20, A: 0xff}}

// Bars draws one horizontal bar for each name, the first one on top, with its quartiles as a whisker.
func Bars(file, title, axis string, names []string, figures []measure.Figure) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.X.Min = title, axis, 0
	p.BackgroundColor, p.Title.Padding = color.White, 6
	n := len(names)
	values, labels := make(plotter.Values, n), make([]string, n)
	spread := quartiles{}
	for i := range names {
		at := n - 1 - i // plots grow upwards
		values[at], labels[at] = figures[i].Median, fmt.Sprintf("  %s   %.3g", names[i], figures[i].Median)
		spread.XYs = append(spread.XYs, plotter.XY{X: figures[i].Median, Y: float64(at)})
		spread.XErrors = append(spread.XErrors, struct{ Low, High float64 }{figures[i].Low - figures[i].Median, figures[i].High - figures[i].Median})
	}
	bars, err := plotter.NewBarChart(values, vg.Points(14))
	if err != nil {
		return fmt.Errorf("the plot %s: %w", file, err)
	}
	bars.Horizontal, bars.Color, bars.LineStyle.Width = true, ink[0], 0
	whiskers, err := plotter.NewXErrorBars(spread)
	if err != nil {
		return fmt.Errorf("the plot %s: %w", file, err)
	}
	p.Add(bars, whiskers)
	p.X.Max *= 1.04
	p.NominalY(labels...)
	return save(p, file, vg.Length(n)*24+90)
}

type quartiles struct {
	plotter.XYs
	plotter.XErrors
}

// Curve is one line of a plot.
type Curve struct {
	Name string
	X, Y []float64
}

// Lines draws curves over the same axes.
func Lines(file, title, x, y string, curves []Curve) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text, p.Y.Min = title, x, y, 0
	p.BackgroundColor, p.Title.Padding = color.White, 6
	p.Legend.Top, p.Legend.Left = true, true
	for i, c := range curves {
		points := make(plotter.XYs, len(c.X))
		for j := range c.X {
			points[j] = plotter.XY{X: c.X[j], Y: c.Y[j]}
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("the plot %s: %w", file, err)
		}
		line.Color, dots.Color = ink[i%len(ink)], ink[i%len(ink)]
		p.Add(line, dots)
		p.Legend.Add(c.Name, line)
	}
	return save(p, file, 280)
}

func save(p *plot.Plot, file string, height vg.Length) error {
	if err := p.Save(640, height, file); err != nil {
		return fmt.Errorf("the plot %s: %w", file, err)
	}
	return nil
}
