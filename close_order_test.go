package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
)

// Close while shards close and open: with time everything arrives, without time everything is told, each record once.
func TestCloseDuringAReshard(t *testing.T) {
	for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
		for _, aggregation := range []bool{true, false} {
			for name, patience := range map[string]time.Duration{"with time": time.Hour, "without": 0, "with a little": 30 * time.Millisecond} {
				bubble(t, fmt.Sprintf("%s, order %d, aggregation %v", name, order, aggregation), func(t *testing.T) {
					for wait := range 12 { // the reshard and Close meet at other moments
						closeDuringAReshard(t, order, aggregation, patience, time.Duration(wait)*17*time.Millisecond)
					}
				})
			}
		}
	}
}

func closeDuringAReshard(t *testing.T, order kinecast.Ordering, aggregation bool, patience, wait time.Duration) {
	const keys, each = 20, 10
	srv := kinesistest.New(t, kinesistest.Stream("s", 2))
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(20 * time.Millisecond)})
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 5, Do: kinesistest.RecordError("InternalFailure", "")})
	book := newSequences()
	p := newProducer(t, srv.Client(), ordered, func(c *config) {
		c.Ordering, c.AggregationDisabled, c.OnResult = order, !aggregation, book.ended
	})
	for n := range each {
		for k := range keys {
			must(t, p.Put(t.Context(), fmt.Sprint("k", k, ":", n)))
		}
		if n == each/2 {
			must(t, p.Flush(t.Context()))
			srv.UpdateShardCount("s", 3) // splits and a merge, one after the other
		}
	}
	time.Sleep(wait)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := p.Close(ctx)
	left := &kinecast.UndeliveredError{}
	if patience >= time.Hour {
		must(t, err)
	} else if err != nil && !errors.As(err, &left) {
		t.Errorf("Close: %v", err)
	}
	if n := int64(book.fates["Shutdown"]); n != left.Records || len(book.ends) != keys*each {
		t.Errorf("%d records ended, %d with Shutdown; Close says %d", len(book.ends), n, left.Records)
	}
	if st := p.Stats(); st.OutstandingRecords != 0 || st.OutstandingBytes != 0 {
		t.Errorf("left in the ledger: %+v", st)
	}
	if order == kinecast.PerKey {
		book.check(t, srv, "s")
	}
}

// In order one Kinesis record of a shard is under way, and its user records alone may have been written when Close had no
// time; what waited behind it was never sent. How many went into the first is a matter of when it was taken.
func TestCloseInOrderWithoutTime(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, _ := gate(srv)
		var sent []string // user records, by one request at a time
		wait := client.onPut
		client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
			for _, r := range in.Records {
				for u, err := range aggregate.Deaggregate(*r.PartitionKey, r.Data, nil) {
					must(t, err)
					sent = append(sent, string(u.Data))
				}
			}
			return wait(ctx, in)
		}
		book := newSequences()
		p := newProducer(t, client, ordered, func(c *config) {
			c.OnResult, c.AggregationMaxCount, c.RequestTimeout = book.ended, 4, 10*time.Minute
		})
		var all []string
		for n := range 30 {
			all = append(all, fmt.Sprint("a:", n))
			must(t, p.Put(t.Context(), all[n]))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(sent); n < 1 || n > 4 || !slices.Equal(sent, all[:n]) {
			t.Fatalf("%v are under way, want the first records, at most the 4 of one Kinesis record", sent)
		}
		wantUndelivered(t, p.Close(ended()), 30, int64(len(sent)))
		if book.fates["Shutdown"] != 30 {
			t.Errorf("%v", book.fates)
		}
	})
}

// A dead endpoint: nothing goes, nothing hangs, and nothing that was never sent may have been written.
func TestCloseInOrderOnADeadEndpoint(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 3))
		p := newProducer(t, srv.Client(), ordered)
		must(t, p.Open(t.Context()))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()})
		for n := range 30 {
			must(t, p.Put(t.Context(), fmt.Sprint("k", n%4, ":", n)))
		}
		time.Sleep(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		wantUndelivered(t, p.Close(ctx), 30, 0)
	})
}
