// Package figures counts and measures what a producer does, under the names of the Kinesis Producer Library, and hands the
// figures to whoever publishes them. It publishes nothing itself: an adapter for CloudWatch, OpenTelemetry or Prometheus is a
// module of its own that walks over [Set.All], which [Producer.Metrics] of the root package returns.
//
//	each attempt ─┐          ┌─▶ totals of the shard
//	each end     ─┼─▶ Stream ┤                        All: shards, streams, the whole ──▶ adapter
//	each request ─┘          └─▶ distributions
//
// # What it costs
//
// Nothing for each user record. An attempt, or the end, of a Kinesis record is some additions under the stream's mutex and its
// shard's (BenchmarkRecord); nothing is allocated but when a value is the greatest or the least so far. A stream has
// distributions, some KiB; a shard has totals, as in the KPL, which take [ShardBytes] at most from its first record on and
// nothing any more when it has closed. So ten thousand shards cost ten thousand times that and no more. What is told of all
// is added up when it is read. A stream that is released leaves its figures to the whole.
//
// # Compatibility
//
// [Metric], [Dimension], [Distribution], [Totals], [Level], [Granularity], [Kind] and [Unit] are stable. [Set] and [Stream], by which the
// producer writes, are not: no compatibility promise.
package figures
