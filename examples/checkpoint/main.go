// Command checkpoint copies a file into a stream, line by line, and survives kill -9.
//
// It is the story that the FlinkKinesisProducer's page tells as "Exactly-Once Guarantees with Checkpointing", told as it is:
// Checkpoint makes it at least once, and an id in each record makes it once.
//
//	copy.go       the program that a user would write: put, Checkpoint, commit the position
//	position.go   the position, committed so that a crash leaves the old one or the new one
//	trial.go      kills that program twenty times, at points of a seeded sequence, and starts it again
//	judge.go      reads the stream and compares it with the file
//
// The server is kinesistest's, in this process; the program under trial is a process of its own:
//
//	checkpoint              the trial
//	checkpoint copy …       the program
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	err := run(ctx, os.Args[1:])
	cancel()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 0:
		return trial(ctx)
	case len(args) == 4 && args[0] == "copy":
		return copyFile(ctx, args[1], args[2], args[3])
	}
	return fmt.Errorf("checkpoint %q: use no arguments for the trial, or: copy ENDPOINT FILE POSITION-FILE", args)
}
