package kinesistest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Client is the direct door of a [Server]: methods with the signatures of *kinesis.Client
// that call the service as a function. There is no network, no signature, no retry, no
// goroutine and no timer, so it may be used inside a testing/synctest bubble. What a method
// returns is what *kinesis.Client returns over HTTP, errors included, to their type.
//
// Each call is one attempt, whatever the options say: they are ignored. The data of
// PutRecords is copied. A Client is safe for concurrent use.
type Client struct {
	server *Server
	// sdk is the SDK's client over a transport that is a function call. It does all that is
	// not about speed, and it makes the errors: that is how they cannot differ.
	sdk *kinesis.Client
}

func newClient(s *Server) *Client {
	return &Client{server: s, sdk: kinesis.New(kinesis.Options{
		Region:       s.service.region,
		BaseEndpoint: aws.String("http://kinesistest"),
		Credentials:  aws.AnonymousCredentials{},
		HTTPClient:   transport{s},
		Retryer:      aws.NopRetryer{},
	})}
}

// PutRecords is the operation of that name. It goes to the service without JSON and base64,
// at the cost of one copy of the data.
func (c *Client) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	req, ok := directPut(in)
	if !ok || ctx.Err() != nil {
		return c.sdk.PutRecords(ctx, in) // which says what is wrong
	}
	answer := c.server.service.call(ctx, PutRecords, req, direct)
	id := c.server.service.requestID()
	if answer.err != nil {
		hang(ctx, answer.err)
		at := &arrival{Context: ctx, reached: make(chan struct{})}
		return c.sdk.PutRecords(at, &kinesis.PutRecordsInput{Records: []types.PutRecordsRequestEntry{}},
			func(o *kinesis.Options) { o.HTTPClient = at.client(answered{render(jsonProtocol{}, nil, answer), id}) })
	}
	out := answer.answer.(*putRecordsAnswer).output()
	awsmiddleware.SetRequestIDMetadata(&out.ResultMetadata, id)
	return out, nil
}

// directPut copies the input; ok is false if a member is missing without which the SDK
// sends nothing.
func directPut(in *kinesis.PutRecordsInput) (req *putRecordsRequest, ok bool) {
	if in == nil || in.Records == nil {
		return nil, false
	}
	size := 0
	for i := range in.Records {
		if in.Records[i].Data == nil {
			return nil, false
		}
		size += len(in.Records[i].Data)
	}
	req = &putRecordsRequest{
		target:  target{in.StreamName, in.StreamARN},
		dryRun:  aws.ToBool(in.DryRun),
		entries: make([]entry, len(in.Records)),
	}
	slab := make([]byte, 0, size)
	for i := range in.Records {
		r, e, start := &in.Records[i], &req.entries[i], len(slab)
		slab = append(slab, r.Data...)
		e.data = slab[start:len(slab):len(slab)]
		e.key, e.noKey = wireText(aws.ToString(r.PartitionKey)), r.PartitionKey == nil
		e.explicit, e.hasExplicit = aws.ToString(r.ExplicitHashKey), r.ExplicitHashKey != nil
	}
	return req, true
}

// output is the answer as the SDK gives it. A call of no results at all has no list.
func (a *putRecordsAnswer) output() *kinesis.PutRecordsOutput {
	out := &kinesis.PutRecordsOutput{FailedRecordCount: aws.Int32(int32(a.failed))}
	out.Records = make([]types.PutRecordsResultEntry, len(a.results))
	for i := range a.results {
		r, entry := &a.results[i], &out.Records[i]
		if r.shard == nil {
			entry.ErrorCode, entry.ErrorMessage = &r.code, &r.message
			continue
		}
		entry.SequenceNumber, entry.ShardId = aws.String(r.seq.String()), &r.shard.id
	}
	return out
}

// transport carries the SDK's requests to the server by calling it.
type transport struct{ server *Server }

func (t transport) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	op, p, _ := operationOf(r)
	rep := t.server.exchange(r.Context(), p, op, body, nil, direct)
	hang(r.Context(), rep.cut)
	return answered{rep, t.server.service.requestID()}.Do(r)
}

// answered is a transport that knows the answer.
type answered struct {
	reply reply
	id    string // of the request
}

func (a answered) Do(r *http.Request) (*http.Response, error) {
	body := io.Reader(bytes.NewReader(a.reply.body))
	if a.reply.cut != nil {
		lost := &lostError{}
		broken := networkError(r.Context(), a.reply.cut)
		if !errors.As(a.reply.cut, &lost) || !lost.how.leavesHalf() {
			return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: broken}
		}
		body = io.MultiReader(bytes.NewReader(a.reply.body[:len(a.reply.body)/2]), cutShort{broken})
	}
	return &http.Response{
		StatusCode:    a.reply.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {a.reply.contentType}, "X-Amzn-Requestid": {a.id}},
		Body:          io.NopCloser(body),
		ContentLength: int64(len(a.reply.body)),
		Request:       r,
	}, nil
}

// arrival is a context that does not end before the SDK reaches its transport. By then a fault
// may have outlasted the caller's context, and the SDK would say so in other words if it saw
// that on its way.
type arrival struct {
	context.Context
	reached chan struct{} // closed when it is
}

func (a *arrival) Done() <-chan struct{} { return a.reached }

func (a *arrival) Err() error {
	select {
	case <-a.reached:
		return a.Context.Err()
	default:
		return nil
	}
}

func (a *arrival) client(c answered) kinesis.HTTPClient {
	return arriving{a, c}
}

type arriving struct {
	at *arrival
	answered
}

func (c arriving) Do(r *http.Request) (*http.Response, error) {
	if c.at.Context.Err() != nil {
		close(c.at.reached)
	}
	return c.answered.Do(r)
}

// cutShort is a body that should not have ended yet.
type cutShort struct{ err error }

func (c cutShort) Read([]byte) (int, error) { return 0, c.err }

// networkError is what net/http would say of an answer that did not come.
func networkError(ctx context.Context, cut error) error {
	var lost *lostError
	switch {
	case errors.Is(cut, errRefused):
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case !errors.As(cut, &lost):
		return cut // the context's
	case lost.how == Reset || lost.how == HalfBodyReset:
		return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	case lost.how == Hang:
		return ctx.Err()
	case lost.how == HalfBody:
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}

// hang waits for the end of the caller's patience, if the fault is that there is no answer.
func hang(ctx context.Context, cut error) {
	var lost *lostError
	if errors.As(cut, &lost) && lost.how == Hang {
		<-ctx.Done()
	}
}
