package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

func TestNewDoesNoIO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client())
		time.Sleep(time.Hour)
		must(t, p.Close(t.Context()))
		if len(srv.Calls()) > 0 {
			t.Errorf("calls: %v", srv.Calls())
		}
	})
}

// Records that come before the first map wait in their order, and the bounds count them.
func TestRecordsWaitForTheFirstMap(t *testing.T) {
	for name, change := range map[string]func(*config){"aggregated": func(*config) {}, "plain": plain} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 4))
				deadListing := srv.Inject(kinesistest.Rule{On: kinesistest.ListShards, Do: kinesistest.Refuse()})
				p := newProducer(t, srv.Client(), change, func(c *config) { c.QueueLimit = 400 })
				puts(t, p, 400)
				time.Sleep(time.Minute)
				s := p.Stats()
				if s.OutstandingRecords != 400 || s.OutstandingBytes == 0 || s.Requests != 0 || !errors.Is(p.TryPut("v"), kinecast.ErrQueueFull) {
					t.Errorf("%+v", s)
				}
				deadListing()
				must(t, p.Checkpoint(t.Context()))
				wantStored(t, srv, "s", 400)
				wantOrder(t, srv)
			})
		})
	}
}

// wantOrder checks that every shard holds its records in the order of their numbers.
func wantOrder(t *testing.T, srv *kinesistest.Server) {
	t.Helper()
	for shard, last := range map[string]int{
		"shardId-000000000000": -1, "shardId-000000000001": -1, "shardId-000000000002": -1, "shardId-000000000003": -1,
	} {
		type numbered struct {
			at place
			n  int
		}
		var all []numbered
		for v, at := range places(t, srv, "s") {
			var n int
			if _, err := fmt.Sscanf(v, "v%d", &n); err != nil {
				t.Fatal(err)
			}
			if at[0].shard == shard {
				all = append(all, numbered{at[0], n})
			}
		}
		slices.SortFunc(all, func(a, b numbered) int {
			if c := strings.Compare(a.at.sequence, b.at.sequence); c != 0 {
				return c
			}
			return a.at.position - b.at.position
		})
		if len(all) == 0 {
			t.Errorf("%s is empty", shard)
		}
		for _, r := range all {
			if r.n < last {
				t.Errorf("%s: v%d stands behind v%d", shard, r.n, last)
			}
			last = r.n
		}
	}
}

// A stream that does not exist, or is going away, ends its records at once.
func TestUnusableStream(t *testing.T) {
	direct := func(srv *kinesistest.Server) kinecast.Client { return srv.Client() }
	for _, c := range []struct {
		name   string
		stream kinesistest.Option
		client func(*kinesistest.Server) kinecast.Client
		code   string
	}{
		{"missing", kinesistest.Stream("another", 1), direct, "ResourceNotFoundException"},
		{"deleting", kinesistest.Stream("s", 1, kinesistest.Status("DELETING")), direct, "ResourceNotFoundException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, c.stream)
				p := newProducer(t, c.client(srv))
				var trouble *kinecast.StreamError
				if err := p.Open(t.Context()); !errors.As(err, &trouble) || trouble.Class.Retryable() || trouble.Code != c.code ||
					trouble.Stream != "s" {
					t.Errorf("Open: %v", err)
				}
				_, err := p.PutSync(t.Context(), "v0")
				if failed := wantDelivery(t, err); failed.Class.Retryable() || failed.Code != c.code || failed.Attempts != 0 || failed.MaybeWritten {
					t.Errorf("%+v", failed)
				}
				must(t, p.Put(t.Context(), "v1"))
				must(t, p.Flush(t.Context()))
				wantIs(t, p.Put(t.Context(), "v2"), kinecast.ErrFailed)
				if n := len(calls(srv, kinesistest.PutRecords)); n > 0 {
					t.Errorf("%d requests were sent", n)
				}
			})
		})
	}
}

// A stream that is being created is waited for, and so is one that was missing once it is there.
func TestStreamIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Transition(30*time.Second))
		api := srv.Client()
		create := &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(3)}
		if _, err := api.CreateStream(t.Context(), create); err != nil {
			t.Fatal(err)
		}
		p := newProducer(t, api)
		puts(t, p, 50)
		begin := time.Now()
		must(t, p.Open(t.Context()))
		if d := time.Since(begin); d < 30*time.Second || d > 36*time.Second {
			t.Errorf("Open returned after %v", d)
		}
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 50)

		deleted := &kinesis.DeleteStreamInput{StreamName: aws.String("s")}
		if _, err := api.DeleteStream(t.Context(), deleted); err != nil {
			t.Fatal(err)
		}
		_, err := p.PutSync(t.Context(), "gone")
		if failed := wantDelivery(t, err); failed.Code != "ResourceNotFoundException" || failed.Attempts != 1 {
			t.Errorf("%+v", failed)
		}
	})
}

func TestOpenGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1, kinesistest.Status("CREATING")))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := newProducer(t, srv.Client()).Open(ctx)
		wantIs(t, err, context.DeadlineExceeded)
		var trouble *kinecast.StreamError
		if !errors.As(err, &trouble) || !strings.Contains(err.Error(), "ACTIVE") {
			t.Errorf("Open: %v", err)
		}
	})
}

// An endpoint that is dead and comes back: Open says it is dead, records wait, and go within seconds of its return.
func TestEndpointComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		var revive []func()
		for _, op := range []kinesistest.Operation{kinesistest.DescribeStreamSummary, kinesistest.ListShards, kinesistest.PutRecords} {
			revive = append(revive, srv.Inject(kinesistest.Rule{On: op, Do: kinesistest.Refuse()}))
		}
		p := newProducer(t, srv.Client())
		var trouble *kinecast.StreamError
		if err := p.Open(t.Context()); !errors.As(err, &trouble) || trouble.Class != kinecast.Transient || trouble.Code != "ConnectionRefused" {
			t.Errorf("Open: %v", err)
		}
		puts(t, p, 100)
		time.Sleep(10 * time.Minute)
		for _, f := range revive {
			f()
		}
		begin := time.Now()
		must(t, p.Checkpoint(t.Context()))
		if d := time.Since(begin); d > 6*time.Second {
			t.Errorf("the revived endpoint was noticed after %v", d)
		}
		must(t, p.Open(t.Context()))
		wantStored(t, srv, "s", 100)
	})
}

// Without the right to list shards records go plain, which is right wherever they land.
func TestListShardsDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		srv.Inject(kinesistest.Rule{On: kinesistest.ListShards, Do: kinesistest.CallError(400, "AccessDeniedException", "no")})
		book := newLogbook()
		p := newProducer(t, srv.Client(), func(c *config) { c.Logger, c.StreamIdleTimeout = book.logger(), kinecast.NeverIdle })
		puts(t, p, 50)
		must(t, p.Checkpoint(t.Context()))
		time.Sleep(time.Hour)
		for i := 50; i < 100; i++ {
			must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
		}
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 100)
		if s := p.Stats(); s.KinesisRecordsPut != 100 {
			t.Errorf("%d Kinesis records for 100 user records", s.KinesisRecordsPut)
		}
		if l := book.with("kinesis:ListShards"); len(l) != 1 || len(book.with("")) != 1 {
			t.Errorf("log: %q", book.with(""))
		}
	})
}

// Without the right to describe the stream, records are held to the least that any stream takes.
func TestDescribeStreamSummaryDenied(t *testing.T) {
	for _, code := range []string{"AccessDeniedException", "LimitExceededException"} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 2, kinesistest.MaxRecordSize(10240)))
				srv.Inject(kinesistest.Rule{On: kinesistest.DescribeStreamSummary, Do: kinesistest.CallError(400, code, "no")})
				book := newLogbook()
				p := newProducer(t, srv.Client(), func(c *config) { c.Logger, c.Partitioner = book.logger(), byStart })
				must(t, p.Open(t.Context()))
				wantIs(t, p.Put(t.Context(), strings.Repeat("x", 1<<20)), kinecast.ErrTooLarge)
				puts(t, p, 50)
				must(t, p.Checkpoint(t.Context()))
				wantStored(t, srv, "s", 50)
				if s := p.Stats(); s.KinesisRecordsPut > 2 {
					t.Errorf("%d Kinesis records: nothing was aggregated", s.KinesisRecordsPut)
				}
				if l := book.with("kinesis:DescribeStreamSummary"); len(l) != 1 || len(book.with("")) != 1 {
					t.Errorf("log: %q", book.with(""))
				}
			})
		})
	}
}
