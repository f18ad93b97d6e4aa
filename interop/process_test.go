package interop

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// patience bounds one run of a foreign program.
const patience = 2 * time.Minute

// command is a foreign program in a process group of its own, so that its end is the end of its children too.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), "NODE_PATH="+nodeModules, "AWS_EC2_METADATA_DISABLED=true")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 5 * time.Second
	return c
}

// run runs a program to its end and returns its standard output. The error has the end of its standard error.
func run(ctx context.Context, stdin io.Reader, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := command(ctx, name, args...)
	var complaint bytes.Buffer
	c.Stdin, c.Stderr = stdin, &complaint
	out, err := c.Output()
	if err != nil {
		const kept = 2000
		text := complaint.Bytes()
		return out, fmt.Errorf("%s: %w: %s", name, err, text[max(0, len(text)-kept):])
	}
	return out, nil
}
