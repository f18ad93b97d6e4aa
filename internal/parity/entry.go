package main

import (
	"fmt"
	"slices"
	"strings"
)

// ending is how a line of an original ends here. There is no fourth.
type ending string

const (
	works   ending = "works"
	mapped  ending = "mapped"
	refused ending = "refused"
)

// entry answers one line.
type entry struct {
	id     string
	ending ending
	api    string   // what does it; for a refusal, the sentence why
	tests  []string // "package.Test", or "package.Test/sub"; the root has no package before the point
}

// does is an entry for what is there, under the same name or one that needs no explanation.
func does(id, api, tests string) entry { return entry{id, works, api, strings.Fields(tests)} }

// maps is an entry for what is there in another form.
func maps(id, api, tests string) entry { return entry{id, mapped, api, strings.Fields(tests)} }

// refuses is an entry for what is not there, and why. A test shows what there is instead, or that it is told.
func refuses(id, why, tests string) entry { return entry{id, refused, why, strings.Fields(tests)} }

// allEntries is the one list.
func allEntries() []entry {
	return slices.Concat(pageEntries, kplEntries, flinkEntries, metricEntries, settingEntries())
}

// judge holds lines, entries and outcomes against each other.
func judge(sections []section, entries []entry, outcomes map[string]string) []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	byID := map[string]entry{}
	for _, e := range entries {
		if _, twice := byID[e.id]; twice {
			fault("%s has two entries", e.id)
		}
		byID[e.id] = e
		if e.api == "" {
			fault("%s names neither what does it nor why it is refused", e.id)
		}
		if strings.Contains(strings.ToLower(e.api), "later") {
			fault("%s says later: do it, or say what to use instead", e.id)
		}
		if len(e.tests) == 0 {
			fault("%s has no test", e.id)
		}
		for _, test := range e.tests {
			if got := outcomes[test]; got != "pass" {
				fault("%s is shown by %s, which %s", e.id, test, fate(got))
			}
		}
	}
	for _, s := range sections {
		for _, l := range s.lines {
			if _, found := byID[l.id]; !found {
				fault("%s (%s) has no entry", l.id, l.says)
			}
			delete(byID, l.id)
		}
	}
	for _, e := range entries {
		if _, left := byID[e.id]; left {
			fault("%s is an entry for no line of any source", e.id)
		}
	}
	return faults
}

func fate(outcome string) string {
	switch outcome {
	case "":
		return "did not run"
	case "skip":
		return "was skipped"
	}
	return "failed"
}
