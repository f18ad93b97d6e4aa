package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// server is the kinesistest command, in a process that comes and goes while its data stay.
type server struct {
	dir         string
	shards      int
	dice        *rand.Rand
	program     string
	certificate string
	url         string
	process     *exec.Cmd
	starts      int
	calm        bool // start without faults
}

// stream is the one that is written to.
const stream = "chaos"

func (s *server) build(ctx context.Context) error {
	s.program, s.certificate = filepath.Join(s.dir, "kinesistest"), filepath.Join(s.dir, "certificate.pem")
	//nolint:gosec // our own command
	out, err := exec.CommandContext(ctx, "go", "build", "-o", s.program, "github.com/kinecast/kinecast/kinesistest/cmd/kinesistest").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build kinesistest: %w: %s", err, out)
	}
	return nil
}

// start starts a process, with faults of its own, at the address of the one before.
func (s *server) start(ctx context.Context) error {
	rules := filepath.Join(s.dir, "rules.json")
	text, err := json.Marshal(s.faults())
	if err != nil {
		return err
	}
	if err := os.WriteFile(rules, text, 0o600); err != nil {
		return err
	}
	listen := "127.0.0.1:0"
	if s.url != "" {
		listen = strings.TrimPrefix(s.url, "https://")
	}
	for try := 0; ; try++ {
		if err = s.spawn(ctx, listen, rules); err == nil {
			s.starts++
			return nil
		}
		if try == 20 || ctx.Err() != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond) // the port of the one before may not be free yet
	}
}

func (s *server) spawn(ctx context.Context, listen, rules string) error {
	c := exec.CommandContext(ctx, s.program, "-listen", listen, "-tls", "-tls-cert", s.certificate, "-data", filepath.Join(s.dir, "data"), //nolint:gosec // built above
		"-stream", fmt.Sprintf("%s:%d", stream, s.shards), "-rules", rules, "-transition", "200ms")
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	var complaints strings.Builder
	c.Stderr = &complaints
	if err := c.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ready := strings.CutPrefix(strings.TrimSpace(line), "kinesistest ready at ")
	if err != nil || !ready {
		_ = c.Process.Kill()
		_ = c.Wait()
		return fmt.Errorf("kinesistest says %q and %q: %w", line, complaints.String(), errors.Join(err, errors.New("it did not start")))
	}
	s.process, s.url = c, url
	return nil
}

// kill ends the process at once, as kill -9 does.
func (s *server) kill() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}

type fault map[string]any

// faults are the rules of one process: all kinds, each now and then.
func (s *server) faults() []fault {
	if s.calm {
		return []fault{}
	}
	rule := func(p float64, steps ...fault) fault {
		return fault{"on": "PutRecords", "p": p * 2 * s.dice.Float64(), "seed": s.dice.Uint64() >> 1, "do": steps}
	}
	failed := func(status int, code string) fault {
		return fault{"callError": fault{"status": status, "code": code, "message": "chaos"}}
	}
	single := func(code string) fault { return fault{"recordError": fault{"code": code, "message": "chaos"}} }
	return []fault{
		rule(0.02, single("ProvisionedThroughputExceededException")),
		rule(0.01, single("InternalFailure")),
		rule(0.01, fault{"store": fault{}}, fault{"lose": "reset"}),
		rule(0.01, fault{"lose": "close"}),
		rule(0.01, fault{"store": fault{}}, fault{"lose": "half"}),
		rule(0.002, fault{"lose": "hang"}),
		rule(0.005, fault{"storeAfter": "400ms"}, fault{"lose": "close"}),
		rule(0.005, fault{"storePart": 1}, failed(500, "InternalFailureException")),
		rule(0.005, fault{"tooFew": 1}),
		rule(0.005, fault{"goAway": fault{}}),
		rule(0.01, failed(400, "LimitExceededException")),
		rule(0.005, failed(503, "ServiceUnavailable")),
		rule(0.005, fault{"html": 502}),
		rule(0.3, fault{"delayBetween": []string{"1ms", "30ms"}}),
	}
}
