/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What handlers of SSE and AVX instructions share (gen-sse.c, gen-sse-fp.c, gen-sse-move.c, gen-avx.c). */
#ifndef TARGET_X86_GEN_SSE_H
#define TARGET_X86_GEN_SSE_H

#include "target-x86/decode.h"
#include "tcg/vx.h"

/* One 128-bit half: from operands a and b. arg: the handler's; imm: the immediate. */
typedef struct ir_val (*x86_vfn)(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned arg, unsigned imm);

/* dst = fn(a, b) in one half, or in both with VEX.L. Legacy encodings: a is the destination. */
bool x86_vbinary(struct x86_ctx *s, struct x86_insn *i, x86_vfn fn, unsigned arg);
/* dst = fn(src, src) */
bool x86_vunary(struct x86_ctx *s, struct x86_insn *i, x86_vfn fn, unsigned arg);
/* The halves of an operand */
void x86_vread_all(struct x86_ctx *s, struct x86_insn *i, unsigned op, struct ir_val v[2]);
/* Number of halves: 2 with VEX.L, else 1. */
static inline unsigned x86_halves(const struct x86_insn *i)
{
    return i->vex && i->vex_l ? 2 : 1;
}
/* Results to the destination (operand 0), the upper half of a YMM register cleared by 128-bit VEX forms. */
void x86_vresult(struct x86_ctx *s, struct x86_insn *i, const struct ir_val *r);
/* Index of the first source (after the destination with VEX, the destination itself otherwise), and of the second. */
static inline unsigned x86_src1(const struct x86_insn *i)
{
    return i->vex ? 1 : 0;
}
static inline unsigned x86_src2(const struct x86_insn *i)
{
    return i->vex ? 2 : 1;
}
/* The immediate byte */
static inline unsigned x86_imm8(const struct x86_insn *i)
{
    return (unsigned)i->imm & 0xff;
}
/* A register's 128-bit half */
struct ir_val x86_xmm(struct x86_ctx *s, unsigned n, unsigned half);
void x86_set_xmm(struct x86_ctx *s, unsigned n, unsigned half, struct ir_val v);

/* Floating-point operation of tcg/vx.inc; where exceptions are unmasked, one that raises #XM. */
struct ir_val x86_vfx(struct x86_ctx *s, struct ir_val a, struct ir_val b, unsigned op, unsigned imm);
struct ir_val x86_vfx3(struct x86_ctx *s, unsigned op, const struct ir_val v[3]);
struct ir_val x86_vfx_get(struct x86_ctx *s, enum ir_type type, unsigned op, struct ir_val a);
struct ir_val x86_vfx_put(struct x86_ctx *s, unsigned op, struct ir_val a, struct ir_val v);
struct ir_val x86_vfx_cmp(struct x86_ctx *s, unsigned op, struct ir_val a, struct ir_val b);

/* In the imm of helper x86_vfx: the lower half of 256 bits; exceptions are raised with the other half's. */
#define X86_VFX_MORE 0x100

#endif
