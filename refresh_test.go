package kinecast_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// A stream in use asks for its map once a minute and for its summary once in five, a stream that rests for neither: the
// account has 20 summaries a second for all its streams.
func TestMapIsRefreshedOnAPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		p := newProducer(t, srv.Client())
		must(t, p.Open(t.Context()))
		for range 3600 {
			puts(t, p, 1)
			time.Sleep(time.Second)
		}
		lists, summaries := len(calls(srv, kinesistest.ListShards)), len(calls(srv, kinesistest.DescribeStreamSummary))
		if lists < 50 || lists > 62 || summaries < 10 || summaries > 13 {
			t.Errorf("in an hour of puts %d times ListShards and %d times DescribeStreamSummary, want about 60 and 12", lists, summaries)
		}
		time.Sleep(time.Hour)
		if n := len(calls(srv, kinesistest.ListShards)) - lists; n > 1 {
			t.Errorf("%d maps for a stream that rests", n)
		}
	})
}

// listLog tells when ListShards is called by the producer: the test calls it, too.
type listLog struct {
	kinecast.Client

	tell func()
}

func (l listLog) ListShards(ctx context.Context, in *kinesis.ListShardsInput, opts ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	l.tell()
	return l.Client.ListShards(ctx, in, opts...)
}

// However many records land where the map did not say, maps are loaded a second apart at least.
func TestMismatchesAskForFewMaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		var mu sync.Mutex
		var all []time.Time
		p := newProducer(t, listLog{srv.Client(), func() {
			mu.Lock()
			all = append(all, time.Now())
			mu.Unlock()
		}}, plain)
		must(t, p.Open(t.Context()))
		for i := range 5 {
			srv.Split("s", openShards(t, srv, "s")[i].ID, "")
			puts(t, p, 200)
			must(t, p.Flush(t.Context()))
			time.Sleep(time.Duration(i) * 300 * time.Millisecond)
		}
		must(t, p.Flush(t.Context()))
		mu.Lock()
		defer mu.Unlock()
		if len(all) < 4 {
			t.Errorf("%d maps for five reshards", len(all))
		}
		for i := 1; i < len(all); i++ {
			if gap := all[i].Sub(all[i-1]); gap < time.Second {
				t.Errorf("map %d was loaded %v after the one before", i+1, gap)
			}
		}
	})
}
