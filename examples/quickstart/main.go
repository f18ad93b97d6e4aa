// Quickstart is the whole of kinecast in one run: real events go through a typed producer into a sharded stream, and are
// read back from every shard to prove that each arrived exactly once, with its key and bytes intact, at the place that
// the producer named.
//
//	go run ./examples/quickstart
//
// With no flag it brings everything itself: a week of earthquakes (feed/PROVENANCE.md) and a Kinesis in memory, spoken to
// over HTTP by the real AWS client. -h lists the flags that point it at other events and other servers.
//
//	feed.go, line.go     NDJSON lines become quakes; what is wrong with a line is said by number
//	quake.go             the user's own type: how it serializes, where its key comes from
//	produce.go           kinecast.Producer[Quake]: the part to copy into a program of your own
//	reshard.go           what -reshard does to the shards meanwhile
//	journal.go           what the producer said of every record
//	position.go          where each shard stood before the run
//	readback.go          what the shards hold now, as a KCL consumer would see it
//	proof.go             journal against read-back: missing, duplicated, misplaced, altered
//	summary.go, json.go  the same figures for people and for programs
//
// Exit status: 0 when every event was proved to have arrived, 1 when something was sent but not proved, 2 when nothing
// could be sent, or the input or the flags were refused.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal drains; a second one ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
