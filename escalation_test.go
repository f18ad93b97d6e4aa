package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// hundredWaiting is a family whose stream "s" has a hundred records under way, and whose stream "bad" fails. It returns
// what ended how, and what lets the hundred go.
func hundredWaiting(t *testing.T, decide actor.Directive, change ...func(*config)) (f *family, srv *kinesistest.Server, ends map[string][]error, open func()) {
	t.Helper()
	srv, _ = badStream(t)
	client, open := gate(srv)
	gated := client.onPut
	client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
		if aws.ToString(in.StreamName) == "bad" {
			return client.Client.PutRecords(ctx, in)
		}
		return gated(ctx, in)
	}
	ends = map[string][]error{}
	f = newFamily(t, client, decide, append(change, byPrefix, plain, func(c *config) {
		c.CollectionMaxCount, c.MaxConnections, c.RequestTimeout = 10, 128, 10*time.Minute
		c.OnResult = func(d kinecast.Delivery[string]) { ends[d.Value] = append(ends[d.Value], d.Err) }
	})...)
	must(t, f.producer().Open(t.Context(), "s", "bad"))
	puts(t, f.producer(), 100)
	time.Sleep(time.Second)
	return f, srv, ends, open
}

func TestEscalationAnsweredWithResumeOrRestart(t *testing.T) {
	for name, c := range map[string]struct {
		directive actor.Directive
		order     kinecast.Ordering
	}{
		"resume": {actor.ResumeDirective, kinecast.Unordered}, "restart": {actor.RestartDirective, kinecast.Unordered},
		"resume, ordered": {actor.ResumeDirective, kinecast.PerKey}, "restart, ordered": {actor.RestartDirective, kinecast.PerKey},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				directive := c.directive
				f, srv, ends, open := hundredWaiting(t, directive, func(cfg *config) { cfg.Ordering = c.order })
				p := f.producer()
				front := f.front(t)
				must(t, p.Put(t.Context(), "bad/secret"))
				time.Sleep(time.Second) // it has failed, the parent has answered
				wantFatal(t, f)
				must(t, p.Err())
				if respawned := f.front(t) != front; respawned != (directive == actor.RestartDirective) {
					t.Errorf("the front was respawned: %v", respawned)
				}
				must(t, p.Put(t.Context(), "v100"))
				open()
				must(t, p.Checkpoint(t.Context()))
				wantStored(t, srv, "s", 101)
				for v, errs := range ends {
					if len(errs) != 1 || (errs[0] != nil) != (v == "bad/secret") {
						t.Errorf("%s ended with %v", v, errs)
					}
				}
				if f.producer() != p {
					t.Error("the parent itself was restarted")
				}
				must(t, p.Put(t.Context(), "bad/again")) // and the next failure is told again
				time.Sleep(time.Second)
				if n := len(f.asked()); n != 2 {
					t.Errorf("the parent was asked %d times", n)
				}
				must(t, p.Close(t.Context()))
			})
		})
	}
}

// wantFatal checks that the parent was asked once, with all facts and no record.
func wantFatal(t *testing.T, f *family) {
	t.Helper()
	reasons := f.asked()
	if len(reasons) != 1 {
		t.Fatalf("the parent was asked %d times: %v", len(reasons), reasons)
	}
	err, _ := reasons[0].(error)
	var fatal *kinecast.FatalError
	if !errors.As(err, &fatal) {
		t.Fatalf("the reason is a %T", reasons[0])
	}
	if fatal.Stream != "bad" || fatal.Class != kinecast.Fatal || wantDelivery(t, err).Code != "AccessDeniedException" {
		t.Errorf("the reason is %+v", fatal)
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", fatal), fmt.Sprintf("%+v", fatal.Err)} {
		if strings.Contains(text, "secret") {
			t.Errorf("the reason quotes the record: %s", text)
		}
	}
}

// All of these end the producer at once: what is outstanding ends with ErrShutdown, and the old producer is closed.
func TestStoppedFromAbove(t *testing.T) {
	for name, end := range map[string]func(*family){
		"stop as the answer":     func(f *family) { _ = f.producer().TryPut("bad/v") },
		"the parent stops":       func(f *family) { f.system.Root.Stop(f.pid) },
		"the parent is poisoned": func(f *family) { f.system.Root.Poison(f.pid) },
		"the parent restarts": func(f *family) {
			f.system.Root.Send(f.pid, func(actor.Context) { panic("a bug of the parent's") })
		},
		"Stop to the PID": func(f *family) { f.system.Root.Stop(f.producer().PID()) },
		"while it drains": func(f *family) {
			f.system.Root.Send(f.producer().PID(), kinecast.CloseRequest{})
			synctest.Wait()
			f.system.Root.Stop(f.pid)
		},
		"Stop behind Poison": func(f *family) {
			f.system.Root.Poison(f.producer().PID())
			synctest.Wait()
			f.system.Root.Stop(f.producer().PID())
		},
	} {
		for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
			bubble(t, fmt.Sprint(name, ", order ", order), func(t *testing.T) {
				f, srv, ends, _ := hundredWaiting(t, actor.StopDirective, func(cfg *config) { cfg.Ordering = order })
				old := f.producer()
				for i := range 60 { // and these linger
					must(t, old.Put(t.Context(), fmt.Sprint("v", 100+i)))
				}
				end(f)
				err := old.Close(context.Background())
				wantIs(t, err, kinecast.ErrShutdown)
				delete(ends, "bad/v")
				for v, errs := range ends {
					if len(errs) != 1 {
						t.Fatalf("%s ended with %v", v, errs)
					}
					wantIs(t, errs[0], kinecast.ErrShutdown)
				}
				for i := range 100 {
					if errs := ends[fmt.Sprint("v", i)]; len(errs) == 0 || !wantDelivery(t, errs[0]).MaybeWritten {
						t.Errorf("v%d was under way, and ended with %v", i, errs)
					}
				}
				if len(ends) != 160 {
					t.Errorf("%d records ended", len(ends))
				}
				wantIs(t, old.TryPut("v"), kinecast.ErrClosed)
				if s := old.Stats(); s.OutstandingRecords != 0 || s.OutstandingBytes != 0 {
					t.Errorf("%+v", s)
				}
				wantStored(t, srv, "s", 0)
			})
		}
	}
}

// What the parent does not know of a producer that has gone, its next incarnation does not inherit.
func TestNextIncarnationOfTheParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, srv, _, open := hundredWaiting(t, actor.StopDirective)
		old := f.producer()
		f.system.Root.Send(f.pid, func(actor.Context) { panic("a bug of the parent's") })
		wantIs(t, old.Close(t.Context()), kinecast.ErrShutdown)
		f.ask(func(actor.Context) {}) // it has started again
		if f.producer() == old {
			t.Fatal("the parent has not been restarted")
		}
		open()
		puts(t, f.producer(), 10)
		must(t, f.producer().Close(t.Context()))
		wantStored(t, srv, "s", 10)
	})
}

// The parent's strategy may wait: a guard whose failure has not been answered holds nothing but the sticky failure.
func TestUnansweredEscalation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		f := newFamily(t, srv.Client(), actor.ResumeDirective, byPrefix)
		p := f.producer()
		f.ask(func(actor.Context) { // the answer needs the parent's mailbox, which this keeps
			must(t, p.Put(t.Context(), "bad/v0"))
			must(t, p.Flush(t.Context()))
			_ = wantDelivery(t, p.Err())
			wantIs(t, p.TryPut("bad/v1"), kinecast.ErrFailed)
			puts(t, p, 10)
			_ = wantDelivery(t, p.Checkpoint(t.Context()))
			wantStored(t, srv, "s", 10)
		})
		synctest.Wait()
		must(t, p.Err())
		f.ask(func(actor.Context) {
			must(t, p.Put(t.Context(), "bad/v1"))
			must(t, p.Flush(t.Context()))
			_ = wantDelivery(t, p.Close(t.Context())) // a suspended guard stops too
		})
	})
}

// ancestors are a grandparent that answers resume and keeps the reasons, and a parent with a strategy of its own. The
// producer writes to a stream that fails.
func ancestors(t *testing.T, strategy actor.SupervisorStrategy) (p *producer, reasons func() int) {
	t.Helper()
	srv, _ := badStream(t)
	system := newSystem()
	asked := atomic.Int32{}
	spawned := make(chan *producer, 1)
	parent := func(ctx actor.Context) {
		if _, started := ctx.Message().(*actor.Started); started {
			cfg := config{DefaultStream: "bad", Serializer: kinecast.String(), Partitioner: kinecast.ByKey(itself)}
			p, err := kinecast.Spawn(ctx, srv.Client(), cfg)
			must(t, err)
			spawned <- p
		}
	}
	grandparent := func(ctx actor.Context) {
		if _, started := ctx.Message().(*actor.Started); started {
			ctx.Spawn(actor.PropsFromFunc(parent, actor.WithSupervisor(strategy)))
		}
	}
	pid := system.Root.Spawn(actor.PropsFromFunc(grandparent, actor.WithSupervisor(
		actor.NewOneForOneStrategy(10, time.Hour, func(reason any) actor.Directive {
			var fatal *kinecast.FatalError
			if err, _ := reason.(error); errors.As(err, &fatal) {
				asked.Add(1)
			}
			return actor.ResumeDirective
		}))))
	p = <-spawned
	t.Cleanup(func() {
		system.Root.Stop(pid)
		_ = p.Close(ended())
	})
	return p, func() int { return int(asked.Load()) }
}

// settled resumes the guard, then fails with the same reason: what docs/actors.md tells those who escalate.
type settled struct{}

func (settled) HandleFailure(_ *actor.ActorSystem, supervisor actor.Supervisor, child *actor.PID, _ *actor.RestartStatistics, reason, _ any) {
	supervisor.ResumeChildren(child)
	supervisor.EscalateFailure(reason, nil)
}

func TestEscalationPassedOn(t *testing.T) {
	directive := actor.NewOneForOneStrategy(10, time.Hour, func(any) actor.Directive { return actor.EscalateDirective })
	for name, c := range map[string]struct {
		strategy actor.SupervisorStrategy
		forgiven bool
	}{
		"settled first": {settled{}, true},
		"directive":     {directive, false}, // protoactor resumes the parent, and leaves the guard as it is
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, asked := ancestors(t, c.strategy)
				for round := range 2 {
					must(t, p.Put(t.Context(), "v"))
					must(t, p.Flush(t.Context()))
					synctest.Wait()
					want := round + 1
					if !c.forgiven {
						want = 1
					}
					if asked() != want || (p.Err() == nil) != c.forgiven {
						t.Errorf("round %d: asked %d times, Err is %v", round, asked(), p.Err())
					}
					p.ClearErr(p.Err())
				}
			})
		})
	}
}
