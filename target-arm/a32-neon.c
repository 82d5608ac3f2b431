/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD: entry of the decoder, what its translators share, and the
 * integer operations on three registers of the same length (DDI 0406C A7.4.1).
 * Everything is IR ops.
 */
#include "config.h"

#include "target-arm/a32-neon.h"
#include "tcg/ir-build.h"

static bool need_v8(struct a32_ctx *s)
{
    return a32_has(s, ARM_V8_FP);
}

#include "target-arm/neon.decode.inc"

bool a32_decode_neon(struct a32_ctx *s, uint32_t insn)
{
    const uint32_t needed = ARM_MODE_FP | ARM_MODE_NEON;

    s->uses_fp = true;
    if ((s->mode & needed) != needed)
        return a32_fp_off(s);
    return decode_neon(s, insn);
}

/* ---- shared ---- */

struct ir_val neon_lane(struct a32_ctx *s, enum ir_type type, unsigned m,
                        unsigned size, unsigned index)
{
    return ir_v1(s->ir, IR_vdup_lane, type, neon_ld(s, false, m), size, index);
}

/* ---- three registers of the same length ---- */

static bool same_ok(const struct args_neon3 *a)
{
    return !neon_odd(a->q, a->d | a->n | a->m);
}

/* d = n op m, op one of two by signedness */
static bool same(struct a32_ctx *s, const struct args_neon3 *a,
                 enum ir_opc op_s, enum ir_opc op_u)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_op2(s, a->u ? op_u : op_s,
                                     neon_ld(s, a->q, a->n),
                                     neon_ld(s, a->q, a->m), a->size));
}

/* V{H,RH}ADD.<dt> <d>, <n>, <m> */
bool a32_trans_VHADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vhadd_s, IR_vhadd_u);
}

bool a32_trans_VRHADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vrhadd_s, IR_vrhadd_u);
}

/* VHSUB.<dt> <d>, <n>, <m> */
bool a32_trans_VHSUB(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, simd_hsub(s->ir, neon_ld(s, a->q, a->n), neon_ld(s, a->q, a->m), a->size, a->u));
}

static bool same_saturating(struct a32_ctx *s, const struct args_neon3 *a,
                            enum ir_opc op_s, enum ir_opc op_u)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_qadd(s, a->u ? op_u : op_s,
                                      neon_ld(s, a->q, a->n),
                                      neon_ld(s, a->q, a->m), a->size));
}

/* VQADD.<dt> <d>, <n>, <m> */
bool a32_trans_VQADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same_saturating(s, a, IR_vqadd_s, IR_vqadd_u);
}

/* VQSUB.<dt> <d>, <n>, <m> */
bool a32_trans_VQSUB(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same_saturating(s, a, IR_vqsub_s, IR_vqsub_u);
}

/* VAND <d>, <n>, <m> */
bool a32_trans_VAND(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vand, IR_vand);
}

/* VBIC <d>, <n>, <m> */
bool a32_trans_VBIC(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vandc, IR_vandc);
}

/* VORR <d>, <n>, <m>; VMOV <d>, <m> */
bool a32_trans_VORR(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (a->n == a->m && same_ok(a))
        return neon_st(s, a->d, neon_ld(s, a->q, a->m));
    return same(s, a, IR_vor, IR_vor);
}

/* VORN <d>, <n>, <m> */
bool a32_trans_VORN(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val not_m;

    if (!same_ok(a))
        return false;
    not_m = neon_op1(s, IR_vnot, neon_ld(s, a->q, a->m), 0, 0);
    return neon_st(s, a->d, neon_op2(s, IR_vor, neon_ld(s, a->q, a->n), not_m,
                                     0));
}

/* VEOR <d>, <n>, <m> */
bool a32_trans_VEOR(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vxor, IR_vxor);
}

/* Bits of registers `yes` where `mask` has ones, else of `no` */
static bool bitwise_select(struct a32_ctx *s, const struct args_neon3 *a,
                           unsigned mask, unsigned yes, unsigned no)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, ir_v3(s->ir, IR_vbsl, neon_type(a->q),
                                  neon_ld(s, a->q, mask),
                                  neon_ld(s, a->q, yes),
                                  neon_ld(s, a->q, no), 0, 0, 0));
}

/* VBSL <d>, <n>, <m> */
bool a32_trans_VBSL(struct a32_ctx *s, const struct args_neon3 *a)
{
    return bitwise_select(s, a, a->d, a->n, a->m);
}

/* VBIT <d>, <n>, <m> */
bool a32_trans_VBIT(struct a32_ctx *s, const struct args_neon3 *a)
{
    return bitwise_select(s, a, a->m, a->n, a->d);
}

/* VBIF <d>, <n>, <m> */
bool a32_trans_VBIF(struct a32_ctx *s, const struct args_neon3 *a)
{
    return bitwise_select(s, a, a->m, a->d, a->n);
}

/* VCGT.<dt> <d>, <n>, <m> */
bool a32_trans_VCGT(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vcmpgt_s, IR_vcmpgt_u);
}

/* VCGE.<dt> <d>, <n>, <m>: not m > n */
bool a32_trans_VCGE(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val lt;

    if (!same_ok(a))
        return false;
    lt = neon_op2(s, a->u ? IR_vcmpgt_u : IR_vcmpgt_s,
                  neon_ld(s, a->q, a->m), neon_ld(s, a->q, a->n), a->size);
    return neon_st(s, a->d, neon_op1(s, IR_vnot, lt, 0, 0));
}

/* VCEQ.<dt> <d>, <n>, <m> */
bool a32_trans_VCEQ(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vcmpeq, IR_vcmpeq);
}

/* VTST.<size> <d>, <n>, <m> */
bool a32_trans_VTST(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val v;

    if (!same_ok(a))
        return false;
    v = neon_op2(s, IR_vand, neon_ld(s, a->q, a->n), neon_ld(s, a->q, a->m),
                 0);
    v = neon_op2(s, IR_vcmpeq, v, neon_splat(s, neon_type(a->q), 3, 0),
                 a->size);
    return neon_st(s, a->d, neon_op1(s, IR_vnot, v, 0, 0));
}

/* VSHL.<dt> <d>, <m>, <n> */
bool a32_trans_VSHL_reg(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_op2(s, a->u ? IR_vshl_u : IR_vshl_s,
                                     neon_ld(s, a->q, a->m),
                                     neon_ld(s, a->q, a->n), a->size));
}

static bool saturating_shift(struct a32_ctx *s, const struct args_neon3 *a,
                             bool round)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, simd_qshl_reg(s->ir, neon_ld(s, a->q, a->m),
                                          neon_ld(s, a->q, a->n), a->size,
                                          a->u, round));
}

/* VQSHL.<dt> <d>, <m>, <n> */
bool a32_trans_VQSHL_reg(struct a32_ctx *s, const struct args_neon3 *a)
{
    return saturating_shift(s, a, false);
}

/* VRSHL.<dt> <d>, <m>, <n> */
bool a32_trans_VRSHL_reg(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, simd_rshl_reg(s->ir, neon_ld(s, a->q, a->m),
                                          neon_ld(s, a->q, a->n), a->size,
                                          a->u));
}

/* VQRSHL.<dt> <d>, <m>, <n> */
bool a32_trans_VQRSHL_reg(struct a32_ctx *s, const struct args_neon3 *a)
{
    return saturating_shift(s, a, true);
}

/* VMAX.<dt> <d>, <n>, <m> */
bool a32_trans_VMAX(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vmax_s, IR_vmax_u);
}

/* VMIN.<dt> <d>, <n>, <m> */
bool a32_trans_VMIN(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vmin_s, IR_vmin_u);
}

/* VABD.<dt> <d>, <n>, <m> */
bool a32_trans_VABD(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, simd_abd(s->ir, neon_ld(s, a->q, a->n),
                                     neon_ld(s, a->q, a->m), a->size, a->u));
}

/* VABA.<dt> <d>, <n>, <m> */
bool a32_trans_VABA(struct a32_ctx *s, const struct args_neon3 *a)
{
    struct ir_val v;

    if (!same_ok(a))
        return false;
    v = simd_abd(s->ir, neon_ld(s, a->q, a->n), neon_ld(s, a->q, a->m), a->size,
                 a->u);
    return neon_st(s, a->d, neon_op2(s, IR_vadd, neon_ld(s, a->q, a->d), v,
                                     a->size));
}

/* VADD.<dt> <d>, <n>, <m> */
bool a32_trans_VADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vadd, IR_vadd);
}

/* VSUB.<dt> <d>, <n>, <m> */
bool a32_trans_VSUB(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vsub, IR_vsub);
}

/* VMUL.<dt> <d>, <n>, <m> */
bool a32_trans_VMUL(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vmul, IR_vmul);
}

static bool multiply_add(struct a32_ctx *s, const struct args_neon3 *a,
                         enum ir_opc add)
{
    struct ir_val p;

    if (!same_ok(a))
        return false;
    p = neon_op2(s, IR_vmul, neon_ld(s, a->q, a->n), neon_ld(s, a->q, a->m),
                 a->size);
    return neon_st(s, a->d, neon_op2(s, add, neon_ld(s, a->q, a->d), p,
                                     a->size));
}

/* VMLA.<dt> <d>, <n>, <m> */
bool a32_trans_VMLA(struct a32_ctx *s, const struct args_neon3 *a)
{
    return multiply_add(s, a, IR_vadd);
}

/* VMLS.<dt> <d>, <n>, <m> */
bool a32_trans_VMLS(struct a32_ctx *s, const struct args_neon3 *a)
{
    return multiply_add(s, a, IR_vsub);
}

/* VMUL.P8 <d>, <n>, <m> */
bool a32_trans_VMUL_poly(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vpmul, IR_vpmul);
}

/* d = op of adjacent pairs of n, then of m */
static bool pairwise(struct a32_ctx *s, const struct args_neon3 *a,
                     enum ir_opc op)
{
    struct ir_val n = neon_ld(s, false, a->n), m = neon_ld(s, false, a->m);
    struct ir_val even = neon_op2(s, IR_vuzp_even, n, m, a->size);
    struct ir_val odd = neon_op2(s, IR_vuzp_odd, n, m, a->size);

    return neon_st(s, a->d, neon_op2(s, op, even, odd, a->size));
}

/* VPMAX.<dt> <Dd>, <Dn>, <Dm> */
bool a32_trans_VPMAX(struct a32_ctx *s, const struct args_neon3 *a)
{
    return pairwise(s, a, a->u ? IR_vmax_u : IR_vmax_s);
}

/* VPMIN.<dt> <Dd>, <Dn>, <Dm> */
bool a32_trans_VPMIN(struct a32_ctx *s, const struct args_neon3 *a)
{
    return pairwise(s, a, a->u ? IR_vmin_u : IR_vmin_s);
}

/* VPADD.<dt> <Dd>, <Dn>, <Dm> */
bool a32_trans_VPADD(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vpadd, IR_vpadd);
}

static bool doubling_high(struct a32_ctx *s, const struct args_neon3 *a,
                          bool round)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, simd_qdmulh(s->ir, neon_ld(s, a->q, a->n),
                                        neon_ld(s, a->q, a->m), a->size,
                                        round));
}

/* VQDMULH.<dt> <d>, <n>, <m> */
bool a32_trans_VQDMULH(struct a32_ctx *s, const struct args_neon3 *a)
{
    return doubling_high(s, a, false);
}

/* VQRDMULH.<dt> <d>, <n>, <m> */
bool a32_trans_VQRDMULH(struct a32_ctx *s, const struct args_neon3 *a)
{
    return doubling_high(s, a, true);
}
