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
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go/encoding/cbor"
)

// whole is what a request says, by the SDK's own decoder of CBOR.
func whole(in *kinesis.PutRecordsInput, entries []Entry) cbor.Map {
	records := cbor.List{}
	for i := range entries {
		e := &entries[i]
		m := cbor.Map{"Data": cbor.Slice(append([]byte{}, e.Data...)), "PartitionKey": cbor.String(e.PartitionKey)}
		if e.Aggregate != nil {
			m["Data"] = cbor.Slice(append([]byte{}, e.Aggregate.AppendTo(nil)...))
		}
		if len(e.HashKey) > 0 {
			m["ExplicitHashKey"] = cbor.String(e.HashKey)
		}
		records = append(records, m)
	}
	m := cbor.Map{"Records": records}
	for name, value := range map[string]*string{"StreamARN": in.StreamARN, "StreamId": in.StreamId, "StreamName": in.StreamName} {
		if value != nil {
			m[name] = cbor.String(*value)
		}
	}
	if in.DryRun != nil {
		m["DryRun"] = cbor.Bool(*in.DryRun)
	}
	return m
}

func checkCBOR(t *testing.T, in *kinesis.PutRecordsInput, entries []Entry) {
	t.Helper()
	composed := CBOR.compose(in, entries)
	body := bytes.Join(composed.parts, nil)
	composed.end()
	if sum := sha256.Sum256(body); composed.hash != hex.EncodeToString(sum[:]) {
		t.Fatalf("hash %s of %.2000q", composed.hash, body)
	}
	got, err := cbor.Decode(body)
	if err != nil {
		t.Fatalf("%v in %.2000q", err, body)
	}
	if want := whole(in, entries); !reflect.DeepEqual(got, cbor.Value(want)) {
		t.Fatalf("got  %.2000v\nwant %.2000v", got, want)
	}
}

// What we write is what the SDK's decoder reads: all lengths of heads, over the ends of pages, with and without each member.
func TestCBORIsRead(t *testing.T) {
	checkCBOR(t, &kinesis.PutRecordsInput{}, nil)
	for _, n := range []int{0, 1, 23, 24, 255, 256, 65_535, 65_536, longPage - 7, 3*longPage + 1, 1 << 20} {
		data := bytes.Repeat([]byte("0123456789"), n/10+1)[:n]
		checkCBOR(t, &kinesis.PutRecordsInput{StreamName: aws.String("events")}, []Entry{
			{PartitionKey: []byte("k"), Data: data},
			{PartitionKey: data[:min(n, 300)], HashKey: []byte("340282366920938463463374607431768211455"), Aggregate: builderOf(n%500, 100)},
		})
	}
	checkCBOR(t, &kinesis.PutRecordsInput{DryRun: aws.Bool(true), StreamARN: aws.String("arn"), StreamId: aws.String("id"), StreamName: aws.String("")},
		make([]Entry, 500))
}

func FuzzCBORIsRead(f *testing.F) {
	f.Add([]byte("key"), []byte("1"), []byte("data"), "events", uint16(3))
	f.Fuzz(func(t *testing.T, key, hash, data []byte, stream string, n uint16) {
		if !utf8.Valid(key) || !utf8.Valid(hash) || !utf8.ValidString(stream) {
			return // the caller checks
		}
		checkCBOR(t, &kinesis.PutRecordsInput{StreamName: &stream}, []Entry{
			{PartitionKey: key, HashKey: hash, Data: data},
			{PartitionKey: key, Data: bytes.Repeat(data, int(n%999))},
			{PartitionKey: key, Aggregate: builderOf(int(n%64), len(data))},
		})
	})
}

func readCBOR(text string, want int) (*kinesis.PutRecordsOutput, error) {
	out := new(kinesis.PutRecordsOutput)
	err := CBOR.readResponse(&http.Response{Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}, out, want)
	return out, err
}

// The results in a decoded answer; false if a member is not what it must be.
func resultsIn(v cbor.Value) ([]types.PutRecordsResultEntry, bool) {
	m, ok := v.(cbor.Map)
	if !ok {
		return nil, false
	}
	var all []types.PutRecordsResultEntry
	switch list := m["Records"].(type) {
	case nil, *cbor.Nil, *cbor.Undefined:
	case cbor.List:
		for _, v := range list {
			var e types.PutRecordsResultEntry
			switch m := v.(type) {
			case *cbor.Nil, *cbor.Undefined:
			case cbor.Map:
				for name, to := range map[string]**string{"ShardId": &e.ShardId, "SequenceNumber": &e.SequenceNumber, "ErrorCode": &e.ErrorCode, "ErrorMessage": &e.ErrorMessage} {
					switch s := m[name].(type) {
					case nil, *cbor.Nil, *cbor.Undefined:
					case cbor.String:
						*to = aws.String(string(s))
					default:
						return nil, false
					}
				}
			default:
				return nil, false
			}
			all = append(all, e)
		}
	default:
		return nil, false
	}
	return all, true
}

// checkCBORAnswer holds what we read against the SDK's decoder: what that refuses or reads otherwise, we must not take.
func checkCBORAnswer(t *testing.T, text string) {
	t.Helper()
	got, err := readCBOR(text, 2)
	if err != nil || text == "" {
		return
	}
	v, sdkErr := cbor.Decode([]byte(text))
	if sdkErr != nil {
		// It looks at what follows the answer, at numbers we skip, and at names that come twice; we do not.
		return
	}
	want, ok := resultsIn(v)
	if ok && !equalResults(got.Records, want) {
		t.Fatalf("%q\nours %+v\nSDK  %+v", text, got.Records, want)
	}
}

func equalResults(a, b []types.PutRecordsResultEntry) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

func answerInCBOR() string {
	return string(cbor.Encode(cbor.Map{"FailedRecordCount": cbor.Uint(1), "EncryptionType": cbor.String("KMS"), "Unknown": cbor.List{cbor.Float64(1), &cbor.Nil{}}, "Records": cbor.List{
		cbor.Map{"ShardId": cbor.String("shardId-000000000000"), "SequenceNumber": cbor.String("495903382714902566085596925383615710959219759891365")},
		cbor.Map{"ErrorCode": cbor.String("InternalFailure"), "ErrorMessage": cbor.String("sorry"), "ShardId": &cbor.Nil{}},
	}}))
}

func TestCBORAnswers(t *testing.T) {
	text := answerInCBOR()
	out, err := readCBOR(text, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Records) != 2 || *out.Records[0].ShardId != "shardId-000000000000" || *out.Records[1].ErrorCode != "InternalFailure" ||
		out.Records[1].ShardId != nil || *out.FailedRecordCount != 1 || out.EncryptionType != "KMS" {
		t.Errorf("%+v", out)
	}
	checkCBORAnswer(t, text)
	for cut := range len(text) {
		if out, err := readCBOR(text[:cut], 2); err == nil && cut > 0 {
			t.Errorf("the first %d of %d bytes are taken for %+v", cut, len(text), out)
		}
	}
	pieces := "\xbf\x7f\x64Reco\x63rds\xff\x9f\xbf\x67ShardId\x7f\x61s\x62ha\xff\xff\xf6\xff\xff" // indefinite lengths everywhere
	if out, err := readCBOR(pieces, 2); err != nil || len(out.Records) != 2 || *out.Records[0].ShardId != "sha" {
		t.Errorf("in pieces: %+v, %v", out, err)
	}
	for name, text := range map[string]string{
		"endless list": "\xa1\x67Records\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", "endless string": "\xa1\x7b\x7f\xff\xff\xff\xff\xff\xff\xff",
		"deep": strings.Repeat("\x81", 100), "deep maps": "\xa1\x61a" + strings.Repeat("\x81", 70), "tags": strings.Repeat("\xc1", 100),
		"no UTF-8": "\xa1\x67Records\x81\xa1\x67ShardId\x61\xff", "a number": "\x01", "a list": "\x80",
		"results in a map": "\xa1\x67Records\xa0", "number for a string": "\xa1\x67Records\x81\xa1\x67ShardId\x01", "reserved": "\xa1\x61a\x1c",
	} {
		if out, err := readCBOR(text, 2); err == nil {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

func FuzzCBORAnswers(f *testing.F) {
	f.Add([]byte(answerInCBOR()))
	f.Add([]byte("\xbf\x67Records\x9f\xa0\xff\xff"))
	f.Fuzz(func(t *testing.T, text []byte) { checkCBORAnswer(t, string(text)) })
}

// Errors of the service come with code and message, whatever is behind the answer's status; who answers in JSON is read, too.
func TestCBORErrors(t *testing.T) {
	refused := string(cbor.Encode(cbor.Map{"__type": cbor.String("com.amazonaws#LimitExceededException"), "message": cbor.String("the reason"), "x": cbor.Uint(1)}))
	for name, c := range map[string]struct {
		answer transportFunc
		want   verdict
	}{
		"refused":        {canned(400, contentCBOR, refused), verdict{"LimitExceededException", 400, false}},
		"failed":         {canned(500, contentCBOR, refused), verdict{"LimitExceededException", 500, true}},
		"nothing":        {canned(500, contentCBOR, ""), verdict{CodeBadAnswer, 500, true}},
		"no error":       {canned(400, contentCBOR, "\xa0"), verdict{CodeBadAnswer, 400, true}},
		"refused, JSON":  {canned(400, amzJSON, `{"__type":"X"}`), verdict{"X", 400, false}},
		"half an answer": {canned(200, contentCBOR, answerInCBOR()[:40]), verdict{CodeBadAnswer, 200, true}},
		"a page":         {canned(200, "text/html", "<html>"), verdict{CodeBadAnswer, 200, true}},
	} {
		client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) { o.HTTPClient = c.answer })
		_, f := CBOR.PutRecords(t.Context(), client, events, one)
		if f == nil {
			t.Errorf("%s: no failure", name)
			continue
		}
		t.Run(name, func(t *testing.T) { check(t, f, c.want) })
	}
	client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) { o.HTTPClient = canned(200, amzJSON, stored) })
	if answers, f := CBOR.PutRecords(t.Context(), client, events, one); f != nil || answers[0].ShardID == "" {
		t.Errorf("an answer in JSON: %v, %v", answers, f)
	}
}
