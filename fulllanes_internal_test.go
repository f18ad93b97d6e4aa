package kinecast

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// TestFrontDiesOverFullLanes lets the front, and with it every actor but the guard, die and come back while a thousand lanes
// have something in a request, something sealed and something filling. Each record ends once, and in order where that is
// asked for.
func TestFrontDiesOverFullLanes(t *testing.T) {
	for _, order := range []Ordering{Unordered, PerKey} {
		t.Run(fmt.Sprint("order ", order), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { frontDiesOverFullLanes(t, order) })
		})
	}
}

func frontDiesOverFullLanes(t *testing.T, order Ordering) {
	const shards, each = 1000, 9
	server := kinesistest.New(t, kinesistest.Stream("s", shards))
	hung := make(chan struct{})
	defer server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.DelayUntil(hung)})()
	var dying atomic.Bool
	deaths, ends := 0, map[string]int{}
	p, err := start(server.Client(), Config[string]{
		DefaultStream: "s", Serializer: String(), Ordering: order, AggregationMaxCount: 3, RequestTimeout: 10 * time.Minute,
		Partitioner: ByKeyAndHash(func(v string) (string, HashKey) {
			var slice, n int
			_, _ = fmt.Sscanf(v, "%d.%d", &slice, &n)
			hash, _ := shard.HashKeySlice(slice, shards)
			return fmt.Sprint(slice), hash
		}),
		OnResult: func(d Delivery[string]) {
			ends[d.Value]++
			if d.Err != nil {
				t.Errorf("%s: %v", d.Value, d.Err)
			}
		},
	}, nil, func(at string, _ any) {
		if at == "front" && dying.Swap(false) {
			deaths++
			panic("injected")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(from, to int) {
		for n := from; n < to; n++ {
			for slice := range shards {
				if err := p.Put(t.Context(), fmt.Sprint(slice, ".", n)); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(time.Second)
	}
	put(0, 3)
	put(3, each-1)
	for range 3 {
		dying.Store(true)
		p.sup.stream("s").lanes.Refresh() // the front hears of the map
		time.Sleep(10 * time.Second)
	}
	put(each-1, each)
	close(hung)
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if deaths != 3 || len(ends) != shards*each {
		t.Errorf("the front died %d times, %d records ended", deaths, len(ends))
	}
	for v, n := range ends {
		if n != 1 {
			t.Errorf("%s ended %d times", v, n)
		}
	}
	last := map[int]int{}
	seen := server.Consume("s")
	for _, r := range seen {
		var slice, n int
		_, _ = fmt.Sscanf(string(r.Data), "%d.%d", &slice, &n)
		if order == PerKey && n < last[slice] {
			t.Errorf("%s comes after %d", r.Data, last[slice])
		}
		last[slice] = n
	}
	if len(seen) != shards*each {
		t.Errorf("%d copies of %d records", len(seen), shards*each)
	}
}
