package kinecast_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// The service answers each record of a request by itself: what it stored is not sent again, what it refused is, and each
// record's attempts say so.
func TestPartialFailureRetriesWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		for key, code := range map[string]string{"v2": throttled, "v5": "InternalFailure", "v7": "ServiceUnavailable"} {
			srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Key: key, Times: 2, Do: kinesistest.RecordError(code, "not now")})
		}
		attempts := map[string]string{}
		p := newProducer(t, srv.Client(), plain, patient, func(c *config) {
			c.OnResult = func(d kinecast.Delivery[string]) {
				must(t, d.Err)
				var codes []string
				for _, a := range d.Result.Attempts.All() {
					codes = append(codes, a.Code)
				}
				attempts[d.Value] = strings.Join(codes, ",")
			}
		})
		puts(t, p, 10)
		must(t, p.Flush(t.Context()))
		wantStored(t, srv, "s", 10)
		for i := range 10 {
			v, want := fmt.Sprint("v", i), ""
			switch v {
			case "v2":
				want = throttled + "," + throttled + ","
			case "v5":
				want = "InternalFailure,InternalFailure,"
			case "v7":
				want = "ServiceUnavailable,ServiceUnavailable,"
			}
			if attempts[v] != want {
				t.Errorf("%s: attempts with the codes %q, want %q", v, attempts[v], want)
			}
		}
		sent := 0
		for _, c := range calls(srv, kinesistest.PutRecords) {
			sent += c.Records
		}
		if sent != 16 {
			t.Errorf("%d records were sent, want 10 and 6 again", sent)
		}
	})
}

// What an attempt says: when it began, how long it took, what came of it. The first one begins when the linger is over.
func TestAttemptsTellTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const roundTrip = 6 * time.Millisecond
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		srv.Inject(kinesistest.Rule{
			On: kinesistest.PutRecords, Times: 1,
			Do: kinesistest.Delay(roundTrip).Then(kinesistest.CallError(503, "ServiceUnavailable", "not now")),
		})
		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Delay(roundTrip)})
		var result kinecast.Result
		p := newProducer(t, srv.Client(), func(c *config) {
			c.OnResult = func(d kinecast.Delivery[string]) { result = d.Result }
		})
		must(t, p.Open(t.Context()))
		begin := time.Now()
		puts(t, p, 1)
		time.Sleep(time.Minute) // a flush would cut the linger
		must(t, p.Flush(t.Context()))
		all := result.Attempts.Slice()
		if len(all) != 2 || result.ShardID == "" || result.SequenceNumber == "" {
			t.Fatalf("%+v", result)
		}
		if first := all[0]; !first.Start.Equal(begin.Add(kinecast.DefaultRecordMaxBufferedTime)) || first.Duration != roundTrip ||
			first.Code != "ServiceUnavailable" || !strings.Contains(first.Message, "not now") {
			t.Errorf("first attempt: %+v, put at %v", first, begin)
		}
		if second := all[1]; !second.Start.After(all[0].Start.Add(roundTrip)) || second.Duration != roundTrip || second.Code != "" ||
			second.ShardID != result.ShardID {
			t.Errorf("second attempt: %+v", second)
		}
	})
}

// Answers get lost after the records were stored. Every copy beyond a record's first is one that its attempts admit.
func TestDuplicatesAreAccountedFor(t *testing.T) {
	for name, change := range map[string]func(*config){"aggregated": func(*config) {}, "plain": plain} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 3))
			srv.Inject(kinesistest.Rule{
				On: kinesistest.PutRecords, Every: 2, Times: 5, Do: kinesistest.Store().Then(kinesistest.Lose(kinesistest.Reset)),
			})
			srv.Inject(kinesistest.Rule{
				On: kinesistest.PutRecords, Every: 3, Times: 3, Do: kinesistest.Store().Then(kinesistest.Lose(kinesistest.Hang)),
			})
			doubtful := map[string]int{}
			p := newProducer(t, srv.Client(), change, func(c *config) {
				c.RequestTimeout, c.CollectionMaxCount = time.Second, 20
				c.OnResult = func(d kinecast.Delivery[string]) {
					must(t, d.Err)
					doubtful[d.Value] = slices.IndexFunc(d.Result.Attempts.Slice(), func(a kinecast.Attempt) bool { return a.Code == "" })
				}
			})
			for i := range 20 {
				for j := range 10 {
					must(t, p.Put(t.Context(), fmt.Sprint("v", 10*i+j)))
				}
				time.Sleep(200 * time.Millisecond)
			}
			must(t, p.Close(t.Context()))
			copies := 0
			for v, at := range places(t, srv, "s") {
				if len(at) != 1+doubtful[v] {
					t.Errorf("%s is stored %d times after %d attempts without an answer", v, len(at), doubtful[v])
				}
				copies += len(at) - 1
			}
			if len(doubtful) != 200 || copies == 0 {
				t.Errorf("%d records ended, %d copies: the test does not test", len(doubtful), copies)
			}
		})
	}
}
