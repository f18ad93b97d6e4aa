package interop

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/kinesistest/conformance"
)

// server is a server under test, alive until the test ends.
type server struct {
	name   string // as in the table of package conformance
	url    string
	client *kinesis.Client
}

// start starts one of conformance.Servers, which ends with the test.
func start(t *testing.T, name string) server {
	t.Helper()
	var url string
	switch name {
	case conformance.KinesisLocal:
		url = plainOf(t, startNode(t, "kinesis-local.js", 2))
	case conformance.Kinesalite:
		url = endpoint(startNode(t, "kinesalite.js", 1)[0])
	default:
		url = kinesistest.New(t, kinesistest.Transition(0)).URL()
	}
	return server{name, url, conformance.Dial(url)}
}

func endpoint(port string) string { return "http://127.0.0.1:" + port }

// startNode starts a server and returns the ports it says it is bound to. It ends when its standard input does: at the
// end of the test, or of the test's process.
func startNode(t *testing.T, script string, ports int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	c := command(ctx, "node", "-r", filepath.Join(abs(t, "node"), "loopback.js"), filepath.Join(abs(t, "node"), script))
	var complaint bytes.Buffer // read after Wait
	c.Stderr = &complaint
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	bound, read := make(chan string), make(chan struct{})
	go func() { // to the end of the output, or the server might wait for a reader
		defer close(read)
		defer close(bound)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			var port string
			if n, _ := fmt.Sscanf(lines.Text(), "bound %s", &port); n == 1 && ports > 0 {
				bound <- port
			}
		}
	}()
	t.Cleanup(func() {
		stdin.Close()
		for range bound { // a port that came after the test had given up
		}
		<-read
		if err := c.Wait(); err == nil || c.ProcessState.ExitCode() >= 0 {
			t.Errorf("%s ended by itself: %v", script, c.ProcessState)
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", script, complaint.Bytes())
		}
		cancel()
	})
	var all []string
	for port := range bound {
		if all = append(all, port); len(all) == ports {
			return all
		}
	}
	t.Fatalf("%s ended before it was bound to %d ports", script, ports)
	return nil
}

// plainOf returns the endpoint of the port that does not speak TLS.
func plainOf(t *testing.T, ports []string) string {
	t.Helper()
	for _, port := range ports {
		if answer, err := http.Get(endpoint(port) + "/healthcheck"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return endpoint(port)
			}
		}
	}
	t.Fatalf("none of the ports %v answers plain HTTP", ports)
	return ""
}

func abs(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}
