package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
)

// settings are what the flags say.
type settings struct {
	options     []kinesistest.Option
	rules       []kinesistest.Rule
	certificate string // a file to write it to
}

// streams are the -stream flags, in their order.
type streams []string

func (s *streams) String() string { return strings.Join(*s, " ") }

func (s *streams) Set(text string) error {
	*s = append(*s, text)
	return nil
}

// parse reads the command line.
func parse(args []string, stderr io.Writer) (settings, error) {
	flags := flag.NewFlagSet("kinesistest", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var names streams
	flags.Var(&names, "stream", "a `NAME:SHARDS` to begin with; may be given several times")
	listen := flags.String("listen", "127.0.0.1:4567", "the `ADDRESS` to listen at; port 0 is any free one")
	records := flags.Float64("records", 0, "what each shard takes, in records a `SECOND`; 0: no limit (the service has 1000)")
	bytes := flags.Float64("bytes", 0, "what each shard takes, in bytes a `SECOND`; 0: no limit (the service has 1048576)")
	calls := flags.Bool("call-limits", false, "limit how often streams and shards are described, as the service does")
	keep := flags.Int("keep", -1, "keep the newest `N` records of each shard; 0 only counts; -1 keeps all")
	size := flags.Int("record-kib", 1024, "the largest record, in `KIB`: 1024 to 10240")
	transition := flags.Duration("transition", 500*time.Millisecond, "how long streams are CREATING, DELETING, UPDATING")
	late := flags.Duration("reshard-after", 0, "how long the parents of a reshard stay open; 0: the children open at once")
	data := flags.String("data", "", "keep streams and records in this `DIRECTORY`, also when the process is killed, and begin with what is there")
	rules := flags.String("rules", "", "a JSON `FILE` of rules that break things")
	secure := flags.Bool("tls", false, "speak https, under a certificate of its own")
	certificate := flags.String("tls-cert", "", "with -tls, write the certificate to this `FILE`, in PEM")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	set := settings{certificate: *certificate}
	set.options = append(set.options, kinesistest.Listen(*listen), kinesistest.Transition(*transition))
	if *late > 0 {
		set.options = append(set.options, kinesistest.Resharding(kinesistest.Late(*late)))
	}
	if *data != "" {
		set.options = append(set.options, kinesistest.Journal(*data))
	}
	if *calls {
		set.options = append(set.options, kinesistest.CallLimits())
	}
	switch {
	case *secure:
		set.options = append(set.options, kinesistest.TLS())
	case *certificate != "":
		return settings{}, errors.New("-tls-cert wants a certificate, of which there is none without -tls")
	}
	each := []kinesistest.StreamOption{
		kinesistest.Throttled(kinesistest.Throughput{Records: *records, Bytes: *bytes}), kinesistest.MaxRecordSize(*size)}
	if *keep >= 0 {
		each = append(each, kinesistest.Keep(*keep))
	}
	for _, text := range names {
		name, number, _ := strings.Cut(text, ":")
		shards, err := strconv.Atoi(number)
		if err != nil {
			return settings{}, fmt.Errorf("-stream %s: must be NAME:SHARDS, as events:4", text)
		}
		set.options = append(set.options, kinesistest.Stream(name, shards, each...))
	}
	if *rules == "" {
		return set, nil
	}
	text, err := os.ReadFile(*rules)
	if err != nil {
		return settings{}, fmt.Errorf("-rules: %w", err)
	}
	if set.rules, err = readRules(text); err != nil {
		return settings{}, fmt.Errorf("-rules %s: %w", *rules, err)
	}
	return set, nil
}
