// Command chaos is a crash-and-fault run over real sockets: a producer in a process of its own, the kinesistest command in another
// one, TLS between them, and everything that can befall them in between.
//
//	go run ./proptest/chaos -records 10000000 -ordered
//
//	chaos ──starts──▶ kinesistest -tls -data DIR      kill -9 and restart, SIGSTOP and SIGCONT, splits and merges,
//	  │                    ▲                          throttles, latencies, resets, lost and late answers
//	  ├──starts──▶ producer (this program again)      garbage and collections without end
//	  │                    │ a line for each record: how it ended
//	  └── reads everything back as the KCL does, and holds the one against the other
//
// It prints a table and ends with status 1 if a promise was broken. It talks to the loopback interface only, ends only the processes
// that it started, by their ids, and ends by itself after -most at the latest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// settings are what the flags say.
type settings struct {
	records int
	callers int
	ordered bool
	shards  int
	ttl     time.Duration
	least   time.Duration
	seed    uint64
	most    time.Duration
	dir     string

	// Of the producer's process.
	role, url, certificate, results string
}

func main() {
	var set settings
	flag.IntVar(&set.records, "records", 200_000, "how many user `RECORDS` to put")
	flag.IntVar(&set.callers, "callers", 8, "how many goroutines put them")
	flag.BoolVar(&set.ordered, "ordered", false, "keep the order of each key, and count inversions")
	flag.IntVar(&set.shards, "shards", 8, "how many `SHARDS` the stream begins with")
	flag.DurationVar(&set.ttl, "ttl", 3*time.Second, "the producer's RecordTTL: some outages are longer")
	flag.DurationVar(&set.least, "least", 12*time.Second, "put them no faster than in this `TIME`, so that there is some for trouble")
	flag.Uint64Var(&set.seed, "seed", 0, "of what befalls them; 0 draws one")
	flag.DurationVar(&set.most, "most", 30*time.Minute, "give up after this `TIME`")
	flag.StringVar(&set.dir, "dir", "", "keep the server's data and the results in this `DIRECTORY`; a temporary one if empty")
	flag.StringVar(&set.role, "role", "", "for this program's own use")
	flag.StringVar(&set.url, "url", "", "for this program's own use")
	flag.StringVar(&set.certificate, "certificate", "", "for this program's own use")
	flag.StringVar(&set.results, "results", "", "for this program's own use")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), set.most)
	defer cancel()
	run := conduct
	if set.role == roleProducer {
		run = produce
	}
	if err := run(ctx, set, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1) //nolint:gocritic // what cancel would end, ends with the process
	}
}

const roleProducer = "producer"

var errBroken = errors.New("a promise was broken")

// conduct runs the whole.
func conduct(ctx context.Context, set settings, out io.Writer) error {
	if set.seed == 0 {
		set.seed = uint64(time.Now().UnixNano())
	}
	if set.dir == "" {
		dir, err := os.MkdirTemp("", "kinecast-chaos-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		set.dir = dir
	}
	s := &server{dir: set.dir, shards: set.shards, dice: rand.New(rand.NewPCG(set.seed, 1))}
	if err := s.build(ctx); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	defer s.kill()

	set.results = filepath.Join(set.dir, "results")
	producer, ended, err := launch(ctx, set, s)
	if err != nil {
		return err
	}
	begin := time.Now()
	storm := storm{server: s, dice: rand.New(rand.NewPCG(set.seed, 2)), ttl: set.ttl}
	err = storm.rage(ctx, ended)
	if err != nil {
		_ = producer.Process.Kill()
		<-ended
		return err
	}
	took := time.Since(begin)
	if !producer.ProcessState.Success() {
		return fmt.Errorf("the producer's process ended with %v", producer.ProcessState)
	}
	a, err := reconcile(ctx, set, s)
	if err != nil {
		return err
	}
	a.write(out, set, &storm, took)
	if !a.kept(set.ordered) {
		return errBroken
	}
	return nil
}

// launch starts the producer's process. The channel is closed when it has ended.
func launch(ctx context.Context, set settings, s *server) (*exec.Cmd, <-chan struct{}, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	c := exec.CommandContext(ctx, self, "-role", roleProducer, "-url", s.url, "-certificate", s.certificate, //nolint:gosec // this program
		"-results", set.results, "-records", strconv.Itoa(set.records), "-callers", strconv.Itoa(set.callers),
		fmt.Sprintf("-ordered=%t", set.ordered), "-ttl", set.ttl.String(), "-least", set.least.String(), "-most", set.most.String())
	c.Stderr = os.Stderr
	c.Env = append(os.Environ(), "GOGC=20") // collections all the time
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	return c, ended, nil
}
