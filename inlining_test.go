package kinecast_test

import (
	"os/exec"
	"strings"
	"testing"
)

// inlined are the functions on the way of every record, and of every byte, that must not become calls: each is a few
// nanoseconds of some hundred.
var inlined = map[string][]string{
	"./aggregate":     {"grow", "appendVarint", "sizeVarint", "sizeBytes", "hashOf", "index.mask", "index.link"},
	"./shard":         {"(*Routes).Find", "HashKey.below", "HashKeyOfBytes", "(*Port).travelsAlone", "(*Port).ring"},
	"./internal/wire": {"base64Len", "(*composer).hash"},
	".":               {"placeOf", "(*looking).judge"},
}

// The compiler is asked; it answers from its cache when nothing has changed.
func TestHotFunctionsAreInlined(t *testing.T) {
	t.Parallel()
	for pkg, names := range inlined {
		said, err := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-m", pkg).CombinedOutput()
		if err != nil {
			t.Fatalf("go build %s: %v\n%.500s", pkg, err, said)
		}
		can := map[string]bool{}
		for line := range strings.Lines(string(said)) {
			if _, name, found := strings.Cut(strings.TrimSpace(line), ": can inline "); found {
				can[name] = true
			}
		}
		for _, name := range names {
			if !can[name] {
				t.Errorf("%s: %s cannot be inlined any more: go build -gcflags=-m=2 %s says why", pkg, name, pkg)
			}
		}
	}
}
