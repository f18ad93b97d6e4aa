package properties

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
)

// resolve reads "name=value" lines.
func resolve(t *testing.T, o Options, lines ...string) (Values, []Note, []Fault) {
	t.Helper()
	entries, malformed, err := Read(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return Resolve(entries, malformed, o)
}

// wantFault checks that there is one fault, with this line, that says all of this.
func wantFault(t *testing.T, faults []Fault, line int, says ...string) {
	t.Helper()
	if len(faults) != 1 || faults[0].Line != line {
		t.Fatalf("got %v, want one fault on line %d", faults, line)
	}
	for _, s := range says {
		if !strings.Contains(faults[0].Key+" "+faults[0].Text, s) {
			t.Errorf("got %+v, want it to say %q", faults[0], s)
		}
	}
}

// wantNote checks that an entry has one note, with this outcome, that says all of this.
func wantNote(t *testing.T, notes []Note, key string, o Outcome, says ...string) {
	t.Helper()
	found := 0
	for _, n := range notes {
		if n.Key != key || n.Outcome != o {
			continue
		}
		found++
		for _, s := range says {
			if !strings.Contains(n.Text, s) {
				t.Errorf("got %+v, want it to say %q", n, s)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d notes of %s with outcome %d in %v", found, key, o, notes)
	}
}

// Every number of every setting at both ends of its range, beside them, beyond 64 bits, and mistyped.
func TestRanges(t *testing.T) {
	const most = "9223372036854775807"
	for name, ends := range map[string][4]string{ // below, least, most, above
		"AggregationMaxCount":              {"0", "1", most, "9223372036854775808"},
		"AggregationMaxSize":               {"63", "64", "10485760", "10485761"},
		"CollectionMaxCount":               {"0", "1", "500", "501"},
		"CollectionMaxSize":                {"52223", "52224", most, "9223372036854775808"},
		"MaxUserRecordSize":                {"63", "64", "10485760", "10485761"},
		"RecordMaxBufferedTime":            {"-1", "0", most, "9223372036854775808"},
		"RecordTtl":                        {"99", "100", most, "9223372036854775808"},
		"RateLimit":                        {"0", "1", most, "9223372036854775808"},
		"ConnectTimeout":                   {"99", "100", "300000", "300001"},
		"RequestTimeout":                   {"99", "100", "600000", "600001"},
		"MaxConnections":                   {"0", "1", "256", "257"},
		"MinConnections":                   {"0", "1", "16", "17"},
		"KinesisPort":                      {"0", "1", "65535", "65536"},
		"StsPort":                          {"0", "1", "65535", "65536"},
		"CredentialsRefreshDelay":          {"0", "1", "300000", "300001"},
		"ThreadPoolSize":                   {"-1", "0", "2147483647", "2147483648"},
		"UserRecordTimeoutInMillis":        {"-1", "0", most, "9223372036854775808"},
		"DaemonHealthCheckTimeoutMs":       {"4999", "5000", most, "9223372036854775808"},
		"aws.producer.collectionMaxCount":  {"0", "1", "500", "501"},
		"aws.producer.aggregationMaxCount": {"0", "1", most, "9223372036854775808"},
		"aws.http-client.max-concurrency":  {"0", "1", most, "9223372036854775808"},
		"aws.http-client.read-timeout":     {"0", "1", most, "9223372036854775808"},
		"sink.producer.record-ttl":         {"99", "100", most, "9223372036854775808"},
		"sink.batch.max-size":              {"0", "1", "500", "501"},
		"sink.requests.max-inflight":       {"0", "1", most, "9223372036854775808"},
		"sink.requests.max-buffered":       {"0", "1", most, "9223372036854775808"},
		"sink.flush-buffer.size":           {"1048575", "1048576", most, "9223372036854775808"},
		"sink.flush-buffer.timeout":        {"0", "1", most, "9223372036854775808"},
		"QueueLimit":                       {"0", "1", "2147483647", "2147483648"},
		"QueueBytes":                       {"65535", "65536", "1125899906842624", "1125899906842625"},
		"RetryDuration":                    {"-1", "0", most, "9223372036854775808"},
		"MaxAttempts":                      {"0", "1", "2147483647", "2147483648"},
		"RequestBytes":                     {"1048575", "1048576", "1125899906842624", "1125899906842625"},
		"MaxStreams":                       {"0", "1", "100000", "100001"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, bad := range []string{ends[0], ends[3], "-9223372036854775809", "", "many", "1.5", "1e3", "0x10", "1_000", "１"} {
				_, _, faults := resolve(t, Options{}, name+"="+bad)
				wantFault(t, faults, 1, name, "use a ", ends[1]+" to "+ends[2])
				if _, _, lenient := resolve(t, Options{Lenient: true}, name+"="+bad); len(lenient) != 1 {
					t.Errorf("lenient passes over %q", bad)
				}
			}
			for _, good := range []string{ends[1], ends[2], "+" + ends[1], " " + ends[1] + " \t"} {
				_, notes, faults := resolve(t, Options{}, name+"="+good)
				if len(faults) > 0 || len(notes) != 1 {
					t.Errorf("%q: %v %v", good, notes, faults)
				}
			}
		})
	}
}

// Every setting of the table that is a word, a truth or a name.
func TestWords(t *testing.T) {
	for name, values := range map[string]struct{ good, bad string }{
		"AggregationEnabled":                {"true TRUE false False", "yes 1 on tru enabled"},
		"FailIfThrottled":                   {"true false", "yes"},
		"VerifyCertificate":                 {"true false", "0"},
		"EnableCoreDumps":                   {"true false", "maybe"},
		"aws.trust.all.certificates":        {"true false", "t"},
		"sink.fail-on-error":                {"true false", "FAIL"},
		"MetricsLevel":                      {"none NONE Summary DETAILED detailed", "all off"},
		"MetricsGranularity":                {"global GLOBAL Stream shard SHARD", "region"},
		"LogLevel":                          {"info WARNING error debug trace", "loud"},
		"ThreadingModel":                    {"POOLED PER_REQUEST pooled", "THREADS"},
		"RecordDistributionStrategyDefault": {"AUTO USER_PARTITION_KEY", "MANUAL"},
		"aws.http.protocol.version":         {"HTTP1_1 HTTP2 http2", "HTTP3 1.1"},
		"aws.credentials.provider":          {"AUTO ENV_VAR", "IAM basic1"},
		"Region":                            {"us-east-1 us-gov-west-1 eusc-de-east-1 cn-north-1 aws-global", "wrongRegionId us_east_1 us-east-1a! -"},
		"aws.region":                        {"us-west-2", "US-WEST-2"},
		"KinesisEndpoint":                   {"localhost kinesis.us-east-1.amazonaws.com 127.0.0.1", "https://localhost localhost:4567 local/host -"},
		"StsEndpoint":                       {"localhost", "a/b"},
		"aws.endpoint":                      {"https://localhost:4567 http://localhost https://kinesis.us-east-1.amazonaws.com/", "localhost:4567 ftp://localhost https:// https://u:p@localhost https://h?q=1 ://"},
		"stream":                            {"s a.b_c-d arn:aws:kinesis:us-east-1:123456789012:stream/s", "a/b arn:aws:sqs:us-east-1:123456789012:stream/s arn:aws:kinesis:us-east-1:1:stream/s"},
		"DefaultStream":                     {"s", "ä"},
		"Ordering":                          {"unordered per-key PER-KEY", "sorted"},
	} {
		t.Run(name, func(t *testing.T) {
			for good := range strings.FieldsSeq(values.good) {
				if _, notes, faults := resolve(t, Options{}, name+"="+good); len(faults) > 0 || len(notes) != 1 {
					t.Errorf("%q: %v %v", good, notes, faults)
				}
			}
			for bad := range strings.FieldsSeq(values.bad) {
				_, _, faults := resolve(t, Options{}, name+"="+bad)
				wantFault(t, faults, 1, name, "use ")
			}
		})
	}
}

// A time written with a unit is told in milliseconds, and a URL where it belongs.
func TestHints(t *testing.T) {
	for line, says := range map[string]string{
		"RecordTtl=30s":                        "for that, write 30000",
		"RecordTtl=2 m":                        "for that, write 120000",
		"KinesisEndpoint=http://localhost":     "a URL goes into aws.endpoint",
		"RecordTtl=" + strings.Repeat("9", 99): strings.Repeat("9", 48) + `"…;`,
		"RecordTtl=\x1b[31m":                   `"\x1b[31m"`,
	} {
		_, _, faults := resolve(t, Options{}, line)
		wantFault(t, faults, 1, says)
	}
}

// What is longer than 292 years is none, not an overflow; what is more than Kinesis takes is lowered, and said.
func TestBeyondWhatThereIs(t *testing.T) {
	for name, c := range map[string]struct {
		got  func(Values) any
		want string
		note string
	}{
		"RecordTtl":                    {func(v Values) any { return *v.RecordTTL }, "0s", "to none"},
		"RetryDuration":                {func(v Values) any { return *v.RetryDuration }, "0s", "to none"},
		"UserRecordTimeoutInMillis":    {func(v Values) any { return *v.UserRecordTimeout }, "0s", "to none"},
		"RecordMaxBufferedTime":        {func(v Values) any { return *v.RecordMaxBufferedTime }, "2562047h47m16.854775807s", ""},
		"CollectionMaxSize":            {func(v Values) any { return *v.CollectionMaxSize }, "10485760", "lowered to 10485760"},
		"RateLimit":                    {func(v Values) any { return *v.RateLimit }, "1000000", "lowered to 1000000"},
		"sink.requests.max-inflight":   {func(v Values) any { return *v.MaxConnections }, "256", "lowered to 256"},
		"sink.requests.max-buffered":   {func(v Values) any { return *v.QueueLimit }, "2147483647", "lowered to 2147483647"},
		"sink.flush-buffer.size":       {func(v Values) any { return *v.CollectionMaxSize }, "10485760", "lowered to 10485760"},
		"aws.http-client.read-timeout": {func(v Values) any { return *v.RequestTimeout }, "10m0s", "100 ms to 10 minutes"},
	} {
		v, notes, faults := resolve(t, Options{}, name+"=9223372036854775807")
		if len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
			continue
		}
		if got := fmt.Sprint(c.got(v)); got != c.want {
			t.Errorf("%s became %s, want %s", name, got, c.want)
		}
		wantNote(t, notes, name, Set, c.note)
	}
	// The last that a Duration holds, and the first that it does not.
	if v, _, _ := resolve(t, Options{}, "RecordTtl=9223372036854"); v.RecordTTL.Milliseconds() != 9223372036854 {
		t.Errorf("got %v", *v.RecordTTL)
	}
	if v, _, _ := resolve(t, Options{}, "RecordTtl=9223372036855"); *v.RecordTTL != 0 {
		t.Errorf("got %v", *v.RecordTTL)
	}
}

// Of two names for one target the stronger wins wherever it stands, and the other one gets a note.
func TestWhoWins(t *testing.T) {
	for _, c := range []struct{ stronger, weaker string }{
		{"aws.producer.collectionMaxCount=7", "CollectionMaxCount=8"},
		{"aws.producer.collectionMaxCount=7", "sink.batch.max-size=8"},
		{"aws.producer.aggregationMaxCount=7", "AggregationMaxCount=8"},
		{"aws.region=us-east-1", "Region=us-west-2"},
		{"aws.endpoint=https://localhost:1", "KinesisEndpoint=localhost"},
		{"aws.endpoint=https://localhost:1", "sink.producer.kinesis-endpoint=localhost"},
		{"sink.producer.kinesis-endpoint=a", "KinesisEndpoint=b"},
		{"aws.trust.all.certificates=false", "VerifyCertificate=false"},
		{"sink.batch.max-size=7", "sink.producer.collection-max-count=8"},
		{"sink.flush-buffer.timeout=7", "sink.producer.record-max-buffered-time=8"},
		{"sink.producer.record-ttl=700", "RecordTtl=800"},
		{"sink.fail-on-error=true", "sink.producer.fail-on-error=false"},
		{"sink.producer.fail-on-error=true", "FailOnError=false"},
		{"stream.arn=arn:aws:kinesis:us-east-1:123456789012:stream/s", "stream=t"},
		{"stream=s", "DefaultStream=t"},
		{"sink.http-client.read-timeout=700", "aws.http-client.read-timeout=800"},
		{"aws.http-client.read-timeout=700", "RequestTimeout=800"},
		{"sink.requests.max-inflight=7", "sink.http-client.max-concurrency=8"},
		{"sink.http-client.max-concurrency=7", "aws.http-client.max-concurrency=8"},
		{"aws.http-client.max-concurrency=7", "MaxConnections=8"},
		{"sink.requests.max-buffered=700", "QueueLimit=800"},
	} {
		strong, _, _ := strings.Cut(c.stronger, "=")
		weak, _, _ := strings.Cut(c.weaker, "=")
		for line, order := range [][]string{{c.stronger, c.weaker}, {c.weaker, c.stronger}} {
			_, notes, faults := resolve(t, Options{}, order...)
			if len(faults) > 0 {
				t.Errorf("%v: %v", order, faults)
			}
			wantNote(t, notes, strong, Set)
			wantNote(t, notes, weak, Overruled, fmt.Sprintf("is overruled by %s on line %d", strong, line+1))
		}
		alone, _, _ := resolve(t, Options{}, c.stronger)
		both, _, _ := resolve(t, Options{}, c.weaker, c.stronger)
		if fmt.Sprint(plainly(alone)) != fmt.Sprint(plainly(both)) {
			t.Errorf("%v: %v and %v", c, plainly(alone), plainly(both))
		}
	}
}

// Of two lines with the same name the last one counts, as in Java, and is the only one that is looked at.
func TestWrittenTwice(t *testing.T) {
	v, notes, faults := resolve(t, Options{}, "RecordTtl=never", "RecordTtl=200", "RecordTtl : 300")
	if len(faults) > 0 || v.RecordTTL.Milliseconds() != 300 || len(notes) != 3 {
		t.Errorf("%v %v %v", v.RecordTTL, notes, faults)
	}
	if notes[0].Outcome != Overruled || notes[0].Text != "is written again on line 3, which counts" {
		t.Errorf("got %v", notes[0])
	}
}

func TestContradictions(t *testing.T) {
	const id, key, token = "aws.credentials.provider.basic.accesskeyid=AKIA", "aws.credentials.provider.basic.secretkey=abc", "aws.credentials.provider.basic.sessiontoken=xyz"
	for _, c := range []struct {
		lines []string
		line  int
		says  string
	}{
		{[]string{"RecordTtl=100", "RecordMaxBufferedTime=101"}, 1, "records would end before they may be sent"},
		{[]string{"UserRecordTimeoutInMillis=100", "RecordMaxBufferedTime=101"}, 1, "records would end before they may be sent"},
		{[]string{"sink.requests.max-buffered=500", "sink.batch.max-size=500"}, 1, "no request could ever be full"},
		{[]string{id}, 1, "the secret key is not"},
		{[]string{key}, 1, "the access key is not"},
		{[]string{token}, 1, "the keys are not"},
		{[]string{"aws.credentials.provider=BASIC"}, 1, "neither key is set"},
		{[]string{"ProxyPort=1"}, 1, "ProxyHost is not"},
		{[]string{"ProxyUserName=u"}, 1, "ProxyHost is not"},
		{[]string{"ProxyHost=h", "ProxyPassword=p"}, 2, "ProxyUserName is not"},
		{[]string{"Ordering=per-key", "sink.partitioner=random"}, 1, "random keys have no order"},
	} {
		_, _, faults := resolve(t, Options{}, c.lines...)
		wantFault(t, faults, c.line, c.says)
	}
	for _, c := range []struct {
		lines []string
		key   string
		says  string
	}{
		{[]string{"KinesisPort=4567"}, "KinesisPort", "no KinesisEndpoint"},
		{[]string{"KinesisPort=4567", "aws.endpoint=http://localhost"}, "KinesisPort", "has its own port"},
		{[]string{"AggregationEnabled=false", "AggregationMaxCount=7"}, "AggregationMaxCount", "aggregation is disabled"},
		{[]string{"AggregationEnabled=false", "AggregationMaxSize=700"}, "AggregationMaxSize", "aggregation is disabled"},
		{[]string{"aws.credentials.provider=ENV_VAR", id, key}, "aws.credentials.provider.basic.secretkey", "provider is ENV_VAR"},
		{[]string{"Region="}, "Region", "is empty, and changes nothing"},
	} {
		_, notes, faults := resolve(t, Options{}, c.lines...)
		if len(faults) > 0 {
			t.Errorf("%v: %v", c.lines, faults)
		}
		wantNote(t, notes, c.key, Unneeded, c.says)
	}
	// The ends of what is no contradiction.
	for _, lines := range [][]string{
		{"RecordTtl=100", "RecordMaxBufferedTime=100"}, {"RecordTtl=9223372036854775807", "RecordMaxBufferedTime=9223372036854775807"},
		{"sink.requests.max-buffered=501", "sink.batch.max-size=500"}, {id, key}, {id, key, token}, {"aws.credentials.provider=BASIC", id, key},
		{"ProxyHost=h", "ProxyPort=1", "ProxyUserName=u", "ProxyPassword=p"}, {"ProxyHost=h", "ProxyUserName=u"},
	} {
		if _, _, faults := resolve(t, Options{}, lines...); len(faults) > 0 {
			t.Errorf("%v: %v", lines, faults)
		}
	}
}

// What somebody relies on and is not there is refused with what to use instead; on request it is passed over.
func TestRefused(t *testing.T) {
	for line, instead := range map[string]string{
		"CloudwatchEndpoint=h":                        "Producer.Metrics",
		"CloudwatchPort=1":                            "Producer.Metrics",
		"MetricsNamespace=mine":                       "Producer.Metrics",
		"MetricsUploadDelay=1":                        "Producer.Metrics",
		"CredentialsProvider=x":                       "kinesis.Options.Credentials",
		"MetricsCredentialsProvider=x":                "your own client",
		"GlueSchemaRegistryConfiguration=x":           "Config.Serializer",
		"GlueSchemaRegistryPropertiesFilePath=x":      "Config.Serializer",
		"GlueSchemaRegistryCredentialsProvider=x":     "Config.Serializer",
		"aws.credentials.provider=PROFILE":            `config.WithSharedConfigProfile("name")`,
		"aws.credentials.provider=ASSUME_ROLE":        "stscreds.NewAssumeRoleProvider",
		"aws.credentials.provider=WEB_IDENTITY_TOKEN": "config.LoadDefaultConfig(ctx)",
		"aws.credentials.provider=SYS_PROP":           "use ENV_VAR",
		"aws.credentials.provider=CUSTOM":             "aws.CredentialsProviderFunc",
		"sink.partitioner=fixed":                      "Fixed[T](index, total)",
		"sink.partitioner=com.acme.Mine":              "ByKey",
		"sink.partitioner-field-delimiter=,":          `JoinedFields(",", fields...)`,
		"sink.producer.cloudwatch-endpoint=h":         "Producer.Metrics",
	} {
		key, _, _ := strings.Cut(line, "=")
		_, _, faults := resolve(t, Options{}, line)
		wantFault(t, faults, 1, key, instead)
		for _, o := range []Options{{Lenient: true}, {Ignore: []string{key}}, {Ignore: []string{key[:3] + "*"}}} {
			_, notes, faults := resolve(t, o, line)
			if len(faults) > 0 {
				t.Errorf("%v: %v", o, faults)
			}
			wantNote(t, notes, key, Ignored)
		}
	}
	if _, _, faults := resolve(t, Options{}, "MetricsNamespace=AWS/Kinesis"); len(faults) != 1 || !strings.Contains(faults[0].Text, "AWS/") {
		t.Errorf("got %v", faults)
	}
}

func TestDidYouMean(t *testing.T) {
	for wrong, meant := range map[string]string{
		"RecordTTL": "RecordTtl", "recordTtl": "RecordTtl", "record-ttl": "RecordTtl", "RECORD_TTL": "RecordTtl", "RecordTl": "RecordTtl",
		"setFailOnError": "FailOnError", "setQueueLimit": "QueueLimit", "RecordMaxBufferdTime": "RecordMaxBufferedTime",
		"AggregationEnable": "AggregationEnabled", "AgregationMaxCount": "AggregationMaxCount", "MaxConections": "MaxConnections",
		"aws.regoin": "aws.region", "AWS_REGION": "aws.region", "aws.credentials.provider.basic.accessKeyId": "aws.credentials.provider.basic.accesskeyid",
		"sink.producer.recordTtl": "sink.producer.record-ttl", "sink.failonerror": "sink.fail-on-error", "MetricsLvel": "MetricsLevel",
		"RetryDuratoin": "RetryDuration", "StreamName": "", "banana": "", "x": "", "compression.type": "",
	} {
		_, _, faults := resolve(t, Options{}, wrong+"=1")
		wantFault(t, faults, 1, wrong, "is not a setting")
		_, guess, _ := strings.Cut(strings.TrimSuffix(faults[0].Text, "?"), "did you mean ")
		if guess != meant {
			t.Errorf("%s: guessed %q, want %q", wrong, guess, meant)
		}
		_, notes, faults := resolve(t, Options{Lenient: true}, wrong+"=1")
		if len(faults) > 0 {
			t.Errorf("lenient: %v", faults)
		}
		wantNote(t, notes, wrong, Ignored, meant)
	}
}

// Nothing that may be a secret is in a fault, a note, or any print of the values.
func TestNoSecretIsShown(t *testing.T) {
	const s = "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY"
	lines := []string{
		"aws.credentials.provider.basic.accesskeyid=" + s, "aws.credentials.provider.basic.secretkey=" + s,
		"aws.credentials.basic.sessiontoken=" + s, "ProxyHost=h", "ProxyUserName=u", "ProxyPassword=" + s,
		"aws.credentials.provider.role.provider.basic.secretkey=" + s, "aws.credentials.provider.role.externalId=" + s,
	}
	values, notes, faults := resolve(t, Options{}, lines...)
	if len(faults) > 0 || values.Connection.SecretKey.Reveal() != s || values.Connection.ProxyPassword.Reveal() != s {
		t.Fatalf("%v", faults)
	}
	var printed strings.Builder
	asJSON, err := json.Marshal(notes)
	fmt.Fprintf(&printed, "%v %+v %#v %s %v", values, values, values, asJSON, err)
	slog.New(slog.NewTextHandler(&printed, nil)).Info("", "values", values, "notes", notes)

	bad := append(lines,
		"aws.credentials.provider.basic.secretky="+s, // mistyped
		s,                                   // lost its name
		s+"1EXAMPLE/KEY==",                  // the rest of a token that was broken over two lines
		"="+s,                               // lost its name, too
		s+"abcdefghi=",                      // no digit in it, by bad luck
		"AKIAIOSFODNNSEVENEXA=",             // an access key as a name
		"aws.endpoint=https://u:"+s+"@host", // in a URL
		"aws.credentials.provider.basic.accesskeyid=",
		"b=\\u"+s)
	for _, o := range []Options{{}, {Lenient: true}, {Ignore: []string{"aws.*"}}} {
		v, notes, faults := resolve(t, o, bad...)
		if len(faults) == 0 {
			t.Error("no faults")
		}
		fmt.Fprintf(&printed, "%v %+v %v %v", v, v, notes, faults)
	}
	for _, piece := range []string{s[:12], "AKIAIO"} {
		if i := strings.Index(printed.String(), piece); i >= 0 {
			t.Errorf("shown: …%s", printed.String()[max(0, i-120):i])
		}
	}
}

// The map is read and never changed, whatever is wrong with it. (Flink rewrites the caller's.)
func TestMapIsNotChanged(t *testing.T) {
	m := map[string]string{"aws.producer.collectionMaxCount": "7", "CollectionMaxCount": "8", "aws.region": "us-east-1", "what": "1"}
	before := maps.Clone(m)
	_, _, faults := Resolve(FromMap(m), nil, Options{})
	wantFault(t, faults, 0, "what")
	if !maps.Equal(m, before) {
		t.Errorf("got %v", m)
	}
}

// plainly is values without addresses.
func plainly(v Values) string {
	v.Connection.AccessKey, v.Connection.SecretKey, v.Connection.SessionToken, v.Connection.ProxyPassword = Secret{}, Secret{}, Secret{}, Secret{}
	out, err := json.Marshal(v)
	return fmt.Sprint(string(out), err)
}
