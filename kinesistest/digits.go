package kinesistest

import "encoding/binary"

// Each result of a PutRecords call has a number of 56 digits, so writing digits is a good part of
// what a server does: BenchmarkSequence.

// appendPadded appends v < 10^19 with leading zeros to 19 digits.
func appendPadded(b []byte, v uint64) []byte {
	first, rest := v/1e16, v%1e16
	b = append(b, '0'+byte(first/100), '0'+byte(first/10%10), '0'+byte(first%10))
	b = binary.LittleEndian.AppendUint64(b, eightDigits(rest/1e8))
	return binary.LittleEndian.AppendUint64(b, eightDigits(rest%1e8))
}

// eightDigits returns the digits of v < 10^8 in ASCII, the first one in the lowest byte. It divides
// within lanes of one word, all at once: by 10^4, then both halves by 100, then the four quarters
// by 10. Dividing is multiplying and shifting: n·10486>>20 is n/100 for n < 10^4, and n·103>>10 is
// n/10 for n < 100.
func eightDigits(v uint64) uint64 {
	v = v/1e4 | v%1e4<<32
	hundreds := v * 10486 >> 20 & 0x7f_0000007f
	v = hundreds | (v-hundreds*100)<<16
	tens := v * 103 >> 10 & 0xf_000f_000f_000f
	v = tens | (v-tens*10)<<8
	return v | 0x3030303030303030
}
