package kinecast_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

type (
	putRecord = kinecast.PutRecord[string]
	delivered = kinecast.Delivered[string]
)

// inbox is an actor that keeps what a producer sends it.
type inbox struct {
	system *actor.ActorSystem
	pid    *actor.PID

	mu  sync.Mutex
	got []any
}

// newInbox starts one in a producer's own system.
func newInbox(t *testing.T, system *actor.ActorSystem) *inbox {
	t.Helper()
	b := &inbox{system: system}
	b.pid = system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return b }))
	t.Cleanup(func() { system.Root.Stop(b.pid) })
	return b
}

// Receive implements actor.Actor.
func (b *inbox) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case func(actor.Context):
		m(ctx)
	case *delivered, *kinecast.Ready, *kinecast.Done, *actor.Terminated:
		b.mu.Lock()
		defer b.mu.Unlock()
		b.got = append(b.got, m)
	}
}

// send sends a message on behalf of the inbox.
func (b *inbox) send(to *actor.PID, message any) {
	b.system.Root.RequestWithCustomSender(to, message, b.pid)
}

// do does something in the inbox's Receive.
func (b *inbox) do(what func(actor.Context)) {
	b.system.Root.Send(b.pid, what)
	synctest.Wait()
}

// take returns what has come since the last call, when everything has come.
func (b *inbox) take() []any {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	got := b.got
	b.got = nil
	return got
}

// takeOne is the one message that has come.
func takeOne[M any](t *testing.T, b *inbox) M {
	t.Helper()
	got := b.take()
	if len(got) == 1 {
		if m, ok := got[0].(M); ok {
			return m
		}
	}
	var none M
	t.Fatalf("got %d messages, want one %T: %v", len(got), none, got)
	return none
}

// withSystem makes a producer in an actor system, and an inbox beside it.
func withSystem(t *testing.T, client kinecast.Client, change ...func(*config)) (*producer, *inbox) {
	t.Helper()
	system := newSystem()
	p := newProducer(t, client, append(change, func(c *config) { c.ActorSystem = system })...)
	return p, newInbox(t, system)
}

func TestPutRecordIsAnswered(t *testing.T) {
	for name, send := range map[string]func(*producer, *inbox, string, any){
		"by pointer": func(p *producer, b *inbox, v string, tag any) { b.send(p.PID(), &putRecord{Value: v, Tag: tag}) },
		"by value":   func(p *producer, b *inbox, v string, tag any) { b.send(p.PID(), putRecord{Value: v, Tag: tag}) },
		"Tell":       func(p *producer, b *inbox, v string, tag any) { p.Tell(b.pid, v, tag) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 4))
				p, b := withSystem(t, srv.Client())
				for i := range 50 {
					send(p, b, fmt.Sprint("v", i), i)
				}
				must(t, p.Checkpoint(t.Context()))
				wantStored(t, srv, "s", 50)
				stored, tags := places(t, srv, "s"), map[any]bool{}
				for _, m := range b.take() {
					d := m.(*delivered)
					must(t, d.Err)
					at := place{d.Result.ShardID, d.Result.SequenceNumber, d.Result.Position}
					if d.Value != fmt.Sprint("v", d.Tag) || stored[d.Value][0] != at {
						t.Errorf("%+v: it lies in %+v", d, stored[d.Value])
					}
					tags[d.Tag] = true
				}
				if len(tags) != 50 {
					t.Errorf("%d of 50 were answered", len(tags))
				}
				must(t, p.Close(t.Context()))
			})
		})
	}
}

// A refusal is answered at once, once, and is nobody else's affair.
func TestPutRecordIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p, b := withSystem(t, srv.Client(), func(c *config) {
			c.OnResult = func(d kinecast.Delivery[string]) { t.Errorf("OnResult had %+v", d) }
			c.Partitioner = kinecast.ByKey(func(v string) string {
				switch v {
				case "panics":
					panic("a bug of the caller's")
				case "no key":
					return ""
				}
				return "key"
			})
			c.TargetStream = func(v string) (string, error) {
				if v == "skipped" {
					return "", kinecast.ErrSkip
				}
				return "", nil
			}
		})
		for v, want := range map[string]error{
			"no key": kinecast.ErrInvalidRecord, "panics": kinecast.ErrPanic, "skipped": kinecast.ErrSkip,
			strings.Repeat("long", 1<<18): kinecast.ErrTooLarge,
		} {
			p.Tell(b.pid, v, "tag")
			d := takeOne[*delivered](t, b)
			wantIs(t, d.Err, want)
			if d.Value != v || d.Tag != "tag" {
				t.Errorf("%+v", d)
			}
		}
		must(t, p.Err())
		must(t, p.Close(t.Context()))
		p.Tell(b.pid, "late", 7)
		wantIs(t, takeOne[*delivered](t, b).Err, kinecast.ErrClosed)
	})
}

// A failure that somebody was told of does not stick; one that nobody was told of does.
func TestPutRecordFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		p, b := withSystem(t, srv.Client(), byPrefix)
		p.Tell(b.pid, "bad/v0", 1)
		must(t, p.Checkpoint(t.Context()))
		d := takeOne[*delivered](t, b)
		if err := wantDelivery(t, d.Err); err.Code != "AccessDeniedException" || d.Result.Attempts.Len() != 1 {
			t.Errorf("%+v", d)
		}
		p.Tell(nil, "bad/v1", nil)
		_ = wantDelivery(t, p.Checkpoint(t.Context()))
		p.Tell(b.pid, "bad/v2", 2)
		wantIs(t, takeOne[*delivered](t, b).Err, kinecast.ErrFailed)
	})
}

func TestPutRecordWithoutASender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		failed := map[string]error{}
		p, _ := withSystem(t, client, func(c *config) {
			c.QueueLimit = 2
			c.OnFailure = func(d kinecast.Delivery[string]) { failed[d.Value] = d.Err }
		})
		for _, v := range []string{"v0", "v1", "v2", ""} {
			p.Tell(nil, v, nil)
		}
		synctest.Wait()
		if len(failed) != 2 || p.Stats().UserRecordsRefused != 2 {
			t.Errorf("refused: %v; %+v", failed, p.Stats())
		}
		wantIs(t, failed["v2"], kinecast.ErrQueueFull)
		wantIs(t, failed[""], kinecast.ErrInvalidRecord)
		open()
		must(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 2)
		p.Tell(nil, "late", nil)
		synctest.Wait()
		if len(failed) != 2 || p.Stats().UserRecordsRefused != 3 {
			t.Errorf("after Close: %v; %+v", failed, p.Stats())
		}
	})
}

// OnFailure may panic about a record that never had a stream, too.
func TestPanicAboutARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, book := kinesistest.New(t, kinesistest.Stream("s", 1)), newLogbook()
		p, _ := withSystem(t, srv.Client(), func(c *config) {
			c.Logger = book.logger()
			c.OnFailure = func(kinecast.Delivery[string]) { panic("a bug of the caller's") }
		})
		p.Tell(nil, "", nil)
		synctest.Wait()
		if len(book.with("callback panicked")) != 1 {
			t.Errorf("log: %q", book.with(""))
		}
	})
}

// What is no message for the producer is logged by its type and dropped.
func TestStrangeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, book := kinesistest.New(t, kinesistest.Stream("s", 1)), newLogbook()
		p, b := withSystem(t, srv.Client(), func(c *config) { c.Logger = book.logger() })
		for want, m := range map[string]any{
			"message=string": "secret", "message=kinecast.PutRecord[[]uint8]": kinecast.PutRecord[[]byte]{Value: []byte("secret")},
			"message=*kinecast.Ready": &kinecast.Ready{}, "message=<nil>": nil,
		} {
			b.send(p.PID(), m)
			if len(book.with(want)) != 1 {
				t.Errorf("no line with %s: %q", want, book.with(""))
			}
		}
		if len(book.with("secret")) > 0 || len(b.take()) > 0 {
			t.Errorf("log: %q", book.with("secret"))
		}
		puts(t, p, 1)
		must(t, p.Close(t.Context()))
	})
}
