package kinecast_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
)

// A stream of three pages of shards, of which the second fails a few times: the map is loaded from the start again, and
// records are where they belong.
func TestFailureBetweenPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2500))
		srv.Inject(kinesistest.Rule{
			On: kinesistest.ListShards, Nth: 2, Every: 2, Times: 8, Do: kinesistest.CallError(500, "InternalFailureException", "sorry"),
		})
		p := newProducer(t, srv.Client())
		puts(t, p, 5000)
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 5000)
		if d := srv.Dropped("s"); len(d) > 0 {
			t.Errorf("consumers drop %d aggregated records", len(d))
		}
		if s := p.Stats(); s.Retries > 0 {
			t.Errorf("%d retries: records were sent to the wrong shards", s.Retries)
		}
	})
}

// While the shards cannot be listed they are asked for again and again, at growing intervals, and no longer ones than a
// few seconds: whoever waits for the stream wants to be on it soon.
func TestLoadingBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		revive := srv.Inject(kinesistest.Rule{On: kinesistest.ListShards, Do: kinesistest.CallError(400, "LimitExceededException", "slow down")})
		p := newProducer(t, srv.Client())
		puts(t, p, 10)
		time.Sleep(10 * time.Minute)
		var gaps []time.Duration
		all := calls(srv, kinesistest.ListShards)
		for i, c := range all[1:] {
			gaps = append(gaps, c.Time.Sub(all[i].Time))
		}
		if first, longest := gaps[0], slices.Max(gaps); first > 2*time.Second || longest <= first || longest > 10*time.Second {
			t.Errorf("first %v, longest %v: %v", first, longest, gaps)
		}
		revive()
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 10)
	})
}

// Many records that come back from closed shards at once ask for one map between them.
func TestManyMismatchesLoadOneMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 16))
		p := newProducer(t, srv.Client())
		puts(t, p, 1000)
		must(t, p.Checkpoint(t.Context()))
		srv.UpdateShardCount("s", 32, kinesistest.AtOnce())
		before := len(calls(srv, kinesistest.ListShards))
		for i := range 1000 {
			must(t, p.Put(t.Context(), fmt.Sprint("w", i)))
		}
		must(t, p.Checkpoint(t.Context()))
		if n := len(calls(srv, kinesistest.ListShards)) - before; n < 1 || n > 2 {
			t.Errorf("%d maps were loaded", n)
		}
		read := map[string]int{}
		for _, r := range srv.Consume("s") {
			read[string(r.Data)]++
		}
		for i := range 1000 {
			if w := fmt.Sprint("w", i); read[w] == 0 {
				t.Errorf("a consumer does not get %s", w)
			}
		}
	})
}
