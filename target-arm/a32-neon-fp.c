/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD: floating point (DDI 0406C A7.4).  All of it runs under fp env
 * 1: round to nearest, flush to zero, default NaN (A2.7.3), whatever FPSCR
 * says.  Sticky flags reach FPSCR like those of VFP.
 */
#include "config.h"

#include "target-arm/a32-neon.h"
#include "tcg/ir-build.h"
#include "util/softfloat.h"

static bool same_ok(const struct args_neon3 *a)
{
    return !neon_odd(a->q, a->d | a->n | a->m);
}

static bool two_ok(const struct args_neon2 *a)
{
    return !neon_odd(a->q, a->d | a->m);
}

/* ---- three registers ---- */

static bool same(struct a32_ctx *s, const struct args_neon3 *a, enum ir_opc op)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, neon_fp2(s, op, neon_ld(s, a->q, a->n),
                                     neon_ld(s, a->q, a->m)));
}

/* VADD.F32 <d>, <n>, <m> */
bool a32_trans_VADD_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vfadd);
}

/* VSUB.F32 <d>, <n>, <m> */
bool a32_trans_VSUB_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vfsub);
}

/* VMUL.F32 <d>, <n>, <m> */
bool a32_trans_VMUL_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vfmul);
}

/* VMAX.F32 <d>, <n>, <m> */
bool a32_trans_VMAX_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vfmax);
}

/* VMIN.F32 <d>, <n>, <m> */
bool a32_trans_VMIN_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vfmin);
}

/* VCEQ.F32 <d>, <n>, <m> */
bool a32_trans_VCEQ_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vfcmpeq);
}

/* VCGE.F32 <d>, <n>, <m> */
bool a32_trans_VCGE_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vfcmpge);
}

/* VCGT.F32 <d>, <n>, <m> */
bool a32_trans_VCGT_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same(s, a, IR_vfcmpgt);
}

/* d = d op n * m, rounded twice */
static bool multiply_add(struct a32_ctx *s, const struct args_neon3 *a,
                         enum ir_opc op)
{
    struct ir_val sum, p;

    if (!same_ok(a))
        return false;
    sum = neon_ld(s, a->q, a->d);       /* first: vfmul and op side by side */
    p = neon_fp2(s, IR_vfmul, neon_ld(s, a->q, a->n), neon_ld(s, a->q, a->m));
    return neon_st(s, a->d, neon_fp2(s, op, sum, p));
}

/* VMLA.F32 <d>, <n>, <m> */
bool a32_trans_VMLA_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return multiply_add(s, a, IR_vfadd);
}

/* VMLS.F32 <d>, <n>, <m> */
bool a32_trans_VMLS_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return multiply_add(s, a, IR_vfsub);
}

static bool fused(struct a32_ctx *s, const struct args_neon3 *a, unsigned neg)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d, ir_v3(s->ir, IR_vfmuladd, neon_type(a->q),
                                  neon_ld(s, a->q, a->n),
                                  neon_ld(s, a->q, a->m),
                                  neon_ld(s, a->q, a->d), 2, FP_ENV_NEON,
                                  neg));
}

/* VFMA.F32 <d>, <n>, <m> */
bool a32_trans_VFMA(struct a32_ctx *s, const struct args_neon3 *a)
{
    return fused(s, a, 0);
}

/* VFMS.F32 <d>, <n>, <m> */
bool a32_trans_VFMS(struct a32_ctx *s, const struct args_neon3 *a)
{
    return fused(s, a, FMA_NEG_PRODUCT);
}

static struct ir_val magnitude(struct a32_ctx *s, struct ir_val v)
{
    return neon_op1(s, IR_vfabs, v, 2, 0);
}

/* VABD.F32 <d>, <n>, <m> */
bool a32_trans_VABD_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d,
                   magnitude(s, neon_fp2(s, IR_vfsub, neon_ld(s, a->q, a->n),
                                         neon_ld(s, a->q, a->m))));
}

static bool absolute_compare(struct a32_ctx *s, const struct args_neon3 *a,
                             enum ir_opc op)
{
    if (!same_ok(a))
        return false;
    return neon_st(s, a->d,
                   neon_fp2(s, op, magnitude(s, neon_ld(s, a->q, a->n)),
                            magnitude(s, neon_ld(s, a->q, a->m))));
}

/* VACGE.F32 <d>, <n>, <m> */
bool a32_trans_VACGE(struct a32_ctx *s, const struct args_neon3 *a)
{
    return absolute_compare(s, a, IR_vfcmpge);
}

/* VACGT.F32 <d>, <n>, <m> */
bool a32_trans_VACGT(struct a32_ctx *s, const struct args_neon3 *a)
{
    return absolute_compare(s, a, IR_vfcmpgt);
}

/* d = op of the pair in n, then of the pair in m */
static bool pairwise(struct a32_ctx *s, const struct args_neon3 *a,
                     enum ir_opc op)
{
    struct ir_val n = neon_ld(s, false, a->n), m = neon_ld(s, false, a->m);

    return neon_st(s, a->d, neon_fp2(s, op, neon_op2(s, IR_vuzp_even, n, m, 2),
                                     neon_op2(s, IR_vuzp_odd, n, m, 2)));
}

/* VPADD.F32 <Dd>, <Dn>, <Dm> */
bool a32_trans_VPADD_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return pairwise(s, a, IR_vfadd);
}

/* VPMAX.F32 <Dd>, <Dn>, <Dm> */
bool a32_trans_VPMAX_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return pairwise(s, a, IR_vfmax);
}

/* VPMIN.F32 <Dd>, <Dn>, <Dm> */
bool a32_trans_VPMIN_f(struct a32_ctx *s, const struct args_neon3 *a)
{
    return pairwise(s, a, IR_vfmin);
}

static bool same_call(struct a32_ctx *s, const struct args_neon3 *a,
                      const struct helper *h)
{
    struct ir_val v[2];

    if (!same_ok(a))
        return false;
    v[0] = neon_ld(s, a->q, a->n);
    v[1] = neon_ld(s, a->q, a->m);
    return neon_st(s, a->d, neon_call(s, h, v, 2, 0));
}

/* VRECPS.F32 <d>, <n>, <m> */
bool a32_trans_VRECPS(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same_call(s, a, &helper_desc_arm_neon_recps);
}

/* VRSQRTS.F32 <d>, <n>, <m> */
bool a32_trans_VRSQRTS(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same_call(s, a, &helper_desc_arm_neon_rsqrts);
}

/* VMAXNM.F32 <d>, <n>, <m> */
bool a32_trans_VMAXNM(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same_call(s, a, &helper_desc_arm_neon_maxnum);
}

/* VMINNM.F32 <d>, <n>, <m> */
bool a32_trans_VMINNM(struct a32_ctx *s, const struct args_neon3 *a)
{
    return same_call(s, a, &helper_desc_arm_neon_minnum);
}

/* ---- two registers ---- */

/* VABS.F32 <d>, <m> */
bool a32_trans_VABS_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (!two_ok(a))
        return false;
    return neon_st(s, a->d, magnitude(s, neon_ld(s, a->q, a->m)));
}

/* VNEG.F32 <d>, <m> */
bool a32_trans_VNEG_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (!two_ok(a))
        return false;
    return neon_st(s, a->d, neon_op1(s, IR_vfneg, neon_ld(s, a->q, a->m), 2,
                                     0));
}

/* Compare m with zero, or zero with m */
static bool compare_zero(struct a32_ctx *s, const struct args_neon2 *a,
                         enum ir_opc op, bool swap)
{
    struct ir_val m, zero;

    if (!two_ok(a))
        return false;
    m = neon_ld(s, a->q, a->m);
    zero = neon_splat(s, neon_type(a->q), 3, 0);
    return neon_st(s, a->d, neon_fp2(s, op, swap ? zero : m, swap ? m : zero));
}

/* VCGT.F32 <d>, <m>, #0 */
bool a32_trans_VCGT0_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vfcmpgt, false);
}

/* VCGE.F32 <d>, <m>, #0 */
bool a32_trans_VCGE0_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vfcmpge, false);
}

/* VCEQ.F32 <d>, <m>, #0 */
bool a32_trans_VCEQ0_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vfcmpeq, false);
}

/* VCLE.F32 <d>, <m>, #0 */
bool a32_trans_VCLE0_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vfcmpge, true);
}

/* VCLT.F32 <d>, <m>, #0 */
bool a32_trans_VCLT0_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    return compare_zero(s, a, IR_vfcmpgt, true);
}

static bool two_call(struct a32_ctx *s, const struct args_neon2 *a,
                     const struct helper *h, uint32_t constant)
{
    struct ir_val v;

    if (!two_ok(a))
        return false;
    v = neon_ld(s, a->q, a->m);
    return neon_st(s, a->d, neon_call(s, h, &v, 1, constant));
}

/* VRECPE.U32 <d>, <m> */
bool a32_trans_VRECPE(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_recpe_u, 0);
}

/* VRSQRTE.U32 <d>, <m> */
bool a32_trans_VRSQRTE(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_rsqrte_u, 0);
}

/* VRECPE.F32 <d>, <m> */
bool a32_trans_VRECPE_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_recpe_f, 0);
}

/* VRSQRTE.F32 <d>, <m> */
bool a32_trans_VRSQRTE_f(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_rsqrte_f, 0);
}

/* VRINT{N,A,Z,M,P,X}.F32 <d>, <m>; bit 8 asks for inexact */
bool a32_trans_VRINTN(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_rint, FP_ROUND_NEAREST_EVEN);
}

bool a32_trans_VRINTA(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_rint, FP_ROUND_NEAREST_AWAY);
}

bool a32_trans_VRINTZ(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_rint, FP_ROUND_ZERO);
}

bool a32_trans_VRINTM(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_rint, FP_ROUND_DOWN);
}

bool a32_trans_VRINTP(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_rint, FP_ROUND_UP);
}

bool a32_trans_VRINTX(struct a32_ctx *s, const struct args_neon2 *a)
{
    return two_call(s, a, &helper_desc_arm_neon_rint,
                    FP_ROUND_NEAREST_EVEN | 1 << 8);
}

/* VCVT{A,N,P,M}.{S,U}32.F32 <d>, <m> */
bool a32_trans_VCVT_rm(struct a32_ctx *s, const struct args_neon_cvt_rm *a)
{
    static const uint8_t rounding[4] = {
        FP_ROUND_NEAREST_AWAY, FP_ROUND_NEAREST_EVEN, FP_ROUND_UP,
        FP_ROUND_DOWN,
    };
    struct ir_val v;

    if (neon_odd(a->q, a->d | a->m))
        return false;
    v = neon_ld(s, a->q, a->m);
    return neon_st(s, a->d, neon_call(s, &helper_desc_arm_neon_to_int, &v, 1,
                                      rounding[a->rm] | !a->u << 8));
}

/* ---- conversion ---- */

static struct ir_val convert(struct a32_ctx *s, enum ir_opc op,
                             struct ir_val v)
{
    return neon_op1(s, op, v, 2, FP_ENV_NEON);
}

/* VCVT.F32.{S,U}32 <d>, <m> */
bool a32_trans_VCVT_from_int(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (!two_ok(a))
        return false;
    return neon_st(s, a->d,
                   convert(s, a->u ? IR_vfcvt_from_u : IR_vfcvt_from_s,
                           neon_ld(s, a->q, a->m)));
}

/* VCVT.{S,U}32.F32 <d>, <m> */
bool a32_trans_VCVT_to_int(struct a32_ctx *s, const struct args_neon2 *a)
{
    if (!two_ok(a))
        return false;
    return neon_st(s, a->d, ir_v1_round(s->ir, a->u ? IR_vfcvt_u : IR_vfcvt_s, neon_type(a->q), neon_ld(s, a->q, a->m), 2,
                                        FP_ENV_NEON, IR_ROUND_ZERO));
}

/* VCVT.F32.{S,U}32 <d>, <m>, #<fbits>: the scaling is exact */
bool a32_trans_VCVT_from_fixed(struct a32_ctx *s,
                               const struct args_neon_shift *a)
{
    struct ir_val v, scale;

    if (neon_odd(a->q, a->d | a->m))
        return false;
    v = convert(s, a->u ? IR_vfcvt_from_u : IR_vfcvt_from_s,
                neon_ld(s, a->q, a->m));
    scale = neon_splat(s, neon_type(a->q), 2, (127ull - (32 - a->imm)) << 23);
    return neon_st(s, a->d, neon_fp2(s, IR_vfmul, v, scale));
}

/* VCVT.{S,U}32.F32 <d>, <m>, #<fbits> */
bool a32_trans_VCVT_to_fixed(struct a32_ctx *s,
                             const struct args_neon_shift *a)
{
    struct ir_val v;

    if (neon_odd(a->q, a->d | a->m))
        return false;
    v = neon_ld(s, a->q, a->m);
    return neon_st(s, a->d, neon_call(s, &helper_desc_arm_neon_to_fixed, &v, 1,
                                      FP_FIXED(32, 32 - a->imm, !a->u)));
}

/* VCVT.F32.F16 <Qd>, <Dm> */
bool a32_trans_VCVT_from_half(struct a32_ctx *s, const struct args_neon2 *a)
{
    struct ir_val m, r[2];

    if (a->d & 1)
        return false;
    m = neon_ld(s, false, a->m);
    for (unsigned i = 0; i < 2; i++)
        r[i] = ir_call(s->ir, arm_neon_from_half, m, ir_const(s->ir, I32, i));
    return neon_st(s, a->d, ir_v2(s->ir, IR_vconcat, V128, r[0], r[1], 0, 0));
}

/* VCVT.F16.F32 <Dd>, <Qm> */
bool a32_trans_VCVT_to_half(struct a32_ctx *s, const struct args_neon2 *a)
{
    struct ir_val m, lo, hi;

    if (a->m & 1)
        return false;
    m = neon_ld(s, true, a->m);
    lo = ir_call(s->ir, arm_neon_to_half, ir_v1(s->ir, IR_vlow, V64, m, 0, 0));
    hi = ir_call(s->ir, arm_neon_to_half,
                 ir_v1(s->ir, IR_vhigh, V64, m, 0, 0));
    return neon_st(s, a->d, ir_concat32(s->ir, lo, hi));
}
