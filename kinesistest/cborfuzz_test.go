package kinesistest

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
	"pgregory.net/rapid"
)

// FuzzCBOR: no input makes the reader panic, or take more memory than the input accounts for;
// what it refuses, it refuses with a SerializationException; nothing it gives is part of the
// input.
func FuzzCBOR(f *testing.F) {
	f.Add([]byte("\xa2\x6aStreamName\x61a\x67Records\x81\xa2\x64Data\x42hi\x6cPartitionKey\x61k"))
	f.Add([]byte("\xbf\x67Records\x9f\xbf\x64Data\x5f\x42hi\x41!\xff\xff\xff\x66DryRun\xf5\xff"))
	f.Add([]byte("\xa1\x61X\x82\xc1\xfb\x41\xda\x00\x00\x00\x00\x00\x00\x9b\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		input := bytes.Clone(body)
		for _, op := range []Operation{PutRecords, ListShards} {
			req, err := cborProtocol{}.decode(op, input)
			if err != nil {
				var refused *apiError
				if !errors.As(err, &refused) || refused.code != codeSerialization || refused.status != 400 {
					t.Fatalf("error %v", err)
				}
				continue
			}
			if puts, ok := req.(*putRecordsRequest); ok {
				size := 0
				for _, e := range puts.entries {
					size += len(e.data)
				}
				if size > len(body) || len(puts.entries) > recordsPerRequest+1 {
					t.Fatalf("%d bytes in %d records from an input of %d", size, len(puts.entries), len(body))
				}
			}
			clear(input)
			_ = req.check()
			input = bytes.Clone(body)
		}
	})
}

// Every float of 16 bits is what the codec of smithy-go makes of it.
func TestHalfFloat(t *testing.T) {
	for bits := range uint32(1 << 16) {
		v, err := cbor.Decode([]byte{0xf9, byte(bits >> 8), byte(bits)})
		if err != nil {
			t.Fatal(err)
		}
		var want float64
		switch v := v.(type) {
		case cbor.Float32:
			want = float64(v)
		case cbor.Float64:
			want = float64(v)
		}
		if got := halfFloat(uint16(bits)); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%04x is %v, want %v", bits, got, want)
		}
	}
}

// What the codec of smithy-go writes, the reader reads; what the writer writes, that codec reads.
func TestCBORAgainstSmithy(t *testing.T) {
	type inner struct {
		Blob  []byte
		Texts []string `json:",omitempty"`
	}
	type answer struct {
		inner
		Text  string
		N     int
		Yes   bool
		Inner []inner
	}
	rapid.Check(t, func(t *rapid.T) {
		blob := rapid.SliceOfN(rapid.Byte(), 0, 300)
		a := answer{
			inner: inner{blob.Draw(t, "blob"), rapid.SliceOfN(rapid.String(), 1, 30).Draw(t, "texts")},
			Text:  rapid.String().Draw(t, "text"), N: rapid.Int().Draw(t, "n"), Yes: rapid.Bool().Draw(t, "yes"),
			Inner: []inner{{Blob: blob.Draw(t, "inner")}},
		}
		written := appendCBOR(nil, reflect.ValueOf(&a))
		v, err := cbor.Decode(written)
		if err != nil {
			t.Fatal(err)
		}
		if m := v.(cbor.Map); len(m) != 6 || string(m["Text"].(cbor.String)) != a.Text || bool(m["Yes"].(cbor.Bool)) != a.Yes ||
			!bytes.Equal(m["Blob"].(cbor.Slice), a.Blob) || len(m["Inner"].(cbor.List)[0].(cbor.Map)) != 1 {
			t.Fatalf("%+v was written as %+v", a, m)
		}
		r := cborReader{buf: cbor.Encode(v)}
		back, err := r.value()
		if m, _ := back.(map[string]any); err != nil || m["N"] != int64(a.N) || m["Text"] != wireText(a.Text) ||
			!bytes.Equal(m["Blob"].([]byte), a.Blob) || len(m["Texts"].([]any)) != len(a.Texts) {
			t.Fatalf("%+v was read as %+v, %v", a, back, err)
		}
	})
}
