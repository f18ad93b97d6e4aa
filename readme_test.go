package kinecast_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadmeShowsOnlyWhatCompiles holds that each Go block of the README and of docs/ stands, but for indentation, in a Go
// file of this repository, where the compiler and a test look at it.
func TestReadmeShowsOnlyWhatCompiles(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	sources := goSources(t)
	shown := 0
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?ms)^```go\n(.*?)^```").FindAllStringSubmatch(string(text), -1) {
			shown++
			if !containsAny(sources, flattened(block[1])) {
				t.Errorf("this block of %s stands in no Go file; put it into an example with checked output:\n%s", page, block[1])
			}
		}
	}
	if shown == 0 {
		t.Fatal("no page shows any Go at all: is the pattern of this test still right?")
	}
}

// TestEveryExampleIsListed holds that examples/README.md names each program and no other.
func TestEveryExampleIsListed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("examples/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile(`(?m)^\| \[\w+\]\((\w+)/main\.go\)`).FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, "examples/"+row[1]+"/main.go")
	}
	programs, err := filepath.Glob("examples/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(listed)
	if !slices.Equal(listed, programs) {
		t.Errorf("examples/README.md lists %v, but there are %v", listed, programs)
	}
}

// goSources are the Go files of this repository, flattened.
func goSources(t *testing.T) []string {
	t.Helper()
	var sources []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		text, err := os.ReadFile(name)
		sources = append(sources, flattened(string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// flattened is a text without indentation.
func flattened(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func containsAny(sources []string, block string) bool {
	for _, s := range sources {
		if strings.Contains(s, block) {
			return true
		}
	}
	return false
}
