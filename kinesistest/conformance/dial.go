package conformance

import (
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Dial returns a client for the server at a base endpoint such as "http://127.0.0.1:4567". It has made-up credentials, so it
// is of no use against AWS, and makes one attempt a call, so that an answer is what the server said first. Nothing is dialled
// until the first call.
func Dial(endpoint string) *kinesis.Client {
	return kinesis.New(kinesis.Options{
		Region:       "us-east-1",
		BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDCONFORMANCE", SecretAccessKey: "made-up"}, nil
		}),
		Retryer:    aws.NopRetryer{},
		APIOptions: []func(*middleware.Stack) error{hideWriterTo},
	})
}

// hideWriterTo cures a fault of the SDK over plain HTTP: net/http may probe the request body for its end after the SDK has
// closed it, take the answer for a write error, and cut the connection whose answer is being read. A body without WriterTo
// is not probed.
func hideWriterTo(stack *middleware.Stack) error {
	return stack.Build.Add(middleware.BuildMiddlewareFunc("HideWriterTo", func(
		ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler,
	) (middleware.BuildOutput, middleware.Metadata, error) {
		request, isHTTP := in.Request.(*smithyhttp.Request)
		if !isHTTP {
			return next.HandleBuild(ctx, in)
		}
		if stream, seeks := request.GetStream().(io.ReadSeeker); seeks {
			hidden, err := request.SetStream(struct{ io.ReadSeeker }{stream})
			if err != nil {
				return middleware.BuildOutput{}, middleware.Metadata{}, err
			}
			in.Request = hidden
		}
		return next.HandleBuild(ctx, in)
	}), middleware.After)
}
