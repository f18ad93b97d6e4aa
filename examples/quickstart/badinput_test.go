package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

const goodLine = `{"properties":{"net":"uw"}}`

func TestBadLinesAreSkippedAndCounted(t *testing.T) {
	path := input(t, goodLine, "{", goodLine, `{"properties":{"net":""}}`, goodLine)
	o := execute(t, nil, "-json", "-input", path)
	o.want(t, exitProved, "quickstart: skipped line 2: truncated JSON", "quickstart: skipped line 4: properties.net is empty")
	if f := o.figures(t); f.UserRecords != 3 || f.ReadBack != 3 || f.Skipped != 2 {
		t.Errorf("%+v", f)
	}
	o = execute(t, nil, "-json", "-strict", "-input", path)
	o.want(t, exitRefused, "line 2: truncated JSON")
	if o.stdout != "" {
		t.Error(o.stdout)
	}
}

func TestManyBadLinesAreSummedUp(t *testing.T) {
	lines := append(strings.Fields(strings.Repeat("bad ", 50)), goodLine)
	execute(t, nil, "-input", input(t, lines...)).want(t, exitProved, "skipped line 10: ", "skipped 40 lines more")
}

func TestInputWithNothingToSend(t *testing.T) {
	const want = "the input has no event that can be sent"
	execute(t, nil, "-input", input(t)).want(t, exitRefused, want)
	execute(t, nil, "-input", "-").want(t, exitRefused, want)
	execute(t, nil, "-input", input(t, "bad", "")).want(t, exitRefused, "skipped line 1: malformed JSON", want)
	execute(t, nil, "-input", filepath.Join(t.TempDir(), "absent")).want(t, exitRefused, "-input: open ", "no such file")
	execute(t, nil, "-repeat", "100000").want(t, exitRefused, "one run proves at most 20,000,000 records")
}

func TestRecordOverTheStreamsLimit(t *testing.T) {
	path := input(t, goodLine, `{"properties":{"net":"uw"},"x":"`+strings.Repeat("x", 2<<20)+`"}`, goodLine)
	o := execute(t, nil, "-json", "-input", path)
	o.want(t, exitProved, "refused line 2: ")
	if f := o.figures(t); f.UserRecords != 2 || f.ReadBack != 2 || f.Refused != 1 {
		t.Errorf("%+v", f)
	}
	execute(t, nil, "-json", "-strict", "-input", path).want(t, exitRefused, "line 2: ")
}

func TestStreamInTheWrongState(t *testing.T) {
	server := kinesistest.New(t,
		kinesistest.Stream("coming", 1, kinesistest.Status(types.StreamStatusCreating)),
		kinesistest.Stream("going", 1, kinesistest.Status(types.StreamStatusDeleting)))
	execute(t, nil, "-endpoint", server.URL(), "-stream", "coming").
		want(t, exitRefused, "stream coming is CREATING: try again when it is ACTIVE")
	execute(t, nil, "-endpoint", server.URL(), "-stream", "going").
		want(t, exitRefused, "stream going is DELETING")
}

func TestWrongCredentials(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("quakes", 1), kinesistest.AccessKeys("ANOTHER"))
	execute(t, nil, "-endpoint", server.URL(), "-stream", "quakes").
		want(t, exitRefused, "refused the credentials: with -endpoint the dummy access key QUICKSTART")
	o := execute(t, func(c *command) {
		c.env = func(name string) string { return awsEnvironment[name] }
		c.tweak = func(o *kinesis.Options) {
			retryAtOnce(o)
			url := server.URL()
			o.BaseEndpoint = &url
		}
	}, "-aws", "-region", "us-east-1", "-stream", "quakes")
	o.want(t, exitRefused, "refused the credentials: look at AWS_ACCESS_KEY_ID")
	if strings.Contains(o.stderr, "never-to-be-shown") {
		t.Errorf("a secret in: %s", o.stderr)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	execute(t, nil, "-endpoint", url).want(t, exitRefused, "nobody answers at "+url+": is the server running")
}

func TestServersThatAreNotKinesis(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"HTML": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>hello</html>") },
		"HTML 502": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>bad gateway</html>", http.StatusBadGateway)
		},
		"404":          http.NotFound,
		"nothing":      func(http.ResponseWriter, *http.Request) {},
		"{}":           func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") },
		"nothing, 400": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			execute(t, nil, "-endpoint", server.URL).
				want(t, exitRefused, server.URL+" answered, but not as Kinesis does: is that the right address?")
		})
	}
}

// Servers that answer well at first and badly when records come: every record ends as a failure, and so does the run.
func TestPutsThatNeverSucceed(t *testing.T) {
	for name, fault := range map[string]kinesistest.Fault{
		"HTML":     kinesistest.HTML(http.StatusBadGateway),
		"nothing":  kinesistest.EmptyOK(),
		"too few":  kinesistest.TooFew(0),
		"refusal":  kinesistest.CallError(http.StatusBadRequest, "AccessDeniedException", "no rights"),
		"overload": kinesistest.RecordError("ProvisionedThroughputExceededException", "Rate exceeded"),
	} {
		t.Run(name, func(t *testing.T) {
			server := kinesistest.New(t, kinesistest.Stream("quakes", 1))
			server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: fault})
			o := execute(t, func(c *command) { c.recordTTL = 200 * time.Millisecond },
				"-json", "-endpoint", server.URL(), "-stream", "quakes")
			o.want(t, exitUnproved, "first failure: ")
			if f := o.figures(t); f.Failed != f.UserRecords || f.Failed == 0 || f.Proved {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestReadBackThatFails(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("quakes", 2))
	o := execute(t, func(c *command) {
		c.produced = func(*service) {
			server.Inject(kinesistest.Rule{On: kinesistest.GetRecords, Do: kinesistest.HTML(http.StatusBadGateway)})
		}
	}, "-json", "-endpoint", server.URL(), "-stream", "quakes")
	o.want(t, exitUnproved, "nothing is proved: ", "answered, but not as Kinesis does")
	if o.stdout != "" {
		t.Error(o.stdout)
	}
}

// A signal while records are put: what was admitted is drained and judged, and the exit status says that it was not
// everything.
func TestInterruptedWhilePutting(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	o := executeIn(ctx, t, func(c *command) {
		c.tweak = func(o *kinesis.Options) {
			client := o.HTTPClient
			o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutRecords") {
					interrupt() // no record has a result yet, and not all of the run fit into the producer
				}
				return client.Do(r)
			})}
		}
	}, "-json", "-repeat", "100")
	o.want(t, exitUnproved)
	f := o.figures(t)
	if !f.Interrupted || f.UserRecords == 0 || f.UserRecords >= 170_700 || f.ReadBack != f.UserRecords || f.Missing+f.Duplicates != 0 {
		t.Errorf("%+v", f)
	}
}

func TestInterruptedWhileReadingTheInput(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	stdin, typist := io.Pipe()
	defer typist.Close()
	o := executeIn(ctx, t, func(c *command) { c.stdin = stdin }, "-input", "-")
	o.want(t, exitRefused, "interrupted while reading the input: nothing was sent")
}

func TestInterruptedBeforePutting(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("coming", 1, kinesistest.Status(types.StreamStatusCreating)))
	ctx, interrupt := context.WithCancel(t.Context())
	o := executeIn(ctx, t, func(c *command) {
		c.tweak = func(o *kinesis.Options) {
			client := o.HTTPClient
			o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				interrupt()
				return client.Do(r)
			})}
		}
	}, "-create", "-endpoint", server.URL(), "-stream", "coming")
	o.want(t, exitRefused, "interrupted: nothing was sent")
}
