package kinecast

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
)

// While all actors panic at random, what is put under both names of a stream that comes and goes ends once, in order where
// that is promised, and leaves nothing behind.
func TestPanicsWhileTwoNamesJoin(t *testing.T) {
	for seed := range uint64(30) {
		for _, order := range []Ordering{Unordered, PerKey} {
			synctest.Test(t, func(t *testing.T) { panicsWhileTwoNamesJoin(t, rand.New(rand.NewPCG(seed, 6)), order) })
		}
	}
}

func panicsWhileTwoNamesJoin(t *testing.T, dice *rand.Rand, order Ordering) {
	t.Helper()
	const keys, rounds = 4, 20
	const arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
	server := kinesistest.New(t, kinesistest.Stream("s", 3))
	server.Inject(kinesistest.Rule{On: kinesistest.DescribeStreamSummary, Do: kinesistest.DelayBetween(0, time.Second), Seed: dice.Uint64()})
	before := living()
	var mu sync.Mutex
	draw := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return dice.IntN(n)
	}
	ends := map[string]int{}
	p, err := start(server.Client(), Config[string]{
		Serializer: String(), Partitioner: ByKey(func(v string) string { return v[:1] }), Ordering: order, MaxConnections: 2,
		TargetStream:      func(string) (string, error) { return []string{"s", arn}[draw(2)], nil },
		StreamIdleTimeout: 2 * time.Second,
		OnResult: func(d Delivery[string]) {
			if ends[d.Value]++; d.Err != nil {
				t.Errorf("%s: %v", d.Value, d.Err)
			}
		},
	}, nil, func(at string, message any) {
		if at != "guard" && draw(8) == 0 {
			panic(fmt.Sprintf("injected into %s at %T", at, message))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for round := range rounds { // all pause together now and then, so that the stream is released
		var callers sync.WaitGroup
		for key := range keys {
			callers.Go(func() {
				for i := range 3 {
					if err := p.Put(t.Context(), fmt.Sprintf("%d %03d", key, 3*round+i)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		callers.Wait()
		time.Sleep(time.Duration(draw(12)) * 500 * time.Millisecond)
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	if s := p.Stats(); s.UserRecordsReceived != int64(len(ends)) || s.UserRecordsPut != int64(len(ends)) || s.OutstandingBytes != 0 {
		t.Errorf("%+v", s)
	}
	time.Sleep(time.Minute)
	synctest.Wait()
	if n := len(p.sup.tree.Streams()) + len(p.sup.streams.Load().byName) + len(p.sup.streams.Load().all); n != 0 {
		t.Errorf("%d references to streams are left", n)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := living() - before; n != 0 {
		t.Errorf("%d actors left", n)
	}
	if len(ends) != keys*3*rounds {
		t.Errorf("%d records ended", len(ends))
	}
	for v, n := range ends {
		if n != 1 {
			t.Errorf("%s ended %d times", v, n)
		}
	}
	last := map[string]string{}
	for _, r := range server.Consume("s") { // no request failed, so there are no copies
		v := string(r.Data)
		key, _, _ := strings.Cut(v, " ")
		if order == PerKey && last[key] > v {
			t.Errorf("%q comes after %q", v, last[key])
		}
		last[key] = v
	}
}
