// Command sdk puts records by the AWS SDK's plain PutRecords: see the README beside its folder.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	recordSize, keySize = 100, 20
	perCall             = 500 // the service's own limit
	calls               = 8   // at a time
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sdk:", err)
		os.Exit(1)
	}
}

type rival struct {
	client  *kinesis.Client
	stream  string
	records []byte
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 6 {
		return fmt.Errorf("%d arguments; want HOST:PORT CERTIFICATE STREAM RECORDS OUTSTANDING DIRECTORY", len(args))
	}
	certificate, err := os.ReadFile(args[1]) //nolint:gosec // bench names it
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(certificate)
	r := rival{stream: args[2]}
	if r.records, err = os.ReadFile(args[3]); err != nil { //nolint:gosec // as above
		return err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: calls, TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	r.client = kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("https://" + args[0]), HTTPClient: &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var verb string
		var n int
		if _, err := fmt.Sscan(lines.Text(), &verb, &n); err != nil {
			return fmt.Errorf("command %q: %w", lines.Text(), err)
		}
		answer := "done"
		if verb == "lone" {
			answer, err = r.lone(ctx, n)
		} else {
			err = r.put(ctx, n)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, answer)
	}
	return nil
}

// put shares the calls among some goroutines.
func (r *rival) put(ctx context.Context, n int) error {
	next, failures := make(chan int), make([]error, calls)
	var running sync.WaitGroup
	for i := range calls {
		running.Go(func() {
			for first := range next {
				if failures[i] == nil {
					failures[i] = r.call(ctx, first, min(perCall, n-first))
				}
			}
		})
	}
	for first := 0; first < n; first += perCall {
		next <- first
	}
	close(next)
	running.Wait()
	return errors.Join(failures...)
}

func (r *rival) call(ctx context.Context, first, n int) error {
	in := &kinesis.PutRecordsInput{StreamName: &r.stream, Records: make([]types.PutRecordsRequestEntry, n)}
	for i := range in.Records {
		at := (first + i) * recordSize % len(r.records)
		data := r.records[at : at+recordSize]
		in.Records[i] = types.PutRecordsRequestEntry{Data: data, PartitionKey: aws.String(string(data[:keySize]))}
	}
	out, err := r.client.PutRecords(ctx, in)
	if err == nil && aws.ToInt32(out.FailedRecordCount) > 0 {
		err = fmt.Errorf("%d records failed", *out.FailedRecordCount)
	}
	return err
}

func (r *rival) lone(ctx context.Context, n int) (string, error) {
	var times []string
	for i := range n {
		start := time.Now()
		if err := r.call(ctx, i, 1); err != nil {
			return "", err
		}
		times = append(times, strconv.FormatFloat(time.Since(start).Seconds()*1e3, 'f', 3, 64))
	}
	return strings.Join(times, " "), nil
}
