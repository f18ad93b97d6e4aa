// Package md5lanes computes the MD5s of several messages at once.
//
// MD5 is a chain: each of the 64 steps of a block needs what the step before made, and each block the one before it. A core that
// could do four things at a time does one, and no cleverness with a single message changes that. But aggregated records
// travel together, under load some fifty in a request, and their chains have nothing to do with each other. So they are laid side
// by side, and a vector instruction takes a step of all of them:
//
//	lane 0    │ block │ block │ block │ … │ end │ the next message …
//	lane 1    │ block │ block │ block │ block │ … │ end │
//	  ⋮           ▲       one step of all lanes at a time
//	lane 15   │ block │ block │ block │ … │ end │ idle
//
// A message is digested where it lies, in parts; what is copied are blocks that lie in two of them, and the padding at the end.
// A lane whose message has ended takes the next one. Lanes that are left idle digest what another one does, for nothing, as they
// cost no time. When too few are busy, crypto/md5 does the rest, and so it does all where the processor has no kernel.
//
// What it comes to depends on how many messages there are, not on what is in them: BenchmarkSum has the ratios.
//
// The package knows bytes only. It starts no goroutine and keeps nothing. MD5 protects nothing here: it is the checksum that the
// format of aggregated records ends with.
package md5lanes
