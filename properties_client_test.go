package kinecast_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// A client without a region or credentials is refused, and told where they can come from.
func TestNewClientWants(t *testing.T) {
	for _, c := range []struct {
		lines []string
		says  []string
	}{
		{nil, []string{"no region: set aws.region", "no credentials: set aws.credentials.provider"}},
		{[]string{"aws.region=us-east-1"}, []string{"no credentials"}},
		{[]string{"aws.region=us-east-1", "aws.credentials.provider=AUTO"}, []string{"config.LoadDefaultConfig(ctx)"}},
		{[]string{"aws.credentials.basic.accesskeyid=a", "aws.credentials.basic.secretkey=b"}, []string{"no region"}},
		{[]string{"aws.region=us-east-1", "CaCertFile=/no/such/file"}, []string{"/no/such/file"}},
	} {
		client, err := parsed(t, c.lines...).NewClient()
		if client != nil || err == nil {
			t.Errorf("%v: %v, %v", c.lines, client, err)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%v: %v, want it to say %q", c.lines, err, s)
			}
		}
	}
}

// What is missing, or is to be different, options may set.
func TestNewClientTakesOptions(t *testing.T) {
	client, err := parsed(t, "aws.region=us-east-1", "MaxConnections=99").NewClient(func(o *kinesis.Options) {
		o.Region = "eu-west-1"
		o.Credentials = aws.AnonymousCredentials{}
	})
	must(t, err)
	if got := client.Options().Region; got != "eu-west-1" {
		t.Errorf("got %q", got)
	}
}

// Settings of a file alone make a client and a producer that deliver, over TLS that is verified.
func TestPropertiesDeliver(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 2), kinesistest.TLS(), kinesistest.AccessKeys("AKIDEXAMPLE"))
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(trusted, srv.CertificatePEM(), 0o600))
	p := parsed(t,
		"aws.region = us-east-1", "aws.endpoint = "+srv.URL(), "CaCertFile = "+trusted,
		"aws.credentials.provider.basic.accesskeyid = AKIDEXAMPLE", "aws.credentials.provider.basic.secretkey = secret",
		"DefaultStream = s", "MaxConnections = 4", "RecordMaxBufferedTime = 0", "FailOnError = true")
	client, err := p.NewClient()
	must(t, err)
	made := newProducer(t, client, func(c *config) { c.Apply(p) })
	puts(t, made, 500)
	must(t, made.Checkpoint(t.Context()))
	must(t, made.Close(t.Context()))
	wantStored(t, srv, "s", 500)

	// Without its certificate, the same server is not believed.
	stranger, err := parsed(t, "aws.region=us-east-1", "aws.endpoint="+srv.URL(),
		"aws.credentials.basic.accesskeyid=AKIDEXAMPLE", "aws.credentials.basic.secretkey=secret").NewClient()
	must(t, err)
	_, err = stranger.ListStreams(t.Context(), &kinesis.ListStreamsInput{}, func(o *kinesis.Options) { o.RetryMaxAttempts = 1 })
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
}
