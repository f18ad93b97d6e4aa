package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"gonum.org/v1/gonum/stat"

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
	s.stepf("latency: full speed")
	n := 4 * s.sliceOf(standard)
	full, err := measure.Clock(measure.Elapsed).Compare(ctx, 5, puts(ctx, g.producer, standard, 1, n), puts(ctx, g.producer, standard, 1, n))
	if err != nil {
		return err
	}
	fastest := 1e9 / full.Work.Median
	s.add(result{Scenario: "latency", Case: "full speed", What: "speed", Unit: "records/s", Figure: measure.Once(fastest)})
	for _, c := range []struct {
		name string
		rate float64
	}{{"low load, 1,000 records/s", 1000}, {"half load", fastest / 2}} {
		s.stepf("latency: %s", c.name)
		if err := underLoad(ctx, s, g.producer, c.name, c.rate); err != nil {
			return err
		}
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

// underLoad puts at a steady rate, a bunch each millisecond, and takes the time of one record in each bunch.
func underLoad(ctx context.Context, s *session, p *kinecast.Producer[[]byte], name string, rate float64) error {
	seconds := 5.0
	if s.quick {
		seconds = 2
	}
	var (
		mu    sync.Mutex
		times []float64
	)
	source, total := load.New(standard, 2), int(rate*seconds)
	start := time.Now()
	for done := 0; done < total; {
		due := min(int(rate*time.Since(start).Seconds()), total)
		if done < due {
			put := time.Now()
			err := p.PutAsync(ctx, source.Next(), func(kinecast.Result, error) {
				mu.Lock()
				times = append(times, time.Since(put).Seconds()*1e3)
				mu.Unlock()
			})
			if err != nil {
				return err
			}
			done++
		}
		for ; done < due; done++ {
			if err := p.Put(ctx, source.Next()); err != nil {
				return err
			}
		}
		time.Sleep(time.Millisecond)
	}
	if err := p.Checkpoint(ctx); err != nil {
		return err
	}
	slices.Sort(times)
	for _, q := range quantiles {
		at := stat.Quantile(q/100, stat.Empirical, times, nil)
		s.add(result{Scenario: "latency", Case: name, What: fmt.Sprintf("p%v of Put to result", q), Unit: "ms", Figure: measure.Once(at), Position: q})
	}
	return nil
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
