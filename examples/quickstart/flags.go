package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"regexp"
)

// Bounds of what one run takes on.
const (
	maxShards  = 10_000     // what one Kinesis stream may have with on-demand limits raised
	maxReshard = 4_999      // shards at the start with -reshard, which makes up to 2n + 2 of them
	maxRecords = 20_000_000 // events times repeats; the proof keeps about 60 bytes for each
	maxRepeat  = 1_000_000
)

var regionName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// options is what the command line asks for, checked.
type options struct {
	input    string // a file, "-" for standard input, "" for the embedded feed
	key      keyPath
	stream   streamRef
	endpoint string // "" unless -endpoint
	region   string
	aws      bool
	create   bool
	strict   bool
	json     bool
	reshard  bool
	ordered  bool
	shards   int
	repeat   int
}

const usage = `Usage: quickstart [flags]

Puts events into a Kinesis stream through kinecast, reads every shard back, and proves that each event arrived exactly once.
Without flags: a week of real earthquakes into a Kinesis in memory. Nothing leaves this machine unless -endpoint or -aws is given.

`

const usageEnd = `
Exit status: 0 all proved; 1 something was sent but not proved; 2 nothing could be sent, or flags or input were refused.
`

// parseFlags reads and checks the command line. The error joins everything that is wrong with it; with -h it is
// flag.ErrHelp and the text has gone to help.
func parseFlags(args []string, help io.Writer) (options, error) {
	var o options
	var key, stream string
	fs := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	fs.StringVar(&o.input, "input", "", "`FILE` of NDJSON, one JSON object a line; - is standard input, read to its end first\n(default: the embedded earthquakes)")
	fs.StringVar(&key, "key", "properties.net", "dotted `PATH` of the member whose value is the partition key")
	fs.StringVar(&stream, "stream", "earthquakes", "`NAME` or ARN of the stream")
	fs.StringVar(&o.endpoint, "endpoint", "", "`URL` of a server that speaks Kinesis, asked with dummy credentials")
	fs.BoolVar(&o.aws, "aws", false, "use AWS itself; needs -stream and -region, and in the environment\nAWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and perhaps AWS_SESSION_TOKEN")
	fs.StringVar(&o.region, "region", "", "AWS `REGION` (default: the one in the stream's ARN, else us-east-1)")
	fs.BoolVar(&o.create, "create", false, "create the stream if it does not exist, and wait until it is ACTIVE")
	fs.IntVar(&o.shards, "shards", 4, "`N` shards for the embedded stream, or for one that -create makes")
	fs.BoolVar(&o.reshard, "reshard", false, "split, merge and double the shards of the embedded stream while the events are put")
	fs.BoolVar(&o.ordered, "ordered", false, "keep the order of each key, and prove it from what is read back")
	fs.IntVar(&o.repeat, "repeat", 1, "send the feed `N` times; pass k > 0 adds the member \"_repeat\": k to every event")
	fs.BoolVar(&o.strict, "strict", false, "end at the first line that cannot be sent, instead of skipping and counting it")
	fs.BoolVar(&o.json, "json", false, "print one JSON object on standard output and nothing else there")
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(help)
		fmt.Fprint(help, usage)
		fs.PrintDefaults()
		fmt.Fprint(help, usageEnd)
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w (-h lists the flags)", err)
	}
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	return o.check(key, stream, fs.Args(), given)
}

// check fills in what follows from other flags and reports every fault at once.
func (o options) check(key, stream string, rest []string, given map[string]bool) (options, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	var err error
	if o.key, err = parseKeyPath(key); err != nil {
		fault("-key: %w", err)
	}
	if o.stream, err = parseStream(stream); err != nil {
		fault("-stream: %w", err)
	}
	if len(rest) > 0 {
		fault("unexpected argument %q: everything is given by flags, -h lists them", rest[0])
	}
	if given["input"] && o.input == "" {
		fault("-input is empty: give a file, or - for standard input")
	}
	if o.repeat < 1 || o.repeat > maxRepeat {
		fault("-repeat %d: want 1 to %d", o.repeat, maxRepeat)
	}
	if o.shards < 1 || o.shards > maxShards {
		fault("-shards %d: want 1 to %d", o.shards, maxShards)
	}
	if o.reshard && o.shards > maxReshard {
		fault("-reshard with -shards %d: want at most %d, which it can still double", o.shards, maxReshard)
	}
	faults = append(faults, o.checkTarget(given)...)
	if o.region == "" {
		o.region = o.stream.region
	}
	if o.region == "" {
		o.region = "us-east-1"
	}
	return o, errors.Join(faults...)
}

// checkTarget holds the rules of -endpoint, -aws, -region, -create, -shards and -reshard.
func (o options) checkTarget(given map[string]bool) (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if given["endpoint"] {
		if u, err := url.Parse(o.endpoint); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			fault("-endpoint %q: want a URL such as http://127.0.0.1:4567", o.endpoint)
		}
	}
	if o.aws && given["endpoint"] {
		fault("-aws and -endpoint exclude each other: your credentials are for AWS alone")
	}
	if o.aws && (!given["stream"] || !given["region"]) {
		fault("-aws needs -stream and -region: nothing in an account is written to by default")
	}
	if given["region"] && !regionName.MatchString(o.region) {
		fault("-region %q: want a name such as eu-west-1", o.region)
	}
	if given["region"] && o.stream.region != "" && o.stream.region != o.region {
		fault("-region %s: the stream's ARN says %s", o.region, o.stream.region)
	}
	if given["shards"] && !o.create && !o.embedded() {
		fault("-shards counts only for a stream that is created: add -create")
	}
	if o.reshard && !o.embedded() {
		fault("-reshard changes the shards of the embedded stream alone: leave out -endpoint and -aws")
	}
	return faults
}

// embedded reports whether the run brings its own Kinesis.
func (o options) embedded() bool { return o.endpoint == "" && !o.aws }
