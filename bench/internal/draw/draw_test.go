package draw

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/kinecast/kinecast/bench/internal/measure"
)

// An axis of any length has a few round numbers, the first and the last within it.
func TestTicks(t *testing.T) {
	for _, high := range []float64{0.003, 0.9, 1.64, 8, 80, 99.5, 155, 2083733} {
		got := ticks(0, high)
		if len(got) < 4 || len(got) > 9 {
			t.Errorf("0 to %v has %d ticks: %v", high, len(got), got)
		}
		if last := got[len(got)-1].Value; got[0].Value != 0 || last > high {
			t.Errorf("0 to %v has ticks from %v to %v", high, got[0].Value, last)
		}
	}
}

func TestPictures(t *testing.T) {
	bars, lines := Picture{File: filepath.Join(t.TempDir(), "bars.png"), Title: "Bars", Axis: "×", One: 1}, Picture{File: filepath.Join(t.TempDir(), "lines.png")}
	if err := Bars(bars, []string{"one", "two"}, []measure.Figure{measure.Once(1), measure.Once(2)}); err != nil {
		t.Error(err)
	}
	if err := Lines(lines, []string{"p50", "p99"}, []Curve{{"a", []float64{1, 2}}, {"b", []float64{3, 4}}}); err != nil {
		t.Error(err)
	}
	for _, pic := range []Picture{bars, lines} {
		f, err := os.Open(pic.File)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(f); err != nil {
			t.Errorf("%s: %v", pic.File, err)
		}
		f.Close()
	}
	if err := Lines(Picture{File: filepath.Join(t.TempDir(), "none", "x.png")}, []string{"p50"}, []Curve{{"a", []float64{1}}}); err == nil {
		t.Error("a picture in a folder that does not exist was written")
	}
}
