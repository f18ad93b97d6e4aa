package kinesistest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/kinecast/kinecast/kinesistest"
)

// asCBOR carries the SDK's JSON calls to a server as CBOR, as the SDK for Java would make
// them, by the codec of smithy-go, and the answers back.
type asCBOR struct{ *http.Client }

func (c asCBOR) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	encoded, err := encodedAsCBOR(body)
	if err != nil {
		return nil, err
	}
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(encoded)), int64(len(encoded))
	again.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
	answer, err := c.Client.Do(again)
	if err != nil || answer.Header.Get("Content-Type") != "application/x-amz-cbor-1.1" {
		return answer, err
	}
	defer answer.Body.Close()
	whole, err := io.ReadAll(answer.Body)
	if err != nil {
		answer.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), errReader{err}))
		return answer, nil
	}
	if len(whole) > 0 {
		decoded, err := cbor.Decode(whole)
		if err != nil {
			return nil, fmt.Errorf("the answer is no CBOR: %w", err)
		}
		if whole, err = json.Marshal(fromCBOR(decoded)); err != nil {
			return nil, err
		}
	}
	answer.Header.Set("Content-Type", "application/x-amz-json-1.1")
	answer.Body = io.NopCloser(bytes.NewReader(whole))
	return answer, nil
}

func encodedAsCBOR(body []byte) ([]byte, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return cbor.Encode(toCBOR("", v)), nil
}

// inCBOR is a body of JSON in CBOR.
func inCBOR(tb testing.TB, body []byte) []byte {
	tb.Helper()
	encoded, err := encodedAsCBOR(body)
	if err != nil {
		tb.Fatal(err)
	}
	return encoded
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func toCBOR(name string, v any) cbor.Value {
	switch v := v.(type) {
	case map[string]any:
		m := cbor.Map{}
		for name, value := range v {
			m[name] = toCBOR(name, value)
		}
		return m
	case []any:
		l := cbor.List{}
		for _, value := range v {
			l = append(l, toCBOR("", value))
		}
		return l
	case string:
		if name != "Data" {
			return cbor.String(v)
		}
		data, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			panic(err)
		}
		return cbor.Slice(data)
	case bool:
		return cbor.Bool(v)
	case json.Number:
		if strings.HasSuffix(name, "Timestamp") {
			f, err := v.Float64()
			if err != nil {
				panic(err)
			}
			return &cbor.Tag{ID: 1, Value: cbor.Uint(f*1000 + 0.5)}
		}
		n, err := v.Int64()
		if err != nil {
			panic(err)
		}
		if n < 0 {
			return cbor.NegInt(-n)
		}
		return cbor.Uint(n)
	}
	return &cbor.Nil{}
}

func fromCBOR(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		m := map[string]any{}
		for name, value := range v {
			m[name] = fromCBOR(value)
		}
		return m
	case cbor.List:
		l := []any{}
		for _, value := range v {
			l = append(l, fromCBOR(value))
		}
		return l
	case cbor.String:
		return string(v)
	case cbor.Slice:
		return []byte(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Uint:
		return uint64(v)
	case *cbor.Tag:
		return float64(v.Value.(cbor.Uint)) / 1000
	}
	panic(fmt.Sprintf("an answer with a %T", v))
}

// postCBOR makes a request of bytes.
func postCBOR(op string, body string) *http.Request {
	return post(op, body, header("Content-Type", "application/x-amz-cbor-1.1"))
}

// What clients write otherwise than smithy-go: lengths that are not known beforehand, short
// and wide numbers, tags; and what is not well-formed.
func TestCBORForms(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1))
	text := func(v string) string { return string(cbor.Encode(cbor.String(v))) }
	record := "\xbf" + text("Data") + "\x5f\x42hi\x41!\xff" + text("PartitionKey") + "\x7f\x61k\xff\xff" // {_ Data: (_ 'hi', '!'), …}
	for _, tc := range []struct{ name, op, body, want string }{
		{"indefinite lengths", "PutRecords", "\xbf" + text("StreamName") + text("a") + text("Records") + "\x9f" + record + "\xff\xff", "FailedRecordCount"},
		{"unknown members", "PutRecords", "\xa4" + text("X") + "\xa1" + text("y") + "\x82\xf9\x3c\x00\xf6" + text("DryRun") + "\xf4" + text("StreamName") + text("a") +
			text("Records") + "\x81" + record, "FailedRecordCount"},
		{"dry run", "PutRecords", "\xa3" + text("DryRun") + "\xf5" + text("StreamName") + text("a") + text("Records") + "\x81" + record, "DryRunOperationException"},
		{"a tagged map", "ListStreams", "\xd9\xd9\xf7\xa0", "HasMoreStreams"},
		{"null is nothing", "PutRecords", "\xa2" + text("StreamName") + text("a") + text("Records") + "\xf6", "'records' failed"},
		{"wide number", "ListStreams", "\xa1" + text("Limit") + "\x1b\x00\x00\x00\x00\x00\x00\x00\x01", "HasMoreStreams"},
		{"limit is a fraction", "ListStreams", "\xa1" + text("Limit") + "\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00", "can not be converted to an Integer"},
		{"limit is text", "ListStreams", "\xa1" + text("Limit") + text("1"), "can not be converted to an Integer"},
		{"time of seconds", "ListShards", "\xa2" + text("StreamName") + text("a") + text("StreamCreationTimestamp") + "\xc1\xfb\x41\xda\x00\x00\x00\x00\x00\x00", "ResourceNotFoundException"},

		{"nothing", "PutRecords", "", "no request"},
		{"cut head", "PutRecords", "\xb9\x00", "SerializationException"},
		{"cut text", "PutRecords", "\xa1\x6aStr", "ends within"},
		{"cut list", "PutRecords", "\xa1" + text("Records") + "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "SerializationException"},
		{"more behind", "PutRecords", "\xa0\xa0", "more behind"},
		{"a list", "PutRecords", "\x80", "Expected map or null"},
		{"records are a map", "PutRecords", "\xa1" + text("Records") + "\xa0", "Expected list or null"},
		{"data is text", "PutRecords", "\xa1" + text("Records") + "\x81\xa1" + text("Data") + text("x"), "can not be converted to a Blob"},
		{"no name", "PutRecords", "\xa1\xf6\xf6", "no name"},
		{"reserved head", "PutRecords", "\xa1" + text("X") + "\x1c", "no right head"},
		{"indefinite number", "PutRecords", "\xa1" + text("X") + "\x1f", "no right head"},
		{"huge number", "PutRecords", "\xa1" + text("X") + "\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "63 bits"},
		{"break alone", "PutRecords", "\xa1" + text("X") + "\xff", "SerializationException"},
		{"not a number", "PutRecords", "\xa1" + text("X") + "\xf9\x7e\x00", "a number is none"},
		{"pieces of another kind", "PutRecords", "\xa1" + text("X") + "\x5f\x61x\xff", "a piece"},
		{"nested", "PutRecords", "\xa1" + text("X") + strings.Repeat("\x81", 100), "too deeply"},
		{"tags without end", "PutRecords", "\xa1" + text("X") + strings.Repeat("\xc1", 100), "SerializationException"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, postCBOR(tc.op, tc.body))
			if !strings.Contains(w.Body.String(), tc.want) || w.Header().Get("Content-Type") != "application/x-amz-cbor-1.1" {
				t.Errorf("%d %q, want %s", w.Code, w.Body, tc.want)
			}
		})
	}
	if got := s.Records("a")[shard0][0]; string(got.Data) != "hi!" || got.PartitionKey != "k" {
		t.Errorf("stored %+v", got)
	}
}
