package kinesistest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// The operations of which a test makes few: the SDK's own client does them, over a transport
// that is a function call.

// CreateStream is the operation of that name.
func (c *Client) CreateStream(ctx context.Context, in *kinesis.CreateStreamInput, _ ...func(*kinesis.Options)) (*kinesis.CreateStreamOutput, error) {
	return c.sdk.CreateStream(ctx, in)
}

// DeleteStream is the operation of that name.
func (c *Client) DeleteStream(ctx context.Context, in *kinesis.DeleteStreamInput, _ ...func(*kinesis.Options)) (*kinesis.DeleteStreamOutput, error) {
	return c.sdk.DeleteStream(ctx, in)
}

// DescribeStream is the operation of that name.
func (c *Client) DescribeStream(ctx context.Context, in *kinesis.DescribeStreamInput, _ ...func(*kinesis.Options)) (*kinesis.DescribeStreamOutput, error) {
	return c.sdk.DescribeStream(ctx, in)
}

// DescribeStreamSummary is the operation of that name.
func (c *Client) DescribeStreamSummary(ctx context.Context, in *kinesis.DescribeStreamSummaryInput, _ ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error) {
	return c.sdk.DescribeStreamSummary(ctx, in)
}

// GetRecords is the operation of that name.
func (c *Client) GetRecords(ctx context.Context, in *kinesis.GetRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error) {
	return c.sdk.GetRecords(ctx, in)
}

// GetShardIterator is the operation of that name.
func (c *Client) GetShardIterator(ctx context.Context, in *kinesis.GetShardIteratorInput, _ ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error) {
	return c.sdk.GetShardIterator(ctx, in)
}

// ListShards is the operation of that name.
func (c *Client) ListShards(ctx context.Context, in *kinesis.ListShardsInput, _ ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	return c.sdk.ListShards(ctx, in)
}

// ListStreams is the operation of that name.
func (c *Client) ListStreams(ctx context.Context, in *kinesis.ListStreamsInput, _ ...func(*kinesis.Options)) (*kinesis.ListStreamsOutput, error) {
	return c.sdk.ListStreams(ctx, in)
}

// MergeShards is the operation of that name.
func (c *Client) MergeShards(ctx context.Context, in *kinesis.MergeShardsInput, _ ...func(*kinesis.Options)) (*kinesis.MergeShardsOutput, error) {
	return c.sdk.MergeShards(ctx, in)
}

// PutRecord is the operation of that name.
func (c *Client) PutRecord(ctx context.Context, in *kinesis.PutRecordInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordOutput, error) {
	return c.sdk.PutRecord(ctx, in)
}

// SplitShard is the operation of that name.
func (c *Client) SplitShard(ctx context.Context, in *kinesis.SplitShardInput, _ ...func(*kinesis.Options)) (*kinesis.SplitShardOutput, error) {
	return c.sdk.SplitShard(ctx, in)
}

// UpdateMaxRecordSize is the operation of that name.
func (c *Client) UpdateMaxRecordSize(ctx context.Context, in *kinesis.UpdateMaxRecordSizeInput, _ ...func(*kinesis.Options)) (*kinesis.UpdateMaxRecordSizeOutput, error) {
	return c.sdk.UpdateMaxRecordSize(ctx, in)
}

// UpdateShardCount is the operation of that name.
func (c *Client) UpdateShardCount(ctx context.Context, in *kinesis.UpdateShardCountInput, _ ...func(*kinesis.Options)) (*kinesis.UpdateShardCountOutput, error) {
	return c.sdk.UpdateShardCount(ctx, in)
}

// UpdateStreamMode is the operation of that name.
func (c *Client) UpdateStreamMode(ctx context.Context, in *kinesis.UpdateStreamModeInput, _ ...func(*kinesis.Options)) (*kinesis.UpdateStreamModeOutput, error) {
	return c.sdk.UpdateStreamMode(ctx, in)
}

// UpdateStreamRecordDistributionStrategy is the operation of that name.
func (c *Client) UpdateStreamRecordDistributionStrategy(ctx context.Context, in *kinesis.UpdateStreamRecordDistributionStrategyInput, _ ...func(*kinesis.Options)) (*kinesis.UpdateStreamRecordDistributionStrategyOutput, error) {
	return c.sdk.UpdateStreamRecordDistributionStrategy(ctx, in)
}
