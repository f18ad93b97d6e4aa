package interop

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// Where .ci/interop has put the foreign programs. Without nodeModules every test is skipped; python and java are the full run's.
var (
	nodeModules = os.Getenv("KINECAST_INTEROP_NODE")   // a folder node_modules
	python      = os.Getenv("KINECAST_INTEROP_PYTHON") // an interpreter
	javaClasses = os.Getenv("KINECAST_INTEROP_JAVA")   // a class path
)

var update = flag.Bool("update", false, "write aggregate/testdata/kpl-*.hex anew")

func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	fmt.Print(results.String())
	os.Exit(status)
}

// installed skips a test where the foreign programs are not.
func installed(t *testing.T) {
	t.Helper()
	if nodeModules == "" {
		t.Skip("make interop installs the foreign servers and readers, and runs this")
	}
}
