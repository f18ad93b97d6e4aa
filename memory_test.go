package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// byStart is a key that long records have too.
var byStart = kinecast.ByKey(func(v string) string { return v[:min(len(v), 4)] })

// While the server hangs, QueueLimit records are admitted, and not one more.
func TestQueueLimitHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		client, open := gate(srv)
		p := newProducer(t, client, func(c *config) { c.QueueLimit = 37 })
		var callers sync.WaitGroup
		for i := range 100 {
			callers.Go(func() { must(t, p.Put(t.Context(), fmt.Sprint("v", i))) })
		}
		time.Sleep(time.Second)
		if s := p.Stats(); s.OutstandingRecords != 37 || s.UserRecordsReceived != 37 || s.BackpressureCycles < 63 { // more, if one has a place for a moment that it gives back
			t.Errorf("%+v", s)
		}
		var full *kinecast.QueueFullError
		if err := p.TryPut("one more"); !errors.As(err, &full) || !errors.Is(err, kinecast.ErrQueueFull) {
			t.Fatalf("TryPut: %v", err)
		}
		if full.Records != 37 || full.QueueLimit != 37 || full.Need != 0 || full.Bytes != p.Stats().OutstandingBytes {
			t.Errorf("%+v", full)
		}
		open()
		callers.Wait()
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 100)
		if s := p.Stats(); s.BlockedTime < 63*time.Second || s.BackpressureCycles < 63 {
			t.Errorf("%+v", s)
		}
	})
}

// While the server hangs, what is outstanding never takes more than QueueBytes, whatever the sizes and the shards.
func TestQueueBytesHold(t *testing.T) {
	const limit = 256 << 10
	for name, change := range map[string]func(*config){
		"aggregated": func(*config) {}, "plain": plain,
		"told": func(c *config) { c.OnResult = func(kinecast.Delivery[string]) {} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 5))
				client, open := gate(srv)
				p := newProducer(t, client, change, func(c *config) {
					c.QueueBytes = limit
					c.Partitioner = byStart
				})
				must(t, p.Open(t.Context())) // what waits for the first map may grow when it is spread
				admitted, size := 0, 0
				for n := 0; n < 8; { // times that TryPut found no room
					v := fmt.Sprintf("%04d%s", admitted, strings.Repeat("x", admitted*977%9000))
					err := p.TryPut(v)
					if errors.Is(err, kinecast.ErrQueueFull) {
						n++
						time.Sleep(100 * time.Millisecond)
						continue
					}
					must(t, err)
					admitted++
					size += len(v)
					if s := p.Stats(); s.OutstandingBytes > limit || s.OutstandingBytes < int64(size) || s.OutstandingRecords != int64(admitted) {
						t.Fatalf("%d records of %d bytes: %+v", admitted, size, s)
					}
				}
				if size < limit/2 {
					t.Errorf("only %d bytes were admitted", size)
				}
				open()
				must(t, p.Checkpoint(t.Context()))
				if s := p.Stats(); s.OutstandingBytes != 0 || s.OutstandingRecords != 0 || s.UserRecordsPut != int64(admitted) {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// Nothing leaks from the account: the most that a bound admits is the same after many rounds, some of them with throttles
// and failures.
func TestAccountStaysExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 3))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 3, Do: kinesistest.RecordError(throttled, "")})
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 5, Do: kinesistest.CallError(400, "ValidationException", "")})
		p := newProducer(t, srv.Client(), func(c *config) {
			c.QueueBytes, c.ErrorMode, c.MaxAttempts = 64<<10, kinecast.LogAndContinue, 4
			c.Partitioner = byStart
		})
		for range 20 {
			for i := range 50 {
				must(t, p.Put(t.Context(), fmt.Sprint("v", i, strings.Repeat("y", 61*i))))
			}
			must(t, p.Flush(t.Context()))
			if s := p.Stats(); s.OutstandingBytes != 0 || s.OutstandingRecords != 0 || s.UserRecordsReceived != s.UserRecordsPut+s.UserRecordsFailed {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func TestWaitingPutsAreServedInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		var served []string
		p := newProducer(t, client, func(c *config) {
			c.QueueLimit = 1
			c.OnResult = func(d kinecast.Delivery[string]) { served = append(served, d.Value) }
		})
		var want []string
		var callers sync.WaitGroup
		for i := range 20 {
			v := fmt.Sprint("v", i)
			want = append(want, v)
			callers.Go(func() { must(t, p.Put(t.Context(), v)) })
			synctest.Wait()
		}
		open()
		callers.Wait()
		must(t, p.Flush(t.Context()))
		if !slices.Equal(served, want) {
			t.Errorf("served in the order %v", served)
		}
	})
}

func TestWaitingPutHeedsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		p := newProducer(t, client, func(c *config) { c.QueueLimit = 1 })
		puts(t, p, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantIs(t, p.Put(ctx, "late"), context.DeadlineExceeded)
		open()
		must(t, p.Checkpoint(t.Context()))
		must(t, p.Put(t.Context(), "v1"))
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 2)
	})
}

func TestTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		keyed := func(c *config) { c.Partitioner, c.DefaultPartition = nil, "key" }
		p := newProducer(t, srv.Client(), keyed)
		wantIs(t, p.Put(t.Context(), strings.Repeat("x", 1<<20-2)), kinecast.ErrTooLarge) // with the key one byte too many
		must(t, p.Put(t.Context(), strings.Repeat("x", 1<<20-3)))
		must(t, p.Checkpoint(t.Context()))

		small := newProducer(t, srv.Client(), keyed, func(c *config) { c.QueueBytes = 64 << 10 })
		wantIs(t, small.Put(t.Context(), strings.Repeat("x", 64<<10)), kinecast.ErrTooLarge)
		wantIs(t, small.TryPut(strings.Repeat("x", 64<<10)), kinecast.ErrTooLarge)
		must(t, small.Put(t.Context(), strings.Repeat("x", 20<<10)))
		must(t, small.Checkpoint(t.Context()))
		if s := small.Stats(); s.UserRecordsReceived != 1 || s.OutstandingBytes != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestRecordsOfTenMebibytes(t *testing.T) {
	for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
		bubble(t, fmt.Sprint("order ", order), func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2, kinesistest.MaxRecordSize(10240)))
			p := newProducer(t, srv.Client(), func(c *config) { c.Partitioner, c.DefaultPartition, c.Ordering = nil, "key", order })
			must(t, p.Open(t.Context())) // learns the limit
			wantIs(t, p.Put(t.Context(), strings.Repeat("x", 10<<20-2)), kinecast.ErrTooLarge)
			for n := range 3 {
				must(t, p.Put(t.Context(), fmt.Sprint(n, strings.Repeat("x", 10<<20-4))))
			}
			must(t, p.Checkpoint(t.Context()))
			if s := p.Stats(); s.UserRecordsPut != 3 || s.Requests != 3 || s.Retries != 0 {
				t.Errorf("%+v", s)
			}
			for n, r := range srv.Consume("s") {
				if order == kinecast.PerKey && r.Data[0] != byte('0'+n) {
					t.Errorf("record %c comes as number %d", r.Data[0], n)
				}
			}
		})
	}
}

// When callers wait for room, what holds it does not linger. Else a small QueueLimit would mean one record a linger.
func TestPressureEndsTheLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		p := newProducer(t, srv.Client(), patient, func(c *config) { c.QueueLimit = 1 })
		begin := time.Now()
		puts(t, p, 500)
		if d := time.Since(begin); d > time.Minute {
			t.Errorf("500 records took %v", d)
		}
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 500)
	})
}

// The same for bytes, when they are held by many streams, of which each alone is not enough.
func TestPressureReachesEveryStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := []kinesistest.Option{kinesistest.Stream("s", 1)}
		for i := range 8 {
			opts = append(opts, kinesistest.Stream(fmt.Sprint("t", i), 1))
		}
		srv := kinesistest.New(t, opts...)
		p := newProducer(t, srv.Client(), patient, byPrefix, func(c *config) {
			c.QueueBytes, c.MaxConnections, c.Partitioner = 128<<10, 1, byStart
		})
		begin := time.Now()
		for round := range 20 {
			for i := range 8 {
				must(t, p.Put(t.Context(), fmt.Sprintf("t%d/%d-%s", i, round, strings.Repeat("x", 4000))))
			}
			must(t, p.Put(t.Context(), fmt.Sprint(round, strings.Repeat("x", 100_000))))
		}
		if d := time.Since(begin); d > time.Minute {
			t.Errorf("it took %v", d)
		}
		must(t, p.Checkpoint(t.Context()))
	})
}
