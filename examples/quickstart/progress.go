package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

const (
	liveEvery  = 100 * time.Millisecond // a terminal's line is drawn anew
	plainEvery = 5 * time.Second        // a line is added to a log
)

// progress says how far a run is: one line that changes on a terminal, a few plain lines elsewhere, nothing when
// quiet.
type progress struct {
	to    io.Writer
	live  bool
	quiet bool
}

// step announces one part of the work and shows how much is done until the returned function is called, which prints
// the end of it.
func (p progress) step(verb, noun string, total int, done func() int) (end func()) {
	if p.quiet {
		return func() {}
	}
	line := func() string { return fmt.Sprintf("%s %s of %s %s", verb, group(done()), group(total), noun) }
	every, show := plainEvery, func() { fmt.Fprintln(p.to, line()) }
	if p.live {
		every, show = liveEvery, func() { fmt.Fprint(p.to, "\r\x1b[K", line()) }
	}
	stop := make(chan struct{})
	var drawing sync.WaitGroup
	drawing.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				show()
			case <-stop:
				return
			}
		}
	})
	return func() {
		close(stop)
		drawing.Wait()
		if p.live {
			fmt.Fprint(p.to, "\r\x1b[K")
			return
		}
		show()
	}
}

// say prints a line of its own.
func (p progress) say(text string) {
	if !p.quiet {
		fmt.Fprintln(p.to, text)
	}
}

// isTerminal reports whether w is a terminal rather than a file, a pipe or a test's buffer.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
