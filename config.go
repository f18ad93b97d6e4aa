package kinecast

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"math"
	"time"

	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/internal/wire"
	"github.com/kinecast/kinecast/shard"
)

// ErrorMode says what a record that could not be delivered means for those after it.
type ErrorMode uint8

const (
	// FailOnError: the first failure that nobody asked about sticks to its stream. See Producer.Err.
	FailOnError ErrorMode = iota
	// LogAndContinue: failures are logged and counted, and nothing else changes.
	LogAndContinue
)

// Ordering says what order records keep.
type Ordering uint8

const (
	// Unordered: no promise; a retried record arrives after later ones.
	Unordered Ordering = iota
	// PerKey: records of one stream and hash key, which is that of their partition key unless a Partitioner chose another,
	// arrive in the order of their Puts. See Config.Ordering.
	PerKey
)

// Protocol is what PutRecords calls are written in, if the client is a *kinesis.Client of the SDK's default protocol. Any other
// client is given ordinary inputs, and all other calls are the SDK's own.
type Protocol uint8

const (
	// AWSJSON is what the SDK for Go speaks to Kinesis, awsJson 1.1: data travels as base64.
	AWSJSON = Protocol(wire.JSON)
	// AWSCBOR is what the SDKs for Java speak to Kinesis, application/x-amz-cbor-1.1: data travels as it is, which takes a
	// quarter less of the network and a tenth less of the CPU.
	//
	// Experimental: AWS does not document it, so we know it from what those SDKs send, and have tried it against kinesistest
	// and kinesis-local alone (kinesalite answers in it, and stores what nobody can read). Try it against your region before
	// you rely on it. An error that the service answers in it is a *smithy.GenericAPIError with its code, not one of the
	// SDK's types.
	AWSCBOR = Protocol(wire.CBOR)
)

// Named negatives, for fields whose zero value means the default.
const (
	// NoLinger in RecordMaxBufferedTime is an adaptive linger: a record goes at once while there is a connection for it and its
	// shard has had none for 2.5 ms; else it fills an aggregated record until there is, and until that long after the last. So it
	// waits 2.5 ms beyond the round trip at most, while a connection is free, and as long as it takes for one otherwise.
	//
	// It costs a request and a PUT unit for each record while records are that rare, and where they are not, some 400 Kinesis
	// records a second of each shard, of the 1,000 that a shard takes.
	NoLinger time.Duration = -1
	// NeverIdle in StreamIdleTimeout keeps streams until the producer is closed.
	NeverIdle time.Duration = -1
)

// Defaults of Config.
const (
	DefaultQueueLimit            = 100_000
	DefaultQueueBytes            = 64 << 20
	DefaultAggregationMaxCount   = math.MaxUint32
	DefaultAggregationMaxSize    = 50 << 10
	DefaultCollectionMaxCount    = shard.RequestRecords
	DefaultCollectionMaxSize     = 5 << 20
	DefaultRecordMaxBufferedTime = 100 * time.Millisecond
	DefaultRequestTimeout        = 6 * time.Second
	DefaultMaxConnections        = 24
	DefaultRequestBytes          = 32 << 20
	DefaultMaxStreams            = 64
	DefaultStreamIdleTimeout     = 15 * time.Minute
)

// Config configures a producer of values of type T. Zero means default everywhere; only Serializer and one of
// Partitioner and DefaultPartition have none. Names are the KPL's where it has one.
type Config[T any] struct {
	// DefaultStream is the stream of records for which TargetStream names none: a name or an ARN. Both may be used of one
	// stream: they share its shards, bounds and failures once its summary has been read, which wants
	// kinesis:DescribeStreamSummary; what is put before under the second of the two waits.
	DefaultStream string
	// DefaultPartition is the partition key of all records when there is no Partitioner. It is not a fallback for keys that
	// a Partitioner leaves empty.
	DefaultPartition string
	// Serializer makes the bytes of a record. Required.
	Serializer Serializer[T]
	// Partitioner makes its partition key, and its hash key if it chooses one.
	Partitioner Partitioner[T]
	// TargetStream names a record's stream, a name or an ARN, "" for DefaultStream.
	TargetStream func(v T) (string, error)

	// ErrorMode is FailOnError or LogAndContinue. Defaults to FailOnError.
	ErrorMode ErrorMode
	// OnFailure is told of every record that failed, with its value: for dead letters.
	//
	// Callbacks run one after another on one goroutine of the producer. **Inside a callback use TryPut; Put may wait for
	// itself, and Flush, Checkpoint and Close deadlock.** A record counts as outstanding until its callbacks have
	// returned, so a slow callback slows the producer and never fills memory. For records that were stored, of which it is not
	// told, OnFailure costs keeping their values, an allocation each.
	OnFailure func(Delivery[T])
	// OnResult is told how every record ended, after OnFailure: a call for each, where without it all records of an aggregate
	// that was stored end at once.
	OnResult func(Delivery[T])

	// QueueLimit bounds the outstanding records: admitted and not ended. At the bound Put waits and TryPut refuses. A shard
	// that refuses records, or takes less than is put, may have an eighth of them, and a stream half as soon as there is a
	// second one, so that what is slow delays only those who put to it. At least 1. Defaults to 100,000.
	QueueLimit int
	// QueueBytes bounds the memory of outstanding records, counted by the capacity of the buffers that hold them. At the
	// bound Put waits and TryPut refuses; a record that alone is larger, with its buffers and its bookkeeping, is refused
	// with ErrTooLarge. The shares of QueueLimit hold for it, too; a shard's is never below four full aggregated records.
	// Aggregated records that are taken apart, because the first map has come or a shard has closed, may
	// exceed it until they have been sent, by less than 2 KiB for each record that comes of it. At least 64 KiB. Defaults
	// to 64 MiB.
	QueueBytes int64
	// Ordering is Unordered or PerKey. Defaults to Unordered.
	//
	// PerKey: if one Put had returned before another one of the same hash key was called, and both records are delivered, a
	// KCL consumer sees the first copy of the one before the first copy of the other, whatever failed and was tried again,
	// and however the stream was resharded meanwhile. Further copies, which retries may leave, can stand anywhere behind.
	//
	// A shard then has one Kinesis record under way at a time, or without aggregation one for each hash key. Others fill up
	// meanwhile, so a shard takes at most one AggregationMaxSize in a round trip: 2.5 MiB/s at 50 KiB and 20 ms. An aggregated
	// record travels under its shard's id for a key, by which Lambda orders.
	//
	// A record that fails for good leaves a gap when ErrorMode is LogAndContinue, or when its caller waits for the result
	// (PutSync, PutAsync, PutRecord with a sender). Otherwise its failure sticks, and what waits in its shard ends with
	// ErrBehindFailed, unsent; what is put after ClearErr is not affected.
	//
	// PerKey needs keys that mean something and shards that are known: Random is refused, and so are streams whose record
	// distribution is AUTO or whose shards may not be listed. A stream keeps one order for its name and its ARN: until it is
	// known that they mean the same, a Put to the second of them waits, a TryPut finds the queue full, and if
	// DescribeStreamSummary is denied both return an ErrInvalidRecord that is a *StreamError.
	Ordering Ordering

	// AggregationDisabled sends each user record as a Kinesis record of its own.
	AggregationDisabled bool
	// AggregationMaxCount is the most user records in an aggregated record, 1 to 2^63-1. Defaults to 4,294,967,295.
	AggregationMaxCount int64
	// AggregationMaxSize is the most bytes in an aggregated record, 64 to 10,485,760. A user record that does not fit
	// travels alone. Defaults to 51,200. The stream's own record size bounds it too.
	AggregationMaxSize int
	// CollectionMaxCount is the most Kinesis records in a request, 1 to 500. Defaults to 500.
	CollectionMaxCount int
	// CollectionMaxSize is the most data and key bytes in a request, 52,224 to 10,485,760. Defaults to 5 MiB.
	CollectionMaxSize int
	// MaxRecordSize is the most bytes of data and key in a user record; a larger one is refused with ErrTooLarge. 64 to
	// 10,485,760. Defaults to none of the producer's own: the stream's limit holds in any case, and is known from its
	// summary.
	MaxRecordSize int
	// RecordMaxBufferedTime is how long a record may wait for company before it may be sent; a request that starts for another
	// shard takes it along up to a fifth earlier, at most 50 ms. Longer means fuller aggregates and fewer requests. With NoLinger
	// records wait only while there are more than can go at once. Defaults to 100 ms.
	RecordMaxBufferedTime time.Duration

	// RecordTTL ends a record that has not been delivered this long after the first record of its Kinesis record was put.
	// At least 100 ms and not below RecordMaxBufferedTime. Defaults to none.
	RecordTTL time.Duration
	// RetryDuration ends a record that has not been delivered this long after its first attempt. Defaults to none.
	RetryDuration time.Duration
	// MaxAttempts ends a record after so many attempts. Defaults to none.
	MaxAttempts int
	// FailIfThrottled ends a record at its first throttle, by its shard or of the whole call, instead of trying again. For
	// those who would rather drop than wait. Defaults to false.
	FailIfThrottled bool
	// RateLimit is the most that this producer takes of each shard, in percent of what the service promises for one: 1,000
	// Kinesis records and 1 MiB a second. Set it to leave room for other writers. 1 to 1,000,000. Defaults to none: the
	// producer takes what the shard gives, and learns from its refusals how much that is, in fair shares with others who do
	// the same.
	RateLimit int
	// RequestTimeout is the time for one request, plus a second for each MiB in it. A request that times out may have
	// stored its records, so short means duplicates. 100 ms to 10 minutes. Defaults to 6 s.
	RequestTimeout time.Duration
	// MaxConnections is the most requests at a time, 1 to 256. Defaults to 24. The client's own HTTP transport has to keep
	// as many idle connections, or it dials anew.
	MaxConnections int
	// RequestBytes bounds the memory of all requests under way; one request may always go. At least 1 MiB. Defaults to
	// 32 MiB.
	RequestBytes int64
	// Protocol is what PutRecords calls are written in. Defaults to AWSJSON.
	Protocol Protocol
	// MaxStreams is the most streams that one producer writes to at a time, those that are idle and not yet released among
	// them; records for a further one are refused. A name and an ARN that end alike count once when they are one stream, and
	// the second of them is let in until that is known. Defaults to 64.
	MaxStreams int
	// StreamIdleTimeout is how long a stream is kept that nothing is put to, of which nothing is outstanding and for which no
	// Open waits. Then it is released, within a quarter of this time: its place among MaxStreams is free, its actors, shards
	// and figures of its own are given up (they go on in those of the whole). A later record opens it anew and waits until its map
	// has been loaded. A stream with a sticky failure is kept until that is cleared. At least 1 s. NeverIdle for ever.
	// Defaults to 15 minutes.
	StreamIdleTimeout time.Duration

	// Restore are snapshots that earlier producers wrote with Producer.Snapshot, to be delivered by this one: of one, or of
	// several whose work it takes over. New reads them to their ends, whole, before anything is sent; a damaged one is a
	// *SnapshotError. Their records are admitted before all others, in the order of the readers and of their writing, so
	// those of one key keep their order. They count against QueueLimit and QueueBytes and may exceed both, since refusing
	// them would lose them; then Put waits, and TryPut refuses, until enough of them are delivered. RecordTTL begins anew.
	// Callbacks are told of them as of others, see Delivery.Restored; a failure sticks to its stream.
	//
	// Keep a snapshot until the producer that restored it has written one of its own, or has had a Checkpoint: until then
	// it is the only copy. A reader that is empty is not a snapshot: at a first start, give none.
	Restore []io.Reader
	// RestorePart takes a part of the snapshots, when several new producers share the work of the old ones: give all of them
	// the same Restore and each its own index. Defaults to all.
	RestorePart SnapshotPart
	// RestoreDamaged takes from damaged snapshots what can be read, and logs as errors what is wrong with them, instead of
	// refusing to start. Defaults to false.
	RestoreDamaged bool

	// MetricsLevel says which figures Metrics keeps: figures.Detailed, Summary or None, as the KPL's levels do. Stats has its
	// own in any case. Defaults to Detailed.
	MetricsLevel figures.Level
	// MetricsGranularity says how finely Metrics tells them apart: figures.PerShard, PerStream or Global. Defaults to PerShard.
	MetricsGranularity figures.Granularity

	// ActorSystem is where the producer's actors live. Defaults to one for the process, made when first needed.
	ActorSystem *ActorSystem
	// Logger receives warnings and errors; never record data. Defaults to none.
	Logger *slog.Logger
}

// settings is a Config without its T, with all defaults in place.
type settings struct {
	defaultStream  string
	errorMode      ErrorMode
	queueLimit     int64
	queueBytes     int64
	aggregate      bool
	limits         shard.Limits
	requests       shard.RequestLimits
	policy         shard.RetryPolicy
	maxRecord      int64
	requestTimeout time.Duration
	maxConnections int
	requestBytes   int64
	maxStreams     int
	idle           time.Duration // 0 for never
	format         wire.Format
	level          figures.Level
	granularity    figures.Granularity
	results        bool // OnResult is to hear of every record
	system         *ActorSystem
	panics         func(at string, message any) // tests only
	logger         *slog.Logger
}

// burst is how much of one shard may wait before a request starts early: a quarter of a second of what a shard takes.
const burst = 256 << 10

// earliest is how long before its linger is over a record may go along with others: a fifth of it, at most this. So do the
// KPL's records, which wait so much longer.
const earliest = 50 * time.Millisecond

// apart is how long after a Kinesis record of a shard the next one goes that does not linger and is not full: some 400 a second, of
// the 1,000 that a shard takes from all who write to it (ADR 0009).
const apart = 2500 * time.Microsecond

// Validate reports every fault of the configuration at once, as a *ConfigError, or nil. New calls it.
func (c Config[T]) Validate() error {
	_, err := c.settings()
	return err
}

// settings checks the configuration and fills in defaults.
func (c Config[T]) settings() (settings, error) {
	var f faults
	f.checkf(c.Serializer != nil, "Serializer is nil; it is required: use Bytes(), String(), JSON[T](), Proto[T]() or your own")
	f.checkf(c.Partitioner != nil || c.DefaultPartition != "",
		"Partitioner is nil and DefaultPartition is empty; set one: ByKey(func(v T) string) is the common case")
	if c.DefaultPartition != "" {
		p := Placement{Key: []byte(c.DefaultPartition)}
		f.wrap("DefaultPartition", p.check())
	}
	f.checkf(c.DefaultStream != "" || c.TargetStream != nil, "DefaultStream is empty and TargetStream is nil; set one")
	if c.DefaultStream != "" {
		_, _, _, err := wire.ParseStream(c.DefaultStream)
		f.wrap("DefaultStream", err)
	}
	f.checkRestore(c.Restore, c.RestorePart)
	f.checkf(c.ErrorMode <= LogAndContinue, "ErrorMode is %d; use FailOnError or LogAndContinue", c.ErrorMode)
	f.checkf(c.MetricsLevel <= figures.None, "MetricsLevel is %v; use figures.Detailed, Summary or None", c.MetricsLevel)
	f.checkf(c.MetricsGranularity <= figures.Global, "MetricsGranularity is %v; use figures.PerShard, PerStream or Global",
		c.MetricsGranularity)
	f.checkf(c.Ordering <= PerKey, "Ordering is %d; use Unordered or PerKey", c.Ordering)
	_, draws := c.Partitioner.(random[T])
	f.checkf(!draws || c.Ordering != PerKey,
		"Ordering is PerKey and Partitioner is Random, which gives every record a key of its own; use ByKey, or Unordered")

	f.checkf(c.Protocol <= AWSCBOR, "Protocol is %d; use AWSJSON or AWSCBOR", c.Protocol)
	s := settings{
		format:        wire.Format(c.Protocol),
		defaultStream: c.DefaultStream, errorMode: c.ErrorMode, aggregate: !c.AggregationDisabled,
		queueLimit: between(&f, "QueueLimit", int64(c.QueueLimit), DefaultQueueLimit, 1, math.MaxInt32),
		queueBytes: between(&f, "QueueBytes", c.QueueBytes, DefaultQueueBytes, 64<<10, 1<<50),
		limits: shard.Limits{
			Aggregate: !c.AggregationDisabled,
			MaxCount:  between(&f, "AggregationMaxCount", c.AggregationMaxCount, DefaultAggregationMaxCount, 1, math.MaxInt64),
			Ordered:   c.Ordering == PerKey,
			Halts:     c.Ordering == PerKey && c.ErrorMode == FailOnError,
			MaxSize:   between(&f, "AggregationMaxSize", c.AggregationMaxSize, DefaultAggregationMaxSize, 64, shard.LargestRecordBytes),
			RateLimit: between(&f, "RateLimit", int64(c.RateLimit), 0, 1, 1_000_000),
		},
		requests: shard.RequestLimits{
			Records:    between(&f, "CollectionMaxCount", c.CollectionMaxCount, DefaultCollectionMaxCount, 1, shard.RequestRecords),
			Bytes:      between(&f, "CollectionMaxSize", c.CollectionMaxSize, DefaultCollectionMaxSize, 52224, shard.RequestBytes),
			ShardBytes: burst,
		},
		maxRecord:      between(&f, "MaxRecordSize", int64(c.MaxRecordSize), math.MaxInt64, 64, shard.LargestRecordBytes),
		requestTimeout: between(&f, "RequestTimeout", c.RequestTimeout, DefaultRequestTimeout, 100*time.Millisecond, 10*time.Minute),
		maxConnections: between(&f, "MaxConnections", c.MaxConnections, DefaultMaxConnections, 1, 256),
		requestBytes:   between(&f, "RequestBytes", c.RequestBytes, DefaultRequestBytes, 1<<20, 1<<50),
		maxStreams:     between(&f, "MaxStreams", c.MaxStreams, DefaultMaxStreams, 1, 100_000),
		level:          c.MetricsLevel,
		granularity:    c.MetricsGranularity,
		results:        c.OnResult != nil, system: c.ActorSystem, logger: c.Logger,
	}
	s.limits.HeldRecords, s.limits.HeldBytes = laneBounds(s.queueLimit, s.queueBytes, s.limits.MaxSize)
	s.idle = idle(&f, c.StreamIdleTimeout)
	s.linger(&f, c.RecordMaxBufferedTime)
	s.policy = shard.RetryPolicy{
		FailIfThrottled: c.FailIfThrottled,
		MaxAttempts:     between(&f, "MaxAttempts", c.MaxAttempts, 0, 1, math.MaxInt32),
		RetryDuration:   between(&f, "RetryDuration", c.RetryDuration, 0, 1, math.MaxInt64),
		RecordTTL:       between(&f, "RecordTTL", c.RecordTTL, 0, 100*time.Millisecond, math.MaxInt64),
	}
	f.checkf(c.RecordTTL <= 0 || c.RecordTTL >= s.limits.Linger,
		"RecordTTL is %v, below RecordMaxBufferedTime %v: records would end before they may be sent", c.RecordTTL, s.limits.Linger)
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if len(f) > 0 {
		return settings{}, &ConfigError{Faults: f}
	}
	return s, nil
}

// linger reads RecordMaxBufferedTime, in which a negative value has a meaning.
func (s *settings) linger(f *faults, d time.Duration) {
	switch d {
	case NoLinger:
		s.limits.Apart = apart
	case 0:
		s.limits.Linger = DefaultRecordMaxBufferedTime
	default:
		f.checkf(d > 0, "RecordMaxBufferedTime is %v; use a positive time, 0 for %v, or NoLinger", d, DefaultRecordMaxBufferedTime)
		s.limits.Linger = d
	}
	s.requests.Early = min(max(s.limits.Linger, s.limits.Apart)/5, earliest)
}

// idle reads StreamIdleTimeout, in which a negative value has a meaning.
func idle(f *faults, d time.Duration) time.Duration {
	if d == NeverIdle {
		return 0
	}
	f.checkf(d == 0 || d >= time.Second, "StreamIdleTimeout is %v; use at least 1 s, 0 for %v, or NeverIdle", d, DefaultStreamIdleTimeout)
	return cmp.Or(d, DefaultStreamIdleTimeout)
}

// faults are what is wrong with a configuration.
type faults []string

func (f *faults) checkf(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

func (f *faults) wrap(field string, err error) {
	f.checkf(err == nil, "%s: %v", field, err)
}

// between reads a field for which zero means a default.
func between[N int | int64 | time.Duration](f *faults, field string, value, standard, least, most N) N {
	if value == 0 {
		return standard
	}
	f.checkf(value >= least && value <= most, "%s is %v; use %v to %v, or 0 for the default", field, value, least, most)
	return value
}
