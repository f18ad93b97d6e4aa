// Command kinesistest is an Amazon Kinesis Data Streams in memory, for programs in any
// language: give its address to an AWS SDK as the endpoint, with any credentials.
//
//	go run github.com/kinecast/kinecast/kinesistest/cmd/kinesistest -stream events:4
//
// It prints one line, "kinesistest ready at http://127.0.0.1:4567", when it takes calls, answers
// "ok" to GET /healthz, gives all records of a stream to GET /records/STREAM, and ends by an interrupt or SIGTERM. It listens on the loopback
// interface unless -listen says otherwise; it has no secrets to keep others out. Faults come
// from a file of rules: see docs/kinesistest.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/kinecast/kinecast/kinesistest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "kinesistest:", strings.TrimPrefix(err.Error(), "kinesistest: "))
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	set, err := parse(args, stderr)
	if err != nil {
		return err
	}
	server, err := kinesistest.Start(set.options...)
	if err != nil {
		return err
	}
	defer server.Close()
	defer func() {
		if trouble := recover(); trouble != nil { // a server without a test complains by panic
			err = fmt.Errorf("%v", trouble)
		}
	}()
	for _, rule := range set.rules {
		server.Inject(rule)
		fmt.Fprintln(stderr, "rule:", rule)
	}
	if set.certificate != "" {
		//nolint:gosec // a certificate is for everybody to read; its key stays in memory
		if err := os.WriteFile(set.certificate, server.CertificatePEM(), 0o644); err != nil {
			return fmt.Errorf("writing the certificate: %w", err)
		}
	}
	if _, err := fmt.Fprintln(stdout, "kinesistest ready at", server.URL()); err != nil {
		return fmt.Errorf("writing the ready line: %w", err)
	}
	<-ctx.Done()
	return nil
}
