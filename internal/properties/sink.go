package properties

import (
	"math"
	"time"
)

// sinks are the options of a table over a Kinesis sink, of Flink 1.12 to 1.14 and of the connector since 1.15.
func sinks() []Setting {
	return withOrigin(Table, []Setting{
		{
			Names: []string{"stream.arn", "stream"}, Kind: stream(), Target: "DefaultStream",
			set: toText(func(v *Values) **string { return &v.DefaultStream }),
		},
		{
			Names: []string{"sink.partitioner"}, Kind: text("random; fixed or a class need a line of Go"), Default: "random", Target: "Partitioner",
			set: func(v *Values, _ value) (string, string) {
				random := true
				v.RandomPartitioner = &random
				return "Random[T]()", ""
			},
			refuses: func(x value) string {
				switch x.text {
				case "random":
					return ""
				case "fixed":
					return "needs to know which of how many producers this one is; write instead: Partitioner: Fixed[T](index, total)"
				}
				return "names a Java class; write instead: Partitioner: ByKey(func(v T) string), or ByKeyAndHash, or Fields"
			},
		},
		{
			Names: []string{"sink.partitioner-field-delimiter"}, Kind: Kind{
				Wants: "the text between the fields of a key",
				parse: func(t string) (value, bool) { return value{text: t}, true },
			},
			Default: "|", Why: "Fields joins with |",
			refuses: func(x value) string {
				if x.text == "|" {
					return ""
				}
				return "needs the fields, which are code; write instead: Partitioner: JoinedFields(" + shown(x.text) + ", fields...)"
			},
		},
		{
			Names: []string{"sink.batch.max-size"}, Kind: whole("records of a request", 1, 500), Default: "500", Target: "CollectionMaxCount",
			set: count(func(v *Values) **int64 { return &v.CollectionMaxCount }),
		},
		{
			Names: []string{"sink.requests.max-inflight"}, Kind: whole("requests", 1, math.MaxInt64), Default: "50", Target: "MaxConnections",
			set: toWhole(func(v *Values) **int64 { return &v.MaxConnections }, mostConnections, "it is the most requests at a time"),
		},
		{
			Names: []string{"sink.http-client.max-concurrency", "aws.http-client.max-concurrency"},
			Kind:  whole("connections", 1, math.MaxInt64), Default: "10000", Target: "MaxConnections",
			set: toWhole(func(v *Values) **int64 { return &v.MaxConnections }, mostConnections, "it is the most requests at a time"),
		},
		{
			Names: []string{"sink.requests.max-buffered"}, Kind: whole("records", 1, math.MaxInt64), Default: "10000", Target: "QueueLimit",
			set: toWhole(func(v *Values) **int64 { return &v.QueueLimit }, math.MaxInt32, "it is the largest QueueLimit"),
		},
		{
			Names: []string{"sink.flush-buffer.size"}, Kind: whole("bytes, at least one record of 1 MiB", 1<<20, math.MaxInt64), Default: "5242880",
			Target: "CollectionMaxSize",
			set:    toWhole(func(v *Values) **int64 { return &v.CollectionMaxSize }, mostRequestBytes, "Kinesis takes no more in a request"),
		},
		{
			Names: []string{"sink.flush-buffer.timeout"}, Kind: millis(1, math.MaxInt64), Default: "5000", Target: "RecordMaxBufferedTime",
			set: toTime(func(v *Values) **time.Duration { return &v.RecordMaxBufferedTime }),
		},
		{Names: []string{"sink.fail-on-error"}, Kind: truth(), Default: "false", Target: "ErrorMode", set: failOnError},
		{Names: []string{"connector"}, Kind: text("the name of a connector"), Why: "it chooses among Flink's connectors, and this is the one for Kinesis"},
		{Names: []string{"format"}, Kind: text("the name of a format"), Why: "Config.Serializer makes the bytes of a record"},
	})
}
