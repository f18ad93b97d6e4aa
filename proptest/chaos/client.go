package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// transport trusts the certificate that lies in a file now: each process of the server makes a new one.
func transport(certificate string, connections int) *http.Transport {
	dialer := &net.Dialer{Timeout: 2 * time.Second}
	return &http.Transport{
		MaxIdleConnsPerHost: connections,
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			text, err := os.ReadFile(certificate) //nolint:gosec // the file is our own
			if err != nil {
				return nil, err
			}
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(text)
			return (&tls.Dialer{NetDialer: dialer, Config: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}).DialContext(ctx, network, address)
		},
	}
}

func newClient(url string, t *http.Transport) *kinesis.Client {
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(url), HTTPClient: &http.Client{Transport: t},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "chaos", SecretAccessKey: "chaos"}, nil
		}),
	})
}

func (s *server) client() *kinesis.Client { return newClient(s.url, transport(s.certificate, 1)) }

// shardsOf are the shards of the stream, in the order of their ranges.
func shardsOf(ctx context.Context, client *kinesis.Client, open bool) (shards []types.Shard, err error) {
	in := &kinesis.ListShardsInput{StreamName: aws.String(stream)}
	for {
		out, err := client.ListShards(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Shards {
			if !open || s.SequenceNumberRange.EndingSequenceNumber == nil {
				shards = append(shards, s)
			}
		}
		if out.NextToken == nil {
			break
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
	slices.SortFunc(shards, func(a, b types.Shard) int {
		x, y := aws.ToString(a.HashKeyRange.StartingHashKey), aws.ToString(b.HashKeyRange.StartingHashKey)
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	return shards, nil
}

// middleOf is where the upper half of a shard begins.
func middleOf(s types.Shard) (string, error) {
	first, ok := new(big.Int).SetString(*s.HashKeyRange.StartingHashKey, 10)
	last, fine := new(big.Int).SetString(*s.HashKeyRange.EndingHashKey, 10)
	if !ok || !fine {
		return "", fmt.Errorf("shard %s has no range", *s.ShardId)
	}
	return first.Add(first, last).Rsh(first, 1).Add(first, big.NewInt(1)).String(), nil
}
