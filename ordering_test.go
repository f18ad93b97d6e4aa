package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// byTag is a key of records like "k7:12", record 12 of key k7.
var byTag = kinecast.ByKey(func(v string) string { return v[:strings.IndexByte(v, ':')] })

func ordered(c *config) {
	c.Ordering, c.Partitioner = kinecast.PerKey, byTag
}

// sequences notes how records of many keys end that are numbered by key in the order of their puts.
type sequences struct {
	mu    sync.Mutex
	acked map[string]map[int]bool // by key
	ends  map[string]int          // by value
	fates map[string]int          // by code
}

func newSequences() *sequences {
	return &sequences{acked: map[string]map[int]bool{}, ends: map[string]int{}, fates: map[string]int{}}
}

func (s *sequences) ended(d kinecast.Delivery[string]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, n := tagOf(d.Value)
	s.ends[d.Value]++
	if failed := (*kinecast.DeliveryError)(nil); errors.As(d.Err, &failed) {
		s.fates[failed.Code]++
		return
	}
	if s.acked[key] == nil {
		s.acked[key] = map[int]bool{}
	}
	s.acked[key][n] = true
}

func tagOf(v string) (key string, n int) {
	key, number, _ := strings.Cut(v, ":")
	number, _, _ = strings.Cut(number, " ")
	n, _ = strconv.Atoi(number)
	return key, n
}

// check reads the stream as a KCL consumer does: every acknowledged record is there, and first copies of a key come in the
// order of their puts. It returns how many copies were not the first.
func (s *sequences) check(t *testing.T, srv *kinesistest.Server, stream string) (copies int) {
	t.Helper()
	seen, last := map[string]bool{}, map[string]int{}
	inversions := 0
	for _, r := range srv.Consume(stream) {
		v := string(r.Data)
		key, n := tagOf(v)
		if seen[v] {
			copies++
			continue
		}
		seen[v] = true
		if !s.acked[key][n] {
			continue
		}
		if before, known := last[key]; known && n < before {
			inversions++
			t.Errorf("%s comes after %s:%d", v, key, before)
		}
		last[key] = n
	}
	if inversions > 0 {
		t.Errorf("%d inversions", inversions)
	}
	for key, ns := range s.acked {
		for n := range ns {
			if v := fmt.Sprint(key, ":", n); !seen[v] && !seen[v+pad(n)] {
				t.Errorf("%s was acknowledged, and a KCL consumer does not get it", v)
			}
		}
	}
	for v, n := range s.ends {
		if n != 1 {
			t.Errorf("%s ended %d times", v, n)
		}
	}
	return copies
}

// pad makes some records too large to be aggregated.
func pad(n int) string {
	if n%41 == 40 {
		return " " + strings.Repeat("x", 60<<10)
	}
	return ""
}

// storm lets everything happen to a stream that can happen to it, now and then.
func storm(s *kinesistest.Server, seed uint64) {
	for i, do := range []kinesistest.Fault{
		kinesistest.RecordError(throttled, "slower"),
		kinesistest.RecordError("InternalFailure", "again"),
		kinesistest.Store().Then(kinesistest.Lose(kinesistest.Reset)),
		kinesistest.StoreAfter(3 * time.Second).Then(kinesistest.Lose(kinesistest.Close)),
		kinesistest.StorePart(1).Then(kinesistest.Lose(kinesistest.HalfBody)),
		kinesistest.StoreAfterCalls(4).Then(kinesistest.CallError(500, "InternalFailureException", "")),
		kinesistest.CallError(400, throttled, ""),
		kinesistest.Delay(7 * time.Second),
		kinesistest.Store().Then(kinesistest.EmptyOK()),
	} {
		s.Inject(kinesistest.Rule{On: kinesistest.PutRecords, P: 0.04, Seed: 100*seed + uint64(i), Do: do})
	}
	s.Inject(kinesistest.Rule{
		On: kinesistest.PutRecords, P: 0.01, Seed: 100*seed + 99, Do: kinesistest.CallError(400, "AccessDeniedException", "not now"),
	})
	s.Inject(kinesistest.Rule{
		On: kinesistest.PutRecords, Key: "poison", Do: kinesistest.CallError(400, "ValidationException", "I do not like it"),
	})
	s.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.DelayBetween(0, 40*time.Millisecond), Seed: seed})
}

func TestOrderInAStorm(t *testing.T) {
	for name, how := range map[string]kinesistest.Reshard{
		"at once": kinesistest.AtOnce(), "late": kinesistest.Late(3 * time.Second), "step by step": kinesistest.StepByStep(),
	} {
		for _, aggregation := range []bool{true, false} {
			copies, fates := 0, map[string]int{}
			for seed := range uint64(3) {
				for _, mode := range []kinecast.ErrorMode{kinecast.LogAndContinue, kinecast.FailOnError} {
					bubble(t, fmt.Sprintf("%s, aggregation %v, seed %d, mode %d", name, aggregation, seed, mode), func(t *testing.T) {
						copies += orderInAStorm(t, how, aggregation, seed, mode, fates)
					})
				}
			}
			t.Logf("%s, aggregation %v: %d further copies, failures %v", name, aggregation, copies, fates)
			if copies == 0 || fates["ValidationException"] == 0 || fates["AccessDeniedException"] == 0 || fates["BehindFailed"] == 0 {
				t.Error("the storm was none")
			}
		}
	}
}

func orderInAStorm(t *testing.T, how kinesistest.Reshard, aggregation bool, seed uint64, mode kinecast.ErrorMode, fates map[string]int) int {
	const keys, rounds, each = 30, 10, 12
	srv := kinesistest.New(t, kinesistest.Stream("s", 3))
	storm(srv, seed)
	book := newSequences()
	p := newProducer(t, srv.Client(), ordered, func(c *config) {
		c.AggregationDisabled, c.ErrorMode, c.OnResult = !aggregation, mode, book.ended
		c.RecordMaxBufferedTime = 30 * time.Millisecond
	})
	dice := rand.New(rand.NewPCG(seed, 7))
	for round := range rounds {
		var callers sync.WaitGroup
		for k := range keys {
			callers.Go(func() {
				key := fmt.Sprint("k", k)
				if k == 0 && round%4 == 3 {
					key = "poison"
				}
				for i := range each {
					n := round*each + i
					text := pad(n)
					if key == "poison" {
						text = pad(40)
					}
					persist(t, p, fmt.Sprint(key, ":", n, text))
				}
			})
		}
		callers.Wait()
		if round < rounds-2 {
			reshard(t, srv, dice, how)
			for step := 0; how.String() == "step by step" && srv.Step("s"); step++ {
				persist(t, p, fmt.Sprint("steps", round, ":", step))
				time.Sleep(time.Second)
			}
		}
	}
	if err := p.Close(context.Background()); mode == kinecast.LogAndContinue {
		must(t, err)
	}
	if st := p.Stats(); st.OutstandingRecords != 0 || st.OutstandingBytes != 0 {
		t.Errorf("left in the ledger: %+v", st)
	}
	for code, n := range book.fates {
		fates[code] += n
	}
	return book.check(t, srv, "s")
}

// persist puts a record, and again when an earlier failure keeps it out.
func persist(t *testing.T, p *producer, v string) {
	t.Helper()
	for {
		err := p.Put(t.Context(), v)
		if !errors.Is(err, kinecast.ErrFailed) {
			must(t, err)
			return
		}
		p.ClearErr(p.Err())
	}
}

// What waits behind a record that failed ends with it, and says so; what comes after ClearErr goes.
func TestBehindAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		repair := srv.Inject(kinesistest.Rule{
			On: kinesistest.PutRecords, Do: kinesistest.Delay(time.Second).Then(kinesistest.CallError(400, "AccessDeniedException", "no")),
		})
		ends := map[string]error{}
		p := newProducer(t, srv.Client(), ordered, func(c *config) {
			c.OnResult = func(d kinecast.Delivery[string]) { ends[d.Value] = d.Err }
		})
		must(t, p.Put(t.Context(), "a:1"))
		time.Sleep(500 * time.Millisecond) // it is on its way
		must(t, p.Put(t.Context(), "a:2"))
		must(t, p.Put(t.Context(), "b:1"))
		must(t, p.PutAsync(t.Context(), "a:3", func(kinecast.Result, error) {}))
		must(t, p.Flush(t.Context()))
		if e := wantDelivery(t, ends["a:1"]); e.Code != "AccessDeniedException" || errors.Is(e, kinecast.ErrBehindFailed) {
			t.Errorf("a:1 ended with %v", e)
		}
		for _, v := range []string{"a:2", "b:1", "a:3"} {
			wantIs(t, ends[v], kinecast.ErrBehindFailed)
			if e := wantDelivery(t, ends[v]); e.Attempts != 0 || e.MaybeWritten || e.Limit != "" {
				t.Errorf("%s: %+v", v, e)
			}
		}
		if e := wantDelivery(t, p.Err()); e.Code != "AccessDeniedException" {
			t.Errorf("the failure that sticks is %v", e)
		}
		repair()
		p.ClearErr(p.Err())
		must(t, p.Put(t.Context(), "a:4"))
		must(t, p.Checkpoint(t.Context()))
		if n := len(srv.Consume("s")); n != 1 {
			t.Errorf("%d records are stored", n)
		}
	})
}

// A result that somebody waits for is that caller's affair: the records behind it go on.
func TestAskedFailureStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Key: "a", Times: 1, Do: kinesistest.Delay(time.Second).Then(
			kinesistest.CallError(400, "AccessDeniedException", "no"))})
		p := newProducer(t, srv.Client(), ordered)
		failed := make(chan error, 1)
		go func() { failed <- second(p.PutSync(t.Context(), "a:1")) }()
		time.Sleep(500 * time.Millisecond)
		must(t, p.Put(t.Context(), "a:2"))
		_ = wantDelivery(t, <-failed)
		must(t, p.Checkpoint(t.Context()))
	})
}

// Order is refused where it cannot be kept, in words that say what to do.
func TestOrderRefused(t *testing.T) {
	for name, c := range map[string]struct {
		stream kinesistest.Option
		rule   kinesistest.Rule
		words  string
	}{
		"ListShards denied": {
			kinesistest.Stream("s", 2),
			kinesistest.Rule{On: kinesistest.ListShards, Do: kinesistest.CallError(400, "AccessDeniedException", "no")},
			"grant kinesis:ListShards, or use Unordered",
		},
		"AUTO": {
			kinesistest.Stream("s", 2, kinesistest.Auto()), kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()},
			"set it to USER_PARTITION_KEY, or use Unordered",
		},
	} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, c.stream)
			srv.Inject(c.rule)
			p := newProducer(t, srv.Client(), ordered)
			err := p.Open(t.Context())
			var trouble *kinecast.StreamError
			if !errors.As(err, &trouble) || trouble.Class != kinecast.Fatal || !strings.Contains(err.Error(), c.words) {
				t.Errorf("Open: %v", err)
			}
			_, err = p.PutSync(t.Context(), "a:1")
			if e := wantDelivery(t, err); !strings.Contains(e.Message, c.words) || e.Class != kinecast.Fatal {
				t.Errorf("PutSync: %v", err)
			}
			if n := len(calls(srv, kinesistest.PutRecords)); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// A map that was there when the right to list was taken away goes on to serve.
func TestOrderOutlivesARight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		p := newProducer(t, srv.Client(), ordered)
		must(t, p.Put(t.Context(), "a:1"))
		must(t, p.Checkpoint(t.Context()))
		srv.Inject(kinesistest.Rule{On: kinesistest.ListShards, Do: kinesistest.CallError(400, "AccessDeniedException", "no")})
		for n := range 5 {
			time.Sleep(3 * time.Minute)
			must(t, p.Put(t.Context(), fmt.Sprint("a:", n+2)))
			must(t, p.Checkpoint(t.Context()))
		}
	})
}

// A key that Random has drawn says nothing of order, by whatever way it comes.
func TestDrawnKeyRefused(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	p := newProducer(t, srv.Client(), func(c *config) {
		c.Ordering = kinecast.PerKey
		c.Partitioner = kinecast.PartitionerFunc[string](kinecast.Random[string]().Partition)
	})
	wantIs(t, p.TryPut("v"), kinecast.ErrInvalidRecord)
}

// A record that is put while the one before it fails does not pass: its caller had looked for a failure, and found none.
func TestNothingPassesAFailure(t *testing.T) {
	for _, aggregation := range []bool{true, false} {
		for trial := range 60 {
			srv := kinesistest.New(t, kinesistest.Stream("s", 1))
			srv.Inject(kinesistest.Rule{
				On: kinesistest.PutRecords, Nth: 2 + trial%5, Times: 1, Do: kinesistest.CallError(400, "AccessDeniedException", "no"),
			})
			book := newSequences()
			p := newProducer(t, srv.Client(), ordered, func(c *config) {
				c.AggregationDisabled, c.AggregationMaxCount, c.RecordMaxBufferedTime = !aggregation, 3, kinecast.NoLinger
				c.OnResult = book.ended
			})
			told, limit := 0, 1_000_000
			for n := 0; n < limit; n++ {
				err := p.Put(t.Context(), fmt.Sprint("a:", n))
				if err == nil {
					continue
				}
				wantIs(t, err, kinecast.ErrFailed)
				told = n // this one was not admitted: it is put again
				p.ClearErr(p.Err())
				n--
				limit = told + 10
			}
			must(t, p.Close(context.Background()))
			for n := 1; n < told; n++ {
				if book.acked["a"][n] && !book.acked["a"][n-1] {
					t.Fatalf("trial %d: record %d is delivered, and %d before it is not; the caller heard of it at %d", trial, n, n-1, told)
				}
			}
			if len(book.acked["a"]) == limit || len(book.fates) == 0 {
				t.Fatal("nothing failed")
			}
		}
	}
}
