package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

const module = "github.com/kinecast/kinecast"

// event is a line of go test -json.
type event struct {
	Action  string `json:"Action"`
	Package string `json:"Package"`
	Test    string `json:"Test"`
	Output  string `json:"Output"`
}

// readOutcomes reads how each test ended, by the names that entries use.
func readOutcomes(r io.Reader) (map[string]string, error) {
	outcomes := map[string]string{}
	return outcomes, eachEvent(r, func(e event, _ []byte) {
		if e.Test == "" || e.Action != "pass" && e.Action != "fail" && e.Action != "skip" {
			return
		}
		room := strings.TrimPrefix(strings.TrimPrefix(e.Package, module), "/")
		name := room + "." + e.Test
		if outcomes[name] != "fail" { // a test that ran twice has to pass twice
			outcomes[name] = e.Action
		}
	})
}

// eachEvent calls f with each line that is an event. What is none, as what the go command says of a build, has no Action.
func eachEvent(r io.Reader, f func(e event, raw []byte)) error {
	lines := bufio.NewReader(r)
	for {
		raw, err := lines.ReadBytes('\n')
		if len(raw) > 0 {
			var e event
			if json.Unmarshal(raw, &e) != nil {
				e = event{Output: string(raw)}
			}
			f(e, raw)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading go test -json: %w", err)
		}
	}
}

// keepAndShow copies events to a file, behind those that it has, and prints what go test would have printed without -json:
// a line for each package, and all that was said where something failed.
func keepAndShow(r io.Reader, w io.Writer, name string) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the caller names it
	if err != nil {
		return err
	}
	said := map[string][]string{} // by package and test
	err = eachEvent(r, func(e event, raw []byte) {
		_, _ = file.Write(raw)
		key := e.Package + " " + e.Test
		switch {
		case e.Action == "" || e.Action == "build-output":
			fmt.Fprint(w, e.Output)
		case e.Action == "output" && e.Test == "" && isSummary(e.Output):
			fmt.Fprint(w, e.Output)
		case e.Action == "output":
			said[key] = append(said[key], e.Output)
		case e.Action == "fail":
			for _, line := range said[key] {
				if !strings.HasPrefix(line, "=== ") {
					fmt.Fprint(w, line)
				}
			}
			delete(said, key)
		case e.Action == "pass" || e.Action == "skip":
			delete(said, key)
		}
	})
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// isSummary tells the line that go test ends a package with.
func isSummary(line string) bool {
	for _, start := range []string{"ok  \t", "FAIL\t", "?   \t"} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}
