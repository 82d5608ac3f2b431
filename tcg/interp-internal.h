/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the two halves of the interpreter. */
#ifndef TCG_INTERP_INTERNAL_H
#define TCG_INTERP_INTERNAL_H

#include "tcg/interp.h"

/* Conditions on packed flags, and on two operands of w bits. */
bool interp_cond(uint32_t flags, enum ir_cc cc);
bool interp_cmp(uint64_t a, uint64_t b, enum ir_cc cc, unsigned w);
/* FP and vector ops. */
void interp_eval_vec(struct tcg_env *env, const struct ir_op *op, const uint8_t *in_type, struct v128 *out,
                     const struct v128 *in);
/* Crypto ops; false: it is none. out is not in. */
bool interp_eval_crypto(const struct ir_op *op, struct v128 *out, const struct v128 *in);

#endif
