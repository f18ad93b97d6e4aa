package kinecast_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// Several producers in one process, on one stream, at once: each delivers what it was given, and closing one leaves the
// others alone.
func TestSeveralProducers(t *testing.T) {
	const producers, each = 8, 500
	srv := kinesistest.New(t, kinesistest.Stream("s", 4))
	var all sync.WaitGroup
	for n := range producers {
		p := newProducer(t, srv.Client())
		all.Go(func() {
			for i := range each {
				if err := p.Put(context.Background(), fmt.Sprint("v", n*each+i)); err != nil {
					t.Error(err)
					return
				}
			}
			if err := p.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wantStored(t, srv, "s", producers*each)
}

// Credentials that change all the time, some of which the service does not know yet: nothing is lost, since the client
// signs each request with what its provider has at that moment.
func TestRotatingCredentials(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 4), kinesistest.AccessKeys("even", "odd"))
	var asked atomic.Int64
	client := kinesis.New(overHTTP(t, srv, "").Options(), func(o *kinesis.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			id := []string{"even", "odd", "even", "odd", "unknown yet"}[asked.Add(1)%5]
			return aws.Credentials{AccessKeyID: id, SecretAccessKey: "secret"}, nil
		})
	})
	p := newProducer(t, client, plain)
	for i := range 20 {
		for j := range 100 {
			must(t, p.Put(t.Context(), fmt.Sprint("v", 100*i+j)))
		}
		must(t, p.Checkpoint(t.Context()))
	}
	must(t, p.Close(t.Context()))
	wantStored(t, srv, "s", 2000)
	if s := p.Stats(); s.Retries == 0 || s.UserRecordsFailed > 0 {
		t.Errorf("%+v", s)
	}
}
