package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var bigEntry = []Entry{{PartitionKey: []byte("key"), Data: make([]byte, 10_000)}} // more than net/http's 4 KiB buffer

func putCured(ctx context.Context, api API) error {
	if _, f := PutRecords(ctx, api, events, bigEntry); f != nil {
		return f
	}
	return nil
}

// putBare is the same call as putCured, without this package.
func putBare(ctx context.Context, api API) error {
	_, err := api.PutRecords(ctx, &kinesis.PutRecordsInput{
		StreamName: &events.Name,
		Records:    []types.PutRecordsRequestEntry{{PartitionKey: aws.String("key"), Data: bigEntry[0].Data}},
	}, singleAttempt)
	return err
}

// The body that an HTTP client gets has no WriteTo, and is otherwise the SDK's.
func TestCureHidesWriterTo(t *testing.T) {
	seen := func(put func(context.Context, API) error) (writerTo bool, content []byte) {
		client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
			o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
				_, writerTo = r.Body.(io.WriterTo)
				content, _ = io.ReadAll(r.Body)
				if int64(len(content)) != r.ContentLength {
					t.Errorf("body of %d bytes, Content-Length %d", len(content), r.ContentLength)
				}
				return canned(200, amzJSON, stored)(r)
			})
		})
		if err := put(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		return writerTo, content
	}
	cured, got := seen(putCured)
	ill, want := seen(putBare)
	if cured {
		t.Error("the body has WriteTo: net/http will take a quick answer for a write error")
	}
	if !ill {
		t.Error("the SDK's own body has no WriteTo any more: cure.go can go")
	}
	if !bytes.Equal(got, want) {
		t.Error("the cure changed the body")
	}
}

// Middlewares of the client's owner may put another body; one without Seek is cured as well.
func TestCureWithoutSeek(t *testing.T) {
	r, err := smithyhttp.NewStackRequest().(*smithyhttp.Request).SetStream(bytes.NewBufferString("body"))
	if err != nil {
		t.Fatal(err)
	}
	cured, err := hideWriterTo(r)
	if err != nil {
		t.Fatal(err)
	}
	body := cured.Build(t.Context()).Body
	if _, has := body.(io.WriterTo); has {
		t.Error("the body has WriteTo")
	}
	if content, err := io.ReadAll(body); string(content) != "body" || err != nil || cured.ContentLength != 4 {
		t.Errorf("%q, %v, Content-Length %d", content, err, cured.ContentLength)
	}
}

// The fault itself, made certain: the answer comes, and the SDK closes the body, while net/http still believes to be
// writing the last bytes. Then net/http looks whether there is more to write. What it finds is the error it reports to
// httptrace, and with an error it closes the connection under the answer.
func TestCureSurvivesQuickAnswer(t *testing.T) {
	endpoint := serve(t, says(200, amzJSON, stored))
	writeError := func(put func(context.Context, API) error) error {
		wrote := make(chan error, 1)
		answered := make(chan struct{})
		transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return slowWriter{conn, answered}, err
		}}
		defer transport.CloseIdleConnections()
		var found error
		client := newClient(t, endpoint, func(o *kinesis.Options) {
			o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
				resp, err := transport.RoundTrip(r)
				r.Body.Close() // as the SDK does, next
				close(answered)
				found = <-wrote
				return resp, err
			})
		})
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			WroteRequest: func(info httptrace.WroteRequestInfo) { wrote <- info.Err },
		})
		if err := put(ctx, client); err != nil && found == nil {
			t.Fatal(err)
		}
		return found
	}
	if err := writeError(putCured); err != nil {
		t.Errorf("net/http took a quick answer for a write error: %v", err)
	}
	if err := writeError(putBare); !errors.Is(err, io.EOF) {
		t.Errorf("the SDK alone: write error %v, want io.EOF; if it is cured, cure.go can go", err)
	}
}

// slowWriter delivers the end of a request at once, but says so only when the answer is there.
type slowWriter struct {
	net.Conn
	answered <-chan struct{}
}

func (c slowWriter) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if bytes.HasSuffix(p, []byte(`"StreamName":"events"}`)) {
		<-c.answered
	}
	return n, err
}
