package kinecast

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/kinecast/kinecast/kinesistest"
)

// TestPanicsLoseNothing lets the handlers of all actors, and the effects of all lanes, panic at random, and holds that
// each record still ends exactly once and is stored.
func TestPanicsLoseNothing(t *testing.T) {
	total := map[string]int{}
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) { panicsLoseNothing(t, seed, total) })
	}
	for _, at := range []string{"shard", "shard effect", "collector", "sender", "refresher", "front"} {
		t.Logf("%d panics in %s", total[at], at)
		if total[at] == 0 {
			t.Errorf("no panic in %s: the test does not reach it", at)
		}
	}
}

func panicsLoseNothing(t *testing.T, seed uint64, total map[string]int) {
	const records = 300
	server := kinesistest.New(t, kinesistest.Stream("s", 4))
	defer server.Inject(kinesistest.Rule{
		On: kinesistest.PutRecords, Every: 7, Times: 5, Do: kinesistest.RecordError("InternalFailure", "again"),
	})()

	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, 1))
	hits := map[string]int{}
	ends := map[string]int{}
	panics := func(at string, message any) {
		mu.Lock()
		defer mu.Unlock()
		if hits[at] < 30 && dice.IntN(6) == 0 {
			hits[at]++
			panic(fmt.Sprintf("injected into %s at %T", at, message))
		}
	}
	p, err := start(server.Client(), Config[string]{
		DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v }),
		AggregationMaxCount: 3, CollectionMaxCount: 5, MaxConnections: 3,
		OnResult: func(d Delivery[string]) {
			ends[d.Value]++
			if d.Err != nil {
				t.Errorf("seed %d: %s ended with %v", seed, d.Value, d.Err)
			}
		},
	}, nil, panics)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := p.Put(t.Context(), fmt.Sprint("v", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(context.Background()); err != nil {
		t.Errorf("seed %d: Close: %v", seed, err)
	}
	for i := range records {
		if n := ends[fmt.Sprint("v", i)]; n != 1 {
			t.Errorf("seed %d: v%d ended %d times", seed, i, n)
		}
	}
	for at, n := range hits {
		total[at] += n
	}
	if s := p.Stats(); s.OutstandingRecords != 0 || s.OutstandingBytes != 0 || s.UserRecordsPut != records {
		t.Errorf("seed %d: %+v", seed, s)
	}
}
