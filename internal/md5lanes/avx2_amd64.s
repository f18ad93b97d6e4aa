//go:build !purego

#include "textflag.h"

// MD5 (RFC 1321) of sixteen messages side by side in AVX2. A register holds the same word of eight of them, that of lane i in its
// dword i, so every instruction takes a step of eight digests. The steps of one digest wait for each other; those of the other
// eight lanes fill the time.
//
//	Y0–Y3   A, B, C, D of lanes 0 to 7
//	Y4–Y7   A, B, C, D of lanes 8 to 15
//	Y8–Y15  what a step needs for itself; Y15 is all ones in round 4
//	BX      the sixteen words of the block, each of all lanes: word w begins at 64w
//	SI      ·sines
//	DI      the states before the block
//	DX, R9  pointers to the lanes' blocks, and how far the blocks are behind them

// ROW loads four words of the blocks of lanes i and i+4, one into each half of a register.
#define ROW(i, q, x, y) \
	MOVQ        (8*i)(DX), AX                     \
	MOVQ        (8*(i+4))(DX), R8                 \
	VMOVDQU     (16*q)(AX)(R9*1), x               \
	VINSERTI128 $1, (16*q)(R8)(R9*1), y, y

// QUARTER transposes words 4q … 4q+3 of eight lanes from lane i on.
#define QUARTER(i, q) \
	ROW(i, q, X8, Y8)                             \
	ROW((i+1), q, X9, Y9)                         \
	ROW((i+2), q, X10, Y10)                       \
	ROW((i+3), q, X11, Y11)                       \
	VPUNPCKLDQ  Y9, Y8, Y12                       \ // words 0 and 1 of lanes 0 and 1
	VPUNPCKHDQ  Y9, Y8, Y13                       \ // words 2 and 3 of them
	VPUNPCKLDQ  Y11, Y10, Y14                     \ // the same of lanes 2 and 3
	VPUNPCKHDQ  Y11, Y10, Y15                     \
	VPUNPCKLQDQ Y14, Y12, Y8                      \ // word 0 of all
	VPUNPCKHQDQ Y14, Y12, Y9                      \
	VPUNPCKLQDQ Y15, Y13, Y10                     \
	VPUNPCKHQDQ Y15, Y13, Y11                     \
	VMOVDQA     Y8, (256*q+4*i)(BX)               \
	VMOVDQA     Y9, (256*q+4*i+64)(BX)            \
	VMOVDQA     Y10, (256*q+4*i+128)(BX)          \
	VMOVDQA     Y11, (256*q+4*i+192)(BX)

// Each step is a = b + rotate(a + f(b, c, d) + word + sine, s). Only b is new, so what does not need it comes first: the
// time of a block is that of the chain from one b to the next, 6 instructions in F and I, 5 in G and H.

// ADD adds word w and the sine of step i to a.
#define ADD(a, at, i) \
	VPBROADCASTD (4*i)(SI), Y8                    \
	VPADDD       (at)(BX), Y8, Y8                 \
	VPADDD       Y8, a, a

// ROTATE ends a step.
#define ROTATE(a, b, s) \
	VPSLLD $s, a, Y8                              \
	VPSRLD $(32-s), a, a                          \
	VPOR   Y8, a, a                               \
	VPADDD b, a, a

// F is d ^ (b & (c ^ d)), which picks c where b has a one, and d elsewhere.
#define F(a, b, c, d, at, i, s) \
	ADD(a, at, i)                                 \
	VPXOR  c, d, Y9                               \
	VPAND  b, Y9, Y9                              \
	VPXOR  d, Y9, Y9                              \
	VPADDD Y9, a, a                               \
	ROTATE(a, b, s)

// G is (b & d) | (c &^ d). No bit is in both, so they are added one after the other, the one without b first.
#define G(a, b, c, d, at, i, s) \
	ADD(a, at, i)                                 \
	VPANDN c, d, Y9                               \
	VPADDD Y9, a, a                               \
	VPAND  b, d, Y9                               \
	VPADDD Y9, a, a                               \
	ROTATE(a, b, s)

// H is b ^ c ^ d.
#define H(a, b, c, d, at, i, s) \
	ADD(a, at, i)                                 \
	VPXOR  c, d, Y9                               \
	VPXOR  b, Y9, Y9                              \
	VPADDD Y9, a, a                               \
	ROTATE(a, b, s)

// I is c ^ (b | ^d).
#define I(a, b, c, d, at, i, s) \
	ADD(a, at, i)                                 \
	VPXOR  Y15, d, Y9                             \
	VPOR   b, Y9, Y9                              \
	VPXOR  c, Y9, Y9                              \
	VPADDD Y9, a, a                               \
	ROTATE(a, b, s)

// Four steps of all lanes, from step i with these words, after which A, B, C and D are where they were.
#define F4(i, w0, w1, w2, w3) \
	F(Y0, Y1, Y2, Y3, 64*w0, i, 7)                \
	F(Y4, Y5, Y6, Y7, 64*w0+32, i, 7)             \
	F(Y3, Y0, Y1, Y2, 64*w1, (i+1), 12)           \
	F(Y7, Y4, Y5, Y6, 64*w1+32, (i+1), 12)        \
	F(Y2, Y3, Y0, Y1, 64*w2, (i+2), 17)           \
	F(Y6, Y7, Y4, Y5, 64*w2+32, (i+2), 17)        \
	F(Y1, Y2, Y3, Y0, 64*w3, (i+3), 22)           \
	F(Y5, Y6, Y7, Y4, 64*w3+32, (i+3), 22)

#define G4(i, w0, w1, w2, w3) \
	G(Y0, Y1, Y2, Y3, 64*w0, i, 5)                \
	G(Y4, Y5, Y6, Y7, 64*w0+32, i, 5)             \
	G(Y3, Y0, Y1, Y2, 64*w1, (i+1), 9)            \
	G(Y7, Y4, Y5, Y6, 64*w1+32, (i+1), 9)         \
	G(Y2, Y3, Y0, Y1, 64*w2, (i+2), 14)           \
	G(Y6, Y7, Y4, Y5, 64*w2+32, (i+2), 14)        \
	G(Y1, Y2, Y3, Y0, 64*w3, (i+3), 20)           \
	G(Y5, Y6, Y7, Y4, 64*w3+32, (i+3), 20)

#define H4(i, w0, w1, w2, w3) \
	H(Y0, Y1, Y2, Y3, 64*w0, i, 4)                \
	H(Y4, Y5, Y6, Y7, 64*w0+32, i, 4)             \
	H(Y3, Y0, Y1, Y2, 64*w1, (i+1), 11)           \
	H(Y7, Y4, Y5, Y6, 64*w1+32, (i+1), 11)        \
	H(Y2, Y3, Y0, Y1, 64*w2, (i+2), 16)           \
	H(Y6, Y7, Y4, Y5, 64*w2+32, (i+2), 16)        \
	H(Y1, Y2, Y3, Y0, 64*w3, (i+3), 23)           \
	H(Y5, Y6, Y7, Y4, 64*w3+32, (i+3), 23)

#define I4(i, w0, w1, w2, w3) \
	I(Y0, Y1, Y2, Y3, 64*w0, i, 6)                \
	I(Y4, Y5, Y6, Y7, 64*w0+32, i, 6)             \
	I(Y3, Y0, Y1, Y2, 64*w1, (i+1), 10)           \
	I(Y7, Y4, Y5, Y6, 64*w1+32, (i+1), 10)        \
	I(Y2, Y3, Y0, Y1, 64*w2, (i+2), 15)           \
	I(Y6, Y7, Y4, Y5, 64*w2+32, (i+2), 15)        \
	I(Y1, Y2, Y3, Y0, 64*w3, (i+3), 21)           \
	I(Y5, Y6, Y7, Y4, 64*w3+32, (i+3), 21)

// FEED adds the states before the block to those of lanes 0 to 7 or 8 to 15, and keeps the sum.
#define FEED(at, y) \
	VPADDD  (at)(DI), y, y                        \
	VMOVDQU y, (at)(DI)

// func blocksAVX2(state *states, from *[lanes]*byte, n int, scratch *scratch)
TEXT ·blocksAVX2(SB), NOSPLIT, $0-32
	MOVQ state+0(FP), DI
	MOVQ from+8(FP), DX
	MOVQ n+16(FP), CX
	MOVQ scratch+24(FP), BX
	ADDQ $63, BX
	ANDQ $~63, BX
	LEAQ ·sines(SB), SI
	XORL R9, R9
	VMOVDQU 0(DI), Y0
	VMOVDQU 64(DI), Y1
	VMOVDQU 128(DI), Y2
	VMOVDQU 192(DI), Y3
	VMOVDQU 32(DI), Y4
	VMOVDQU 96(DI), Y5
	VMOVDQU 160(DI), Y6
	VMOVDQU 224(DI), Y7

block:
	QUARTER(0, 0)
	QUARTER(0, 1)
	QUARTER(0, 2)
	QUARTER(0, 3)
	QUARTER(8, 0)
	QUARTER(8, 1)
	QUARTER(8, 2)
	QUARTER(8, 3)

	F4(0, 0, 1, 2, 3)
	F4(4, 4, 5, 6, 7)
	F4(8, 8, 9, 10, 11)
	F4(12, 12, 13, 14, 15)

	G4(16, 1, 6, 11, 0)
	G4(20, 5, 10, 15, 4)
	G4(24, 9, 14, 3, 8)
	G4(28, 13, 2, 7, 12)

	H4(32, 5, 8, 11, 14)
	H4(36, 1, 4, 7, 10)
	H4(40, 13, 0, 3, 6)
	H4(44, 9, 12, 15, 2)

	VPCMPEQD Y15, Y15, Y15
	I4(48, 0, 7, 14, 5)
	I4(52, 12, 3, 10, 1)
	I4(56, 8, 15, 6, 13)
	I4(60, 4, 11, 2, 9)

	FEED(0, Y0)
	FEED(64, Y1)
	FEED(128, Y2)
	FEED(192, Y3)
	FEED(32, Y4)
	FEED(96, Y5)
	FEED(160, Y6)
	FEED(224, Y7)
	ADDQ $64, R9
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET
