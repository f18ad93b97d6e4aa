package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// In order, callers of the second name wait until it is known, who may not wait is refused, and no record passes another one.
func TestTwoNamesInOrderBeforeThatIsKnown(t *testing.T) {
	for order, names := range firstName {
		bubble(t, order, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1))
			client, tell := shy(srv)
			p := newProducer(t, client, twoNames, func(c *config) {
				c.Ordering, c.Partitioner, c.DefaultPartition = kinecast.PerKey, nil, "k"
			})
			put := map[string]string{"s": "", arnOfS: "@"}
			first, second := put[names[0]], put[names[1]]
			must(t, p.Put(t.Context(), "1"+first))
			var full *kinecast.QueueFullError
			if err := p.TryPut("0" + second); !errors.As(err, &full) || full.Stream != names[1] {
				t.Errorf("%v", err)
			}
			wait, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			wantIs(t, p.Put(wait, "0"+second), context.DeadlineExceeded)
			done := make(chan error)
			go func() {
				err := p.Put(t.Context(), "2"+second)
				if err == nil {
					err = p.Put(t.Context(), "3"+first)
				}
				done <- err
			}()
			time.Sleep(time.Second)
			tell <- nil
			if order != "ARN first" {
				close(tell)
			}
			must(t, <-done)
			must(t, p.TryPut("4"+second))
			must(t, p.Checkpoint(t.Context()))
			var got []string
			for _, r := range srv.Consume("s") {
				got = append(got, string(r.Data))
			}
			if want := []string{"1" + first, "2" + second, "3" + first, "4" + second}; !slices.Equal(got, want) {
				t.Errorf("read %q, want %q", got, want)
			}
		})
	}
}

// Both names of a stream at once, in order, from the first record on, in a storm and through reshards: no inversion.
func TestTwoNamesInAStorm(t *testing.T) {
	for seed := range uint64(6) {
		for _, aggregation := range []bool{true, false} {
			bubble(t, fmt.Sprint(seed, " ", aggregation), func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 3))
				storm(srv, seed)
				for i, op := range []kinesistest.Operation{kinesistest.DescribeStreamSummary, kinesistest.ListShards} {
					srv.Inject(kinesistest.Rule{On: op, Do: kinesistest.DelayBetween(0, 3*time.Second), Seed: seed + uint64(i)})
				}
				book := newSequences()
				p := newProducer(t, srv.Client(), ordered, func(c *config) {
					c.AggregationDisabled, c.ErrorMode = !aggregation, kinecast.LogAndContinue
					c.OnResult, c.QueueLimit = book.ended, 200
					dice := rand.New(rand.NewPCG(seed, 1))
					var mu sync.Mutex
					c.TargetStream = func(string) (string, error) {
						mu.Lock()
						defer mu.Unlock()
						return []string{"s", arnOfS}[dice.IntN(2)], nil
					}
				})
				var callers sync.WaitGroup
				for key := range 8 {
					callers.Go(func() {
						for n := range 150 {
							if err := p.Put(t.Context(), fmt.Sprintf("k%d:%d%s", key, n, pad(n))); err != nil {
								t.Error(err)
							}
							if n%30 == 29 {
								time.Sleep(200 * time.Millisecond)
							}
						}
					})
				}
				for _, shards := range []int{4, 2} {
					time.Sleep(time.Second)
					srv.UpdateShardCount("s", shards, kinesistest.AtOnce())
				}
				callers.Wait()
				must(t, p.Flush(t.Context()))
				book.check(t, srv, "s")
				if len(book.ends) != 8*150 {
					t.Errorf("%d records have ended", len(book.ends))
				}
			})
		}
	}
}

// When nobody may say whether two names are one stream, each has lanes of its own, which the log tells; in order the second
// is refused at the door, until somebody may.
func TestTwoNamesThatNobodyMayCompare(t *testing.T) {
	denied := kinesistest.Rule{On: kinesistest.DescribeStreamSummary, Do: kinesistest.CallError(400, "AccessDeniedException", "no")}
	for order, names := range firstName {
		put := map[string]string{"s": "v", arnOfS: "v@"}
		first, second := put[names[0]], put[names[1]]
		bubble(t, order+"/unordered", func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			srv.Inject(denied)
			book := newLogbook()
			p := newProducer(t, srv.Client(), twoNames, func(c *config) { c.Logger = book.logger() })
			must(t, p.Open(t.Context(), names[0], names[1]))
			must(t, p.Put(t.Context(), first))
			must(t, p.Put(t.Context(), second))
			must(t, p.Checkpoint(t.Context()))
			if l := book.with("lanes of its own"); len(l) != 1 || len(places(t, srv, "s")) != 2 {
				t.Errorf("log %q", l)
			}
		})
		bubble(t, order+"/in order", func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			allow := srv.Inject(denied)
			p := newProducer(t, srv.Client(), twoNames, func(c *config) { c.Ordering = kinecast.PerKey })
			must(t, p.Put(t.Context(), first))
			done := make(chan error)
			go func() { done <- p.Put(t.Context(), second) }() // waits, and is told
			refused := func(err error) {
				t.Helper()
				var trouble *kinecast.StreamError
				if !errors.As(err, &trouble) || trouble.Class != kinecast.Fatal || trouble.Code != "SecondName" || trouble.Stream != names[1] ||
					!strings.Contains(err.Error(), "kinesis:DescribeStreamSummary") {
					t.Errorf("%v", err)
				}
			}
			err := <-done
			refused(err)
			wantIs(t, err, kinecast.ErrInvalidRecord)
			refused(p.TryPut(second))
			_, err = p.PutSync(t.Context(), second)
			refused(err)
			refused(p.Open(t.Context(), names[1]))
			must(t, p.Checkpoint(t.Context())) // nothing sticks
			allow()
			time.Sleep(6 * time.Minute)
			must(t, p.Put(t.Context(), second))
			must(t, p.Put(t.Context(), first))
			must(t, p.Checkpoint(t.Context()))
			if n := len(places(t, srv, "s")["v"]) + len(places(t, srv, "s")["v@"]); n != 3 || p.Stats().UserRecordsReceived != 3 {
				t.Errorf("%d records stored, %+v", n, p.Stats())
			}
			must(t, p.Open(t.Context(), names[1]))
		})
	}
}

// A throttle is no denial: what waits goes on waiting until the summary can be read.
func TestTwoNamesWhileSummariesAreThrottled(t *testing.T) {
	for order, names := range firstName {
		for _, mode := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
			bubble(t, fmt.Sprint(order, mode), func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 2))
				allow := srv.Inject(kinesistest.Rule{On: kinesistest.DescribeStreamSummary, Do: kinesistest.CallError(400, "LimitExceededException", "slower")})
				p := newProducer(t, srv.Client(), twoNames, func(c *config) { c.Ordering = mode })
				put := map[string]string{"s": "v", arnOfS: "v@"}
				_, err := p.PutSync(t.Context(), put[names[0]])
				must(t, err)
				done := make(chan error)
				go func() { done <- second(p.PutSync(t.Context(), put[names[1]])) }()
				time.Sleep(time.Minute)
				if n := len(places(t, srv, "s")); n != 1 {
					t.Errorf("%d records are stored", n)
				}
				allow()
				must(t, <-done)
				synctest.Wait()
				wantFiguresOf(t, p, names[0], 2)
			})
		}
	}
}

// An actor that is refused because of a second name has its Ready when both are known to be one, and when nobody may say.
func TestTwoNamesAndActors(t *testing.T) {
	for order, names := range firstName {
		for _, denied := range []bool{false, true} {
			bubble(t, fmt.Sprintf("%s, denied %v", order, denied), func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 1))
				client, tell := shy(srv)
				system := newSystem()
				p := newProducer(t, client, twoNames, func(c *config) { c.Ordering, c.ActorSystem = kinecast.PerKey, system })
				put := map[string]string{"s": "", arnOfS: "@"}
				must(t, p.Put(t.Context(), "first"+put[names[0]]))
				s := &source{p: p}
				pid := system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return s }))
				defer system.Root.Stop(pid)
				for i := range 5 {
					system.Root.Send(pid, fmt.Sprint("v", i, put[names[1]]))
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if s.ends != 0 || s.refusals == 0 || s.readies != 0 {
					t.Errorf("before it is known: %+v", s)
				}
				if denied {
					srv.Inject(kinesistest.Rule{On: kinesistest.DescribeStreamSummary, Do: kinesistest.CallError(400, "AccessDeniedException", "no")})
				}
				close(tell)
				time.Sleep(time.Minute)
				synctest.Wait()
				if s.ends != 5 || s.readies == 0 || len(s.back)+len(s.kept) != 0 {
					t.Errorf("when it is known: %+v", s)
				}
				if n := len(places(t, srv, "s")); n != map[bool]int{false: 6, true: 1}[denied] {
					t.Errorf("%d records are stored", n)
				}
			})
		}
	}
}
