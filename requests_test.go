package kinecast_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

func TestRequestsAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		p, b := withSystem(t, srv.Client(), byPrefix, patient)
		ask := func(m any, tag string) error {
			t.Helper()
			b.send(p.PID(), m)
			d := takeOne[*kinecast.Done](t, b)
			if d.Tag != tag {
				t.Errorf("Done has tag %v, want %s", d.Tag, tag)
			}
			return d.Err
		}
		puts(t, p, 10)
		must(t, ask(&kinecast.FlushRequest{Tag: "a"}, "a"))
		wantStored(t, srv, "s", 10)
		must(t, ask(kinecast.CheckpointRequest{Tag: "b"}, "b"))
		must(t, p.Put(t.Context(), "bad/v"))
		must(t, ask(kinecast.FlushRequest{Tag: "c"}, "c"))
		failure := ask(&kinecast.CheckpointRequest{Tag: "d"}, "d")
		if !errors.Is(failure, p.Err()) || p.Err() == nil {
			t.Errorf("Checkpoint: %v", failure)
		}
		p.ClearErr(p.Err())
		must(t, p.Put(t.Context(), "v10"))
		must(t, ask(&kinecast.CloseRequest{Tag: "e"}, "e"))
		wantStored(t, srv, "s", 11)
		must(t, ask(kinecast.CloseRequest{Tag: "f"}, "f")) // the same answer again
		wantIs(t, ask(kinecast.FlushRequest{Tag: "g"}, "g"), kinecast.ErrClosed)
	})
}

// A request needs no sender, and one that waits is answered before the producer is gone.
func TestRequestsAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, _ := gate(srv)
		p, b := withSystem(t, client)
		puts(t, p, 5)
		b.send(p.PID(), kinecast.FlushRequest{Tag: "flush"})
		b.send(p.PID(), kinecast.CloseRequest{Tag: "close"})
		if got := b.take(); len(got) > 0 {
			t.Fatalf("answered too early: %v", got)
		}
		b.system.Root.Stop(p.PID())
		got := b.take()
		if len(got) != 2 {
			t.Fatalf("got %v", got)
		}
		flushed, closed := got[0].(*kinecast.Done), got[1].(*kinecast.Done)
		if flushed.Tag != "flush" || closed.Tag != "close" {
			t.Errorf("got %v and %v", flushed, closed)
		}
		must(t, flushed.Err)
		wantUndelivered(t, closed.Err, 5, 5)
		b.system.Root.Send(p.PID(), kinecast.CloseRequest{})
		synctest.Wait()
	})
}

func TestWatch(t *testing.T) {
	for name, end := range map[string]func(*producer, *actor.ActorSystem){
		"Close":  func(p *producer, _ *actor.ActorSystem) { _ = p.Close(context.Background()) },
		"Stop":   func(p *producer, s *actor.ActorSystem) { s.Root.Stop(p.PID()) },
		"Poison": func(p *producer, s *actor.ActorSystem) { s.Root.Poison(p.PID()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 1))
				p, b := withSystem(t, srv.Client(), patient)
				watch := func(ctx actor.Context) { ctx.Watch(p.PID()) }
				b.do(watch)
				other := newInbox(t, b.system)
				other.do(watch)
				other.do(func(ctx actor.Context) { ctx.Unwatch(p.PID()) })
				puts(t, p, 10)
				if got := b.take(); len(got) > 0 {
					t.Fatalf("before the end: %v", got)
				}
				end(p, b.system)
				gone := takeOne[*actor.Terminated](t, b)
				if !gone.Who.Equal(p.PID()) || gone.Why != actor.TerminatedReason_Stopped {
					t.Errorf("%v", gone)
				}
				if s := p.Stats(); s.OutstandingRecords != 0 || s.UserRecordsPut+s.UserRecordsFailed != 10 {
					t.Errorf("Terminated came before the end: %+v", s)
				}
				b.do(watch) // what has ended
				takeOne[*actor.Terminated](t, b)
				if got := other.take(); len(got) > 0 {
					t.Errorf("who does not watch any more had %v", got)
				}
				if name != "Stop" {
					wantStored(t, srv, "s", 10)
				}
			})
		})
	}
}
