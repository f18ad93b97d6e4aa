package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/kinecast/kinecast/bench/internal/draw"
	"github.com/kinecast/kinecast/bench/internal/measure"
)

// write hands out the results in every form that was asked for.
func (s *session) write(stdout io.Writer) error {
	if s.json == "-" {
		return s.encode(stdout)
	}
	if err := s.results.table(stdout); err != nil {
		return err
	}
	for _, note := range s.notes {
		fmt.Fprintln(stdout, "left out:", note)
	}
	if s.json != "" {
		f, err := os.Create(s.json)
		if err != nil {
			return fmt.Errorf("-json: %w", err)
		}
		if err := s.encode(f); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return fmt.Errorf("-json: %w", err)
		}
	}
	if s.plots != "" {
		if err := s.draw(); err != nil {
			return err
		}
	}
	if s.page != "" {
		return s.fill(s.page)
	}
	return nil
}

func (s *session) encode(to io.Writer) error {
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Command string   `json:"command"`
		Machine string   `json:"machine"`
		Results results  `json:"results"`
		LeftOut []string `json:"leftOut"`
	}{s.command(), machine(), s.results, s.notes})
}

// command is how to measure this again.
func (s *session) command() string {
	text := "go run ./bench"
	if s.quick {
		text += " -quick"
	}
	if s.only.String() != "" {
		text += fmt.Sprintf(" -run %q", s.only)
	}
	if s.rivals != "sdk" {
		text += " -rivals " + s.rivals
	}
	return text
}

func machine() string {
	return fmt.Sprintf("%s %s/%s, %d CPUs, %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor())
}

// processor is the name that Linux gives it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere there is none, and no name
	_, rest, _ := strings.Cut(string(text), "model name")
	line, _, _ := strings.Cut(rest, "\n")
	_, name, found := strings.Cut(line, ": ")
	if !found {
		return "unknown processor"
	}
	return name
}

// plot is one picture: the cases of a scenario, by one figure.
type plot struct {
	file, title, axis, scenario, what string
	one                               float64 // where the base of a ratio stands
}

var plots = []plot{
	{"floor", "What a 100-byte record costs at least", "ns of CPU a record", "floor", "CPU", 0},
	{"profile", "Where a record's nanoseconds go", "ns of CPU a record", "profile", "CPU", 0},
	{"callers", "Callers", "CPU of a record, × floor", "callers", cpuToFloor, 1},
	{"sizes", "Sizes of records", "CPU of a record, × floor", "sizes", cpuToFloor, 1},
	{"keys", "Different keys", "CPU of a record, × floor", "keys", cpuToFloor, 1},
	{"shards", "Shards", "CPU of a record, × at 10 shards", "shards", cpuToTen, 1},
	{"units", "PUT units for a million records of 100 bytes", "units", "units", "PUT units", 0},
	{"rivals", "CPU of a record, beside kinecast's", "× kinecast's", "rivals", "kinecast's records per CPU-second / the rival's", 1},
	{"rivals-memory", "Peak memory of all processes", "MiB", "rivals", "peak memory", 0},
}

// draw draws what the run has figures for.
func (s *session) draw() error {
	if err := os.MkdirAll(s.plots, 0o750); err != nil {
		return fmt.Errorf("-plots: %w", err)
	}
	for _, p := range plots {
		var names []string
		var figures []measure.Figure
		for i := range s.results {
			if r := &s.results[i]; r.Scenario == p.scenario && r.What == p.what {
				names, figures = append(names, title(r.Case)), append(figures, r.Figure)
			}
		}
		if len(names) == 0 {
			continue
		}
		if p.file == "rivals" { // each against us, who are not a case
			names, figures = append([]string{"kinecast"}, names...), append([]measure.Figure{measure.Once(1)}, figures...)
		}
		if err := draw.Bars(s.picture(p), names, figures); err != nil {
			return err
		}
	}
	return s.drawLatency()
}

// title is what a picture calls a case.
func title(name string) string {
	switch name {
	case "kpl":
		return "the official KPL"
	case "sdk":
		return "the SDK's PutRecords"
	}
	return name
}

func (s *session) picture(p plot) draw.Picture {
	return draw.Picture{File: filepath.Join(s.plots, p.file+".png"), Title: p.title, Axis: p.axis, One: p.one}
}

// drawLatency draws a curve for each case that has percentiles.
func (s *session) drawLatency() error {
	var steps []string
	var curves []draw.Curve
	for i := range s.results {
		r := &s.results[i]
		if r.Scenario != "latency" || r.Position == 0 {
			continue
		}
		if len(curves) == 0 || curves[len(curves)-1].Name != r.Case {
			curves = append(curves, draw.Curve{Name: r.Case})
		}
		if len(curves) == 1 {
			steps = append(steps, fmt.Sprintf("p%g", r.Position))
		}
		c := &curves[len(curves)-1]
		c.Y = append(c.Y, r.Figure.Median)
	}
	if len(curves) == 0 {
		return nil
	}
	return draw.Lines(s.picture(plot{file: "latency", title: "From Put to its result", axis: "ms"}), steps, curves)
}
