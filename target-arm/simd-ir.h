/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integer SIMD in IR ops: what the translators of A32 (a32-neon*.c) and A64 (a64-simd*.c) share. Element sizes are
 * log2 of bytes; vectors are V64 or V128. Owner: the translating thread.
 */
#ifndef TARGET_ARM_SIMD_IR_H
#define TARGET_ARM_SIMD_IR_H

#include "tcg/ir-build.h"

/* Bits of an element of this size */
static inline unsigned simd_bits(unsigned size)
{
    return 8u << size;
}

/* One vector operand or two of v's type: IR op, element size, second constant */
static inline struct ir_val simd_op1(struct ir *ir, enum ir_opc opc, struct ir_val v, uint64_t c0, uint64_t c1)
{
    return ir_v1(ir, opc, ir_typeof(ir, v), v, c0, c1);
}

static inline struct ir_val simd_op2(struct ir *ir, enum ir_opc opc, struct ir_val a, struct ir_val b, uint64_t c0)
{
    return ir_v2(ir, opc, ir_typeof(ir, a), a, b, c0, 0);
}

static inline struct ir_val simd_not(struct ir *ir, struct ir_val v)
{
    return simd_op1(ir, IR_vnot, v, 0, 0);
}

/* Bits of yes where mask has ones, else of no */
static inline struct ir_val simd_bsl(struct ir *ir, struct ir_val mask, struct ir_val yes, struct ir_val no)
{
    return ir_v3(ir, IR_vbsl, ir_typeof(ir, mask), mask, yes, no, 0, 0, 0);
}

/* Halves of a V128, and the V128 of two halves */
static inline struct ir_val simd_low(struct ir *ir, struct ir_val v)
{
    return ir_v1(ir, IR_vlow, V64, v, 0, 0);
}

static inline struct ir_val simd_high(struct ir *ir, struct ir_val v)
{
    return ir_v1(ir, IR_vhigh, V64, v, 0, 0);
}

static inline struct ir_val simd_concat(struct ir *ir, struct ir_val lo, struct ir_val hi)
{
    return ir_v2(ir, IR_vconcat, V128, lo, hi, 0, 0);
}

/* The V64 v with zeros above it */
static inline struct ir_val simd_zext(struct ir *ir, struct ir_val v)
{
    return ir_v1(ir, IR_vzext, V128, v, 0, 0);
}

/* v in every element, as 64 bits */
uint64_t simd_splat64(unsigned size, uint64_t v);
/* The same as a constant vector of the type */
struct ir_val simd_splat(struct ir *ir, enum ir_type type, unsigned size, uint64_t v);
/* FPSCR.QC is set if any bit of lanes is. */
void simd_set_qc(struct ir *ir, struct ir_val lanes);
/* FPSCR.QC is set if saturated and exact differ anywhere. */
void simd_qc(struct ir *ir, struct ir_val saturated, struct ir_val exact);
/* Saturating sum (op vqadd_s, vqadd_u, vqsub_s, vqsub_u) with QC */
struct ir_val simd_qadd(struct ir *ir, enum ir_opc opc, struct ir_val a, struct ir_val b, unsigned size);
/* A helper on V64s, for each half of the nv (1 to 3) vectors v; when it takes one argument more than the vectors that is
 * `constant`. */
struct ir_val simd_call(struct ir *ir, const struct helper *h, const struct ir_val *v, unsigned nv, uint32_t constant);
/* |a - b| as an unsigned element */
struct ir_val simd_abd(struct ir *ir, struct ir_val a, struct ir_val b, unsigned size, bool u);
/* (a - b) >> 1 without overflow */
struct ir_val simd_hsub(struct ir *ir, struct ir_val a, struct ir_val b, unsigned size, bool u);
/* Per element, the high half of 2 * n * m, saturated with QC */
struct ir_val simd_qdmulh(struct ir *ir, struct ir_val n, struct ir_val m, unsigned size, bool round);
/* Products of the lower or (high) upper halves of V128s, in elements of twice the size */
struct ir_val simd_mull(struct ir *ir, struct ir_val n, struct ir_val m, unsigned size, bool u, bool high);
/* Elements of the V128 v, of size + 1, saturated to elements of size (a V64); the source and the result have each their
 * signedness. Sets QC. */
struct ir_val simd_qmovn(struct ir *ir, struct ir_val v, unsigned size, bool from_unsigned, bool to_unsigned);
/* Sums of adjacent elements, in elements of twice the size */
struct ir_val simd_pair_sums(struct ir *ir, struct ir_val v, unsigned size, bool u);
/* Leading bits equal to the sign, less one */
struct ir_val simd_cls(struct ir *ir, struct ir_val v, unsigned size);
/* |v| saturated with QC */
struct ir_val simd_qabs(struct ir *ir, struct ir_val v, unsigned size);

/* v >> n for n in 1..bits; rounded: (v + half) >> n without overflow */
struct ir_val simd_shr(struct ir *ir, struct ir_val v, unsigned size, unsigned n, bool u);
struct ir_val simd_rounding_shr(struct ir *ir, struct ir_val v, unsigned size, unsigned n, bool u);
/* v << n (0..bits-1) saturated with QC, of unsigned or of signed elements; signed ones to unsigned ones */
struct ir_val simd_qshl(struct ir *ir, struct ir_val v, unsigned size, unsigned n, bool u);
struct ir_val simd_qshlu(struct ir *ir, struct ir_val v, unsigned size, unsigned n);

/* Each element of v shifted by the signed low byte of count's, to the left when positive: right shifts rounded; left ones
 * saturated with QC and right ones rounded or not */
struct ir_val simd_rshl_reg(struct ir *ir, struct ir_val v, struct ir_val count, unsigned size, bool u);
struct ir_val simd_qshl_reg(struct ir *ir, struct ir_val v, struct ir_val count, unsigned size, bool u, bool round);

/* AdvSIMDExpandImm() (DDI 0406C A7.4.6, DDI 0487 J1); the inverse that VMVN and VBIC store is up to the caller. */
uint64_t simd_expand_imm(unsigned cmode, bool op, uint64_t imm8);

/* Every other element of a, then of b: the even or the odd ones */
struct ir_val simd_uzp(struct ir *ir, struct ir_val a, struct ir_val b, unsigned size, bool odd);
/* n (1..4) vectors in memory order, of structures of n elements: to one vector for each element, in place, and back */
void simd_deinterleave(struct ir *ir, struct ir_val *v, unsigned n, unsigned size);
void simd_interleave(struct ir *ir, struct ir_val *v, unsigned n, unsigned size);
/* The same for n (2 or 4) vectors of 64 bits, that are half as many V128s m in memory order: to V64s v; and back, from V128s
 * v whose lower halves count. */
void simd_deinterleave_halves(struct ir *ir, const struct ir_val *m, struct ir_val *v, unsigned n, unsigned size);
void simd_interleave_halves(struct ir *ir, struct ir_val *v, struct ir_val *m, unsigned n, unsigned size);

#endif
