package far

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// Stream is the name of the stream that every server has.
const Stream = "bench"

// Options are what a server is to be like.
type Options struct {
	Shards   int                    `json:"shards"`   // of Stream
	TLS      bool                   `json:"tls"`      // speak https, under a certificate of its own
	Delay    time.Duration          `json:"delay"`    // before each PutRecords is answered
	Throttle kinesistest.Throughput `json:"throttle"` // what each shard takes; zero: anything
}

func (o *Options) options() []kinesistest.Option {
	all := []kinesistest.Option{kinesistest.Stream(Stream, o.Shards, kinesistest.Keep(0), kinesistest.Throttled(o.Throttle))}
	if o.TLS {
		all = append(all, kinesistest.TLS())
	}
	return all
}

// Server is a far process. It ends with Close.
type Server struct {
	URL         string
	Certificate string // PEM; "" without TLS
	drain       string
	process     *exec.Cmd
	transport   *http.Transport

	mu    sync.Mutex // of the conversation
	ask   io.WriteCloser
	reply *bufio.Reader
}

// Start starts a server, which is this very program under another verb, and waits until it serves.
func Start(ctx context.Context, o Options) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the server's program: %w", err)
	}
	request, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("the server's options: %w", err)
	}
	s := &Server{process: exec.CommandContext(ctx, self, Verb, string(request))} //nolint:gosec // this very program
	s.process.Stderr = os.Stderr
	if s.ask, err = s.process.StdinPipe(); err != nil {
		return nil, fmt.Errorf("the server's input: %w", err)
	}
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("the server's output: %w", err)
	}
	s.reply = bufio.NewReaderSize(out, 64<<10)
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	var at place
	if err := s.read(&at); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.URL, s.Certificate, s.drain = at.URL, at.Certificate, at.Drain
	s.transport = &http.Transport{MaxIdleConnsPerHost: 64}
	if o.TLS {
		trusted := x509.NewCertPool()
		trusted.AppendCertsFromPEM([]byte(at.Certificate))
		s.transport.TLSClientConfig = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
	}
	return s, nil
}

func (s *Server) read(into any) error {
	line, err := s.reply.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		return fmt.Errorf("the server's process: %w", err)
	}
	return nil
}

// Client is an SDK client of the server, as a service would build it.
func (s *Server) Client() *kinesis.Client {
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &s.URL, HTTPClient: &http.Client{Transport: s.transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
}

// Drain is a socket whose other end, in the server's process, reads and forgets.
func (s *Server) Drain(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", s.drain)
	if err != nil {
		return nil, fmt.Errorf("the drain: %w", err)
	}
	return c, nil
}

// Figures are what was put so far.
func (s *Server) Figures() (f Figures, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.WriteString(s.ask, "figures\n"); err != nil {
		return f, fmt.Errorf("asking the server: %w", err)
	}
	return f, s.read(&f)
}

// Close ends the process and waits for it.
func (s *Server) Close() error {
	if s.transport != nil {
		s.transport.CloseIdleConnections()
	}
	_ = s.ask.Close()
	if err := s.process.Wait(); err != nil {
		return fmt.Errorf("the server's process: %w", err)
	}
	return nil
}
