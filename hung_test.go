package kinecast_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// deaf is a client whose first n calls of PutRecords do not heed their context. They return, as they would have, when free
// is called; most is the most calls that were under way at a time.
func deaf(srv *kinesistest.Server, n int64) (client *meddler, most *atomic.Int64, free func()) {
	way := make(chan struct{})
	client, most = &meddler{Client: srv.Client()}, new(atomic.Int64)
	var calls, running atomic.Int64
	client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
		now := running.Add(1)
		defer running.Add(-1)
		for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			continue
		}
		if calls.Add(1) <= n {
			<-way
			return client.Client.PutRecords(context.WithoutCancel(ctx), in)
		}
		return client.Client.PutRecords(ctx, in)
	}
	return client, most, sync.OnceFunc(func() { close(way) })
}

// A client that does not heed its context is held to RequestTimeout: its records go another way, and the late success is
// not reported again.
func TestDeafClientIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, _, free := deaf(srv, 1)
		ends := 0
		book := newLogbook()
		p := newProducer(t, client, func(c *config) {
			c.RequestTimeout, c.MaxConnections, c.Logger = time.Second, 1, book.logger()
			c.OnResult = func(kinecast.Delivery[string]) { ends++ }
		})
		r, err := p.PutSync(t.Context(), "v0")
		must(t, err)
		synctest.Wait() // the record leaves the account when its callbacks, PutSync among them, have returned
		first, _ := r.Attempts.First()
		if r.Attempts.Len() != 2 || first.Code != "RequestTimeout" || first.Class != kinecast.Ambiguous || first.Duration < time.Second || first.Duration > 3*time.Second {
			t.Errorf("%+v", r)
		}
		if s := p.Stats(); s.RequestsAbandoned != 1 || s.OutstandingRecords != 0 || len(book.with("must heed its context")) != 1 {
			t.Errorf("%+v, log %q", s, book.with(""))
		}
		free()
		synctest.Wait()
		if s := p.Stats(); s.RequestsAbandoned != 0 || s.UserRecordsPut != 1 || ends != 1 {
			t.Errorf("after it has returned: %d ends, %+v", ends, s)
		}
		if n := len(places(t, srv, "s")["v0"]); n != 2 { // one of them is the late one: at least once
			t.Errorf("stored %d times", n)
		}
		must(t, p.Close(t.Context()))
	})
}

// A record whose time is over while its call hangs ends in time, and says that it may have been written.
func TestDeafClientAndRecordTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, _, free := deaf(srv, 1)
		p := newProducer(t, client, func(c *config) { c.RequestTimeout, c.RecordTTL = time.Second, time.Second })
		begin := time.Now()
		_, err := p.PutSync(t.Context(), "v0")
		wantIs(t, err, kinecast.ErrExpired)
		if e := wantDelivery(t, err); !e.MaybeWritten || time.Since(begin) > 3*time.Second {
			t.Errorf("after %v: %+v", time.Since(begin), e)
		}
		free()
		synctest.Wait()
		if s := p.Stats(); s.UserRecordsPut != 0 || s.UserRecordsFailed != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// However many calls hang, at most twice MaxConnections are under way, and Flush waits for what can still be delivered.
func TestDeafClientIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const connections = 3
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, most, free := deaf(srv, 1<<60)
		p := newProducer(t, client, plain, func(c *config) {
			c.RequestTimeout, c.MaxConnections, c.CollectionMaxCount = time.Second, connections, 5
		})
		puts(t, p, 100)
		time.Sleep(time.Minute)
		if s := p.Stats(); most.Load() != 2*connections || s.RequestsAbandoned != 2*connections || s.OutstandingRecords != 100 {
			t.Errorf("%d calls at a time, %+v", most.Load(), s)
		}
		free() // from here on none hangs: the way is open
		must(t, p.Checkpoint(t.Context()))
		synctest.Wait()
		if s := p.Stats(); s.RequestsAbandoned != 0 || s.UserRecordsPut != 100 {
			t.Errorf("%+v", s)
		}
		for i := range 100 {
			if len(places(t, srv, "s")[fmt.Sprint("v", i)]) == 0 {
				t.Errorf("v%d is lost", i)
			}
		}
	})
}

// Close leaves the hung calls behind, and nothing of the producer.
func TestDeafClientAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, _, free := deaf(srv, 1<<60)
		defer free()
		p := newProducer(t, client, func(c *config) { c.RequestTimeout, c.MaxConnections = time.Second, 2 })
		puts(t, p, 5)
		time.Sleep(10 * time.Second)
		wantUndelivered(t, p.Close(ended()), 5, 5)
	})
}

// A listing that hangs is given up too: the next one brings the map.
func TestDeafClientThatLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		client := &meddler{Client: srv.Client()}
		way := make(chan struct{})
		defer close(way)
		var calls atomic.Int64
		client.onList = func(ctx context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
			if calls.Add(1) == 1 {
				<-way
			}
			return client.Client.ListShards(ctx, in)
		}
		p := newProducer(t, client, func(c *config) { c.RequestTimeout = time.Second })
		puts(t, p, 5)
		begin := time.Now()
		must(t, p.Checkpoint(t.Context()))
		if d := time.Since(begin); d < 5*time.Second || d > 10*time.Second {
			t.Errorf("it took %v", d)
		}
		wantStored(t, srv, "s", 5)
	})
}
