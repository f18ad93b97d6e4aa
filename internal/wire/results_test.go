package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go/middleware"
)

func ourReading(text string, want int) (*kinesis.PutRecordsOutput, error) {
	out := new(kinesis.PutRecordsOutput)
	err := JSON.readResponse(&http.Response{Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}, out, want)
	return out, err
}

func sdkReading(t testing.TB, text string) (*kinesis.PutRecordsOutput, error) {
	client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) { o.HTTPClient = canned(200, amzJSON, text) })
	out, err := client.PutRecords(t.Context(), &kinesis.PutRecordsInput{Records: []types.PutRecordsRequestEntry{}}, singleAttempt)
	if err == nil {
		out.ResultMetadata = middleware.Metadata{}
	}
	return out, err
}

var answerTexts = []string{
	stored,
	`{"EncryptionType":"KMS","FailedRecordCount":1,"Records":[{"ErrorCode":"InternalFailure","ErrorMessage":"Internal Service Failure"},{"SequenceNumber":"1","ShardId":"s"}]}`,
	` { "Records" : [ { "ShardId" : "s" , "SequenceNumber" : "1" , "ErrorCode" : null , "ErrorMessage" : null } , null , { } ] , "EncryptionType" : null } `,
	`{"Records":[{"ShardId":"a","ShardId":"b","SequenceNumber":"1","SequenceNumber":null}],"Records":[{"ShardId":"c"}],"Records":null}`,
	`{"Records":[{"ErrorMessage":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude42\ud800","Shard\u0049d":"s"}],"\u0052ecords":[]}`,
	`{"Unknown":{"Records":[{"ShardId":"x"}],"a":[[],[{}],[1,2.5e-3,-0,true,false,null,"]}"]]},"records":1,"Records":[{"Unknown":[{"ShardId":"y"}],"shardid":"z","ShardId":"s"}]}`,
	``, ` `, `{}`, `{"Records":[]}`, `null`, `[]`, `{"Records":{}}`, `{"Records":[[]]}`, `{"Records":["a"]}`, `{"Records":[{"ShardId":1}]}`,
	`{"FailedRecordCount":"1"}`, `{"FailedRecordCount":1.5}`, `{"FailedRecordCount":1e1}`, `{"FailedRecordCount":2147483648}`, `{"FailedRecordCount":-2147483648}`, `{"EncryptionType":1}`,
	`{"Records":[{"ShardId":"s"}]} and more`, `{"Records":[{"ShardId":"s"},]}`, `{"Records":[{"ShardId":"s",}]}`, `{,}`, `{"a"}`, `{"a":}`, `{"a":01}`, `{"a":-}`, `{"a":nul}`, `{"a":"\x"}`, `{"a":"\u12"}`,
	"{\"a\":\"\n\"}", `{"Records":[{"ShardId":"s"}`, `{"Records":[`, `{"Records`, `{"Records":[{"ErrorMessage":"\`, "{\"Records\":[{\"ShardId\":\"\xff\"}]}", "\xef\xbb\xbf{}",
	`{"Records":[{"ErrorMessage":"` + strings.Repeat("long", 2000) + `","ErrorCode":"` + strings.Repeat("c", 513) + `"}]}`,
	`{"a":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`,
}

// checkReading compares with the SDK, and, for what has to be taken at all, with encoding/json.
func checkReading(t *testing.T, text string) {
	t.Helper()
	got, err := ourReading(text, 2)
	want, sdkErr := sdkReading(t, text)
	if errors.Is(err, errNesting) {
		return
	}
	if (err == nil) != (sdkErr == nil) {
		t.Fatalf("%q\nours %v\nSDK  %v", text, err, sdkErr)
	}
	if err != nil {
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q\ngot  %s\nSDK  %s", text, show(got), show(want))
	}
	if wanted, ok := reference(text); ok && utf8.ValidString(text) && show(got) != wanted {
		t.Fatalf("%q\ngot            %s\nencoding/json  %s", text, show(got), wanted)
	}
}

func show(out *kinesis.PutRecordsOutput) string {
	text, _ := json.Marshal(out)
	return string(text)
}

// reference reads an answer with encoding/json. It tells nothing about texts where that differs on purpose: names that match
// only without regard to case, and members that come twice.
func reference(text string) (string, bool) {
	var out kinesis.PutRecordsOutput
	if json.Unmarshal([]byte(text), &out) != nil {
		return "", false
	}
	decoder, seen := json.NewDecoder(strings.NewReader(text)), make(map[string]int)
	for token, err := decoder.Token(); err == nil; token, err = decoder.Token() {
		if name, ok := token.(string); ok {
			seen[strings.ToLower(name)]++
		}
	}
	for _, name := range []string{"Records", "EncryptionType", "FailedRecordCount", "ResultMetadata"} {
		if n := seen[strings.ToLower(name)]; n > 1 || n == 1 && !strings.Contains(text, `"`+name+`"`) {
			return "", false
		}
	}
	for _, name := range []string{"ShardId", "SequenceNumber", "ErrorCode", "ErrorMessage"} {
		if n := seen[strings.ToLower(name)]; n > 1 || n == 1 && !strings.Contains(text, `"`+name+`"`) {
			return "", false
		}
	}
	return show(&out), true
}

func TestAnswersAreReadAsTheSDKReads(t *testing.T) {
	for _, text := range answerTexts {
		checkReading(t, text)
	}
	for end := range len(stored) {
		checkReading(t, stored[:end])
	}
	checkReading(t, manyResults(500))
}

// manyResults is an answer with texts of all lengths.
func manyResults(n int) string {
	var many strings.Builder
	for i := range n {
		fmt.Fprintf(&many, `,{"SequenceNumber":"%056d","ShardId":"shardId-%012d","ErrorMessage":"%s"}`, i, i%7, strings.Repeat("long", i%50))
	}
	return `{"Records":[` + many.String()[1:] + `]}`
}

// The reference speaks on the ordinary answers, so the comparison with it is not an empty one.
func TestReferenceSpeaks(t *testing.T) {
	for _, text := range answerTexts[:3] {
		if _, ok := reference(text); !ok {
			t.Errorf("no reference for %s", text)
		}
	}
}

func FuzzAnswersAreReadAsTheSDKReads(f *testing.F) {
	for _, text := range answerTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkReading(t, text) })
}

// However long, however slow, however deep.
func TestHostileAnswers(t *testing.T) {
	if _, err := ourReading(strings.Repeat("[", 1<<20), 1); err == nil {
		t.Error("a million open brackets are an answer")
	}
	if _, err := ourReading(`{"a":`+strings.Repeat(`{"a":`, 1<<16)+`1`+strings.Repeat("}", 1<<16)+`}`, 1); !errors.Is(err, errNesting) {
		t.Errorf("65,536 levels: %v", err)
	}
	out := new(kinesis.PutRecordsOutput)
	slow := &http.Response{Body: io.NopCloser(iotest.OneByteReader(strings.NewReader(stored))), ContentLength: -1}
	if err := JSON.readResponse(slow, out, 1); err != nil || len(out.Records) != 1 {
		t.Errorf("one byte at a time: %v", err)
	}
	for _, length := range []int64{0, 1, 1 << 60} { // whatever the header said
		text := `{"Records":[` + strings.Repeat(`null,`, 1<<15) + `null]}`
		lying := &http.Response{Body: io.NopCloser(strings.NewReader(text)), ContentLength: length}
		if err := JSON.readResponse(lying, out, 1); err != nil || len(out.Records) != 1<<15+1 {
			t.Errorf("length %d: %d results, %v", length, len(out.Records), err)
		}
	}
	broken := &http.Response{Body: io.NopCloser(io.MultiReader(strings.NewReader(stored[:9]), iotest.ErrReader(io.ErrUnexpectedEOF)))}
	if err := JSON.readResponse(broken, out, 1); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a body that breaks off: %v", err)
	}
}

// A kept string does not change when the answer's buffer is used again, and holds no more than its block.
func TestResultsOutliveTheBuffer(t *testing.T) {
	out, err := ourReading(stored, 1)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		b := takeBuffer(len(stored) + 1)
		copy(b[:cap(b)], bytes.Repeat([]byte{'x'}, cap(b)))
		giveBuffer(b)
	}
	if *out.Records[0].ShardId != "shardId-000000000000" || strings.Contains(*out.Records[0].SequenceNumber, "x") {
		t.Errorf("%q %q", *out.Records[0].ShardId, *out.Records[0].SequenceNumber)
	}
}
