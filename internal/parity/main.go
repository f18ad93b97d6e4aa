package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	results := flag.String("results", "", "`FILE` of go test -json ./...")
	page := flag.String("page", "docs/parity.md", "the `page` to check or to write")
	write := flag.Bool("write", false, "write the page instead of checking it")
	show := flag.String("show", "", "copy go test -json from the input to `FILE`, and print it as text")
	flag.Parse()
	if err := run(*results, *page, *show, *write); err != nil {
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(1)
	}
}

func run(results, page, show string, write bool) error {
	if show != "" {
		return keepAndShow(os.Stdin, os.Stdout, show)
	}
	file, err := os.Open(results) //nolint:gosec // the caller names it
	if err != nil {
		return fmt.Errorf("-results: %w; make it with go test -json ./... >FILE", err)
	}
	defer file.Close()
	outcomes, err := readOutcomes(file)
	if err != nil {
		return err
	}
	sections, err := readSources()
	if err != nil {
		return err
	}
	entries := allEntries()
	if faults := judge(sections, entries, outcomes); len(faults) > 0 {
		return errors.Join(faults...)
	}
	text := render(sections, entries)
	if write {
		return os.WriteFile(page, text, 0o644) //nolint:gosec // a page that all may read
	}
	old, err := os.ReadFile(page) //nolint:gosec // the caller names it
	if err != nil {
		return err
	}
	if !bytes.Equal(old, text) {
		return fmt.Errorf("%s is not what the list says; run make parity", page)
	}
	return nil
}
