package kinecast

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/internal/wire"
	"github.com/kinecast/kinecast/shard"
)

// Client is the part of the AWS SDK's Kinesis client that a producer calls. *kinesis.Client fits; so does
// kinesistest's. Implementations must be safe for concurrent use. A client that is not a *kinesis.Client is given copies
// that it may keep. A call that has not returned a second after its context ended is given up: its records count as perhaps
// written and are tried again, and Stats.RequestsAbandoned counts it until it returns.
//
// The caller's client brings credentials, region, endpoint and middleware; the producer adds what it needs a call: no
// retries of the SDK's own for PutRecords, which would store records twice and tell nobody, and the cure of a fault
// that does so over plain HTTP.
type Client interface {
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
	ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error)
	DescribeStreamSummary(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error)
}

// heldPerByte is what one byte of a request holds at most while it is under way: the copy that a foreign client is given,
// and four thirds of it in base64 in the body. A *kinesis.Client's request holds the body alone.
const heldPerByte = 2.5

// Put implements actors.Owner.
func (st *stream) Put(req *shard.Request) func(context.Context) ([]shard.Answer, *shard.Failure) {
	entries, users, timeout := entriesOf(req.Records), req.UserRecords(), st.Timeout(req)
	return func(ctx context.Context) ([]shard.Answer, *shard.Failure) {
		return st.put(ctx, entries, users, timeout)
	}
}

// put is one PutRecords call of so many user records, and each answer matched to its record.
func (st *stream) put(ctx context.Context, entries []wire.Entry, users int, timeout time.Duration) ([]shard.Answer, *shard.Failure) {
	s := st.sup
	s.stats.requests.Add(1)
	call, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := time.Now()
	answers, failure := s.cfg.format.PutRecords(call, s.client, st.target, entries)
	st.figures.Requested(time.Since(start), len(entries), users, st.held.outstanding())
	if failure != nil {
		s.stats.requestsFailed.Add(1)
		return nil, s.failure(ctx, failure)
	}
	out := make([]shard.Answer, len(answers))
	for i, a := range answers {
		out[i] = shard.Answer{ShardID: a.ShardID, SequenceNumber: a.SequenceNumber}
		if a.Code != "" {
			out[i] = shard.Answer{Class: shard.ClassOfCode(a.Code), Failure: &shard.Failure{Code: a.Code, Message: a.Message}}
		}
	}
	return out, nil
}

// Timeout implements actors.Owner: a large request has more to send.
func (st *stream) Timeout(req *shard.Request) time.Duration {
	return st.sup.cfg.requestTimeout + time.Duration(req.Bytes)*time.Second/(1<<20)
}

// entriesOf are the records of a request as wire sends them: it reads their buffers, and copies nothing here.
func entriesOf(records []*shard.Record) []wire.Entry {
	entries := make([]wire.Entry, len(records))
	hashes := make([]byte, 0, shard.HashKeyDigits*len(records))
	for i, r := range records {
		e := &entries[i]
		e.PartitionKey = r.Key()
		if hash, needed := r.HashKey(); needed {
			start := len(hashes)
			hashes = hash.AppendDecimal(hashes)
			e.HashKey = hashes[start:len(hashes):len(hashes)]
		}
		e.Data, e.Aggregate = r.Contents()
	}
	return entries
}

// failure reduces a failed call to what lanes judge by. ctx is the tree's: when it has ended, the producer is closing.
func (s *supervisor) failure(ctx context.Context, f *wire.Failure) *shard.Failure {
	reduced := shardFailure(f)
	switch {
	case ctx.Err() != nil:
		reduced.Code = shard.CodeShutdown
	case f.Code == wire.CodeClient && !f.Sent:
		reduced.Status = 400 // the client refused its own input or lacks a region: no retry mends that
	}
	return &reduced
}

// denied says that a right is missing, which is not the same as a stream that is missing.
func denied(f *wire.Failure) bool {
	return f != nil && (strings.HasPrefix(f.Code, "AccessDenied") || f.Code == "NotAuthorized")
}
