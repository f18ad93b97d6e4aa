package kinesistest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/kinecast/kinecast/kinesistest"
)

const throttled = "ProvisionedThroughputExceededException"

// What the SDK makes of each fault, which is the same at both doors.
func TestFaults(t *testing.T) {
	typed := func(target any) func(*testing.T, *kinesis.PutRecordsOutput, error) {
		return func(t *testing.T, _ *kinesis.PutRecordsOutput, err error) {
			if !errors.As(err, target) {
				t.Errorf("error %v, want a %T", err, target)
			}
		}
	}
	status := func(want int) func(*testing.T, *kinesis.PutRecordsOutput, error) {
		return func(t *testing.T, _ *kinesis.PutRecordsOutput, err error) {
			wantStatus(t, err, want)
		}
	}
	code := func(want string) func(*testing.T, *kinesis.PutRecordsOutput, error) {
		return func(t *testing.T, _ *kinesis.PutRecordsOutput, err error) { wantError(t, err, want, "") }
	}
	noResults := func(t *testing.T, out *kinesis.PutRecordsOutput, err error) {
		if err != nil || len(out.Records) != 0 || out.FailedRecordCount != nil {
			t.Errorf("%+v, %v, want a success without results", out, err)
		}
	}
	for _, tc := range []struct {
		do     kinesistest.Fault
		checks []func(*testing.T, *kinesis.PutRecordsOutput, error)
	}{
		{kinesistest.CallError(400, throttled, "slow down"), []func(*testing.T, *kinesis.PutRecordsOutput, error){
			typed(new(*types.ProvisionedThroughputExceededException)), status(400)}},
		{kinesistest.CallError(400, "KMSThrottlingException", "m"), []func(*testing.T, *kinesis.PutRecordsOutput, error){typed(new(*types.KMSThrottlingException))}},
		{kinesistest.CallError(400, "ExpiredTokenException", "m"), []func(*testing.T, *kinesis.PutRecordsOutput, error){
			typed(new(*smithy.GenericAPIError)), code("ExpiredTokenException")}},
		{kinesistest.CallError(500, "InternalFailureException", "m"), []func(*testing.T, *kinesis.PutRecordsOutput, error){
			typed(new(*types.InternalFailureException)), status(500)}},
		{kinesistest.CallError(500, "InternalFailure", "m"), []func(*testing.T, *kinesis.PutRecordsOutput, error){code("InternalFailure")}},
		{kinesistest.EmptyOK(), []func(*testing.T, *kinesis.PutRecordsOutput, error){noResults}},
		{kinesistest.HTML(502), []func(*testing.T, *kinesis.PutRecordsOutput, error){typed(new(*smithy.DeserializationError)), status(502)}},
		{kinesistest.HTML(200), []func(*testing.T, *kinesis.PutRecordsOutput, error){typed(new(*smithy.DeserializationError)), status(200)}},
		{kinesistest.Refuse(), []func(*testing.T, *kinesis.PutRecordsOutput, error){
			typed(new(*smithyhttp.RequestSendError)), func(t *testing.T, _ *kinesis.PutRecordsOutput, err error) {
				if !errors.Is(err, syscall.ECONNREFUSED) {
					t.Errorf("error %v, want ECONNREFUSED", err)
				}
			}}},
	} {
		t.Run(tc.do.String(), func(t *testing.T) {
			eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
				remove := s.Inject(kinesistest.Rule{Do: tc.do})
				out, err := c.PutRecords(context.Background(), put("a", "k"))
				for _, check := range tc.checks {
					check(t, out, err)
				}
				var operation *smithy.OperationError
				if err != nil && (!errors.As(err, &operation) || operation.OperationName != "PutRecords") {
					t.Errorf("error %v is not of the operation", err)
				}
				if n := stored(s, "a"); n != 0 {
					t.Errorf("%d records stored, want none", n)
				}
				remove()
				remove()
				must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
			}, kinesistest.Stream("a", 1))
		})
	}
}

// A record error strikes the chosen records alone; the others are stored.
func TestRecordError(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		s.Inject(kinesistest.Rule{Key: "bad", Times: 2, Do: kinesistest.RecordError(throttled, `too "much"`)})
		out := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "good", "bad", "good", "bad", "bad")))
		var got []string
		for _, r := range out.Records {
			got = append(got, aws.ToString(r.ErrorCode))
			if r.ErrorCode != nil && (*r.ErrorMessage != `too "much"` || r.ShardId != nil || r.SequenceNumber != nil) {
				t.Errorf("result %+v", r)
			}
		}
		if want := "," + throttled + ",," + throttled + ","; strings.Join(got, ",") != want || *out.FailedRecordCount != 2 {
			t.Errorf("codes %q, %d failed, want %q and 2", got, *out.FailedRecordCount, want)
		}
		if n := stored(s, "a"); n != 3 {
			t.Errorf("%d records stored, want 3", n)
		}
		if call := s.Calls()[0]; call.Records != 5 || call.Failed != 2 || call.Bytes != 2*(4+3+4+3+3) || call.Stream != "a" || call.Err != "" {
			t.Errorf("logged %+v", call)
		}
		s.Inject(kinesistest.Rule{On: kinesistest.PutRecord, Do: kinesistest.RecordError("InternalFailure", "m")})
		_, err := c.PutRecord(context.Background(), &kinesis.PutRecordInput{StreamName: aws.String("a"), PartitionKey: aws.String("k"), Data: []byte{}})
		wantError(t, err, "InternalFailure", "m")
	}, kinesistest.Stream("a", 2))
}

func TestTooFew(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		s.Inject(kinesistest.Rule{Nth: 2, Do: kinesistest.TooFew(1)})
		for call, want := range []int{3, 1, 3} {
			out := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "x", "y", "z")))
			if len(out.Records) != want {
				t.Errorf("call %d: %d results, want %d", call, len(out.Records), want)
			}
		}
		if n := stored(s, "a"); n != 9 {
			t.Errorf("%d records stored, want 9", n)
		}
	}, kinesistest.Stream("a", 1))
}

// A refusal with conditions cannot close the listener: the connection is dropped.
func TestRefuseWithConditions(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		s.Inject(kinesistest.Rule{Times: 1, Do: kinesistest.Refuse()})
		_, err := c.PutRecords(context.Background(), put("a", "k"))
		if _, ok := errors.AsType[*smithyhttp.RequestSendError](err); !ok {
			t.Errorf("error %v, want a RequestSendError", err)
		}
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
		if calls := s.Calls(); len(calls) != 1 || stored(s, "a") != 1 {
			t.Errorf("calls %+v", calls)
		}
	}, kinesistest.Stream("a", 1))
}

// Rules strike what they say, and nothing else.
func TestRuleConditions(t *testing.T) {
	const shard0, shard1 = "shardId-000000000000", "shardId-000000000001"
	fault := kinesistest.CallError(400, throttled, "m")
	for _, tc := range []struct {
		name string
		rule kinesistest.Rule
		want string // of six calls, which fail
	}{
		{"always", kinesistest.Rule{Do: fault}, "123456"},
		{"on", kinesistest.Rule{On: kinesistest.PutRecords, Do: fault}, "123456"},
		{"on another operation", kinesistest.Rule{On: kinesistest.ListShards, Do: fault}, ""},
		{"stream", kinesistest.Rule{Stream: "a", Do: fault}, "1234"},
		{"nth", kinesistest.Rule{Nth: 3, Do: fault}, "3"},
		{"every", kinesistest.Rule{Every: 2, Do: fault}, "246"},
		{"nth and every", kinesistest.Rule{Nth: 1, Every: 2, Do: fault}, "135"},
		{"times", kinesistest.Rule{Times: 2, Do: fault}, "12"},
		{"every and times", kinesistest.Rule{Every: 2, Times: 2, Do: fault}, "24"},
		{"key", kinesistest.Rule{Key: "b", Do: fault}, "34"},
		{"key and nth", kinesistest.Rule{Key: "b", Nth: 2, Do: fault}, "4"},
		{"shard", kinesistest.Rule{Stream: "a", Shard: shard1, Do: fault}, "34"},
		{"shard and key that do not meet", kinesistest.Rule{Stream: "a", Shard: shard0, Key: "b", Do: fault}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := kinesistest.New(t, kinesistest.Stream("a", 2), kinesistest.Stream("b", 1))
			s.Inject(tc.rule)
			got := ""
			for i, in := range []*kinesis.PutRecordsInput{put("a", "a"), put("a", "a"), put("a", "a", "b"), put("a", "b"), put("b", "c"), put("b", "c")} {
				for j := range in.Records { // key a to shard 0, key b to shard 1
					in.Records[j].ExplicitHashKey = aws.String(map[string]string{"a": "0", "b": maxHash, "c": "0"}[*in.Records[j].PartitionKey])
				}
				if _, err := s.Client().PutRecords(context.Background(), in); err != nil {
					got += string(rune('1' + i))
				}
			}
			if got != tc.want {
				t.Errorf("calls %q failed, want %q", got, tc.want)
			}
		})
	}
}

// The first rule that strikes decides; one behind it has not seen the call.
func TestRulesInOrder(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1))
	s.Inject(kinesistest.Rule{Times: 1, Do: kinesistest.CallError(400, "First", "m")})
	s.Inject(kinesistest.Rule{Nth: 1, Do: kinesistest.CallError(400, "Second", "m")})
	for _, want := range []string{"First", "Second"} {
		_, err := s.Client().PutRecords(context.Background(), put("a", "k"))
		wantError(t, err, want, "m")
	}
	must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", "k")))
	if got := s.Calls()[1]; got.Err != "Second" || got.Fault != "call error 400 Second" {
		t.Errorf("logged %+v", got)
	}
}

// Rules know the shard and the key of single records and of iterators, and the stream of a
// page that goes by a token.
func TestRulesOnOtherOperations(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		ctx := context.Background()
		page := must[*kinesis.ListShardsOutput](t)(c.ListShards(ctx, &kinesis.ListShardsInput{StreamName: aws.String("a"), MaxResults: aws.Int32(1)}))
		s.Inject(kinesistest.Rule{On: kinesistest.PutRecord, Shard: shard1, Key: "k", Do: kinesistest.HTML(502)})
		s.Inject(kinesistest.Rule{On: kinesistest.GetShardIterator, Stream: "a", Shard: shard1, Do: kinesistest.HTML(503)})
		s.Inject(kinesistest.Rule{On: kinesistest.ListShards, Stream: "a", Do: kinesistest.HTML(504)})
		s.Inject(kinesistest.Rule{Key: "k", Do: kinesistest.CallError(400, "Other", "m")})
		for hash, want := range map[string]int{"0": 400, maxHash: 502} {
			_, err := c.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: aws.String("a"), PartitionKey: aws.String("k"), ExplicitHashKey: &hash, Data: []byte{}})
			wantStatus(t, err, want)
		}
		_, err := c.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{StreamARN: aws.String(arnOfA), ShardId: aws.String(shard1), ShardIteratorType: types.ShardIteratorTypeLatest})
		wantStatus(t, err, 503)
		_, err = c.ListShards(ctx, &kinesis.ListShardsInput{NextToken: page.NextToken})
		wantStatus(t, err, 504)
		must[*kinesis.ListStreamsOutput](t)(c.ListStreams(ctx, &kinesis.ListStreamsInput{}))
		must[*kinesis.DescribeStreamOutput](t)(c.DescribeStream(ctx, &kinesis.DescribeStreamInput{StreamName: aws.String("a")}))
	}, kinesistest.Stream("a", 2))
}

func wantStatus(t *testing.T, err error, want int) {
	t.Helper()
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() != want {
		t.Errorf("error %v, want one with HTTP status %d", err, want)
	}
}

// Reading can fail as well, by shard.
func TestFaultOnReading(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		s.Inject(kinesistest.Rule{On: kinesistest.GetRecords, Shard: "shardId-000000000001", Do: kinesistest.CallError(http.StatusBadRequest, throttled, "m")})
		for _, shard := range []string{"shardId-000000000000", "shardId-000000000001"} {
			it := must[*kinesis.GetShardIteratorOutput](t)(c.GetShardIterator(context.Background(), &kinesis.GetShardIteratorInput{
				StreamName: aws.String("a"), ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeLatest}))
			_, err := c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: it.ShardIterator})
			if (err != nil) != (shard == "shardId-000000000001") {
				t.Errorf("%s: error %v", shard, err)
			}
		}
	}, kinesistest.Stream("a", 2))
}

func TestRulesWithoutSense(t *testing.T) {
	for name, rule := range map[string]kinesistest.Rule{
		"nothing to do":        {},
		"negative":             {Nth: -1, Do: kinesistest.EmptyOK()},
		"unknown operation":    {On: "Put", Do: kinesistest.EmptyOK()},
		"records on a listing": {On: kinesistest.ListShards, Do: kinesistest.RecordError("X", "m")},
		"too few of one":       {On: kinesistest.PutRecord, Do: kinesistest.TooFew(0)},
		"fewer than none":      {Do: kinesistest.TooFew(-1)},
		"no status":            {Do: kinesistest.CallError(0, "X", "m")},
		"no probability":       {P: 1.5, Do: kinesistest.EmptyOK()},
		"no way back":          {For: -1, Do: kinesistest.EmptyOK()},
		"behind an end":        {Do: kinesistest.EmptyOK().Then(kinesistest.Store())},
		"refuse in a chain":    {Do: kinesistest.Store().Then(kinesistest.Refuse())},
		"record in a chain":    {Do: kinesistest.RecordError("X", "m").Then(kinesistest.Store())},
		"late listing":         {On: kinesistest.ListShards, Do: kinesistest.StoreAfterCalls(1)},
		"part of one":          {On: kinesistest.PutRecord, Do: kinesistest.StorePart(1)},
		"negative delay":       {Do: kinesistest.Delay(-1)},
		"delay backwards":      {Do: kinesistest.DelayBetween(2, 1)},
		"nothing to wait for":  {Do: kinesistest.DelayUntil(nil)},
		"nothing to run":       {Do: kinesistest.Run(nil)},
		"no such loss":         {Do: kinesistest.Lose(9)},
		"an empty step":        {Do: kinesistest.Store().Then(kinesistest.Fault{})},
	} {
		tb := &fakeTB{TB: t}
		kinesistest.New(tb).Inject(rule)
		if len(tb.fatal) != 1 {
			t.Errorf("%s: %d complaints, want 1", name, len(tb.fatal))
		}
	}
}

// fakeTB notes what would have ended a test.
type fakeTB struct {
	kinesistest.TB
	fatal []string
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.fatal = append(f.fatal, fmt.Sprintf(format, args...))
}
