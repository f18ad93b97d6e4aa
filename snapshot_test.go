package kinecast_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/internal/snapshot"
	"github.com/kinecast/kinecast/kinesistest"
)

// saved are the records of a snapshot by their data, which must be whole and name none twice.
func saved(t testing.TB, b []byte) map[string]snapshot.Record {
	t.Helper()
	all := map[string]snapshot.Record{}
	for _, d := range snapshot.Read(bytes.NewReader(b), func(r snapshot.Record) {
		if _, twice := all[string(r.Data)]; twice {
			t.Errorf("%q is in the snapshot twice", r.Data)
		}
		all[string(r.Data)] = r
	}) {
		t.Errorf("damaged at %d: %s", d.Offset, d.Reason)
	}
	return all
}

func snapshotOf(t testing.TB, p *producer) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, p.Snapshot(t.Context(), &b))
	return b.Bytes()
}

// byGroup places v17 by the key "k7": ten keys, each with an order.
func byGroup(c *config) {
	c.Partitioner = kinecast.ByKey(func(v string) string { return "k" + v[len(v)-1:] })
}

// What hangs in requests, what waits behind them, and what waits for the first map is all saved; the former is marked.
func TestSnapshotOfWhatHangs(t *testing.T) {
	for name, change := range map[string]func(*config){"plain": plain, "aggregated": func(*config) {}} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 4))
			client, _ := gate(srv)
			p := newProducer(t, client, byGroup, change)
			must(t, p.Open(t.Context()))
			puts(t, p, 100)
			time.Sleep(time.Second)
			for i := range 50 {
				must(t, p.Put(t.Context(), fmt.Sprint("v", 100+i)))
			}
			all := saved(t, snapshotOf(t, p))
			for i := range 150 {
				r, ok := all[fmt.Sprint("v", i)]
				if !ok || r.Stream != "s" || string(r.Key) != fmt.Sprint("k", i%10) || r.Explicit || r.MaybeWritten != (i < 100) {
					t.Errorf("v%d is saved as %v, %v", i, r, ok)
				}
			}
			if len(all) != 150 || p.Stats().OutstandingRecords != 150 {
				t.Errorf("%d records are saved, %d outstanding, want 150", len(all), p.Stats().OutstandingRecords)
			}
		})
	}
}

func TestSnapshotBeforeTheFirstMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		srv.Inject(kinesistest.Rule{On: kinesistest.ListShards, Do: kinesistest.CallError(500, "InternalFailure", "away")})
		p := newProducer(t, srv.Client())
		puts(t, p, 100)
		if all := saved(t, snapshotOf(t, p)); len(all) != 100 || all["v7"].MaybeWritten {
			t.Errorf("%d records are saved, v7 as %v", len(all), all["v7"])
		}
	})
}

// A shard that throttles for ever keeps nobody from a snapshot, and what has been stored meanwhile is not in it. What was
// throttled is known not to be written.
func TestSnapshotUnderAThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		remove := srv.Inject(kinesistest.Rule{
			On: kinesistest.PutRecords, Shard: "shardId-000000000000", Do: kinesistest.RecordError(throttled, "slow down"),
		})
		p := newProducer(t, srv.Client(), plain)
		puts(t, p, 100)
		time.Sleep(10 * time.Second)
		before := places(t, srv, "s")
		all := saved(t, snapshotOf(t, p))
		for i := range 100 {
			v := fmt.Sprint("v", i)
			if r, ok := all[v]; ok == (len(before[v]) > 0) || r.MaybeWritten {
				t.Errorf("%s is stored %d times and saved %v: %v", v, len(before[v]), ok, r)
			}
		}
		if len(before) == 0 || len(all) == 0 {
			t.Fatalf("%d are stored and %d saved: the test shows nothing", len(before), len(all))
		}
		remove()
		must(t, p.Checkpoint(t.Context())) // it went on
		wantStored(t, srv, "s", 100)
		if all := saved(t, snapshotOf(t, p)); len(all) != 0 {
			t.Errorf("%d records are saved when none is outstanding", len(all))
		}
	})
}

// A record that failed is saved until its callback has returned; one that was stored is not.
func TestSnapshotWhileCallbacksAreSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Key: "v2", Do: kinesistest.RecordError("AccessDeniedException", "no")})
		release := make(chan struct{})
		p := newProducer(t, srv.Client(), plain, func(c *config) {
			c.ErrorMode = kinecast.LogAndContinue
			c.OnResult = func(kinecast.Delivery[string]) { <-release }
		})
		puts(t, p, 4)
		time.Sleep(time.Second)
		if n := len(places(t, srv, "s")); n != 3 {
			t.Fatalf("%d records are stored, want 3", n)
		}
		if all := saved(t, snapshotOf(t, p)); len(all) != 1 || all["v2"].Stream != "s" {
			t.Errorf("saved %v, want v2 alone", all)
		}
		close(release)
		must(t, p.Flush(t.Context()))
		if all := saved(t, snapshotOf(t, p)); len(all) != 0 {
			t.Errorf("saved %v after its failure was told", all)
		}
	})
}

// brake is a writer that a test can stop in the middle of a snapshot.
type brake struct {
	bytes.Buffer
	calls int
	at    int
	do    func() error
}

func (b *brake) Write(p []byte) (int, error) {
	b.calls++
	if b.calls == b.at {
		if err := b.do(); err != nil {
			return 0, err
		}
	}
	return b.Buffer.Write(p)
}

// large makes records of which each fills a block of a snapshot.
func large(c *config) {
	c.Serializer = kinecast.SerializerFunc[string](func(dst []byte, v string) ([]byte, error) {
		return append(append(dst, v...), strings.Repeat(".", 60<<10)...), nil
	})
}

// When the writer fails or panics, or ctx ends halfway, the call says so, what was written is no snapshot, and the producer
// goes on as before.
func TestSnapshotThatIsGivenUp(t *testing.T) {
	broken := errors.New("disk full")
	for name, c := range map[string]struct {
		do   func(cancel context.CancelFunc) error
		want error
	}{
		"the writer fails":  {func(context.CancelFunc) error { return broken }, broken},
		"the writer panics": {func(context.CancelFunc) error { panic("bug") }, kinecast.ErrPanic},
		"ctx ends":          {func(cancel context.CancelFunc) error { cancel(); return nil }, context.Canceled},
	} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			client, open := gate(srv)
			p := newProducer(t, client, large)
			puts(t, p, 20)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := &brake{at: 5, do: func() error { return c.do(cancel) }}
			wantIs(t, p.Snapshot(ctx, w), c.want)
			if len(snapshot.Read(&w.Buffer, func(snapshot.Record) {})) == 0 {
				t.Error("what was written is taken for a snapshot")
			}
			if n := len(saved(t, snapshotOf(t, p))); n != 20 {
				t.Errorf("the next one has %d records, want 20", n)
			}
			open()
			must(t, p.Close(t.Context()))
			if n := p.Stats().UserRecordsPut; n != 20 {
				t.Errorf("%d records are stored, want 20", n)
			}
		})
	}
}

// A slow writer holds nothing up: all is delivered while it writes, and what has ended by then is left out.
func TestSnapshotToASlowWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		client, open := gate(srv)
		p := newProducer(t, client, large)
		puts(t, p, 100)
		w := &brake{at: 5, do: func() error {
			open()
			must(t, p.Checkpoint(t.Context()))
			for i := range 100 {
				must(t, p.Put(t.Context(), fmt.Sprint("later", i)))
			}
			return p.Checkpoint(t.Context())
		}}
		must(t, p.Snapshot(t.Context(), w))
		if n := len(saved(t, w.Bytes())); n > 6 {
			t.Errorf("%d records are saved; all but those of the first blocks had ended", n)
		}
		if s := p.Stats(); s.UserRecordsPut != 200 || s.OutstandingBytes != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A snapshot in the middle of which all that it has listed is taken apart, because the map has come, still has each record,
// once.
func TestSnapshotOverANewMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 16))
		client, _ := gate(srv)
		mapped := make(chan struct{})
		client.onList = func(ctx context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
			select {
			case <-mapped:
				return client.Client.ListShards(ctx, in)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		p := newProducer(t, client)
		const records = 20_000
		puts(t, p, records)
		w := &brake{at: 3, do: func() error {
			close(mapped)
			return p.Open(t.Context())
		}}
		must(t, p.Snapshot(t.Context(), w))
		if n := len(saved(t, w.Bytes())); n != records {
			t.Errorf("%d records are saved, want %d", n, records)
		}
		if n := len(saved(t, snapshotOf(t, p))); n != records {
			t.Errorf("%d records are saved afterwards, want %d", n, records)
		}
	})
}

func TestSnapshotsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		client, _ := gate(srv)
		p := newProducer(t, client, byGroup)
		puts(t, p, 1000)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				var b bytes.Buffer
				if err := p.Snapshot(t.Context(), &b); err != nil {
					t.Error(err)
				}
				if n := len(saved(t, b.Bytes())); n < 1000 {
					t.Errorf("%d records are saved, want 1000", n)
				}
			})
			all.Go(func() { _ = p.Put(t.Context(), fmt.Sprint("more", rand.Int())) })
		}
		all.Wait()
	})
}

// There is nothing to save after Close, and an empty snapshot would replace a full one; nor may one that Close overtakes
// lack what Close gave up.
func TestSnapshotAndClose(t *testing.T) {
	bubble(t, "after", func(t *testing.T) {
		p := newProducer(t, kinesistest.New(t, kinesistest.Stream("s", 1)).Client())
		must(t, p.Close(t.Context()))
		wantIs(t, p.Snapshot(t.Context(), io.Discard), kinecast.ErrClosed)
	})
	bubble(t, "while it drains", func(t *testing.T) {
		client, open := gate(kinesistest.New(t, kinesistest.Stream("s", 1)))
		p := newProducer(t, client)
		puts(t, p, 10)
		go func() { _ = p.Close(context.Background()) }()
		synctest.Wait()
		if n := len(saved(t, snapshotOf(t, p))); n != 10 {
			t.Errorf("%d records are saved, want 10", n)
		}
		open()
		must(t, p.Close(t.Context()))
	})
	bubble(t, "overtaken", func(t *testing.T) {
		client, _ := gate(kinesistest.New(t, kinesistest.Stream("s", 1)))
		p := newProducer(t, client, large)
		puts(t, p, 10)
		w := &brake{at: 3, do: func() error { _ = p.Close(ended()); return nil }}
		wantIs(t, p.Snapshot(t.Context(), w), kinecast.ErrClosed)
		if len(snapshot.Read(&w.Buffer, func(snapshot.Record) {})) == 0 {
			t.Error("what was written is taken for a snapshot")
		}
	})
	p := newProducer(t, kinesistest.New(t, kinesistest.Stream("s", 1)).Client())
	if err := p.Snapshot(t.Context(), nil); err == nil {
		t.Error("a nil writer is taken")
	}
}

// The actor above the producer takes snapshots in its Receive, and so does a callback.
func TestSnapshotFromWithin(t *testing.T) {
	bubble(t, "parent", func(t *testing.T) {
		client, _ := gate(kinesistest.New(t, kinesistest.Stream("s", 1)))
		f := newFamily(t, client, actor.ResumeDirective)
		f.ask(func(actor.Context) {
			puts(t, f.producer(), 10)
			if n := len(saved(t, snapshotOf(t, f.producer()))); n != 10 {
				t.Errorf("%d records are saved, want 10", n)
			}
		})
	})
	bubble(t, "callback", func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		var p *producer
		p = newProducer(t, srv.Client(), func(c *config) {
			c.OnResult = func(kinecast.Delivery[string]) { snapshotOf(t, p) }
		})
		puts(t, p, 10)
		must(t, p.Checkpoint(t.Context()))
	})
}

// At a random moment of a random run, whatever was admitted is in the stream or in the snapshot, in the order of its key;
// and a later producer delivers the rest.
func TestSnapshotAtAnyMoment(t *testing.T) {
	for seed := range uint64(20) {
		bubble(t, fmt.Sprint("seed ", seed), func(t *testing.T) { snapshotAtAnyMoment(t, rand.New(rand.NewPCG(seed, 5))) })
	}
}

func snapshotAtAnyMoment(t *testing.T, dice *rand.Rand) {
	t.Helper()
	srv := kinesistest.New(t, kinesistest.Stream("s", 3))
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 5, Do: kinesistest.RecordError(throttled, "slow down")})
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 7, Do: kinesistest.Store().Then(kinesistest.CallError(500, "InternalFailure", "stored all the same"))})
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Every: 3, Do: kinesistest.Delay(time.Duration(dice.IntN(300)) * time.Millisecond)})
	change := func(c *config) {
		c.AggregationDisabled = dice.IntN(3) == 0
		c.AggregationMaxSize = 64 + dice.IntN(2000)
		c.RecordMaxBufferedTime = time.Duration(1+dice.IntN(200)) * time.Millisecond
	}
	p := newProducer(t, srv.Client(), byGroup, change)
	var mu sync.Mutex
	var admitted []string
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 3 {
		pause := time.Duration(dice.IntN(10)) * time.Millisecond
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				v := fmt.Sprintf("w%d-%d:%d", w, i, 3*(i%3)+w) // the key is the last digit: each writer has keys of its own
				if p.Put(t.Context(), v) != nil {
					return
				}
				mu.Lock()
				admitted = append(admitted, v)
				mu.Unlock()
				time.Sleep(pause + time.Millisecond)
			}
		})
	}
	var snap []byte
	var before []string
	counts := []int{6, 4, 2, 3, 5, 4}
	for round := range 6 {
		time.Sleep(time.Duration(dice.IntN(400)) * time.Millisecond)
		if len(counts) > 0 && dice.IntN(2) == 0 {
			srv.UpdateShardCount("s", counts[0])
			counts = counts[1:]
		}
		mu.Lock()
		before = slices.Clone(admitted)
		mu.Unlock()
		snap = snapshotOf(t, p)
		all, there := saved(t, snap), places(t, srv, "s")
		for _, v := range before {
			if _, ok := all[v]; !ok && len(there[v]) == 0 {
				t.Fatalf("round %d: %s is neither in the stream nor in the snapshot", round, v)
			}
		}
		wantKeysInOrder(t, snap)
	}
	close(stop)
	writers.Wait()
	_ = p.Close(ended()) // what is left now is lost, but for the snapshot

	heir := newProducer(t, srv.Client(), byGroup, change, restore(snap))
	must(t, heir.Checkpoint(t.Context()))
	there := places(t, srv, "s")
	for _, v := range before {
		if len(there[v]) == 0 {
			t.Errorf("%s was lost", v)
		}
	}
}

func restore(snapshots ...[]byte) func(*config) {
	return func(c *config) {
		for _, b := range snapshots {
			c.Restore = append(c.Restore, bytes.NewReader(b))
		}
	}
}

// wantKeysInOrder checks that the records of each key stand in the order of their puts.
func wantKeysInOrder(t testing.TB, snap []byte) {
	t.Helper()
	last := map[string]int{}
	snapshot.Read(bytes.NewReader(snap), func(r snapshot.Record) {
		var w, i int
		if _, err := fmt.Sscanf(string(r.Data), "w%d-%d:", &w, &i); err != nil {
			t.Fatal(err)
		}
		if before, ok := last[string(r.Key)]; ok && before > i {
			t.Errorf("key %s: %d stands behind %d", r.Key, i, before)
		}
		last[string(r.Key)] = i
	})
}
