/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What integer handlers of several files use (gen-alu.c, x86.c). */
#ifndef TARGET_X86_GEN_H
#define TARGET_X86_GEN_H

#include "target-x86/decode.h"

/* Flags of an operation on operands of size (log2 of bytes). Bits of a and b above it do not matter. ADC and SBB take the carry from the
 * flags as they are now. */
struct ir_val x86_flags_of(struct x86_ctx *s, enum ir_narrow kind, unsigned size, struct ir_val a, struct ir_val b);
/* Of a logical operation's result: CF, OF and AF are 0. */
struct ir_val x86_flags_logic(struct x86_ctx *s, unsigned size, struct ir_val v);

/* The memop of a locked access of size: any alignment, unless the mode checks it. */
unsigned x86_lock_memop(const struct x86_ctx *s, unsigned size);

/* x86_read of an operand that is written next: memory must be writable. */
struct ir_val x86_read_rmw(struct x86_ctx *s, struct x86_insn *i, unsigned op);

/* Run the same instruction again (atomic retries, repeated string instructions). */
void x86_jump_self(struct x86_ctx *s, struct x86_insn *i);
/* End this path: go on behind the instruction. */
void x86_jump_next(struct x86_ctx *s, struct x86_insn *i);

#endif
