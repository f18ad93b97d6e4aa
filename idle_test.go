package kinecast_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// released is a time after which a stream that is not used has been released, whenever it was looked at.
const released = kinecast.DefaultStreamIdleTimeout*5/4 + time.Second

// A stream that is not used is released after its time and not before, and comes back with its next record.
func TestIdleStreamIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("a", 2), kinesistest.Stream("b", 2))
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.MaxStreams, c.DefaultStream = 1, "a" })
		must(t, p.Put(t.Context(), "a/1"))
		must(t, p.Checkpoint(t.Context()))
		time.Sleep(kinecast.DefaultStreamIdleTimeout - time.Minute)
		wantIs(t, p.Put(t.Context(), "b/1"), kinecast.ErrInvalidRecord)
		must(t, p.Put(t.Context(), "a/2")) // it is in use again
		time.Sleep(kinecast.DefaultStreamIdleTimeout - time.Minute)
		wantIs(t, p.Put(t.Context(), "b/1"), kinecast.ErrInvalidRecord)
		must(t, p.Open(t.Context())) // and that is a use, too
		time.Sleep(kinecast.DefaultStreamIdleTimeout - time.Minute)
		wantIs(t, p.Put(t.Context(), "b/1"), kinecast.ErrInvalidRecord)
		time.Sleep(released)
		must(t, p.Put(t.Context(), "b/1"))
		wantIs(t, p.Put(t.Context(), "a/3"), kinecast.ErrInvalidRecord)
		time.Sleep(released)
		must(t, p.Open(t.Context()))
		must(t, p.Put(t.Context(), "a/3"))
		must(t, p.Checkpoint(t.Context()))
		if len(places(t, srv, "a")) != 3 || len(places(t, srv, "b")) != 1 {
			t.Errorf("%v %v", places(t, srv, "a"), places(t, srv, "b"))
		}
		if s := p.Stats(); s.UserRecordsReceived != 4 || s.UserRecordsPut != 4 {
			t.Errorf("%+v", s)
		}
	})
}

func TestNeverIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.Stream("b", 1))
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.MaxStreams, c.StreamIdleTimeout = 1, kinecast.NeverIdle })
		must(t, p.Put(t.Context(), "a/1"))
		time.Sleep(1000 * time.Hour)
		wantIs(t, p.Put(t.Context(), "b/1"), kinecast.ErrInvalidRecord)
	})
}

// A stream with a sticky failure, or with something outstanding, is kept for as long as that lasts.
func TestStreamThatIsNotIdle(t *testing.T) {
	bubble(t, "sticky", func(t *testing.T) {
		srv, repair := badStream(t)
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.MaxStreams = 1 })
		must(t, p.Put(t.Context(), "bad/1"))
		must(t, p.Flush(t.Context()))
		failure := p.Err()
		time.Sleep(3 * released)
		if err := p.Err(); failure == nil || err != failure { //nolint:errorlint // the very same
			t.Fatalf("%v, then %v", failure, err)
		}
		wantIs(t, p.Put(t.Context(), "bad/2"), kinecast.ErrFailed)
		wantIs(t, p.Put(t.Context(), "good"), kinecast.ErrInvalidRecord)
		repair()
		if !p.ClearErr(failure) {
			t.Error("the failure could not be cleared")
		}
		time.Sleep(released)
		must(t, p.Put(t.Context(), "good"))
	})
	bubble(t, "outstanding", func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		remove := srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()})
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.MaxStreams = 1 })
		must(t, p.Put(t.Context(), "1"))
		time.Sleep(3 * released)
		wantIs(t, p.Put(t.Context(), "other/1"), kinecast.ErrInvalidRecord)
		remove()
		must(t, p.Checkpoint(t.Context()))
		if n := len(srv.Consume("s")); n != 1 {
			t.Errorf("%d records", n)
		}
		time.Sleep(kinecast.DefaultStreamIdleTimeout / 2) // its time has only begun
		wantIs(t, p.Put(t.Context(), "other/1"), kinecast.ErrInvalidRecord)
	})
	bubble(t, "Put", func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2), kinesistest.Stream("b", 2))
		remove := srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Stream: "s", Do: kinesistest.Refuse()})
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.MaxStreams, c.QueueLimit = 2, 1 })
		must(t, p.Put(t.Context(), "1"))
		waits := make(chan error)
		go func() { waits <- p.Put(t.Context(), "b/1") }() // for the room of the one before
		time.Sleep(3 * released)
		wantIs(t, p.TryPut("third/1"), kinecast.ErrInvalidRecord) // or the one that waits would lose its place among the streams
		remove()
		must(t, <-waits)
		must(t, p.Checkpoint(t.Context()))
		if n := len(srv.Consume("b")); n != 1 {
			t.Errorf("%d records", n)
		}
	})
	bubble(t, "callback", func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		done := make(chan struct{})
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) {
			c.MaxStreams, c.OnResult = 1, func(kinecast.Delivery[string]) { <-done }
		})
		must(t, p.Put(t.Context(), "1"))
		time.Sleep(3 * released)
		wantIs(t, p.Put(t.Context(), "other/1"), kinecast.ErrInvalidRecord)
		close(done)
	})
	bubble(t, "Open", func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2, kinesistest.Status(types.StreamStatusCreating)))
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.MaxStreams = 1 })
		short, cancel := context.WithTimeout(t.Context(), 3*released)
		defer cancel()
		done := make(chan error)
		go func() { done <- p.Open(short) }()
		time.Sleep(2 * released)
		wantIs(t, p.Put(t.Context(), "other/1"), kinecast.ErrInvalidRecord)
		wantIs(t, <-done, context.DeadlineExceeded)
		time.Sleep(released)
		must(t, p.TryPut("other/1"))
	})
}

// Records of 10 MiB go to a stream that takes them also when it has been away.
func TestReleasedStreamKeepsItsRecordSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1, kinesistest.MaxRecordSize(10240)))
		p := newProducer(t, srv.Client(), func(c *config) {
			c.Partitioner = kinecast.ByKey(func(string) string { return "k" })
		})
		must(t, p.Open(t.Context()))
		time.Sleep(released)
		must(t, p.Put(t.Context(), strings.Repeat("x", 5<<20)))
		must(t, p.Checkpoint(t.Context()))
	})
}

// A thousand streams in turn, 64 at a time.
func TestManyStreamsInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const streams = 1000
		all := make([]kinesistest.Option, streams)
		for i := range all {
			all[i] = kinesistest.Stream(fmt.Sprint("s", i), 2)
		}
		srv := kinesistest.New(t, all...)
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.StreamIdleTimeout = time.Minute })
		for i := range streams {
			must(t, p.Put(t.Context(), fmt.Sprintf("s%d/v", i)))
			if i%kinecast.DefaultMaxStreams == kinecast.DefaultMaxStreams-1 {
				time.Sleep(90 * time.Second)
			}
		}
		must(t, p.Checkpoint(t.Context()))
		for i := range streams {
			if n := len(srv.Consume(fmt.Sprint("s", i))); n != 1 {
				t.Errorf("%d records in s%d", n, i)
			}
		}
		if s := p.Stats(); s.UserRecordsReceived != streams || s.OutstandingRecords != 0 || s.OutstandingBytes != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// Puts that find a stream just before it is released, or come while it is, lose nothing and wait for nothing; neither do
// Flush, Snapshot and Open. Each record is stored once, and with an order those of a key as they were put.
func TestPutsRaceRelease(t *testing.T) {
	for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
		bubble(t, fmt.Sprint(order), func(t *testing.T) {
			const callers, rounds = 8, 150
			srv := kinesistest.New(t, kinesistest.Stream("s", 3))
			stored := map[string]int{}
			p := newProducer(t, srv.Client(), func(c *config) {
				c.StreamIdleTimeout, c.Ordering, c.RecordMaxBufferedTime = time.Second, order, kinecast.NoLinger
				c.Partitioner = kinecast.ByKey(func(v string) string {
					time.Sleep(time.Duration(rand.IntN(10)) * 250 * time.Millisecond) // the stream has been found before
					return v[:1]
				})
				c.OnResult = func(d kinecast.Delivery[string]) {
					if stored[d.Value]++; d.Err != nil {
						t.Errorf("%s: %v", d.Value, d.Err)
					}
				}
			})
			var all sync.WaitGroup
			for c := range callers {
				all.Go(func() {
					for i := range rounds {
						v := fmt.Sprintf("%d %d", c, i)
						if err := p.Put(t.Context(), v); err != nil {
							t.Errorf("%s: %v", v, err)
						}
						switch c {
						case 0:
							must(t, p.Flush(t.Context()))
						case 1:
							must(t, p.Snapshot(t.Context(), &bytes.Buffer{}))
						case 2:
							must(t, p.Open(t.Context()))
						}
						time.Sleep(time.Duration(rand.IntN(60)) * 250 * time.Millisecond)
					}
				})
			}
			all.Wait()
			must(t, p.Close(t.Context()))
			for c := range callers {
				for i := range rounds {
					if n := stored[fmt.Sprintf("%d %d", c, i)]; n != 1 {
						t.Errorf("%d %d ended %d times", c, i, n)
					}
				}
			}
			next := map[string]int{}
			if n := len(srv.Consume("s")); n != callers*rounds {
				t.Errorf("%d records are stored", n)
			}
			for _, u := range srv.Consume("s") {
				caller, n := 0, 0
				_, _ = fmt.Sscanf(string(u.Data), "%d %d", &caller, &n)
				if order == kinecast.PerKey && n != next[u.PartitionKey] {
					t.Errorf("%s comes when %d is due", u.Data, next[u.PartitionKey])
				}
				next[u.PartitionKey] = n + 1
			}
			if n := len(calls(srv, kinesistest.ListShards)); n < 10 {
				t.Errorf("the map was loaded %d times: the stream was hardly ever released", n)
			}
			if s := p.Stats(); s.UserRecordsReceived != callers*rounds || s.OutstandingRecords != 0 || s.OutstandingBytes != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Close at the very moment of a release, with a Put under way: either the record is refused or it is stored.
func TestCloseRacesRelease(t *testing.T) {
	for i := range 40 {
		synctest.Test(t, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			p := newProducer(t, srv.Client(), func(c *config) { c.StreamIdleTimeout = time.Second })
			must(t, p.Open(t.Context()))
			time.Sleep(time.Second + time.Duration(i%3)*250*time.Millisecond)
			var put error
			var caller sync.WaitGroup
			caller.Go(func() { put = p.Put(t.Context(), "v") })
			must(t, p.Close(t.Context()))
			caller.Wait()
			if n := len(srv.Consume("s")); put == nil && n != 1 || put != nil && (n != 0 || !errors.Is(put, kinecast.ErrClosed)) {
				t.Errorf("Put: %v, and %d records stored", put, n)
			}
		})
	}
}

// Streams that are missing, denied or throttled do not delay a good one.
func TestTroubledStreamsDelayNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2), kinesistest.Stream("denied", 2), kinesistest.Stream("throttled", 2))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Stream: "denied", Do: kinesistest.CallError(400, "AccessDeniedException", "no")})
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Stream: "throttled", Do: kinesistest.RecordError(throttled, "slow down")})
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) {
			c.ErrorMode, c.QueueLimit, c.MaxConnections = kinecast.LogAndContinue, 1000, 4
		})
		for range 500 {
			for _, v := range []string{"missing/v", "denied/v", "throttled/v"} {
				_ = p.TryPut(v)
			}
			start := time.Now()
			must(t, second(p.PutSync(t.Context(), "good")))
			if took := time.Since(start); took > 200*time.Millisecond {
				t.Errorf("a good record took %v", took)
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
}
