package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kinecast/kinecast"
)

// drainTimeout is for the records that are outstanding when putting ends. It is longer than their time to live, so
// it ends only a run whose producer is at fault.
const drainTimeout = time.Minute

// delivery is how putting went.
type delivery struct {
	sent        traffic
	elapsed     time.Duration // from the first Put to the last result
	refused     int
	faults      []badLine // the first refusals
	interrupted bool      // by a signal or an error: not everything was put
}

// produce puts every record of the journal into the stream, waits for the result of each, and writes it into the
// journal. When ctx ends it puts no more, and still waits for what was put. An error means that it ended early; what
// was put stands in the journal all the same.
func produce(
	ctx context.Context, client kinecast.Client, o options, ttl time.Duration, j *journal, r *resharding,
) (d delivery, err error) {
	p, err := newProducer(client, o, ttl, j)
	if err != nil {
		return d, err
	}
	// A signal ends putting, not draining.
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout+ttl)
	defer cancel()
	defer func() {
		closed := unlessFailed(p.Close(drain))
		d.sent = trafficOf(p.Stats())
		if err == nil {
			err = closed
		}
	}()
	if err := open(ctx, p, o); err != nil {
		return d, err
	}
	start := time.Now()
	err = unlessFailed(d.putAll(ctx, p, o, j, r))
	d.interrupted = d.interrupted || err != nil
	if flushed := p.Flush(drain); err == nil {
		err = flushed
	}
	d.elapsed = time.Since(start)
	return d, err
}

// unlessFailed drops the error that stands for an earlier record's failure: the journal has that.
func unlessFailed(err error) error {
	if errors.Is(err, kinecast.ErrFailed) {
		return nil
	}
	return err
}

// newProducer is where a program of your own would begin, too.
func newProducer(client kinecast.Client, o options, ttl time.Duration, j *journal) (*kinecast.Producer[Quake], error) {
	order := kinecast.Unordered
	if o.ordered {
		order = kinecast.PerKey
	}
	return kinecast.New(client, kinecast.Config[Quake]{
		DefaultStream: o.stream.String(),
		Serializer:    kinecast.SerializerFunc[Quake](func(dst []byte, q Quake) ([]byte, error) { return q.append(dst), nil }),
		Partitioner:   kinecast.ByKey(func(q Quake) string { return q.Key }),
		Ordering:      order,
		RecordTTL:     ttl,
		OnResult: func(d kinecast.Delivery[Quake]) {
			j.settle(d.Value, d.Result.ShardID, d.Result.SequenceNumber, d.Result.Position, d.Err)
		},
	})
}

// open loads the stream's shards before the clock starts, and fails where the first Put would wait.
func open(ctx context.Context, p *kinecast.Producer[Quake], o options) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return p.Open(ctx, o.stream.String())
}

// putAll puts one record after the other. A record that is itself at fault is refused and counted, or ends it if the
// options are strict.
func (d *delivery) putAll(
	ctx context.Context, p *kinecast.Producer[Quake], o options, j *journal, r *resharding,
) error {
	for serial := range j.fates {
		err := r.before(ctx, p, serial)
		if d.interrupted = ctx.Err() != nil; d.interrupted {
			break
		}
		if err != nil {
			return err
		}
		q := j.feed.at(serial)
		j.fates[serial] = admitted // before Put, since the result may come before Put returns
		err = p.Put(ctx, q)
		if err == nil {
			continue
		}
		j.fates[serial] = notPut
		switch own := errors.Is(err, kinecast.ErrTooLarge) || errors.Is(err, kinecast.ErrInvalidRecord); {
		case own && o.strict:
			return badLine{q.Number, err}
		case own:
			d.refuse(badLine{q.Number, err})
		case ctx.Err() == nil: // it did not just end while Put waited for room
			return fmt.Errorf("put of line %d: %w", q.Number, err)
		}
	}
	return nil
}

func (d *delivery) refuse(bad badLine) {
	d.refused++
	if len(d.faults) < maxFaults {
		d.faults = append(d.faults, bad)
	}
}

func trafficOf(s kinecast.Stats) traffic {
	return traffic{kinesisRecords: s.KinesisRecordsPut, requests: s.Requests}
}
