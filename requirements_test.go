package kinecast_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"testing"
)

// required are the modules that this one asks of its users, each with its reason (docs/adr/0001). A new line here is a
// decision about every user's module graph, so it wants a reason that survives a review.
var required = map[string]string{
	"github.com/asynkron/protoactor-go":            "the actors",
	"github.com/aws/aws-sdk-go-v2":                 "the SDK's core: configuration, credentials and retries of the client we are given",
	"github.com/aws/aws-sdk-go-v2/service/kinesis": "the API that we call, and its types",
	"github.com/aws/smithy-go":                     "the seam where internal/wire takes over the SDK's protocol, and the SDK's error types",
	"github.com/cenkalti/backoff/v4":               "the retry intervals",
	"golang.org/x/sys":                             "which vector instructions the processor has, for internal/md5lanes",
	"google.golang.org/protobuf":                   "the Proto serializer, and the generated reference that aggregated records are tested against",
	"pgregory.net/rapid":                           "proptest.Laws runs our properties on a user's own type",
}

// pinned are modules that protoactor-go imports in versions with known vulnerabilities; requiring at least these versions
// clears them. Of them we import only x/sys. .ci/advisories.txt names the advisories.
var pinned = map[string]string{
	"go.opentelemetry.io/otel":     "v1.47.0",
	"go.opentelemetry.io/otel/sdk": "v1.44.0",
	"golang.org/x/sys":             "v0.45.0",
}

type requirement struct {
	Path     string `json:"Path"`
	Version  string `json:"Version"`
	Indirect bool   `json:"Indirect"`
}

func TestRequirements(t *testing.T) {
	t.Parallel()
	inGoMod := requirementsOfGoMod(t)

	for name, reason := range required {
		if r, found := inGoMod[name]; !found || r.Indirect {
			t.Errorf("go.mod does not require %s directly, but the table says it is needed (%s): import it and tidy, or drop the line", name, reason)
		}
	}
	for name, r := range inGoMod {
		if _, known := required[name]; !known && !r.Indirect {
			t.Errorf("go.mod requires %s %s, which is not in the table: give it a reason there, or a module of its own", name, r.Version)
		}
	}
	for name, floor := range pinned {
		if r := inGoMod[name]; older(t, r.Version, floor) {
			t.Errorf("go.mod has %s at %q: at least %s is needed to clear known vulnerabilities", name, r.Version, floor)
		}
	}
}

// requirementsOfGoMod asks the go command, which reads go.mod alone here and needs no network.
func requirementsOfGoMod(t *testing.T) map[string]requirement {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatalf("go mod edit -json: %v", err)
	}
	var file struct {
		Require []requirement `json:"Require"`
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatalf("go mod edit -json: %v", err)
	}
	byPath := make(map[string]requirement, len(file.Require))
	for _, r := range file.Require {
		byPath[r.Path] = r
	}
	return byPath
}

// older tells whether version is missing or lower than floor. Of a version only the three numbers count, so a pre-release
// or a pseudo-version passes for the release that it leads to.
func older(t *testing.T, version, floor string) bool {
	t.Helper()
	if version == "" {
		return true
	}
	return slices.Compare(numbers(t, version), numbers(t, floor)) < 0
}

func numbers(t *testing.T, version string) []int {
	t.Helper()
	n := make([]int, 3)
	if _, err := fmt.Sscanf(version, "v%d.%d.%d", &n[0], &n[1], &n[2]); err != nil {
		t.Fatalf("version %q: %v", version, err)
	}
	return n
}
