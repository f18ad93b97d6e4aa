package wire

import "testing"

func TestSizeClasses(t *testing.T) {
	last := -1
	for n := 0; n <= 1<<maxShift; n += 1 + n/999 {
		place, capacity := sizeClass(n)
		switch again, same := sizeClass(capacity); {
		case place < 0 || place >= len(idle) || place < last:
			t.Fatalf("%d bytes: place %d behind %d", n, place, last)
		case capacity < n || n > 1<<minShift && capacity > n+n/4:
			t.Fatalf("%d bytes: capacity %d", n, capacity)
		case again != place || same != capacity:
			t.Fatalf("a buffer of %d bytes goes back to place %d with %d, not %d", capacity, again, same, place)
		}
		last = place
	}
	if last != len(idle)-1 {
		t.Errorf("the last place in use is %d of %d", last, len(idle))
	}
	if place, capacity := sizeClass(1<<maxShift + 1); place != -1 || capacity != 1<<maxShift+1 {
		t.Errorf("above all: place %d, capacity %d", place, capacity)
	}
	giveBuffer(nil)
	giveBuffer(make([]byte, 6<<10-1))
	if b := takeBuffer(6 << 10); cap(b) != 6<<10 || len(b) != 0 {
		t.Errorf("a buffer of %d bytes, capacity %d", len(b), cap(b))
	}
}
