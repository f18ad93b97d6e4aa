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
}

var plots = []plot{
	{"floor", "What a 100-byte record costs at least", "ns of CPU a record", "floor", "CPU"},
	{"profile", "Where a record's nanoseconds go", "ns of CPU a record", "profile", "CPU"},
	{"callers", "Callers", "CPU a record, × floor", "callers", cpuToFloor},
	{"sizes", "Sizes of records", "CPU a record, × floor", "sizes", cpuToFloor},
	{"keys", "Different keys", "CPU a record, × floor", "keys", cpuToFloor},
	{"shards", "Shards", "CPU a record, × at 10 shards", "shards", cpuToTen},
	{"units", "PUT units for a million records of 100 bytes", "units", "units", "PUT units"},
	{"rivals", "A rival's CPU for a record", "× kinecast's", "rivals", "kinecast's records per CPU-second / the rival's"},
	{"rivals-memory", "A rival's peak memory", "MiB", "rivals", "peak memory"},
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
				names, figures = append(names, r.Case), append(figures, r.Figure)
			}
		}
		if len(names) == 0 {
			continue
		}
		if err := draw.Bars(filepath.Join(s.plots, p.file+".png"), p.title, p.axis, names, figures); err != nil {
			return err
		}
	}
	var curves []draw.Curve
	for _, name := range []string{"low load, 1,000 records/s", "half load"} {
		c := draw.Curve{Name: name}
		for i := range s.results {
			if r := &s.results[i]; r.Scenario == "latency" && r.Case == name && r.Position > 0 {
				c.X, c.Y = append(c.X, r.Position), append(c.Y, r.Figure.Median)
			}
		}
		if len(c.X) > 0 {
			curves = append(curves, c)
		}
	}
	if len(curves) == 0 {
		return nil
	}
	return draw.Lines(filepath.Join(s.plots, "latency.png"), "Put to result", "percentile", "ms", curves)
}
