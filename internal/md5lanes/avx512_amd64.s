//go:build !purego

#include "textflag.h"

// The same in AVX-512, whose registers hold a word of all sixteen lanes, and the whole block besides. Any function of three bits
// is one instruction there, and so is a rotation: the chain of a step is four instructions long.
//
//	Z0–Z3    A, B, C, D
//	Z4–Z15   what a step needs for itself
//	Z16–Z31  the sixteen words of the block

// LOAD loads four words of the blocks of lanes i, i+4, i+8 and i+12, one into each quarter of a register.
#define LOAD(i, q, x, z) \
	MOVQ         (8*i)(DX), R8                    \
	MOVQ         (8*(i+4))(DX), R10               \
	MOVQ         (8*(i+8))(DX), R11               \
	MOVQ         (8*(i+12))(DX), R12              \
	VMOVDQU      (16*q)(R8)(R9*1), x              \
	VINSERTI32X4 $1, (16*q)(R10)(R9*1), z, z      \
	VINSERTI32X4 $2, (16*q)(R11)(R9*1), z, z      \
	VINSERTI32X4 $3, (16*q)(R12)(R9*1), z, z

// TRANSPOSE makes words 4q … 4q+3 of all lanes.
#define TRANSPOSE(q, w0, w1, w2, w3) \
	LOAD(0, q, X4, Z4)                            \
	LOAD(1, q, X5, Z5)                            \
	LOAD(2, q, X6, Z6)                            \
	LOAD(3, q, X7, Z7)                            \
	VPUNPCKLDQ  Z5, Z4, Z8                        \
	VPUNPCKHDQ  Z5, Z4, Z9                        \
	VPUNPCKLDQ  Z7, Z6, Z10                       \
	VPUNPCKHDQ  Z7, Z6, Z11                       \
	VPUNPCKLQDQ Z10, Z8, w0                       \
	VPUNPCKHQDQ Z10, Z8, w1                       \
	VPUNPCKLQDQ Z11, Z9, w2                       \
	VPUNPCKHQDQ Z11, Z9, w3

// STEP is a = b + rotate(a + f(b, c, d) + w + sine i, s). Bit 4x+2y+z of f's table is its value for bits x of d, y of c, z of b.
#define STEP(table, a, b, c, d, w, i, s) \
	VPADDD.BCST (4*i)(SI), w, Z4                  \
	VPADDD      Z4, a, a                          \
	VMOVDQA32   d, Z5                             \
	VPTERNLOGD  $table, b, c, Z5                  \
	VPADDD      Z5, a, a                          \
	VPROLD      $s, a, a                          \
	VPADDD      b, a, a

#define STEPS(table, i, w0, w1, w2, w3, s0, s1, s2, s3) \
	STEP(table, Z0, Z1, Z2, Z3, w0, i, s0)        \
	STEP(table, Z3, Z0, Z1, Z2, w1, (i+1), s1)    \
	STEP(table, Z2, Z3, Z0, Z1, w2, (i+2), s2)    \
	STEP(table, Z1, Z2, Z3, Z0, w3, (i+3), s3)

#define F4(i, w0, w1, w2, w3) STEPS(0xd8, i, w0, w1, w2, w3, 7, 12, 17, 22)
#define G4(i, w0, w1, w2, w3) STEPS(0xac, i, w0, w1, w2, w3, 5, 9, 14, 20)
#define H4(i, w0, w1, w2, w3) STEPS(0x96, i, w0, w1, w2, w3, 4, 11, 16, 23)
#define I4(i, w0, w1, w2, w3) STEPS(0x63, i, w0, w1, w2, w3, 6, 10, 15, 21)

#define FEED(at, z) \
	VPADDD    (at)(DI), z, z                      \
	VMOVDQU32 z, (at)(DI)

// func blocksAVX512(state *states, from *[lanes]*byte, n int, scratch *scratch)
TEXT ·blocksAVX512(SB), NOSPLIT, $0-32
	MOVQ state+0(FP), DI
	MOVQ from+8(FP), DX
	MOVQ n+16(FP), CX
	LEAQ ·sines(SB), SI
	XORL R9, R9
	VMOVDQU32 0(DI), Z0
	VMOVDQU32 64(DI), Z1
	VMOVDQU32 128(DI), Z2
	VMOVDQU32 192(DI), Z3

block:
	TRANSPOSE(0, Z16, Z17, Z18, Z19)
	TRANSPOSE(1, Z20, Z21, Z22, Z23)
	TRANSPOSE(2, Z24, Z25, Z26, Z27)
	TRANSPOSE(3, Z28, Z29, Z30, Z31)

	F4(0, Z16, Z17, Z18, Z19)
	F4(4, Z20, Z21, Z22, Z23)
	F4(8, Z24, Z25, Z26, Z27)
	F4(12, Z28, Z29, Z30, Z31)

	G4(16, Z17, Z22, Z27, Z16)
	G4(20, Z21, Z26, Z31, Z20)
	G4(24, Z25, Z30, Z19, Z24)
	G4(28, Z29, Z18, Z23, Z28)

	H4(32, Z21, Z24, Z27, Z30)
	H4(36, Z17, Z20, Z23, Z26)
	H4(40, Z29, Z16, Z19, Z22)
	H4(44, Z25, Z28, Z31, Z18)

	I4(48, Z16, Z23, Z30, Z21)
	I4(52, Z28, Z19, Z26, Z17)
	I4(56, Z24, Z31, Z22, Z29)
	I4(60, Z20, Z27, Z18, Z25)

	FEED(0, Z0)
	FEED(64, Z1)
	FEED(128, Z2)
	FEED(192, Z3)
	ADDQ $64, R9
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET
