package kinecast_test

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/eventstream"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// newSystem is an actor system that logs nowhere. It has no subscriber for dead letters: that one starts a goroutine for a
// second, which a bubble would have to wait for.
func newSystem() *actor.ActorSystem {
	system := loggingSystem(slog.New(slog.DiscardHandler))
	system.EventStream = eventstream.NewEventStream()
	return system
}

// loggingSystem is an actor system as users make them.
func loggingSystem(logger *slog.Logger) *actor.ActorSystem {
	return actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return logger }))
}

// family is a user's actor with a producer below it: a new one for each of its incarnations.
type family struct {
	system *actor.ActorSystem
	pid    *actor.PID
	client kinecast.Client
	change []func(*config)
	goes   func(p *producer) // at the end of an incarnation, if it is set

	mu        sync.Mutex
	producers []*producer
	reasons   []any // what the producers' guards failed with
}

// newFamily starts one in a system of its own. decide is what the parent answers to failures.
func newFamily(t *testing.T, client kinecast.Client, decide actor.Directive, change ...func(*config)) *family {
	t.Helper()
	f := &family{system: newSystem(), client: client, change: change}
	f.pid = f.system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return f }, actor.WithSupervisor(
		actor.NewOneForOneStrategy(10, time.Hour, func(reason any) actor.Directive {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.reasons = append(f.reasons, reason)
			return decide
		}))))
	t.Cleanup(func() {
		f.system.Root.Stop(f.pid)
		_ = f.producer().Close(ended()) // returns when the producer has gone too
	})
	f.ask(func(actor.Context) {}) // it has started
	return f
}

// Receive implements actor.Actor.
func (f *family) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		cfg := config{DefaultStream: "s", Serializer: kinecast.String(), Partitioner: kinecast.ByKey(itself)}
		for _, c := range f.change {
			c(&cfg)
		}
		p, err := kinecast.Spawn(ctx, f.client, cfg)
		if err != nil {
			panic(err)
		}
		f.mu.Lock()
		f.producers = append(f.producers, p)
		f.mu.Unlock()
	case func(actor.Context):
		m(ctx)
	case *actor.Stopping, *actor.Restarting:
		if f.goes != nil {
			f.goes(f.producer())
		}
	}
}

// producer is the newest one.
func (f *family) producer() *producer {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.producers[len(f.producers)-1]
}

// asked are the reasons of all failures that the parent had to decide on.
func (f *family) asked() []any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.reasons)
}

// front is the id of the one front in the system.
func (f *family) front(t *testing.T) string {
	t.Helper()
	var fronts []string
	for _, pids := range f.system.ProcessRegistry.LocalPIDs.LocalPIDs {
		for _, id := range pids.Keys() {
			if at := strings.LastIndexByte(id, '/'); strings.HasPrefix(id[at+1:], "front") {
				fronts = append(fronts, id)
			}
		}
	}
	if len(fronts) != 1 {
		t.Fatalf("the fronts are %q, want one", fronts)
	}
	return fronts[0]
}

// ask runs something in the parent's Receive and waits for it.
func (f *family) ask(what func(actor.Context)) {
	done := make(chan struct{})
	f.system.Root.Send(f.pid, func(ctx actor.Context) {
		defer close(done)
		what(ctx)
	})
	<-done
}

func TestSpawnUnderAnActor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		f := newFamily(t, srv.Client(), actor.StopDirective)
		puts(t, f.producer(), 300)
		must(t, f.producer().Checkpoint(t.Context()))
		wantStored(t, srv, "s", 300)
		f.ask(func(ctx actor.Context) {
			if n := len(ctx.Children()); n != 1 {
				t.Errorf("the parent has %d children, want the guard alone", n)
			}
		})
		must(t, f.producer().Close(t.Context()))
		synctest.Wait()
		f.ask(func(ctx actor.Context) {
			if n := len(ctx.Children()); n != 0 {
				t.Errorf("after Close the parent has %d children", n)
			}
		})
		wantIs(t, f.producer().TryPut("late"), kinecast.ErrClosed)
		if reasons := f.asked(); len(reasons) > 0 {
			t.Errorf("the parent was asked about %v", reasons)
		}
	})
}

// Under the root of a system there is nobody to escalate to: a failure sticks, as with New.
func TestSpawnUnderTheRoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		cfg := config{DefaultStream: "s", Serializer: kinecast.String(), Partitioner: kinecast.ByKey(itself)}
		byPrefix(&cfg)
		p, err := kinecast.Spawn(newSystem().Root, srv.Client(), cfg)
		must(t, err)
		must(t, p.Put(t.Context(), "v0"))
		must(t, p.Put(t.Context(), "bad/v0"))
		_ = wantDelivery(t, p.Checkpoint(t.Context()))
		_ = wantDelivery(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 1)
	})
}

func TestSpawnWithoutAParent(t *testing.T) {
	t.Parallel()
	_, err := kinecast.Spawn(nil, kinesistest.New(t).Client(), config{})
	var faults *kinecast.ConfigError
	if !errors.As(err, &faults) || !strings.Contains(err.Error(), "parent is nil") {
		t.Errorf("got %v", err)
	}
}

// The parent may wait for the producer in its own Receive: nothing of the producer needs the parent's mailbox.
func TestWaitingInTheParentsReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		f := newFamily(t, srv.Client(), actor.StopDirective, patient)
		f.ask(func(actor.Context) {
			p := f.producer()
			must(t, p.Open(t.Context()))
			puts(t, p, 100)
			must(t, p.Flush(t.Context()))
			wantStored(t, srv, "s", 100)
			must(t, p.Checkpoint(t.Context()))
			must(t, second(p.PutSync(t.Context(), "v100")))
			must(t, p.Put(t.Context(), "v101"))
			must(t, p.Close(t.Context()))
			wantStored(t, srv, "s", 102)
		})
	})
}

// A parent that wants its records delivered closes the producer when it stops or restarts, before its children go.
func TestClosingWhenTheParentGoes(t *testing.T) {
	for name, end := range map[string]func(*family){
		"stop":    func(f *family) { f.system.Root.Stop(f.pid) },
		"poison":  func(f *family) { f.system.Root.Poison(f.pid) },
		"restart": func(f *family) { f.system.Root.Send(f.pid, func(actor.Context) { panic("a bug of the parent's") }) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 4))
				f := newFamily(t, srv.Client(), actor.StopDirective, patient)
				f.goes = func(p *producer) { must(t, p.Close(t.Context())) }
				first := f.producer()
				puts(t, first, 100)
				end(f)
				synctest.Wait()
				wantStored(t, srv, "s", 100)
				must(t, first.Close(t.Context()))
			})
		})
	}
}

// Two producers share a system; one fails and is stopped by its parent, the other notices nothing.
func TestOneOfTwoFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := badStream(t)
		failing := newFamily(t, srv.Client(), actor.StopDirective, byPrefix)
		cfg := config{
			DefaultStream: "s", Serializer: kinecast.String(), Partitioner: kinecast.ByKey(itself),
			ActorSystem: failing.system,
		}
		sound, err := kinecast.New(srv.Client(), cfg)
		must(t, err)
		puts(t, sound, 50)
		must(t, failing.producer().Put(t.Context(), "bad/v"))
		_ = wantDelivery(t, failing.producer().Close(t.Context()))
		wantIs(t, failing.producer().TryPut("v"), kinecast.ErrClosed)
		for i := range 50 {
			must(t, sound.Put(t.Context(), fmt.Sprint("v", 50+i)))
		}
		must(t, sound.Close(t.Context()))
		wantStored(t, srv, "s", 100)
	})
}

// Outside of a bubble: nothing runs any more when the parent has gone and Close has returned.
func TestSpawnLeavesNoGoroutine(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 8))
	before := runtime.NumGoroutine()
	for i := range 10 {
		f := newFamily(t, srv.Client(), actor.StopDirective)
		puts(t, f.producer(), 100)
		if i%2 == 0 {
			must(t, f.producer().Close(t.Context()))
		}
		f.system.Root.Stop(f.pid)
		_ = f.producer().Close(t.Context())
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched() // the last ones have done their work and are on their way out
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}
