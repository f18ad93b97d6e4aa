package main

import (
	"fmt"
	"slices"
	"strings"
)

const width = 80 // columns that the summary keeps to

// summary puts the report into words and pictures.
func (r report) summary(p paint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  %s\n  %s\n\n", p.bold("kinecast quickstart"), p.dim(r.target()))
	b.WriteString(r.figures(p))
	fmt.Fprintf(&b, "\n  %s\n%s", p.bold("user records read back, by shard"), chart(r.shardRows(), p))
	if rows := r.magnitudes.rows(); rows != nil {
		fmt.Fprintf(&b, "\n  %s\n%s", p.bold("magnitudes of the events read back"), chart(rows, p))
	}
	fmt.Fprintf(&b, "\n  %s\n%s", p.bold("proof"), r.proofLines(p))
	return b.String()
}

func (r report) target() string {
	shards := count(len(r.shards), "shard")
	if closed := r.closed(); closed > 0 {
		shards += fmt.Sprintf(" (%s closed)", group(closed))
	}
	return clip(fmt.Sprintf("stream %s, %s, on %s", r.stream, shards, r.where), width-2)
}

func (r report) figures(p paint) string {
	var b strings.Builder
	line := func(label, value, remark string) { fmt.Fprintf(&b, "  %-16s %12s   %s\n", label, value, p.dim(remark)) }
	line("user records", group(r.put), amount(float64(r.bytes)))
	line("Kinesis records", group(r.sent.kinesisRecords), fmt.Sprintf("%.1f user records in each", r.userPerKinesis()))
	line("requests", group(r.sent.requests), "calls of PutRecords")
	line("records/s", group(int(r.perSecond(float64(r.put)))),
		fmt.Sprintf("%s/s, in %.3f s to the last result", amount(r.perSecond(float64(r.bytes))), r.elapsed.Seconds()))
	if r.skipped > 0 {
		line("skipped", group(r.skipped), "lines of the input, named above")
	}
	if r.refused > 0 {
		line("refused", group(r.refused), "records, named above")
	}
	return b.String()
}

// shardRows is in the order of the stream's shards, or, if not all can be shown, the fullest first.
func (r report) shardRows() []row {
	rows := make([]row, len(r.shards))
	for i, shard := range r.shards {
		rows[i] = row{label: shard.id, n: r.perShard[i]}
		if shard.closed {
			rows[i].remark = "closed"
		}
	}
	if len(rows) > maxRows {
		slices.SortStableFunc(rows, func(a, b row) int { return b.n - a.n })
	}
	return rows
}

// proofLines is one line for each thing that had to hold.
func (r report) proofLines(p paint) string {
	var b strings.Builder
	line := func(faults int, format string, args ...any) {
		mark := p.green("✓")
		if faults > 0 {
			mark = p.red("✗")
		}
		fmt.Fprintf(&b, "  %s %s\n", mark, fmt.Sprintf(format, args...))
	}
	line(r.missing, "%s of %s read back and deaggregated: %s missing",
		group(r.put-r.missing), count(r.put, "record"), group(r.missing))
	line(r.duplicates, "exactly once: %s", count(r.duplicates, "duplicate"))
	line(r.wrongKey, "keys intact: %s under another key", group(r.wrongKey))
	line(r.misplaced, "in place: %s outside their shard, or not where their result said", group(r.misplaced))
	if r.ordered {
		line(r.inverted, "in order: %s before an earlier one of their key", count(r.inverted, "record"))
	}
	if r.failed > 0 {
		line(r.failed, "%s without a good result", count(r.failed, "record"))
	}
	if r.foreign > 0 && r.exclusive {
		line(r.foreign, "%s that nobody sent: altered", count(r.foreign, "record"))
	} else if r.foreign > 0 {
		fmt.Fprintf(&b, "  · %s of other writers, not judged\n", count(r.foreign, "record"))
	}
	if len(r.reshards) > 0 {
		fmt.Fprintf(&b, "  · %s: %s sent again\n", strings.Join(r.reshards, ", "), count(r.droppedRecords, "Kinesis record"))
	} else if r.droppedRecords > 0 {
		fmt.Fprintf(&b, "  · %s that a KCL consumer drops, with %s\n",
			count(r.droppedRecords, "Kinesis record"), count(r.droppedCopies, "user record"))
	}
	if r.interrupted {
		line(1, "interrupted: %s of %s were put, and are judged above", group(r.put), count(r.total, "record"))
	}
	return b.String()
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return group(n) + " " + noun + "s"
}
