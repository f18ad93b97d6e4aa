package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// wantUndelivered checks the figures of a Close that had no time.
func wantUndelivered(t *testing.T, err error, records, maybe int64) {
	t.Helper()
	wantIs(t, err, kinecast.ErrShutdown)
	var left *kinecast.UndeliveredError
	if !errors.As(err, &left) {
		t.Fatalf("got %v, want an *UndeliveredError", err)
	}
	if left.Records != records || left.MaybeWritten != maybe {
		t.Errorf("got %d records left, %d maybe written; want %d, %d", left.Records, left.MaybeWritten, records, maybe)
	}
	wantIs(t, err, left.Cause)
}

func TestCloseDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		told := 0
		p := newProducer(t, srv.Client(), func(c *config) {
			c.RecordMaxBufferedTime = time.Hour
			c.OnResult = func(d kinecast.Delivery[string]) { must(t, d.Err); told++ }
		})
		puts(t, p, 500)
		begin := time.Now()
		must(t, p.Close(t.Context()))
		if told != 500 || time.Since(begin) > time.Second {
			t.Errorf("%d callbacks, %v", told, time.Since(begin))
		}
		wantStored(t, srv, "s", 500)
		must(t, p.Close(ended())) // the same answer again
	})
}

func TestAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1), kinesistest.Stream("other", 1))
		for name, before := range map[string]func(*producer){
			"unused": func(*producer) {},
			"used":   func(p *producer) { puts(t, p, 1) },
		} {
			p := newProducer(t, srv.Client(), byPrefix)
			before(p)
			must(t, p.Close(t.Context()))
			for verb, err := range map[string]error{
				"Put": p.Put(t.Context(), "v"), "TryPut": p.TryPut("v"), "Put elsewhere": p.Put(t.Context(), "other/v"),
				"PutSync":   second(p.PutSync(t.Context(), "v")),
				"PutAsync":  p.PutAsync(t.Context(), "v", func(kinecast.Result, error) { t.Error("done was called") }),
				"Open":      p.Open(t.Context()),
				"Open more": p.Open(t.Context(), "other"),
			} {
				if !errors.Is(err, kinecast.ErrClosed) {
					t.Errorf("%s, %s: %v", name, verb, err)
				}
			}
			must(t, p.Flush(t.Context()))
			must(t, p.Checkpoint(t.Context()))
			if s := p.Stats(); s.OutstandingRecords != 0 || s.OutstandingBytes != 0 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// Open does not outlive the producer.
func TestCloseEndsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1, kinesistest.Status("CREATING")))
		p := newProducer(t, srv.Client())
		opened := make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		go func() { opened <- p.Open(ctx) }()
		time.Sleep(time.Second)
		must(t, p.Close(t.Context()))
		wantIs(t, <-opened, kinecast.ErrClosed)
	})
}

// Close without time counts what was left: what was in a request may have been written, what waited was not.
func TestCloseWithoutTime(t *testing.T) {
	contexts := map[string]func(*testing.T) context.Context{
		"ended": func(*testing.T) context.Context { return ended() },
		"ends": func(t *testing.T) context.Context {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			t.Cleanup(cancel)
			return ctx
		},
	}
	for name, ctx := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 1))
				client, _ := gate(srv)
				var failed []error
				p := newProducer(t, client, plain, func(c *config) {
					c.MaxConnections, c.CollectionMaxCount, c.RequestTimeout = 1, 10, 10*time.Minute
					c.OnFailure = func(d kinecast.Delivery[string]) { failed = append(failed, d.Err) }
				})
				puts(t, p, 25)
				time.Sleep(200 * time.Millisecond) // ten of them hang
				err := p.Close(ctx(t))
				wantUndelivered(t, err, 25, 10)
				maybe := 0
				for _, err := range failed {
					wantIs(t, err, kinecast.ErrShutdown)
					if wantDelivery(t, err).MaybeWritten {
						maybe++
					}
				}
				if len(failed) != 25 || maybe != 10 {
					t.Errorf("OnFailure had %d records, %d maybe written", len(failed), maybe)
				}
				if again := p.Close(t.Context()); !errors.Is(again, err) {
					t.Errorf("the second Close: %v", again)
				}
				must(t, p.Err()) // a shutdown is nobody's failure
			})
		})
	}
}

// Nothing is left, so nothing is undelivered, whatever ctx says.
func TestCloseWithoutTimeOrRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client())
		puts(t, p, 10)
		must(t, p.Flush(t.Context()))
		must(t, p.Close(ended()))
		must(t, newProducer(t, srv.Client()).Close(ended()))
	})
}

func TestCloseBeforeTheFirstMap(t *testing.T) {
	for _, c := range []struct {
		name string
		opts kinesistest.Option
		rule kinesistest.Rule
	}{
		{"dead endpoint", kinesistest.Stream("s", 1), kinesistest.Rule{On: kinesistest.DescribeStreamSummary, Do: kinesistest.Refuse()}},
		{"creating", kinesistest.Stream("s", 1, kinesistest.Status("CREATING")), kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, c.opts)
				srv.Inject(c.rule)
				p := newProducer(t, srv.Client(), plain)
				puts(t, p, 25)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				wantUndelivered(t, p.Close(ctx), 25, 0)
			})
		})
	}
}

// A dead endpoint: what had been tried before is not written either, since nobody listened.
func TestCloseOnADeadEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client(), plain)
		must(t, p.Open(t.Context()))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()})
		puts(t, p, 25)
		time.Sleep(time.Minute)
		wantUndelivered(t, p.Close(ended()), 25, 0)
	})
}

func TestCloseAtOnceFromManySides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, _ := gate(srv)
		p := newProducer(t, client)
		puts(t, p, 5)
		errs := make(chan error, 8)
		for range cap(errs) {
			go func() { errs <- p.Close(ended()) }()
		}
		first := <-errs
		for range cap(errs) - 1 {
			if err := <-errs; !errors.Is(err, first) {
				t.Errorf("%v and %v", first, err)
			}
		}
	})
}

// A client that does not heed its context cannot hold Close, or touch anything afterwards.
func TestCloseLeavesAHungClientBehind(t *testing.T) {
	for _, hung := range []kinesistest.Operation{kinesistest.PutRecords, kinesistest.ListShards} {
		t.Run(string(hung), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 1))
				client := &meddler{Client: srv.Client()}
				never := make(chan struct{})
				switch hung {
				case kinesistest.PutRecords:
					client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
						<-never
						return client.Client.PutRecords(context.WithoutCancel(ctx), in)
					}
				default:
					client.onList = func(ctx context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
						<-never
						return client.Client.ListShards(context.WithoutCancel(ctx), in)
					}
				}
				told := 0
				p := newProducer(t, client, plain, func(c *config) { c.OnResult = func(kinecast.Delivery[string]) { told++ } })
				puts(t, p, 3)
				time.Sleep(time.Second)
				maybe := int64(0)
				if hung == kinesistest.PutRecords {
					maybe = 3
				}
				wantUndelivered(t, p.Close(ended()), 3, maybe)
				before := p.Stats()
				close(never)
				synctest.Wait()
				after := p.Stats()
				after.RequestsFailed = before.RequestsFailed
				if told != 3 || before != after {
					t.Errorf("%d callbacks\nbefore %+v\nafter  %+v", told, before, after)
				}
			})
		})
	}
}

// A load that is under way is waited for, as long as it heeds its context.
func TestNothingRunsAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client := &meddler{Client: srv.Client()}
		var running atomic.Int32
		client.onDescribe = func(ctx context.Context, _ *kinesis.DescribeStreamSummaryInput) (*kinesis.DescribeStreamSummaryOutput, error) {
			running.Add(1)
			defer running.Add(-1)
			<-ctx.Done()
			time.Sleep(100 * time.Millisecond)
			return nil, ctx.Err()
		}
		p := newProducer(t, client)
		go func() { _ = p.Open(t.Context()) }()
		synctest.Wait()
		if running.Load() != 1 {
			t.Fatal("nothing is under way")
		}
		must(t, p.Close(t.Context()))
		if running.Load() != 0 {
			t.Error("a call of the client runs after Close")
		}
	})
}

// Every record that a verb admitted ends exactly once, and no other.
func TestCloseRacesPuts(t *testing.T) {
	for name, ctx := range map[string]context.Context{"with time": context.Background(), "without time": ended()} {
		for _, opened := range []bool{false, true} {
			for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
				bubble(t, fmt.Sprint(name, ", opened: ", opened, ", order: ", order), func(t *testing.T) {
					for range 30 {
						racePuts(ctx, t, opened, order)
					}
				})
			}
		}
	}
}

func racePuts(ctx context.Context, t *testing.T, opened bool, order kinecast.Ordering) {
	t.Helper()
	srv := kinesistest.New(t, kinesistest.Stream("s", 4))
	var admitted, replied, told, asked atomic.Int64
	p := newProducer(t, srv.Client(), func(c *config) {
		c.QueueLimit, c.Ordering = 50, order
		c.OnResult = func(kinecast.Delivery[string]) { told.Add(1) }
	})
	if opened {
		must(t, p.Open(t.Context()))
	}
	var callers sync.WaitGroup
	for caller := range 8 {
		callers.Go(func() {
			for i := 0; ; i++ {
				v := fmt.Sprint(caller, "-", i)
				var err error
				if i%2 == 0 {
					err = p.Put(t.Context(), v)
				} else if err = p.PutAsync(t.Context(), v, func(kinecast.Result, error) { replied.Add(1) }); err == nil {
					asked.Add(1)
				}
				if err != nil {
					wantIs(t, err, kinecast.ErrClosed)
					return
				}
				admitted.Add(1)
			}
		})
	}
	for p.Stats().UserRecordsReceived < 40 {
		runtime.Gosched()
	}
	_ = p.Close(ctx)
	callers.Wait()
	s := p.Stats()
	if n := admitted.Load(); told.Load() != n || replied.Load() != asked.Load() ||
		s.UserRecordsReceived != n || s.UserRecordsPut+s.UserRecordsFailed != n || s.OutstandingRecords != 0 || s.OutstandingBytes != 0 {
		t.Fatalf("admitted %d, told %d, replied %d of %d, %+v", n, told.Load(), replied.Load(), asked.Load(), s)
	}
}

// The same without a bubble: no goroutine is left when Close has returned.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 8))
	before := runtime.NumGoroutine()
	for i := range 20 {
		p := newProducer(t, srv.Client())
		puts(t, p, 100)
		if i%2 == 0 {
			must(t, p.Close(t.Context()))
		} else {
			_ = p.Close(ended())
		}
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched() // the last ones have done their work and are on their way out
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}
