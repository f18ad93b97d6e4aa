package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"

	"github.com/kinecast/kinecast/kinesistest"
)

const (
	lines = 20_000
	kills = 20
	seed  = 1
)

// trial copies a file with a program that is killed again and again, and judges what is in the stream.
func trial(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "checkpoint")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file, position := filepath.Join(folder, "orders.txt"), filepath.Join(folder, "position")
	if err = os.WriteFile(file, orders(), 0o600); err != nil {
		return err
	}
	server, err := kinesistest.Start(kinesistest.Stream(stream, 4))
	if err != nil {
		return err
	}
	defer server.Close()

	dice := rand.New(rand.NewPCG(seed, seed)) // the same points each time
	killed := 0
	for done := false; !done; {
		var point *kill
		if killed < kills {
			point = &kill{call: 1 + dice.Int32N(3), stored: dice.IntN(2) == 0}
		}
		if done, err = attempt(ctx, server, point, "copy", server.URL(), file, position); err != nil {
			return err
		}
		if !done {
			killed++
		}
	}
	fmt.Println("lines in the file:", lines)
	fmt.Println("killed with -9 and started again:", killed, "times")
	return judge(file, server.Consume(stream), killed)
}

// orders are the lines of the file: an id, a customer, an amount.
func orders() []byte {
	dice := rand.New(rand.NewPCG(seed, 2)) // the same file each time
	var b bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&b, "order-%05d customer-%d %d\n", i, dice.IntN(100), dice.IntN(100_00))
	}
	return b.Bytes()
}

// kill is a moment at which a program dies: in the middle of a call, which is stored all the same or is not.
type kill struct {
	call   int32 // which PutRecords call of the program, from 1
	stored bool
}

// attempt runs the program until it ends (done) or is killed.
func attempt(ctx context.Context, server *kinesistest.Server, point *kill, args ...string) (done bool, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	program := exec.CommandContext(ctx, self, args...) //nolint:gosec // this very program
	var said bytes.Buffer
	program.Stderr = &said
	if err = program.Start(); err != nil {
		return false, err
	}
	gone := make(chan struct{})
	var fired atomic.Bool
	if point != nil {
		calls := int32(0)
		remove := server.Intercept(func(c kinesistest.Intercepted) (do kinesistest.Fault, over bool) {
			if c.Operation != kinesistest.PutRecords {
				return do, false
			}
			if calls++; calls < point.call {
				return do, false
			}
			fired.Store(true)
			_ = program.Process.Kill() // SIGKILL: nothing of the program runs any more
			<-gone
			if point.stored {
				return kinesistest.Store().Then(kinesistest.Lose(kinesistest.Close)), true
			}
			return kinesistest.CallError(500, "InternalFailure", "nobody hears this"), true
		})
		defer remove()
	}
	err = program.Wait()
	close(gone)
	switch {
	case fired.Load():
		return false, nil
	case err != nil:
		return false, fmt.Errorf("the program failed: %w: %s", err, said.String())
	}
	return true, nil
}
