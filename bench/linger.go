package main

import (
	"context"
	"errors"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/bench/internal/far"
	"github.com/kinecast/kinecast/bench/internal/measure"
)

// lingering is a producer with one linger under one load, slice by slice.
type lingering struct {
	name    string
	rig     *rig
	load    func(fastest float64) float64 // records a second
	waits   []waits
	figures far.Figures
}

// lingers measures what lingering costs in time and on the bill: the default and NoLinger, at low, half and full load, over 10 ms.
func lingers(ctx context.Context, s *session) (err error) {
	var cases []*lingering
	var rigs []*rig
	defer func() {
		for _, g := range rigs {
			err = errors.Join(err, g.close(ctx))
		}
	}()
	for _, c := range []struct {
		name string
		set  time.Duration
	}{{"100 ms, the default", 0}, {"NoLinger", kinecast.NoLinger}} {
		cfg := config()
		cfg.RecordMaxBufferedTime = c.set
		g, err := setUp(ctx, far.Options{Shards: 10, Delay: 10 * time.Millisecond}, cfg)
		if err != nil {
			return err
		}
		rigs = append(rigs, g)
		cases = append(
			cases,
			&lingering{name: c.name + ", 1,000 records/s", rig: g, load: func(float64) float64 { return 1000 }},
			&lingering{name: c.name + ", half load", rig: g, load: func(fastest float64) float64 { return fastest / 2 }},
			&lingering{name: c.name + ", full load", rig: g, load: func(fastest float64) float64 { return 2 * fastest }},
		)
	}
	for i := range s.slices() + 1 {
		for _, c := range cases {
			s.stepf("linger: %s, slice %d", c.name, i)
			if err := c.slice(ctx, s, i > 0); err != nil {
				return err
			}
		}
	}
	for _, c := range cases {
		c.report(s)
	}
	return nil
}

// slice takes the full speed of the moment, and then what a share of it comes to.
func (c *lingering) slice(ctx context.Context, s *session, counts bool) error {
	fastest, err := speed(puts(ctx, c.rig.producer, standard, 1, s.sliceOf(standard)))
	if err != nil {
		return err
	}
	before, err := c.rig.server.Figures()
	if err != nil {
		return err
	}
	w, err := steadily(ctx, c.rig.producer, c.load(fastest), 400*time.Millisecond)
	if err != nil {
		return err
	}
	if err := c.rig.producer.Checkpoint(ctx); err != nil {
		return err
	}
	after, err := c.rig.server.Figures()
	if counts && err == nil {
		c.waits, c.figures = append(c.waits, w), c.figures.Plus(after.Minus(before))
	}
	return err
}

// report notes the figures of a case.
func (c *lingering) report(s *session) {
	records := 0
	for _, w := range c.waits {
		records += w.n
	}
	million := func(n int64) measure.Figure { return measure.Once(float64(n) / float64(records) * 1e6) }
	for _, r := range []result{
		{What: "p50 of Put to result", Unit: "ms", Figure: quantile(c.waits, 50)},
		{What: "p99 of Put to result", Unit: "ms", Figure: quantile(c.waits, 99)},
		{What: "PUT units", Unit: "/million", Figure: million(c.figures.Units)},
		{What: "Kinesis records", Unit: "/million", Figure: million(c.figures.Records)},
		{What: "requests", Unit: "/million", Figure: million(c.figures.Requests)},
	} {
		r.Scenario, r.Case = "linger", c.name
		s.add(r)
	}
}
