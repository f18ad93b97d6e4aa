//go:build !purego

package md5lanes

import "golang.org/x/sys/cpu"

// widest is the kernel for this processor; nil when it has none.
var widest = func() kernel {
	switch {
	case hasAVX512:
		return blocksAVX512
	case cpu.X86.HasAVX2:
		return blocksAVX2
	}
	return nil
}()

// hasAVX512 asks for VBMI2, of which the kernel makes no use, as the first generation of processors with AVX-512 does not have it:
// that one lowers the clock of a core, for whatever runs there next, when it sees the long registers.
var hasAVX512 = cpu.X86.HasAVX512F && cpu.X86.HasAVX512VBMI2

//go:noescape
func blocksAVX2(state *states, from *[lanes]*byte, n int, scratch *scratch)

//go:noescape
func blocksAVX512(state *states, from *[lanes]*byte, n int, scratch *scratch)
