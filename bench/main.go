// Command bench measures what kinecast costs, against what the bytes themselves cost and against rivals, and draws it.
//
//	go run ./bench                  everything that is installed, some minutes
//	go run ./bench -quick           the figures that matter most, under a minute
//	go run ./bench -run 'shards'    the scenarios whose names match
//	go run ./bench -list            what there is
//
// Every cost is a ratio to the floor, or to a rival, of the same run: see internal/measure. The server is another process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"

	"github.com/kinecast/kinecast/bench/internal/far"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := dispatch(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// dispatch tells the program from the processes that it starts of itself.
func dispatch(ctx context.Context, args []string) error {
	if len(args) == 2 && args[0] == far.Verb {
		return far.Main(args[1], os.Stdin, os.Stdout)
	}
	if len(args) > 0 && args[0] == rivalVerb {
		return contend(ctx, args[1:], os.Stdin, os.Stdout)
	}
	set, err := parse(args, os.Stderr)
	if err != nil {
		return err
	}
	if set.list {
		for _, s := range scenarios() {
			fmt.Fprintf(os.Stdout, "%-12s %s\n", s.name, s.about)
		}
		return nil
	}
	return set.run(ctx, os.Stdout, os.Stderr)
}

// settings are what the flags say.
type settings struct {
	quick  bool
	list   bool
	only   *regexp.Regexp
	json   string
	plots  string
	page   string
	rivals string
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&set.quick, "quick", false, "smaller slices and the most telling cases only: under a minute")
	flags.BoolVar(&set.list, "list", false, "list the scenarios and end")
	only := flags.String("run", "", "run the scenarios whose names match this `REGEXP`")
	flags.StringVar(&set.json, "json", "", "write all figures to this `FILE`; - for the standard output, instead of the table")
	flags.StringVar(&set.plots, "plots", "", "draw the plots into this `DIRECTORY`, as PNG")
	flags.StringVar(&set.page, "page", "", "write the tables of this Markdown `FILE`, between its marks: docs/performance.md")
	flags.StringVar(&set.rivals, "rivals", "sdk", "compare with these `NAMES`, separated by commas: sdk, kpl; all; none")
	if err := flags.Parse(args); err != nil {
		return set, err
	}
	if flags.NArg() > 0 {
		return set, fmt.Errorf("%q is no flag; see -help", flags.Arg(0))
	}
	var err error
	if set.only, err = regexp.Compile(*only); err != nil {
		return set, fmt.Errorf("-run: %w", err)
	}
	return set, nil
}
