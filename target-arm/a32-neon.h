/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Advanced SIMD translators share (a32-neon*.c).  Registers are
 * numbers of doubles; a quadword is named by its even double.  Element sizes
 * are log2 of bytes.
 */
#ifndef TARGET_ARM_A32_NEON_H
#define TARGET_ARM_A32_NEON_H

#include "target-arm/a32.h"
#include "target-arm/a32-fp.h"
#include "target-arm/simd-ir.h"

#ifndef DECODE_ARGS
#define DECODE_ARGS
#include "target-arm/neon.decode.inc"
#undef DECODE_ARGS
#endif

#define HELPER_INC "target-arm/helpers-simd.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

/* Bits of an element of this size */
static inline unsigned neon_bits(unsigned size)
{
    return simd_bits(size);
}

/* A quadword operation with an odd register is UNDEFINED. */
static inline bool neon_odd(bool q, unsigned regs)
{
    return q && (regs & 1);
}

static inline enum ir_type neon_type(bool q)
{
    return q ? V128 : V64;
}

static inline struct ir_val neon_ld(struct a32_ctx *s, bool q, unsigned n)
{
    return ir_state_ld(s->ir, neon_type(q), ARM_OFF_D(n));
}

/* Store a V64 or V128; always true, for handlers to return. */
static inline bool neon_st(struct a32_ctx *s, unsigned n, struct ir_val v)
{
    ir_state_st(s->ir, v, ARM_OFF_D(n));
    return true;
}

/* One vector operand or two of v's type: IR op, element size, second constant */
static inline struct ir_val neon_op1(struct a32_ctx *s, enum ir_opc opc,
                                     struct ir_val v, uint64_t c0, uint64_t c1)
{
    return ir_v1(s->ir, opc, ir_typeof(s->ir, v), v, c0, c1);
}

static inline struct ir_val neon_op2(struct a32_ctx *s, enum ir_opc opc,
                                     struct ir_val a, struct ir_val b,
                                     uint64_t c0)
{
    return ir_v2(s->ir, opc, ir_typeof(s->ir, a), a, b, c0, 0);
}

/* FP: elements are singles, the env is the standard one. */
static inline struct ir_val neon_fp2(struct a32_ctx *s, enum ir_opc opc,
                                     struct ir_val a, struct ir_val b)
{
    return ir_v2(s->ir, opc, ir_typeof(s->ir, a), a, b, 2, FP_ENV_NEON);
}

/* simd-ir.h's functions on the translator's IR */
static inline struct ir_val neon_splat(struct a32_ctx *s, enum ir_type type, unsigned size, uint64_t v)
{
    return simd_splat(s->ir, type, size, v);
}

static inline struct ir_val neon_qadd(struct a32_ctx *s, enum ir_opc opc, struct ir_val a, struct ir_val b, unsigned size)
{
    return simd_qadd(s->ir, opc, a, b, size);
}

static inline struct ir_val neon_call(struct a32_ctx *s, const struct helper *h, const struct ir_val *v, unsigned nv,
                                      uint32_t constant)
{
    return simd_call(s->ir, h, v, nv, constant);
}

/* All elements of the type equal to lane `index` of double m */
struct ir_val neon_lane(struct a32_ctx *s, enum ir_type type, unsigned m, unsigned size, unsigned index);

#endif
