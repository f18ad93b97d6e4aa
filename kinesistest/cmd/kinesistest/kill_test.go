package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest/conformance"
)

// The tests' own program is the command when it finds this in its environment.
const asCommand = "KINESISTEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process starts the command as a process of its own, and returns its endpoint.
func process(t *testing.T, args ...string) (*exec.Cmd, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "kinesistest ready at ")
	if err != nil || !found {
		t.Fatalf("ready line %q, %v", line, err)
	}
	return c, url
}

// Whatever was acknowledged before a kill -9 in the middle of puts can be read after the restart, by GetRecords and by
// /records, and nothing twice that was put once.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	var acknowledged sync.Map
	for round := range 3 {
		c, url := process(t, "-listen", "127.0.0.1:0", "-stream", "events:3", "-data", dir)
		killed := false // by the first writer, which says so before it ends
		var writers sync.WaitGroup
		for w := range 4 {
			writers.Go(func() {
				for n := 0; ; n++ {
					if n == 20 && w == 0 {
						_ = c.Process.Kill() // SIGKILL
						killed = true
					}
					if !putSome(url, fmt.Sprintf("%d-%d-%d", round, w, n), &acknowledged) {
						return
					}
				}
			})
		}
		writers.Wait()
		if !killed {
			t.Fatal("puts failed before the kill")
		}
		_ = c.Wait()
	}
	c, url := process(t, "-listen", "127.0.0.1:0", "-stream", "events:3", "-data", dir)
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	for what, times := range map[string]map[string]int{"/records": dumped(t, url), "GetRecords": read(t, url)} {
		lost, twice := 0, 0
		acknowledged.Range(func(key, _ any) bool {
			switch n := times[key.(string)]; {
			case n == 0:
				lost++
			case n > 1:
				twice++
			}
			return true
		})
		if lost > 0 || twice > 0 {
			t.Errorf("%s: %d acknowledged records are lost, %d are there twice; %d are there", what, lost, twice, len(times))
		}
	}
}

// putSome puts a call's records, and notes those that were acknowledged.
func putSome(url, name string, acknowledged *sync.Map) bool {
	in := &kinesis.PutRecordsInput{StreamName: aws.String("events")}
	for i := range 50 {
		text := fmt.Sprintf("%s-%d", name, i)
		in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: &text, Data: []byte(text)})
	}
	if _, err := conformance.Dial(url).PutRecords(context.Background(), in); err != nil {
		return false
	}
	for _, r := range in.Records {
		acknowledged.Store(*r.PartitionKey, true)
	}
	return true
}

// dumped reads the stream by /records: how often each data is there.
func dumped(t *testing.T, url string) map[string]int {
	t.Helper()
	answer, err := http.Get(url + "/records/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	times := map[string]int{}
	for d := json.NewDecoder(answer.Body); d.More(); {
		var line struct{ Data []byte }
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		times[string(line.Data)]++
	}
	return times
}

// read reads the stream by GetRecords.
func read(t *testing.T, url string) map[string]int {
	t.Helper()
	client, ctx, times := conformance.Dial(url), context.Background(), map[string]int{}
	shards, err := client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: aws.String("events")})
	if err != nil {
		t.Fatal(err)
	}
	for _, sh := range shards.Shards {
		it, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: aws.String("events"), ShardId: sh.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		if err != nil {
			t.Fatal(err)
		}
		for next := it.ShardIterator; next != nil; {
			out, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: next})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.Records {
				times[string(r.Data)]++
			}
			if next = out.NextShardIterator; len(out.Records) == 0 {
				break
			}
		}
	}
	return times
}
