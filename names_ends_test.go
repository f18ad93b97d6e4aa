package kinecast_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// A snapshot has what waits under both names, each under the name that it was put with until both are known to be one, then
// all under the first; and a producer that restores it delivers each record once.
func TestSnapshotOfTwoNames(t *testing.T) {
	for order, names := range firstName {
		bubble(t, order, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			client, tell := shy(srv)
			way := make(chan struct{})
			client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
				select {
				case <-way:
					return client.Client.PutRecords(ctx, in)
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			p := newProducer(t, client, twoNames)
			put := map[string]string{"s": "v", arnOfS: "v@"}
			must(t, p.Put(t.Context(), put[names[0]]))
			must(t, p.Put(t.Context(), put[names[1]]))
			unknown := snapshotOf(t, p)
			opened := make(chan error)
			go func() { opened <- p.Open(t.Context(), names[1]) }()
			close(tell)
			must(t, <-opened)
			known := snapshotOf(t, p)
			for i, b := range [][]byte{unknown, known} {
				all := saved(t, b)
				if len(all) != 2 || all[put[names[0]]].Stream != names[0] || all[put[names[1]]].Stream != names[1-i] {
					t.Errorf("snapshot %d: %v", i, all)
				}
			}
			close(way)
			must(t, p.Close(t.Context()))
			for _, mode := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
				for i, b := range [][]byte{unknown, known} {
					fresh := kinesistest.New(t, kinesistest.Stream("s", 2))
					q := newProducer(t, fresh.Client(), twoNames, func(c *config) {
						c.Ordering = mode
						c.Restore = append(c.Restore, bytes.NewReader(b))
					})
					must(t, q.Put(t.Context(), "more"))
					must(t, q.Put(t.Context(), "more@"))
					must(t, q.Checkpoint(t.Context()))
					if all := places(t, fresh, "s"); len(all) != 4 {
						t.Errorf("snapshot %d, %v: %v", i, mode, slices.Collect(maps.Keys(all)))
					}
				}
			}
		})
	}
}

// A snapshot at any moment of the joining misses nothing.
func TestSnapshotWhileTwoNamesJoin(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 3))
			srv := kinesistest.New(t, kinesistest.Stream("s", 4))
			client, _ := gate(srv) // nothing is ever stored
			p := newProducer(t, client, twoNames)
			const n = 60
			var callers sync.WaitGroup
			for i := range n {
				v := fmt.Sprint("v", i, []string{"", "@"}[dice.IntN(2)])
				must(t, p.Put(t.Context(), v))
				if i%20 == 19 {
					callers.Go(func() {
						if all := saved(t, snapshotOf(t, p)); len(all) < i+1 {
							t.Errorf("seed %d: %d of %d records are saved", seed, len(all), i+1)
						}
					})
				}
			}
			callers.Wait()
			if all := saved(t, snapshotOf(t, p)); len(all) != n {
				t.Errorf("%d records are saved", len(all))
			}
		})
	}
}

// Close ends who waits under the second name, and what does.
func TestCloseBeforeTwoNamesAreKnown(t *testing.T) {
	for order, names := range firstName {
		put := map[string]string{"s": "v", arnOfS: "v@"}
		bubble(t, order+"/no time", func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			client, _ := shy(srv)
			p := newProducer(t, client, twoNames)
			must(t, p.Put(t.Context(), put[names[0]]))
			must(t, p.Put(t.Context(), put[names[1]]))
			time.Sleep(time.Second)
			err := p.Close(ended())
			var left *kinecast.UndeliveredError
			if !errors.As(err, &left) || left.Records != int64(2-len(places(t, srv, "s"))) {
				t.Errorf("%v, %d stored", err, len(places(t, srv, "s")))
			}
			wantIs(t, p.Put(t.Context(), put[names[1]]), kinecast.ErrClosed)
		})
		bubble(t, order+"/drains", func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			client, tell := shy(srv)
			p := newProducer(t, client, twoNames)
			must(t, p.Put(t.Context(), put[names[0]]))
			must(t, p.Put(t.Context(), put[names[1]]))
			time.AfterFunc(time.Minute, func() { close(tell) })
			must(t, p.Close(t.Context()))
			if n := len(places(t, srv, "s")); n != 2 {
				t.Errorf("%d records are stored", n)
			}
		})
		bubble(t, order+"/in order", func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			client, _ := shy(srv)
			p := newProducer(t, client, twoNames, func(c *config) { c.Ordering = kinecast.PerKey })
			must(t, p.Put(t.Context(), put[names[0]]))
			done := make(chan error)
			go func() { done <- p.Put(t.Context(), put[names[1]]) }()
			time.Sleep(time.Second)
			_ = p.Close(ended())
			wantIs(t, <-done, kinecast.ErrClosed)
		})
	}
}
