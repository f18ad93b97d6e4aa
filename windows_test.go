package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// The windows in which Flink's producer and the KPL below it lose records that they had promised to deliver: moments between two
// steps that a test has to hit, and rules that are wrong for a reader. Each test holds that there is no such window here; its comment
// says which one it is.

// drained looks at nothing but the count until it is zero, as a snapshot does.
func drained(p *producer) {
	for p.Stats().OutstandingRecords > 0 {
		runtime.Gosched()
	}
}

// atOnce makes records go as they come, so that nothing in these tests needs time to pass.
func atOnce(c *config) { c.RecordMaxBufferedTime = kinecast.NoLinger }

// denies is a client whose service refuses everything for good.
func denies(s *kinesistest.Server) *kinesistest.Client {
	s.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.CallError(400, "AccessDeniedException", "no")})
	return s.Client()
}

// Flink, completion: a record leaves the count before the callback stores its error. A snapshot between the two sees zero and no
// error, succeeds, and the job restarts behind the record.
func TestWindowErrorIsThereWhenTheCountIsZero(t *testing.T) {
	for range 300 {
		synctest.Test(t, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1))
			p := newProducer(t, denies(srv), atOnce)
			must(t, p.Open(t.Context()))
			must(t, p.Put(t.Context(), "v"))
			drained(p)
			if p.Err() == nil {
				t.Fatal("nothing is outstanding, and the failure is not there yet")
			}
		})
	}
}

// Flink, death of the child process: all records leave the count at once, and their failures are told by another thread, later.
func TestWindowDeathOfACallIsToldBeforeTheCountIsZero(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1))
			client := &meddler{Client: srv.Client()}
			client.onPut = func(context.Context, *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) { panic("dead") }
			var mu sync.Mutex
			told := 0
			p := newProducer(t, client, atOnce, func(c *config) {
				c.MaxAttempts = 1
				c.OnFailure = func(kinecast.Delivery[string]) { mu.Lock(); told++; mu.Unlock() }
			})
			must(t, p.Open(t.Context()))
			must(t, p.Put(t.Context(), "v0"))
			drained(p)
			mu.Lock()
			defer mu.Unlock()
			if told != 1 || p.Err() == nil {
				t.Fatalf("nothing is outstanding; %d of 1 were told, and Err is %v", told, p.Err())
			}
		})
	}
}

// Flink, a record that comes between the walk over the list of those that a dead child had and its clearing: it is gone, not
// counted and never told of. Here calls die while callers put.
func TestWindowNothingPutDuringADeathIsForgotten(t *testing.T) {
	for round := range 30 {
		synctest.Test(t, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 3))
			client := &meddler{Client: srv.Client()}
			var mu sync.Mutex
			calls, ends := 0, map[string]int{}
			client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
				mu.Lock()
				calls++
				dies := calls%2 == round%2
				mu.Unlock()
				if dies {
					panic("dead")
				}
				return client.Client.PutRecords(ctx, in)
			}
			p := newProducer(t, client, atOnce, func(c *config) {
				c.OnResult = func(d kinecast.Delivery[string]) { mu.Lock(); ends[d.Value]++; mu.Unlock() }
			})
			var wg sync.WaitGroup
			for caller := range 4 {
				wg.Go(func() {
					for i := range 50 {
						if err := p.Put(t.Context(), fmt.Sprint(caller, ".", i)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			must(t, p.Close(t.Context()))
			for caller := range 4 {
				for i := range 50 {
					if v := fmt.Sprint(caller, ".", i); ends[v] != 1 {
						t.Errorf("%s ended %d times", v, ends[v])
					}
				}
			}
		})
	}
}

// Flink, a record that is handed to a child which has just shut down: it stays on the list, and the loop that flushes never ends.
func TestWindowPutIntoAClosingProducerLeavesNothingToWaitFor(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			p := newProducer(t, srv.Client(), atOnce)
			must(t, p.Open(t.Context()))
			var wg sync.WaitGroup
			admitted := make([]int, 4)
			for caller := range admitted {
				wg.Go(func() {
					for p.Put(t.Context(), fmt.Sprint(caller, ".", admitted[caller])) == nil {
						admitted[caller]++
						runtime.Gosched()
					}
				})
			}
			runtime.Gosched()
			must(t, p.Close(t.Context()))
			wg.Wait()
			if n := p.Stats().OutstandingRecords; n != 0 {
				t.Errorf("%d records are outstanding after Close", n)
			}
			stored := places(t, srv, "s")
			for caller, n := range admitted {
				for i := range n {
					if v := fmt.Sprint(caller, ".", i); len(stored[v]) != 1 {
						t.Errorf("%s was admitted and is stored %d times", v, len(stored[v]))
					}
				}
			}
		})
	}
}

// Flink, an interrupt while it closes: what has not been sent is dropped without a word.
func TestWindowInterruptedCloseTellsWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		client, _ := gate(srv)
		told := 0
		p := newProducer(t, client, func(c *config) {
			c.OnFailure = func(d kinecast.Delivery[string]) { wantIs(t, d.Err, kinecast.ErrShutdown); told++ }
		})
		puts(t, p, 100)
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, interrupt)
		var left *kinecast.UndeliveredError
		if err := p.Close(ctx); !errors.As(err, &left) || left.Records != 100 || told != 100 {
			t.Errorf("Close: %v; %d of 100 were told", err, told)
		}
	})
}

// The KPL, since it judges user records one by one: of an aggregate for a closed shard that lands in a child, those in the child's
// range count as delivered and the rest is sent again. The KCL drops all of it, so the first are lost.
func TestWindowAggregateThatIsPartlyAtHomeIsSentAgainWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		results := map[string]kinecast.Result{}
		p := newProducer(t, client, atOnce, func(c *config) {
			c.OnResult = func(d kinecast.Delivery[string]) { must(t, d.Err); results[d.Value] = d.Result }
		})
		must(t, p.Open(t.Context()))
		puts(t, p, 1)
		synctest.Wait() // the first is under way; the others fill an aggregate behind it
		puts(t, p, 200)
		synctest.Wait()
		srv.Split("s", "shardId-000000000000", "")
		open()
		must(t, p.Close(t.Context()))
		seen := map[string]bool{}
		for _, r := range srv.Consume("s") {
			at := results[string(r.Data)]
			seen[string(r.Data)] = seen[string(r.Data)] || at.ShardID == r.Shard && at.SequenceNumber == r.SequenceNumber
		}
		for i := range 200 {
			if v := fmt.Sprint("v", i); !seen[v] {
				t.Errorf("%s was acknowledged at %+v, where no consumer sees it", v, results[v])
			}
		}
		if len(srv.Dropped("s")) == 0 {
			t.Error("no aggregate was misplaced: the test tests nothing")
		}
	})
}

// The KPL fails every record of an answer with another number of results, stored or not. They are sent again here, and only what is
// known to be stored counts.
func TestWindowWrongCountIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		defer srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Times: 3, Do: kinesistest.TooFew(1)})()
		p := newProducer(t, srv.Client(), plain)
		puts(t, p, 100)
		must(t, p.Close(t.Context()))
		if n := len(places(t, srv, "s")); n != 100 {
			t.Errorf("%d of 100 records are there", n)
		}
	})
}

// The KPL sends a bad record again and again, with up to 499 good ones that fail with it until their time is over.
func TestWindowBadRecordTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		defer srv.Inject(kinesistest.Rule{
			On: kinesistest.PutRecords, Key: "v77", Do: kinesistest.CallError(400, "ValidationException", "bad"),
		})()
		failed := map[string]bool{}
		p := newProducer(t, srv.Client(), plain, func(c *config) {
			c.ErrorMode = kinecast.LogAndContinue
			c.OnFailure = func(d kinecast.Delivery[string]) { failed[d.Value] = true }
		})
		puts(t, p, 500)
		must(t, p.Close(t.Context()))
		stored := places(t, srv, "s")
		if len(failed) != 1 || !failed["v77"] || len(stored) != 499 || len(calls(srv, kinesistest.PutRecords)) > 40 {
			t.Errorf("%v failed, %d are stored, in %d calls", failed, len(stored), len(calls(srv, kinesistest.PutRecords)))
		}
	})
}

// The KPL looks at a record's time in its limiter only, so one that waits behind slow calls is sent when its time is long over.
func TestWindowNothingIsSentAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		p := newProducer(t, client, atOnce, plain, func(c *config) {
			c.MaxConnections, c.RecordTTL, c.RequestTimeout, c.ErrorMode = 1, time.Second, time.Minute, kinecast.LogAndContinue
		})
		must(t, p.Open(t.Context()))
		puts(t, p, 1)
		synctest.Wait() // v0 holds the only connection
		for i := 1; i < 50; i++ {
			must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
		}
		time.Sleep(5 * time.Second)
		open()
		must(t, p.Close(t.Context()))
		if stored := places(t, srv, "s"); len(stored) != 1 {
			t.Errorf("%d records are stored; only the one under way had its time", len(stored))
		}
	})
}

// The KPL retries a missing stream every 50 ms until the records' time is over, against its own documentation.
func TestWindowMissingStreamFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t)
		p := newProducer(t, srv.Client(), atOnce)
		begin := time.Now()
		_, err := p.PutSync(t.Context(), "v")
		if failed := wantDelivery(t, err); failed.Class != kinecast.Fatal || time.Since(begin) > time.Minute {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}
