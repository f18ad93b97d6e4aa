//go:build linux

package tree_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/kinecast/kinecast/bench/internal/tree"
)

// A child's memory is its parent's, as long as it lives.
func TestChildrenCount(t *testing.T) {
	alone, err := tree.Of(os.Getpid())
	if err != nil || alone.Resident <= 0 || alone.Peak < alone.Resident {
		t.Fatalf("%+v, %v", alone, err)
	}
	child := exec.CommandContext(t.Context(), "cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	own, err := tree.Of(child.Process.Pid)
	if err != nil || own.Peak <= 0 {
		t.Errorf("the child: %+v, %v", own, err)
	}
	both, err := tree.Of(os.Getpid())
	if err != nil || both.Peak < alone.Peak+own.Peak/2 {
		t.Errorf("alone %+v, child %+v, together %+v, %v", alone, own, both, err)
	}
	_ = in.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
}
