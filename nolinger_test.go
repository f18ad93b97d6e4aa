package kinecast_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// NoLinger is an adaptive linger. With a connection free a record goes at once, and those that come right after it together; with
// none free they fill, and go as few aggregated records.
func TestNoLingerFillsWhileItMustWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		var begun atomic.Int64
		call := client.onPut
		client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
			begun.Add(1)
			return call(ctx, in)
		}
		p := newProducer(t, client, func(c *config) { c.RecordMaxBufferedTime, c.MaxConnections = kinecast.NoLinger, 3 })
		must(t, p.Open(t.Context()))
		under := func(what string, want int64) {
			t.Helper()
			synctest.Wait()
			if n := begun.Load(); n != want {
				t.Errorf("%s: %d requests have begun, want %d", what, n, want)
			}
		}
		puts(t, p, 1)
		under("a record", 1)
		puts(t, p, 10)
		under("ten more, in the same instant", 1)
		time.Sleep(3 * time.Millisecond)
		under("when the shard has rested", 2)
		time.Sleep(time.Second)
		puts(t, p, 1)
		under("a record, later", 3)
		for range 100 {
			time.Sleep(10 * time.Millisecond)
			puts(t, p, 10)
		}
		under("records with no connection free", 3)
		open()
		time.Sleep(time.Second)
		under("a connection is free again", 4)
		if got := filled(t, srv); !slices.Equal(got, []int{1, 1, 10, 1000}) {
			t.Errorf("Kinesis records of %v user records, want of 1, 1, 10 and 1000", got)
		}
	})
}

// filled counts the user records in each Kinesis record of stream "s".
func filled(t *testing.T, srv *kinesistest.Server) []int {
	t.Helper()
	of := map[string]int{}
	for _, lies := range places(t, srv, "s") {
		for _, p := range lies {
			of[p.sequence]++
		}
	}
	return slices.Sorted(maps.Values(of))
}

// A record that does not linger is not refused either: a shard takes 1,000 Kinesis records a second, and three times as many records
// come. None waits 3 ms beyond the round trip, with connections free.
func TestNoLingerLeavesAShardInPeace(t *testing.T) {
	const roundTrip = 5 * time.Millisecond
	for _, connections := range []int{24, 64} {
		bubble(t, fmt.Sprint(connections, " connections"), func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1, kinesistest.Throttled(kinesistest.ServiceThroughput())))
			srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(roundTrip)})
			longest := time.Duration(0)
			p := newProducer(t, srv.Client(), func(c *config) {
				c.RecordMaxBufferedTime, c.MaxConnections = kinecast.NoLinger, connections
			})
			must(t, p.Open(t.Context()))
			for i := range 9000 {
				put := time.Now()
				must(t, p.PutAsync(t.Context(), fmt.Sprint(i), func(_ kinecast.Result, err error) {
					longest = max(longest, time.Since(put))
					if err != nil {
						t.Error(err)
					}
				}))
				time.Sleep(333 * time.Microsecond)
			}
			must(t, p.Flush(t.Context()))
			if s := p.Stats(); s.Retries != 0 || s.KinesisRecordsPut > 3000 || longest >= roundTrip+3*time.Millisecond {
				t.Errorf("%d retries, %d Kinesis records in 3 s, a record waited %v", s.Retries, s.KinesisRecordsPut, longest)
			}
		})
	}
}
