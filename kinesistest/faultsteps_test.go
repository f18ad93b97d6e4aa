package kinesistest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/kinecast/kinecast/kinesistest"
)

// what says in short what the SDK made of a call.
func what(out *kinesis.PutRecordsOutput, err error) string {
	var canceled *smithy.CanceledError
	var api smithy.APIError
	var undecoded *smithy.DeserializationError
	var send *smithyhttp.RequestSendError
	detail := ""
	for _, cause := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.ECONNREFUSED, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			detail = ": " + cause.Error()
		}
	}
	switch {
	case err == nil:
		return fmt.Sprintf("%d results, %d failed", len(out.Records), aws.ToInt32(out.FailedRecordCount))
	case errors.As(err, &canceled):
		return "canceled" + detail
	case errors.As(err, &api):
		return api.ErrorCode()
	case errors.As(err, &undecoded):
		return "not decoded" + detail
	case errors.As(err, &send):
		return "not sent" + detail
	}
	return err.Error()
}

// What each fault leaves behind: the SDK's view, which is the same at both doors, and what is
// stored.
func TestFaultChains(t *testing.T) {
	late := kinesistest.StoreAfter(time.Minute)
	for _, tc := range []struct {
		do     kinesistest.Fault
		sees   string
		stored int // of the three records of the call
	}{
		{kinesistest.Lose(kinesistest.Close), "not sent: EOF", 0},
		{kinesistest.Lose(kinesistest.Reset), "not sent: connection reset by peer", 0},
		{kinesistest.Lose(kinesistest.HalfBody), "not decoded: unexpected EOF", 0},
		{kinesistest.Lose(kinesistest.HalfBodyReset), "not decoded: connection reset by peer", 0},
		{kinesistest.Store().Then(kinesistest.Lose(kinesistest.HalfBodyReset)), "not decoded: connection reset by peer", 3},
		{kinesistest.Lose(kinesistest.Hang), "canceled: context deadline exceeded", 0},
		{kinesistest.Store().Then(kinesistest.Lose(kinesistest.Close)), "not sent: EOF", 3},
		{kinesistest.Store().Then(kinesistest.Lose(kinesistest.Reset)), "not sent: connection reset by peer", 3},
		{kinesistest.Store().Then(kinesistest.Lose(kinesistest.HalfBody)), "not decoded: unexpected EOF", 3},
		{kinesistest.Store().Then(kinesistest.Lose(kinesistest.Hang)), "canceled: context deadline exceeded", 3},
		{kinesistest.Store().Then(kinesistest.CallError(500, "InternalFailureException", "m")), "InternalFailureException", 3},
		{kinesistest.Store().Then(kinesistest.HTML(502)), "not decoded", 3},
		{kinesistest.Store().Then(kinesistest.EmptyOK()), "0 results, 0 failed", 3},
		{kinesistest.StorePart(2).Then(kinesistest.CallError(503, "ServiceUnavailable", "m")), "ServiceUnavailable", 2},
		{kinesistest.StorePart(2), "2 results, 0 failed", 2},
		{kinesistest.StorePart(9), "3 results, 0 failed", 3},
		{late, "not sent: EOF", 0},
		{late.Then(kinesistest.Lose(kinesistest.Reset)), "not sent: connection reset by peer", 0},
		{kinesistest.TooFew(0), "0 results, 0 failed", 3},
		{kinesistest.TooMany(2), "5 results, 0 failed", 3},
		{kinesistest.WrongCount(7), "3 results, 7 failed", 3},
		{kinesistest.WrongCount(1).Then(kinesistest.TooFew(2)), "2 results, 1 failed", 3},
		{kinesistest.GoAway(), "3 results, 0 failed", 3},
		{kinesistest.ExpiredCredentials(), "ExpiredTokenException", 0},
		{kinesistest.Answer(413, ""), "UnknownError", 0},
		{kinesistest.Answer(200, `{"FailedRecordCount":3}`), "0 results, 3 failed", 0},
		{kinesistest.Answer(200, `{"FailedRecord`), "not decoded", 0},
		{kinesistest.Delay(time.Millisecond), "3 results, 0 failed", 3},
		{kinesistest.Delay(time.Hour), "canceled: context deadline exceeded", 0},
		{kinesistest.Store().Then(kinesistest.Delay(time.Hour)), "canceled: context deadline exceeded", 3},
		{kinesistest.DelayBetween(0, time.Millisecond).Then(kinesistest.EmptyOK()), "0 results, 0 failed", 0},
	} {
		t.Run(tc.do.String(), func(t *testing.T) {
			eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
				must[*kinesis.ListStreamsOutput](t)(c.ListStreams(context.Background(), &kinesis.ListStreamsInput{}))
				s.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Times: 1, Do: tc.do})
				ctx, expire := newOverdue()
				if strings.HasPrefix(tc.sees, "canceled") {
					go func() {
						defer expire()
						time.Sleep(20 * time.Millisecond) // for it to be under way as a rule
						for end := time.Now().Add(time.Minute); stored(s, "a") < tc.stored && time.Now().Before(end); {
							time.Sleep(time.Millisecond)
						}
					}()
				}
				if got := what(c.PutRecords(ctx, put("a", "x", "y", "z"))); got != tc.sees {
					t.Errorf("the SDK sees %q, want %q", got, tc.sees)
				}
				if got := stored(s, "a"); got != tc.stored {
					t.Errorf("%d records stored, want %d", got, tc.stored)
				}
				must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
			}, kinesistest.Stream("a", 1))
		})
	}
}

// A call that is stored late lands behind its retry, so many calls or a time later.
func TestStoreLate(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		order := func() string {
			var data []string
			for _, r := range s.Records("a")[shard0] {
				data = append(data, string(r.Data))
			}
			return strings.Join(data, " ")
		}
		one := func(key string) { _, _ = c.PutRecords(context.Background(), put("a", key)) }
		s.Inject(kinesistest.Rule{Key: "late", Times: 1, Do: kinesistest.StoreAfterCalls(2)})
		for _, key := range []string{"late", "late", "b", "c"} {
			one(key)
		}
		if got, want := order(), "late b late c"; got != want {
			t.Errorf("stored %q, want %q", got, want)
		}
		s.Inject(kinesistest.Rule{Key: "later", Times: 1, Do: kinesistest.StoreAfter(time.Minute)})
		one("later")
		one("d")
		clock.Time = clock.Add(time.Minute)
		if got, want := order(), "late b late c d later"; got != want {
			t.Errorf("stored %q, want %q", got, want)
		}
	}, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now))
}

// Delays are virtual in a bubble, and drawn by the seed.
func TestDelayInVirtualTime(t *testing.T) {
	draw := func(seed uint64) (took []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			s := kinesistest.New(t, kinesistest.Stream("a", 1))
			s.Inject(kinesistest.Rule{Seed: seed, Do: kinesistest.DelayBetween(time.Second, time.Minute)})
			for range 5 {
				start := time.Now()
				must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(t.Context(), put("a", "k")))
				took = append(took, time.Since(start))
				if call := s.Calls()[len(took)-1]; call.Took != took[len(took)-1] {
					t.Errorf("logged %v, took %v", call.Took, took)
				}
			}
		})
		return took
	}
	first := draw(1)
	if !slices.Equal(first, draw(1)) || slices.Equal(first, draw(2)) {
		t.Errorf("seeds do not decide: %v", first)
	}
	if slices.Min(first) < time.Second || slices.Max(first) > time.Minute || slices.Min(first) == slices.Max(first) {
		t.Errorf("drew %v, want times from a second to a minute", first)
	}
}

// A test can hold calls, look at them, and let them go; meanwhile the server serves others.
func TestDelayUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := kinesistest.New(t, kinesistest.Stream("a", 1))
		release := make(chan struct{})
		s.Inject(kinesistest.Rule{Key: "held", Do: kinesistest.DelayUntil(release)})
		ended := make(chan string)
		for range 2 {
			go func() { ended <- what(s.Client().PutRecords(t.Context(), put("a", "held"))) }()
		}
		synctest.Wait()
		must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(t.Context(), put("a", "other")))
		if n := stored(s, "a"); n != 1 {
			t.Errorf("%d records while two calls are held, want 1", n)
		}
		release <- struct{}{} // one
		<-ended
		if n := stored(s, "a"); n != 2 {
			t.Errorf("%d records when one was let go, want 2", n)
		}
		close(release) // all
		<-ended
	})
}

// Probability and duration.
func TestRuleChanceAndTime(t *testing.T) {
	clock := newTicker()
	s := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now))
	failures := func(r kinesistest.Rule) (n int) {
		r.Do = kinesistest.CallError(400, throttled, "m")
		remove := s.Inject(r)
		defer remove()
		for range 400 {
			if _, err := s.Client().PutRecords(context.Background(), put("a", "k")); err != nil {
				n++
			}
			clock.Time = clock.Add(time.Second)
		}
		return n
	}
	if n := failures(kinesistest.Rule{P: 0.25, Seed: 7}); n < 60 || n > 140 || n != failures(kinesistest.Rule{P: 0.25, Seed: 7}) {
		t.Errorf("%d of 400 failed, want about 100, and the same ones again", n)
	}
	if n := failures(kinesistest.Rule{P: 1}); n != 400 {
		t.Errorf("%d of 400 failed, want all", n)
	}
	if n := failures(kinesistest.Rule{For: 10 * time.Second}); n != 10 {
		t.Errorf("%d calls failed in ten seconds, want 10", n)
	}
}

func TestRuleInWords(t *testing.T) {
	for want, rule := range map[string]kinesistest.Rule{
		"store, then answer lost: reset, on PutRecords, stream a, shard " + shard1 + ", every 3": {
			On: kinesistest.PutRecords, Stream: "a", Shard: shard1, Every: 3, Do: kinesistest.Store().Then(kinesistest.Lose(kinesistest.Reset))},
		`delay 1s to 2s, then HTML 503, key "k", from number 2 on, every 5, with probability 0.5 of seed 3, 4 times, for 1m0s`: {
			Key: "k", Nth: 2, Every: 5, P: 0.5, Seed: 3, Times: 4, For: time.Minute,
			Do: kinesistest.DelayBetween(time.Second, 2*time.Second).Then(kinesistest.HTML(503))},
		"store 2 calls later, number 1": {Nth: 1, Do: kinesistest.StoreAfterCalls(2)},
		"run a function, then store 1s later, then delay until released, then delay 1s, then answer 400 with 1 bytes": {
			Do: kinesistest.Run(func() {}).Then(kinesistest.StoreAfter(time.Second)).Then(kinesistest.DelayUntil(make(chan struct{}))).
				Then(kinesistest.Delay(time.Second)).Then(kinesistest.Answer(400, "x"))},
		"store the first 1, then go away, then 1 results too many, then failed count 0, then no fault": {
			Do: kinesistest.StorePart(1).Then(kinesistest.GoAway()).Then(kinesistest.TooMany(1)).Then(kinesistest.WrongCount(0)).Then(kinesistest.Fault{})},
	} {
		if got := rule.String(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// An interceptor sees calls until it has had enough; it may reshard in the middle of one.
func TestIntercept(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		var seen []int
		remove := s.Intercept(func(call kinesistest.Intercepted) (do kinesistest.Fault, done bool) {
			seen = append(seen, len(call.Puts))
			switch call.Records {
			case 2: // lost on the way back, behind a split that came before it was stored
				s.Split("a", shard0, "")
				return kinesistest.Store().Then(kinesistest.Lose(kinesistest.Close)), false
			case 3:
				return kinesistest.RecordError(throttled, call.Puts[2].PartitionKey), true
			}
			return do, false
		})
		for _, want := range []string{"1 results, 0 failed", "not sent: EOF", "3 results, 3 failed", "3 results, 0 failed"} {
			n := map[string]int{"1 results, 0 failed": 1, "not sent: EOF": 2}[want]
			if n == 0 {
				n = 3
			}
			out, err := c.PutRecords(context.Background(), put("a", []string{"x", "y", "z"}[:n]...))
			if got := what(out, err); got != want {
				t.Errorf("the SDK sees %q, want %q", got, want)
			}
			if want == "3 results, 3 failed" && aws.ToString(out.Records[0].ErrorMessage) != "z" {
				t.Errorf("results %+v", out.Records)
			}
		}
		remove()
		remove()
		if !slices.Equal(seen, []int{1, 2, 3}) || len(s.Records("a")) != 3 || stored(s, "a") != 6 {
			t.Errorf("saw %v, %d shards, %d records", seen, len(s.Records("a")), stored(s, "a"))
		}
	}, kinesistest.Stream("a", 1))
}

// An interceptor that was removed sees nothing; RecordError strikes a PutRecord as a whole.
func TestInterceptPutRecord(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1))
	s.Intercept(func(kinesistest.Intercepted) (kinesistest.Fault, bool) {
		t.Error("it was removed")
		return kinesistest.Fault{}, true
	})()
	s.Intercept(func(c kinesistest.Intercepted) (kinesistest.Fault, bool) {
		return kinesistest.RecordError("InternalFailure", c.Puts[0].ExplicitHashKey), true
	})
	_, err := s.Client().PutRecord(context.Background(), &kinesis.PutRecordInput{
		StreamName: aws.String("a"), PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("7"), Data: []byte{}})
	wantError(t, err, "InternalFailure", "7")
}

// A reshard between the storing of a call and its answer.
func TestRun(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1))
	s.Inject(kinesistest.Rule{Times: 1, Do: kinesistest.Store().Then(kinesistest.Run(func() { s.Split("a", shard0, "") }))})
	out := must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", "k")))
	if *out.Records[0].ShardId != shard0 {
		t.Errorf("answered %s", *out.Records[0].ShardId)
	}
	_, err := s.Client().SplitShard(context.Background(), split("a", shard0, half))
	if _, ok := errors.AsType[*types.InvalidArgumentException](err); !ok {
		t.Errorf("error %v: the shard has not been split", err)
	}
}
