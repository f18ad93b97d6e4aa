package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// The exit statuses.
const (
	exitProved   = 0
	exitUnproved = 1 // something was sent, and not everything was proved to be there
	exitRefused  = 2 // nothing was sent, or the input was at fault
)

// run is the program without its process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	return newCommand(stdin, stdout, stderr, env).run(ctx, args)
}

// command is the program's surroundings. The fields of the second group are the same in every run; tests set them
// otherwise.
type command struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string

	recordTTL time.Duration          // ends the records, and so the run, when a server no longer answers
	patience  time.Duration          // see reader
	pause     time.Duration          // between two looks at what is not yet so
	tweak     func(*kinesis.Options) // of the client
	produced  func(*service)         // called between putting and reading back
}

func newCommand(stdin io.Reader, stdout, stderr io.Writer, env func(string) string) *command {
	return &command{
		stdin: stdin, stdout: stdout, stderr: stderr, env: env,
		recordTTL: 30 * time.Second,
		patience:  10 * time.Second,
		pause:     250 * time.Millisecond, // a shard may be read five times a second
		tweak:     func(*kinesis.Options) {},
		produced:  func(*service) {},
	}
}

func (c *command) run(ctx context.Context, args []string) int {
	o, err := parseFlags(args, c.stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitProved
	}
	if err != nil {
		return c.refuse(err)
	}
	f, err := c.load(ctx, o)
	if err != nil {
		return c.refuse(err)
	}
	s, err := c.open(ctx, o, f)
	if err != nil {
		return c.refuse(err)
	}
	defer s.close()
	if err := s.send(ctx, c.recordTTL); err != nil {
		c.complain(err)
		if s.admitted() == 0 || errors.As(err, &badLine{}) {
			return exitRefused
		}
	}
	c.produced(s.service)
	r, err := s.judge(context.WithoutCancel(ctx))
	if err != nil {
		c.complain(err)
		return exitUnproved
	}
	return c.tell(o, r)
}

// load reads the input and says which of its lines cannot be sent.
func (c *command) load(ctx context.Context, o options) (*feed, error) {
	f, err := loadFeed(ctx, o, c.stdin)
	if err != nil {
		return nil, err
	}
	c.complainLines("skipped", f.faults, f.skipped)
	switch n := len(f.quakes); {
	case n == 0:
		return nil, errors.New("the input has no event that can be sent")
	case n > maxRecords/o.repeat:
		return nil, fmt.Errorf("%s, -repeat %d: one run proves at most %s", count(n, "event"), o.repeat, count(maxRecords, "record"))
	}
	return f, nil
}

// tell prints the report.
func (c *command) tell(o options, r report) int {
	var err error
	if o.json {
		err = r.writeJSON(c.stdout)
	} else {
		_, err = io.WriteString(c.stdout, r.summary(paintFor(c.stdout, c.env)))
	}
	if err != nil {
		c.complain(fmt.Errorf("writing the result: %w", err))
		return exitUnproved
	}
	if !r.proved() {
		return exitUnproved
	}
	return exitProved
}

func (c *command) refuse(err error) int {
	c.complain(err)
	return exitRefused
}

// complain writes an error, each of its lines under the program's name.
func (c *command) complain(err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(c.stderr, "quickstart: %s\n", strings.TrimRight(line, "\n"))
	}
}

// complainLines names the first bad lines of the input, and how many more there are.
func (c *command) complainLines(what string, first []badLine, all int) {
	for _, bad := range first {
		c.complain(fmt.Errorf("%s %w", what, bad))
	}
	if more := all - len(first); more > 0 {
		c.complain(fmt.Errorf("%s %s more", what, count(more, "line")))
	}
}
