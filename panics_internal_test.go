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
// each record still ends exactly once and is stored. With an order, first copies of each key come in the order of their
// puts. A reshard is under way.
func TestPanicsLoseNothing(t *testing.T) {
	total := map[string]int{}
	for seed := range uint64(40) {
		for _, order := range []Ordering{Unordered, PerKey} {
			synctest.Test(t, func(t *testing.T) { panicsLoseNothing(t, seed, order, total) })
		}
	}
	for _, at := range []string{"shard", "shard effect", "collector", "sender", "refresher", "front", "guard"} {
		t.Logf("%d panics in %s", total[at], at)
		if total[at] == 0 {
			t.Errorf("no panic in %s: the test does not reach it", at)
		}
	}
}

func panicsLoseNothing(t *testing.T, seed uint64, order Ordering, total map[string]int) {
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
		most := 30
		if at == "guard" {
			most = 5 // its parent stops it when there are more than ten in ten seconds
		}
		if hits[at] < most && dice.IntN(6) == 0 {
			hits[at]++
			panic(fmt.Sprintf("injected into %s at %T", at, message))
		}
	}
	p, err := start(server.Client(), Config[string]{
		DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v[len(v)-1:] }),
		Ordering: order, AggregationDisabled: seed%4 == 3, AggregationMaxCount: 3, CollectionMaxCount: 5, MaxConnections: 3,
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
		if i == records/2 {
			server.UpdateShardCount("s", 6)
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
	last, seen := map[string]int{}, map[string]bool{}
	for _, r := range server.Consume("s") {
		v, n := string(r.Data), 0
		if _, _ = fmt.Sscanf(v, "v%d", &n); seen[v] || order != PerKey {
			continue
		}
		if before, known := last[r.PartitionKey]; known && n < before {
			t.Errorf("seed %d: %s comes after v%d", seed, v, before)
		}
		last[r.PartitionKey], seen[v] = n, true
	}
	if order == PerKey && len(seen) != records {
		t.Errorf("seed %d: a consumer sees %d records", seed, len(seen))
	}
	for at, n := range hits {
		total[at] += n
	}
	if s := p.Stats(); s.OutstandingRecords != 0 || s.OutstandingBytes != 0 || s.UserRecordsPut != records {
		t.Errorf("seed %d: %+v", seed, s)
	}
}
