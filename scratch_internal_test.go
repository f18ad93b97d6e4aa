package kinecast

import (
	"strings"
	"testing"

	"github.com/kinecast/kinecast/kinesistest"
)

// What a big record leaves behind is used by the next big one, and not held by a small one that waits.
func TestSmallRecordHoldsNoWideBuffer(t *testing.T) {
	t.Parallel()
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	p, err := New(srv.Client(), Config[string]{DefaultStream: "s", DefaultPartition: "k", Serializer: String()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(t.Context())
	var sc scratch
	for _, c := range []struct {
		size  int
		fresh bool // a buffer that is not the one before
	}{{1000, true}, {900_000, true}, {600_000, false}, {1000, true}, {60_000, true}, {1000, false}} {
		var before *byte
		if cap(sc.data) > 0 {
			before = &sc.data[:1][0]
		}
		v := strings.Repeat("x", c.size)
		if _, err := p.encode(v, &sc); err != nil {
			t.Fatal(err)
		}
		if string(sc.e.Data) != v {
			t.Errorf("%d bytes became %d", c.size, len(sc.e.Data))
		}
		if fresh := &sc.data[0] != before; fresh != c.fresh {
			t.Errorf("%d bytes are in another buffer: %t, want %t", c.size, fresh, c.fresh)
		}
		if n := cap(sc.data); n > wideScratch && n > 2*c.size {
			t.Errorf("%d bytes hold %d", c.size, n)
		}
	}
}
