package wire

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

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
// A *kinesis.Client that speaks awsJson1_1, as it does unless its owner says otherwise, has its body written straight from
// the entries into pooled buffers; what needs no encoding, in CBOR, it has from the entries themselves (see shortcut). Its
// owner's middlewares see stream, number of records and results, but of each record only an empty stand-in; one that changes
// the records makes the call a CodeClient failure that was not sent.
//
// Ownership: entries, and what they refer to, are only read, and not after PutRecords has returned, so they may come from a
// pool. Two clients get records of the ordinary kind: a *kinesis.Client with another protocol has the caller's own bytes
// of Data in them, and copies of the rest; a client of any other type might keep what it was given, so it gets copies.
//
// A ctx that ended before the call is a failure with Sent false and the client is not called.
func PutRecords(ctx context.Context, api API, s Stream, entries []Entry) ([]Answer, *Failure) {
	return JSON.PutRecords(ctx, api, s, entries)
}

// PutRecords is the function PutRecords in a format, which only matters where that writes the body itself. A failure that the
// service answers in CBOR has its code and message, as in JSON, but is no type of the SDK's.
func (f Format) PutRecords(ctx context.Context, api API, s Stream, entries []Entry) ([]Answer, *Failure) {
	var t transit
	if failure := t.ended(ctx); failure != nil {
		return nil, failure
	}
	in := &kinesis.PutRecordsInput{}
	in.StreamName, in.StreamARN = s.address()
	options := []func(*kinesis.Options){t.watch, singleAttempt}
	if speaksJSON(api) {
		short := newShortcut(f, entries)
		defer short.end()
		in.Records = short.shown
		options = append(options, short.take)
	} else {
		in.Records = wholeRecords(api, entries)
	}
	out, err := api.PutRecords(ctx, in, options...)
	if err != nil {
		return nil, t.judge(ctx, err)
	}
	if out == nil {
		return nil, badAnswer("the client returned neither an answer nor an error")
	}
	all, failure := answers(out.Records, len(entries))
	return all, failure.withRequestID(out.ResultMetadata)
}

// singleAttempt turns the SDK's retries off for this call, whatever the client's own settings are.
func singleAttempt(o *kinesis.Options) { o.Retryer = aws.NopRetryer{} }

// wholeRecords are the records with all that is in them.
func wholeRecords(api API, entries []Entry) []types.PutRecordsRequestEntry {
	_, own := api.(*kinesis.Client)
	records := make([]types.PutRecordsRequestEntry, len(entries))
	for i := range entries {
		e := &entries[i]
		r := &records[i]
		r.PartitionKey = aws.String(string(e.PartitionKey))
		if len(e.HashKey) > 0 {
			r.ExplicitHashKey = aws.String(string(e.HashKey))
		}
		switch {
		case e.Aggregate != nil:
			r.Data = e.Aggregate.AppendTo(nil)
		case own:
			r.Data = e.Data
		default:
			r.Data = bytes.Clone(e.Data)
		}
		if r.Data == nil {
			r.Data = []byte{} // the SDK refuses nil as missing
		}
	}
	return records
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
