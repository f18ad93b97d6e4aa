package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named is a test in a text.
var named = regexp.MustCompile("`((?:\\w+\\.)?(?:Test|Fuzz|Benchmark|Example)[A-Z_]\\w*)`")

// TestNamedTestsExist holds that each test that a page names is there, in the package that it names, if it names one.
func TestNamedTestsExist(t *testing.T) {
	have := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark|Example)\w*)\(`)
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, f := range declared.FindAllStringSubmatch(string(text), -1) {
			have[f[1]] = true
			have[filepath.Base(filepath.Dir(name))+"."+f[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range named.FindAllStringSubmatch(string(text), -1) {
			found++
			if !have[name[1]] {
				t.Errorf("%s names %s, which does not exist", page, name[1])
			}
		}
	}
	if found == 0 {
		t.Error("no page names a test: is the pattern still right?")
	}
}

// TestWhatIsNotObviousIsHeld looks at each invariant of DESIGN.md that came of a bug or a trap: it names the test that holds it, or says why
// there is none.
func TestWhatIsNotObviousIsHeld(t *testing.T) {
	text, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, bullets, found := strings.Cut(string(text), "## Non-obvious\n")
	all := strings.Split(bullets, "\n* ")[1:]
	if !found || len(all) < 50 {
		t.Fatalf("%d invariants: is the heading still right?", len(all))
	}
	for _, b := range all {
		if !named.MatchString(b) && !strings.Contains(b, "`make mutants`") && !strings.Contains(b, "No test reaches") {
			t.Errorf("no test is named that holds: %.100s", b)
		}
	}
}
