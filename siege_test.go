package kinecast_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// Against a server that is no good, for as long as it likes, callers wait and what is outstanding stays below QueueBytes; when
// the server is well again everything arrives.
func TestQueueBytesHoldsUnderSiege(t *testing.T) {
	for name, siege := range map[string]kinesistest.Rule{
		"hangs":              {Do: kinesistest.Lose(kinesistest.Hang)},
		"trickles":           {Do: kinesistest.Delay(5 * time.Second)},
		"throttles":          {Do: kinesistest.RecordError(throttled, "slower")},
		"throttles some":     {Every: 2, Do: kinesistest.RecordError(throttled, "slower")},
		"throttles calls":    {Do: kinesistest.CallError(400, "KMSThrottlingException", "slower")},
		"is dead":            {Do: kinesistest.Refuse()},
		"stores and is mute": {Do: kinesistest.Store().Then(kinesistest.Lose(kinesistest.Reset))},
	} {
		siege.On = kinesistest.PutRecords
		for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
			for _, aggregation := range []bool{true, false} {
				bubble(t, fmt.Sprintf("%s, order %d, aggregation %v", name, order, aggregation), func(t *testing.T) {
					underSiege(t, siege, order, aggregation)
				})
			}
		}
	}
}

func underSiege(t *testing.T, siege kinesistest.Rule, order kinecast.Ordering, aggregation bool) {
	const limit = 512 << 10
	srv := kinesistest.New(t, kinesistest.Stream("s", 4))
	book := newSequences()
	p := newProducer(t, srv.Client(), ordered, func(c *config) {
		c.Ordering, c.AggregationDisabled, c.QueueBytes, c.OnResult = order, !aggregation, limit, book.ended
	})
	must(t, p.Open(t.Context()))
	relieve := srv.Inject(siege)

	stop := make(chan struct{})
	var callers sync.WaitGroup
	var size atomic.Int64
	for k := range 12 {
		callers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				v := fmt.Sprint("k", k, ":", n, " ", strings.Repeat("x", (k*911+n*977)%9000))
				must(t, p.Put(t.Context(), v))
				size.Add(int64(len(v)))
				time.Sleep(time.Millisecond)
			}
		})
	}
	most := int64(0)
	for range 600 {
		time.Sleep(100 * time.Millisecond)
		most = max(most, p.Stats().OutstandingBytes)
	}
	if most > limit || most < limit/4 {
		t.Errorf("%d bytes were outstanding at the most, of %d", most, limit)
	}
	close(stop)
	relieve()
	callers.Wait()
	must(t, p.Close(context.Background()))
	if s := p.Stats(); s.OutstandingBytes != 0 || s.OutstandingRecords != 0 || s.UserRecordsPut != s.UserRecordsReceived {
		t.Errorf("%+v", s)
	}
	if order == kinecast.PerKey {
		book.checkValues(t, srv, "s")
	}
}

// checkValues is check for records whose acknowledgement is proved elsewhere: only their order counts.
func (s *sequences) checkValues(t *testing.T, srv *kinesistest.Server, stream string) {
	t.Helper()
	seen, last := map[string]bool{}, map[string]int{}
	for _, r := range srv.Consume(stream) {
		key, n := tagOf(string(r.Data))
		if v := fmt.Sprint(key, ":", n); !seen[v] {
			seen[v] = true
			if n < last[key] {
				t.Errorf("%s comes after %s:%d", v, key, last[key])
			}
			last[key] = n
		}
	}
	if len(seen) != len(s.ends) {
		t.Errorf("%d records ended, a KCL consumer sees %d", len(s.ends), len(seen))
	}
}

// Ten thousand shards with a little each: what is charged is what they hold, the bound is a bound, and nothing of it stays.
func TestTenThousandShards(t *testing.T) {
	for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
		bubble(t, fmt.Sprint("order ", order), func(t *testing.T) {
			const shards, limit = 10_000, 16 << 20
			srv := kinesistest.New(t, kinesistest.Stream("s", shards, kinesistest.Keep(0)))
			client, open := gate(srv)
			p := newProducer(t, client, ordered, func(c *config) { c.Ordering, c.QueueBytes = order, limit })
			must(t, p.Open(t.Context()))
			before := inUse()
			admitted := 0
			for ; admitted < 100_000; admitted++ {
				if p.TryPut(fmt.Sprint(admitted, ":0 ", strings.Repeat("x", 100))) != nil {
					break
				}
			}
			if s := p.Stats(); s.OutstandingBytes > limit || admitted < shards {
				t.Errorf("%d records admitted: %+v", admitted, s)
			}
			if used := inUse() - before; used > limit*3/2 {
				t.Errorf("%d bytes are in use for %d charged", used, p.Stats().OutstandingBytes)
			}
			open()
			must(t, p.Checkpoint(t.Context()))
			if s := p.Stats(); s.OutstandingBytes != 0 || s.UserRecordsPut != int64(admitted) {
				t.Errorf("%+v", s)
			}
			if left := inUse() - before; left > shards*2<<10 {
				t.Errorf("%d bytes are left in use", left)
			}
		})
	}
}

// inUse is what is in use once nothing unused is left, not even in pools.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
