package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/aggregate"
)

// outcome is how a run in a test ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// execute runs the program in this process, without the waiting that only real servers need. setUp may change the
// command.
func execute(t *testing.T, setUp func(*command), args ...string) outcome {
	t.Helper()
	return executeIn(t.Context(), t, setUp, args...)
}

func executeIn(ctx context.Context, t *testing.T, setUp func(*command), args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := newCommand(strings.NewReader(""), &stdout, &stderr, func(string) string { return "" })
	c.patience, c.pause = 0, time.Millisecond
	c.tweak = retryAtOnce
	if setUp != nil {
		setUp(c)
	}
	code := c.run(ctx, args)
	return outcome{code, stdout.String(), stderr.String()}
}

// retryAtOnce has the client retry as often as it does by itself, without waiting.
func retryAtOnce(o *kinesis.Options) {
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// input makes a file of the lines, and returns its path.
func input(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "input.ndjson")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// figures decodes the output of -json, which has to be one object and nothing else.
func (o outcome) figures(t *testing.T) figures {
	t.Helper()
	var f figures
	d := json.NewDecoder(strings.NewReader(o.stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%v in:\n%s\n%s", err, o.stdout, o.stderr)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("more than one object:\n%s", o.stdout)
	}
	return f
}

func (o outcome) want(t *testing.T, code int, stderr ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit status %d, want %d\n%s%s", o.code, code, o.stdout, o.stderr)
	}
	for _, text := range stderr {
		if !strings.Contains(o.stderr, text) {
			t.Errorf("%q is not in:\n%s", text, o.stderr)
		}
	}
}

func TestPlainRun(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), nil, strings.NewReader(""), &out, &errs, os.Getenv); code != exitProved {
		t.Errorf("exit status %d\n%s%s", code, out.String(), errs.String())
	}
	for _, want := range []string{
		"stream earthquakes, 4 shards, on an embedded Kinesis", "user records            1,707   1.2 MB",
		"shardId-000000000003  █", "2 to 3                ███████████▋                                229",
		"✓ 1,707 of 1,707 records read back and deaggregated: 0 missing", "✓ exactly once: 0 duplicates",
		"✓ keys intact: 0 under another key", "✓ in place: 0 outside",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
	for _, want := range []string{
		"1,707 records, 1.2 MB, to stream earthquakes on an embedded Kinesis\n",
		"delivered 1,707 of 1,707 records\n",
		"read back 1,707 of 1,707 records\n",
	} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("%q is not in:\n%s", want, errs.String())
		}
	}
	if strings.ContainsAny(out.String()+errs.String(), "\x1b\r") {
		t.Error("escape sequences outside of a terminal")
	}
}

func TestJSONRun(t *testing.T) {
	o := execute(t, nil, "-json")
	o.want(t, exitProved)
	f := o.figures(t)
	if o.stderr != "" {
		t.Errorf("standard error: %s", o.stderr)
	}
	inShards := 0
	for _, n := range f.Shards {
		inShards += n
	}
	if f.UserRecords != 1707 || f.ReadBack != 1707 || f.Bytes != 1_216_137 || inShards != 1707 || len(f.Shards) != 4 ||
		f.Missing+f.Duplicates+f.Misplaced+f.WrongKey+f.Failed+f.Foreign+f.Skipped+f.Refused != 0 || !f.Proved || f.Interrupted {
		t.Errorf("%+v", f)
	}
	// 24 records of 50 KiB are the least possible. The longer it takes the more leave before they are full, and each may in a
	// request of its own: of each of the four shards one in each linger, of which a second has ten.
	early := int64(40 * f.ElapsedSeconds)
	if f.KinesisRecords < 24 || f.KinesisRecords > 50+early || f.Requests < 1 || f.Requests > 30+early ||
		f.ElapsedSeconds <= 0 || f.RecordsPerSecond <= 0 {
		t.Errorf("%+v", f)
	}
	for _, name := range []string{
		"userRecords", "kinesisRecords", "requests", "readBack", "missing", "duplicates", "misplaced", "wrongKey", "elapsedSeconds",
	} {
		if !strings.Contains(o.stdout, `"`+name+`"`) {
			t.Errorf("no %s", name)
		}
	}
}

func TestRepeatsAreDistinctOnTheWire(t *testing.T) {
	var stored []string
	o := execute(t, func(c *command) { c.produced = func(s *service) { stored = contents(t, s) } },
		"-json", "-repeat", "3", "-shards", "7")
	o.want(t, exitProved)
	f := o.figures(t)
	if f.UserRecords != 3*1707 || f.ReadBack != 3*1707 || f.Missing+f.Duplicates+f.Misplaced+f.WrongKey != 0 || len(f.Shards) != 7 {
		t.Errorf("%+v", f)
	}
	slices.Sort(stored)
	if distinct := slices.Compact(stored); len(distinct) != 3*1707 {
		t.Errorf("%d distinct records stored", len(distinct))
	}
}

// What is stored on the server are the input's own lines, byte for byte.
func TestSentBytesAreTheLinesOwn(t *testing.T) {
	lines := []string{`{"id":"a"}`, ` { "id" : "b", "x":"\u00e9 é" }	`, `{"id":"c"}`, `{"id":"a"}`}
	for _, from := range []string{"a file", "standard input"} {
		t.Run(from, func(t *testing.T) {
			path := input(t, lines...)
			var stored []string
			o := execute(t, func(c *command) {
				c.produced = func(s *service) { stored = contents(t, s) }
				if from == "standard input" {
					path, c.stdin = "-", strings.NewReader(strings.Join(lines, "\r\n"))
				}
			}, "-json", "-key", "id", "-input", path)
			o.want(t, exitProved)
			if slices.Sort(stored); !slices.Equal(stored, slices.Sorted(slices.Values(lines))) {
				t.Errorf("stored %q", stored)
			}
			if f := o.figures(t); f.UserRecords != 4 || f.Duplicates != 0 {
				t.Errorf("%+v", f)
			}
		})
	}
}

// contents returns the data of every user record on the embedded server.
func contents(t *testing.T, s *service) (all []string) {
	t.Helper()
	for _, records := range s.embedded.Records("earthquakes") {
		for _, r := range records {
			for user, err := range aggregate.Deaggregate(r.PartitionKey, r.Data, nil) {
				if err != nil {
					t.Error(err)
				}
				all = append(all, string(user.Data))
			}
		}
	}
	return all
}

func TestSummaryWithoutMagnitudes(t *testing.T) {
	o := execute(t, nil, "-key", "id", "-input", input(t, `{"id":1}`, `{"id":2}`))
	o.want(t, exitProved)
	if strings.Contains(o.stdout, "magnitude") || !strings.Contains(o.stdout, "✓ 2 of 2 records") {
		t.Error(o.stdout)
	}
}

func TestStreamByARN(t *testing.T) {
	o := execute(t, nil, "-json", "-stream", "arn:aws:kinesis:eu-west-1:000000000042:stream/quakes")
	o.want(t, exitProved)
	if f := o.figures(t); !strings.HasSuffix(f.Stream, "stream/quakes") || slices.Max(slices.Collect(maps.Values(f.Shards))) == 0 {
		t.Errorf("%+v", f)
	}
}

func TestHelp(t *testing.T) {
	o := execute(t, nil, "-h")
	o.want(t, exitProved)
	if !strings.HasPrefix(o.stdout, "Usage: quickstart") || o.stderr != "" {
		t.Error(o)
	}
}
