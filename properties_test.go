package kinecast_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/kinesistest"
)

// parsed reads "name=value" lines.
func parsed(t *testing.T, lines ...string) *kinecast.Properties {
	t.Helper()
	p, err := kinecast.ReadProperties(strings.NewReader(strings.Join(lines, "\n")))
	must(t, err)
	return p
}

// wantPropertyFaults checks that reading the lines finds these, and nothing else.
func wantPropertyFaults(t *testing.T, lines []string, says ...string) {
	t.Helper()
	p, err := kinecast.ReadProperties(strings.NewReader(strings.Join(lines, "\n")))
	var faults *kinecast.PropertiesError
	if !errors.As(err, &faults) || p != nil {
		t.Fatalf("%v: got %v, %v, want a *PropertiesError", lines, p, err)
	}
	if len(faults.Faults) != len(says) {
		t.Errorf("%v: %v", lines, err)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%v: %v, want it to say %q", lines, err, s)
		}
	}
}

// The page's own example, and everything else that it names, becomes what it says.
func TestPropertiesOfThePage(t *testing.T) {
	p := parsed(t,
		"RecordMaxBufferedTime=100", "MaxConnections=24", "RequestTimeout=6000", "RecordTtl=30000",
		"AggregationEnabled=true", "AggregationMaxCount=4294967295", "AggregationMaxSize=51200",
		"RetryDuration=10000", "MaxAttempts=5", "MetricsLevel=SUMMARY", "MetricsGranularity=GLOBAL",
		"FailOnError=false", "QueueLimit=10000", "DefaultStream=my-output-stream", "DefaultPartition=0",
	)
	c := config{QueueBytes: 1 << 20}
	c.Apply(p)
	want := config{
		RecordMaxBufferedTime: 100 * time.Millisecond, MaxConnections: 24, RequestTimeout: 6 * time.Second, RecordTTL: 30 * time.Second,
		AggregationMaxCount: math.MaxUint32, AggregationMaxSize: 51200, RetryDuration: 10 * time.Second, MaxAttempts: 5,
		MetricsLevel: figures.Summary, MetricsGranularity: figures.Global,
		ErrorMode: kinecast.LogAndContinue, QueueLimit: 10_000, DefaultStream: "my-output-stream", DefaultPartition: "0",
		QueueBytes: 1 << 20, // not named, hence left alone
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
	c.Serializer = kinecast.String()
	must(t, c.Validate())
}

// Every setting that a map names is told in a note that says which field it sets; the map stays as it is.
func TestNotesTellWhatTheMapSets(t *testing.T) {
	m := map[string]string{"aws.producer.collectionMaxCount": "100", "CollectionMaxCount": "200", "TempDirectory": "/var", "RecordTtl": "9223372036854775807"}
	p, err := kinecast.ParseProperties(m)
	must(t, err)
	var told []string
	for _, n := range p.Notes {
		told = append(told, fmt.Sprint(n.Outcome, " ", n.Field, ": ", n))
	}
	for i, want := range []string{
		"2 CollectionMaxCount: CollectionMaxCount is overruled by aws.producer.collectionMaxCount",
		"0 RecordTTL: RecordTtl sets RecordTTL to none",
		"1 : TempDirectory is not needed: there is no child process: everything runs in yours, and no file is written",
		"0 CollectionMaxCount: aws.producer.collectionMaxCount sets CollectionMaxCount to 100 (deprecated; write CollectionMaxCount)",
	} {
		if i >= len(told) || told[i] != want {
			t.Fatalf("got %q, want %q", told, want)
		}
	}
	if len(m) != 4 || m["CollectionMaxCount"] != "200" {
		t.Errorf("the map has changed: %v", m)
	}
}

// Faults of several lines come at once, each with its number.
func TestEveryPropertyFaultAtOnce(t *testing.T) {
	wantPropertyFaults(t,
		[]string{"# settings", "RecordTtl=50", "", "no separator here?no", "AggregationEnabled=yes", "RecordTTL=1", "aws.credentials.provider=PROFILE", "MaxConnections=\\u12"},
		`line 2: RecordTtl is "50"; use a whole number of milliseconds, 100 to 9223372036854775807`,
		"line 5: AggregationEnabled is \"yes\"; use true or false",
		"line 6: RecordTTL is not a setting; did you mean RecordTtl?",
		"line 7: aws.credentials.provider makes credentials that need the SDK's config module",
		`line 8 has a malformed \uXXXX`,
		"line 4: no is not a setting",
	)
}

func TestLenientAndIgnoring(t *testing.T) {
	lines := "what=1\nMetricsNamespace=mine\nRecordTtl=200\nflink.stream.initpos=LATEST"
	p, err := kinecast.ReadProperties(strings.NewReader(lines), kinecast.Lenient())
	must(t, err)
	if p.Notes[0].Outcome != kinecast.Ignored || p.Notes[1].Outcome != kinecast.Ignored || p.Notes[3].Outcome != kinecast.Unneeded {
		t.Errorf("got %v", p.Notes)
	}
	_, err = kinecast.ReadProperties(strings.NewReader(lines), kinecast.Ignoring("wh*", "MetricsNamespace"))
	must(t, err)
	_, err = kinecast.ReadProperties(strings.NewReader(lines), kinecast.Ignoring("what"))
	if err == nil {
		t.Error("MetricsNamespace was not to be ignored")
	}
	_, err = kinecast.ReadProperties(strings.NewReader("RecordTtl=soon"), kinecast.Lenient())
	if err == nil {
		t.Error("a bad value is never passed over")
	}
}

// What a preset sets is what the original would have used, setting by setting of the table.
func TestPresetsAreTheOriginals(t *testing.T) {
	kpl := kinecast.KPLDefaults[string]()
	flink := kinecast.FlinkDefaults[string]()
	kpl.Apply(parsed(t, originalDefaults("KPL")...))
	flink.Apply(parsed(t, originalDefaults("Flink")...))
	if want := kinecast.KPLDefaults[string](); !reflect.DeepEqual(kpl, want) {
		t.Errorf("the KPL's defaults make %+v of %+v", kpl, want)
	}
	if want := kinecast.FlinkDefaults[string](); !reflect.DeepEqual(flink, want) {
		t.Errorf("Flink's defaults make %+v of %+v", flink, want)
	}
}

func TestPresetsWork(t *testing.T) {
	for name, preset := range map[string]func() config{
		"KPLDefaults": kinecast.KPLDefaults[string], "FlinkDefaults": kinecast.FlinkDefaults[string],
		"LowLatency": kinecast.LowLatency[string], "HighThroughput": kinecast.HighThroughput[string],
	} {
		bubble(t, name, func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 4))
			p := newProducer(t, srv.Client(), func(c *config) {
				serializer, partitioner := c.Serializer, c.Partitioner
				*c = preset()
				c.DefaultStream, c.Serializer, c.Partitioner = "s", serializer, partitioner
			})
			puts(t, p, 2000)
			must(t, p.Checkpoint(t.Context()))
			wantStored(t, srv, "s", 2000)
		})
	}
}

// With nothing to wait for, a record of LowLatency is on its way at once.
func TestLowLatencyDoesNotLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		c := kinecast.LowLatency[string]()
		c.DefaultStream, c.Serializer, c.DefaultPartition = "s", kinecast.String(), "key"
		p, err := kinecast.New(srv.Client(), c)
		must(t, err)
		must(t, p.Open(t.Context()))
		start := time.Now()
		puts(t, p, 1)
		synctest.Wait() // all that can happen without time has happened
		if n, took := p.Stats().UserRecordsPut, time.Since(start); n != 1 || took != 0 {
			t.Errorf("%d records were put after %v of virtual time, want 1 after none", n, took)
		}
		must(t, p.Close(t.Context()))
	})
}

// The largest values of every setting are no overflow: records are stored, in time.
func TestLargestProperties(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		const most = "9223372036854775807"
		p := newProducer(t, srv.Client(), func(c *config) {
			c.Apply(parsed(t, "RecordTtl="+most, "RecordMaxBufferedTime="+most, "AggregationMaxCount="+most, "CollectionMaxSize="+most,
				"RateLimit="+most, "RetryDuration="+most, "RequestTimeout=600000", "MaxAttempts=2147483647", "QueueLimit=2147483647"))
		})
		puts(t, p, 100)
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 100)
	})
}

// The KPL's two times are one here: the shorter counts, and 0 is none.
func TestUserRecordTimeoutShortensTheTTL(t *testing.T) {
	for lines, want := range map[string]time.Duration{
		"UserRecordTimeoutInMillis=200": 200 * time.Millisecond, "RecordTtl=30000\nUserRecordTimeoutInMillis=200": 200 * time.Millisecond,
		"RecordTtl=200\nUserRecordTimeoutInMillis=30000": 200 * time.Millisecond, "RecordTtl=300\nUserRecordTimeoutInMillis=0": 300 * time.Millisecond,
		"UserRecordTimeoutInMillis=9223372036854775807": 0, "UserRecordTimeoutInMillis=1": 100 * time.Millisecond,
	} {
		var c config
		c.Apply(parsed(t, lines))
		if c.RecordTTL != want {
			t.Errorf("%q: got %v, want %v", lines, c.RecordTTL, want)
		}
	}
}

func TestMaxRecordSize(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	p := newProducer(t, srv.Client(), func(c *config) {
		c.Partitioner, c.DefaultPartition, c.MaxRecordSize = nil, "key", 100
	})
	must(t, p.Put(t.Context(), strings.Repeat("x", 97)))
	err := p.Put(t.Context(), strings.Repeat("x", 98))
	wantIs(t, err, kinecast.ErrTooLarge)
	if !strings.Contains(fmt.Sprint(err), "MaxRecordSize is 100") {
		t.Error(err)
	}
	must(t, p.Close(t.Context()))
}

// Whatever the properties are, those that are accepted make a configuration that is, and those of a configuration make it.
func TestAcceptedPropertiesMakeAValidConfig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := map[string]string{}
		for range rapid.IntRange(0, 8).Draw(t, "entries") {
			m[rapid.SampledFrom(propertyNames()).Draw(t, "name")] = rapid.OneOf(
				rapid.SampledFrom([]string{"true", "false", "none", "s", "random", "per-key", "unordered", "9223372036854775807", "100", "500", "52224", "1048576", "us-east-1"}),
				rapid.Map(rapid.Int64Range(0, 1<<40), func(n int64) string { return fmt.Sprint(n) }),
			).Draw(t, "value")
		}
		p, err := kinecast.ParseProperties(m, kinecast.Lenient())
		if err != nil {
			if _, ok := errors.AsType[*kinecast.PropertiesError](err); !ok {
				t.Fatal(err)
			}
			t.Skip()
		}
		if len(p.Notes) != len(m) {
			t.Fatalf("%d notes of %d entries", len(p.Notes), len(m))
		}
		c := good()
		c.Apply(p)
		if err := c.Validate(); err != nil {
			t.Fatalf("%v: %v", m, err)
		}
	})
}

// A configuration that is written as properties is read as it was.
func TestConfigAsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := func(least, most int64, name string) time.Duration {
			return time.Duration(rapid.Int64Range(least, most).Draw(t, name)) * time.Millisecond
		}
		whole := func(least, most int, name string) int { return rapid.IntRange(least, most).Draw(t, name) }
		linger := ms(0, 1000, "RecordMaxBufferedTime")
		want := config{
			DefaultStream: rapid.StringMatching(`[a-zA-Z0-9_.-]{1,20}`).Draw(t, "DefaultStream"),
			ErrorMode:     kinecast.ErrorMode(whole(0, 1, "ErrorMode")),
			QueueLimit:    whole(1, math.MaxInt32, "QueueLimit"), QueueBytes: int64(whole(64<<10, 1<<50, "QueueBytes")),
			AggregationDisabled: rapid.Bool().Draw(t, "AggregationDisabled"),
			AggregationMaxCount: rapid.Int64Range(1, math.MaxInt64).Draw(t, "AggregationMaxCount"), AggregationMaxSize: whole(64, 10<<20, "AggregationMaxSize"),
			CollectionMaxCount: whole(1, 500, "CollectionMaxCount"), CollectionMaxSize: whole(52224, 10<<20, "CollectionMaxSize"),
			MaxRecordSize: whole(64, 10<<20, "MaxRecordSize"), RecordMaxBufferedTime: linger,
			RecordTTL: ms(1000, 1<<40, "RecordTTL"), RetryDuration: ms(0, 1<<40, "RetryDuration"), MaxAttempts: whole(1, math.MaxInt32, "MaxAttempts"),
			FailIfThrottled: rapid.Bool().Draw(t, "FailIfThrottled"), RateLimit: whole(1, 1_000_000, "RateLimit"),
			RequestTimeout: ms(100, 600_000, "RequestTimeout"), MaxConnections: whole(1, 256, "MaxConnections"),
			MetricsLevel: figures.Level(whole(0, 2, "MetricsLevel")), MetricsGranularity: figures.Granularity(whole(0, 2, "MetricsGranularity")),
			RequestBytes: int64(whole(1<<20, 1<<50, "RequestBytes")), MaxStreams: whole(1, 100_000, "MaxStreams"),
		}
		text := strings.Join([]string{
			"DefaultStream=" + want.DefaultStream, fmt.Sprint("FailOnError=", want.ErrorMode == kinecast.FailOnError),
			fmt.Sprint("QueueLimit: ", want.QueueLimit), fmt.Sprint("QueueBytes ", want.QueueBytes),
			fmt.Sprint("AggregationEnabled=", !want.AggregationDisabled), fmt.Sprint("sink.producer.aggregation-max-count=", want.AggregationMaxCount),
			fmt.Sprint("AggregationMaxSize=", want.AggregationMaxSize), fmt.Sprint("sink.batch.max-size=", want.CollectionMaxCount),
			fmt.Sprint("CollectionMaxSize=\\\n", want.CollectionMaxSize), fmt.Sprint("MaxUserRecordSize=", want.MaxRecordSize),
			fmt.Sprint("RecordMaxBufferedTime=", linger.Milliseconds()), fmt.Sprint("RecordTtl=", want.RecordTTL.Milliseconds()),
			fmt.Sprint("RetryDuration=", want.RetryDuration.Milliseconds()), fmt.Sprint("MaxAttempts=", want.MaxAttempts),
			fmt.Sprint("FailIfThrottled=", want.FailIfThrottled), fmt.Sprint("RateLimit=", want.RateLimit),
			fmt.Sprint("RequestTimeout=", want.RequestTimeout.Milliseconds()), fmt.Sprint("MaxConnections=", want.MaxConnections),
			"MetricsLevel=" + strings.ToUpper(want.MetricsLevel.String()), fmt.Sprint("sink.producer.metrics-granularity=", want.MetricsGranularity),
			fmt.Sprint("RequestBytes=", want.RequestBytes), fmt.Sprint("MaxStreams=", want.MaxStreams),
		}, "\n")
		if linger == 0 {
			want.RecordMaxBufferedTime = kinecast.NoLinger
		}
		p, err := kinecast.ReadProperties(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var got config
		got.Apply(p)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v\nwant %+v", got, want)
		}
	})
}

// No way of printing what was read shows a secret.
func TestPropertiesShowNoSecret(t *testing.T) {
	const secret = "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY"
	p := parsed(t, "aws.region=us-east-1", "aws.credentials.provider.basic.accesskeyid="+secret, "aws.credentials.provider.basic.secretkey="+secret,
		"aws.credentials.provider.basic.sessiontoken="+secret, "ProxyHost=localhost", "ProxyUserName=u", "ProxyPassword="+secret)
	client, err := p.NewClient()
	must(t, err)
	got, err := client.Options().Credentials.Retrieve(t.Context())
	must(t, err)
	if got.AccessKeyID != secret || got.SecretAccessKey != secret || got.SessionToken != secret {
		t.Error("the credentials did not reach the client")
	}
	var shown strings.Builder
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("", "p", p, "notes", p.Notes, "client", client)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("", "p", p, "values", *p)
	text, err := json.Marshal(p)
	must(t, err)
	fmt.Fprintf(&shown, "%s %v %+v %#v %v", text, p, *p, *p, p.Notes)
	_, err = kinecast.ReadProperties(strings.NewReader("aws.credentials.provider.basic.secretky=" + secret + "\n" + secret + "\naws.endpoint=http://u:" + secret + "@h"))
	fmt.Fprintf(&shown, "%v %+v %#v", err, err, err)
	if strings.Contains(shown.String(), secret[:10]) {
		t.Errorf("shown: %s", shown.String())
	}
}
