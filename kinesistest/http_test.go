package kinesistest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

const authorization = "AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=00"

// post makes a request of the protocol; set changes it.
func post(op, body string, set ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+op)
	r.Header.Set("Authorization", authorization)
	for _, f := range set {
		f(r)
	}
	return r
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestProtocol(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.AccessKeys("AKID"))
	record := `{"Data":"aGk=","PartitionKey":"k"}`
	for _, tc := range []struct {
		name   string
		r      *http.Request
		status int
		want   string // part of the body
	}{
		{"put", post("PutRecords", `{"StreamName":"a","Records":[`+record+`]}`), 200, `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"`},
		{"unknown members", post("PutRecords", `{"StreamId":"x","New":{"a":[1,{}]},"Records":[{"More":[null],"Data":"aGk=","PartitionKey":"k"}],"StreamName":"a"}`), 200, `"FailedRecordCount":0`},
		{"nulls", post("PutRecords", `{"StreamARN":null,"DryRun":null,"StreamName":"a","Records":[{"ExplicitHashKey":null,"Data":"aGk=","PartitionKey":"k"}]}`), 200, `"FailedRecordCount":0`},
		{"escapes", post("PutRecords", `{"StreamName":"a","Records":[{"Data":"\/w==","PartitionKey":"\u00fc\ud83d\ude00"}]}`), 200, `"FailedRecordCount":0`},
		{"path", post("PutRecords", `{"StreamName":"a","Records":[`+record+`]}`, func(r *http.Request) { r.URL.Path = "/any" }), 200, ""},
		{"charset", post("ListStreams", `{}`, header("Content-Type", "application/x-amz-json-1.1; charset=utf-8")), 200, `{"HasMoreStreams":false,"StreamNames":["a"]`},
		{"timestamps are numbers", post("DescribeStreamSummary", `{"StreamName":"a"}`), 200, `"StreamCreationTimestamp":1`},
		{"no answer to speak of", post("DeleteStream", `{"StreamName":"a","EnforceConsumerDeletion":true}`), 200, ""},

		{"unknown operation", post("MergeStreams", `{}`), 400, `{"__type":"UnknownOperationException"}`},
		{"another service", post("", `{}`, header("X-Amz-Target", "DynamoDB_20120810.PutItem")), 400, `{"__type":"UnknownOperationException"}`},
		{"no target", post("", `{}`, header("X-Amz-Target", "")), 400, `{"__type":"UnknownOperationException"}`},
		{"not a call", post("", ``, header("X-Amz-Target", ""), header("Content-Type", "")), 403, "<AccessDeniedException>"},
		{"GET", post("PutRecords", ``, func(r *http.Request) { r.Method = http.MethodGet }), 403, "<AccessDeniedException>"},
		{"another protocol", post("PutRecords", ``, header("Content-Type", "application/x-amz-json-1.0")), 404, "<UnknownOperationException/>"},

		{"no key", post("ListStreams", `{}`, header("Authorization", "")), 400, `{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}`},
		{"another key", post("ListStreams", `{}`, header("Authorization", strings.Replace(authorization, "AKID", "OTHER", 1))), 400, `{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}`},
		{"no credential", post("ListStreams", `{}`, header("Authorization", "AWS4-HMAC-SHA256 Signature=00")), 400, `"IncompleteSignatureException"`},

		{"no body", post("PutRecords", ``), 400, `"SerializationException"`},
		{"cut body", post("PutRecords", `{"Records":[`+record), 400, `{"__type":"SerializationException","message":"The request ends at byte`},
		{"no colon", post("PutRecords", `{"StreamName" "a"}`), 400, "where ':' is expected"},
		{"no comma", post("PutRecords", `{"DryRun":true "a":1}`), 400, "where ',' or '}' is expected"},
		{"no comma in a list", post("PutRecords", `{"Records":[{} {}]}`), 400, "where ',' or ']' is expected"},
		{"no name", post("PutRecords", `{5:1}`), 400, "where the name of a member is expected"},
		{"no end of name", post("PutRecords", `{"Str`), 400, "where the end of a string is expected"},
		{"no such escape", post("PutRecords", `{"Records":[{"PartitionKey":"\x"}]}`), 400, "invalid character"},
		{"no value", post("PutRecords", `{"Records":}`), 400, "where a value is expected"},
		{"body that breaks off", post("PutRecords", "", func(r *http.Request) { r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)) }), 400, "cannot be read"},
		{"two bodies", post("PutRecords", `{"StreamName":"a"}{}`), 400, "the end of the request"},
		{"a list", post("PutRecords", `[]`), 400, "Start of list found where not expected"},
		{"records are no list", post("PutRecords", `{"Records":"x"}`), 400, "Expected list or null"},
		{"records are an object", post("PutRecords", `{"Records":{}}`), 400, "Start of structure or map found where not expected."},
		{"data is a number", post("PutRecords", `{"Records":[{"Data":1}]}`), 400, "TruncatingBigNumber can not be converted to a Blob"},
		{"key is a boolean", post("PutRecords", `{"Records":[{"PartitionKey":true}]}`), 400, "class java.lang.Boolean can not be converted to an String"},
		{"name is a number", post("PutRecords", `{"StreamName":1}`), 400, "TruncatingBigNumber can not be converted to an String"},
		{"short base64", post("PutRecords", `{"Records":[{"Data":"aGk"}]}`), 400, "expected a multiple of 4 bytes but found: 3"},
		{"no base64", post("PutRecords", `{"Records":[{"Data":"a*k="}]}`), 400, "Invalid Base64 character"},
		{"line breaks", post("PutRecords", "{\"Records\":[{\"Data\":\"\n\n\n\n\"}]}"), 400, "Invalid Base64 character"},
		{"unused bits", post("PutRecords", `{"Records":[{"Data":"aGl="}]}`), 400, "Invalid Base64 character"},
		{"control character", post("PutRecords", "{\"Records\":[{\"PartitionKey\":\"a\nb\"}]}"), 400, "no control character"},
		{"limit is text", post("ListStreams", `{"Limit":"1"}`), 400, "class java.lang.String can not be converted to an Integer"},
		{"limit is a fraction", post("ListStreams", `{"Limit":1.5}`), 400, "can not be converted to an Integer"},
		{"time is text", post("ListShards", `{"StreamCreationTimestamp":"now"}`), 400, "can not be converted to milliseconds since epoch"},
		{"filter is text", post("ListShards", `{"ShardFilter":"now"}`), 400, "Expected map or null"},
		{"flag is text", post("PutRecords", `{"DryRun":"true"}`), 400, "can not be converted to an Boolean"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, tc.r)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) {
				t.Errorf("%d %s, want %d with %s", w.Code, w.Body, tc.status, tc.want)
			}
		})
	}
}

// The headers are the service's, to the letter, and the date is the real one whatever the
// server's clock says: an SDK works out its own error from it.
func TestHeaders(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Clock(newTicker().now))
	r := post("ListStreams", `{}`)
	request, err := http.NewRequest(r.Method, s.URL(), r.Body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = r.Header
	before := time.Now().Truncate(time.Second)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil || date.Before(before) || date.After(time.Now()) {
		t.Errorf("Date %q, want now", answer.Header.Get("Date"))
	}
	if got := answer.Header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
		t.Errorf("Content-Type %q", got)
	}
	if answer.Header.Get("x-amzn-RequestId") == "" || answer.Header.Get("x-amz-id-2") == "" {
		t.Errorf("no ids in %v", answer.Header)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, post("ListStreams", `{}`))
	if _, ok := w.Header()["x-amzn-RequestId"]; !ok {
		t.Errorf("headers %v, want x-amzn-RequestId spelled so", w.Header())
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestBodyTooLarge(t *testing.T) {
	s := kinesistest.New(t)
	for name, length := range map[string]int64{"announced": 16<<20 + 1, "not announced": -1} {
		r := post("PutRecords", "")
		r.Body = io.NopCloser(io.LimitReader(spaces{}, 16<<20+1))
		r.ContentLength = length
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge || w.Body.Len() != 0 {
			t.Errorf("%s: %d %s, want 413 and nothing", name, w.Code, w.Body)
		}
	}
}

type spaces struct{}

func (spaces) Read(b []byte) (int, error) { return copy(b, bytes.Repeat([]byte{' '}, len(b))), nil }

func TestAccessKeys(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.AccessKeys("AKIDONE", "AKIDTWO"))
	for _, key := range []string{"AKIDONE", "AKIDTWO"} {
		must[*kinesis.PutRecordsOutput](t)(sdkClient(s, key).PutRecords(context.Background(), put("a", "k")))
	}
	_, err := sdkClient(s, "AKIDTHREE").PutRecords(context.Background(), put("a", "k"))
	wantError(t, err, "UnrecognizedClientException", "The security token included in the request is invalid.")
	must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", "k")))
}

// A key that is not UTF-8 arrives, and is hashed, with U+FFFD for every wrong byte.
func TestKeyThatIsNotUTF8(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		broken := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "\xff\xfex")))
		mended := must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "\ufffd\ufffdx")))
		if *broken.Records[0].ShardId != *mended.Records[0].ShardId {
			t.Errorf("shards %s and %s", *broken.Records[0].ShardId, *mended.Records[0].ShardId)
		}
		for _, r := range s.Records("a")[*broken.Records[0].ShardId] {
			if r.PartitionKey != "\ufffd\ufffdx" {
				t.Errorf("stored key %q", r.PartitionKey)
			}
		}
	}, kinesistest.Stream("a", 1000))
}
