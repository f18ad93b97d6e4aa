package kinecast_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// A stream goes from 1 shard to 64 and back while records of many keys are put: nothing is lost or inverted, and what the
// burst of shards took is given back: actors, goroutines, and the room that is reckoned for each shard.
func TestScaleUpAndDown(t *testing.T) {
	for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
		for _, aggregation := range []bool{true, false} {
			for name, how := range map[string]kinesistest.Reshard{"at once": kinesistest.AtOnce(), "late": kinesistest.Late(2 * time.Second)} {
				bubble(t, fmt.Sprintf("%s, order %d, aggregation %v", name, order, aggregation), func(t *testing.T) {
					scaleUpAndDown(t, order, aggregation, how)
				})
			}
		}
	}
}

func scaleUpAndDown(t *testing.T, order kinecast.Ordering, aggregation bool, how kinesistest.Reshard) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(20 * time.Millisecond)})
	system, book := newSystem(), newSequences()
	p := newProducer(t, srv.Client(), ordered, func(c *config) {
		c.Ordering, c.AggregationDisabled, c.ActorSystem, c.OnResult = order, !aggregation, system, book.ended
	})
	must(t, p.Open(t.Context()))
	time.Sleep(time.Second)
	actors, bound := living(system), p.Stats().MemoryBound
	goroutines := runtime.NumGoroutine()

	stop := make(chan struct{})
	var callers sync.WaitGroup
	for k := range 40 {
		callers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				must(t, p.Put(t.Context(), fmt.Sprint("k", k, ":", n)))
				time.Sleep(250 * time.Millisecond)
			}
		})
	}
	for _, n := range []int{2, 4, 8, 16, 32, 64, 32, 16, 8, 4, 2, 1} {
		srv.UpdateShardCount("s", n, how)
		time.Sleep(3 * time.Second)
	}
	close(stop)
	callers.Wait()
	must(t, p.Checkpoint(t.Context()))
	time.Sleep(2 * time.Minute)
	must(t, p.Put(t.Context(), "last:0")) // a map that is two minutes old is loaded anew
	must(t, p.Checkpoint(t.Context()))
	time.Sleep(5 * time.Second)
	if n := living(system); n != actors {
		t.Errorf("%d actors before, %d after", actors, n)
	}
	if n := runtime.NumGoroutine(); n > goroutines+33 { // idle workers stay, at most 32
		t.Errorf("%d goroutines before, %d after", goroutines, n)
	}
	if n := p.Stats().MemoryBound; n != bound {
		t.Errorf("MemoryBound is %d, and was %d", n, bound)
	}
	must(t, p.Close(context.Background()))
	if order == kinecast.PerKey {
		book.check(t, srv, "s")
	}
	seen := map[string]bool{}
	for _, r := range srv.Consume("s") {
		seen[string(r.Data)] = true
	}
	if len(seen) != len(book.ends) || len(book.fates) != 0 {
		t.Errorf("%d records ended (failures: %v), a KCL consumer sees %d", len(book.ends), book.fates, len(seen))
	}
}

// living counts the processes of an actor system.
func living(system *kinecast.ActorSystem) (n int) {
	for i := range system.ProcessRegistry.LocalPIDs.LocalPIDs {
		n += system.ProcessRegistry.LocalPIDs.LocalPIDs[i].Count()
	}
	return n
}
