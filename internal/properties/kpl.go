package properties

import (
	"math"
	"time"
)

const anything = "any text"

// kpl are the settings of the KPL's KinesisProducerConfiguration, as of 1.0.7 and the one that came later.
func kpl() []Setting {
	return withOrigin(KPL, inOrder(kplRecords(), kplNetwork(), kplCredentials(), kplMetrics(), kplProcess(), kplSchemas()))
}

func kplRecords() []Setting {
	return []Setting{
		{
			Names: []string{"AggregationEnabled"}, Kind: truth(), Default: "true", Target: "AggregationDisabled",
			set: toOpposite(func(v *Values) **bool { return &v.AggregationDisabled }),
		},
		{
			Names: []string{"AggregationMaxCount"}, Kind: whole("user records", 1, math.MaxInt64), Default: "4294967295",
			Target: "AggregationMaxCount", set: count(func(v *Values) **int64 { return &v.AggregationMaxCount }),
		},
		{
			Names: []string{"AggregationMaxSize"}, Kind: whole("bytes", 64, 10<<20), Default: "51200",
			Target: "AggregationMaxSize", set: count(func(v *Values) **int64 { return &v.AggregationMaxSize }),
		},
		{
			Names: []string{"CollectionMaxCount"}, Kind: whole("Kinesis records", 1, 500), Default: "500",
			Target: "CollectionMaxCount", set: count(func(v *Values) **int64 { return &v.CollectionMaxCount }),
		},
		{
			Names: []string{"CollectionMaxSize"}, Kind: whole("bytes", 52224, math.MaxInt64), Default: "5242880",
			Target: "CollectionMaxSize",
			set:    toWhole(func(v *Values) **int64 { return &v.CollectionMaxSize }, mostRequestBytes, "Kinesis takes no more in a request"),
		},
		{
			Names: []string{"MaxUserRecordSize"}, Kind: whole("bytes", 64, 10<<20), Default: "1048576", Target: "MaxRecordSize",
			set: noting(count(func(v *Values) **int64 { return &v.MaxRecordSize }), "the partition key counts, too, as in Kinesis itself"),
		},
		{
			Names: []string{"RecordMaxBufferedTime"}, Kind: millis(0, math.MaxInt64), Default: "100",
			Target: "RecordMaxBufferedTime", set: toTime(func(v *Values) **time.Duration { return &v.RecordMaxBufferedTime }),
		},
		{
			Names: []string{"RecordTtl"}, Kind: millis(100, math.MaxInt64), Default: "30000",
			Target: "RecordTTL", set: toLimit(func(v *Values) **time.Duration { return &v.RecordTTL }),
		},
		{
			Names: []string{"RateLimit"}, Kind: whole("percent of a shard", 1, math.MaxInt64), Default: "150", FlinkDefault: "100",
			Target: "RateLimit",
			set:    toWhole(func(v *Values) **int64 { return &v.RateLimit }, mostRateLimit, "no shard takes more"),
		},
		{
			Names: []string{"FailIfThrottled"}, Kind: truth(), Default: "false",
			Target: "FailIfThrottled", set: toTruth(func(v *Values) **bool { return &v.FailIfThrottled }),
		},
		{
			Names: []string{"RecordDistributionStrategyDefault"}, Kind: oneOf("AUTO", "USER_PARTITION_KEY"), Default: "USER_PARTITION_KEY",
			Why: "records wait until the stream has told its strategy itself, so there is nothing to assume",
		},
	}
}

func kplNetwork() []Setting {
	const noCloudwatch = "nothing is sent to CloudWatch from here; read the figures in-process (Producer.Metrics) and publish them with your own client"
	return []Setting{
		{
			Names: []string{"Region"}, Kind: region(), Target: "client: region",
			set: toClient(func(c *Connection) *string { return &c.Region }),
		},
		{
			Names: []string{"KinesisEndpoint"}, Kind: host(), Target: "client: endpoint",
			set: toClient(func(c *Connection) *string { return &c.Endpoint }),
		},
		{
			Names: []string{"KinesisPort"}, Kind: port(), Default: "443", Target: "client: port",
			set: toPort(func(c *Connection) *int64 { return &c.Port }),
		},
		{Names: []string{"CloudwatchEndpoint"}, Kind: host(), Refused: true, Why: noCloudwatch},
		{Names: []string{"CloudwatchPort"}, Kind: port(), Default: "443", Refused: true, Why: noCloudwatch},
		{Names: []string{"StsEndpoint"}, Kind: host(), Why: "the KPL itself has not used it since 1.0.5"},
		{Names: []string{"StsPort"}, Kind: port(), Default: "443", Why: "the KPL itself has not used it since 1.0.5"},
		{
			Names: []string{"ConnectTimeout"}, Kind: millis(100, 300_000), Default: "6000", Target: "client: time to connect",
			set: func(v *Values, x value) (string, string) {
				v.Connection.ConnectTimeout = time.Duration(x.whole) * time.Millisecond
				return v.Connection.ConnectTimeout.String(), ""
			},
		},
		{
			Names: []string{"RequestTimeout"}, Kind: millis(100, 600_000), Default: "6000",
			Target: "RequestTimeout", set: toTime(func(v *Values) **time.Duration { return &v.RequestTimeout }),
		},
		{
			Names: []string{"MaxConnections"}, Kind: whole("connections", 1, mostConnections), Default: "24",
			Target: "MaxConnections", set: count(func(v *Values) **int64 { return &v.MaxConnections }),
		},
		{
			Names: []string{"MinConnections"}, Kind: whole("connections", 1, 16), Default: "1",
			Why: "connections are opened when they are needed; the KPL reads this setting and does not use it",
		},
		{
			Names: []string{"VerifyCertificate"}, Kind: truth(), Default: "true", Target: verification,
			set: func(v *Values, x value) (string, string) { return skipVerify(v, !x.truth) },
		},
		{
			Names: []string{"ProxyHost"}, Kind: host(), Target: "client: proxy",
			set: toClient(func(c *Connection) *string { return &c.ProxyHost }),
		},
		{
			Names: []string{"ProxyPort"}, Kind: port(), Default: "443", Target: "client: port of the proxy",
			set: toPort(func(c *Connection) *int64 { return &c.ProxyPort }),
		},
		{
			Names: []string{"ProxyUserName"}, Kind: text("a name"), Target: "client: user of the proxy",
			set: toClient(func(c *Connection) *string { return &c.ProxyUser }),
		},
		{
			Names: []string{"ProxyPassword"}, Kind: secret("a password"), Target: "client: password of the proxy",
			set: toSecret(func(c *Connection) *Secret { return &c.ProxyPassword }),
		},
		{
			Names: []string{"CaCertFile"}, Kind: text("a file of PEM certificates"), Target: "client: certificate file",
			set: toClient(func(c *Connection) *string { return &c.CAFile }),
		},
		{
			Names: []string{"CaCertPath"}, Kind: text("a folder of PEM certificates"), Target: "client: certificate folder",
			set: toClient(func(c *Connection) *string { return &c.CAPath }),
		},
	}
}

const verification = "client: verification of the server"

func skipVerify(v *Values, skip bool) (string, string) {
	v.Connection.SkipVerify = skip
	if skip {
		return "off", "whoever answers is believed; never do that outside of a test"
	}
	return "on", ""
}

func kplCredentials() []Setting {
	return []Setting{
		{
			Names: []string{"CredentialsProvider"}, Kind: text(anything), Refused: true,
			Why: "an object cannot be written in a file, and the KPL passes over it; set kinesis.Options.Credentials in the options of NewClient",
		},
		{
			Names: []string{"MetricsCredentialsProvider"}, Kind: text(anything), Refused: true,
			Why: "an object cannot be written in a file, and nothing is sent to CloudWatch from here; publish Producer.Metrics with your own client",
		},
		{
			Names: []string{"CredentialsRefreshDelay"}, Kind: millis(1, 300_000), Default: "5000", FlinkDefault: "100",
			Why: "there is no child process to be told of new credentials: the SDK asks for them when it signs",
		},
	}
}

func kplMetrics() []Setting {
	const noUpload = "nothing is sent to CloudWatch from here; an uploader of yours that reads Producer.Metrics chooses it"
	return []Setting{
		{
			Names: []string{"MetricsLevel"}, Kind: oneOf("none", "summary", "detailed"), Default: "detailed", Target: "MetricsLevel",
			set: toText(func(v *Values) **string { return &v.MetricsLevel }),
		},
		{
			Names: []string{"MetricsGranularity"}, Kind: oneOf("global", "stream", "shard"), Default: "shard", Target: "MetricsGranularity",
			set: toText(func(v *Values) **string { return &v.MetricsGranularity }),
		},
		{
			Names: []string{"MetricsNamespace"}, Kind: namespace(), Default: "KinesisProducerLibrary", Refused: true, Why: noUpload,
		},
		{Names: []string{"MetricsUploadDelay"}, Kind: millis(1, 60_000), Default: "60000", Refused: true, Why: noUpload},
		{
			Names: []string{"LogLevel"}, Kind: oneOf("trace", "debug", "info", "warning", "error"), Default: "info",
			Why: "Config.Logger decides: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))",
		},
	}
}

func kplProcess() []Setting {
	const noChild = "there is no child process: everything runs in yours"
	return []Setting{
		{
			Names: []string{"ThreadingModel"}, Kind: oneOf("PER_REQUEST", "POOLED"), Default: "PER_REQUEST", FlinkDefault: "POOLED",
			Why: "a request is a goroutine, and MaxConnections bounds them",
		},
		{
			Names: []string{"ThreadPoolSize"}, Kind: whole("threads", 0, math.MaxInt32), Default: "0", FlinkDefault: "10",
			Why: "a request is a goroutine, and MaxConnections bounds them",
		},
		{Names: []string{"NativeExecutable"}, Kind: text("a path"), Why: noChild},
		{Names: []string{"TempDirectory"}, Kind: text("a path"), Why: noChild + ", and no file is written"},
		{Names: []string{"EnableCoreDumps"}, Kind: truth(), Why: noChild},
		{
			Names: []string{"UserRecordTimeoutInMillis"}, Kind: millis(0, math.MaxInt64), Default: "0", Target: userTimeout,
			set: noting(toLimit(func(v *Values) **time.Duration { return &v.UserRecordTimeout }), "and it ends the record, not only the wait for it"),
		},
		{
			Names: []string{"EnableOldestFutureTracker"}, Kind: truth(), Default: "true",
			Why: "Stats.OldestOutstanding always tells, and costs nothing for each record",
		},
		{
			Names: []string{"ReturnUserRecordOnFailure"}, Kind: truth(), Default: "false",
			Why: "OnFailure is given the value itself, always, and of a record from a snapshot its bytes",
		},
		{Names: []string{"EnableDaemonHealthCheck"}, Kind: truth(), Default: "false", Why: noChild},
		{Names: []string{"DaemonHealthCheckTimeoutMs"}, Kind: millis(5000, math.MaxInt64), Default: "30000", Why: noChild},
	}
}

func kplSchemas() []Setting {
	const glue = "a schema registry belongs into the Serializer: Config.Serializer gets each value and appends the bytes"
	return []Setting{
		{Names: []string{"GlueSchemaRegistryConfiguration"}, Kind: text(anything), Refused: true, Why: glue},
		{Names: []string{"GlueSchemaRegistryPropertiesFilePath"}, Kind: text("a path"), Refused: true, Why: glue},
		{Names: []string{"GlueSchemaRegistryCredentialsProvider"}, Kind: text(anything), Refused: true, Why: glue},
	}
}

// asProducerOptions are the same settings as options of a table, sink.producer.record-ttl for RecordTtl.
func asProducerOptions(all []Setting) []Setting {
	options := make([]Setting, 0, len(all)+1)
	for _, s := range all {
		s.Names = []string{"sink.producer." + kebab(s.Names[0])}
		s.Origin = Table
		switch s.Target {
		case "CollectionMaxSize":
			s.set = noting(s.set, "in bytes, as in the KPL; Flink 1.15 and later take it for the records of a request")
		case "CollectionMaxCount":
			s.set = noting(s.set, "records in a request, as in the KPL; Flink 1.15 and later take it for the requests under way")
		}
		options = append(options, s)
	}
	return append(options, Setting{
		Names: []string{"sink.producer.fail-on-error"}, Origin: Table, Kind: truth(), Default: "false", Target: "ErrorMode", set: failOnError,
	})
}

func failOnError(v *Values, x value) (string, string) {
	not := !x.truth
	v.LogAndContinue = &not
	if not {
		return "LogAndContinue", ""
	}
	return "FailOnError", ""
}

// withOrigin is for tables in which all rows have the same.
func withOrigin(o Origin, rows []Setting) []Setting {
	for i := range rows {
		rows[i].Origin = o
	}
	return rows
}
