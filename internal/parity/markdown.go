package main

import (
	"bytes"
	"fmt"
	"strings"
)

const head = `# Parity: what the originals offer, and what there is here

Written by ` + "`make parity`" + ` from the lists in internal/parity and the results of the tests; do not edit. Each line of the
documentation of Flink's FlinkKinesisProducer, each setting and metric of it and of the Kinesis Producer Library (KPL), and
what else they offer, ends in one of three ways: it **works**, under its name; it is **mapped** to something else that does
it; or it is **refused**, with the reason. What is shown by a test is shown by the one named: the build fails unless it ran
and passed.

| ending | lines |
|---|---|
`

// render writes the page.
func render(sections []section, entries []entry) []byte {
	byID, count := map[string]entry{}, map[ending]int{}
	for _, e := range entries {
		byID[e.id] = e
		count[e.ending]++
	}
	var out bytes.Buffer
	out.WriteString(head)
	for _, e := range []ending{works, mapped, refused} {
		fmt.Fprintf(&out, "| %s | %d |\n", e, count[e])
	}
	for _, s := range sections {
		fmt.Fprintf(&out, "\n## %s\n\n| | original | | here | shown by |\n|---|---|---|---|---|\n", s.title)
		for _, l := range s.lines {
			e := byID[l.id]
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", cell(l.id), cell(l.says), e.ending, cell(e.api), tests(e.tests))
		}
	}
	return out.Bytes()
}

// cell is a text inside of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// tests are names that the check of the pages' tests does not take for whole ones: some are in rooms, some are parts.
func tests(names []string) string {
	shown := make([]string, len(names))
	for i, n := range names {
		room, test, _ := strings.Cut(n, ".")
		if strings.Contains(room, "/") || room != "" {
			room += ": "
		}
		shown[i] = room + "`" + test + "`"
	}
	return strings.Join(shown, ", ")
}
