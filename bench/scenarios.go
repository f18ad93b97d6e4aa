package main

import (
	"context"
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/kinecast/kinecast/bench/internal/measure"
)

// scenario is a question with several cases.
type scenario struct {
	name  string
	about string
	quick bool // is part of -quick
	run   func(context.Context, *session) error
}

// scenarios are all there are, in the order in which they run.
func scenarios() []scenario {
	return []scenario{
		{"floor", "what the bytes of a record cost, term by term", true, floorTerms},
		{"wire", "a PutRecords call by internal/wire, against base64, SHA-256 and a write of as many bytes", true, wireBytes},
		{"end to end", "a record from Put to its result, against the floor", true, endToEnd},
		{"callers", "the same with 1, 4 and 16 callers", true, callers},
		{"put", "the caller's side alone: 4 callers against one, with a client that discards", true, putAlone},
		{"allocations", "heap allocations of a record", true, allocations},
		{"sizes", "records of 50 B to 1 MiB", false, sizes},
		{"keys", "1 to a million different keys", false, keys},
		{"shards", "10 to 10,000 shards with full aggregates, against 10", false, shards},
		{"latency", "a lone PutSync, and Put to result at low and half load", true, latency},
		{"linger", "latency and PUT units with the default linger and with NoLinger, at low, half and full load over 10 ms", false, lingers},
		{"throttled", "what a shard that throttles takes of what it could", false, throttled},
		{"order", "PerKey order over a distance of 20 ms, against none", false, order},
		{"memory", "an idle shard, and a full queue", true, memory},
		{"lifetimes", "the time of Open and Close", true, lifetimes},
		{"units", "PUT units and requests for a million records", true, units},
		{"profile", "where a record's nanoseconds go", false, profile},
		{"rivals", "the official KPL and the plain SDK, on the same bytes and the same server", false, rivals},
	}
}

// session is one run of the program.
type session struct {
	settings

	results results
	notes   []string // what was left out, and why
	bar     *progressbar.ProgressBar
}

// add notes a figure.
func (s *session) add(r result) { s.results = append(s.results, r) }

// skipf notes what is left out.
func (s *session) skipf(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// stepf names what is under way.
func (s *session) stepf(format string, args ...any) { s.bar.Describe(fmt.Sprintf(format, args...)) }

// compare measures the pairs of a case and notes their ratio, and the cost behind it.
func (s *session) compare(ctx context.Context, clock measure.Clock, r result, base, work measure.Work) error {
	s.stepf("%s: %s", r.Scenario, r.Case)
	p, err := clock.Compare(ctx, measure.Slices, base, work)
	if err != nil {
		return fmt.Errorf("%s, %s: %w", r.Scenario, r.Case, err)
	}
	r.Unit, r.Figure = "×", p.Ratio
	s.add(r)
	r.What, r.Unit, r.Figure = "CPU", "ns/record", p.Work
	s.add(r)
	r.What, r.Figure = "CPU of the base", p.Base
	s.add(r)
	return nil
}

// run runs the chosen scenarios and writes what was asked for.
func (set settings) run(ctx context.Context, stdout, stderr io.Writer) error {
	s := &session{settings: set}
	var chosen []scenario
	for _, sc := range scenarios() {
		if set.only.MatchString(sc.name) && (sc.quick || !set.quick) {
			chosen = append(chosen, sc)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no scenario matches %q; -list names them", set.only)
	}
	f, onTerminal := stderr.(interface{ Fd() uintptr })
	s.bar = progressbar.NewOptions(len(chosen), progressbar.OptionSetWriter(stderr), progressbar.OptionShowCount(),
		progressbar.OptionSetVisibility(onTerminal && term.IsTerminal(int(f.Fd()))), progressbar.OptionClearOnFinish())
	for _, sc := range chosen {
		if err := sc.run(ctx, s); err != nil {
			return err
		}
		if err := s.bar.Add(1); err != nil {
			return fmt.Errorf("the progress bar: %w", err)
		}
	}
	return s.write(stdout)
}
