package main

import (
	"fmt"
	"os"
	"strings"
)

// fill writes the tables of a page, each between its marks, and leaves the rest as it is:
//
//	<!-- bench:targets -->
//	<!-- /bench:targets -->
func (s *session) fill(name string) error {
	text, err := os.ReadFile(name) //nolint:gosec // the file that the user names
	if err != nil {
		return fmt.Errorf("-page: %w", err)
	}
	page := string(text)
	for _, table := range []struct {
		mark string
		rows func() string
	}{{"targets", s.targetRows}, {"figures", s.figureRows}, {"machine", s.machineLine}} {
		begin, end := "<!-- bench:"+table.mark+" -->\n", "<!-- /bench:"+table.mark+" -->"
		before, rest, found := strings.Cut(page, begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			return fmt.Errorf("-page: %s lacks the line %sor its end %s", name, begin, end)
		}
		page = before + begin + table.rows() + end + after
	}
	if err := os.WriteFile(name, []byte(page), 0o600); err != nil { //nolint:gosec // as above
		return fmt.Errorf("-page: %w", err)
	}
	return nil
}

func (s *session) targetRows() string {
	var b strings.Builder
	b.WriteString("| Number | Target | Reached | Command |\n|---|---|---|---|\n")
	for i := range targets {
		t := &targets[i]
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` |\n", t.number, t.limit(), t.reached(s.results), commandFor(t.scenario))
	}
	return b.String()
}

// commandFor measures one scenario.
func commandFor(scenario string) string {
	if scenario == "rivals" {
		return "go run ./bench -run rivals -rivals all"
	}
	return fmt.Sprintf("go run ./bench -run '^%s$'", scenario)
}

func (s *session) figureRows() string {
	var b strings.Builder
	last := ""
	for i := range s.results {
		r := &s.results[i]
		if r.Scenario != last {
			fmt.Fprintf(&b, "\n**%s**: `%s`\n\n| Case | What | Median | Quartiles | Unit |\n|---|---|---|---|---|\n", r.Scenario, commandFor(r.Scenario))
			last = r.Scenario
		}
		spread := ""
		if r.Figure.Low != r.Figure.High {
			spread = short(r.Figure.Low) + " – " + short(r.Figure.High)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.Case, r.What, short(r.Figure.Median), spread, r.Unit)
	}
	for _, note := range s.notes {
		fmt.Fprintf(&b, "\nLeft out: %s.\n", note)
	}
	return b.String()
}

func (s *session) machineLine() string { return fmt.Sprintf("`%s`, on %s.\n", s.command(), machine()) }
