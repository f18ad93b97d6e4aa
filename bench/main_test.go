package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kinecast/kinecast/bench/internal/far"
	"github.com/kinecast/kinecast/bench/internal/load"
	"github.com/kinecast/kinecast/bench/internal/measure"
)

// The server is this very program, here the tests, under another verb.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == far.Verb {
		if err := far.Main(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 1 && os.Args[1] == rivalVerb {
		if err := contend(context.Background(), os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// A slice ends when all of it is stored, and the server counts it.
func TestPuts(t *testing.T) {
	t.Parallel()
	g, err := setUp(t.Context(), far.Options{Shards: 3}, config())
	must(t, err)
	n, err := puts(t.Context(), g.producer, standard, 2, 1000)()
	must(t, err)
	if stored := g.producer.Stats().UserRecordsPut; n != 1000 || stored != 1000 {
		t.Errorf("a slice of %d, %d stored, want 1000", n, stored)
	}
	f, err := g.server.Figures()
	must(t, err)
	const atLeast = 1000 * (100 + 2)
	if f.Requests < 1 || f.Records < 3 || f.Bytes < atLeast || f.Units < f.Records || f.Units*far.Unit < f.Bytes {
		t.Errorf("the server counted %+v", f)
	}
	must(t, g.close(t.Context()))
}

// A steady rate watches records that have all ended when it returns, and puts no more than it was asked for.
func TestSteadily(t *testing.T) {
	t.Parallel()
	g, err := setUp(t.Context(), far.Options{Shards: 2}, config())
	must(t, err)
	const rate = 20_000
	start := time.Now()
	w, err := steadily(t.Context(), g.producer, rate, 100*time.Millisecond)
	must(t, err)
	if most := int(rate*time.Since(start).Seconds()) + 1; w.n == 0 || w.n > most || len(w.times) == 0 || len(w.times) > w.n {
		t.Errorf("%d records, %d of them watched, want some, and %d at most", w.n, len(w.times), most)
	}
	if !slices.IsSorted(w.times) || w.times[0] <= 0 {
		t.Errorf("times to the result are %v ms", w.times)
	}
	if low, high := quantile([]waits{w}, 50), quantile([]waits{w}, 99); low.Median > high.Median {
		t.Errorf("the median is %v, above the 99th percentile, %v", low.Median, high.Median)
	}
	must(t, g.producer.Checkpoint(t.Context()))
	if stored := g.producer.Stats().UserRecordsPut; stored != int64(w.n) {
		t.Errorf("%d records were put, %d stored", w.n, stored)
	}
	must(t, g.close(t.Context()))
}

// The client that discards puts every record where the producer put it: nothing is judged misplaced and sent again.
func TestDiscard(t *testing.T) {
	t.Parallel()
	p, end, err := discarding(t.Context(), 16, config())
	must(t, err)
	_, err = puts(t.Context(), p, standard, 2, 20_000)()
	must(t, err)
	if s := p.Stats(); s.UserRecordsPut != 20_000 || s.Retries != 0 {
		t.Errorf("%d put, %d retries", s.UserRecordsPut, s.Retries)
	}
	must(t, end())
}

// The program measures, prints, encodes, draws and fills the page.
func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page := filepath.Join(dir, "page.md")
	const marks = "before\n<!-- bench:targets -->\nold\n<!-- /bench:targets -->\n" +
		"<!-- bench:figures -->\n<!-- /bench:figures -->\n<!-- bench:machine -->\n<!-- /bench:machine -->\nafter\n"
	must(t, os.WriteFile(page, []byte(marks), 0o600))
	set, err := parse([]string{"-quick", "-run", "^allocations|units$", "-json", filepath.Join(dir, "out.json"), "-plots", dir, "-page", page}, io.Discard)
	must(t, err)
	var out strings.Builder
	must(t, set.run(t.Context(), &out, io.Discard))
	if !strings.Contains(out.String(), "PUT units") {
		t.Errorf("the table is\n%s", &out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "out.json"))
	must(t, err)
	var read struct{ Results results }
	must(t, json.Unmarshal(text, &read))
	if f, found := read.Results.find("units", "kinecast, no aggregation", "PUT units"); !found || f.Median != 1e6 {
		t.Errorf("without aggregation a million records are %v PUT units", f.Median)
	}
	text, err = os.ReadFile(page)
	must(t, err)
	for _, want := range []string{"before\n", "after\n", "| allocations of Put | ≤ 0.05", "| PUT units |", "go run ./bench -quick"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "old") {
		t.Error("the old table is still there")
	}
	if drawn, err := os.ReadFile(filepath.Join(dir, "units.png")); err != nil || !strings.HasPrefix(string(drawn), "\x89PNG") {
		t.Errorf("the plot: %v", err)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"is no flag":    {"extra"},
		"error parsing": {"-run", "("},
	} {
		if _, err := parse(args, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", args, err, want)
		}
	}
	set, err := parse([]string{"-run", "nonesuch"}, io.Discard)
	must(t, err)
	if err := set.run(t.Context(), io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "no scenario") {
		t.Errorf("error %v", err)
	}
}

// Every number to reach belongs to a scenario, and says when it is missed.
func TestTargets(t *testing.T) {
	t.Parallel()
	for i := range targets {
		target := &targets[i]
		if !slices.ContainsFunc(scenarios(), func(s scenario) bool { return s.name == target.scenario }) {
			t.Errorf("%s: there is no scenario %q", target.number, target.scenario)
		}
		for _, c := range []struct {
			value  float64
			missed bool
		}{{target.most, false}, {target.most * 2, !target.least}, {target.most / 2, target.least}} {
			rs := results{{Scenario: target.scenario, Case: target.name, What: target.what, Figure: measure.Once(c.value)}}
			if got := target.reached(rs); strings.Contains(got, "missed") != c.missed {
				t.Errorf("%s, %s: %v is %q", target.number, target.limit(), c.value, got)
			}
		}
		if got := target.reached(nil); got != "not measured in this run" {
			t.Errorf("%s without a figure: %q", target.number, got)
		}
	}
}

func BenchmarkFloor(b *testing.B) {
	server, err := far.Start(b.Context(), far.Options{Shards: 1})
	must(b, err)
	drain, err := server.Drain(b.Context())
	must(b, err)
	f := newFloor(standard.Size, load.KeySize, drain)
	for _, t := range append(slices.Clone(terms), floorTerm{name: "all", do: func(f *floor) { f.all(false) }}) {
		b.Run(t.name, func(b *testing.B) {
			start := measure.CPU()
			for b.Loop() {
				t.do(f)
			}
			b.ReportMetric(float64(measure.CPU()-start)/float64(b.N*f.records*f.entries), "cpu-ns/record")
		})
	}
	must(b, drain.Close())
	must(b, server.Close())
}

// BenchmarkProducer is what a producer takes for the records of BenchmarkFloor, from Put to the result.
func BenchmarkProducer(b *testing.B) {
	for _, callers := range []int{1, 4} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			g, err := setUp(b.Context(), far.Options{Shards: 10}, config())
			must(b, err)
			b.ReportAllocs()
			b.ResetTimer()
			start := measure.CPU()
			_, err = puts(context.Background(), g.producer, standard, callers, max(b.N, callers))()
			must(b, err)
			b.ReportMetric(float64(measure.CPU()-start)/float64(b.N), "cpu-ns/record")
			b.StopTimer()
			must(b, g.close(context.Background()))
		})
	}
}
