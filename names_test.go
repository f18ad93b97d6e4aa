package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/kinesistest"
)

// twoNames sends what ends with "@" to the ARN of stream s, the rest to its name.
func twoNames(c *config) {
	c.TargetStream = func(v string) (string, error) {
		if strings.HasSuffix(v, "@") {
			return arnOfS, nil
		}
		return "s", nil
	}
}

// firstName are the two orders in which the names of stream s can come.
var firstName = map[string][2]string{"name first": {"s", arnOfS}, "ARN first": {arnOfS, "s"}}

// shy is a client that does not describe a stream by its name before it is told to; what it is told to return, if that is an
// error.
func shy(s *kinesistest.Server) (client *meddler, tell chan error) {
	client, tell = &meddler{Client: s.Client()}, make(chan error)
	client.onDescribe = func(ctx context.Context, in *kinesis.DescribeStreamSummaryInput) (*kinesis.DescribeStreamSummaryOutput, error) {
		if in.StreamName != nil {
			select {
			case err := <-tell:
				if err != nil {
					return nil, err
				}
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return client.Client.DescribeStreamSummary(ctx, in)
	}
	return client, tell
}

// Both names of a stream share its lanes: what is put under both in one linger is one aggregated record a shard, and one
// request. Results say the name that was used, figures the one that was used first.
func TestTwoNamesShareLanes(t *testing.T) {
	for order, names := range firstName {
		for _, mode := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
			bubble(t, fmt.Sprint(order, mode), func(t *testing.T) {
				srv := kinesistest.New(t, kinesistest.Stream("s", 2))
				streams := map[string]string{}
				p := newProducer(t, srv.Client(), twoNames, func(c *config) {
					c.Ordering = mode
					c.OnResult = func(d kinecast.Delivery[string]) { streams[d.Value] = d.Result.Stream }
				})
				must(t, p.Open(t.Context(), names[0], names[1]))
				before := p.Stats()
				for i := range 100 {
					must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
					must(t, p.Put(t.Context(), fmt.Sprint("v", i, "@")))
				}
				time.Sleep(time.Second)
				must(t, p.Checkpoint(t.Context()))
				after := p.Stats()
				if k, r := after.KinesisRecordsPut-before.KinesisRecordsPut, after.Requests-before.Requests; k != 2 || r != 1 {
					t.Errorf("%d Kinesis records in %d requests, want one a shard in one request", k, r)
				}
				if after.UserRecordsReceived != 200 || after.UserRecordsPut != 200 || len(places(t, srv, "s")) != 200 {
					t.Errorf("%+v", after)
				}
				for v, stream := range streams {
					if want := map[bool]string{true: arnOfS, false: "s"}[strings.HasSuffix(v, "@")]; stream != want {
						t.Errorf("the result of %s says %q", v, stream)
					}
				}
				wantFiguresOf(t, p, names[0], 200)
			})
		}
	}
}

// wantFiguresOf checks that the producer has figures of one stream, and how many records that received.
func wantFiguresOf(t *testing.T, p *producer, stream string, n float64) {
	t.Helper()
	for m := range p.Metrics() {
		for _, d := range m.Dimensions {
			if d.Name != figures.StreamName {
				continue
			}
			if d.Value != stream {
				t.Errorf("figures of %q", d.Value)
			}
			if got := float64(m.Distribution.Sum); m.Name == figures.UserRecordsReceived && got != n {
				t.Errorf("received %v, want %v", got, n)
			}
		}
	}
}

// What is put before it is known that two names are one stream waits under the second, and goes when that is known.
func TestTwoNamesBeforeThatIsKnown(t *testing.T) {
	for order, names := range firstName {
		bubble(t, order, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 3))
			client, tell := shy(srv)
			p := newProducer(t, client, twoNames)
			opened := make(chan error)
			put := map[string]string{"s": "v", arnOfS: "v@"}
			must(t, p.Put(t.Context(), put[names[0]]))
			for i := range 50 {
				must(t, p.Put(t.Context(), fmt.Sprint("v", i, put[names[1]][1:])))
			}
			go func() { opened <- p.Open(t.Context(), names[1]) }()
			time.Sleep(time.Second)
			if n := len(places(t, srv, "s")); order == "ARN first" && n != 1 || order != "ARN first" && n != 0 {
				t.Errorf("%d records are stored", n)
			}
			if s := p.Stats(); s.OutstandingRecords < 50 || s.UserRecordsReceived != 51 {
				t.Errorf("%+v", s)
			}
			tell <- nil
			if order != "ARN first" {
				close(tell) // both ask
			}
			must(t, <-opened)
			must(t, p.Checkpoint(t.Context()))
			if n := len(places(t, srv, "s")); n != 51 {
				t.Errorf("%d records are stored", n)
			}
			if s := p.Stats(); s.KinesisRecordsPut > 4 || s.UserRecordsReceived != 51 || s.OutstandingBytes != 0 {
				t.Errorf("%+v", s)
			}
			wantFiguresOf(t, p, names[0], 51)
		})
	}
}

// A name and an ARN that end alike may be two streams.
func TestTwoNamesOfTwoStreams(t *testing.T) {
	other := strings.Replace(arnOfS, "123456789012", "999999999999", 1)
	for _, mode := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
		for order, names := range map[string][2]string{"name first": {"s", other}, "ARN first": {other, "s"}} {
			bubble(t, fmt.Sprint(order, mode), func(t *testing.T) {
				own, foreign := kinesistest.New(t, kinesistest.Stream("s", 2)), kinesistest.New(t, kinesistest.Account("999999999999"), kinesistest.Stream("s", 2))
				p := newProducer(t, &twoAccounts{own.Client(), foreign.Client()}, func(c *config) {
					c.Ordering = mode
					c.TargetStream = func(v string) (string, error) { return v[1:], nil }
				})
				for i := range 10 {
					must(t, p.Put(t.Context(), fmt.Sprint(i, names[0])))
					must(t, p.Put(t.Context(), fmt.Sprint(i, names[1])))
				}
				must(t, p.Checkpoint(t.Context()))
				for server, want := range map[*kinesistest.Server]string{own: "s", foreign: other} {
					all := places(t, server, "s")
					for v := range all {
						if v[1:] != want {
							t.Errorf("%s is in %q", v, want)
						}
					}
					if len(all) != 10 {
						t.Errorf("%d records are stored in %q", len(all), want)
					}
				}
			})
		}
	}
}

// twoAccounts is a client of one account that may use the streams of another one, by their ARNs.
type twoAccounts struct{ own, other *kinesistest.Client }

func (c *twoAccounts) of(arn *string) *kinesistest.Client {
	if strings.Contains(aws.ToString(arn), ":999999999999:") {
		return c.other
	}
	return c.own
}

func (c *twoAccounts) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	return c.of(in.StreamARN).PutRecords(ctx, in)
}

func (c *twoAccounts) ListShards(ctx context.Context, in *kinesis.ListShardsInput, _ ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	return c.of(in.StreamARN).ListShards(ctx, in)
}

func (c *twoAccounts) DescribeStreamSummary(ctx context.Context, in *kinesis.DescribeStreamSummaryInput, _ ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error) {
	return c.of(in.StreamARN).DescribeStreamSummary(ctx, in)
}

// Two names of a stream take one place among MaxStreams, whatever is known, and keep the stream while either is used.
func TestTwoNamesAreOneStream(t *testing.T) {
	for order, names := range firstName {
		bubble(t, order, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2, kinesistest.MaxRecordSize(10240)), kinesistest.Stream("other", 1))
			p := newProducer(t, srv.Client(), func(c *config) {
				c.MaxStreams, c.Partitioner, c.DefaultPartition = 1, nil, "k"
				c.TargetStream = func(v string) (string, error) { return v[:strings.IndexByte(v, '|')], nil }
			})
			large := "|" + strings.Repeat("x", 2<<20)
			at := func(i int) string { return fmt.Sprint(names[i], "|") }
			for round := range 3 { // the second round finds it idle, the third opens it by the other name
				i := round / 2
				must(t, p.Open(t.Context(), names[i]))
				for range 3 { // the other name alone is used
					must(t, p.Put(t.Context(), at(1-i)+"v"))
					wantIs(t, p.Put(t.Context(), "other|v"), kinecast.ErrInvalidRecord)
					time.Sleep(kinecast.DefaultStreamIdleTimeout - time.Minute)
				}
				must(t, p.Put(t.Context(), names[1-i]+large))
				must(t, p.Checkpoint(t.Context()))
				time.Sleep(released)
				must(t, p.Put(t.Context(), "other|v")) // the stream has gone, with both names
				must(t, p.Checkpoint(t.Context()))
				time.Sleep(released)
				must(t, p.TryPut(names[1-i]+large)) // its limit is known by both names
				must(t, p.Checkpoint(t.Context()))
				time.Sleep(released)
			}
			if s := p.Stats(); s.UserRecordsReceived != 18 || s.UserRecordsPut != 18 || s.OutstandingBytes != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Callers who wait for a share of the queue under the second name go on under the first.
func TestTwoNamesUnderPressure(t *testing.T) {
	for order, names := range firstName {
		bubble(t, order, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			client, tell := shy(srv)
			p := newProducer(t, client, twoNames, func(c *config) { c.QueueLimit = 40 })
			put := map[string]string{"s": "", arnOfS: "@"}
			must(t, p.Put(t.Context(), "first"+put[names[0]]))
			n := 0
			for ; p.TryPut(fmt.Sprint("v", n, put[names[1]])) == nil; n++ {
			}
			var full *kinecast.QueueFullError
			if err := p.TryPut("v" + put[names[1]]); n != 20 || !errors.As(err, &full) || full.Stream != names[1] {
				t.Errorf("%d records, then %v", n, err)
			}
			var callers sync.WaitGroup
			for i := n; i < 200; i++ {
				callers.Go(func() {
					if err := p.Put(t.Context(), fmt.Sprint("v", i, put[names[1]])); err != nil {
						t.Error(err)
					}
				})
			}
			time.Sleep(time.Second)
			if s := p.Stats(); s.OutstandingRecords > 21 || s.BackpressureCycles != 180 {
				t.Errorf("%+v", s)
			}
			tell <- nil
			if order != "ARN first" {
				close(tell)
			}
			callers.Wait()
			must(t, p.Checkpoint(t.Context()))
			if n := len(places(t, srv, "s")); n != 201 {
				t.Errorf("%d records are stored", n)
			}
		})
	}
}

// A failure that sticks to the second name sticks to the stream when both are known to be one.
func TestTwoNamesShareAFailure(t *testing.T) {
	for order, names := range firstName {
		bubble(t, order, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			client, tell := shy(srv)
			p := newProducer(t, client, twoNames, func(c *config) { c.RecordTTL = time.Second })
			put := map[string]string{"s": "v", arnOfS: "v@"}
			opened := make(chan error)
			go func() { opened <- p.Open(t.Context(), names[0], names[1]) }()
			synctest.Wait()
			must(t, p.Put(t.Context(), put[names[1]]))
			must(t, p.Flush(t.Context())) // its time is over
			failure := p.Err()
			wantIs(t, failure, kinecast.ErrExpired)
			close(tell)
			must(t, <-opened)
			wantIs(t, p.Put(t.Context(), put[names[0]]), kinecast.ErrFailed)
			wantIs(t, p.Put(t.Context(), put[names[1]]), kinecast.ErrFailed)
			if err := p.Err(); err != failure { //nolint:errorlint // the very same
				t.Errorf("%v", err)
			}
			if !p.ClearErr(failure) || p.Err() != nil {
				t.Error("not cleared")
			}
			must(t, p.Put(t.Context(), put[names[0]]))
			must(t, p.Put(t.Context(), put[names[1]]))
			must(t, p.Checkpoint(t.Context()))
		})
	}
}
