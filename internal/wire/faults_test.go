package wire

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type verdict struct {
	code   string
	status int
	sent   bool
}

func check(t *testing.T, f *Failure, want verdict) {
	t.Helper()
	if f == nil {
		t.Fatalf("no failure, want %+v", want)
	}
	if got := (verdict{f.Code, f.Status, f.Sent}); got != want {
		t.Errorf("got %+v, want %+v\n%v", got, want, f)
	}
	if f.Message == "" || len(f.Message) > maxText {
		t.Errorf("message of %d bytes: %q", len(f.Message), f.Message)
	}
	for _, secret := range []string{accessKey, secretKey, session, "Signature="} {
		if strings.Contains(f.Error(), secret) {
			t.Errorf("error has %q: %v", secret, f)
		}
	}
}

// What a server may do to a call, and what we make of it.
func TestServerFaults(t *testing.T) {
	const (
		html     = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
		okHeader = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 4000\r\n\r\n"
	)
	for _, c := range []struct {
		name   string
		server http.HandlerFunc
		want   verdict
	}{
		{"throttled", refuses(400, "ProvisionedThroughputExceededException"), verdict{"ProvisionedThroughputExceededException", 400, false}},
		{"limit", refuses(400, "LimitExceededException"), verdict{"LimitExceededException", 400, false}},
		{"throttling", refuses(400, "ThrottlingException"), verdict{"ThrottlingException", 400, false}},
		{"429", refuses(429, "TooManyRequestsException"), verdict{"TooManyRequestsException", 429, false}},
		{"KMS throttling", refuses(400, "KMSThrottlingException"), verdict{"KMSThrottlingException", 400, false}},
		{"expired token", refuses(400, "ExpiredTokenException"), verdict{"ExpiredTokenException", 400, false}},
		{"bad signature", refuses(400, "InvalidSignatureException"), verdict{"InvalidSignatureException", 400, false}},
		{"unknown client", refuses(400, "UnrecognizedClientException"), verdict{"UnrecognizedClientException", 400, false}},
		{"no stream", refuses(400, "ResourceNotFoundException"), verdict{"ResourceNotFoundException", 400, false}},
		{"dry run", refuses(400, "DryRunOperationException"), verdict{"DryRunOperationException", 400, false}},
		{"code with namespace", refuses(400, "com.amazonaws.kinesis#ValidationException:http://x"), verdict{"ValidationException", 400, false}},
		{"code in the header", says(403, amzJSON, `{}`, "X-Amzn-ErrorType", "AccessDeniedException"), verdict{"AccessDeniedException", 403, false}},

		{"500 typed", refuses(500, "InternalFailureException"), verdict{"InternalFailureException", 500, true}},
		{"500 generic", refuses(500, "InternalFailure"), verdict{"InternalFailure", 500, true}},
		{"503 JSON", refuses(503, "ServiceUnavailable"), verdict{"ServiceUnavailable", 503, true}},
		{"500 empty", says(500, amzJSON, ""), verdict{CodeBadAnswer, 500, true}},
		{"504 empty", says(504, amzJSON, ""), verdict{CodeBadAnswer, 504, true}},
		{"502 HTML", says(502, "text/html; charset=utf-8", html), verdict{CodeBadAnswer, 502, true}},
		{"503 HTML", says(503, "text/html", html), verdict{CodeBadAnswer, 503, true}},
		{"413 empty", says(413, amzJSON, ""), verdict{CodeBadAnswer, 413, true}},
		{"400 empty", says(400, amzJSON, ""), verdict{CodeBadAnswer, 400, true}},
		{"400 without code", says(403, "application/json", `{"message":"Forbidden"}`), verdict{CodeBadAnswer, 403, true}},
		{"400 truncated", says(400, amzJSON, `{"__type":"ValidationEx`), verdict{CodeBadAnswer, 400, true}},
		{"400 with a sentence for a code", refuses(400, "no such thing"), verdict{CodeBadAnswer, 400, true}},
		{"404 text", says(404, "text/plain", "404 page not found"), verdict{CodeBadAnswer, 404, true}},
		{"redirect", says(302, "text/html", html), verdict{CodeBadAnswer, 302, true}},

		{"200 empty", says(200, amzJSON, ""), verdict{CodeWrongCount, 200, true}},
		{"200 {}", says(200, amzJSON, `{}`), verdict{CodeWrongCount, 200, true}},
		{"200 with an error inside", says(200, amzJSON, `{"__type":"InternalFailure"}`), verdict{CodeWrongCount, 200, true}},
		{"200 null results", says(200, amzJSON, `{"Records":null}`), verdict{CodeWrongCount, 200, true}},
		{"200 too many", says(200, amzJSON, `{"Records":[{},{}]}`), verdict{CodeWrongCount, 200, true}},
		{"200 null entry", says(200, amzJSON, `{"Records":[null]}`), verdict{CodeBadAnswer, 200, true}},
		{"200 no shard", says(200, amzJSON, `{"Records":[{"SequenceNumber":"1"}]}`), verdict{CodeBadAnswer, 200, true}},
		{"200 empty number", says(200, amzJSON, `{"Records":[{"SequenceNumber":"","ShardId":"shardId-000000000000"}]}`), verdict{CodeBadAnswer, 200, true}},
		{"200 odd code", says(200, amzJSON, `{"Records":[{"ErrorCode":"<b>"}]}`), verdict{CodeBadAnswer, 200, true}},
		{"200 truncated", says(200, amzJSON, stored[:len(stored)-3]), verdict{CodeBadAnswer, 200, true}},
		{"200 HTML", says(200, "text/html", html), verdict{CodeBadAnswer, 200, true}},
		{"200 too long", says(200, amzJSON, strings.Repeat(" ", maxAnswer+1)), verdict{CodeBadAnswer, 200, true}},
		{"short of Content-Length", breaks(okHeader+stored[:20], closes), verdict{CodeBadAnswer, 200, true}},
		{"reset in the body of a 200", breaks(okHeader+stored[:20], resets), verdict{CodeBadAnswer, 200, true}},

		{"close", breaks("", closes), verdict{CodeConnectionReset, 0, true}},
		{"reset", breaks("", resets), verdict{CodeConnectionReset, 0, true}},
		{"half a status line", breaks("HTTP/1.1 20", closes), verdict{CodeNetwork, 0, true}},
		{"not HTTP", breaks("SSH-2.0-OpenSSH\r\n", closes), verdict{CodeNetwork, 0, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var calls atomic.Int32
			endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				c.server(w, r)
			})
			answers, f := PutRecords(t.Context(), newClient(t, endpoint), events, one)
			check(t, f, c.want)
			if answers != nil || calls.Load() != 1 {
				t.Errorf("%d answers after %d calls, want none after 1", len(answers), calls.Load())
			}
			if strings.Contains(f.Error(), "nginx") {
				t.Errorf("the web page is in the error: %v", f)
			}
		})
	}
}

// What keeps a call from reaching its server, or ends it on our side.
func TestClientFaults(t *testing.T) {
	good := serve(t, says(200, amzJSON, stored))
	secure := httptest.NewUnstartedServer(says(200, amzJSON, stored))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	transport := func(tr *http.Transport) func(*kinesis.Options) {
		return func(o *kinesis.Options) { o.HTTPClient = &http.Client{Transport: tr} }
	}
	noHost := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "kinesis.invalid", IsNotFound: true}}
	noRoute := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route to host")}
	dialing := func(err error) *http.Transport {
		return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}
	}
	for _, c := range []struct {
		name     string
		endpoint string
		change   func(*kinesis.Options)
		want     verdict
	}{
		{"nobody listens", unused(t), nil, verdict{CodeConnectionRefused, 0, false}},
		{"no such host", good, transport(dialing(noHost)), verdict{CodeDNS, 0, false}},
		{"no route", good, transport(dialing(noRoute)), verdict{CodeUnreachable, 0, false}},
		{"strange certificate", secure.URL, nil, verdict{CodeTLS, 0, false}},
		{"https to http", strings.Replace(good, "http:", "https:", 1), nil, verdict{CodeTLS, 0, false}},
		{"no answer", silent, transport(&http.Transport{ResponseHeaderTimeout: time.Millisecond}), verdict{CodeTimeout, 0, true}},
		{"credentials out of reach", good, func(o *kinesis.Options) {
			o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
				// Like those from a metadata service: an HTTP request with the call's own context.
				r, _ := http.NewRequestWithContext(ctx, http.MethodPut, good, strings.NewReader("ttl"))
				if resp, err := http.DefaultClient.Do(r); err == nil {
					resp.Body.Close()
				}
				return aws.Credentials{}, errors.New("the role is gone")
			})
		}, verdict{CodeSigning, 0, false}},
		{"no region", good, func(o *kinesis.Options) { o.Region, o.BaseEndpoint = "", nil }, verdict{CodeClient, 0, false}},
		{"a Host header that the SDK refuses", good, func(o *kinesis.Options) {
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				return stack.Build.Add(middleware.BuildMiddlewareFunc("host", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
					in.Request.(*smithyhttp.Request).Host = "no host"
					return next.HandleBuild(ctx, in)
				}), middleware.After)
			})
		}, verdict{CodeClient, 0, false}},
		{"a middleware of the client's that declines", good, func(o *kinesis.Options) {
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("decline", func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
					return middleware.InitializeOutput{}, middleware.Metadata{}, errors.New("not today")
				}), middleware.After)
			})
		}, verdict{CodeClient, 0, false}},
		{"an HTTP client that tells nothing", good, func(o *kinesis.Options) {
			o.HTTPClient = transportFunc(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
		}, verdict{CodeConnectionReset, 0, true}},
		{"an HTTP client that tells nothing, dialing", good, func(o *kinesis.Options) {
			o.HTTPClient = transportFunc(func(*http.Request) (*http.Response, error) { return nil, noRoute })
		}, verdict{CodeUnreachable, 0, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.change == nil {
				c.change = func(*kinesis.Options) {}
			}
			client := newClient(t, c.endpoint, c.change)
			_, f := PutRecords(t.Context(), client, events, one)
			check(t, f, c.want)
		})
	}
	http.DefaultClient.CloseIdleConnections()
}

// unused is an address where nobody listens.
func unused(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return "http://" + l.Addr().String()
}

// ending is a context that ends with a chosen error when told to.
type ending struct {
	context.Context
	done chan struct{}
	why  error
}

func (c ending) Done() <-chan struct{} { return c.done }

func (c ending) Err() error {
	select {
	case <-c.done:
		return c.why
	default:
		return nil
	}
}

func TestContextEnds(t *testing.T) {
	for why, code := range map[error]string{context.Canceled: CodeCanceled, context.DeadlineExceeded: CodeTimeout} {
		t.Run(code, func(t *testing.T) {
			ctx := ending{t.Context(), make(chan struct{}), why}
			endpoint := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				close(ctx.done)
				<-r.Context().Done()
			})
			client := newClient(t, endpoint)
			_, f := PutRecords(ctx, client, events, one)
			check(t, f, verdict{code, 0, true})
			if !errors.Is(f, why) {
				t.Errorf("%v is not %v", f, why)
			}

			untouched := failing(errors.New("called"))
			_, f = PutRecords(ctx, untouched, events, one)
			check(t, f, verdict{code, 0, false})
			_, f = ListShards(ctx, untouched, events)
			check(t, f, verdict{code, 0, false})
			_, f = Describe(ctx, untouched, events)
			check(t, f, verdict{code, 0, false})
		})
	}
}

// The SDK's types and our facts are both there.
func TestFailureUnwraps(t *testing.T) {
	client := newClient(t, serve(t, refuses(400, "ResourceNotFoundException")))
	_, f := PutRecords(t.Context(), client, events, one)
	if missing := new(types.ResourceNotFoundException); !errors.As(f, &missing) {
		t.Errorf("%#v is no ResourceNotFoundException", f.Err)
	}
	if want := "ResourceNotFoundException (HTTP 400, request request-1): the reason"; f.Error() != want {
		t.Errorf("got  %v\nwant %v", f, want)
	}
}

// An answer that is no answer still has the id that AWS support asks for.
func TestBadAnswerHasRequestID(t *testing.T) {
	client := newClient(t, serve(t, says(200, amzJSON, "{}", "X-Amzn-RequestId", "request-2")))
	_, f := PutRecords(t.Context(), client, events, one)
	check(t, f, verdict{CodeWrongCount, 200, true})
	if f.RequestID != "request-2" {
		t.Errorf("request id %q", f.RequestID)
	}
}
