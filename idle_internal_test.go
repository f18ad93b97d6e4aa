package kinecast

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/kinesistest"
)

// living counts the actors of a process' shared system.
func living() (n int) {
	for _, m := range sharedSystem().ProcessRegistry.LocalPIDs.LocalPIDs {
		n += m.Count()
	}
	return n
}

// A released stream leaves no actor, no goroutine, no lane and no figures of its own.
func TestReleaseGivesAllBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := kinesistest.New(t, kinesistest.Stream("s", 16))
		p, err := New(server.Client(), Config[string]{DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v })})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		const rounds = 40 // more than workers of the dispatcher, which stay
		actorsBefore, goroutines := living(), runtime.NumGoroutine()
		for round := range rounds {
			if _, err := p.PutSync(t.Context(), "v"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if n := living() - actorsBefore; n < 18 {
				t.Errorf("%d actors of a stream in use", n)
			}
			time.Sleep(2 * DefaultStreamIdleTimeout)
			synctest.Wait()
			if n := living() - actorsBefore; n != 0 {
				t.Errorf("%d actors left", n)
			}
			if n := len(p.sup.tree.Streams()) + len(p.sup.streams.Load().byName); n != 0 || p.sup.idler != nil {
				t.Errorf("%d references left, timer %v", n, p.sup.idler)
			}
			streams := 0
			for m := range p.Metrics() {
				if slices.ContainsFunc(m.Dimensions, func(d figures.Dimension) bool { return d.Name == figures.StreamName }) {
					streams++
				}
			}
			if s := p.Stats(); streams != 0 || s.UserRecordsReceived != int64(round+1) {
				t.Errorf("%d figures of streams left, %+v", streams, s)
			}
		}
		if n := runtime.NumGoroutine() - goroutines; n >= rounds {
			t.Errorf("%d goroutines left", n)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A load that is under way when its stream is released brings nothing back: no lane, no actor, no name.
func TestLoadOutlivesItsStream(t *testing.T) {
	for _, op := range []kinesistest.Operation{kinesistest.ListShards, kinesistest.DescribeStreamSummary} {
		synctest.Test(t, func(t *testing.T) {
			server := kinesistest.New(t, kinesistest.Stream("s", 2))
			before := living()
			p, err := New(server.Client(), Config[string]{
				DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v }), StreamIdleTimeout: 4 * time.Second,
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 * describeEvery / time.Second { // until the map and the summary are old enough to be asked for again
				if _, err := p.PutSync(t.Context(), "v"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
			}
			var calls atomic.Int32
			server.Inject(kinesistest.Rule{On: op, Do: kinesistest.Run(func() { calls.Add(1) }).Then(kinesistest.Delay(20 * time.Second))})
			for calls.Load() == 0 {
				if _, err := p.PutSync(t.Context(), "v"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
			}
			server.UpdateShardCount("s", 4) // what the load will bring
			time.Sleep(10 * time.Second)
			if n := len(p.sup.tree.Streams()); n != 0 {
				t.Fatal("the stream has not been released in time")
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if n := len(p.sup.streams.Load().byName); n != 0 {
				t.Errorf("%d names are known of no stream", n)
			}
			if _, err := p.PutSync(t.Context(), "v"); err != nil {
				t.Error(err)
			}
			if err := p.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if n := living() - before; n != 0 {
				t.Errorf("%d actors left", n)
			}
		})
	}
}

// Whoever waits in a stream keeps it, or it would lose its place to another stream.
func TestWhoWaitsKeepsTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := kinesistest.New(t, kinesistest.Stream("s", 2, kinesistest.Status(types.StreamStatusCreating)))
		p, err := New(server.Client(), Config[string]{
			DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v }),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*DefaultStreamIdleTimeout)
		defer cancel()
		done := make(chan error)
		go func() { done <- p.Open(ctx) }()
		synctest.Wait()
		st := p.sup.stream("s")
		time.Sleep(2 * DefaultStreamIdleTimeout)
		if now := p.sup.stream("s"); now != st || st == nil {
			t.Errorf("the stream was released while Open waited for it")
		}
		if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.Sleep(2 * DefaultStreamIdleTimeout)
		if p.sup.stream("s") != nil {
			t.Error("the stream was not released when nobody waited any more")
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// While all actors panic at random, streams that are released and come back lose nothing and leave nothing.
func TestPanicsDuringRelease(t *testing.T) {
	for seed := range uint64(30) {
		for _, order := range []Ordering{Unordered, PerKey} {
			synctest.Test(t, func(t *testing.T) { panicsDuringRelease(t, rand.New(rand.NewPCG(seed, 5)), order) })
		}
	}
}

func panicsDuringRelease(t *testing.T, dice *rand.Rand, order Ordering) {
	t.Helper()
	const rounds = 25
	server := kinesistest.New(t, kinesistest.Stream("a", 3), kinesistest.Stream("b", 2))
	before := living()
	pauses := map[string][]time.Duration{}
	for i := range 2 * rounds {
		stream := []string{"a", "b"}[i%2]
		pauses[stream] = append(pauses[stream], time.Duration(dice.IntN(16))*500*time.Millisecond)
	}
	var mu sync.Mutex
	panics := func(at string, message any) {
		mu.Lock()
		defer mu.Unlock()
		if at != "guard" && dice.IntN(8) == 0 {
			panic(fmt.Sprintf("injected into %s at %T", at, message))
		}
	}
	ends := map[string]int{}
	p, err := start(server.Client(), Config[string]{
		Serializer: String(), Partitioner: ByKey(func(v string) string { return v[1:2] }), Ordering: order, MaxConnections: 2,
		TargetStream:      func(v string) (string, error) { return v[:1], nil },
		StreamIdleTimeout: 2 * time.Second,
		OnResult: func(d Delivery[string]) {
			if ends[d.Value]++; d.Err != nil {
				t.Errorf("%s: %v", d.Value, d.Err)
			}
		},
	}, nil, panics)
	if err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	for _, stream := range []string{"a", "b"} {
		callers.Go(func() {
			for i, pause := range pauses[stream] {
				if err := p.Put(t.Context(), fmt.Sprintf("%s%d %d", stream, i%3, i)); err != nil {
					t.Error(err)
				}
				time.Sleep(pause)
			}
		})
	}
	callers.Wait()
	if err := p.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	for range 60 { // the front dies, too, and each time for longer: some seconds of each minute it lives
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(p.sup.tree.Streams()) == 0 {
			break
		}
	}
	if n := len(p.sup.tree.Streams()); n != 0 {
		t.Errorf("%d streams were not released", n)
	}
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if n := living() - before; n != 0 {
		t.Errorf("%d actors left", n)
	}
	if len(ends) != 2*rounds {
		t.Errorf("%d records ended", len(ends))
	}
	for v, n := range ends {
		if n != 1 {
			t.Errorf("%s ended %d times", v, n)
		}
	}
}
