package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const ok = "ok"

// code is the answer of a call that may have failed: "ok", the error's code, or, where the server gave none, its HTTP
// status.
func code(err error) string {
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	switch {
	case err == nil:
		return ok
	case errors.As(err, &api) && api.ErrorCode() != "UnknownError":
		return api.ErrorCode()
	case errors.As(err, &response):
		return fmt.Sprintf("HTTP %d", response.HTTPStatusCode())
	default:
		return err.Error()
	}
}

// broken is the answer of a probe that could not ask its question.
func broken(err error) string { return "cannot ask: " + err.Error() }

// on makes a probe whose question needs a stream with so many shards.
func on(shards int32, ask func(context.Context, session) string) func(context.Context, session) string {
	return func(ctx context.Context, s session) string {
		if err := s.create(ctx, shards); err != nil {
			return broken(err)
		}
		return ask(ctx, s)
	}
}

// put calls PutRecords for the probe's stream.
func (s session) put(ctx context.Context, entries ...types.PutRecordsRequestEntry) (*kinesis.PutRecordsOutput, error) {
	if entries == nil {
		entries = []types.PutRecordsRequestEntry{} // the client refuses nil by itself
	}
	return s.putTo(ctx, &kinesis.PutRecordsInput{StreamName: &s.stream, Records: entries})
}

// putTo calls PutRecords and sees to it that there is a result for each record.
func (s session) putTo(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
	out, err := s.client.PutRecords(ctx, in)
	if err == nil && len(out.Records) != len(in.Records) {
		return nil, fmt.Errorf("%d results for %d records", len(out.Records), len(in.Records))
	}
	return out, err
}

// puts makes a question of entries: how does a call that brings them end?
func puts(shards int32, entries ...types.PutRecordsRequestEntry) func(context.Context, session) string {
	return on(shards, func(ctx context.Context, s session) string {
		out, err := s.put(ctx, entries...)
		if err != nil {
			return code(err)
		}
		return outcome(out)
	})
}

// outcome says how many records were stored, and the codes of those that were not, each once.
func outcome(out *kinesis.PutRecordsOutput) string {
	stored, refused := 0, []string{}
	for i := range out.Records {
		c := aws.ToString(out.Records[i].ErrorCode)
		switch {
		case c == "":
			stored++
		case len(refused) == 0 || refused[len(refused)-1] != c:
			refused = append(refused, c)
		}
	}
	answer := fmt.Sprintf("%d stored", stored)
	if len(refused) > 0 {
		answer += fmt.Sprintf(", %d refused: %s", aws.ToInt32(out.FailedRecordCount), strings.Join(refused, " "))
	}
	return answer
}

func entry(key string, data []byte) types.PutRecordsRequestEntry {
	return types.PutRecordsRequestEntry{PartitionKey: &key, Data: data}
}

func hashed(hashKey string) types.PutRecordsRequestEntry {
	return types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), ExplicitHashKey: &hashKey, Data: []byte("x")}
}

func repeated(n int, e types.PutRecordsRequestEntry) []types.PutRecordsRequestEntry {
	all := make([]types.PutRecordsRequestEntry, n)
	for i := range all {
		all[i] = e
	}
	return all
}
