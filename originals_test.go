package kinecast_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A mirror is a test case of one of the originals, and the tests here that hold the same for this producer, or why none
// does. The names are theirs; the tests are ours.
type mirror struct {
	suite, name string
	by          []string // "package.Test", separated by spaces; the root has no package before the point
	why         string
}

// with names the tests that hold a case.
func with(suite, name, by string) mirror {
	return mirror{suite: suite, name: name, by: strings.Fields(by)}
}

// without says why a case has no counterpart.
func without(suite, name, why string) mirror { return mirror{suite: suite, name: name, why: why} }

const (
	childProcess = "there is no child process: no pipes, no executable to find, none to restart"
	compiler     = "the compiler holds it: there is no Java serialization, and fields are functions of the type"
	noCloudWatch = "CloudWatch is a later adapter; the figures that it would upload are in Stats"
)

// TestOriginalsAreMirrored holds that each case of the originals has tests that exist, or a reason.
func TestOriginalsAreMirrored(t *testing.T) {
	t.Parallel()
	have := testNames(t)
	seen := map[string]bool{}
	for _, m := range slices.Concat(kplCases, flinkCases, settingCases) {
		id := m.suite + ": " + m.name
		if seen[id] {
			t.Errorf("%s stands twice in the table", id)
		}
		seen[id] = true
		if (len(m.by) == 0) == (m.why == "") {
			t.Errorf("%s wants tests or a reason, and not both: %v, %q", id, m.by, m.why)
		}
		for _, by := range m.by {
			if !have[by] {
				t.Errorf("%s is held by %s, which does not exist", id, by)
			}
		}
	}
	t.Logf("%d cases", len(seen))
}

// testNames are the tests of this module, as the table names them.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, pattern := range []string{"*_test.go", "*/*_test.go", "*/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			room := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), ".")
			for _, d := range parsed.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
					names[room+"."+f.Name.Name] = true
				}
			}
		}
	}
	return names
}
