package kinesistest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/kinecast/kinecast/kinesistest"
)

// client is what both doors have.
type client interface {
	CreateStream(context.Context, *kinesis.CreateStreamInput, ...func(*kinesis.Options)) (*kinesis.CreateStreamOutput, error)
	DeleteStream(context.Context, *kinesis.DeleteStreamInput, ...func(*kinesis.Options)) (*kinesis.DeleteStreamOutput, error)
	DescribeStream(context.Context, *kinesis.DescribeStreamInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamOutput, error)
	DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error)
	GetRecords(context.Context, *kinesis.GetRecordsInput, ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error)
	GetShardIterator(context.Context, *kinesis.GetShardIteratorInput, ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error)
	ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error)
	ListStreams(context.Context, *kinesis.ListStreamsInput, ...func(*kinesis.Options)) (*kinesis.ListStreamsOutput, error)
	MergeShards(context.Context, *kinesis.MergeShardsInput, ...func(*kinesis.Options)) (*kinesis.MergeShardsOutput, error)
	PutRecord(context.Context, *kinesis.PutRecordInput, ...func(*kinesis.Options)) (*kinesis.PutRecordOutput, error)
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
	SplitShard(context.Context, *kinesis.SplitShardInput, ...func(*kinesis.Options)) (*kinesis.SplitShardOutput, error)
	UpdateMaxRecordSize(context.Context, *kinesis.UpdateMaxRecordSizeInput, ...func(*kinesis.Options)) (*kinesis.UpdateMaxRecordSizeOutput, error)
	UpdateStreamMode(context.Context, *kinesis.UpdateStreamModeInput, ...func(*kinesis.Options)) (*kinesis.UpdateStreamModeOutput, error)
	UpdateShardCount(context.Context, *kinesis.UpdateShardCountInput, ...func(*kinesis.Options)) (*kinesis.UpdateShardCountOutput, error)
	UpdateStreamRecordDistributionStrategy(context.Context, *kinesis.UpdateStreamRecordDistributionStrategyInput, ...func(*kinesis.Options)) (*kinesis.UpdateStreamRecordDistributionStrategyOutput, error)
}

var _, _ client = (*kinesis.Client)(nil), (*kinesistest.Client)(nil)

// eachDoor runs a test three times, each time with a server of its own: through the direct
// client, and through the SDK's client over HTTP, as it is and by CBOR.
func eachDoor(t *testing.T, test func(t *testing.T, s *kinesistest.Server, c client), opts ...kinesistest.Option) {
	t.Helper()
	bothDoors(t, test, opts...)
	t.Run("cbor", func(t *testing.T) {
		s := kinesistest.New(t, opts...)
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		test(t, s, sdkClient(s, "AKID", func(o *kinesis.Options) { o.HTTPClient = asCBOR{&http.Client{Transport: transport}} }))
	})
}

// bothDoors is eachDoor without CBOR, for tests of much data, which asCBOR is slow with.
func bothDoors(t *testing.T, test func(t *testing.T, s *kinesistest.Server, c client), opts ...kinesistest.Option) {
	t.Helper()
	t.Run("direct", func(t *testing.T) {
		s := kinesistest.New(t, opts...)
		test(t, s, s.Client())
	})
	t.Run("http", func(t *testing.T) {
		s := kinesistest.New(t, opts...)
		test(t, s, sdkClient(s, "AKID"))
	})
}

// overdue is a context whose deadline passes when expire is called. A short one might pass before a slow machine has sent anything.
type overdue struct {
	context.Context

	passed chan struct{}
}

func newOverdue() (ctx context.Context, expire func()) {
	o := overdue{context.Background(), make(chan struct{})}
	return o, sync.OnceFunc(func() { close(o.passed) })
}

func (o overdue) Done() <-chan struct{} { return o.passed }

func (o overdue) Err() error {
	select {
	case <-o.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// trusting is an HTTP client that trusts a server with TLS, by HTTP/2 if it may.
func trusting(t *testing.T, s *kinesistest.Server, http2 bool) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.Certificates()}, ForceAttemptHTTP2: http2}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// sdkClient is the SDK's client of a server. It makes one attempt per call.
func sdkClient(s *kinesistest.Server, accessKey string, opts ...func(*kinesis.Options)) *kinesis.Client {
	return kinesis.New(kinesis.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(s.URL()),
		Credentials:  testCredentials(accessKey),
		Retryer:      aws.NopRetryer{},
		APIOptions:   []func(*middleware.Stack) error{hideWriterTo},
	}, opts...)
}

// hideWriterTo cures a fault of the SDK over plain HTTP: net/http may ask the request body
// for its end after the SDK has closed it, take the answer for a write error, and cut the
// connection whose answer is being read. Without its WriterTo the body is not asked.
func hideWriterTo(stack *middleware.Stack) error {
	return stack.Build.Add(middleware.BuildMiddlewareFunc("HideWriterTo", func(
		ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler,
	) (middleware.BuildOutput, middleware.Metadata, error) {
		if r, ok := in.Request.(*smithyhttp.Request); ok {
			if stream, ok := r.GetStream().(io.ReadSeeker); ok {
				r, err := r.SetStream(struct{ io.ReadSeeker }{stream})
				if err != nil {
					return middleware.BuildOutput{}, middleware.Metadata{}, err
				}
				in.Request = r
			}
		}
		return next.HandleBuild(ctx, in)
	}), middleware.After)
}

func testCredentials(accessKey string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "secret"}, nil
	})
}

// put is the input that puts these keys, each with its own text as data.
func put(stream string, keys ...string) *kinesis.PutRecordsInput {
	in := &kinesis.PutRecordsInput{StreamName: &stream, Records: []types.PutRecordsRequestEntry{}}
	for _, key := range keys {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: []byte(key), PartitionKey: aws.String(key)})
	}
	return in
}

// must returns the answer of a call that has to succeed.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantError checks the code of a service error, and that its message holds a text.
func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("error %v, want %s", err, code)
	}
	if api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Errorf("error %s %q, want %s with %q", api.ErrorCode(), api.ErrorMessage(), code, text)
	}
}

// stored returns how many records a stream holds.
func stored(s *kinesistest.Server, stream string) int {
	n := 0
	for _, records := range s.Records(stream) {
		n += len(records)
	}
	return n
}
