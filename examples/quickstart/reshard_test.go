package main

import (
	"testing"

	"github.com/kinecast/kinecast/kinesistest"
)

// TestReshard splits, merges and doubles the stream under the puts: the proof holds all the same, and says how many
// copies landed where a consumer drops them.
func TestReshard(t *testing.T) {
	o := execute(t, nil, "-reshard", "-repeat", "3", "-json")
	o.want(t, 0)
	f := o.figures(t)
	if !f.Proved || f.Reshards != len(reshards) || f.DroppedCopies == 0 || f.ReadBack != 3*1707 {
		t.Errorf("%+v", f)
	}
}

// TestReshardHidesNoTampering empties one shard of a resharded stream.
func TestReshardHidesNoTampering(t *testing.T) {
	o := execute(t, func(c *command) {
		c.produced = func(s *service) {
			s.embedded.Rewrite("earthquakes", func(shards map[string][]kinesistest.Record) {
				shards[filled(shards)[0]] = nil
			})
		}
	}, "-reshard", "-json")
	o.want(t, 1)
	if f := o.figures(t); f.Missing == 0 {
		t.Errorf("a record is gone, and nothing is missing: %+v", f)
	}
}

func TestReshardIsForTheEmbeddedStream(t *testing.T) {
	execute(t, nil, "-reshard", "-endpoint", "http://127.0.0.1:1").want(t, 2, "-reshard is for the embedded stream")
}
