package kinecast_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
)

// source is an actor that puts what it is sent, in order, as the documentation of Delivered tells it to.
type source struct {
	p       *producer
	refused bool
	back    []string // what came back, in order
	kept    []string // what came meanwhile

	ends, refusals, readies int
}

// Receive implements actor.Actor.
func (s *source) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case string:
		if s.refused {
			s.kept = append(s.kept, m)
			return
		}
		s.p.Tell(ctx.Self(), m, nil)
	case *delivered:
		if !errors.Is(m.Err, kinecast.ErrQueueFull) {
			s.ends++
			return
		}
		s.refusals++
		s.refused = true
		s.back = append(s.back, m.Value)
	case *kinecast.Ready:
		s.readies++
		again := append(s.back, s.kept...)
		s.refused, s.back, s.kept = false, nil, nil
		for _, v := range again {
			s.p.Tell(ctx.Self(), v, nil)
		}
	}
}

// Whatever lies in the mailbox of a sender when it is refused, its records are stored in the order in which it got them.
func TestBackpressureKeepsOrder(t *testing.T) {
	for _, limit := range []int{1, 2, 7, 50} {
		t.Run(fmt.Sprint("QueueLimit ", limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const senders, records = 5, 200
				srv := kinesistest.New(t, kinesistest.Stream("s", 1))
				system := newSystem()
				// One shard, one request at a time and nothing that fails: order of admission is order in the stream.
				p := newProducer(t, srv.Client(), func(c *config) {
					c.ActorSystem, c.QueueLimit = system, limit
					c.MaxConnections, c.CollectionMaxCount, c.AggregationMaxCount = 1, 3, 4
				})
				var sources []*source
				for from := range senders {
					s := &source{p: p}
					sources = append(sources, s)
					pid := system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return s }))
					defer system.Root.Stop(pid)
					for i := range records {
						system.Root.Send(pid, fmt.Sprintf("%d %03d", from, i))
					}
				}
				time.Sleep(time.Hour) // of the bubble's time: all have long been done
				synctest.Wait()
				refusals := 0
				for _, s := range sources {
					refusals += s.refusals
					if s.ends != records || s.refusals > 0 != (s.readies > 0) || s.refused {
						t.Errorf("%d ends, %d refusals, %d times ready", s.ends, s.refusals, s.readies)
					}
				}
				if refusals == 0 {
					t.Error("nobody was refused")
				}
				must(t, p.Close(t.Context()))
				wantInOrder(t, srv, senders, records)
			})
		})
	}
}

// wantInOrder checks that the stream's one shard holds each sender's records once and in order.
func wantInOrder(t *testing.T, srv *kinesistest.Server, senders, records int) {
	t.Helper()
	bySender := map[string][]string{}
	for _, r := range srv.Records("s")["shardId-000000000000"] {
		for u, err := range aggregate.Deaggregate(r.PartitionKey, r.Data, nil) {
			must(t, err)
			from, _, _ := strings.Cut(string(u.Data), " ")
			bySender[from] = append(bySender[from], string(u.Data))
		}
	}
	for from, got := range bySender {
		if len(got) != records || !slices.IsSorted(got) {
			t.Errorf("of sender %s the stream holds %d records: %q", from, len(got), got)
		}
	}
	if len(bySender) != senders {
		t.Errorf("records of %d senders", len(bySender))
	}
}

// crowd are actors that run where they are sent to, so that the order in which they are told is the order of a log.
type crowd struct {
	p   *producer
	log []string
}

func (c *crowd) join(t *testing.T, system *actor.ActorSystem, name string) *actor.PID {
	t.Helper()
	props := actor.PropsFromFunc(func(ctx actor.Context) {
		switch m := ctx.Message().(type) {
		case *delivered:
			if m.Err != nil {
				c.log = append(c.log, fmt.Sprint(name, " refused ", m.Value))
			}
		case *kinecast.Ready:
			c.log = append(c.log, fmt.Sprint(name, " ready at ", c.p.Stats().OutstandingRecords))
		}
	}, actor.WithDispatcher(actor.NewSynchronizedDispatcher(100)))
	pid := system.Root.Spawn(props)
	t.Cleanup(func() { system.Root.Stop(pid) })
	return pid
}

// Ready comes at three quarters, in the order of the first refusals, and not to those who have gone.
func TestReadyComesInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		system, book := newSystem(), newLogbook()
		p := newProducer(t, client, plain, func(c *config) {
			c.ActorSystem, c.Logger = system, book.logger()
			c.QueueLimit, c.MaxConnections, c.CollectionMaxCount = 8, 1, 1
		})
		puts(t, p, 8)
		c := &crowd{p: p}
		ann, bob, cid, dan := c.join(t, system, "ann"), c.join(t, system, "bob"), c.join(t, system, "cid"), c.join(t, system, "dan")
		for i, pid := range []*actor.PID{bob, dan, ann, bob, cid, ann} {
			p.Tell(pid, fmt.Sprint("r", i), nil)
		}
		system.Root.Stop(dan)
		synctest.Wait()
		open()
		synctest.Wait()
		want := []string{
			"bob refused r0", "dan refused r1", "ann refused r2", "bob refused r3", "cid refused r4", "ann refused r5",
			"bob ready at 6", "ann ready at 6", "cid ready at 6",
		}
		if !slices.Equal(c.log, want) {
			t.Errorf("got  %q\nwant %q", c.log, want)
		}
		for _, pid := range []*actor.PID{ann, bob, cid} {
			p.Tell(pid, "free again", nil)
		}
		must(t, p.Close(t.Context()))
		if len(c.log) != len(want) || len(book.with("")) > 0 {
			t.Errorf("log: %q; %q", c.log[len(want):], book.with(""))
		}
	})
}

// A refused sender ends the linger of what holds the room, as a Put that waits does.
func TestRefusalEndsTheLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p, b := withSystem(t, srv.Client(), patient, func(c *config) { c.QueueLimit = 4 })
		must(t, p.Open(t.Context()))
		puts(t, p, 4)
		p.Tell(b.pid, "v4", nil)
		got := b.take()
		if len(got) != 2 {
			t.Fatalf("got %v, want the refusal and Ready", got)
		}
		wantIs(t, got[0].(*delivered).Err, kinecast.ErrQueueFull)
		if _, ready := got[1].(*kinecast.Ready); !ready {
			t.Errorf("got %v", got[1])
		}
		p.Tell(b.pid, "v4", nil)
		must(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 5)
	})
}

// Who waits for room when the producer closes is told to go on, and learns the rest with the next record.
func TestRefusedWhenTheProducerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, _ := gate(srv)
		p, b := withSystem(t, client, func(c *config) { c.QueueLimit = 4 })
		puts(t, p, 4)
		p.Tell(b.pid, "v4", nil)
		wantIs(t, takeOne[*delivered](t, b).Err, kinecast.ErrQueueFull)
		wantIs(t, p.Close(ended()), kinecast.ErrShutdown)
		takeOne[*kinecast.Ready](t, b)
		p.Tell(b.pid, "v4", nil)
		wantIs(t, takeOne[*delivered](t, b).Err, kinecast.ErrClosed)
	})
}

// A record that needs more than the quarter that is free is told to come when it fits, not to come again and again.
func TestLargeRecordComesWhenItFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		p, b := withSystem(t, client, plain, func(c *config) {
			c.QueueBytes, c.MaxConnections = 256<<10, 1
			c.DefaultPartition, c.Partitioner = "one", nil
		})
		must(t, p.Put(t.Context(), strings.Repeat("a", 60<<10)))
		must(t, p.Put(t.Context(), strings.Repeat("b", 60<<10)))
		large := strings.Repeat("c", 200<<10)
		p.Tell(b.pid, large, nil)
		wantIs(t, takeOne[*delivered](t, b).Err, kinecast.ErrQueueFull)
		open()
		takeOne[*kinecast.Ready](t, b)
		p.Tell(b.pid, large, nil)
		must(t, p.Flush(t.Context()))
		must(t, takeOne[*delivered](t, b).Err)
	})
}

// Records do not get into the log of the user's actor system, neither when the producer nor when their sender has gone.
func TestDeadLettersShowNoRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(2 * time.Second) }) // the system's own timer counts dead letters for a second
		book := newLogbook()
		system := loggingSystem(book.logger())
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		p := newProducer(t, client, func(c *config) { c.ActorSystem, c.QueueLimit, c.Logger = system, 1, book.logger() })
		b := newInbox(t, system)
		for _, v := range []string{"secret admitted", "secret refused"} {
			p.Tell(b.pid, v, "secret tag")
		}
		must(t, system.Root.StopFuture(b.pid).Wait())
		open()
		must(t, p.Close(t.Context()))
		forgotten := actor.NewPID(p.PID().Address, p.PID().Id) // one that has not been used yet
		system.Root.Send(forgotten, putRecord{Value: "secret by value"})
		system.Root.Send(forgotten, &putRecord{Value: "secret by pointer"})
		synctest.Wait()
		if lines := append(book.with("secret"), book.with("does not understand")...); len(lines) > 0 {
			t.Errorf("log: %q", lines)
		}
	})
}
