package kinecast_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeShowsOnlyWhatCompiles holds that each Go block of the README stands, but for indentation, in a Go file of
// this repository, where the compiler and a test look at it.
func TestReadmeShowsOnlyWhatCompiles(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```go\n(.*?)^```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("README.md shows no Go at all: is the pattern of this test still right?")
	}
	var sources []string
	err = filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
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
	for _, b := range blocks {
		if !containsAny(sources, flattened(b[1])) {
			t.Errorf("this block of README.md stands in no Go file; put it into an example with checked output:\n%s", b[1])
		}
	}
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
