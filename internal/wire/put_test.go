package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func TestPutRecords(t *testing.T) {
	const arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/events"
	var body map[string]any
	client := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		body = nil
		json.NewDecoder(r.Body).Decode(&body)
		io.WriteString(w, `{"FailedRecordCount":0,"Unknown":1,"Records":[
			{"ShardId":"shardId-000000000001","SequenceNumber":"17","ErrorCode":null,"ErrorMessage":null},
			{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard shardId-000000000001 in stream events under account 123456789012."},
			{"ErrorCode":"InternalFailure"}]}`)
	}))
	entries := []Entry{
		{PartitionKey: []byte("zürich"), HashKey: []byte("340282366920938463463374607431768211455"), Data: []byte("one")},
		{PartitionKey: []byte("b"), Data: []byte{}},
		{PartitionKey: []byte("c")},
	}
	got, f := PutRecords(t.Context(), client, Stream{Name: "events", ARN: arn}, entries)
	if f != nil {
		t.Fatal(f)
	}
	// FailedRecordCount said 0. Nobody asked it.
	want := []Answer{
		{ShardID: "shardId-000000000001", SequenceNumber: "17"},
		{Code: "ProvisionedThroughputExceededException", Message: "Rate exceeded for shard shardId-000000000001 in stream events under account 123456789012."},
		{Code: "InternalFailure"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	asked := fmt.Sprint(body)
	if want := "map[Records:[map[Data:b25l ExplicitHashKey:340282366920938463463374607431768211455 PartitionKey:zürich] " +
		"map[Data: PartitionKey:b] map[Data: PartitionKey:c]] StreamARN:" + arn + "]"; asked != want {
		t.Errorf("sent %s\nwant %s", asked, want)
	}
	if _, f := PutRecords(t.Context(), client, events, entries); f != nil {
		t.Fatal(f)
	}
	if body["StreamName"] != "events" || body["StreamARN"] != nil {
		t.Errorf("by name, sent %v", body)
	}
}

// Who is not the SDK's client may keep what it was given, and even write to it.
func TestForeignClientGetsCopies(t *testing.T) {
	pooled := []byte("pooled")
	key := []byte("key")
	entries := []Entry{{PartitionKey: key, HashKey: []byte("1"), Data: pooled[:3]}, {PartitionKey: []byte("k")}}
	var kept *kinesis.PutRecordsInput
	_, f := PutRecords(t.Context(), foreign{put: func(in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
		kept = in
		done := types.PutRecordsResultEntry{ShardId: aws.String("s"), SequenceNumber: aws.String("1")}
		return &kinesis.PutRecordsOutput{Records: []types.PutRecordsResultEntry{done, done}}, nil
	}}, events, entries)
	if f != nil {
		t.Fatal(f)
	}
	first := kept.Records[0]
	_ = append(first.Data, "overwritten"...)
	copy(pooled, "reused")
	copy(key, "new")
	if string(pooled) != "reused" || string(first.Data) != "poo" || *first.PartitionKey != "key" || *first.ExplicitHashKey != "1" {
		t.Errorf("shared with the client: %q %q %q", first.Data, *first.PartitionKey, pooled)
	}
	if kept.Records[1].Data == nil {
		t.Error("nil data was handed on, which the SDK refuses")
	}
}

// The SDK's own client is given the caller's bytes: no copy.
func TestOwnClientGetsTheBytes(t *testing.T) {
	entries := []Entry{{PartitionKey: []byte("k"), Data: []byte("data")}}
	records := wholeRecords(&kinesis.Client{}, entries)
	if &records[0].Data[0] != &entries[0].Data[0] {
		t.Error("the data was copied")
	}
}

// Sent is measured with HTTP/2 too, on a new connection and on one that is there.
func TestSentOverHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	protocol := ""
	answers := []http.HandlerFunc{says(200, amzJSON, stored), says(200, amzJSON, ""), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := answers[0]
		answers = answers[1:]
		protocol = r.Proto
		next(w, r)
	})
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client := newClient(t, server.URL, func(o *kinesis.Options) { o.HTTPClient = server.Client() })
	if _, f := PutRecords(t.Context(), client, events, one); f != nil || protocol != "HTTP/2.0" {
		t.Fatal(protocol, f)
	}
	_, f := PutRecords(t.Context(), client, events, one)
	check(t, f, verdict{CodeWrongCount, 200, true})
	_, f = PutRecords(t.Context(), client, events, one)
	check(t, f, verdict{CodeNetwork, 0, true})
}

// A client's own retry settings do not apply to PutRecords: one call is one attempt.
func TestPutRecordsIsOneAttempt(t *testing.T) {
	var calls atomic.Int32
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		refuses(500, "InternalFailure")(w, r)
	})
	client := newClient(t, endpoint, func(o *kinesis.Options) { o.RetryMaxAttempts = 5 })
	_, f := PutRecords(t.Context(), client, events, one)
	check(t, f, verdict{"InternalFailure", 500, true})
	if calls.Load() != 1 {
		t.Errorf("%d calls", calls.Load())
	}
}

// Per-record texts are cleaned like all others.
func TestAnswerMessagesAreClean(t *testing.T) {
	text := "Value 'top secret' at 'records.1.member.partitionKey' failed:\n" + strings.Repeat("x", 1000)
	got, f := answers([]types.PutRecordsResultEntry{{ErrorCode: aws.String("Code"), ErrorMessage: &text}}, 1)
	if f != nil {
		t.Fatal(f)
	}
	if m := got[0].Message; strings.Contains(m, "top secret") || strings.Contains(m, "\n") || len(m) > maxText {
		t.Errorf("%d bytes: %q", len(m), m)
	}
}
