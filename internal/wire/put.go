package wire

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Entry is one Kinesis record of a request.
type Entry struct {
	// PartitionKey is 1–256 characters of valid UTF-8. The caller checks: the SDK's JSON would put U+FFFD in the place
	// of a bad byte, and the record would land in a shard that nobody predicted.
	PartitionKey string
	// HashKey is the explicit hash key as decimal text, 0 … 2^128−1; "" leaves the choice to MD5 of PartitionKey.
	HashKey string
	// Data is the record's content. Nil means empty, and an empty record is sent.
	Data []byte
}

// Answer is the service's word on one entry. Code == "" means stored, and then ShardID and SequenceNumber are set.
type Answer struct {
	ShardID        string // where it was stored
	SequenceNumber string // its place there: decimal text of 56 digits from the real service
	Code           string // why it was not stored: a service code such as "ProvisionedThroughputExceededException"
	Message        string // the service's text for Code, cleaned and at most 512 bytes
}

// PutRecords makes one PutRecords call, one attempt, and returns one answer for each entry in the order of entries, or
// a failure and no answers. Limits (500 entries, 10 MiB with keys, the stream's record size) are the caller's business.
//
// Ownership: a *kinesis.Client gets the caller's own bytes and keys and only reads them before PutRecords returns, so
// they may come from a pool. Any other client might keep what it was given, so it gets copies.
//
// A ctx that ended before the call is a failure with Sent false and the client is not called.
func PutRecords(ctx context.Context, api API, s Stream, entries []Entry) ([]Answer, *Failure) {
	var t transit
	if f := t.ended(ctx); f != nil {
		return nil, f
	}
	in := &kinesis.PutRecordsInput{Records: requestEntries(api, entries)}
	in.StreamName, in.StreamARN = s.address()
	out, err := api.PutRecords(ctx, in, t.watch, singleAttempt)
	if err != nil {
		return nil, t.judge(ctx, err)
	}
	if out == nil {
		return nil, badAnswer("the client returned neither an answer nor an error")
	}
	all, f := answers(out.Records, len(entries))
	return all, f.withRequestID(out.ResultMetadata)
}

// singleAttempt turns the SDK's retries off for this call, whatever the client's own settings are.
func singleAttempt(o *kinesis.Options) { o.Retryer = aws.NopRetryer{} }

func requestEntries(api API, entries []Entry) []types.PutRecordsRequestEntry {
	if _, own := api.(*kinesis.Client); !own {
		entries = copied(entries)
	}
	records := make([]types.PutRecordsRequestEntry, len(entries))
	for i := range entries {
		e := &entries[i]
		r := &records[i]
		r.PartitionKey = &e.PartitionKey
		if e.HashKey != "" {
			r.ExplicitHashKey = &e.HashKey
		}
		if r.Data = e.Data; r.Data == nil {
			r.Data = []byte{} // the SDK refuses nil as missing
		}
	}
	return records
}

func copied(entries []Entry) []Entry {
	copies := make([]Entry, len(entries))
	for i, e := range entries {
		copies[i] = Entry{
			PartitionKey: strings.Clone(e.PartitionKey),
			HashKey:      strings.Clone(e.HashKey),
			Data:         bytes.Clone(e.Data),
		}
	}
	return copies
}

// answers accepts results only as a whole: who answers one entry with nonsense is not believed on the others.
func answers(results []types.PutRecordsResultEntry, want int) ([]Answer, *Failure) {
	if len(results) != want {
		return nil, &Failure{
			Code: CodeWrongCount, Status: 200, Sent: true,
			Message: fmt.Sprintf("HTTP 200 with %d results for %d records; which of them were stored is unknown", len(results), want),
		}
	}
	all := make([]Answer, want)
	for i := range results {
		r := &results[i]
		a := &all[i]
		switch code := aws.ToString(r.ErrorCode); {
		case code == "":
			a.ShardID, a.SequenceNumber = aws.ToString(r.ShardId), aws.ToString(r.SequenceNumber)
			if a.ShardID == "" || a.SequenceNumber == "" {
				return nil, badAnswer(fmt.Sprintf("result %d of %d has neither an error nor both shard and sequence number", i, want))
			}
		case !wellFormedCode(code):
			return nil, badAnswer(fmt.Sprintf("result %d of %d has an error code that is not a name", i, want))
		default:
			a.Code, a.Message = code, clean(aws.ToString(r.ErrorMessage))
		}
	}
	return all, nil
}
