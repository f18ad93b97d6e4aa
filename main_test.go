package kinecast_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain sees to it that no goroutine of ours outlives the tests that started it.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftovers(); code == 0 && left != "" {
		fmt.Fprintf(os.Stderr, "goroutines are left after all tests:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// leftovers are the stacks of goroutines that run code of this module, beside the caller. Those that are about to end
// get a moment to do so.
func leftovers() string {
	for deadline := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		buffer := make([]byte, 1<<20)
		stacks := strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n")
		var left []string
		for _, stack := range stacks[1:] { // the first one is ours
			if strings.Contains(stack, modulePath) && !strings.Contains(stack, "testing.(*T).Run") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return strings.Join(left, "\n\n")
		}
	}
}
