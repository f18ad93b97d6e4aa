package proptest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestMain turns rapid's fail files off, since some tests here watch properties fail. The seed that rapid prints suffices to
// repeat a real failure; -rapid.nofailfile=false brings the files back.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// Recorder is a test that fails without consequences, and remembers what it was told.
type Recorder struct {
	rapid.TB // what is missing here must not be called

	failed bool
	told   strings.Builder
}

// Record runs a test to its end, also when it stops in the middle.
func Record(test func(rapid.TB)) *Recorder {
	r, done := &Recorder{}, make(chan struct{})
	go func() { // FailNow ends a goroutine
		defer close(done)
		test(r)
	}()
	<-done
	return r
}

func (r *Recorder) Helper()      {}
func (r *Recorder) Name() string { return "recorder" }
func (r *Recorder) Failed() bool { return r.failed }
func (r *Recorder) Fail()        { r.failed = true }

func (r *Recorder) FailNow() {
	r.failed = true
	runtime.Goexit()
}

func (r *Recorder) Logf(format string, args ...any) { fmt.Fprintf(&r.told, format+"\n", args...) }
func (r *Recorder) Log(args ...any)                 { fmt.Fprintln(&r.told, args...) }

func (r *Recorder) Errorf(format string, args ...any) {
	r.Logf(format, args...)
	r.Fail()
}

func (r *Recorder) Fatalf(format string, args ...any) {
	r.Logf(format, args...)
	r.FailNow()
}

// Told is everything that it was told.
func (r *Recorder) Told() string { return r.told.String() }

// Verdict is what a law told at last, without what rapid says around it, which changes from run to run.
func (r *Recorder) Verdict() string {
	told := "\n" + r.told.String()
	return strings.TrimSpace(told[strings.LastIndex(told, "\nproptest:")+1:])
}
