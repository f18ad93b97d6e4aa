package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files anew")

func goodReport() report {
	return report{
		stream: "earthquakes", where: "an embedded Kinesis", exclusive: true,
		total: 1707, bytes: 1_216_137, sent: traffic{kinesisRecords: 28, requests: 3}, elapsed: 41_500 * time.Microsecond,
		shards: shardList(4),
		verdict: verdict{
			put: 1707, readBack: 1707, perShard: []int{430, 886, 391, 0},
			magnitudes: magnitudes{44, 667, 550, 229, 89, 89, 34, 5},
		},
	}
}

func shardList(n int) []shardInfo {
	shards := make([]shardInfo, n)
	for i := range shards {
		shards[i].id = fmt.Sprintf("shardId-%012d", i)
	}
	return shards
}

// reshardedReport has the longest line that -reshard can lead to.
func reshardedReport() report {
	r := goodReport()
	r.reshards = []string{"split", "split", "merge", "double", "merge"}
	r.shards[1].closed, r.shards[3].closed = true, true
	r.droppedRecords, r.droppedCopies = 123_456, 12_345_678
	return r
}

func badReport() report {
	r := goodReport()
	r.stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/" + strings.Repeat("quakes", 9)
	r.where, r.exclusive = "AWS account 123456789012, eu-west-1", false
	r.interrupted, r.skipped, r.refused = true, 3, 1
	r.shards, r.perShard = shardList(40), nil
	for i := range 40 {
		r.perShard = append(r.perShard, i*i*i*i)
	}
	r.magnitudes = magnitudes{}
	r.put, r.missing, r.duplicates, r.misplaced, r.wrongKey, r.failed, r.foreign = 1500, 12, 1, 2, 3, 4, 17_000
	r.droppedRecords, r.droppedCopies = 1, 12
	return r
}

func TestSummaryGolden(t *testing.T) {
	for name, r := range map[string]report{"good": goodReport(), "resharded": reshardedReport(), "bad": badReport()} {
		got := r.summary(paint{})
		file := filepath.Join("testdata", "summary_"+name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not the summary any more (-update writes it anew):\n%s", file, got)
		}
		for line := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns: %s", n, line)
			}
		}
		colour := regexp.MustCompile("\x1b\\[[0-9]*m")
		if painted := r.summary(paint{on: true}); colour.ReplaceAllString(painted, "") != got || painted == got {
			t.Errorf("%s: colour changes more than the colour", name)
		}
	}
}

func TestSummaryOfNothing(t *testing.T) {
	r := report{stream: "s", where: "w", shards: shardList(1), verdict: verdict{perShard: []int{0}}}
	text := r.summary(paint{})
	for _, odd := range []string{"NaN", "Inf", "magnitude"} {
		if strings.Contains(text, odd) {
			t.Errorf("%s in:\n%s", odd, text)
		}
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		n, top int
		want   string
	}{
		{0, 10, ""},
		{1, 1_000_000, "▏"},
		{10, 10, strings.Repeat("█", barWidth)},
		{5, 10, strings.Repeat("█", barWidth/2)},
		{1, 16, "██▏"},
	} {
		if got := bar(c.n, c.top); got != c.want {
			t.Errorf("bar(%d, %d) = %q, want %q", c.n, c.top, got, c.want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1_234_567: "1,234,567", -1000: "-1,000"} {
		if got := group(n); got != want {
			t.Errorf("group(%d) = %s", n, got)
		}
	}
	for n, want := range map[float64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_990: "1.0 MB", 1.2e9: "1.2 GB", 5e15: "5000.0 TB",
	} {
		if got := amount(n); got != want {
			t.Errorf("amount(%v) = %s", n, got)
		}
	}
}

func TestMagnitudes(t *testing.T) {
	var m magnitudes
	for _, mag := range []float64{-5, -0.1, 0, 0.99, 2, 9, 12} {
		m.add(mag)
	}
	if m != (magnitudes{2, 2, 0, 1, 0, 0, 0, 0, 0, 0, 2}) {
		t.Error(m)
	}
	rows := m.rows()
	if len(rows) != 11 || rows[0].label != "below 0" || rows[1].label != "0 to 1" || rows[10].label != "9 and up" {
		t.Error(rows)
	}
}
