package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// createPatience is how long a stream may take to become ACTIVE; AWS takes about half a minute.
const createPatience = 5 * time.Minute

// prepare makes sure that the stream is there and takes records; with -create it makes the stream and waits for it,
// looking again after every rest. fresh says that this run made it. now is the service's own time, to the second and
// zero if it told none.
func prepare(
	ctx context.Context, client *kinesis.Client, o options, rest time.Duration,
) (fresh bool, now time.Time, err error) {
	late := fmt.Errorf("stream %s was not ACTIVE within %v", o.stream, createPatience)
	ctx, cancel := context.WithTimeoutCause(ctx, createPatience, late)
	defer cancel()
	for {
		status, now, err := describe(ctx, client, o.stream)
		_, missing := errors.AsType[*types.ResourceNotFoundException](err)
		switch {
		case missing && o.create && !fresh:
			if fresh, err = create(ctx, client, o); err != nil {
				return false, now, err
			}
		case missing && fresh: // made, but not everywhere known yet
		case err != nil:
			return false, now, err
		case status == types.StreamStatusActive || status == types.StreamStatusUpdating:
			return fresh, now, nil
		case status == types.StreamStatusDeleting && !o.create:
			return false, now, fmt.Errorf("stream %s is DELETING: -create waits until it is gone and makes it anew", o.stream)
		case status == types.StreamStatusCreating && !o.create:
			return false, now, fmt.Errorf("stream %s is CREATING: try again when it is ACTIVE; -create waits for that", o.stream)
		}
		if err := pause(ctx, rest); err != nil {
			return false, now, err
		}
	}
}

func describe(ctx context.Context, client *kinesis.Client, stream streamRef) (types.StreamStatus, time.Time, error) {
	name, arn := stream.params()
	in := &kinesis.DescribeStreamSummaryInput{StreamName: name, StreamARN: arn}
	out, err := call(ctx, client.DescribeStreamSummary, in)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("DescribeStreamSummary: %w", err)
	}
	if out.StreamDescriptionSummary == nil || out.StreamDescriptionSummary.StreamStatus == "" {
		return "", time.Time{}, errNotKinesis("DescribeStreamSummary: no description in the answer")
	}
	now, _ := awsmiddleware.GetServerTime(out.ResultMetadata)
	return out.StreamDescriptionSummary.StreamStatus, now, nil
}

// create makes the stream, and reports whether it was this run that did.
func create(ctx context.Context, client *kinesis.Client, o options) (bool, error) {
	in := &kinesis.CreateStreamInput{StreamName: &o.stream.name, ShardCount: aws.Int32(int32(o.shards))}
	_, err := call(ctx, client.CreateStream, in)
	if _, exists := errors.AsType[*types.ResourceInUseException](err); exists {
		return false, nil // somebody else was faster
	}
	if err != nil {
		return false, fmt.Errorf("CreateStream: %w", err)
	}
	return true, nil
}
