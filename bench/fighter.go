package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/kinecast/kinecast/bench/internal/far"
)

// fighter is the process of a contender, and what has been measured of it.
type fighter struct {
	process *exec.Cmd
	ask     io.WriteCloser
	reply   *bufio.Reader

	slice   int         // records a round
	costs   []float64   // ns of CPU a record, by round
	speeds  []float64   // records a second, by round
	lone    []float64   // ms of one record alone
	peak    int64       // bytes of memory
	records int         // put in all rounds
	put     far.Figures // what the server has had of them
}

// enter starts the process.
func enter(ctx context.Context, command []string) (*fighter, error) {
	f := &fighter{process: exec.CommandContext(ctx, command[0], command[1:]...)} //nolint:gosec // a program that we have just built
	f.process.Stderr = os.Stderr
	var err error
	if f.ask, err = f.process.StdinPipe(); err != nil {
		return nil, fmt.Errorf("its input: %w", err)
	}
	out, err := f.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("its output: %w", err)
	}
	f.reply = bufio.NewReader(out)
	if err := f.process.Start(); err != nil {
		return nil, fmt.Errorf("starting it: %w", err)
	}
	return f, nil
}

// say gives a command and waits for the line that answers it.
func (f *fighter) say(format string, n int) (string, error) {
	if _, err := fmt.Fprintf(f.ask, format+"\n", n); err != nil {
		return "", fmt.Errorf("telling it: %w", err)
	}
	line, err := f.reply.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("its answer: %w", err)
	}
	return line, nil
}

// alone has it put single records.
func (f *fighter) alone() error {
	line, err := f.say("lone %d", 20)
	if err != nil {
		return err
	}
	for text := range strings.FieldsSeq(line) {
		ms, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("its times: %w", err)
		}
		f.lone = append(f.lone, ms)
	}
	return nil
}

// leave ends the process and waits for it.
func (f *fighter) leave() error {
	_ = f.ask.Close()
	if err := f.process.Wait(); err != nil {
		return fmt.Errorf("its end: %w", err)
	}
	return nil
}
