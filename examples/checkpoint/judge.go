package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/kinecast/kinecast/kinesistest"
)

// judge compares what consumers read with the file.
func judge(file string, read []kinesistest.UserRecord, killed int) error {
	want, err := os.ReadFile(file) //nolint:gosec // written a moment ago
	if err != nil {
		return err
	}
	kept := deduplicated(read)
	got := map[string]string{}
	for _, line := range kept {
		got[idOf(line)] = line
	}
	repeats := len(read) - len(kept)
	lost, changed := 0, 0
	for line := range strings.Lines(string(want)) {
		line = strings.TrimSuffix(line, "\n")
		switch copied, ok := got[idOf(line)]; {
		case !ok:
			lost++
		case copied != line:
			changed++
		}
	}
	fmt.Println("lost:", lost)
	fmt.Println("some were repeated:", repeats > 0)
	fmt.Printf("not more than were put since the last checkpoint, %d at each kill: %v\n", between, repeats <= between*killed)
	fmt.Println("repeats after de-duplication by id:", len(kept)-len(got))
	if lost > 0 || changed > 0 || repeats == 0 || repeats > between*killed {
		return errors.Join(errors.New("at least once, and once by id: not so"),
			fmt.Errorf("%d lost, %d changed, %d repeated after %d kills", lost, changed, repeats, killed))
	}
	return nil
}

// deduplicated is what a consumer does: it keeps the first copy of each id, and drops the others.
func deduplicated(read []kinesistest.UserRecord) (kept []string) {
	seen := map[string]bool{}
	for _, r := range read {
		line := string(r.Data)
		if !seen[idOf(line)] {
			seen[idOf(line)] = true
			kept = append(kept, line)
		}
	}
	return kept
}
