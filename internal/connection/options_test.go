package connection_test

import (
	"context"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/internal/connection"
	"github.com/kinecast/kinecast/internal/properties"
)

// optionsOf are the options that lines of properties make.
func optionsOf(t *testing.T, lines ...string) kinesis.Options {
	t.Helper()
	return clientOf(t, nil, lines...).Options()
}

// clientOf is a client that they make, over an HTTP client that the caller had already.
func clientOf(t *testing.T, had aws.HTTPClient, lines ...string) *kinesis.Client {
	t.Helper()
	entries, malformed, err := properties.Read(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	values, _, faults := properties.Resolve(entries, malformed, properties.Options{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	set, err := connection.Options(values.Connection, 24)
	if err != nil {
		t.Fatal(err)
	}
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "given", SecretAccessKey: "secret"}, nil
	})
	return kinesis.New(kinesis.Options{Region: "us-west-1", Credentials: keys, HTTPClient: had, RetryMaxAttempts: 1}, set)
}

// call makes one call and returns its error, "" if there is none.
func call(t *testing.T, client *kinesis.Client) string {
	t.Helper()
	_, err := client.DescribeLimits(t.Context(), &kinesis.DescribeLimitsInput{})
	if err != nil {
		return err.Error()
	}
	return ""
}

// answering is a server that answers every call and keeps the last request.
func answering(t *testing.T, start func(*httptest.Server)) (srv *httptest.Server, last func() *http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 16)
	srv = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, `{"ShardLimit":1,"OpenShardCount":1}`)
	}))
	srv.Config.ErrorLog = nil
	start(srv)
	t.Cleanup(srv.Close)
	return srv, func() *http.Request {
		select {
		case r := <-requests:
			return r
		default: // the call has failed before it came here
			return &http.Request{Header: http.Header{}}
		}
	}
}

func TestRegion(t *testing.T) {
	if got := optionsOf(t, "aws.region=us-east-1").Region; got != "us-east-1" {
		t.Errorf("got %q", got)
	}
	if got := optionsOf(t, "Region=us-east-2").Region; got != "us-east-2" {
		t.Errorf("got %q", got)
	}
	if got := optionsOf(t).Region; got != "us-west-1" {
		t.Errorf("what was given is gone: %q", got)
	}
}

func TestEndpoint(t *testing.T) {
	for lines, want := range map[string]string{
		"aws.endpoint=http://localhost:4567":                                           "http://localhost:4567",
		"aws.endpoint=https://localhost/":                                              "https://localhost",
		"KinesisEndpoint=localhost":                                                    "https://localhost",
		"KinesisEndpoint=localhost\nKinesisPort=443":                                   "https://localhost",
		"KinesisEndpoint=localhost\nKinesisPort=4567":                                  "https://localhost:4567",
		"sink.producer.kinesis-endpoint=localhost\nsink.producer.kinesis-port=4567":    "https://localhost:4567",
		"aws.endpoint=http://localhost:1\nKinesisEndpoint=localhost\nKinesisPort=4567": "http://localhost:1",
	} {
		if got := aws.ToString(optionsOf(t, lines).BaseEndpoint); got != want {
			t.Errorf("%q: got %q, want %q", lines, got, want)
		}
	}
	if got := optionsOf(t).BaseEndpoint; got != nil {
		t.Errorf("got %q", *got)
	}
}

func TestCredentials(t *testing.T) {
	const id, key, token = "aws.credentials.provider.basic.accesskeyid=i", "aws.credentials.basic.secretkey=k", "aws.credentials.provider.basic.sessiontoken=t"
	for _, c := range []struct {
		lines []string
		env   [3]string
		want  string // id, key and token, or the error
	}{
		{nil, [3]string{"e", "f", ""}, "given secret "},
		{[]string{"aws.credentials.provider=AUTO"}, [3]string{"e", "f", ""}, "given secret "},
		{[]string{id, key}, [3]string{"e", "f", ""}, "i k "},
		{[]string{"aws.credentials.provider=basic", id, key, token}, [3]string{}, "i k t"},
		{[]string{"aws.credentials.provider=ENV_VAR"}, [3]string{"e", "f", "g"}, "e f g"},
		{[]string{"aws.credentials.provider=ENV_VAR", id, key}, [3]string{"e", "f", ""}, "e f "},
		{[]string{"aws.credentials.provider=ENV_VAR"}, [3]string{"e", "", ""}, "not both set"},
	} {
		for i, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
			t.Setenv(name, c.env[i])
		}
		t.Setenv("AWS_ACCESS_KEY", "")
		t.Setenv("AWS_SECRET_KEY", "")
		provider := optionsOf(t, c.lines...).Credentials
		got, err := provider.Retrieve(t.Context())
		text := got.AccessKeyID + " " + got.SecretAccessKey + " " + got.SessionToken
		if err != nil {
			text = err.Error()
		}
		if !strings.Contains(text, c.want) {
			t.Errorf("%v %v: got %q, want %q", c.lines, c.env, text, c.want)
		}
	}
}

// A server is believed if the system, or who is named, vouches for it, or if that was switched off.
func TestVerification(t *testing.T) {
	srv, _ := answering(t, (*httptest.Server).StartTLS)
	folder := t.TempDir()
	file := filepath.Join(folder, "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	address, _ := url.Parse(srv.URL)
	endpoint := "aws.endpoint=" + srv.URL
	const unknown = "certificate signed by unknown authority"
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{endpoint}, unknown},
		{[]string{endpoint, "VerifyCertificate=true"}, unknown},
		{[]string{endpoint, "VerifyCertificate=false"}, ""},
		{[]string{endpoint, "sink.producer.verify-certificate=false"}, ""},
		{[]string{endpoint, "aws.trust.all.certificates=true"}, ""},
		{[]string{endpoint, "aws.trust.all.certificates=false", "VerifyCertificate=false"}, unknown},
		{[]string{endpoint, "CaCertFile=" + file}, ""},
		{[]string{endpoint, "CaCertPath=" + folder}, ""},
		{[]string{"KinesisEndpoint=" + address.Hostname(), "KinesisPort=" + address.Port(), "CaCertFile=" + file}, ""},
	} {
		if got := call(t, clientOf(t, nil, c.lines...)); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.lines, got, c.want)
		}
	}
}

func TestCertificatesThatCannotBeRead(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []properties.Connection{
		{CAFile: "/no/such/file"}, {CAPath: "/no/such/folder"}, {CAFile: empty}, {CAPath: t.TempDir()},
	} {
		if _, err := connection.Options(c, 1); err == nil || !strings.Contains(err.Error(), c.CAFile+c.CAPath) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestVersionOfHTTP(t *testing.T) {
	srv, last := answering(t, func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.StartTLS()
	})
	for version, want := range map[string]int{"HTTP1_1": 1, "HTTP2": 2} {
		got := call(t, clientOf(t, nil, "aws.endpoint="+srv.URL, "VerifyCertificate=false", "aws.http.protocol.version="+version))
		if r := last(); got != "" || r.ProtoMajor != want {
			t.Errorf("%s: %s %q", version, r.Proto, got)
		}
	}
}

// A call goes through the proxy, which is told who calls.
func TestProxy(t *testing.T) {
	proxy, last := answering(t, (*httptest.Server).Start)
	address, _ := url.Parse(proxy.URL)
	got := call(t, clientOf(t, nil, "aws.endpoint=http://kinesis.invalid", "ProxyHost="+address.Hostname(), "ProxyPort="+address.Port(),
		"ProxyUserName=Aladdin", "ProxyPassword=open sesame"))
	r := last()
	if got != "" || r.Host != "kinesis.invalid" || r.Header.Get("Proxy-Authorization") != "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" { // RFC 7617
		t.Errorf("%q %q %q", got, r.Host, r.Header)
	}
	// A proxy that is not there: the error names neither user nor password.
	got = call(t, clientOf(t, nil, "aws.endpoint=https://kinesis.invalid", "ProxyHost=127.0.0.1", "ProxyPort=1", "ProxyUserName=Aladdin", "ProxyPassword=sesame"))
	if !strings.Contains(got, "proxyconnect") || strings.Contains(got, "Aladdin") || strings.Contains(got, "sesame") {
		t.Errorf("got %q", got)
	}
}

func TestUserAgent(t *testing.T) {
	srv, last := answering(t, (*httptest.Server).Start)
	got := call(t, clientOf(t, nil, "aws.endpoint="+srv.URL, "aws.kinesis.client.user-agent-prefix=my-job"))
	if r := last(); got != "" || !strings.Contains(r.UserAgent(), "my-job") {
		t.Errorf("%q %q", got, r.UserAgent())
	}
}

// The SDK's HTTP client is changed where something is said, and keeps the rest; another one is kept if nothing is.
func TestHTTPClient(t *testing.T) {
	usual := optionsOf(t).HTTPClient.(*awshttp.BuildableClient)
	if tr := usual.GetTransport(); tr.MaxIdleConnsPerHost != 24 || tr.MaxIdleConns < 24 || tr.TLSClientConfig.InsecureSkipVerify {
		t.Errorf("%+v", tr)
	}
	quick := optionsOf(t, "ConnectTimeout=1500").HTTPClient.(*awshttp.BuildableClient)
	if quick.GetDialer().Timeout != 1500*time.Millisecond || quick.GetTransport().TLSHandshakeTimeout != 1500*time.Millisecond {
		t.Errorf("%v %v", quick.GetDialer().Timeout, quick.GetTransport().TLSHandshakeTimeout)
	}
	mine := &http.Client{}
	if got := clientOf(t, mine, "aws.region=us-east-1").Options().HTTPClient; got != mine {
		t.Errorf("got %T", got)
	}
	if _, built := clientOf(t, mine, "ConnectTimeout=1500").Options().HTTPClient.(*awshttp.BuildableClient); !built {
		t.Error("a client of somebody else's cannot be told how long to connect")
	}
	if tr := mine.Transport; tr != nil {
		t.Errorf("the caller's client has changed: %v", tr)
	}
}
