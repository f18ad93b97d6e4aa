package kinecast

import (
	"testing"

	"github.com/kinecast/kinecast/kinesistest"
)

// Thousands of lanes share one picture of their limits, until these are others.
func TestLanesShareTheirLimits(t *testing.T) {
	t.Parallel()
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	p, err := New(srv.Client(), Config[string]{DefaultStream: "s", DefaultPartition: "k", Serializer: String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	st := p.sup.stream("s")
	aggregates, plain := st.Limits(true), st.Limits(false)
	if st.Limits(true) != aggregates || st.Limits(false) != plain || aggregates == plain {
		t.Error("lanes with the same limits have a copy each, or those with others share them")
	}
	st.maxRecord.Store(30 << 10)
	if small := st.Limits(true); small.MaxSize >= 30<<10 || aggregates.MaxSize < 30<<10 {
		t.Errorf("a stream of smaller records has a limit of %d, its older lanes %d", small.MaxSize, aggregates.MaxSize)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
