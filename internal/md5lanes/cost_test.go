//go:build !race

package md5lanes

import "testing"

// With the race detector crypto/md5 allocates.
func TestSumAllocatesNothing(t *testing.T) {
	data := noise(5000)
	messages := make([]Message, 2*lanes+2)
	for i := range messages {
		messages[i] = split(data[:100*i], 10*i, 50*i)
	}
	var d Digester
	if n := testing.AllocsPerRun(100, func() { d.Sum(messages) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
