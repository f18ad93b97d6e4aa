//go:build unix

package wire

import (
	"os"
	"syscall"
	"testing"
)

// Behind the data begins memory that may not be read.
func TestBase64ReadsNothingBehind(t *testing.T) {
	size := os.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 2*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skipf("no memory of our own: %v", err)
	}
	defer syscall.Munmap(memory)
	if err := syscall.Mprotect(memory[size:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	for n := range 200 {
		checkBase64(t, memory[size-n:size])
	}
}
