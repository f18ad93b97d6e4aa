package kinecast_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// sizes are the numbers of records of the requests that a server got.
func sizes(srv *kinesistest.Server) []int {
	var n []int
	for _, c := range calls(srv, kinesistest.PutRecords) {
		n = append(n, c.Records)
	}
	return n
}

// However many records come: requests are exactly full, and what is over waits for its linger or a flush.
func TestRequestsAreExactlyFull(t *testing.T) {
	for _, n := range []int{99, 100, 101, 1000, 1050} {
		bubble(t, fmt.Sprint(n, " records"), func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1))
			p := newProducer(t, srv.Client(), plain, patient, func(c *config) { c.CollectionMaxCount = 100 })
			must(t, p.Open(t.Context()))
			puts(t, p, n)
			synctest.Wait()
			full := slices.Repeat([]int{100}, n/100)
			if got := sizes(srv); !slices.Equal(got, full) {
				t.Errorf("requests of %v records, want %v", got, full)
			}
			must(t, p.Flush(t.Context()))
			if n%100 > 0 {
				full = append(full, n%100)
			}
			if got := sizes(srv); !slices.Equal(got, full) {
				t.Errorf("after Flush requests of %v records, want %v", got, full)
			}
		})
	}
}

// A request that is full in both ways with the same record leaves at once, and nothing is left over.
func TestRequestIsFullInBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client(), plain, patient, func(c *config) {
			c.CollectionMaxCount, c.CollectionMaxSize = 52, 52*1024
			c.Partitioner = byStart // four bytes
		})
		must(t, p.Open(t.Context()))
		for range 104 {
			must(t, p.Put(t.Context(), string(make([]byte, 1020))))
		}
		synctest.Wait()
		if got := sizes(srv); !slices.Equal(got, []int{52, 52}) {
			t.Errorf("requests of %v records", got)
		}
	})
}

// Few records leave together when the linger of the first is over, and the linger begins anew with the next.
func TestLingerBeginsAnew(t *testing.T) {
	for _, n := range []int{8, 98} {
		bubble(t, fmt.Sprint(n, " records"), func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1))
			p := newProducer(t, srv.Client(), plain, func(c *config) { c.CollectionMaxCount = 100 })
			must(t, p.Open(t.Context()))
			begin := time.Now()
			puts(t, p, n)
			time.Sleep(250 * time.Millisecond)
			puts(t, p, 1)
			time.Sleep(50 * time.Millisecond)
			puts(t, p, 1)
			time.Sleep(time.Second)
			var at []time.Duration
			for _, c := range calls(srv, kinesistest.PutRecords) {
				at = append(at, c.Time.Sub(begin))
			}
			if got := sizes(srv); !slices.Equal(got, []int{n, 2}) ||
				!slices.Equal(at, []time.Duration{100 * time.Millisecond, 350 * time.Millisecond}) {
				t.Errorf("requests of %v records at %v", got, at)
			}
		})
	}
}

// MaxConnections requests are under way, and not one more, however much waits.
func TestMaxConnectionsHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 8))
		client := &meddler{Client: srv.Client()}
		var running, highest atomic.Int32
		client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
			n := running.Add(1)
			defer running.Add(-1)
			for h := highest.Load(); n > h && !highest.CompareAndSwap(h, n); h = highest.Load() {
				continue
			}
			time.Sleep(10 * time.Millisecond)
			return client.Client.PutRecords(ctx, in)
		}
		p := newProducer(t, client, plain, func(c *config) { c.MaxConnections, c.CollectionMaxCount = 3, 10 })
		puts(t, p, 1000)
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 1000)
		if highest.Load() != 3 {
			t.Errorf("%d requests at a time, want 3", highest.Load())
		}
	})
}

// A record may be empty, alone or among others, as a nil slice or as one without bytes. It is a record like any other.
func TestEmptyRecords(t *testing.T) {
	for name, disabled := range map[string]bool{"aggregated": false, "plain": true} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1))
			p, err := kinecast.New(srv.Client(), kinecast.Config[[]byte]{
				DefaultStream: "s", DefaultPartition: "key", Serializer: kinecast.Bytes(), AggregationDisabled: disabled,
			})
			must(t, err)
			for _, v := range [][]byte{nil, {}, []byte("x"), nil} {
				must(t, p.Put(t.Context(), v))
			}
			must(t, p.Flush(t.Context()))
			_, err = p.PutSync(t.Context(), nil) // alone
			must(t, err)
			must(t, p.Close(t.Context()))
			var lengths []int
			for _, r := range srv.Consume("s") {
				lengths = append(lengths, len(r.Data))
			}
			if !slices.Equal(lengths, []int{0, 0, 1, 0, 0}) {
				t.Errorf("records of %v bytes", lengths)
			}
		})
	}
}
