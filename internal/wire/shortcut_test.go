package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// looking adds a middleware of the client's owner that looks at the input of each call, and may change it.
func looking(look func(*kinesis.PutRecordsInput)) func(*kinesis.Options) {
	return func(o *kinesis.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("look", func(
				ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				look(in.Parameters.(*kinesis.PutRecordsInput))
				return next.HandleInitialize(ctx, in)
			}), middleware.After)
		})
	}
}

// sending has the client answer by itself and keeps the body that it would have sent.
func sending(body *string) func(*kinesis.Options) {
	return func(o *kinesis.Options) {
		o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
			content, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			*body = string(content)
			var asked struct{ Records []any }
			json.Unmarshal(content, &asked)
			results := strings.Repeat(`,{"ShardId":"s","SequenceNumber":"1"}`, len(asked.Records))
			return canned(200, amzJSON, `{"Records":[`+strings.TrimPrefix(results, ",")+`]}`)(r)
		})
	}
}

// What the owner's middlewares see of a call, in both ways.
func TestMiddlewaresSeeStandIns(t *testing.T) {
	entries := []Entry{{PartitionKey: []byte("key"), HashKey: []byte("1"), Data: []byte("data")}, {PartitionKey: []byte("k"), Aggregate: builderOf(3, 3)}}
	var seen *kinesis.PutRecordsInput
	var body, wholeBody string
	look := looking(func(in *kinesis.PutRecordsInput) { seen = in })
	client := newClient(t, "http://kinesis.invalid", look, sending(&body))
	if _, f := PutRecords(t.Context(), client, events, entries); f != nil {
		t.Fatal(f)
	}
	if len(seen.Records) != 2 || *seen.StreamName != "events" {
		t.Errorf("they see %+v", seen)
	}
	for _, r := range seen.Records {
		if r.Data == nil || len(r.Data) > 0 || *r.PartitionKey != "" || r.ExplicitHashKey != nil {
			t.Errorf("they see %+v", r)
		}
	}

	other := newClient(t, "http://kinesis.invalid", look, sending(&wholeBody), func(o *kinesis.Options) { o.Protocol = renamed{o.Protocol} })
	if _, f := PutRecords(t.Context(), other, events, entries); f != nil {
		t.Fatal(f)
	}
	if string(seen.Records[0].Data) != "data" || *seen.Records[0].ExplicitHashKey != "1" || string(seen.Records[1].Data) != string(builderOf(3, 3).AppendTo(nil)) {
		t.Errorf("with another protocol they see %+v", seen.Records)
	}
	if body != wholeBody {
		t.Errorf("sent by us   %s\nby the SDK    %s", body, wholeBody)
	}
}

// renamed is a protocol that is not known to be JSON.
type renamed struct{ smithyhttp.ClientProtocol }

func (renamed) ID() smithy.ShapeID { return smithy.ShapeID{Namespace: "example", Name: "other"} }

// Changes of anything but the records are sent; changed records are refused before anything is.
func TestMiddlewaresThatChange(t *testing.T) {
	var body string
	client := newClient(t, "http://kinesis.invalid", sending(&body), looking(func(in *kinesis.PutRecordsInput) {
		in.StreamName, in.StreamARN, in.DryRun = nil, aws.String("arn"), aws.Bool(true)
		in.Records = append([]types.PutRecordsRequestEntry(nil), in.Records...)
	}))
	if _, f := PutRecords(t.Context(), client, events, one); f != nil {
		t.Fatal(f)
	}
	if want := `{"DryRun":true,"Records":[{"Data":"ZGF0YQ==","PartitionKey":"key"}],"StreamARN":"arn"}`; body != want {
		t.Errorf("sent %s\nwant %s", body, want)
	}

	for name, change := range map[string]func(*kinesis.PutRecordsInput){
		"fewer":   func(in *kinesis.PutRecordsInput) { in.Records = in.Records[:0] },
		"more":    func(in *kinesis.PutRecordsInput) { in.Records = append(in.Records, standIn) },
		"data":    func(in *kinesis.PutRecordsInput) { in.Records[0].Data = []byte("x") },
		"key":     func(in *kinesis.PutRecordsInput) { in.Records[0].PartitionKey = aws.String("x") },
		"hashKey": func(in *kinesis.PutRecordsInput) { in.Records[0].ExplicitHashKey = aws.String("1") },
	} {
		body = ""
		_, f := PutRecords(t.Context(), newClient(t, "http://kinesis.invalid", sending(&body), looking(change)), events, one)
		check(t, f, verdict{CodeClient, 0, false})
		if !errors.Is(f, errChanged) || body != "" {
			t.Errorf("%s: %v; sent %q", name, f, body)
		}
	}
}

// A serializer of the owner's would send stand-ins.
func TestReplacedSerializerIsRefused(t *testing.T) {
	var body string
	client := newClient(t, "http://kinesis.invalid", sending(&body), func(o *kinesis.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			_, err := stack.Serialize.Remove("OperationSerializer")
			return err
		})
	})
	_, f := PutRecords(t.Context(), client, events, one)
	check(t, f, verdict{CodeClient, 0, false})
	if !errors.Is(f, errBypassed) || body != "" {
		t.Errorf("%v; sent %q", f, body)
	}
}

// The results are all there for the owner's middlewares.
func TestMiddlewaresSeeResults(t *testing.T) {
	var seen *kinesis.PutRecordsOutput
	client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
		o.HTTPClient = canned(200, amzJSON, `{"EncryptionType":"KMS","FailedRecordCount":0,"Records":[{"ShardId":"s","SequenceNumber":"1"}]}`)
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("see", func(
				ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
			) (middleware.DeserializeOutput, middleware.Metadata, error) {
				out, md, err := next.HandleDeserialize(ctx, in)
				seen, _ = out.Result.(*kinesis.PutRecordsOutput)
				return out, md, err
			}), middleware.Before)
		})
	})
	if _, f := PutRecords(t.Context(), client, events, one); f != nil {
		t.Fatal(f)
	}
	if seen == nil || seen.EncryptionType != "KMS" || *seen.FailedRecordCount != 0 || *seen.Records[0].ShardId != "s" {
		t.Errorf("%+v", seen)
	}
}

// A request of no entries is the SDK's business to refuse or send, as ever.
func TestNoEntries(t *testing.T) {
	var body string
	answers, f := PutRecords(t.Context(), newClient(t, "http://kinesis.invalid", sending(&body)), events, nil)
	if f != nil || len(answers) != 0 || body != `{"Records":[],"StreamName":"events"}` {
		t.Errorf("%v %v, sent %s", answers, f, body)
	}
}
