//go:build !purego

package md5lanes

import (
	"math"
	"testing"

	"golang.org/x/sys/cpu"
)

// kernels are those that this processor runs; nil is crypto/md5 alone.
var kernels = func() map[string]kernel {
	all := map[string]kernel{"none": nil}
	if cpu.X86.HasAVX2 {
		all["AVX2"] = blocksAVX2
	}
	if cpu.X86.HasAVX512F {
		all["AVX-512"] = blocksAVX512
	}
	return all
}()

func TestSines(t *testing.T) {
	for i, got := range sines {
		if want := uint32(math.Abs(math.Sin(float64(i+1))) * (1 << 32)); got != want {
			t.Errorf("step %d has %#x, want %#x", i, got, want)
		}
	}
}
