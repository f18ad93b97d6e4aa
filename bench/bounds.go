package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/bench/internal/far"
	"github.com/kinecast/kinecast/bench/internal/load"
	"github.com/kinecast/kinecast/bench/internal/measure"
	"github.com/kinecast/kinecast/kinesistest"
)

// live is the heap that is in use after a collection, and the number of goroutines.
func live() (bytes float64, goroutines int) {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools give back what they hold with the second one
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc), runtime.NumGoroutine()
}

// memory weighs idle shards, and a producer whose queue is full while nothing is answered.
func memory(ctx context.Context, s *session) error {
	if err := idleShards(ctx, s); err != nil {
		return err
	}
	s.stepf("memory: full queue")
	cfg := config()
	cfg.QueueBytes, cfg.QueueLimit = 64<<20, 1<<30
	before, _ := live()
	g, err := setUp(ctx, far.Options{Shards: 100, Delay: 2 * time.Second}, cfg)
	if err != nil {
		return err
	}
	source := load.New(standard, 1)
	for err = nil; !errors.Is(err, kinecast.ErrQueueFull); {
		if err = g.producer.TryPut(source.Next()); err != nil && !errors.Is(err, kinecast.ErrQueueFull) {
			return err
		}
	}
	after, _ := live()
	bound := float64(g.producer.Stats().MemoryBound)
	s.add(result{Scenario: "memory", Case: "full queue", What: "live heap / MemoryBound", Unit: "×", Figure: measure.Once((after - before) / bound)})
	s.add(result{Scenario: "memory", Case: "full queue", What: "MemoryBound", Unit: "MiB", Figure: measure.Once(bound / (1 << 20))})
	return g.close(ctx)
}

func idleShards(ctx context.Context, s *session) error {
	const many = 10_000
	s.stepf("memory: idle shards")
	var bytes [2]float64
	var goroutines [2]int
	for i, n := range []int{1, many} {
		before, running := live()
		g, err := setUp(ctx, far.Options{Shards: n}, config())
		if err != nil {
			return err
		}
		source := load.New(standard, 1)
		for range 2 * n { // most shards have had a record
			if err := g.producer.Put(ctx, source.Next()); err != nil {
				return err
			}
		}
		if err := g.producer.Checkpoint(ctx); err != nil {
			return err
		}
		after, now := live()
		bytes[i], goroutines[i] = after-before, now-running
		if err := g.close(ctx); err != nil {
			return err
		}
	}
	s.add(result{Scenario: "memory", Case: "idle shard", What: "live heap", Unit: "bytes", Figure: measure.Once((bytes[1] - bytes[0]) / (many - 1))})
	more := max(0, float64(goroutines[1]-goroutines[0])) / (many - 1)
	s.add(result{Scenario: "memory", Case: "idle shard", What: "goroutines", Unit: "", Figure: measure.Once(more)})
	return nil
}

// throttled writes to one shard as fast as it takes, and counts what is stored of what the shard could take.
func throttled(ctx context.Context, s *session) error {
	const warm, length = 20 * time.Second, 20 * time.Second
	limit := kinesistest.ServiceThroughput()
	g, err := setUp(ctx, far.Options{Shards: 1, Throttle: limit}, config())
	if err != nil {
		return err
	}
	s.stepf("throttled")
	source := load.New(standard, 1)
	start := time.Now()
	var from kinecast.Stats
	var before far.Figures
	for measuring := false; time.Since(start) < warm+length; {
		for range 100 {
			if err := g.producer.Put(ctx, source.Next()); err != nil {
				return err
			}
		}
		if !measuring && time.Since(start) >= warm {
			measuring, from = true, g.producer.Stats()
			if before, err = g.server.Figures(); err != nil {
				return err
			}
		}
	}
	to := g.producer.Stats()
	after, err := g.server.Figures()
	if err != nil {
		return err
	}
	took := (time.Since(start) - warm).Seconds()
	goodput := float64(to.KinesisRecordsDataPut-from.KinesisRecordsDataPut) / took / limit.Bytes
	stored := float64(to.KinesisRecordsPut - from.KinesisRecordsPut)
	refused := max(0, 1-stored/float64(max(after.Minus(before).Records, 1)))
	s.add(result{Scenario: "throttled", Case: "one shard of 1 MiB/s", What: "stored / the shard's limit", Unit: "×", Figure: measure.Once(goodput)})
	s.add(result{Scenario: "throttled", Case: "one shard of 1 MiB/s", What: "refused / sent", Unit: "×", Figure: measure.Once(refused)})
	return g.drop(ctx)
}

// order compares the speed with and without order, over a distance. A slice takes about a second: it ends with the last result,
// and in order what a shard has then goes one after the other, which says nothing about its throughput.
func order(ctx context.Context, s *session) error {
	ordered := config()
	ordered.Ordering = kinecast.PerKey
	if fault := ordered.Validate(); fault != nil {
		s.skipf("order: this version has no PerKey order yet")
		return nil //nolint:nilerr // which is said
	}
	s.stepf("order")
	const shards = 200 // a hundred would be refused what is sent here: the service takes 1 MiB/s of each
	var speed [2]*rig
	for i, cfg := range []kinecast.Config[[]byte]{config(), ordered} {
		var err error
		if speed[i], err = setUp(ctx, far.Options{Shards: shards, Delay: 20 * time.Millisecond}, cfg); err != nil {
			return err
		}
	}
	n := 16 * s.sliceOf(standard)
	pair, err := measure.Clock(measure.Elapsed).Compare(ctx, measure.Slices,
		puts(ctx, speed[1].producer, standard, 4, n), puts(ctx, speed[0].producer, standard, 4, n))
	if err != nil {
		return err
	}
	name := fmt.Sprintf("PerKey, %d shards, 20 ms", shards)
	s.add(result{Scenario: "order", Case: name, What: "speed / unordered", Unit: "×", Figure: pair.Ratio})
	s.add(result{Scenario: "order", Case: name, What: "time", Unit: "ns/record", Figure: pair.Base})
	s.add(result{Scenario: "order", Case: "unordered", What: "time", Unit: "ns/record", Figure: pair.Work})
	return errors.Join(speed[0].close(ctx), speed[1].close(ctx))
}

// units counts what a million records come to on the bill of a provisioned stream.
func units(ctx context.Context, s *session) error {
	plain := config()
	plain.AggregationDisabled = true
	for _, c := range []struct {
		name string
		cfg  kinecast.Config[[]byte]
	}{{"kinecast", config()}, {"kinecast, no aggregation", plain}} {
		s.stepf("units: %s", c.name)
		g, err := setUp(ctx, far.Options{Shards: 10}, c.cfg)
		if err != nil {
			return err
		}
		n := 1_000_000
		if s.quick {
			n = 100_000
		}
		if n, err = puts(ctx, g.producer, standard, 1, n)(); err != nil {
			return err
		}
		f, err := g.server.Figures()
		if err != nil {
			return err
		}
		s.addUnits(c.name, f, n)
		if err := g.close(ctx); err != nil {
			return err
		}
	}
	return nil
}

// addUnits notes what n user records came to.
func (s *session) addUnits(name string, f far.Figures, n int) {
	million := 1e6 / float64(n)
	s.add(result{Scenario: "units", Case: name, What: "PUT units", Unit: "/million", Figure: measure.Once(float64(f.Units) * million)})
	s.add(result{Scenario: "units", Case: name, What: "Kinesis records", Unit: "/million", Figure: measure.Once(float64(f.Records) * million)})
	s.add(result{Scenario: "units", Case: name, What: "requests", Unit: "/million", Figure: measure.Once(float64(f.Requests) * million)})
	fill := float64(f.Bytes) / float64(max(f.Units, 1)) / far.Unit
	s.add(result{Scenario: "units", Case: name, What: "bytes in the units / bytes paid for", Unit: "×", Figure: measure.Once(fill)})
}
