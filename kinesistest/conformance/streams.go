package conformance

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

var streamProbes = []Probe{
	{"create", ok, func(ctx context.Context, s session) string { return code(s.create(ctx, 2)) }},
	{"create-again", "ResourceInUseException", on(1, func(ctx context.Context, s session) string {
		_, err := s.client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &s.stream, ShardCount: aws.Int32(1)})
		return code(err)
	})},
	{"create-bad-name", "ValidationException", func(ctx context.Context, s session) string {
		_, err := s.client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("not a name"), ShardCount: aws.Int32(1)})
		return code(err)
	}},
	{"create-no-shards", "ValidationException", func(ctx context.Context, s session) string {
		_, err := s.client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &s.stream, ShardCount: aws.Int32(0)})
		return code(err)
	}},
	{"describe", "PROVISIONED, 3 open shards, 1024 KiB a record", on(3, describe)},
	{"describe-by-arn", ok, on(1, func(ctx context.Context, s session) string {
		arn, err := s.arn(ctx)
		if err != nil {
			return broken(err)
		}
		_, err = summary(ctx, s.client, &kinesis.DescribeStreamSummaryInput{StreamARN: arn})
		return code(err)
	})},
	{"describe-missing", "ResourceNotFoundException", func(ctx context.Context, s session) string {
		_, err := summary(ctx, s.client, &kinesis.DescribeStreamSummaryInput{StreamName: &s.stream})
		return code(err)
	}},
	{"list-streams", "listed", on(1, func(ctx context.Context, s session) string {
		out, err := s.client.ListStreams(ctx, &kinesis.ListStreamsInput{Limit: aws.Int32(1000)})
		if err != nil {
			return code(err)
		}
		if !slices.Contains(out.StreamNames, s.stream) {
			return "not listed"
		}
		return "listed"
	})},
	{"delete", "ResourceNotFoundException", on(1, deleted)},
}

func describe(ctx context.Context, s session) string {
	is, err := summary(ctx, s.client, &kinesis.DescribeStreamSummaryInput{StreamName: &s.stream})
	if err != nil {
		return code(err)
	}
	mode, size := "no mode", "no size"
	if is.StreamModeDetails != nil {
		mode = string(is.StreamModeDetails.StreamMode)
	}
	if is.MaxRecordSizeInKiB != nil {
		size = fmt.Sprintf("%d KiB", *is.MaxRecordSizeInKiB)
	}
	return fmt.Sprintf("%s, %d open shards, %s a record", mode, aws.ToInt32(is.OpenShardCount), size)
}

// deleted answers what a describe says when the stream has gone.
func deleted(ctx context.Context, s session) string {
	if _, err := s.client.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: &s.stream}); err != nil {
		return broken(fmt.Errorf("DeleteStream: %w", err))
	}
	for {
		_, err := summary(ctx, s.client, &kinesis.DescribeStreamSummaryInput{StreamName: &s.stream})
		if err != nil {
			return code(err)
		}
		select {
		case <-ctx.Done():
			return "still DELETING"
		case <-time.After(50 * time.Millisecond):
		}
	}
}
