package kinesistest_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every Go snippet of docs/kinesistest.md that has a name is the test of that name.
func TestDocument(t *testing.T) {
	page, err := os.ReadFile("../docs/kinesistest.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_docs_test.go")
	if err != nil {
		t.Fatal(err)
	}
	snippets := map[string]string{}
	for _, part := range strings.Split(string(source), "// snippet: ")[1:] {
		name, code, _ := strings.Cut(part, "\n")
		snippets[name] = strings.TrimSpace(code)
	}
	delete(snippets, "end")
	if all, named := strings.Count(string(page), "```go"), strings.Count(string(page), "<!-- snippet: "); all != named {
		t.Errorf("the page shows %d pieces of Go, of which %d are tests", all, named)
	}
	for _, m := range regexp.MustCompile("(?s)<!-- snippet: (\\w+) -->\n```go\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		if got := strings.TrimSpace(m[2]); got != snippets[m[1]] {
			t.Errorf("the snippet %s of the page is not the test:\n%s\nwant\n%s", m[1], got, snippets[m[1]])
		}
		delete(snippets, m[1])
	}
	for name := range snippets {
		t.Errorf("the page does not show the test %s", name)
	}
}
