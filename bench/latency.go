package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/bench/internal/far"
	"github.com/kinecast/kinecast/bench/internal/load"
	"github.com/kinecast/kinecast/bench/internal/measure"
)

// latency measures how long callers wait: for a lone record, and from Put to result under load.
func latency(ctx context.Context, s *session) error {
	g, err := setUp(ctx, far.Options{Shards: 10}, config())
	if err != nil {
		return err
	}
	if err := lone(ctx, s, g); err != nil {
		return err
	}
	if err := underLoad(ctx, s, g); err != nil {
		return err
	}
	return g.close(ctx)
}

// lone compares a PutSync with nothing else under way to the SDK's PutRecords of the same record.
func lone(ctx context.Context, s *session, g *rig) error {
	s.stepf("latency: lone")
	source, client := load.New(standard, 1), g.server.Client()
	const each = 20
	call := func() (int, error) {
		for range each {
			v := source.Next()
			_, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{
				StreamName: aws.String(far.Stream),
				Records:    []types.PutRecordsRequestEntry{{Data: v, PartitionKey: aws.String(string(v[:load.KeySize]))}},
			})
			if err != nil {
				return 0, fmt.Errorf("the SDK's call: %w", err)
			}
		}
		return each, nil
	}
	put := func() (int, error) {
		for range each {
			if _, err := g.producer.PutSync(ctx, source.Next()); err != nil {
				return 0, err
			}
		}
		return each, nil
	}
	pair, err := measure.Clock(measure.Elapsed).Compare(ctx, measure.Slices, call, put)
	if err != nil {
		return err
	}
	s.add(result{Scenario: "latency", Case: "lone PutSync", What: "time", Unit: "ms", Figure: pair.Work.Times(1e-6)})
	s.add(result{Scenario: "latency", Case: "lone PutSync", What: "round trip", Unit: "ms", Figure: pair.Base.Times(1e-6)})
	beyond := measure.Once((pair.Work.Median - pair.Base.Median) * 1e-6)
	s.add(result{Scenario: "latency", Case: "lone PutSync", What: "time - round trip", Unit: "ms", Figure: beyond})
	return nil
}

// quantiles are those of every distribution, in percent.
var quantiles = []float64{50, 90, 99, 99.9}

// underLoad takes the time from Put to result at low and half load. Before each slice the full speed is taken: half of what the
// machine could do a minute ago may be more than all that others leave of it now.
func underLoad(ctx context.Context, s *session, g *rig) error {
	full := puts(ctx, g.producer, standard, 1, 2*s.sliceOf(standard))
	names := []string{"low load, 1,000 records/s", "half load"}
	var fastest, share []float64
	waited := make([][]waits, len(names))
	for i := range s.slices() + 1 {
		s.stepf("latency: slice %d", i)
		most, err := speed(full)
		if err != nil {
			return err
		}
		for c, rate := range []float64{1000, most / 2} {
			w, err := steadily(ctx, g.producer, rate, 500*time.Millisecond)
			if err != nil {
				return err
			}
			if i > 0 { // the first does not count
				waited[c] = append(waited[c], w)
			}
			if i > 0 && c == 1 {
				fastest, share = append(fastest, most), append(share, w.rate/most)
			}
		}
	}
	s.add(result{Scenario: "latency", Case: "full speed", What: "speed", Unit: "records/s", Figure: measure.Of(fastest)})
	s.add(result{Scenario: "latency", Case: names[1], What: "speed / full speed", Unit: "×", Figure: measure.Of(share)})
	for c, name := range names {
		for _, q := range quantiles {
			s.add(result{
				Scenario: "latency", Case: name, What: fmt.Sprintf("p%v of Put to result", q), Unit: "ms",
				Figure: quantile(waited[c], q), Position: q,
			})
		}
	}
	return nil
}

// speed is how many records a second a slice comes to.
func speed(slice measure.Work) (float64, error) {
	start := time.Now()
	n, err := slice()
	return float64(n) / time.Since(start).Seconds(), err
}

// lifetimes takes the time of a producer's beginning and end.
func lifetimes(ctx context.Context, s *session) error {
	for _, n := range []int{10, 1000} {
		s.stepf("lifetimes: %d shards", n)
		server, err := far.Start(ctx, far.Options{Shards: n})
		if err != nil {
			return err
		}
		for _, records := range []int{0, 10_000} {
			var opened, closed []float64
			for range measure.Slices {
				open, end, err := lifetime(ctx, server, records)
				if err != nil {
					return err
				}
				opened, closed = append(opened, open.Seconds()*1e3), append(closed, end.Seconds()*1e3)
			}
			name := fmt.Sprintf("%d shards, %d records", n, records)
			s.add(result{Scenario: "lifetimes", Case: name, What: "New and Open", Unit: "ms", Figure: measure.Of(opened)})
			s.add(result{Scenario: "lifetimes", Case: name, What: "Close", Unit: "ms", Figure: measure.Of(closed)})
		}
		if err := server.Close(); err != nil {
			return err
		}
	}
	return nil
}

// lifetime is that of a producer of some records.
func lifetime(ctx context.Context, server *far.Server, records int) (open, end time.Duration, err error) {
	start := time.Now()
	p, err := kinecast.New(server.Client(), config())
	if err != nil {
		return 0, 0, err
	}
	if err := p.Open(ctx); err != nil {
		return 0, 0, err
	}
	open = time.Since(start)
	source := load.New(standard, 1)
	for range records {
		if err := p.Put(ctx, source.Next()); err != nil {
			return 0, 0, err
		}
	}
	start = time.Now()
	err = p.Close(ctx)
	return open, time.Since(start), err
}
