// Command mutants breaks the producer on purpose, one promise at a time, and sees whether the tests notice:
//
//	go run ./proptest/mutants                 every patch of this folder
//	go run ./proptest/mutants ledger breaker  those whose names hold one of these words
//	go run ./proptest/mutants -part 2/3       the second third, for a machine that has little time
//
// A patch begins with what it breaks and what is to notice:
//
//	Promise: acknowledged means that a KCL reader finds it
//	Tests: ./shard ./proptest/simulation
//
// It is applied to a copy of the tree, never to the tree itself. A mutant is killed when it compiles and a test of those packages
// fails or does not end, in one of three runs. One that lives, that does not apply any more or does not compile is a failure of
// this command: then a promise has no test, or the patch has to follow the code. That every patch applies is seen to whichever
// are run.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// patience is how long the tests of one mutant may take. Most die within seconds; a test that hangs is a killer, too.
const patience = 3 * time.Minute

// chances are how often its tests are run before a mutant is said to live: some are killed by what tests draw by chance, or by
// the order in which goroutines happen to run.
const chances = 3

func main() {
	part := flag.String("part", "1/1", "run the `I/N`th part of the patches only")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *part, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, part string, words []string) error {
	dir, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/kinecast/kinecast").Output()
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	root := strings.TrimSpace(string(dir))
	patches, err := chosen(root, part, words)
	if err != nil {
		return err
	}
	tree, err := os.MkdirTemp("", "kinecast-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree)
	if err := copyTree(tree, root); err != nil {
		return fmt.Errorf("copy the tree: %w", err)
	}
	if err := checkAll(ctx, root, tree); err != nil {
		return err
	}
	killed := 0
	for _, p := range patches {
		start := time.Now()
		verdict := p.try(ctx, tree)
		if verdict == nil {
			killed++
		}
		fmt.Fprintf(out, "%-28s %-46.46s %5.1f s  %s\n", p.name, p.promise, time.Since(start).Seconds(), word(verdict))
	}
	fmt.Fprintf(out, "\n%d of %d mutants killed\n", killed, len(patches))
	if killed < len(patches) {
		return errors.New("some mutants live")
	}
	return nil
}

func word(verdict error) string {
	if verdict == nil {
		return "killed"
	}
	return "NOT KILLED: " + verdict.Error()
}

// patch is one mutant.
type patch struct {
	name, promise string
	tests         []string
	file          string
}

// chosen reads the patches that are to be run.
func chosen(root, part string, words []string) (ps []patch, err error) {
	var i, n int
	if _, err := fmt.Sscanf(part, "%d/%d", &i, &n); err != nil || i < 1 || i > n {
		return nil, fmt.Errorf("-part %s: want I/N with 1 ≤ I ≤ N", part)
	}
	files, err := filepath.Glob(filepath.Join(root, "proptest", "mutants", "*.patch"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	for at, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".patch")
		wanted := len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
		if !wanted || at%n != i-1 {
			continue
		}
		p, err := read(file)
		if err != nil {
			return nil, err
		}
		p.name = name
		ps = append(ps, p)
	}
	if len(ps) == 0 {
		return nil, errors.New("no patch to run")
	}
	return ps, nil
}

// read reads the head of a patch.
func read(file string) (patch, error) {
	text, err := os.ReadFile(file) //nolint:gosec // a patch of this folder
	if err != nil {
		return patch{}, err
	}
	p := patch{file: file}
	for line := range strings.Lines(string(text)) {
		if promise, ok := strings.CutPrefix(line, "Promise: "); ok {
			p.promise = strings.TrimSpace(promise)
		}
		if tests, ok := strings.CutPrefix(line, "Tests: "); ok {
			p.tests = strings.Fields(tests)
		}
	}
	if p.promise == "" || len(p.tests) == 0 {
		return p, fmt.Errorf("%s lacks its Promise: or its Tests:, each a line", file)
	}
	return p, nil
}

// try applies a patch, runs the tests and takes the patch back. It returns nil if the mutant was killed.
func (p *patch) try(ctx context.Context, tree string) error {
	if out, err := git(ctx, tree, "apply", "--unidiff-zero", p.file); err != nil {
		return fmt.Errorf("it does not apply: %s", first(out))
	}
	defer func() {
		if out, err := git(ctx, tree, "apply", "--unidiff-zero", "-R", p.file); err != nil {
			panic("a patch cannot be taken back: " + string(out))
		}
	}()
	vet := exec.CommandContext(ctx, "go", append([]string{"test", "-run", "^$"}, p.tests...)...) //nolint:gosec // packages that the patch names
	vet.Dir = tree
	if out, err := vet.CombinedOutput(); err != nil {
		return fmt.Errorf("it does not compile: %s", first(out))
	}
	for range chances {
		if !p.passes(ctx, tree) {
			return nil
		}
	}
	return fmt.Errorf("its tests pass, %d times", chances)
}

// passes says whether the tests pass.
func (p *patch) passes(ctx context.Context, tree string) bool {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := append([]string{"test", "-count=1", "-failfast", "-timeout", (patience - 10*time.Second).String()}, p.tests...)
	test := exec.CommandContext(limited, "go", args...) //nolint:gosec // as above
	test.Dir = tree
	return test.Run() == nil
}

// checkAll sees that every patch still applies, whichever are run.
func checkAll(ctx context.Context, root, tree string) error {
	all, err := chosen(root, "1/1", nil)
	if err != nil {
		return err
	}
	for _, p := range all {
		if out, err := git(ctx, tree, "apply", "--check", "--unidiff-zero", p.file); err != nil {
			return fmt.Errorf("%s.patch does not apply any more: %s", p.name, first(out))
		}
	}
	return nil
}

func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...) //nolint:gosec // our own arguments
	cmd.Dir = dir
	return cmd.CombinedOutput()
}

func first(out []byte) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(lines[0])
}

// copyTree copies what the tests need: everything but hidden folders.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(name string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case entry.IsDir() && rel != "." && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".ci":
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755) //nolint:gosec // a copy of a source tree
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name) //nolint:gosec // a file of the tree
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644) //nolint:gosec // as above
	})
}
