package conformance

import (
	"fmt"
	"strings"
)

// Markdown is the table of probes and known differences, for docs/conformance.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# How servers that speak Kinesis differ\n\n" +
		"Each line is one probe of `kinesistest/conformance`. A cell is empty where the server answers as Kinesis Data Streams\n" +
		"does. `make interop` asks the foreign servers and fails when an answer is not the one of this table; the tests of\n" +
		"`kinesistest` ask ours. Written by `go test ./kinesistest/conformance -run TestDocument -update`.\n\n")
	row(&b, append([]string{"probe", "Kinesis Data Streams"}, Servers()...)...)
	row(&b, strings.Fields(strings.Repeat("--- ", 2+len(Servers())))...)
	for _, p := range Probes() {
		cells := []string{p.Name, shortened(p.Service)}
		for _, server := range Servers() {
			d, differs := Known[server][p.Name]
			if differs {
				cells = append(cells, shortened(d.Answer))
			} else {
				cells = append(cells, "")
			}
		}
		row(&b, cells...)
	}
	for _, server := range Servers() {
		reasons(&b, server)
	}
	return b.String()
}

func row(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// reasons lists why a server answers otherwise, probes with one reason together.
func reasons(b *strings.Builder, server string) {
	fmt.Fprintf(b, "\n## %s\n\n", server)
	if len(Known[server]) == 0 {
		b.WriteString("No difference.\n")
		return
	}
	var order []string
	names := map[string][]string{}
	for _, p := range Probes() {
		if d, differs := Known[server][p.Name]; differs {
			if names[d.Reason] == nil {
				order = append(order, d.Reason)
			}
			names[d.Reason] = append(names[d.Reason], p.Name)
		}
	}
	for _, reason := range order {
		fmt.Fprintf(b, "- %s: %s\n", strings.Join(names[reason], ", "), reason)
	}
}

// shortened cuts hash keys to their ends: what differs in them are the last digits.
func shortened(answer string) string {
	words := strings.Fields(answer)
	for i, word := range words {
		from, to, isRange := strings.Cut(word, "-")
		if isRange && len(word) > 2*len("2^128") && strings.Trim(from+to, "0123456789") == "" {
			words[i] = ending(from) + "–" + ending(to)
		}
	}
	return strings.Join(words, " ")
}

func ending(number string) string {
	const kept = 4
	if len(number) <= kept {
		return number
	}
	return "…" + number[len(number)-kept:]
}
