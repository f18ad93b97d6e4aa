package wire

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// transit notes how far one call got. All fields only go from false to true, except step, and are atomic, since net/http
// reports from goroutines of its own, some after the call has returned. A transit is used for one call.
type transit struct {
	inside   atomic.Bool            // an SDK client built a stack with our middleware: what follows is a measurement
	step     atomic.Pointer[string] // the Code of a call that gets stuck before the transport, where it is now
	departed atomic.Bool            // the HTTP client was called with the signed request
	observed atomic.Bool            // that HTTP client is net/http: it reports to httptrace
	wrote    atomic.Bool            // the headers are written; body bytes come next and are not announced
}

// stations are the SDK's own middlewares before which we note that the call has come so far, with the Code of a
// failure from there on. An SDK that has lost one only makes a Code less exact.
var stations = []struct{ id, note, code string }{
	{"ResolveAuthScheme", "kinecast.ResolveAuthScheme", CodeSigning}, // and GetIdentity behind it: this is where credentials are fetched
	{"ResolveEndpointV2", "kinecast.ResolveEndpointV2", CodeClient},
	{"Signing", "kinecast.Signing", CodeSigning},
}

var declined = CodeClient

// watch is an option function for one call. A client that drops it leaves the transit blank.
func (t *transit) watch(o *kinesis.Options) { o.APIOptions = append(o.APIOptions, t.install) }

func (t *transit) install(stack *middleware.Stack) error {
	t.inside.Store(true)
	for i := range stations {
		s := &stations[i]
		if _, there := stack.Finalize.Get(s.id); !there {
			continue
		}
		note := middleware.FinalizeMiddlewareFunc(s.note, func(
			ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
		) (middleware.FinalizeOutput, middleware.Metadata, error) {
			t.step.Store(&s.code)
			return next.HandleFinalize(ctx, in)
		})
		if err := stack.Finalize.Insert(note, s.id, middleware.Before); err != nil {
			return err
		}
	}
	// The last middleware of the last step: what it hands on goes to the HTTP client.
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("kinecast.depart", t.depart), middleware.After)
}

func (t *transit) depart(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	t.step.Store(&declined)
	if r, ok := in.Request.(*smithyhttp.Request); ok {
		cured, err := hideWriterTo(r)
		if err != nil {
			return middleware.DeserializeOutput{}, middleware.Metadata{}, err
		}
		in.Request = cured
	}
	// Not around the whole call: the SDK fetches credentials with the same context, and their HTTP requests are not ours.
	// A body byte that ever leaves has WroteHeaders before it, and both come before the HTTP client returns or not at all.
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { t.observed.Store(true) },
		WroteHeaders: func() { t.wrote.Store(true) },
	})
	out, md, err := next.HandleDeserialize(ctx, in)
	if out.RawResponse != nil { // there is one, if only an empty one, whenever the HTTP client was called
		t.departed.Store(true)
	}
	if resp, ok := out.RawResponse.(*smithyhttp.Response); ok && resp != nil && resp.Response != nil && resp.Body != nil {
		resp.Body = &boundedBody{ReadCloser: resp.Body, left: maxAnswer}
	}
	return out, md, err
}

// sent is Failure.Sent for a call that ended with err and without a refusal.
func (t *transit) sent(err error) bool {
	switch {
	case t.wrote.Load():
		return true
	case t.inside.Load() && !t.departed.Load():
		return false
	case t.observed.Load():
		return false
	}
	return !neverLeft(err)
}

// ended is the failure of a call that is not worth beginning; nil while ctx lives.
func (t *transit) ended(ctx context.Context) *Failure {
	if err := ctx.Err(); err != nil {
		f := t.judge(ctx, err)
		f.Sent = false
		return f
	}
	return nil
}
