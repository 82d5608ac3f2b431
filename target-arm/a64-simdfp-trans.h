/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Argument structs and handlers of a64-simdfp.decode, and what the handlers' files share. */
#ifndef TARGET_ARM_A64_SIMDFP_TRANS_H
#define TARGET_ARM_A64_SIMDFP_TRANS_H

#include "target-arm/a64-simdfp.h"

#ifndef DECODE_ARGS
#define DECODE_ARGS
#include "target-arm/a64-simdfp.decode.inc"
#undef DECODE_ARGS
#endif

/* Lanes of 1 << size bytes in a scalar or a vector of 8 or (q) 16 bytes */
static inline unsigned a64_lanes(bool scalar, bool q, unsigned size)
{
    return scalar ? 1 : (8u << q) >> size;
}

/* Vn as V128 (q) or V64 */
struct ir_val a64_read_vec(struct a64_ctx *s, bool q, unsigned n);
/* FP ops of the IR on vectors (V128 with q, else V64) of lanes of this size. round: the third constant, of ops that have one */
struct ir_val a64_vec_op1(struct a64_ctx *s, bool q, enum ir_opc opc, struct ir_val n, unsigned size, unsigned round);
struct ir_val a64_vec_op2(struct a64_ctx *s, bool q, enum ir_opc opc, struct ir_val n, struct ir_val m, unsigned size);
struct ir_val a64_vec_muladd(struct a64_ctx *s, bool q, struct ir_val n, struct ir_val m, struct ir_val a, unsigned size,
                             unsigned neg);
/* The scalar in Vn as a V64, zero above it; a V64 of which only the scalar is left */
struct ir_val a64_scalar_vec(struct a64_ctx *s, unsigned size, unsigned n);
struct ir_val a64_scalar_of(struct a64_ctx *s, unsigned size, struct ir_val v);

#endif
