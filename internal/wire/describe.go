package wire

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// DefaultMaxRecordSizeKiB is the record size of a stream that does not name one: data and partition key together, before
// base64 (API reference, UpdateMaxRecordSize: 1024 unless raised, at most 10240).
const DefaultMaxRecordSizeKiB = 1024

// Summary is what DescribeStreamSummary tells about a stream, as far as a producer wants to know.
type Summary struct {
	Name string
	// ARN identifies the stream; Describe never returns it empty.
	ARN string
	// Status is CREATING, DELETING, ACTIVE, UPDATING or what the service invents next; never empty.
	Status string
	// Created tells a stream from an earlier one of the same name and ARN. Zero if the server did not say.
	Created time.Time
	// MaxRecordSizeKiB is the stream's limit for data and partition key of one record; DefaultMaxRecordSizeKiB if the
	// server did not say.
	MaxRecordSizeKiB int
	// Distribution is AUTO when the service ignores partition keys, else USER_PARTITION_KEY or "": only on-demand
	// streams have it.
	Distribution string
	// Mode is PROVISIONED or ON_DEMAND; "" if the server did not say.
	Mode string
	// OpenShards is the number of open shards; 0 if the server did not say.
	OpenShards int
}

// Describe makes one DescribeStreamSummary call, with the SDK's retries. The service allows 20 a second for an account and
// region, all programs together.
func Describe(ctx context.Context, api API, s Stream) (Summary, *Failure) {
	var t transit
	if f := t.ended(ctx); f != nil {
		return Summary{}, f
	}
	in := &kinesis.DescribeStreamSummaryInput{}
	in.StreamName, in.StreamARN = s.address()
	out, err := api.DescribeStreamSummary(ctx, in, t.watch)
	if err != nil {
		return Summary{}, t.judge(ctx, err)
	}
	if out == nil || out.StreamDescriptionSummary == nil {
		return Summary{}, badAnswer("the answer has no stream description")
	}
	d := out.StreamDescriptionSummary
	sum := Summary{
		Name:             aws.ToString(d.StreamName),
		ARN:              aws.ToString(d.StreamARN),
		Status:           string(d.StreamStatus),
		Created:          aws.ToTime(d.StreamCreationTimestamp),
		MaxRecordSizeKiB: int(aws.ToInt32(d.MaxRecordSizeInKiB)),
		Distribution:     string(d.RecordDistributionStrategy),
		OpenShards:       int(aws.ToInt32(d.OpenShardCount)),
	}
	if d.StreamModeDetails != nil {
		sum.Mode = string(d.StreamModeDetails.StreamMode)
	}
	if sum.MaxRecordSizeKiB <= 0 {
		sum.MaxRecordSizeKiB = DefaultMaxRecordSizeKiB
	}
	if sum.ARN == "" || sum.Status == "" {
		return Summary{}, badAnswer("the stream description lacks the stream's ARN or status").withRequestID(out.ResultMetadata)
	}
	return sum, nil
}
