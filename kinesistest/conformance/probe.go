package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Probe is one question to a server. Probes are independent of each other: each makes the streams that it needs, named after
// itself, and leaves them behind.
type Probe struct {
	// Name is short and stable, as "put-501-records".
	Name string
	// Service is what Kinesis Data Streams answers.
	Service string

	ask func(context.Context, session) string
}

// NotAsked stands in the table of known differences for a probe that a server must be spared.
const NotAsked = "not asked"

// patience bounds one probe. The slowest server needs 13 seconds for ten megabytes, on an idle machine.
const patience = 60 * time.Second

// Probes returns all questions, in the order of the table.
func Probes() []Probe {
	var all []Probe
	all = append(all, streamProbes...)
	all = append(all, shardProbes...)
	all = append(all, putProbes...)
	all = append(all, limitProbes...)
	all = append(all, readProbes...)
	all = append(all, reshardProbes...)
	return append(all, recentProbes...)
}

// Ask puts the question and returns the answer. An answer is also what goes wrong on the way to it: the call and its error.
func (p Probe) Ask(ctx context.Context, client *kinesis.Client) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stream := fmt.Sprintf("probe-%s-%x", p.Name, time.Now().UnixNano()) // new, also on a server that keeps its streams
	return p.ask(ctx, session{client: client, stream: stream})
}

// session is one probe's work with one server.
type session struct {
	client *kinesis.Client

	stream string
}

// create makes the probe's stream and waits until it is ACTIVE.
func (s session) create(ctx context.Context, shards int32) error {
	if _, err := s.client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &s.stream, ShardCount: &shards}); err != nil {
		return fmt.Errorf("CreateStream: %w", err)
	}
	return AwaitActive(ctx, s.client, s.stream)
}

// AwaitActive returns when a stream, which must exist, takes records, or when ctx ends.
func AwaitActive(ctx context.Context, client *kinesis.Client, stream string) error {
	const pause = 20 * time.Millisecond
	for {
		is, err := summary(ctx, client, &kinesis.DescribeStreamSummaryInput{StreamName: &stream})
		if err != nil {
			return fmt.Errorf("DescribeStreamSummary: %w", err)
		}
		if is.StreamStatus == types.StreamStatusActive {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stream %s is %s: %w", stream, is.StreamStatus, context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}

// summary is DescribeStreamSummary with an answer or an error, never neither.
func summary(
	ctx context.Context, client *kinesis.Client, in *kinesis.DescribeStreamSummaryInput,
) (*types.StreamDescriptionSummary, error) {
	out, err := client.DescribeStreamSummary(ctx, in)
	if err == nil && out.StreamDescriptionSummary == nil {
		return nil, errors.New("an answer without a summary")
	}
	if err != nil {
		return nil, err
	}
	return out.StreamDescriptionSummary, nil
}

// arn returns the probe's stream by its ARN.
func (s session) arn(ctx context.Context) (*string, error) {
	is, err := summary(ctx, s.client, &kinesis.DescribeStreamSummaryInput{StreamName: &s.stream})
	if err != nil {
		return nil, fmt.Errorf("DescribeStreamSummary: %w", err)
	}
	if is.StreamARN == nil {
		return nil, errors.New("DescribeStreamSummary: no ARN")
	}
	return is.StreamARN, nil
}
