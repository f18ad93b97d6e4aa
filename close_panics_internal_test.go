package kinecast

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
)

// Close without time, or with little, meets actors that are dead, about to come back, or die while they are stopped: each record
// still ends once, Close counts those that it did not deliver, what it says of them is true, and no actor is left.
func TestCloseWhileActorsDie(t *testing.T) {
	deaths := map[string]int{}
	for seed := range uint64(24) {
		for _, order := range []Ordering{Unordered, PerKey} {
			synctest.Test(t, func(t *testing.T) { closeWhileActorsDie(t, seed, order, deaths) })
		}
	}
	for _, at := range []string{"shard", "shard effect", "collector", "sender", "refresher", "front"} {
		if deaths[at] == 0 {
			t.Errorf("no death of a %s", at)
		}
	}
}

func closeWhileActorsDie(t *testing.T, seed uint64, order Ordering, deaths map[string]int) {
	t.Helper()
	const records = 120
	dice := rand.New(rand.NewPCG(seed, 23))
	patience := []time.Duration{0, 0, 20 * time.Millisecond, time.Second}[dice.IntN(4)]
	before := living()
	server := kinesistest.New(t, kinesistest.Stream("s", 3))
	server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 3, Do: kinesistest.Store().Then(kinesistest.Lose(kinesistest.Close))})
	server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(15 * time.Millisecond)})
	var mu sync.Mutex
	panics := func(at string, message any) {
		mu.Lock()
		defer mu.Unlock()
		if at != "guard" && dice.IntN(5) == 0 {
			deaths[at]++
			panic(fmt.Sprintf("injected into %s at %T", at, message))
		}
	}
	ends, undelivered, unwritten := map[string]int{}, int64(0), map[string]bool{}
	p, err := start(server.Client(), Config[string]{
		DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v[len(v)-1:] }),
		Ordering: order, AggregationDisabled: seed%3 == 0, AggregationMaxCount: 4, MaxConnections: 3, RecordMaxBufferedTime: NoLinger,
		OnResult: func(d Delivery[string]) {
			ends[d.Value]++
			failed := (*DeliveryError)(nil)
			if errors.Is(d.Err, ErrShutdown) {
				undelivered++
			}
			if errors.As(d.Err, &failed) && !failed.MaybeWritten {
				unwritten[d.Value] = true
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
		if i%20 == 0 {
			time.Sleep(time.Duration(1+i/10) * 3 * time.Millisecond)
		}
	}
	if seed%2 == 0 {
		server.UpdateShardCount("s", 5)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	left := &UndeliveredError{}
	if err := p.Close(ctx); err != nil && !errors.As(err, &left) {
		t.Errorf("seed %d: Close: %v", seed, err)
	}
	if left.Records != undelivered || len(ends) != records {
		t.Errorf("seed %d: %d records ended, %d with ErrShutdown; Close says %d", seed, len(ends), undelivered, left.Records)
	}
	for v, n := range ends {
		if n != 1 {
			t.Errorf("seed %d: %s ended %d times", seed, v, n)
		}
	}
	for _, r := range server.Consume("s") {
		if unwritten[string(r.Data)] {
			t.Errorf("seed %d: %s was not written, says its result, and is in the stream", seed, r.Data)
		}
	}
	if n := living() - before; n != 0 {
		t.Errorf("seed %d: %d actors left", seed, n)
	}
	if s := p.Stats(); s.OutstandingRecords != 0 || s.OutstandingBytes != 0 {
		t.Errorf("seed %d: %+v", seed, s)
	}
}
