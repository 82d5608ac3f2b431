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

/* v >> n, n in 1..bits */
static struct ir_val shr(struct a32_ctx *s, struct ir_val v, unsigned size,
                         unsigned n, bool u)
{
    if (n < neon_bits(size))
        return neon_op1(s, u ? IR_vshri_u : IR_vshri_s, v, size, n);
    if (u)
        return neon_splat(s, ir_typeof(s->ir, v), 3, 0);
    return neon_op1(s, IR_vshri_s, v, size, n - 1);
}

/* (v + half) >> n without overflow: the last bit shifted out is added */
static struct ir_val rounding_shr(struct a32_ctx *s, struct ir_val v,
                                  unsigned size, unsigned n, bool u)
{
    enum ir_type t = ir_typeof(s->ir, v);
    struct ir_val last = neon_op1(s, IR_vshri_u, v, size, n - 1);

    last = neon_op2(s, IR_vand, last, neon_splat(s, t, size, 1), 0);
    return neon_op2(s, IR_vadd, shr(s, v, size, n, u), last, size);
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
    v = round ? rounding_shr(s, v, a->size, right_count(a), a->u)
              : shr(s, v, a->size, right_count(a), a->u);
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
    return insert(s, a, shr(s, neon_ld(s, a->q, a->m), a->size, n, true),
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

/* Lanes of `exact` where shifting it back gave v, else `limit`; QC if any */
static bool saturate(struct a32_ctx *s, const struct args_neon_shift *a,
                     struct ir_val v, struct ir_val exact, struct ir_val back,
                     struct ir_val limit)
{
    struct ir_val fits = neon_op2(s, IR_vcmpeq, back, v, a->size);

    neon_qc(s, back, v);
    return neon_st(s, a->d, ir_v3(s->ir, IR_vbsl, neon_type(a->q), fits,
                                  exact, limit, 0, 0, 0));
}

/* VQSHL.<dt> <d>, <m>, #<imm> */
bool a32_trans_VQSHL_imm(struct a32_ctx *s, const struct args_neon_shift *a)
{
    unsigned bits = neon_bits(a->size);
    enum ir_type t = neon_type(a->q);
    struct ir_val v, r, limit;

    if (!shift_ok(a))
        return false;
    v = neon_ld(s, a->q, a->m);
    r = neon_op1(s, IR_vshli, v, a->size, a->imm);
    if (a->u)
        return saturate(s, a, v, r,
                        neon_op1(s, IR_vshri_u, r, a->size, a->imm),
                        neon_splat(s, t, 3, ~0ull));
    /* MAX for positive values, MIN = ~MAX for negative ones */
    limit = neon_op2(s, IR_vxor,
                     neon_op1(s, IR_vshri_s, v, a->size, bits - 1),
                     neon_splat(s, t, a->size, ~0ull >> (65 - bits)), 0);
    return saturate(s, a, v, r, neon_op1(s, IR_vshri_s, r, a->size, a->imm),
                    limit);
}

/* VQSHLU.<dt> <d>, <m>, #<imm>: signed to unsigned.  A negative value never
 * comes back from a shift of max(v, 0), and its limit is zero. */
bool a32_trans_VQSHLU(struct a32_ctx *s, const struct args_neon_shift *a)
{
    struct ir_val v, sign, r, back;

    if (!shift_ok(a))
        return false;
    v = neon_ld(s, a->q, a->m);
    sign = neon_op1(s, IR_vshri_s, v, a->size, neon_bits(a->size) - 1);
    r = neon_op1(s, IR_vshli, neon_op2(s, IR_vandc, v, sign, 0), a->size,
                 a->imm);
    back = neon_op1(s, IR_vshri_u, r, a->size, a->imm);
    return saturate(s, a, v, r, back, neon_op1(s, IR_vnot, sign, 0, 0));
}

/* ---- narrowing: size is the result's ---- */

static struct ir_val narrow_shift(struct a32_ctx *s,
                                  const struct args_neon_shift *a, bool round,
                                  bool u)
{
    struct ir_val v = neon_ld(s, true, a->m);
    unsigned n = right_count(a);

    return round ? rounding_shr(s, v, a->size + 1, n, u)
                 : shr(s, v, a->size + 1, n, u);
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
    return neon_st(s, a->d, neon_qmovn(s, narrow_shift(s, a, false, a->u),
                                       a->size, a->u, a->u));
}

bool a32_trans_VQRSHRN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, neon_qmovn(s, narrow_shift(s, a, true, a->u),
                                       a->size, a->u, a->u));
}

/* VQ{R}SHRUN.S<size> <Dd>, <Qm>, #<imm> */
bool a32_trans_VQSHRUN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, neon_qmovn(s, narrow_shift(s, a, false, false),
                                       a->size, false, true));
}

bool a32_trans_VQRSHRUN(struct a32_ctx *s, const struct args_neon_shift *a)
{
    if (a->m & 1)
        return false;
    return neon_st(s, a->d, neon_qmovn(s, narrow_shift(s, a, true, false),
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
