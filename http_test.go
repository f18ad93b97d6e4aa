package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// overHTTP is a real client of a server, under an access key. Its connections are closed when the test ends.
func overHTTP(t testing.TB, srv *kinesistest.Server, accessKey string) *kinesis.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: kinecast.DefaultMaxConnections}
	t.Cleanup(transport.CloseIdleConnections)
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(srv.URL()), HTTPClient: &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "secret"}, nil
		}),
	})
}

var protocols = []kinecast.Protocol{kinecast.AWSJSON, kinecast.AWSCBOR}

func TestOverHTTP(t *testing.T) {
	for _, protocol := range protocols {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		p := newProducer(t, overHTTP(t, srv, "key"), func(cfg *config) { cfg.Protocol = protocol })
		puts(t, p, 5000)
		must(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 5000)
	}
}

// What goes wrong over HTTP is told apart as it is in memory, in both protocols.
func TestTroubleOverHTTP(t *testing.T) {
	for i := range 2 * len(trouble) {
		c, protocol := trouble[i/2], protocols[i%2]
		t.Run(fmt.Sprint(c.fault, protocol), func(t *testing.T) {
			srv := kinesistest.New(t, kinesistest.Stream("s", 2))
			p := newProducer(t, overHTTP(t, srv, "key"), func(cfg *config) {
				cfg.MaxAttempts, cfg.RecordMaxBufferedTime, cfg.Protocol = 2, kinecast.NoLinger, protocol
			})
			must(t, p.Open(t.Context()))
			remove := srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: c.fault})
			_, err := p.PutSync(t.Context(), "v0")
			failed := wantDelivery(t, err)
			if failed.Class != c.class && c.code != "ConnectionRefused" { // with a condition, Refuse drops the connection
				t.Errorf("%+v", failed)
			}
			if failed.Attempts != 2 {
				t.Errorf("%+v", failed)
			}
			remove()
			_, err = p.PutSync(t.Context(), "v1")
			must(t, err)
		})
	}
}

// An endpoint where nobody listens any more: nothing is written, and everything is when it is back.
func TestDeadEndpointOverHTTP(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 2))
	api := overHTTP(t, srv, "key")
	revive := srv.Inject(kinesistest.Rule{Do: kinesistest.Refuse()})
	p := newProducer(t, api)
	var dead *kinecast.StreamError
	if err := p.Open(t.Context()); !errors.As(err, &dead) || dead.Code != "ConnectionRefused" || dead.Class != kinecast.Transient {
		t.Errorf("Open: %v", err)
	}
	puts(t, p, 100)
	revive()
	must(t, p.Checkpoint(t.Context()))
	wantStored(t, srv, "s", 100)
}

func TestWrongCredentialsOverHTTP(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 2), kinesistest.AccessKeys("right"))
	book := newLogbook()
	p := newProducer(t, overHTTP(t, srv, "wrong"), func(c *config) { c.Logger = book.logger() })
	var refused *kinecast.StreamError
	if err := p.Open(t.Context()); !errors.As(err, &refused) || refused.Code != "UnrecognizedClientException" {
		t.Errorf("Open: %v", err)
	}
	puts(t, p, 3)
	wantUndelivered(t, p.Close(ended()), 3, 0)
	if len(book.with("secret"))+len(book.with("wrong")) > 0 {
		t.Errorf("log: %q", book.with(""))
	}
}
