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
/* An op of the IR on one vector, with the lane's size and the fp env as constants */
struct ir_val a64_vec_op1(struct a64_ctx *s, bool q, enum ir_opc opc, struct ir_val n, unsigned size);
/* Call a helper that takes VFP_WHAT and VFP_REGS. */
void a64_call_vfp(struct a64_ctx *s, const struct helper *h, uint32_t what, uint32_t regs);

#endif
