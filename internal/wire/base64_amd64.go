//go:build !purego

package wire

import "golang.org/x/sys/cpu"

var vectors = cpu.X86.HasAVX2

// encodeStretches makes 32 n letters at dst of 24 n bytes at src, for n > 0. It reads 24 n + 4.
//
//go:noescape
func encodeStretches(dst, src *byte, n int)
