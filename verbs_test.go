package kinecast_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// Every verb's result names the place where the server stored the record.
func TestResultsAreWhatTheServerStored(t *testing.T) {
	for name, change := range map[string]func(*config){"aggregated": func(*config) {}, "plain": plain} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 4))
				results := map[string]kinecast.Result{}
				asked := map[string]int{}
				p := newProducer(t, srv.Client(), change, func(c *config) {
					c.OnResult = func(d kinecast.Delivery[string]) {
						must(t, d.Err)
						results[d.Value] = d.Result
					}
				})
				for i := 0; i < 300; i += 3 {
					must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
					must(t, p.TryPut(fmt.Sprint("v", i+1)))
					v := fmt.Sprint("v", i+2)
					must(t, p.PutAsync(t.Context(), v, func(r kinecast.Result, err error) {
						must(t, err)
						asked[v]++
						if at := places(t, srv, "s")[v]; len(at) != 1 || at[0] != (place{r.ShardID, r.SequenceNumber, r.Position}) {
							t.Errorf("%s: %+v, stored at %v", v, r, at)
						}
					}))
				}
				r, err := p.PutSync(t.Context(), "v300")
				must(t, err)
				must(t, p.Close(t.Context()))
				wantStored(t, srv, "s", 301)
				aggregated := false
				for v, at := range places(t, srv, "s") {
					got := results[v]
					if at[0] != (place{got.ShardID, got.SequenceNumber, got.Position}) || got.Stream != "s" || got.MaybeWritten || got.Attempts.Len() != 1 {
						t.Errorf("%s: %+v, stored at %v", v, got, at)
					}
					aggregated = aggregated || got.Aggregated
				}
				if r.SequenceNumber != results["v300"].SequenceNumber || aggregated != (name == "aggregated") {
					t.Errorf("PutSync: %+v; something aggregated: %v", r, aggregated)
				}
				for v, n := range asked {
					if n != 1 {
						t.Errorf("done of %s was called %d times", v, n)
					}
				}
				if len(asked) != 100 || len(results) != 301 {
					t.Errorf("%d done, %d results", len(asked), len(results))
				}
			})
		})
	}
}

func TestStatsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		p := newProducer(t, srv.Client())
		puts(t, p, 10) // 2 bytes each
		must(t, p.Flush(t.Context()))
		bytes, stored := int64(0), int64(0)
		for _, records := range srv.Records("s") {
			stored += int64(len(records))
			for _, r := range records {
				bytes += int64(len(r.Data))
			}
		}
		s := p.Stats()
		want := kinecast.Stats{
			UserRecordsReceived: 10, UserRecordsPut: 10, UserRecordsDataPut: 20, KinesisRecordsPut: stored, KinesisRecordsDataPut: bytes,
			Requests: int64(len(calls(srv, kinesistest.PutRecords))), MemoryBound: s.MemoryBound,
		}
		if s != want {
			t.Errorf("got  %+v\nwant %+v", s, want)
		}
		if least := int64(kinecast.DefaultQueueBytes + kinecast.DefaultRequestBytes); s.MemoryBound < least {
			t.Errorf("MemoryBound is %d, want at least %d", s.MemoryBound, least)
		}
	})
}

// PutSync does not linger, nor does what is in the same Kinesis record; Put does.
func TestPutSyncCutsTheLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client(), patient)
		must(t, p.Open(t.Context()))
		puts(t, p, 3)
		time.Sleep(time.Minute)
		if n := len(calls(srv, kinesistest.PutRecords)); n != 0 {
			t.Errorf("%d requests before anybody was in a hurry", n)
		}
		begin := time.Now()
		r, err := p.PutSync(t.Context(), "v3")
		must(t, err)
		if d := time.Since(begin); d > 0 || r.Position != 3 {
			t.Errorf("it took %v; %+v", d, r)
		}
		wantStored(t, srv, "s", 4)
	})
}

// What was put goes when its linger is over, counted from the oldest.
func TestLinger(t *testing.T) {
	for name, c := range map[string]struct{ set, want time.Duration }{
		"default": {0, 100 * time.Millisecond}, "long": {time.Minute, time.Minute}, "none": {kinecast.NoLinger, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 1))
				p := newProducer(t, srv.Client(), func(cfg *config) { cfg.RecordMaxBufferedTime = c.set })
				must(t, p.Open(t.Context()))
				begin := time.Now()
				puts(t, p, 1)
				for p.Stats().UserRecordsPut == 0 {
					time.Sleep(time.Millisecond)
				}
				if d := time.Since(begin); d < c.want || d > c.want+2*time.Millisecond {
					t.Errorf("it went after %v, want %v", d, c.want)
				}
			})
		})
	}
}

// A caller who does not wait any longer leaves the record on its way.
func TestPutSyncGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, open := gate(srv)
		p := newProducer(t, client)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.PutSync(ctx, "v0")
		wantIs(t, err, kinecast.ErrUnresolved)
		wantIs(t, err, context.DeadlineExceeded)
		open()
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 1)
	})
}

// A refused record is told to the caller and to nobody else.
func TestRefusalsGoToTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client(), func(c *config) {
			c.OnResult = func(d kinecast.Delivery[string]) { t.Errorf("OnResult: %+v", d) }
			c.OnFailure = func(d kinecast.Delivery[string]) { t.Errorf("OnFailure: %+v", d) }
		})
		never := func(kinecast.Result, error) { t.Error("done was called") }
		for verb, err := range map[string]error{
			"Put": p.Put(t.Context(), ""), "TryPut": p.TryPut(""), "PutSync": second(p.PutSync(t.Context(), "")),
			"PutAsync": p.PutAsync(t.Context(), "", never), "PutAsync without done": p.PutAsync(t.Context(), "v", nil),
		} {
			if err == nil {
				t.Errorf("%s: nil", verb)
			}
			wantIs(t, err, kinecast.ErrInvalidRecord)
		}
		must(t, p.Checkpoint(t.Context()))
		if s := p.Stats(); s.UserRecordsReceived != 0 || s.UserRecordsFailed != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestSkip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client(), func(c *config) {
			c.Serializer = kinecast.SerializerFunc[string](func(dst []byte, v string) ([]byte, error) {
				if v == "skip" {
					return dst, kinecast.ErrSkip
				}
				return append(dst, v...), nil
			})
			c.Partitioner = kinecast.PartitionerFunc[string](func(v string, at *kinecast.Placement) error {
				if v == "skip too" {
					return fmt.Errorf("nowhere: %w", kinecast.ErrSkip)
				}
				at.Key = append(at.Key, v...)
				return nil
			})
			c.OnResult = func(d kinecast.Delivery[string]) {
				if d.Value != "v0" {
					t.Errorf("OnResult: %+v", d)
				}
			}
		})
		for _, v := range []string{"skip", "skip too"} {
			must(t, p.Put(t.Context(), v))
			must(t, p.TryPut(v))
			_, err := p.PutSync(t.Context(), v)
			wantIs(t, err, kinecast.ErrSkip)
			wantIs(t, p.PutAsync(t.Context(), v, func(kinecast.Result, error) { t.Error("done was called") }), kinecast.ErrSkip)
		}
		puts(t, p, 1)
		must(t, p.Checkpoint(t.Context()))
		if s := p.Stats(); s.UserRecordsSkipped != 8 || s.UserRecordsReceived != 1 {
			t.Errorf("%+v", s)
		}
		wantStored(t, srv, "s", 1)
	})
}
