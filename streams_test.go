package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

const arnOfS = "arn:aws:kinesis:us-east-1:123456789012:stream/s"

// A stream may be named by its ARN, and by both.
func TestNameAndARN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		p := newProducer(t, srv.Client(), func(c *config) {
			c.DefaultStream = arnOfS
			c.TargetStream = func(v string) (string, error) {
				if strings.HasSuffix(v, "0") {
					return "s", nil
				}
				return "", nil
			}
		})
		must(t, p.Open(t.Context()))
		r, err := p.PutSync(t.Context(), "v1")
		must(t, err)
		if r.Stream != arnOfS {
			t.Errorf("%+v", r)
		}
		must(t, p.Put(t.Context(), "v0"))
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 2)
	})
}

// A client reaches the streams of its own region, and says so before anything is sent elsewhere.
func TestARNOfAnotherRegion(t *testing.T) {
	api := kinesis.New(kinesis.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:1"), Credentials: aws.AnonymousCredentials{}})
	p := newProducer(t, api, func(c *config) { c.DefaultStream = strings.Replace(arnOfS, "us-east-1", "eu-central-1", 1) })
	for _, err := range []error{p.Put(t.Context(), "v"), p.Open(t.Context())} {
		wantIs(t, err, kinecast.ErrInvalidRecord)
		if !strings.Contains(err.Error(), "eu-central-1") || !strings.Contains(err.Error(), "us-east-1") {
			t.Errorf("%v", err)
		}
	}
}

func TestTargetStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.Stream("b", 1))
		oops := errors.New("oops")
		p := newProducer(t, srv.Client(), func(c *config) {
			c.DefaultStream = ""
			c.TargetStream = func(v string) (string, error) {
				switch v {
				case "skip":
					return "", fmt.Errorf("not today: %w", kinecast.ErrSkip)
				case "oops":
					return "", oops
				}
				stream, _, _ := strings.Cut(v, "/")
				return strings.TrimPrefix(stream, "none"), nil
			}
		})
		must(t, p.Put(t.Context(), "a/1"))
		must(t, p.Put(t.Context(), "b/1"))
		must(t, p.Put(t.Context(), "skip"))
		wantIs(t, p.Put(t.Context(), "none/1"), kinecast.ErrNoStream)
		wantIs(t, p.Put(t.Context(), "not a name/1"), kinecast.ErrInvalidRecord)
		err := p.Put(t.Context(), "oops")
		wantIs(t, err, oops)
		wantIs(t, err, kinecast.ErrInvalidRecord)
		must(t, p.Checkpoint(t.Context()))
		if len(places(t, srv, "a")) != 1 || len(places(t, srv, "b")) != 1 || p.Stats().UserRecordsSkipped != 1 {
			t.Errorf("%v %v %+v", places(t, srv, "a"), places(t, srv, "b"), p.Stats())
		}
	})
}

func TestMaxStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.Stream("b", 1), kinesistest.Stream("c", 1))
		p := newProducer(t, srv.Client(), byPrefix, func(c *config) { c.MaxStreams = 2 })
		must(t, p.Put(t.Context(), "a/1"))
		must(t, p.Put(t.Context(), "b/1"))
		err := p.Put(t.Context(), "c/1")
		wantIs(t, err, kinecast.ErrInvalidRecord)
		if !strings.Contains(err.Error(), "MaxStreams") {
			t.Errorf("%v", err)
		}
		must(t, p.Put(t.Context(), "a/2"))
		must(t, p.Checkpoint(t.Context()))
	})
}

// An answer about another stream than the ARN's is not believed.
func TestIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 2))
		client := &meddler{Client: srv.Client()}
		client.onDescribe = func(ctx context.Context, in *kinesis.DescribeStreamSummaryInput) (*kinesis.DescribeStreamSummaryOutput, error) {
			out, err := client.Client.DescribeStreamSummary(ctx, in)
			if err == nil {
				out.StreamDescriptionSummary.StreamARN = aws.String(strings.Replace(arnOfS, "us-east-1", "eu-west-1", 1))
			}
			return out, err
		}
		p := newProducer(t, client)
		var trouble *kinecast.StreamError
		if err := p.Open(t.Context(), arnOfS); !errors.As(err, &trouble) || trouble.Code != "OtherStream" || !strings.Contains(err.Error(), "eu-west-1") {
			t.Errorf("%v", err)
		}
	})
}
