package kinecast

import (
	"math"
	"time"
)

// KPLDefaults is a configuration with the defaults of the Kinesis Producer Library 1.0.7, for those who move away from it
// one step at a time. Serializer, Partitioner and stream are yours to add.
//
//	AggregationMaxCount    4,294,967,295  as ours
//	AggregationMaxSize     50 KiB         as ours
//	CollectionMaxCount     500            as ours
//	CollectionMaxSize      5 MiB          as ours; Kinesis has taken 10 MiB since 2025
//	MaxRecordSize          1 MiB          so larger records are refused where a stream would take them
//	RecordMaxBufferedTime  100 ms         as ours
//	RecordTTL              30 s           DANGER: records are given up after it, whether or not their stream recovers;
//	                                      whoever ignores OnFailure loses them. Ours is none
//	RateLimit              150 %          more than a shard takes, so it learns from refusals. Ours is none and learns, too
//	RequestTimeout         6 s            as ours
//	MaxConnections         24             as ours
//	ErrorMode              LogAndContinue DANGER: the KPL tells a future, and stops for nothing; Checkpoint and Close return
//	                                      nil over lost records. Look at OnFailure
//	QueueLimit             2,147,483,647  the KPL has none. QueueBytes, 64 MiB, still bounds what is outstanding: Put waits
//	                                      where addUserRecord would go on taking memory
func KPLDefaults[T any]() Config[T] {
	return Config[T]{
		AggregationMaxCount: math.MaxUint32, AggregationMaxSize: 51200,
		CollectionMaxCount: 500, CollectionMaxSize: 5 << 20, MaxRecordSize: 1 << 20,
		RecordMaxBufferedTime: 100 * time.Millisecond, RecordTTL: 30 * time.Second, RateLimit: 150,
		RequestTimeout: 6 * time.Second, MaxConnections: 24,
		ErrorMode: LogAndContinue, QueueLimit: math.MaxInt32,
	}
}

// FlinkDefaults is a configuration with the defaults of Flink's FlinkKinesisProducer: KPLDefaults, but for RateLimit, which
// Flink lowers to 100 % so that a shard is not driven into refusals. Its other two changes (a pool of 10 threads,
// credentials asked for every 100 ms) have no counterpart.
//
// The same dangers, in Flink's words: failOnError is false, so a record that fails is logged and lost and the checkpoint
// over it succeeds; queueLimit is unlimited. Set ErrorMode to FailOnError for what Flink calls at-least-once.
func FlinkDefaults[T any]() Config[T] {
	c := KPLDefaults[T]()
	c.RateLimit = 100
	return c
}

// LowLatency is a configuration for records that should arrive soon, one by one.
//
//	RecordMaxBufferedTime  none    a record waits for nobody. What comes while all connections are busy, or within 2.5 ms of
//	                               the last that went to its shard, shares aggregated records, so the worst case stays a
//	                               good one. DANGER: at low rates every record is a request, and where PUTs are billed in
//	                               units of 25 KB, a unit; at high ones a shard is sent some 400 Kinesis records a second
//	CollectionMaxSize      1 MiB   a request is on the line for a shorter time, and a late record does not wait behind 5 MiB
//	MaxConnections         64      so that a request rarely waits for one. DANGER: as many sockets, and records of one key
//	                               overtake each other more often (unless Ordering is PerKey)
//	QueueLimit             10,000  what waits is late: better to hear of it early, from TryPut, or to wait in Put
//
// Everything else is the default, so nothing is given up for speed: no RecordTTL, FailOnError. Disabling aggregation, which
// the KPL's users do for latency, gains nothing here: a record alone travels plain.
func LowLatency[T any]() Config[T] {
	return Config[T]{
		RecordMaxBufferedTime: NoLinger, CollectionMaxSize: 1 << 20, MaxConnections: 64, QueueLimit: 10_000,
	}
}

// HighThroughput is a configuration for as many records as possible at the least cost for each.
//
//	RecordMaxBufferedTime  500 ms     fuller aggregated records where traffic is thin; where it is not, they are full
//	                                  before. DANGER: a lone record waits that long (PutSync does not)
//	AggregationMaxSize     256 KiB    a quarter of a second of what a shard takes. DANGER: consumers take it apart at once,
//	                                  and an attempt that fails repeats it all
//	CollectionMaxSize      10 MiB     the most that Kinesis takes in a request, since 2025
//	MaxConnections         64         so that slow answers do not hold up shards that could take more
//	RequestBytes           128 MiB    so that these requests may be under way. DANGER: memory
//	QueueLimit             1,000,000  for bursts. DANGER: as many records can be lost in a crash; Checkpoint more often
//	QueueBytes             256 MiB    the same, and DANGER: memory
//
// Nothing is given up for throughput, either: no RecordTTL, FailOnError.
func HighThroughput[T any]() Config[T] {
	return Config[T]{
		RecordMaxBufferedTime: 500 * time.Millisecond, AggregationMaxSize: 256 << 10, CollectionMaxSize: 10 << 20,
		MaxConnections: 64, RequestBytes: 128 << 20, QueueLimit: 1_000_000, QueueBytes: 256 << 20,
	}
}
