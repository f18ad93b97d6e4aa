package conformance

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// What the service has learnt in recent years: on-demand streams (2021), StreamARN everywhere (2022), records of 10 MiB
// (2025), StreamId and DryRun (2026).
var recentProbes = []Probe{
	{"on-demand", "ON_DEMAND, 4 open shards, 1024 KiB a record", func(ctx context.Context, s session) string {
		return s.createAs(ctx, &kinesis.CreateStreamInput{
			StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}}, describe)
	}},
	{"update-stream-mode", "ON_DEMAND, 2 open shards, 1024 KiB a record", on(2, func(ctx context.Context, s session) string {
		arn, err := s.arn(ctx)
		if err == nil {
			_, err = s.client.UpdateStreamMode(ctx, &kinesis.UpdateStreamModeInput{
				StreamARN: arn, StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}})
		}
		return s.after(ctx, err, describe)
	})},
	{"put-by-name-and-arn", "1 stored", on(1, func(ctx context.Context, s session) string {
		arn, err := s.arn(ctx)
		if err != nil {
			return broken(err)
		}
		return s.putAs(ctx, &kinesis.PutRecordsInput{StreamName: &s.stream, StreamARN: arn})
	})},
	{"put-by-foreign-arn", "ResourceNotFoundException", on(1, func(ctx context.Context, s session) string {
		return s.putAs(ctx, &kinesis.PutRecordsInput{StreamARN: aws.String("arn:aws:kinesis:us-east-1:999999999999:stream/" + s.stream)})
	})},
	{"put-with-stream-id", "1 stored", on(1, func(ctx context.Context, s session) string {
		return s.putAs(ctx, &kinesis.PutRecordsInput{StreamName: &s.stream, StreamId: aws.String("abcdefgh-12345678")})
	})},
	{"dry-run", "DryRunOperationException, 0 stored", on(1, func(ctx context.Context, s session) string {
		answer := s.putAs(ctx, &kinesis.PutRecordsInput{StreamName: &s.stream, DryRun: aws.Bool(true)})
		records, err := s.read(ctx, shardID(0), nil)
		if err != nil {
			return broken(err)
		}
		if answer != "1 stored" {
			answer += fmt.Sprintf(", %d stored", len(records))
		}
		return answer
	})},
	{"dry-run-of-missing", "ResourceNotFoundException", func(ctx context.Context, s session) string {
		return s.putAs(ctx, &kinesis.PutRecordsInput{StreamName: &s.stream, DryRun: aws.Bool(true)})
	}},
	{"create-with-record-size", "PROVISIONED, 1 open shards, 2048 KiB a record", func(ctx context.Context, s session) string {
		return s.createAs(ctx, &kinesis.CreateStreamInput{ShardCount: aws.Int32(1), MaxRecordSizeInKiB: aws.Int32(2048)}, describe)
	}},
	{"record-of-2-MiB", "1 stored", func(ctx context.Context, s session) string {
		return s.createAs(ctx, &kinesis.CreateStreamInput{ShardCount: aws.Int32(1), MaxRecordSizeInKiB: aws.Int32(2048)}, puts2MiB)
	}},
	{"update-record-size", "1 stored", on(1, func(ctx context.Context, s session) string {
		arn, err := s.arn(ctx)
		if err == nil {
			_, err = s.client.UpdateMaxRecordSize(ctx, &kinesis.UpdateMaxRecordSizeInput{StreamARN: arn, MaxRecordSizeInKiB: aws.Int32(2048)})
		}
		return s.after(ctx, err, puts2MiB)
	})},
	{"record-size-of-11-MiB", "ValidationException", func(ctx context.Context, s session) string {
		return s.createAs(ctx, &kinesis.CreateStreamInput{ShardCount: aws.Int32(1), MaxRecordSizeInKiB: aws.Int32(11 * kib)}, describe)
	}},
}

// createAs makes the probe's stream in a special way, and asks when it is ACTIVE.
func (s session) createAs(ctx context.Context, in *kinesis.CreateStreamInput, ask func(context.Context, session) string) string {
	in.StreamName = &s.stream
	_, err := s.client.CreateStream(ctx, in)
	return s.after(ctx, err, ask)
}

// putAs puts one record in a special way.
func (s session) putAs(ctx context.Context, in *kinesis.PutRecordsInput) string {
	in.Records = []types.PutRecordsRequestEntry{entry("k", []byte("x"))}
	out, err := s.putTo(ctx, in)
	if err != nil {
		return code(err)
	}
	return outcome(out)
}

func puts2MiB(ctx context.Context, s session) string {
	out, err := s.put(ctx, entry("k", []byte(strings.Repeat("x", 2*mib-1))))
	if err != nil {
		return code(err)
	}
	return outcome(out)
}
