package kinecast

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast/internal/snapshot"
	"github.com/kinecast/kinecast/kinesistest"
)

// While actors panic and are made anew, also those that own what a snapshot asks for, no snapshot lacks a record that is not
// in the stream, and with an order each key's records are in it.
func TestPanicsSpoilNoSnapshot(t *testing.T) {
	for seed := range uint64(20) {
		for _, order := range []Ordering{Unordered, PerKey} {
			synctest.Test(t, func(t *testing.T) { panicsSpoilNoSnapshot(t, rand.New(rand.NewPCG(seed, 3)), order) })
		}
	}
}

func panicsSpoilNoSnapshot(t *testing.T, dice *rand.Rand, order Ordering) {
	t.Helper()
	server := kinesistest.New(t, kinesistest.Stream("s", 2))
	server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 4, Times: 20, Do: kinesistest.RecordError("InternalFailure", "again")})
	server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(30 * time.Millisecond)})
	var mu sync.Mutex
	left := 100
	panics := func(at string, message any) {
		mu.Lock()
		defer mu.Unlock()
		// A guard that panics more than ten times in ten seconds is stopped by the actor above it.
		if left > 0 && at != "guard" && dice.IntN(5) == 0 {
			left--
			panic(fmt.Sprintf("injected into %s at %T", at, message))
		}
	}
	p, err := start(server.Client(), Config[string]{
		DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v[len(v)-1:] }),
		Ordering: order, AggregationDisabled: order == PerKey && dice.Uint64()%2 == 0, AggregationMaxCount: 3, CollectionMaxCount: 5,
		RecordMaxBufferedTime: 20 * time.Millisecond,
	}, nil, panics)
	if err != nil {
		t.Fatal(err)
	}
	const records = 200
	for i := range records {
		if err := p.Put(t.Context(), fmt.Sprint("v", i)); err != nil {
			t.Fatal(err)
		}
		if i == records/2 {
			server.UpdateShardCount("s", 4)
		}
		if i%20 == 19 {
			time.Sleep(time.Duration(i) * time.Millisecond)
			checkSnapshot(t, server, p, i+1)
		}
	}
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// checkSnapshot checks one with n records put.
func checkSnapshot(t *testing.T, server *kinesistest.Server, p *Producer[string], n int) {
	t.Helper()
	var b bytes.Buffer
	if err := p.Snapshot(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	there, last := map[string]int{}, map[string]int{}
	damages := snapshot.Read(&b, func(r snapshot.Record) {
		if there[string(r.Data)]++; there[string(r.Data)] > 1 {
			t.Errorf("%s is saved twice", r.Data)
		}
		number := 0
		_, _ = fmt.Sscanf(string(r.Data), "v%d", &number)
		if before, known := last[string(r.Key)]; known && before > number {
			t.Errorf("%s is saved behind v%d", r.Data, before)
		}
		last[string(r.Key)] = number
	})
	if len(damages) > 0 {
		t.Error(damages)
	}
	for _, u := range server.Consume("s") {
		there[string(u.Data)]++
	}
	for i := range n {
		if there[fmt.Sprint("v", i)] == 0 {
			t.Errorf("v%d is neither in the stream nor in the snapshot", i)
		}
	}
}
