//go:build unix

package kinesistest_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go/middleware"

	"github.com/kinecast/kinecast/kinesistest"
)

// asServer in its environment makes the tests' own program a server, for BenchmarkLoopback: it says where it listens, and for
// each line that it reads how much processor time it has used.
const asServer = "KINESISTEST_AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) == "" {
		os.Exit(m.Run())
	}
	s, err := kinesistest.Start(kinesistest.Stream("bench", 4, kinesistest.Keep(0)))
	if err != nil {
		panic(err)
	}
	fmt.Println(s.URL())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		fmt.Println(u.Utime.Nano() + u.Stime.Nano())
	}
}

// BenchmarkLoopback puts the bodies of benchShapes to a server in another process, over plain HTTP on loopback: by the SDK's
// own client, and, prepared, by net/http alone. It reports what a record costs on either side, in processor time, and the
// server's part in that of the stock client.
func BenchmarkLoopback(b *testing.B) {
	for _, shape := range benchShapes {
		in := benchInput(shape.records, shape.bytes)
		b.Run(shape.name, func(b *testing.B) {
			url, serverTime := benchProcess(b)
			client := kinesis.New(kinesis.Options{
				Region: "us-east-1", BaseEndpoint: &url, Credentials: testCredentials("AKID"), Retryer: aws.NopRetryer{},
				APIOptions: []func(*middleware.Stack) error{hideWriterTo},
			})
			stock := func() error {
				_, err := client.PutRecords(context.Background(), in)
				return err
			}
			prepared := benchPrepared(b, url, in)
			together(b, stock)
			together(b, prepared)
			var clients, servers time.Duration
			turns := 0
			for b.Loop() { // by turns, so that both have the same neighbours
				start := processorTime(b)
				together(b, stock)
				clients += processorTime(b) - start
				start = serverTime()
				together(b, prepared)
				servers += serverTime() - start
				turns++
			}
			per := float64(turns * turnCalls * turnConnections * shape.records)
			b.ReportMetric(float64(clients.Nanoseconds())/per, "client-ns/record")
			b.ReportMetric(float64(servers.Nanoseconds())/per, "server-ns/record")
			b.ReportMetric(float64(servers)/float64(clients), "server/client")
		})
	}
}

// A turn of BenchmarkLoopback: so many calls on each of so many connections.
const turnCalls, turnConnections = 25, 4

func together(b *testing.B, call func() error) {
	var all sync.WaitGroup
	for range turnConnections {
		all.Go(func() {
			for range turnCalls {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// benchPrepared returns a function that puts a body that was made before.
func benchPrepared(b *testing.B, url string, in *kinesis.PutRecordsInput) func() error {
	body := benchBody(b, in)
	transport := &http.Transport{MaxIdleConnsPerHost: turnConnections}
	b.Cleanup(transport.CloseIdleConnections)
	return func() error {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header = benchRequest(nil).Header
		answer, err := transport.RoundTrip(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", answer.StatusCode)
		}
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
}

// benchProcess starts a server in another process, and returns its endpoint and what tells its processor time.
func benchProcess(b *testing.B) (url string, spent func() time.Duration) {
	c := exec.CommandContext(context.WithoutCancel(b.Context()), os.Args[0])
	c.Env = append(os.Environ(), asServer+"=1")
	stdin, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close() // which ends it
		_ = c.Wait()
	})
	lines := bufio.NewReader(stdout)
	line := func() string {
		text, err := lines.ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		return strings.TrimSpace(text)
	}
	url = line()
	return url, func() time.Duration {
		fmt.Fprintln(stdin)
		ns, err := strconv.ParseInt(line(), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		return time.Duration(ns)
	}
}
