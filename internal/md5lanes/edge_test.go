//go:build unix

package md5lanes

import (
	"os"
	"syscall"
	"testing"
)

// Every part ends where memory that may not be read begins, or begins where such memory ends.
func TestReadsNothingBeyondAPart(t *testing.T) {
	page := os.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skipf("no memory of our own: %v", err)
	}
	defer syscall.Munmap(memory)
	for _, edge := range [][]byte{memory[:page], memory[2*page:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	data := memory[page : 2*page]
	copy(data, noise(page))
	var d Digester
	for length := range 300 {
		messages := make([]Message, lanes+3)
		for i := range messages {
			end, begin := data[page-(length+i):], data[:length+i]
			messages[i] = Message{Parts: [3][]byte{end, begin, end}}
		}
		check(t, &d, messages)
	}
}
