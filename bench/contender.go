package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
)

// rivalVerb is the first argument that makes a process kinecast among its rivals.
const rivalVerb = "put-for-bench"

// contend is kinecast as rivals/README.md has it.
func contend(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 6 {
		return fmt.Errorf("%d arguments; want HOST:PORT CERTIFICATE STREAM RECORDS OUTSTANDING DIRECTORY", len(args))
	}
	certificate, err := os.ReadFile(args[1]) //nolint:gosec // our own parent names it
	if err != nil {
		return fmt.Errorf("the certificate: %w", err)
	}
	records, err := os.ReadFile(args[3]) //nolint:gosec // as above
	if err != nil {
		return fmt.Errorf("the records: %w", err)
	}
	cfg := config()
	cfg.DefaultStream = args[2]
	if cfg.QueueLimit, err = strconv.Atoi(args[4]); err != nil {
		return fmt.Errorf("what may be outstanding: %w", err)
	}
	p, err := kinecast.New(trusting(certificate, "https://"+args[0]), cfg)
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		verb, number, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("the command %q: %w", lines.Text(), err)
		}
		answer := "done"
		for i := range n {
			at := i * standard.Size % len(records)
			v := records[at : at+standard.Size]
			if verb == "put" {
				err = p.Put(ctx, v)
			} else {
				var took string
				took, err = timed(ctx, p, v)
				answer = took + strings.TrimPrefix(answer, "done")
			}
			if err != nil {
				return err
			}
		}
		if err := p.Checkpoint(ctx); err != nil {
			return err
		}
		fmt.Fprintln(out, answer)
	}
	return p.Close(ctx)
}

// timed is how long one PutSync takes, in milliseconds.
func timed(ctx context.Context, p *kinecast.Producer[[]byte], v []byte) (string, error) {
	start := time.Now()
	_, err := p.PutSync(ctx, v)
	return fmt.Sprintf("%.3f ", time.Since(start).Seconds()*1e3), err
}

// trusting is a client of a server with this certificate.
func trusting(certificate []byte, url string) *kinesis.Client {
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(certificate)
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &url,
		HTTPClient: &http.Client{Transport: &http.Transport{
			MaxIdleConnsPerHost: kinecast.DefaultMaxConnections,
			TLSClientConfig:     &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
		}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
}
