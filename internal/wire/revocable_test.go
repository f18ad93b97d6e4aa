package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// filled is a request whose body in this format nobody mistakes for another's.
func filled(f Format, i int) ([]Entry, string) {
	entries := []Entry{{PartitionKey: []byte("key"), Data: bytes.Repeat([]byte{byte(i)}, 100_000)}}
	body := f.compose(&kinesis.PutRecordsInput{StreamName: &events.Name}, entries)
	defer body.end()
	text, _ := io.ReadAll(body)
	return entries, string(text)
}

// Who keeps the stream, or the body of the request, finds nothing in it when the call has ended, not even at its start.
func TestBodyEndsWithTheCall(t *testing.T) {
	for name, answer := range map[string]transportFunc{
		"answered": canned(200, amzJSON, stored),
		"refused":  canned(400, amzJSON, `{"__type":"X"}`),
		"failed":   func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
	} {
		var stream io.Reader
		var body io.ReadCloser
		client := newClient(t, "http://kinesis.invalid", finalize(func(ctx context.Context, r *smithyhttp.Request) (context.Context, *smithyhttp.Request) {
			stream = r.GetStream()
			return ctx, r
		}), func(o *kinesis.Options) {
			o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
				body = r.Body
				return answer(r)
			})
		})
		PutRecords(t.Context(), client, events, one)
		if n, err := stream.Read(make([]byte, 9)); n != 0 || !errors.Is(err, errCallEnded) {
			t.Errorf("%s: the stream gives %d bytes and %v", name, n, err)
		}
		if _, err := stream.(io.Seeker).Seek(0, io.SeekStart); !errors.Is(err, errCallEnded) {
			t.Errorf("%s: the stream goes back: %v", name, err)
		}
		if n, err := body.Read(make([]byte, 9)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%s: the body gives %d bytes and %v", name, n, err)
		}
		for _, lends := range []any{stream, body} {
			if _, ok := lends.(io.WriterTo); ok {
				t.Errorf("%s: %T hands out its bytes", name, lends)
			}
		}
	}
}

// An HTTP client may return from Do, with an answer or an error, and go on reading. What it reads is the beginning of its own
// body and nothing of the calls that have the buffer next, nor of what the owner of the entries does with them then. The race
// detector watches.
func TestHTTPClientReadsOn(t *testing.T) {
	var reading sync.WaitGroup
	for i := range 50 {
		format := [...]Format{JSON, CBOR}[i/2%2]
		entries, own := filled(format, i)
		begun := make(chan struct{})
		client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
			o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
				reading.Go(func() {
					var got []byte
					for chunk := make([]byte, 1000); ; {
						n, err := r.Body.Read(chunk)
						got = append(got, chunk[:n]...)
						if len(got) == n {
							close(begun)
						}
						if err != nil {
							break
						}
					}
					if !bytes.HasPrefix([]byte(own), got) {
						t.Errorf("call %d read another's bytes after %d of its own", i, len(got))
					}
				})
				<-begun
				if i%2 == 0 {
					return nil, io.ErrUnexpectedEOF
				}
				return canned(200, amzJSON, stored)(r)
			})
		})
		format.PutRecords(t.Context(), client, events, entries)
		clear(entries[0].Data)
	}
	reading.Wait()
}

// A server may answer before it has read the request, while net/http is writing it. The others get what was meant for them.
func TestServerAnswersEarly(t *testing.T) {
	var calls, wrong sync.Map
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Early") != "" {
			answer := http.NewResponseController(w)
			answer.EnableFullDuplex()
			io.WriteString(w, stored)
			answer.Flush()
		}
		body, err := io.ReadAll(r.Body)
		if own, _ := calls.Load(r.Header.Get("X-Call")); err == nil && own != string(body) {
			wrong.Store(r.Header.Get("X-Call"), true)
		}
		io.WriteString(w, stored)
	})
	var callers sync.WaitGroup
	for caller := range 4 {
		callers.Go(func() {
			for i := range 10 {
				entries, own := filled(JSON, 10*caller+i)
				name := string(rune('A'+caller)) + string(rune('A'+i))
				calls.Store(name, own)
				client := newClient(t, endpoint, func(o *kinesis.Options) {
					o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Call", name))
					if i%2 == 0 {
						o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Early", "yes"))
					}
				})
				if _, f := PutRecords(t.Context(), client, events, entries); f != nil && i%2 == 1 {
					t.Error(f)
				}
			}
		})
	}
	callers.Wait()
	wrong.Range(func(call, _ any) bool {
		t.Errorf("call %v arrived with other bytes than its own", call)
		return true
	})
}

// A middleware may leave the call behind in a goroutine. Then nothing reads the entries any more: their owner has them back.
func TestCallLeftBehind(t *testing.T) {
	returned, over := make(chan struct{}), make(chan error, 1)
	client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
		o.HTTPClient = canned(200, amzJSON, stored)
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("leave", func(
				ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				go func() {
					<-returned
					_, _, err := next.HandleInitialize(ctx, in)
					over <- err
				}()
				return middleware.InitializeOutput{}, middleware.Metadata{}, errors.New("no patience")
			}), middleware.After)
		})
	})
	data := []byte("data")
	_, f := PutRecords(t.Context(), client, events, []Entry{{PartitionKey: []byte("key"), Data: data}})
	check(t, f, verdict{CodeClient, 0, false})
	close(returned)
	for i := range data {
		data[i] = 'x' // the race detector sees a reader
	}
	if err := <-over; !errors.Is(err, errCallEnded) {
		t.Errorf("the call went on: %v", err)
	}
}

// A middleware that makes the call twice has two bodies, each whole.
func TestCallMadeTwice(t *testing.T) {
	var bodies []string
	client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
		o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			bodies = append(bodies, string(body))
			return canned(200, amzJSON, stored)(r)
		})
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("twice", func(
				ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				next.HandleInitialize(ctx, in)
				return next.HandleInitialize(ctx, in)
			}), middleware.After)
		})
	})
	if _, f := PutRecords(t.Context(), client, events, one); f != nil {
		t.Fatal(f)
	}
	if len(bodies) != 2 || bodies[0] != bodies[1] {
		t.Errorf("sent %q", bodies)
	}
}

func TestBodySeeks(t *testing.T) {
	b := newBody([][]byte{[]byte("ab"), []byte("c"), []byte("def")}, nil, "")
	defer b.end()
	for _, c := range []struct {
		offset int64
		whence int
		want   int64 // -1 for refused
	}{
		{2, io.SeekStart, 2}, {1, io.SeekCurrent, 3}, {-1, io.SeekEnd, 5}, {0, io.SeekEnd, 6}, {1, io.SeekEnd, -1}, {-1, io.SeekStart, -1}, {0, io.SeekCurrent, 6}, {0, io.SeekStart, 0},
	} {
		if got, err := b.Seek(c.offset, c.whence); got != max(c.want, 0) || (err != nil) != (c.want < 0) {
			t.Errorf("Seek(%d, %d) is %d, %v", c.offset, c.whence, got, err)
		}
	}
	if all, err := io.ReadAll(b); string(all) != "abcdef" || err != nil {
		t.Errorf("%q, %v", all, err)
	}
}
