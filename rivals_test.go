package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// Nine ways in which today's Go producers for Kinesis lose, garble or reorder records without a word, as they were measured with a
// fake service in process. Each test does what was done there and asks for the opposite; the number in its comment is what came of
// it.

// tenKeys spreads the records v0, v1 and so on over ten keys.
func tenKeys(v string) string {
	n, _ := strconv.Atoi(v[1:])
	return fmt.Sprint("key-", n%10)
}

// keysOf are the partition keys under which a consumer sees each record.
func keysOf(t *testing.T, s *kinesistest.Server) map[string]string {
	t.Helper()
	keys := map[string]string{}
	for _, r := range s.Consume("s") {
		if known, twice := keys[string(r.Data)]; twice && known != r.PartitionKey {
			t.Errorf("%s has the keys %q and %q", r.Data, known, r.PartitionKey)
		}
		keys[string(r.Data)] = r.PartitionKey
	}
	return keys
}

// The most used Go library writes every record of an aggregate under the key of the first: 900 of 1,000 keys wrong.
func TestRivalKeysOfAnAggregateAreTheRecordsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client(), func(c *config) { c.Partitioner = kinecast.ByKey(tenKeys) })
		puts(t, p, 1000)
		must(t, p.Close(t.Context()))
		keys := keysOf(t, srv)
		for i := range 1000 {
			if v := fmt.Sprint("v", i); keys[v] != tenKeys(v) {
				t.Errorf("%s came with key %q, want %q", v, keys[v], tenKeys(v))
			}
		}
	})
}

// A log forwarder's aggregator lists keys in the order of a hash map and indexes them in another: 4,370 of 5,000 wrong.
func TestRivalKeyTableAndIndexesAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client(), func(c *config) {
			c.Partitioner, c.AggregationMaxCount = kinecast.ByKey(tenKeys), 100
		})
		puts(t, p, 5000)
		must(t, p.Close(t.Context()))
		keys := keysOf(t, srv)
		for i := range 5000 {
			if v := fmt.Sprint("v", i); keys[v] != tenKeys(v) {
				t.Errorf("%s came with key %q, want %q", v, keys[v], tenKeys(v))
			}
		}
	})
}

// failsFirst is a client whose first PutRecords fails.
func failsFirst(s *kinesistest.Server, err error) *meddler {
	client := &meddler{Client: s.Client()}
	var mu sync.Mutex
	failed := false
	client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
		mu.Lock()
		first := !failed
		failed = true
		mu.Unlock()
		if first {
			return nil, err
		}
		return client.Client.PutRecords(ctx, in)
	}
	return client
}

// One library drops what a request carried that failed once: 500 of 1,000 gone, nothing reported.
func TestRivalRequestThatFailsOnceLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, failsFirst(srv, errors.New("no route")), plain)
		puts(t, p, 1000)
		must(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 1000)
	})
}

// Its successor does the same; and neither says so unless somebody listens. Here nobody listens, and it may not be tried again:
// Checkpoint and Close say it.
func TestRivalFailureIsToldWithoutAListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, failsFirst(srv, errors.New("no route")), plain, func(c *config) { c.MaxAttempts = 1 })
		admitted := int64(0)
		for i := range 1000 {
			if err := p.Put(t.Context(), fmt.Sprint("v", i)); err != nil {
				wantIs(t, err, kinecast.ErrFailed) // also a way to say it
				continue
			}
			admitted++
		}
		wantDelivery(t, p.Checkpoint(t.Context()))
		wantDelivery(t, p.Close(t.Context()))
		s := p.Stats()
		if s.UserRecordsFailed == 0 || s.UserRecordsFailed+s.UserRecordsPut != admitted || int(s.UserRecordsPut) != len(places(t, srv, "s")) {
			t.Errorf("%d failed and %d put of %d; %d are in the stream", s.UserRecordsFailed, s.UserRecordsPut, admitted, len(places(t, srv, "s")))
		}
	})
}

// A library sends 24 requests at a time and what was throttled later: 15 inversions in 2,000 records after one throttled call.
func TestRivalThrottleInvertsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		defer srv.Inject(kinesistest.Rule{ // every seventh record of the first call of 500
			On: kinesistest.PutRecords, Every: 7, Times: 500 / 7,
			Do: kinesistest.RecordError("ProvisionedThroughputExceededException", "Rate exceeded"),
		})()
		p := newProducer(t, srv.Client(), plain, func(c *config) {
			c.Ordering, c.Partitioner = kinecast.PerKey, kinecast.ByKey(tenKeys)
		})
		puts(t, p, 2000)
		must(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 2000)
		newest := map[string]int{}
		for _, r := range srv.Consume("s") {
			n, err := strconv.Atoi(string(r.Data[1:]))
			must(t, err)
			if last, seen := newest[r.PartitionKey]; seen && last > n {
				t.Errorf("%s: v%d is read behind v%d", r.PartitionKey, n, last)
			}
			newest[r.PartitionKey] = n
		}
	})
}

// A library ends its own requests before it drains: 1,000 puts, Stop, 0 delivered.
func TestRivalCloseDeliversWhatWasPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		p := newProducer(t, srv.Client())
		puts(t, p, 1000)
		must(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 1000)
	})
}

// With a slow service and a backlog of 10 it answers all 50,000 puts with nil and delivers 6,080.
func TestRivalAdmittedMeansKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		defer srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(20 * time.Millisecond)})()
		p := newProducer(t, srv.Client(), func(c *config) { c.QueueLimit, c.MaxConnections = 500, 2 })
		for i := range 50_000 {
			must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
			if n := p.Stats().OutstandingRecords; n > 500 {
				t.Fatalf("%d records are outstanding, QueueLimit is 500", n)
			}
		}
		must(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 50_000)
	})
}

// A library that is stopped by its context, 40 times: 8 panics. Closing without time is no reason for one.
func TestRivalCloseWithoutTimeDoesNotPanic(t *testing.T) {
	for range 40 {
		synctest.Test(t, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 4))
			p := newProducer(t, srv.Client())
			puts(t, p, 1000)
			_ = p.Close(ended())
			wantIs(t, p.Put(t.Context(), "late"), kinecast.ErrClosed)
		})
	}
}

// In the other 32 runs of it 0 records were delivered and 0 reported. What is not delivered is to be told, one by one and in sum.
func TestRivalCloseTellsWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		var told, delivered []string
		p := newProducer(t, srv.Client(), func(c *config) {
			c.OnResult = func(d kinecast.Delivery[string]) {
				if d.Err == nil {
					delivered = append(delivered, d.Value)
				} else {
					wantIs(t, d.Err, kinecast.ErrShutdown)
					told = append(told, d.Value)
				}
			}
		})
		puts(t, p, 1000)
		must(t, p.Flush(t.Context()))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(time.Hour)}) // these stay
		for i := range 1000 {
			must(t, p.Put(t.Context(), fmt.Sprint("w", i)))
		}
		err := p.Close(ended())
		var left *kinecast.UndeliveredError
		if !errors.As(err, &left) || left.Records != int64(len(told)) || len(told) != 1000 || len(delivered) != 1000 {
			t.Errorf("Close: %v; %d were delivered and %d told", err, len(delivered), len(told))
		}
		if stored := places(t, srv, "s"); slices.ContainsFunc(delivered, func(v string) bool { return len(stored[v]) != 1 }) {
			t.Error("a record was reported as delivered and is not there")
		}
	})
}
