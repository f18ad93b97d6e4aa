package kinesistest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// FuzzParsePutRecords: no input makes the parser panic; what it refuses, it refuses with a
// SerializationException; what it accepts, encoding/json reads the same way.
func FuzzParsePutRecords(f *testing.F) {
	for _, seed := range []string{
		`{"StreamName":"a","Records":[{"Data":"aGk=","PartitionKey":"k"}]}`,
		` { "Records" : [ { "PartitionKey" : "\u00fc" , "Data" : "" , "ExplicitHashKey":"0" } , null ] , "DryRun" : true } `,
		`{"Records":null,"Records":[],"StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/a","X":[{"Y":1e9}]}`,
		`{"Records":[{"Data":"\/w==","Data":null,"PartitionKey":"a\\\"b"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		input := bytes.Clone(body)
		req, err := parsePutRecords(input)
		if err != nil {
			var refused *apiError
			if !errors.As(err, &refused) || refused.code != codeSerialization || refused.status != 400 {
				t.Fatalf("error %v", err)
			}
			return
		}
		clear(input) // nothing of it may be kept
		_ = req.check()
		if len(req.entries) <= recordsPerRequest {
			compareWithJSON(t, body, req)
		}
	})
}

// member is one that is there, as it is in JSON; null and no member are the same.
func member[T any](t interface{ Fatalf(string, ...any) }, object map[string]json.RawMessage, name string) (v T, ok bool) {
	raw, ok := object[name]
	if !ok || string(raw) == "null" {
		return v, false
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s is %s: %v", name, raw, err)
	}
	return v, true
}

func compareWithJSON(t interface{ Fatalf(string, ...any) }, body []byte, req *putRecordsRequest) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		t.Fatalf("accepted, but: %v", err)
	}
	if name, ok := member[string](t, object, "StreamName"); ok != (req.StreamName != nil) || ok && name != *req.StreamName {
		t.Fatalf("StreamName %v, want %q", req.StreamName, name)
	}
	if dry, _ := member[bool](t, object, "DryRun"); dry != req.dryRun {
		// A later null leaves an earlier value as it was, here and in encoding/json's structs.
		if string(object["DryRun"]) != "null" {
			t.Fatalf("DryRun %v, want %v", req.dryRun, dry)
		}
	}
	records, ok := member[[]map[string]json.RawMessage](t, object, "Records")
	if ok != (req.entries != nil) || len(records) != len(req.entries) {
		t.Fatalf("%d records, want %d", len(req.entries), len(records))
	}
	for i, record := range records {
		e := &req.entries[i]
		data, hasData := member[[]byte](t, record, "Data")
		key, hasKey := member[string](t, record, "PartitionKey")
		hash, hasHash := member[string](t, record, "ExplicitHashKey")
		// Where a member comes twice and is null at last, the parser keeps the one before.
		if hasData && (e.data == nil || !bytes.Equal(data, e.data)) ||
			hasKey && (e.noKey || key != e.key) || hasHash && (!e.hasExplicit || hash != e.explicit) {
			t.Fatalf("record %d: %+v, want %q %q %q", i, e, data, key, hash)
		}
		if !hasData && e.data != nil && record["Data"] == nil || !hasKey && !e.noKey && record["PartitionKey"] == nil {
			t.Fatalf("record %d: %+v, want nothing", i, e)
		}
	}
}

// Whatever encoding/json writes is accepted, and read the same way.
func TestParseReadsWhatJSONWrites(t *testing.T) {
	type record struct {
		Data            []byte
		PartitionKey    string
		ExplicitHashKey *string `json:",omitempty"`
		Unknown         any
	}
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(map[string]any{
			"StreamName": rapid.String().Draw(t, "name"),
			"DryRun":     rapid.Bool().Draw(t, "dry"),
			"Unknown":    rapid.SliceOf(rapid.String()).Draw(t, "unknown"),
			"Records": rapid.SliceOf(rapid.Custom(func(t *rapid.T) record {
				return record{
					Data:            rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
					PartitionKey:    rapid.String().Draw(t, "key"),
					ExplicitHashKey: rapid.Ptr(rapid.StringN(0, 40, 40), true).Draw(t, "hash"),
				}
			})).Draw(t, "records"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "indent") {
			var out bytes.Buffer
			if err := json.Indent(&out, body, "", "\t"); err != nil {
				t.Fatal(err)
			}
			body = out.Bytes()
		}
		req, err := parsePutRecords(body)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		compareWithJSON(t, body, req)
	})
}

// A hostile request of very many records costs no more than one of a few too many.
func TestParseStopsAtTooMany(t *testing.T) {
	body := append([]byte(`{"Records":[`), bytes.Repeat([]byte("{},"), 1<<20)...)
	req, err := parsePutRecords(body)
	if err != nil || len(req.entries) != recordsPerRequest+1 || cap(req.entries) > 4*recordsPerRequest {
		t.Fatalf("%d records with room for %d, %v", len(req.entries), cap(req.entries), err)
	}
	err = req.check()
	if want := "'records' failed"; err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

func TestParseNestsDeep(t *testing.T) {
	deep := fmt.Sprintf(`{"X":%s%s}`, bytes.Repeat([]byte("["), 1<<20), bytes.Repeat([]byte("]"), 1<<20))
	if _, err := parsePutRecords([]byte(deep)); err == nil {
		t.Error("a million lists in each other were accepted")
	}
}
