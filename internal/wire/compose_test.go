package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/aggregate"
)

// sdkBody is what the SDK alone makes of a request.
func sdkBody(t testing.TB, in kinesis.PutRecordsInput, entries []Entry) []byte {
	var body []byte
	client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
		o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
			body, _ = io.ReadAll(r.Body)
			return canned(200, amzJSON, "{}")(r)
		})
	})
	in.Records = wholeRecords(client, entries)
	if _, err := client.PutRecords(t.Context(), &in); err != nil {
		t.Fatal(err)
	}
	return body
}

func checkBody(t testing.TB, in kinesis.PutRecordsInput, entries []Entry) {
	t.Helper()
	body := JSON.compose(&in, entries)
	got := bytes.Join(body.parts, nil)
	defer body.end()
	if want := sdkBody(t, in, entries); !bytes.Equal(got, want) {
		t.Fatalf("got  %.2000q\nSDK  %.2000q", got, want)
	}
	if sum := sha256.Sum256(got); body.hash != hex.EncodeToString(sum[:]) {
		t.Fatalf("hash %s of %.2000q", body.hash, got)
	}
}

// builderOf is an aggregate of n records of different lengths.
func builderOf(n, size int) *aggregate.Builder {
	b := new(aggregate.Builder)
	for i := range n {
		e := aggregate.Entry{Key: []byte{'k', byte('a' + i%20)}, Data: bytes.Repeat([]byte{byte(i)}, size+i%3)}
		if i%5 == 4 {
			e.HashKey = []byte("170141183460469231731687303715884105728")
		}
		b.Append(&e, b.Fit(&e))
	}
	return b
}

func TestBodyIsTheSDKs(t *testing.T) {
	every := make([]byte, 0, 512)
	for c := range 256 {
		every = append(every, byte(c))
	}
	nasty := []string{
		"", "k", "12345678", "a longer key of plain ASCII letters", "zürich", "日本語", "🙂", "\u2028\u2029", "\ufffd", "\x00\x1f\x7f\x80", "a\xffb",
		"\xe2\x80", "\xed\xa0\x80", "\"quoted\"", `back\slash`, "tab\tline\nreturn\r", "<&>'/", "sevens7\"", "12345678\"", "1234567\x7f", "1234567\\", "1234567\x1f",
	}
	var entries []Entry
	for i, key := range nasty {
		entries = append(entries, Entry{PartitionKey: []byte(key), Data: every[:i]})
		entries = append(entries, Entry{PartitionKey: every[:i], HashKey: []byte(key), Aggregate: builderOf(i, 3*i)})
	}
	for c := range 256 {
		entries = append(entries, Entry{PartitionKey: every[c : c+1], HashKey: []byte("0")}, Entry{PartitionKey: every[c:], Data: every[c:]})
	}
	checkBody(t, kinesis.PutRecordsInput{}, nil)
	checkBody(t, kinesis.PutRecordsInput{}, entries)
	for i := range entries {
		checkBody(t, kinesis.PutRecordsInput{}, entries[i:i+1])
	}
	for _, n := range []int{hotBytes - 1, hotBytes, hotBytes + 1, 3*hotBytes + 2, 1 << 20} {
		long := bytes.Repeat(every, n/256+1)[:n]
		checkBody(t, kinesis.PutRecordsInput{}, []Entry{{PartitionKey: long[:n/8], Data: long}, {Data: long[1:]}, {Aggregate: builderOf(n/1000, 1000)}})
	}
	for _, in := range []kinesis.PutRecordsInput{
		{StreamName: aws.String("events")},
		{StreamARN: aws.String("arn:aws:kinesis:eu-west-1:123456789012:stream/events")},
		{DryRun: aws.Bool(true), StreamARN: aws.String("a\"b"), StreamId: aws.String("id"), StreamName: aws.String("")},
		{DryRun: aws.Bool(false)},
	} {
		checkBody(t, in, entries[:3])
	}
}

func FuzzBodyIsTheSDKs(f *testing.F) {
	f.Add([]byte("key"), []byte("1"), []byte("data"), "events", uint16(0), uint16(3))
	f.Add([]byte("\xff\u2028\x7f"), []byte{}, []byte{}, "\x00", uint16(1), uint16(1))
	f.Fuzz(func(t *testing.T, key, hash, data []byte, stream string, cut, n uint16) {
		in := kinesis.PutRecordsInput{StreamName: &stream}
		b := new(aggregate.Builder)
		for i := range int(n % 64) {
			e := aggregate.Entry{Key: append(key, byte(i%7)), HashKey: hash, Data: data}
			b.Append(&e, b.Fit(&e))
		}
		checkBody(t, in, []Entry{
			{PartitionKey: key, HashKey: hash, Data: data},
			{PartitionKey: data, Data: data[min(int(cut), len(data)):]},
			{PartitionKey: key, Aggregate: b},
			{PartitionKey: []byte(strings.ToValidUTF8(string(key), "")), HashKey: hash, Data: bytes.Repeat(data, int(cut%256))},
		})
	})
}

// What the SDK learns to send we would leave out: then compose has something to learn, too.
func TestNoMemberIsForgotten(t *testing.T) {
	for from, want := range map[reflect.Type]string{
		reflect.TypeFor[kinesis.PutRecordsInput]():      "Records DryRun StreamARN StreamId StreamName noSmithyDocumentSerde",
		reflect.TypeFor[types.PutRecordsRequestEntry](): "Data ExplicitHashKey PartitionKey noSmithyDocumentSerde",
		reflect.TypeFor[kinesis.PutRecordsOutput]():     "Records EncryptionType FailedRecordCount ResultMetadata noSmithyDocumentSerde",
		reflect.TypeFor[types.PutRecordsResultEntry]():  "ErrorCode ErrorMessage SequenceNumber ShardId noSmithyDocumentSerde",
	} {
		var got []string
		for field := range from.Fields() {
			got = append(got, field.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v has %v, want %v", from, got, want)
		}
	}
}
