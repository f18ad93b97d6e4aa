//go:build !purego

#include "textflag.h"

// Base64 without a table, after Wojciech Mula and Daniel Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions",
// ACM Transactions on the Web 12 (3), 2018. The two halves of a register take 12 bytes each and become 16 letters.

// Three bytes p, q, r become the four bytes q p r q, so that each pair of letters lies in a word of 16 bits.
DATA spread<>+0(SB)/8, $0x0405030401020001
DATA spread<>+8(SB)/8, $0x0a0b090a07080607
GLOBL spread<>(SB), RODATA|NOPTR, $16

// Letters 0 and 2 of four lie in these bits of the two words, and a multiplication moves them to the lowest six of a byte.
DATA even<>+0(SB)/4, $0x0fc0fc00
GLOBL even<>(SB), RODATA|NOPTR, $4
DATA toRight<>+0(SB)/4, $0x04000040
GLOBL toRight<>(SB), RODATA|NOPTR, $4

// And letters 1 and 3.
DATA odd<>+0(SB)/4, $0x003f03f0
GLOBL odd<>(SB), RODATA|NOPTR, $4
DATA toLeft<>+0(SB)/4, $0x01000010
GLOBL toLeft<>(SB), RODATA|NOPTR, $4

// What is to be added to a number of six bits, by the kind of its letter: a-z, the ten digits, +, /, A-Z.
DATA shifts<>+0(SB)/8, $0xfcfcfcfcfcfcfc47
DATA shifts<>+8(SB)/8, $0x000041f0edfcfcfc
GLOBL shifts<>(SB), RODATA|NOPTR, $16

DATA last<>+0(SB)/1, $51
GLOBL last<>(SB), RODATA|NOPTR, $1
DATA capitals<>+0(SB)/1, $26
GLOBL capitals<>(SB), RODATA|NOPTR, $1
DATA thirteen<>+0(SB)/1, $13
GLOBL thirteen<>(SB), RODATA|NOPTR, $1

// func encodeStretches(dst, src *byte, n int)
TEXT ·encodeStretches(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTI128 spread<>(SB), Y8
	VPBROADCASTD   even<>(SB), Y9
	VPBROADCASTD   toRight<>(SB), Y10
	VPBROADCASTD   odd<>(SB), Y11
	VPBROADCASTD   toLeft<>(SB), Y12
	VBROADCASTI128 shifts<>(SB), Y13
	VPBROADCASTB   last<>(SB), Y14
	VPBROADCASTB   capitals<>(SB), Y15
	VPBROADCASTB   thirteen<>(SB), Y7

stretch:
	// Numbers of six bits, one a byte.
	VMOVDQU     (SI), X0
	VINSERTI128 $1, 12(SI), Y0, Y0
	VPSHUFB     Y8, Y0, Y0
	VPAND       Y9, Y0, Y1
	VPMULHUW    Y10, Y1, Y1
	VPAND       Y11, Y0, Y0
	VPMULLW     Y12, Y0, Y0
	VPOR        Y1, Y0, Y0

	// Their kinds: 0 for 26 to 51, 1 to 12 for what is above, and 13 for what is below 26.
	VPSUBUSB Y14, Y0, Y1
	VPCMPGTB Y0, Y15, Y2
	VPAND    Y7, Y2, Y2
	VPOR     Y2, Y1, Y1

	// Their letters.
	VPSHUFB Y1, Y13, Y1
	VPADDB  Y1, Y0, Y0
	VMOVDQU Y0, (DI)

	ADDQ $24, SI
	ADDQ $32, DI
	DECQ CX
	JNZ  stretch
	VZEROUPPER
	RET
