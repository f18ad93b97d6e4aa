package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// inShards is a producer whose values begin with the number of their shard of n.
func inShards(t *testing.T, srv *kinesistest.Server, n int, change ...func(*config)) *producer {
	at := make([]kinecast.HashKey, n)
	for i := range at {
		var err error
		at[i], err = shard.HashKeySlice(i, n)
		must(t, err)
	}
	place := func(v string) (string, kinecast.HashKey) { return v[:1], at[v[0]-'0'] }
	return newProducer(t, srv.Client(), append([]func(*config){func(c *config) {
		c.Partitioner = kinecast.ByKeyAndHash(place)
	}}, change...)...)
}

// run has one caller for each shard put for a while, and counts what each shard has stored.
func run(t *testing.T, shards int, forTime time.Duration, faults func(*kinesistest.Server), change ...func(*config)) []int64 {
	srv := kinesistest.New(t, kinesistest.Stream("s", shards, kinesistest.Keep(1)))
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(20 * time.Millisecond)})
	faults(srv)
	stored := make([]int64, shards)
	p := inShards(t, srv, shards, append(change, func(c *config) {
		c.OnResult = func(d kinecast.Delivery[string]) {
			if d.Err == nil {
				stored[d.Value[0]-'0']++
			}
		}
		c.QueueLimit, c.QueueBytes = 4000, 4<<20
	})...)
	must(t, p.Open(t.Context()))
	ctx, stop := context.WithTimeout(t.Context(), forTime)
	defer stop()
	var callers sync.WaitGroup
	for i := range shards {
		callers.Go(func() {
			// 500 records of a kilobyte a second: half of what a shard takes.
			v := fmt.Sprint(i) + strings.Repeat("x", 1000)
			for ctx.Err() == nil {
				for range 5 {
					_ = p.Put(ctx, v)
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	callers.Wait()
	if err := p.Close(ended()); err != nil && !errors.Is(err, kinecast.ErrShutdown) {
		t.Error(err)
	}
	return stored
}

// A shard that is throttled for ever delays only those who put to it: one caller a shard, the other seven go on as if
// nothing were wrong.
func TestHotShardDelaysOnlyItsCallers(t *testing.T) {
	for name, change := range map[string]func(*config){"plain": plain, "aggregated": func(*config) {}} {
		bubble(t, name, func(t *testing.T) {
			const shards, length = 8, 20 * time.Second
			calm := run(t, shards, length, func(*kinesistest.Server) {}, change)
			hot := run(t, shards, length, func(srv *kinesistest.Server) {
				srv.Inject(kinesistest.Rule{
					On: kinesistest.PutRecords, Shard: "shardId-000000000003", Do: kinesistest.RecordError(throttled, "slow down"),
				})
			}, change)
			for i := range shards {
				switch {
				case i == 3 && hot[i] > 0:
					t.Errorf("%d records went into a shard that refuses all", hot[i])
				case i != 3 && hot[i] < calm[i]*95/100:
					t.Errorf("shard %d took %d records beside the hot one, %d without", i, hot[i], calm[i])
				}
			}
		})
	}
}

// Of two streams one is dead: the callers of the other do not notice.
func TestDeadStreamDelaysOnlyItsCallers(t *testing.T) {
	for name, fault := range map[string]kinesistest.Fault{
		"refused": kinesistest.Refuse(), "hangs": kinesistest.Delay(time.Hour),
		"failing": kinesistest.CallError(500, "InternalFailure", ""),
	} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2), kinesistest.Stream("dead", 2))
			srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Stream: "dead", Do: fault})
			p := newProducer(t, srv.Client(), func(c *config) {
				c.QueueLimit, c.MaxConnections = 500, 4
				c.TargetStream = func(v string) (string, error) {
					if v == "dead" {
						return "dead", nil
					}
					return "", nil
				}
			})
			must(t, p.Open(t.Context(), "s", "dead"))
			ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
			defer stop()
			var caller sync.WaitGroup
			caller.Go(func() { pour(ctx, p, "dead") })
			var worst time.Duration
			for ctx.Err() == nil {
				start := time.Now()
				if err := p.TryPut("alive"); err != nil {
					t.Fatal(err)
				}
				if _, err := p.PutSync(t.Context(), "alive too"); err != nil {
					t.Fatal(err)
				}
				worst = max(worst, time.Since(start))
				time.Sleep(10 * time.Millisecond)
			}
			caller.Wait()
			if worst > time.Second {
				t.Errorf("a record of the stream that lives took %v", worst)
			}
		})
	}
}

// TryPut names the shard that has no room, and PutSync to another one works meanwhile.
func TestQueueFullNamesTheShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		remove := srv.Inject(kinesistest.Rule{
			On: kinesistest.PutRecords, Shard: "shardId-000000000001", Do: kinesistest.RecordError(throttled, "slow down"),
		})
		p := inShards(t, srv, 2, func(c *config) { c.QueueLimit = 80 })
		must(t, p.Open(t.Context()))
		must(t, p.TryPut("1"))
		time.Sleep(time.Second)
		var full *kinecast.QueueFullError
		n := 1
		for ; n < 80; n++ {
			if err := p.TryPut("1"); errors.As(err, &full) {
				break
			}
		}
		if full == nil || n != 10 || full.ShardID != "shardId-000000000001" || full.Stream != "s" || !errors.Is(full, kinecast.ErrQueueFull) {
			t.Fatalf("after %d records: %v", n, full)
		}
		if _, err := p.PutSync(t.Context(), "0"); err != nil {
			t.Error(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Put(short, "1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Put to the hot shard: %v", err)
		}
		remove()
		must(t, p.Put(t.Context(), "1")) // waits until the shard takes records again
		must(t, p.Checkpoint(t.Context()))
		if s := p.Stats(); s.OutstandingRecords != 0 || s.UserRecordsPut != int64(n+2) || s.BackpressureCycles < 2 {
			t.Errorf("%+v", s)
		}
	})
}

// Those who wait for a hot shard come in the order in which they came: it is that of the stream, where order is kept.
func TestLineOfAHotShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		remove := srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.RecordError(throttled, "slow down")})
		p := newProducer(t, srv.Client(), plain, func(c *config) {
			c.QueueLimit, c.Ordering = 32, kinecast.PerKey
			c.Partitioner = kinecast.ByKey(func(string) string { return "k" })
		})
		must(t, p.Open(t.Context()))
		must(t, p.Put(t.Context(), "first"))
		time.Sleep(time.Second)
		want := []string{"first"}
		var admitted atomic.Int32
		var callers sync.WaitGroup
		for i := range 40 {
			v := fmt.Sprint("v", i)
			want = append(want, v)
			callers.Go(func() {
				must(t, p.Put(t.Context(), v))
				admitted.Add(1)
			})
			synctest.Wait()
		}
		if n := admitted.Load(); n != 3 {
			t.Errorf("%d records were admitted beside the first; a quarter of an eighth of 32 is 4", n)
		}
		remove()
		callers.Wait()
		must(t, p.Checkpoint(t.Context()))
		var got []string
		for _, r := range srv.Consume("s") {
			got = append(got, string(r.Data))
		}
		if !slices.Equal(got, want) {
			t.Errorf("admitted in the order %v", got)
		}
	})
}

func TestCloseEndsTheLineOfAHotShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.RecordError(throttled, "slow down")})
		p := newProducer(t, srv.Client(), func(c *config) { c.QueueLimit = 32 })
		must(t, p.Put(t.Context(), "first"))
		time.Sleep(time.Second)
		ends := make(chan error, 40)
		for i := range 40 {
			go func() { ends <- p.Put(t.Context(), fmt.Sprint("v", i)) }()
		}
		synctest.Wait()
		_ = p.Close(ended())
		closed := 0
		for range 40 {
			if errors.Is(<-ends, kinecast.ErrClosed) {
				closed++
			}
		}
		if closed != 37 {
			t.Errorf("%d callers were told that the producer is closed, want 37", closed)
		}
	})
}
