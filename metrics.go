package kinecast

import (
	"iter"

	"github.com/kinecast/kinecast/figures"
)

// Metrics iterates over the figures of the producer, under the names, in the units and at the granularity of the Kinesis
// Producer Library's fifteen metrics, with percentiles; and the two of FlinkKinesisProducer's, backpressureCycles and
// outstandingRecordsCount. They count from New on; figures.Distribution.Since makes those of a period out of two readings. It
// is what an adapter for a metrics system walks over: nothing is published from here. See [figures.Set.All] for what it costs.
//
// Config.MetricsLevel and Config.MetricsGranularity say what is kept. Flink's two are always there. A record that is stored
// is counted before its callbacks run. Safe for concurrent use, also after Close.
func (p *Producer[T]) Metrics() iter.Seq[figures.Metric] {
	s := p.sup
	return func(yield func(figures.Metric) bool) {
		_ = yield(whole(figures.BackpressureCycles, figures.Counter, s.stats.waits.Load())) &&
			yield(whole(figures.OutstandingRecordsCount, figures.Gauge, s.ledger.Records.Used())) &&
			each(s.figures.All(), yield)
	}
}

// whole is a metric of the producer with one value.
func whole(name string, kind figures.Kind, v int64) figures.Metric {
	return figures.Metric{Name: name, Unit: figures.Count, Kind: kind, Distribution: figures.Of(v)}
}

// each yields a sequence as a part of another one; false if there is to be no more.
func each[V any](seq iter.Seq[V], yield func(V) bool) bool {
	for v := range seq {
		if !yield(v) {
			return false
		}
	}
	return true
}
