package kinecast_test

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"testing/synctest"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// wantBytes checks that a serializer appends these bytes to what is there.
func wantBytes[T any](t *testing.T, s kinecast.Serializer[T], v T, want []byte) {
	t.Helper()
	got, err := s.Append([]byte("before"), v)
	must(t, err)
	if !bytes.Equal(got, append([]byte("before"), want...)) {
		t.Errorf("%q", got)
	}
}

func TestSerializersAppend(t *testing.T) {
	wantBytes(t, kinecast.Bytes(), []byte("\x00\xff"), []byte("\x00\xff"))
	wantBytes(t, kinecast.Bytes(), nil, nil)
	wantBytes(t, kinecast.String(), "\x00ä", []byte("\x00ä"))
	wantBytes(t, kinecast.JSON[map[string]int](), map[string]int{"a": 1}, []byte(`{"a":1}`))
	message := wrapperspb.String("text")
	want, err := proto.Marshal(message)
	must(t, err)
	wantBytes(t, kinecast.Proto[*wrapperspb.StringValue](), message, want)
}

// The error of a serializer refuses the record, and can be found in what Put returns.
func TestSerializersRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p, err := kinecast.New(srv.Client(), kinecast.Config[float64]{
			DefaultStream: "s", DefaultPartition: "key", Serializer: kinecast.JSON[float64](),
		})
		must(t, err)
		wantIs(t, p.Put(t.Context(), math.NaN()), kinecast.ErrInvalidRecord)
		must(t, p.Put(t.Context(), 1.5))
		must(t, p.Close(t.Context()))
		if all := places(t, srv, "s"); len(all["1.5"]) != 1 || len(all) != 1 {
			t.Errorf("%v", all)
		}

		oops := errors.New("oops")
		q := newProducer(t, srv.Client(), func(c *config) {
			c.Serializer = kinecast.SerializerFunc[string](func(dst []byte, _ string) ([]byte, error) { return dst, oops })
		})
		wantIs(t, q.Put(t.Context(), "v"), oops)
		must(t, q.Err())
	})
}

// A record may be empty, and a buffer may be used again as soon as the verb has returned.
func TestBytesAreCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p, err := kinecast.New(srv.Client(), kinecast.Config[[]byte]{
			DefaultStream: "s", DefaultPartition: "key", Serializer: kinecast.Bytes(),
		})
		must(t, err)
		buffer := make([]byte, 100_000)
		want := map[string]bool{"": true}
		must(t, p.Put(t.Context(), nil))
		for i, size := range []int{1, 10, 1000, 9000, 60_000, 100_000} {
			for j := range buffer {
				buffer[j] = byte('a' + i)
			}
			must(t, p.Put(t.Context(), buffer[:size]))
			want[string(buffer[:size])] = true
		}
		clear(buffer)
		must(t, p.Close(t.Context()))
		all := places(t, srv, "s")
		for data := range want {
			if len(all[data]) != 1 {
				t.Errorf("the record of %d bytes is stored %d times", len(data), len(all[data]))
			}
		}
	})
}
