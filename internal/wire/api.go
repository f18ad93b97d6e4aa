package wire

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// API is the part of Kinesis that a producer needs, in the SDK's own signatures. *kinesis.Client fits.
//
// Implementations must be safe for concurrent use. They may drop the option functions they are given; what is then no
// longer known about a call is said at Failure.Sent.
type API interface {
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
	ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error)
	DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error)
}

// RegionOf reports the region that api signs for and sends to; false if api is not a *kinesis.Client or has none set.
//
// The SDK sends a call with a StreamARN to the client's own region, never to the ARN's, so a caller that accepts
// ARNs has to compare the two.
func RegionOf(api API) (string, bool) {
	client, ok := api.(*kinesis.Client)
	if !ok || client == nil {
		return "", false
	}
	region := client.Options().Region
	return region, region != ""
}
