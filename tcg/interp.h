/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interpreter of the IR: the reference for every backend, and the port to any host. */
#ifndef TCG_INTERP_H
#define TCG_INTERP_H

#include "tcg/compile.h"

/* Run the region once: to an exit, with env->pc the next tagged pc and env->exit_link NULL. poll of exits sees
 * exit_request by returning. values: scratch with room for ir->nvalues entries. */
void interp_run(const struct ir *ir, struct tcg_env *env, const struct tcg_mem_ops *mem, struct v128 *values);

/* Evaluate one PURE op outside a region: in has nin operands, out receives nout results. Operands are zero
 * extended to 128 bits. Used for constant folding and as the generic fallback of a backend. in_type: operand types
 * (needed by compares, conversions and flags ops). */
void interp_eval(struct tcg_env *env, const struct ir_op *op, const uint8_t *in_type, struct v128 *out,
                 const struct v128 *in);

#endif
