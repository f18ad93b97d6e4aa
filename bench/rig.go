package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/bench/internal/discard"
	"github.com/kinecast/kinecast/bench/internal/far"
	"github.com/kinecast/kinecast/bench/internal/load"
	"github.com/kinecast/kinecast/bench/internal/measure"
)

// standard is the record of which everything is measured that says nothing else.
var standard = load.Spec{Size: 100}

// config is a producer's configuration for the records of package load, with all defaults.
func config() kinecast.Config[[]byte] {
	return kinecast.Config[[]byte]{
		DefaultStream: far.Stream,
		Serializer:    kinecast.Bytes(),
		Partitioner: kinecast.PartitionerFunc[[]byte](func(v []byte, at *kinecast.Placement) error {
			at.Key = append(at.Key, v[:load.KeySize]...)
			return nil
		}),
	}
}

// rig is a producer, a server in another process, and the drain there for the floor.
type rig struct {
	server   *far.Server
	producer *kinecast.Producer[[]byte]
	drain    net.Conn
}

// setUp starts a server and opens a producer to it.
func setUp(ctx context.Context, o far.Options, cfg kinecast.Config[[]byte]) (_ *rig, err error) {
	r := &rig{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close(ctx))
		}
	}()
	if r.server, err = far.Start(ctx, o); err != nil {
		return nil, err
	}
	if r.drain, err = r.server.Drain(ctx); err != nil {
		return nil, err
	}
	if r.producer, err = kinecast.New(r.server.Client(), cfg); err != nil {
		return nil, err
	}
	return r, r.producer.Open(ctx)
}

func (r *rig) close(ctx context.Context) error {
	var errs []error
	if r.producer != nil {
		errs = append(errs, r.producer.Close(ctx))
	}
	if r.drain != nil {
		errs = append(errs, r.drain.Close())
	}
	if r.server != nil {
		errs = append(errs, r.server.Close())
	}
	return errors.Join(errs...)
}

// drop ends it without waiting for what is left.
func (r *rig) drop(ctx context.Context) error {
	over, cancel := context.WithCancel(ctx)
	cancel()
	err := r.producer.Close(over)
	if left := (*kinecast.UndeliveredError)(nil); errors.As(err, &left) {
		err = nil
	}
	r.producer = nil
	return errors.Join(err, r.close(ctx))
}

// sliceBytes is how much data a slice puts: long enough that its end, with aggregates that are not full, counts for little.
func (s *session) sliceBytes() int {
	if s.quick {
		return 8 << 20
	}
	return 16 << 20
}

// sliceOf is a slice's number of records.
func (s *session) sliceOf(spec load.Spec) int {
	return max(s.sliceBytes()/(spec.Size+load.KeySize+perRecord), 8)
}

// puts is a slice of n records by some callers, to the last result.
func puts(ctx context.Context, p *kinecast.Producer[[]byte], spec load.Spec, callers, n int) measure.Work {
	sources := make([]*load.Source, callers)
	for i := range sources {
		sources[i] = load.New(spec, uint64(i+1))
	}
	failures := make([]error, callers)
	return func() (int, error) {
		var running sync.WaitGroup
		for i, source := range sources {
			running.Go(func() {
				for range n / callers {
					if failures[i] = p.Put(ctx, source.Next()); failures[i] != nil {
						return
					}
				}
			})
		}
		running.Wait()
		if err := errors.Join(failures...); err != nil {
			return 0, fmt.Errorf("put: %w", err)
		}
		return n / callers * callers, p.Checkpoint(ctx)
	}
}

// floorWork is a slice of the floor for n records at least.
func (r *rig) floorWork(spec load.Spec, n int, cbor bool) measure.Work {
	f := newFloor(spec.Size, load.KeySize, r.drain)
	return func() (int, error) {
		done := 0
		for done < n {
			done += f.all(cbor)
		}
		return done, nil
	}
}

// discarding opens a producer to a client that discards.
func discarding(ctx context.Context, shards int, cfg kinecast.Config[[]byte]) (*kinecast.Producer[[]byte], func() error, error) {
	client, closeServer, err := discard.New(far.Stream, shards)
	if err != nil {
		return nil, nil, err
	}
	p, err := kinecast.New(client, cfg)
	if err != nil {
		closeServer()
		return nil, nil, err
	}
	end := func() error {
		defer closeServer()
		return p.Close(ctx)
	}
	return p, end, p.Open(ctx)
}
