/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operand helpers that several handler files share (a32-dp.c). */
#ifndef TARGET_ARM_A32_DP_H
#define TARGET_ARM_A32_DP_H

#include "target-arm/a32.h"

/* Shift by a constant: type and n as in struct args_dp_reg. */
struct ir_val a32_shift_imm(struct a32_ctx *s, struct ir_val v, unsigned type,
                            unsigned n);
/* The I64 in a pair of registers. */
struct ir_val a32_reg64(struct a32_ctx *s, unsigned lo, unsigned hi);
/* Write an I64 to a pair; false when one is the pc. */
bool a32_set_reg64(struct a32_ctx *s, unsigned lo, unsigned hi,
                   struct ir_val v);
/* Sign-extended low or high half of an I32. */
struct ir_val a32_half(struct a32_ctx *s, struct ir_val v, bool high);
/* CPSR.Q |= bit 0 of an I32. */
void a32_or_q(struct a32_ctx *s, struct ir_val bit0);

#endif
