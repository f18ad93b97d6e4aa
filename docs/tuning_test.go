// Package docs_test holds what the guides in this folder claim: their snippets are examples here, and the tables of
// tuning.md are measured here.
package docs_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

var update = flag.Bool("update", false, "write the tables of tuning.md anew")

// roundTrip is how long a request takes in these tables.
const roundTrip = 20 * time.Millisecond

// tables are the figures of tuning.md, by the name that stands over each. Time is virtual: it passes only while everybody
// waits, so it counts round trips and lingers, not the speed of a machine.
var tables = map[string]func(t *testing.T) [][]string{
	"connections": connections, "linger": linger, "shards": shards, "aggregation": aggregation, "queue limit": queueLimit,
	"verbs": verbs, "partitioners": partitioners, "sizes": sizes, "queue bytes": queueBytes, "timeouts": timeouts,
	"lifetimes": lifetimes, "order": order, "presets": presets, "adaptive": adaptive,
}

// TestTuning measures the tables of tuning.md again and compares. With -update it writes them.
func TestTuning(t *testing.T) {
	if raceEnabled {
		t.Skip("the figures are the same under the race detector, and take half a minute; the producer's own tests look for races")
	}
	page, err := os.ReadFile("tuning.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	table := regexp.MustCompile(`(?s)<!-- measured: ([a-z ]+) -->\n(.*?)\n\n`)
	written := table.ReplaceAllStringFunc(string(page), func(block string) string {
		part := table.FindStringSubmatch(block)
		measure := tables[part[1]]
		if measure == nil {
			t.Errorf("tuning.md has a table %q that nobody measures", part[1])
			return block
		}
		found[part[1]] = true
		now := part[2]
		t.Run(part[1], func(t *testing.T) {
			now = markdown(measure(t))
			if *update {
				return
			}
			if !alike(part[2], now) {
				t.Errorf("tuning.md says\n%s\nmeasured\n%s\ngo test ./docs -run TestTuning -update writes it", part[2], now)
			}
		})
		return "<!-- measured: " + part[1] + " -->\n" + now + "\n\n"
	})
	for name := range tables {
		if !found[name] {
			t.Errorf("tuning.md has no table %q", name)
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile("tuning.md", []byte(written), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// alike says that two tables differ in nothing but numbers, and in those by a tenth at most: what a record costs in
// bookkeeping may change by some bytes without making the page wrong.
func alike(a, b string) bool {
	number := regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)
	if number.ReplaceAllString(a, "#") != number.ReplaceAllString(b, "#") {
		return false
	}
	was, is := number.FindAllString(a, -1), number.FindAllString(b, -1)
	for i := range was {
		x, _ := strconv.ParseFloat(was[i], 64)
		y, _ := strconv.ParseFloat(is[i], 64)
		if math.Abs(x-y) > 0.1*max(x, y) {
			return false
		}
	}
	return true
}

// The comparison can fail.
func TestAlike(t *testing.T) {
	for b, want := range map[string]bool{
		"| a 10 | 2.5 |": true, "| a 11 | 2.4 |": true, "| a 12 | 2.5 |": false, "| b 10 | 2.5 |": false, "| a 10 | 2.5 | 3 |": false,
	} {
		if got := alike("| a 10 | 2.5 |", b); got != want {
			t.Errorf("%s: %v", b, got)
		}
	}
}

// markdown is a table; the first row is its head.
func markdown(rows [][]string) string {
	var lines []string
	for _, row := range rows {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	rule := "|" + strings.Repeat(" ---: |", len(rows[0]))
	return strings.Join(slices.Insert(lines, 1, rule), "\n")
}

// row is a row of a table.
func row(cells ...any) []string {
	var texts []string
	for _, c := range cells {
		texts = append(texts, fmt.Sprint(c))
	}
	return texts
}

// run is one producer of strings on a server of its own, in a bubble.
type run struct {
	*testing.T

	server   *kinesistest.Server
	producer *kinecast.Producer[string]
}

// in runs a scenario in virtual time with a stream of so many shards. Each request takes a round trip, if no rule strikes it.
func in(t *testing.T, name string, shards int, change func(*kinecast.Config[string]), scenario func(*run), rules ...kinesistest.Rule) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &run{T: t, server: kinesistest.New(t, kinesistest.Stream("s", shards))}
			for _, rule := range append(rules, kinesistest.Rule{Do: kinesistest.Delay(roundTrip)}) {
				rule.On = kinesistest.PutRecords
				r.server.Inject(rule)
			}
			r.start(change)
			scenario(r)
			closed, cancel := context.WithCancel(context.Background())
			cancel()
			_ = r.producer.Close(closed) // what is left is of no interest
		})
	})
}

// start makes the producer and has it load its map, so that what is measured is its steady state.
func (r *run) start(change func(*kinecast.Config[string])) {
	r.Helper()
	var cfg kinecast.Config[string]
	change(&cfg)
	cfg.DefaultStream, cfg.Serializer = "s", kinecast.String()
	if cfg.Partitioner == nil {
		cfg.Partitioner = kinecast.ByKey(func(v string) string { return v[:min(len(v), 8)] })
	}
	var err error
	if r.producer, err = kinecast.New(r.server.Client(), cfg); err != nil {
		r.Fatal(err)
	}
	if err = r.producer.Open(r.Context()); err != nil {
		r.Fatal(err)
	}
}

// record is number i, of so many bytes.
func record(i, bytes int) string {
	v := fmt.Sprintf("%08d", i)
	return v + strings.Repeat("-", max(bytes-len(v), 0))
}

// put puts records of 100 bytes, with a pause after each.
func (r *run) put(records int, every time.Duration) {
	r.Helper()
	for i := range records {
		if err := r.producer.Put(r.Context(), record(i, 100)); err != nil {
			r.Fatal(err)
		}
		if every > 0 {
			time.Sleep(every)
		}
	}
}

func (r *run) flush() {
	r.Helper()
	if err := r.producer.Flush(r.Context()); err != nil {
		r.Fatal(err)
	}
}

// stream puts 10,000 records, one each 0.3 ms, and waits for them: 3 s of a steady stream. (0.3 ms never meets a linger,
// so nothing depends on which of two things at the same time is first.)
func (r *run) stream() kinecast.Stats {
	r.Helper()
	r.put(10_000, 300*time.Microsecond)
	r.flush()
	return r.producer.Stats()
}

// units are the PUT payload units that a stream's records were billed as in provisioned mode: 25 KB each, or part of it.
func (r *run) units() int {
	units := 0
	for _, records := range r.server.Records("s") {
		for _, k := range records {
			units += (len(k.Data) + len(k.PartitionKey) + 25<<10 - 1) / (25 << 10)
		}
	}
	return units
}

func ratio(a, b int64) string { return fmt.Sprintf("%.1f", float64(a)/float64(b)) }
