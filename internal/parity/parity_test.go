package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each way in which the list can be wrong is a fault that says so, and a list that is right has none.
func TestJudge(t *testing.T) {
	passed := map[string]string{".TestA": "pass", ".TestB": "fail", ".TestC": "skip"}
	lines := []section{{"s", []line{{"1", "one"}, {"2", "two"}}}}
	good := []entry{does("1", "api", ".TestA"), refuses("2", "because", ".TestA")}
	if faults := judge(lines, good, passed); faults != nil {
		t.Errorf("got %v", faults)
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"no entry":   {good[:1], "2 (two) has no entry"},
		"no line":    {append(good[:2:2], does("3", "api", ".TestA")), "3 is an entry for no line"},
		"twice":      {append(good[:2:2], good[0]), "1 has two entries"},
		"no test":    {[]entry{good[0], refuses("2", "because", "")}, "2 has no test"},
		"not run":    {[]entry{good[0], does("2", "api", ".TestZ")}, "2 is shown by .TestZ, which did not run"},
		"failed":     {[]entry{good[0], does("2", "api", ".TestA .TestB")}, "2 is shown by .TestB, which failed"},
		"skipped":    {[]entry{good[0], does("2", "api", ".TestC")}, "2 is shown by .TestC, which was skipped"},
		"no reason":  {[]entry{good[0], refuses("2", "", ".TestA")}, "2 names neither"},
		"not so now": {[]entry{good[0], refuses("2", "comes Later", ".TestA")}, "2 says later"},
	} {
		if got := fmt.Sprint(judge(lines, c.entries, passed)); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %q", name, got, c.want)
		}
	}
}

// The lists answer each other, whatever the tests say; so a forgotten line is found without running them all.
func TestEveryLineHasAnEntry(t *testing.T) {
	sections, err := readSources()
	if err != nil {
		t.Fatal(err)
	}
	outcomes := map[string]string{}
	for _, e := range allEntries() {
		for _, name := range e.tests {
			outcomes[name] = "pass"
		}
	}
	for _, fault := range judge(sections, allEntries(), outcomes) {
		t.Error(fault)
	}
	page := string(render(sections, allEntries()))
	for _, s := range sections {
		for _, l := range s.lines {
			if !strings.Contains(page, "| "+cell(l.id)+" |") {
				t.Errorf("%s is not on the page", l.id)
			}
		}
	}
}

// The page in docs is what the lists say now, whatever the tests do.
func TestPageIsCurrent(t *testing.T) {
	sections, err := readSources()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/parity.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, render(sections, allEntries())) {
		t.Error("docs/parity.md is not what the lists say; run make parity")
	}
}

const results = `{"Action":"run","Package":"github.com/kinecast/kinecast","Test":"TestA"}
{"Action":"output","Package":"github.com/kinecast/kinecast","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"github.com/kinecast/kinecast","Test":"TestA","Output":"--- PASS: TestA (0.00s)\n"}
{"Action":"pass","Package":"github.com/kinecast/kinecast","Test":"TestA","Elapsed":0}
{"Action":"output","Package":"github.com/kinecast/kinecast/shard","Test":"TestB/sub","Output":"=== RUN   TestB/sub\n"}
{"Action":"output","Package":"github.com/kinecast/kinecast/shard","Test":"TestB/sub","Output":"    b_test.go:1: wrong\n"}
{"Action":"fail","Package":"github.com/kinecast/kinecast/shard","Test":"TestB/sub","Elapsed":0}
{"Action":"skip","Package":"github.com/kinecast/kinecast/shard","Test":"TestC","Elapsed":0}
{"Action":"output","Package":"github.com/kinecast/kinecast","Output":"PASS\n"}
{"Action":"output","Package":"github.com/kinecast/kinecast","Output":"ok  \tgithub.com/kinecast/kinecast\t1.2s\n"}
{"Action":"pass","Package":"github.com/kinecast/kinecast","Elapsed":1.2}
{"Action":"output","Package":"github.com/kinecast/kinecast/shard","Output":"FAIL\n"}
{"Action":"output","Package":"github.com/kinecast/kinecast/shard","Output":"FAIL\tgithub.com/kinecast/kinecast/shard\t0.1s\n"}
{"Action":"fail","Package":"github.com/kinecast/kinecast/shard","Elapsed":0.1}
what the go command says of itself
`

func TestOutcomes(t *testing.T) {
	got, err := readOutcomes(strings.NewReader(results))
	if err != nil {
		t.Fatal(err)
	}
	if want := "map[.TestA:pass shard.TestB/sub:fail shard.TestC:skip]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// What is shown is what go test would have shown; what is kept is all of it.
func TestKeepAndShow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "results")
	var shown bytes.Buffer
	if err := keepAndShow(strings.NewReader(results), &shown, name); err != nil {
		t.Fatal(err)
	}
	want := "    b_test.go:1: wrong\nok  \tgithub.com/kinecast/kinecast\t1.2s\nFAIL\tgithub.com/kinecast/kinecast/shard\t0.1s\nFAIL\nwhat the go command says of itself\n"
	if shown.String() != want {
		t.Errorf("got %q\nwant %q", shown.String(), want)
	}
	if kept, err := os.ReadFile(name); err != nil || string(kept) != results {
		t.Errorf("kept %q %v", kept, err)
	}
}

// The page is refused while the tests do not show what it says, and when it is not what would be written.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	file, page := filepath.Join(folder, "results"), filepath.Join(folder, "page.md")
	var all strings.Builder
	for _, e := range allEntries() {
		for _, name := range e.tests {
			room, test, _ := strings.Cut(name, ".")
			path := module
			if room != "" {
				path += "/" + room
			}
			fmt.Fprintf(&all, "{\"Action\":\"pass\",\"Package\":%q,\"Test\":%q}\n", path, test)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(file, page, "", false); err == nil || !strings.Contains(err.Error(), "go test -json") {
		t.Errorf("without results: %v", err)
	}
	write(file, all.String())
	if err := run(file, page, "", true); err != nil {
		t.Fatal(err)
	}
	if err := run(file, page, "", false); err != nil {
		t.Errorf("the page that was just written: %v", err)
	}
	text, _ := os.ReadFile(page)
	write(page, string(text)+"x")
	if err := run(file, page, "", false); err == nil || !strings.Contains(err.Error(), "run make parity") {
		t.Errorf("another page: %v", err)
	}
	write(file, strings.Replace(all.String(), "pass", "fail", 1))
	if err := run(file, page, "", true); err == nil || !strings.Contains(err.Error(), "failed") {
		t.Errorf("a test that failed: %v", err)
	}
}
