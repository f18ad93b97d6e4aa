//go:build unix

package kinesistest

import (
	"os"
	"syscall"
)

// lockFile keeps other processes out, for as long as this one has the file open.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
