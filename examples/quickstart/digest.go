package main

import (
	"hash/maphash"
	"strconv"
)

// digest stands for a run of bytes: two 64-bit hashes under two seeds drawn at the start of the process. Two
// different inputs have the same one with probability 2^-128, whatever the input, so the proof may keep 16 bytes in
// place of each record.
type digest [2]uint64

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func digestOf(b []byte) digest {
	return digest{maphash.Bytes(seeds[0], b), maphash.Bytes(seeds[1], b)}
}

func digestOfString(s string) digest {
	return digest{maphash.String(seeds[0], s), maphash.String(seeds[1], s)}
}

// placeOf stands for the place of one user record: its shard, the sequence number of its Kinesis record, and its
// position in that.
func placeOf(shard, sequence string, position int) digest {
	var room [128]byte
	b := append(room[:0], shard...)
	b = append(b, 0)
	b = append(b, sequence...)
	b = append(b, 0)
	return digestOf(strconv.AppendInt(b, int64(position), 10))
}
