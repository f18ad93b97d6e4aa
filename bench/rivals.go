package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kinecast/kinecast/bench/internal/far"
	"github.com/kinecast/kinecast/bench/internal/load"
	"github.com/kinecast/kinecast/bench/internal/measure"
	"github.com/kinecast/kinecast/bench/internal/tree"
)

// bound is how many records each rival may have outstanding.
const bound = 50_000

// contender is one that takes part: who, how to get its command, and how much a slice of it is.
type contender struct {
	name    string
	command func(ctx context.Context, cache string) ([]string, error) // an error says why it is left out
	slice   int                                                       // records: about a third of a second of CPU
}

var ourselves = contender{"kinecast", func(context.Context, string) ([]string, error) {
	self, err := os.Executable()
	return []string{self, rivalVerb}, err
}, 400_000}

var others = []contender{
	{"sdk", buildSDK, 100_000},
	{"kpl", buildKPL, 20_000},
}

// rivals compares with each of those that were chosen and are there.
func rivals(ctx context.Context, s *session) error {
	if s.rivals == "none" {
		return nil
	}
	chosen := strings.Split(s.rivals, ",")
	for _, name := range chosen {
		if name != "all" && !slices.ContainsFunc(others, func(c contender) bool { return c.name == name }) {
			return fmt.Errorf("-rivals: there is no %q; there are sdk, kpl, all, none", name)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return fmt.Errorf("where rivals are built: %w", err)
	}
	for _, c := range others {
		if !slices.Contains(chosen, c.name) && !slices.Contains(chosen, "all") {
			s.skipf("rival %s: -rivals does not name it", c.name)
			continue
		}
		s.stepf("rivals: building %s", c.name)
		command, err := c.command(ctx, filepath.Join(cache, "kinecast", "bench"))
		if err != nil {
			s.skipf("rival %s: %v", c.name, err)
			continue
		}
		if err := s.duel(ctx, c, command); err != nil {
			return fmt.Errorf("rival %s: %w", c.name, err)
		}
	}
	return nil
}

// duel runs kinecast and one rival at the same time, in turns.
func (s *session) duel(ctx context.Context, c contender, command []string) error {
	server, err := far.Start(ctx, far.Options{Shards: 10, TLS: true})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kinecast-rival")
	if err != nil {
		return fmt.Errorf("a folder for the rival: %w", err)
	}
	defer os.RemoveAll(dir)
	own, err := ourselves.command(ctx, "")
	if err != nil {
		return err
	}
	args, err := inputs(dir, server)
	if err != nil {
		return err
	}
	var fighters [2]*fighter
	for i, line := range [][]string{own, command} {
		if fighters[i], err = enter(ctx, append(line, args...)); err != nil {
			return err
		}
	}
	ours, theirs := fighters[0], fighters[1]
	ours.slice, theirs.slice = ourselves.slice, c.slice
	var ratios []float64
	for i := range measure.Slices + 2 { // two rounds to warm up: a JVM compiles as it runs
		s.stepf("rivals: kinecast and %s, %d of %d", c.name, i, measure.Slices+1)
		for _, f := range fighters {
			if err := f.round(server, i >= 2); err != nil {
				return err
			}
		}
		if i >= 2 {
			ratios = append(ratios, theirs.costs[i-2]/ours.costs[i-2])
		}
	}
	for i, f := range fighters {
		if err := f.alone(); err != nil {
			return err
		}
		s.addFighter([]string{"kinecast, beside " + c.name, c.name}[i], f)
	}
	s.add(result{Scenario: "rivals", Case: c.name, What: "kinecast's records per CPU-second / the rival's", Unit: "×", Figure: measure.Of(ratios)})
	s.add(result{Scenario: "rivals", Case: c.name, What: "kinecast's peak memory / the rival's", Unit: "×",
		Figure: measure.Once(float64(ours.peak) / float64(theirs.peak))})
	return errors.Join(ours.leave(), theirs.leave(), server.Close())
}

// inputs are what every contender is given: see rivals/README.md.
func inputs(dir string, server *far.Server) ([]string, error) {
	certificate, records := filepath.Join(dir, "certificate.pem"), filepath.Join(dir, "records")
	source, all := load.New(standard, 7), make([]byte, 0, 20_000*standard.Size)
	for len(all) < cap(all) {
		all = append(all, source.Next()...)
	}
	err := errors.Join(os.WriteFile(certificate, []byte(server.Certificate), 0o600), os.WriteFile(records, all, 0o600))
	if err != nil {
		return nil, fmt.Errorf("what a rival reads: %w", err)
	}
	return []string{strings.TrimPrefix(server.URL, "https://"), certificate, far.Stream, records, strconv.Itoa(bound), dir}, nil
}

// round is one slice of a contender.
func (f *fighter) round(server *far.Server, counts bool) error {
	before, err := tree.Of(f.process.Process.Pid)
	if err != nil {
		return err
	}
	put, err := server.Figures()
	if err != nil {
		return err
	}
	start := time.Now()
	if _, err := f.say("put %d", f.slice); err != nil {
		return err
	}
	took := time.Since(start)
	after, err := tree.Of(f.process.Process.Pid)
	if err != nil {
		return err
	}
	now, err := server.Figures()
	if err != nil {
		return err
	}
	f.peak = max(f.peak, after.Peak)
	if counts {
		f.costs = append(f.costs, float64(after.CPU-before.CPU)/float64(f.slice))
		f.speeds = append(f.speeds, float64(f.slice)/took.Seconds())
		f.put, f.records = f.put.Plus(now.Minus(put)), f.records+f.slice
	}
	return nil
}

// addFighter notes what one contender came to.
func (s *session) addFighter(name string, f *fighter) {
	note := func(what, unit string, figure measure.Figure) {
		s.add(result{Scenario: "rivals", Case: name, What: what, Unit: unit, Figure: figure})
	}
	perSecond := make([]float64, len(f.costs))
	for i, c := range f.costs {
		perSecond[i] = 1e9 / c
	}
	note("records per CPU-second", "/s", measure.Of(perSecond))
	note("records a second", "/s", measure.Of(f.speeds))
	note("peak memory", "MiB", measure.Once(float64(f.peak)/(1<<20)))
	note("time of a lone record", "ms", measure.Of(f.lone))
	million := 1e6 / float64(f.records)
	note("requests", "/million", measure.Once(float64(f.put.Requests)*million))
	note("Kinesis records", "/million", measure.Once(float64(f.put.Records)*million))
	note("PUT units", "/million", measure.Once(float64(f.put.Units)*million))
}
