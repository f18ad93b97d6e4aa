package main

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed sources/*.txt
var sources embed.FS

// sourceFiles in the order of the page.
var sourceFiles = []string{"page", "kpl_settings", "flink_settings", "kpl_metrics", "flink_metrics", "kpl_api", "flink_features"}

// section is a part of a source: a heading and lines.
type section struct {
	title string
	lines []line
}

// line is one thing that an original offers.
type line struct{ id, says string }

// readSources reads all sections. A file has "# heading", "id<tab>text" and blank lines; an id stands once.
func readSources() ([]section, error) {
	var all []section
	seen := map[string]bool{}
	for _, name := range sourceFiles {
		text, err := sources.ReadFile("sources/" + name + ".txt")
		if err != nil {
			return nil, err
		}
		for i, row := range strings.Split(string(text), "\n") {
			title, heading := strings.CutPrefix(row, "# ")
			id, says, both := strings.Cut(row, "\t")
			switch {
			case strings.TrimSpace(row) == "":
			case heading:
				all = append(all, section{title: title})
			case !both || len(all) == 0 || seen[id]:
				return nil, fmt.Errorf("sources/%s.txt, line %d: want an id that was not there before, a tab and a text, below a heading: %q", name, i+1, row)
			default:
				seen[id] = true
				last := &all[len(all)-1]
				last.lines = append(last.lines, line{id, says})
			}
		}
	}
	return all, nil
}
