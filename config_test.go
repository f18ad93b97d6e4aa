package kinecast_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/kinesistest"
)

// wantFaults checks that an error names the fields, each once and nothing else.
func wantFaults(t *testing.T, err error, fields ...string) {
	t.Helper()
	var faults *kinecast.ConfigError
	if !errors.As(err, &faults) {
		t.Fatalf("got %v, want a *ConfigError", err)
	}
	if len(faults.Faults) != len(fields) {
		t.Errorf("%d faults, want %d: %v", len(faults.Faults), len(fields), err)
	}
	for _, field := range fields {
		n := 0
		for _, fault := range faults.Faults {
			if strings.HasPrefix(fault, field) {
				n++
			}
		}
		if n != 1 || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is named %d times: %v", field, n, err)
		}
	}
}

func good() config {
	return config{DefaultStream: "s", Serializer: kinecast.String(), DefaultPartition: "key"}
}

// Each field just outside of its range, below and above.
func TestFieldsOutOfRange(t *testing.T) {
	for field, bad := range map[string][]func(*config){
		"DefaultStream": {
			func(c *config) { c.DefaultStream = "no stream" },
			func(c *config) { c.DefaultStream = strings.Repeat("s", 129) },
			func(c *config) { c.DefaultStream = "arn:aws:sqs:us-east-1:123456789012:stream/s" },
			func(c *config) { c.DefaultStream = "" },
		},
		"DefaultPartition": {
			func(c *config) { c.DefaultPartition = strings.Repeat("ä", 257) },
			func(c *config) { c.DefaultPartition = "\xff" },
		},
		"Serializer":  {func(c *config) { c.Serializer = nil }},
		"Partitioner": {func(c *config) { c.DefaultPartition = "" }},
		"ErrorMode":   {func(c *config) { c.ErrorMode = 2 }},
		"Ordering": {
			func(c *config) { c.Ordering = 2 },
			func(c *config) { c.Ordering, c.Partitioner = kinecast.PerKey, kinecast.Random[string]() },
		},
		"QueueLimit":            {func(c *config) { c.QueueLimit = -1 }, func(c *config) { c.QueueLimit = 1 << 40 }},
		"QueueBytes":            {func(c *config) { c.QueueBytes = -1 }, func(c *config) { c.QueueBytes = 64<<10 - 1 }},
		"AggregationMaxCount":   {func(c *config) { c.AggregationMaxCount = -1 }},
		"AggregationMaxSize":    {func(c *config) { c.AggregationMaxSize = 63 }, func(c *config) { c.AggregationMaxSize = 10<<20 + 1 }},
		"CollectionMaxCount":    {func(c *config) { c.CollectionMaxCount = -1 }, func(c *config) { c.CollectionMaxCount = 501 }},
		"CollectionMaxSize":     {func(c *config) { c.CollectionMaxSize = 52223 }, func(c *config) { c.CollectionMaxSize = 10<<20 + 1 }},
		"RecordMaxBufferedTime": {func(c *config) { c.RecordMaxBufferedTime = -2 }},
		"RecordTTL": {
			func(c *config) { c.RecordTTL = -1 },
			func(c *config) { c.RecordTTL = 100*time.Millisecond - 1; c.RecordMaxBufferedTime = 1 },
			func(c *config) { c.RecordTTL = time.Second - 1; c.RecordMaxBufferedTime = time.Second },
		},
		"RetryDuration":  {func(c *config) { c.RetryDuration = -1 }},
		"MaxAttempts":    {func(c *config) { c.MaxAttempts = -1 }},
		"RequestTimeout": {func(c *config) { c.RequestTimeout = 100*time.Millisecond - 1 }, func(c *config) { c.RequestTimeout = 10*time.Minute + 1 }},
		"MaxConnections": {func(c *config) { c.MaxConnections = -1 }, func(c *config) { c.MaxConnections = 257 }},
		"MaxRecordSize":  {func(c *config) { c.MaxRecordSize = 63 }, func(c *config) { c.MaxRecordSize = 10<<20 + 1 }, func(c *config) { c.MaxRecordSize = -1 }},
		"RateLimit":      {func(c *config) { c.RateLimit = -1 }, func(c *config) { c.RateLimit = 1_000_001 }},
		"RequestBytes":   {func(c *config) { c.RequestBytes = 1<<20 - 1 }},
		"Protocol":       {func(c *config) { c.Protocol = 2 }},
		"MaxStreams":     {func(c *config) { c.MaxStreams = -1 }, func(c *config) { c.MaxStreams = 100_001 }},
	} {
		for i, change := range bad {
			t.Run(fmt.Sprint(field, i), func(t *testing.T) {
				c := good()
				change(&c)
				wantFaults(t, c.Validate(), field)
				srv := kinesistest.New(t)
				p, err := kinecast.New(srv.Client(), c)
				if p != nil {
					t.Error("New returned a producer")
				}
				wantFaults(t, err, field)
			})
		}
	}
}

// Each field at the ends of its range.
func TestFieldsInRange(t *testing.T) {
	for name, change := range map[string]func(*config){
		"least": func(c *config) {
			c.DefaultStream, c.DefaultPartition = "s", "k"
			c.QueueLimit, c.QueueBytes = 1, 64<<10
			c.AggregationMaxCount, c.AggregationMaxSize, c.CollectionMaxCount, c.CollectionMaxSize = 1, 64, 1, 52224
			c.RecordMaxBufferedTime, c.RecordTTL, c.RetryDuration, c.MaxAttempts = kinecast.NoLinger, 100*time.Millisecond, 1, 1
			c.RequestTimeout, c.MaxConnections, c.RequestBytes, c.MaxStreams = 100*time.Millisecond, 1, 1<<20, 1
			c.MaxRecordSize, c.RateLimit = 64, 1
		},
		"most": func(c *config) {
			c.DefaultStream, c.DefaultPartition = strings.Repeat("s", 128), strings.Repeat("ä", 256)
			c.QueueLimit, c.QueueBytes = 1<<31-1, 1<<50
			c.AggregationMaxCount, c.AggregationMaxSize, c.CollectionMaxCount, c.CollectionMaxSize = 1<<63-1, 10<<20, 500, 10<<20
			c.RecordMaxBufferedTime, c.RecordTTL, c.RetryDuration, c.MaxAttempts = 1<<63-1, 1<<63-1, 1<<63-1, 1<<31-1
			c.RequestTimeout, c.MaxConnections, c.RequestBytes, c.MaxStreams = 10*time.Minute, 256, 1<<50, 100_000
			c.MaxRecordSize, c.RateLimit = 10<<20, 1_000_000
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := good()
			change(&c)
			must(t, c.Validate())
		})
	}
}

func TestEveryFaultAtOnce(t *testing.T) {
	c := config{QueueLimit: -1, CollectionMaxCount: 501, Ordering: 2}
	wantFaults(t, c.Validate(), "Serializer", "Partitioner", "DefaultStream", "QueueLimit", "CollectionMaxCount", "Ordering")
	_, err := kinecast.New(nil, c)
	wantFaults(t, err, "client", "Serializer", "Partitioner", "DefaultStream", "QueueLimit", "CollectionMaxCount", "Ordering")
}

func TestNilClient(t *testing.T) {
	var typed *kinesis.Client
	for name, client := range map[string]kinecast.Client{"nil": nil, "typed nil": typed} {
		t.Run(name, func(t *testing.T) {
			_, err := kinecast.New(client, good())
			wantFaults(t, err, "client")
		})
	}
}

// Our defaults beside those of the Kinesis Producer Library 1.0.7 and of Flink's FlinkKinesisProducer.
func ExampleConfig_defaults() {
	kpl, flink := kinecast.KPLDefaults[string](), kinecast.FlinkDefaults[string]()
	row := func(field string, ours, kpl, flink any) {
		fmt.Printf("%-22s %-16v %-15v %v\n", field, ours, kpl, flink)
	}
	mode := func(m kinecast.ErrorMode) string { return []string{"FailOnError", "LogAndContinue"}[m] }
	row("field", "kinecast", "KPL", "Flink")
	row("ErrorMode", mode(kinecast.FailOnError), mode(kpl.ErrorMode), mode(flink.ErrorMode))
	row("QueueLimit", kinecast.DefaultQueueLimit, "none", "none")
	row("QueueBytes", kinecast.DefaultQueueBytes, "none", "none")
	row("AggregationMaxCount", kinecast.DefaultAggregationMaxCount, kpl.AggregationMaxCount, flink.AggregationMaxCount)
	row("AggregationMaxSize", kinecast.DefaultAggregationMaxSize, kpl.AggregationMaxSize, flink.AggregationMaxSize)
	row("CollectionMaxCount", kinecast.DefaultCollectionMaxCount, kpl.CollectionMaxCount, flink.CollectionMaxCount)
	row("CollectionMaxSize", kinecast.DefaultCollectionMaxSize, kpl.CollectionMaxSize, flink.CollectionMaxSize)
	row("MaxRecordSize", "the stream's", kpl.MaxRecordSize, flink.MaxRecordSize)
	row("RecordMaxBufferedTime", kinecast.DefaultRecordMaxBufferedTime, kpl.RecordMaxBufferedTime, flink.RecordMaxBufferedTime)
	row("RecordTTL", "none", kpl.RecordTTL, flink.RecordTTL)
	row("RetryDuration", "none", "none", "none")
	row("MaxAttempts", "none", "none", "none")
	row("RateLimit", "none, it learns", kpl.RateLimit, flink.RateLimit)
	row("FailIfThrottled", false, kpl.FailIfThrottled, flink.FailIfThrottled)
	row("RequestTimeout", kinecast.DefaultRequestTimeout, kpl.RequestTimeout, flink.RequestTimeout)
	row("MaxConnections", kinecast.DefaultMaxConnections, kpl.MaxConnections, flink.MaxConnections)
	row("MetricsLevel", figures.Detailed, kpl.MetricsLevel, flink.MetricsLevel)
	row("MetricsGranularity", figures.PerShard, kpl.MetricsGranularity, flink.MetricsGranularity)
	row("RequestBytes", kinecast.DefaultRequestBytes, "none", "none")
	row("MaxStreams", kinecast.DefaultMaxStreams, "none", "none")
	// Output:
	// field                  kinecast         KPL             Flink
	// ErrorMode              FailOnError      LogAndContinue  LogAndContinue
	// QueueLimit             100000           none            none
	// QueueBytes             67108864         none            none
	// AggregationMaxCount    4294967295       4294967295      4294967295
	// AggregationMaxSize     51200            51200           51200
	// CollectionMaxCount     500              500             500
	// CollectionMaxSize      5242880          5242880         5242880
	// MaxRecordSize          the stream's     1048576         1048576
	// RecordMaxBufferedTime  100ms            100ms           100ms
	// RecordTTL              none             30s             30s
	// RetryDuration          none             none            none
	// MaxAttempts            none             none            none
	// RateLimit              none, it learns  150             100
	// FailIfThrottled        false            false           false
	// RequestTimeout         6s               6s              6s
	// MaxConnections         24               24              24
	// MetricsLevel           detailed         detailed        detailed
	// MetricsGranularity     shard            shard           shard
	// RequestBytes           33554432         none            none
	// MaxStreams             64               none            none
}
