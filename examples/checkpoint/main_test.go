package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestMain makes the test's own binary the program under trial when it is started as such.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "copy" {
		main()
		return
	}
	os.Exit(m.Run())
}

func Example() {
	if err := trial(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// lines in the file: 20000
	// killed with -9 and started again: 20 times
	// lost: 0
	// some were repeated: true
	// not more than were put since the last checkpoint, 500 at each kill: true
	// repeats after de-duplication by id: 0
}

// A position is read as it was committed, is 0 before the first commit, and what is no number is not taken for one.
func TestPosition(t *testing.T) {
	name := filepath.Join(t.TempDir(), "position")
	for _, want := range []int64{0, 7, 1 << 40, 3} {
		if want > 0 {
			if err := commit(name, want); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := load(name); got != want || err != nil {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
	if err := os.WriteFile(name, []byte("12half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(name); err == nil {
		t.Error("a torn position is taken")
	}
}
