package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// The credentials for every server but AWS. They are no secret and open nothing.
const (
	dummyKey    = "QUICKSTART"
	dummySecret = "quickstart"
)

// service is the Kinesis that the run talks to: embedded, at an address, or AWS.
type service struct {
	client   *kinesis.Client
	where    string              // for people
	embedded *kinesistest.Server // nil unless the run brings its own
	http     *http.Transport
}

// connect makes the client. It makes no call, but starts the embedded server. Credentials are read from env only if
// the options say -aws.
func connect(o options, env func(string) string, tweak func(*kinesis.Options)) (*service, error) {
	s := &service{where: o.endpoint, http: newTransport()}
	co := kinesis.Options{
		Region:     o.region,
		HTTPClient: &http.Client{Transport: s.http},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: dummyKey, SecretAccessKey: dummySecret, Source: "quickstart"}, nil
		}),
	}
	switch {
	case o.aws:
		credentials, err := awsCredentials(env)
		if err != nil {
			return nil, err
		}
		co.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil })
		s.where = fmt.Sprintf("AWS account %s, %s", awsAccount(o.stream, credentials.AccessKeyID, env), o.region)
	case o.endpoint != "":
		co.BaseEndpoint = &o.endpoint
	default:
		server, err := startEmbedded(o)
		if err != nil {
			return nil, err
		}
		s.embedded, s.where = server, "an embedded Kinesis"
		co.BaseEndpoint = aws.String(server.URL())
	}
	s.client = kinesis.New(co, tweak)
	return s, nil
}

func startEmbedded(o options) (*kinesistest.Server, error) {
	with := []kinesistest.Option{
		kinesistest.Stream(o.stream.name, o.shards),
		kinesistest.Region(o.region),
		kinesistest.AccessKeys(dummyKey),
		kinesistest.Transition(0), // -reshard does not wait for UPDATING to end
	}
	if o.stream.account != "" {
		with = append(with, kinesistest.Account(o.stream.account))
	}
	server, err := kinesistest.Start(with...)
	if err != nil {
		return nil, fmt.Errorf("starting the embedded Kinesis: %w", err)
	}
	return server, nil
}

// newTransport keeps as many connections as the producer makes calls at the same time; the standard transport would
// keep two and open the others again for every call.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}

// close ends the connections, and the embedded server if there is one.
func (s *service) close() {
	s.http.CloseIdleConnections()
	if s.embedded != nil {
		s.embedded.Close()
	}
}
