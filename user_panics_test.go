package kinecast_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// A panic of the caller's own code refuses that record, with the value and the stack, and touches nothing else.
func TestUserCodeThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client(), func(c *config) {
			c.Serializer = kinecast.SerializerFunc[string](func(dst []byte, v string) ([]byte, error) {
				if v == "Serializer" {
					panic("oops: " + v)
				}
				return append(dst, v...), nil
			})
			c.Partitioner = kinecast.ByKey(func(v string) string {
				if v == "Partitioner" {
					panic("oops: " + v)
				}
				return v
			})
			c.TargetStream = func(v string) (string, error) {
				if v == "TargetStream" {
					panic("oops: " + v)
				}
				return "", nil
			}
		})
		puts(t, p, 5)
		for _, where := range []string{"Serializer", "Partitioner", "TargetStream"} {
			never := func(kinecast.Result, error) { t.Error("done was called") }
			for _, err := range []error{
				p.Put(t.Context(), where), p.TryPut(where), second(p.PutSync(t.Context(), where)), p.PutAsync(t.Context(), where, never),
			} {
				wantIs(t, err, kinecast.ErrPanic)
				var caught *kinecast.PanicError
				if !errors.As(err, &caught) || caught.Where != where || caught.Value != "oops: "+where ||
					!strings.Contains(string(caught.Stack), "user_panics_test.go") {
					t.Errorf("%s: %+v", where, err)
				}
			}
		}
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 5)
		if s := p.Stats(); s.OutstandingRecords != 0 || s.UserRecordsReceived != 5 {
			t.Errorf("%+v", s)
		}
	})
}

// A client that panics is one that gave no answer.
func TestClientThatPanics(t *testing.T) {
	for _, op := range []kinesistest.Operation{kinesistest.PutRecords, kinesistest.ListShards, kinesistest.DescribeStreamSummary} {
		t.Run(string(op), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 1))
				p := newProducer(t, panicking(srv, op, 2))
				r, err := p.PutSync(t.Context(), "v0")
				must(t, err)
				if op == kinesistest.PutRecords && r.Attempts.Len() != 3 {
					t.Errorf("%+v", r)
				}
				wantStored(t, srv, "s", 1)
			})
		})
	}
}
