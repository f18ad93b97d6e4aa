package main

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// awsEnvironment is an environment with everything that an AWS client might read.
var awsEnvironment = map[string]string{
	"AWS_ACCESS_KEY_ID":         "ASIAENVIRONMENT00000",
	"AWS_SECRET_ACCESS_KEY":     "never-to-be-shown-1",
	"AWS_SESSION_TOKEN":         "never-to-be-shown-2",
	"AWS_REGION":                "eu-west-1",
	"AWS_PROFILE":               "production",
	"AWS_ENDPOINT_URL":          "https://example.com",
	"AWS_ENDPOINT_URL_KINESIS":  "https://example.com",
	"AWS_ACCOUNT_ID":            "999999999999",
	"AWS_EC2_METADATA_DISABLED": "false",
}

// With AWS_* set and no flag nothing leaves the loopback interface, and nothing of the environment is used.
func TestEnvironmentIsNotRead(t *testing.T) {
	for name, value := range awsEnvironment {
		t.Setenv(name, value)
	}
	var calls atomic.Int64
	o := execute(t, func(c *command) {
		c.env = func(name string) string {
			if strings.HasPrefix(name, "AWS_") {
				t.Errorf("%s was read", name)
			}
			return ""
		}
		c.tweak = func(o *kinesis.Options) {
			client := o.HTTPClient.(*http.Client)
			client.Transport.(*http.Transport).DialContext = loopbackOnly(t)
			o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				calls.Add(1)
				signed := r.Header.Get("Authorization")
				if !strings.Contains(signed, "Credential="+dummyKey+"/") || r.Header.Get("X-Amz-Security-Token") != "" {
					t.Errorf("%s went out with %s", r.Header.Get("X-Amz-Target"), signed)
				}
				return client.Do(r)
			})}
		}
	}, "-json")
	o.want(t, exitProved)
	if calls.Load() == 0 {
		t.Error("the guard saw no call")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// loopbackOnly dials nothing but this machine.
func loopbackOnly(t *testing.T) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			t.Errorf("dialled %s", address)
			return nil, fmt.Errorf("%s is not on the loopback interface", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}

// -aws reads the credentials, and says what it is going to do before the first call.
func TestAWSAnnouncesBeforeTheFirstCall(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("quakes", 2), kinesistest.Region("eu-west-1"),
		kinesistest.AccessKeys(awsEnvironment["AWS_ACCESS_KEY_ID"]))
	var first sync.Once
	o := execute(t, func(c *command) {
		c.env = func(name string) string { return awsEnvironment[name] }
		c.tweak = func(o *kinesis.Options) {
			o.BaseEndpoint = aws.String(server.URL())
			client := o.HTTPClient
			o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				first.Do(func() {
					const want = "1,707 records, 1.2 MB, to stream quakes on AWS account 999999999999, eu-west-1\n"
					if said := c.stderr.(*bytes.Buffer).String(); said != want {
						t.Errorf("before the first call it said: %s", said)
					}
				})
				if r.Header.Get("X-Amz-Security-Token") != awsEnvironment["AWS_SESSION_TOKEN"] {
					t.Error("a call without the session token")
				}
				return client.Do(r)
			})}
		}
	}, "-aws", "-stream", "quakes", "-region", "eu-west-1", "-json")
	o.want(t, exitProved)
	if f := o.figures(t); f.ReadBack != 1707 || f.Where != "AWS account 999999999999, eu-west-1" {
		t.Errorf("%+v", f)
	}
}

func TestAWSWithoutCredentials(t *testing.T) {
	execute(t, nil, "-aws", "-stream", "quakes", "-region", "eu-west-1").
		want(t, exitRefused, "-aws needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "aws configure export-credentials --format env")
}

func TestAWSAccount(t *testing.T) {
	encode := func(account uint64) string {
		b := binary.BigEndian.AppendUint64(nil, account<<23|1<<63|0x7f<<16)
		return "AKIA" + base32.StdEncoding.EncodeToString(append(b, 1, 2))
	}
	none := func(string) string { return "" }
	for _, c := range []struct {
		stream streamRef
		key    string
		env    func(string) string
		want   string
	}{
		{streamRef{account: "000000000001"}, encode(2), func(string) string { return "000000000003" }, "000000000001"},
		{streamRef{}, encode(2), func(string) string { return "000000000003" }, "000000000003"},
		{streamRef{}, encode(2), none, "000000000002"},
		{streamRef{}, encode(999_999_999_999), none, "999999999999"},
		{streamRef{}, encode(1_000_000_000_000), none, "unknown"},
		{streamRef{}, "AKIAIOSFODNN7EXAMPLE", none, "unknown"},
		{streamRef{}, "AKIA!!!!!!!!!!!!!!!!", none, "unknown"},
		{streamRef{}, "short", none, "unknown"},
	} {
		if got := awsAccount(c.stream, c.key, c.env); got != c.want {
			t.Errorf("%+v %s: %s, want %s", c.stream, c.key, got, c.want)
		}
	}
}

// A stream that others have written to, this very program among them: each run is judged by its own records.
func TestEndpointWithOlderRecords(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("quakes", 3))
	for range 3 {
		o := execute(t, nil, "-json", "-endpoint", server.URL(), "-stream", "quakes")
		o.want(t, exitProved)
		if f := o.figures(t); f.ReadBack != 1707 || f.Foreign != 0 || f.Where != server.URL() {
			t.Errorf("%+v", f)
		}
	}
}

func TestCreate(t *testing.T) {
	var seconds atomic.Int64 // every look at the clock is a second later, so a stream is CREATING for some calls
	server := kinesistest.New(t, kinesistest.Transition(5*time.Second), kinesistest.Clock(func() time.Time {
		return time.Now().Add(time.Duration(seconds.Add(1)) * time.Second)
	}))
	execute(t, nil, "-endpoint", server.URL(), "-stream", "quakes").
		want(t, exitRefused, "stream quakes does not exist on "+server.URL()+": -create makes it")
	o := execute(t, nil, "-json", "-endpoint", server.URL(), "-stream", "quakes", "-create", "-shards", "6")
	o.want(t, exitProved)
	if f := o.figures(t); f.ReadBack != 1707 || len(f.Shards) != 6 {
		t.Errorf("%+v", f)
	}
}

func TestCreateOfAnExistingStream(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Stream("quakes", 3))
	o := execute(t, nil, "-json", "-endpoint", server.URL(), "-stream", "quakes", "-create", "-shards", "6")
	o.want(t, exitProved)
	if f := o.figures(t); len(f.Shards) != 3 {
		t.Errorf("%+v", f)
	}
}
