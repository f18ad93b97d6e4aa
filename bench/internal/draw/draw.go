// Package draw draws figures as PNG files, with gonum's plot: SVG leaves the letters to whoever shows it, and they run into the
// bars where the font is another.
package draw

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/kinecast/kinecast/bench/internal/measure"
)

const width = 640 // points, of every picture

var (
	ink = []color.Color{ // told apart by everybody, after Okabe and Ito
		color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}, color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff},
		color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}, color.RGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff},
		color.RGBA{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff}, color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff},
	}
	pale = color.Gray{Y: 0x99}
)

// Picture is what every plot says of itself. One is where a ratio's base stands: a line is drawn there; 0 draws none.
type Picture struct {
	File, Title, Axis string
	One               float64
}

// Bars draws one horizontal bar for each name, the first one on top, with its median in figures and its quartiles as a whisker.
func Bars(pic Picture, names []string, figures []measure.Figure) error {
	n := len(names)
	p := frame(pic)
	p.X.Label.Text, p.X.Min = pic.Axis, 0
	values, labels, spread := make(plotter.Values, n), make([]string, n), quartiles{}
	texts := plotter.XYLabels{}
	for i, f := range figures {
		at := n - 1 - i // plots grow upwards
		values[at], labels[at] = f.Median, names[i]
		spread.XYs = append(spread.XYs, plotter.XY{X: f.Median, Y: float64(at)})
		spread.XErrors = append(spread.XErrors, struct{ Low, High float64 }{f.Low - f.Median, f.High - f.Median})
		texts.XYs = append(texts.XYs, plotter.XY{X: max(f.Median, f.High), Y: float64(at)})
		texts.Labels = append(texts.Labels, fmt.Sprintf("%.3g", f.Median))
	}
	bars, err := plotter.NewBarChart(values, vg.Points(14))
	if err != nil {
		return failed(pic, err)
	}
	bars.Horizontal, bars.Color, bars.LineStyle.Width = true, ink[0], 0
	whiskers, err := plotter.NewXErrorBars(spread)
	if err != nil {
		return failed(pic, err)
	}
	whiskers.Color, whiskers.CapWidth = pale, 6
	written, err := plotter.NewLabels(texts)
	if err != nil {
		return failed(pic, err)
	}
	written.Offset = vg.Point{X: 5, Y: -3.5}
	p.Add(bars, whiskers, written)
	p.NominalY(labels...)
	p.X.Max *= 1.1 // room for the figures
	if pic.One > 0 {
		base, err := plotter.NewLine(plotter.XYs{{X: pic.One, Y: -0.5}, {X: pic.One, Y: float64(n) - 0.5}})
		if err != nil {
			return failed(pic, err)
		}
		base.Color, base.Dashes = pale, []vg.Length{3, 3}
		p.Add(base)
	}
	return save(p, pic, vg.Length(n)*24+80)
}

type quartiles struct {
	plotter.XYs
	plotter.XErrors
}

// Curve is one line of a plot: a value for each of the plot's steps.
type Curve struct {
	Name string
	Y    []float64
}

// Lines draws curves over the same steps, which stand at equal distances.
func Lines(pic Picture, steps []string, curves []Curve) error {
	p := frame(pic)
	p.Y.Label.Text, p.Y.Min = pic.Axis, 0
	p.Add(plotter.NewGrid())
	p.Legend.Top, p.Legend.Left, p.Legend.Padding, p.Legend.XOffs = true, true, 3, 8
	for i, c := range curves {
		points := make(plotter.XYs, len(c.Y))
		for j := range c.Y {
			points[j] = plotter.XY{X: float64(j), Y: c.Y[j]}
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return failed(pic, err)
		}
		line.Color, line.Width, dots.Color, dots.Shape = ink[i%len(ink)], 1.5, ink[i%len(ink)], draw.CircleGlyph{}
		p.Add(line, dots)
		p.Legend.Add(c.Name, line)
	}
	p.NominalX(steps...)
	p.Y.Max *= 1.25 // room for the legend
	return save(p, pic, 300)
}

// frame is an empty plot in our hand.
func frame(pic Picture) *plot.Plot {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	p := plot.New()
	p.Title.Text, p.Title.Padding, p.BackgroundColor = pic.Title, 10, color.White
	p.Title.TextStyle.Font.Size, p.X.Padding = 13, 4
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(ticks), plot.TickerFunc(ticks)
	return p
}

// save leaves a margin all round, since a label may end where its axis does.
func save(p *plot.Plot, pic Picture, height vg.Length) error {
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144), vgimg.UseBackgroundColor(color.White))
	p.Draw(draw.Crop(draw.New(canvas), 10, -14, 6, -8))
	return write(pic, vgimg.PngCanvas{Canvas: canvas})
}

func failed(pic Picture, err error) error { return fmt.Errorf("the plot %s: %w", pic.File, err) }
