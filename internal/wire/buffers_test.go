package wire

import "testing"

func TestBuffers(t *testing.T) {
	for n, capacity := range map[int]int{0: shortPage, shortPage: shortPage, shortPage + 1: longPage, longPage: longPage, longPage + 1: longPage + 1} {
		b := takeBuffer(n)
		if len(b) != 0 || cap(b) != capacity {
			t.Errorf("for %d bytes: length %d, capacity %d, want %d", n, len(b), cap(b), capacity)
		}
		giveBuffer(b)
	}
	giveBuffer(nil)
	giveBuffer(make([]byte, longPage-1))
	if b := takeBuffer(longPage); cap(b) != longPage || len(b) != 0 {
		t.Errorf("a buffer of %d bytes, capacity %d", len(b), cap(b))
	}
}
