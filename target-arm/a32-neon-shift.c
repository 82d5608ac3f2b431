/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD: two registers and a shift amount (DDI 0406C A7.4.4).  The
 * field `imm` lacks the bit that gave the size: a right shift is by
 * bits - imm, a left shift by imm.
 */
#include "config.h"

#include "target-arm/a32-neon.h"
#include "tcg/ir-build.h"

static bool shift_ok(const struct args_neon_shift *a)
{
    return !neon_odd(a->q, a->d | a->m);
}

static unsigned right_count(const struct args_neon_shift *a)
{
    return neon_bits(a->size) - a->imm;
}

/* d = v, or d + v */
static bool finish(struct a32_ctx *s, const struct args_neon_shift *a,
                   struct ir_val v, bool accumulate)
{
    if (accumulate)
        v = neon_op2(s, IR_vadd, neon_ld(s, a->q, a->d), v, a->size);
    return neon_st(s, a->d, v);
}

static bool right(struct a32_ctx *s, const struct args_neon_shift *a,
                  bool round, bool accumulate)
{
    struct ir_val v;

    if (!shift_ok(a))
        return false;
    v = neon_ld(s, a->q, a->m);
    v = round ? simd_rounding_shr(s->ir, v, a->size, right_count(a), a->u)
              : simd_shr(s->ir, v, a->size, right_count(a), a->u);
    return finish(s, a, v, accumulate);
}

/* VSHR.<dt> <d>, <m>, #<imm> */
bool a32_trans_VSHR(struct a32_ctx *s, const struct args_neon_shift *a)
{
    return right(s, a, false, false);
}

/* VSRA.<dt> <d>, <m>, #<imm> */
bool a32_trans_VSRA(struct a32_ctx *s, const struct args_neon_shift *a)
{
    return right(s, a, false, true);
}

/* VRSHR.<dt> <d>, <m>, #<imm> */
bool a32_trans_VRSHR(struct a32_ctx *s, const struct args_neon_shift *a)
{
    return right(s, a, true, false);
}

/* VRSRA.<dt> <d>, <m>, #<imm> */
bool a32_trans_VRSRA(struct a32_ctx *s, const struct args_neon_shift *a)
{
    return right(s, a, true, true);
}

/* Bits of v where mask has ones, else of d */
static bool insert(struct a32_ctx *s, const struct args_neon_shift *a,
                   struct ir_val v, uint64_t mask)
{
    struct ir_val m = neon_splat(s, neon_type(a->q), a->size, mask);

    return neon_st(s, a->d, ir_v3(s->ir, IR_vbsl, neon_type(a->q), m, v,
                                  neon_ld(s, a->q, a->d), 0, 0, 0));
}

/* VSRI.<size> <d>, <m>, #<imm> */
bool a32_trans_VSRI(struct a32_ctx *s, const struct args_neon_shift *a)
{
    unsigned n = right_count(a), bits = neon_bits(a->size);

    if (!shift_ok(a))
        return false;
    if (n == bits)
        return true;             /* nothing is inserted */
    return insert(s, a, simd_shr(s->ir, neon_ld(s, a->q, a->m), a->size, n, true),
                  ~0ull >> (64 - bits) >> n);
}

/* VSLI.<size> <d>, <m>, #<imm> */
bool a32_trans_VSLI(struct a32_ctx *s, const struct args_neon_shift *a)
{
    struct ir_val v;

    if (!shift_ok(a))
        return false;
    v = neon_op1(s, IR_vshli, neon_ld(s, a->q, a->m), a->size, a->imm);
    return insert(s, a, v, ~0ull << a->imm);
}

/* VSHL.I<size> <d>, <m>, #<imm> */
bool a32_trans_VSHL_imm(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (!shift_ok(a))
        return false;
    return neon_st(s, a->d, neon_op1(s, IR_vshli, neon_ld(s, a->q, a->m),
                                     a->size, a->imm));
}

/* VQSHL.<dt> <d>, <m>, #<imm> */
bool a32_trans_VQSHL_imm(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (!shift_ok(a))
        return false;
    return neon_st(s, a->d, simd_qshl(s->ir, neon_ld(s, a->q, a->m), a->size, a->imm, a->u));
}

/* VQSHLU.<dt> <d>, <m>, #<imm> */
bool a32_trans_VQSHLU(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (!shift_ok(a))
        return false;
    return neon_st(s, a->d, simd_qshlu(s->ir, neon_ld(s, a->q, a->m), a->size, a->imm));
}

/* ---- narrowing: size is the result's ---- */

static struct ir_val narrow_shift(struct a32_ctx *s,
                                  const struct args_neon_shift *a, bool round,
                                  bool u)
{
    struct ir_val v = neon_ld(s, true, a->m);
    unsigned n = right_count(a);

    return round ? simd_rounding_shr(s->ir, v, a->size + 1, n, u)
                 : simd_shr(s->ir, v, a->size + 1, n, u);
}

static bool narrow(struct a32_ctx *s, const struct args_neon_shift *a,
                   bool round)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, ir_v1(s->ir, IR_vnarrow, V64,
                                  narrow_shift(s, a, round, true),
                                  a->size + 1, 0));
}

/* VSHRN.I<size> <Dd>, <Qm>, #<imm> */
bool a32_trans_VSHRN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    return narrow(s, a, false);
}

/* VRSHRN.I<size> <Dd>, <Qm>, #<imm> */
bool a32_trans_VRSHRN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    return narrow(s, a, true);
}

/* VQ{R}SHRN.<type><size> <Dd>, <Qm>, #<imm> */
bool a32_trans_VQSHRN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, simd_qmovn(s->ir, narrow_shift(s, a, false, a->u),
                                       a->size, a->u, a->u));
}

bool a32_trans_VQRSHRN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, simd_qmovn(s->ir, narrow_shift(s, a, true, a->u),
                                       a->size, a->u, a->u));
}

/* VQ{R}SHRUN.S<size> <Dd>, <Qm>, #<imm> */
bool a32_trans_VQSHRUN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, simd_qmovn(s->ir, narrow_shift(s, a, false, false),
                                       a->size, false, true));
}

bool a32_trans_VQRSHRUN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, simd_qmovn(s->ir, narrow_shift(s, a, true, false),
                                       a->size, false, true));
}

/* ---- widening: size is the source's ---- */

/* VSHLL.<type><size> <Qd>, <Dm>, #<imm>; VMOVL when imm is 0 */
bool a32_trans_VSHLL(struct a32_ctx *s, const struct args_neon_shift *a)
{
    struct ir_val v;

    if (a->d & 1)
        return false;
    v = ir_v1(s->ir, a->u ? IR_vwiden_u : IR_vwiden_s, V128,
              neon_ld(s, false, a->m), a->size, 0);
    if (a->imm)
        v = neon_op1(s, IR_vshli, v, a->size + 1, a->imm);
    return neon_st(s, a->d, v);
}
