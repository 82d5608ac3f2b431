/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD: three registers of different lengths (DDI 0406C A7.4.2) and
 * two registers and a scalar (A7.4.3), with the FP forms of the latter.
 */
#include "config.h"

#include "target-arm/a32-neon.h"
#include "tcg/ir-build.h"

/* Double n widened to a quadword of elements twice the size */
static struct ir_val widen(struct a32_ctx *s, unsigned n, unsigned size,
                           bool u)
{
    return ir_v1(s->ir, u ? IR_vwiden_u : IR_vwiden_s, V128,
                 neon_ld(s, false, n), size, 0);
}

/* ---- three registers of different lengths ---- */

static bool add_long(struct a32_ctx *s, const struct args_neon3d *a,
                     enum ir_opc op)
{
    if (a->d & 1)
        return false;
    return neon_st(s, a->d, neon_op2(s, op, widen(s, a->n, a->size, a->u),
                                     widen(s, a->m, a->size, a->u),
                                     a->size + 1));
}

/* VADDL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VADDL(struct a32_ctx *s, const struct args_neon3d *a)
{
    return add_long(s, a, IR_vadd);
}

/* VSUBL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VSUBL(struct a32_ctx *s, const struct args_neon3d *a)
{
    return add_long(s, a, IR_vsub);
}

static bool add_wide(struct a32_ctx *s, const struct args_neon3d *a,
                     enum ir_opc op)
{
    if ((a->d | a->n) & 1)
        return false;
    return neon_st(s, a->d, neon_op2(s, op, neon_ld(s, true, a->n),
                                     widen(s, a->m, a->size, a->u),
                                     a->size + 1));
}

/* VADDW.<dt> <Qd>, <Qn>, <Dm> */
bool a32_trans_VADDW(struct a32_ctx *s, const struct args_neon3d *a)
{
    return add_wide(s, a, IR_vadd);
}

/* VSUBW.<dt> <Qd>, <Qn>, <Dm> */
bool a32_trans_VSUBW(struct a32_ctx *s, const struct args_neon3d *a)
{
    return add_wide(s, a, IR_vsub);
}

/* High halves of sums of quadwords */
static bool add_high(struct a32_ctx *s, const struct args_neon3d *a,
                     enum ir_opc op, bool round)
{
    unsigned wide = a->size + 1, bits = neon_bits(a->size);
    struct ir_val v;

    if ((a->n | a->m) & 1)
        return false;
    v = neon_op2(s, op, neon_ld(s, true, a->n), neon_ld(s, true, a->m), wide);
    if (round)
        v = neon_op2(s, IR_vadd, v,
                     neon_splat(s, V128, wide, 1ull << (bits - 1)), wide);
    v = neon_op1(s, IR_vshri_u, v, wide, bits);
    return neon_st(s, a->d, ir_v1(s->ir, IR_vnarrow, V64, v, wide, 0));
}

/* VADDHN.<dt> <Dd>, <Qn>, <Qm> */
bool a32_trans_VADDHN(struct a32_ctx *s, const struct args_neon3d *a)
{
    return add_high(s, a, IR_vadd, false);
}

/* VRADDHN.<dt> <Dd>, <Qn>, <Qm> */
bool a32_trans_VRADDHN(struct a32_ctx *s, const struct args_neon3d *a)
{
    return add_high(s, a, IR_vadd, true);
}

/* VSUBHN.<dt> <Dd>, <Qn>, <Qm> */
bool a32_trans_VSUBHN(struct a32_ctx *s, const struct args_neon3d *a)
{
    return add_high(s, a, IR_vsub, false);
}

/* VRSUBHN.<dt> <Dd>, <Qn>, <Qm> */
bool a32_trans_VRSUBHN(struct a32_ctx *s, const struct args_neon3d *a)
{
    return add_high(s, a, IR_vsub, true);
}

/* The difference's magnitude fits the narrow element. */
static struct ir_val abd_long(struct a32_ctx *s, const struct args_neon3d *a)
{
    struct ir_val v = simd_abd(s->ir, neon_ld(s, false, a->n),
                               neon_ld(s, false, a->m), a->size, a->u);

    return ir_v1(s->ir, IR_vwiden_u, V128, v, a->size, 0);
}

/* VABDL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VABDL(struct a32_ctx *s, const struct args_neon3d *a)
{
    if (a->d & 1)
        return false;
    return neon_st(s, a->d, abd_long(s, a));
}

/* VABAL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VABAL(struct a32_ctx *s, const struct args_neon3d *a)
{
    if (a->d & 1)
        return false;
    return neon_st(s, a->d, neon_op2(s, IR_vadd, neon_ld(s, true, a->d),
                                     abd_long(s, a), a->size + 1));
}

static struct ir_val mull(struct a32_ctx *s, struct ir_val n, struct ir_val m,
                          unsigned size, bool u)
{
    return ir_v2(s->ir, u ? IR_vmull_u : IR_vmull_s, V128, n, m, size, 0);
}

/* Qd = Qd op n * m */
static bool mull_acc(struct a32_ctx *s, unsigned d, enum ir_opc op,
                     struct ir_val product, unsigned size)
{
    return neon_st(s, d, neon_op2(s, op, neon_ld(s, true, d), product,
                                  size + 1));
}

/* 2 * n * m, saturated with QC */
static struct ir_val qdmull(struct a32_ctx *s, struct ir_val n,
                            struct ir_val m, unsigned size)
{
    struct ir_val p = mull(s, n, m, size, false);

    return neon_qadd(s, IR_vqadd_s, p, p, size + 1);
}

static bool qdmull_acc(struct a32_ctx *s, unsigned d, enum ir_opc op,
                       struct ir_val product, unsigned size)
{
    return neon_st(s, d, neon_qadd(s, op, neon_ld(s, true, d), product,
                                   size + 1));
}

static struct ir_val product3d(struct a32_ctx *s, const struct args_neon3d *a)
{
    return mull(s, neon_ld(s, false, a->n), neon_ld(s, false, a->m), a->size,
                a->u);
}

static struct ir_val qproduct3d(struct a32_ctx *s,
                                const struct args_neon3d *a)
{
    return qdmull(s, neon_ld(s, false, a->n), neon_ld(s, false, a->m),
                  a->size);
}

/* VMULL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VMULL(struct a32_ctx *s, const struct args_neon3d *a)
{
    return a->d & 1 ? false : neon_st(s, a->d, product3d(s, a));
}

/* VMLAL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VMLAL(struct a32_ctx *s, const struct args_neon3d *a)
{
    if (a->d & 1)
        return false;
    return mull_acc(s, a->d, IR_vadd, product3d(s, a), a->size);
}

/* VMLSL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VMLSL(struct a32_ctx *s, const struct args_neon3d *a)
{
    if (a->d & 1)
        return false;
    return mull_acc(s, a->d, IR_vsub, product3d(s, a), a->size);
}

/* VQDMULL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VQDMULL(struct a32_ctx *s, const struct args_neon3d *a)
{
    return a->d & 1 ? false : neon_st(s, a->d, qproduct3d(s, a));
}

/* VQDMLAL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VQDMLAL(struct a32_ctx *s, const struct args_neon3d *a)
{
    if (a->d & 1)
        return false;
    return qdmull_acc(s, a->d, IR_vqadd_s, qproduct3d(s, a), a->size);
}

/* VQDMLSL.<dt> <Qd>, <Dn>, <Dm> */
bool a32_trans_VQDMLSL(struct a32_ctx *s, const struct args_neon3d *a)
{
    if (a->d & 1)
        return false;
    return qdmull_acc(s, a->d, IR_vqsub_s, qproduct3d(s, a), a->size);
}

/* VMULL.P8 <Qd>, <Dn>, <Dm> */
bool a32_trans_VMULL_poly(struct a32_ctx *s, const struct args_neon3d *a)
{
    if (a->d & 1)
        return false;
    return neon_st(s, a->d, ir_v2(s->ir, IR_vpmull, V128,
                                  neon_ld(s, false, a->n),
                                  neon_ld(s, false, a->m), 0, 0));
}

/* ---- two registers and a scalar ---- */

static bool scalar_ok(const struct args_neon2s *a)
{
    return !neon_odd(a->q, a->d | a->n);
}

static struct ir_val scalar(struct a32_ctx *s, const struct args_neon2s *a)
{
    return neon_lane(s, neon_type(a->q), a->m, a->size, a->index);
}

static struct ir_val int_product(struct a32_ctx *s,
                                 const struct args_neon2s *a)
{
    return neon_op2(s, IR_vmul, neon_ld(s, a->q, a->n), scalar(s, a), a->size);
}

/* VMUL.<dt> <d>, <n>, <Dm[x]> */
bool a32_trans_VMUL_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    return scalar_ok(a) && neon_st(s, a->d, int_product(s, a));
}

/* VMLA.<dt> <d>, <n>, <Dm[x]> */
bool a32_trans_VMLA_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (!scalar_ok(a))
        return false;
    return neon_st(s, a->d, neon_op2(s, IR_vadd, neon_ld(s, a->q, a->d),
                                     int_product(s, a), a->size));
}

/* VMLS.<dt> <d>, <n>, <Dm[x]> */
bool a32_trans_VMLS_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (!scalar_ok(a))
        return false;
    return neon_st(s, a->d, neon_op2(s, IR_vsub, neon_ld(s, a->q, a->d),
                                     int_product(s, a), a->size));
}

static struct ir_val fp_product(struct a32_ctx *s,
                                const struct args_neon2s *a)
{
    return neon_fp2(s, IR_vfmul, neon_ld(s, a->q, a->n), scalar(s, a));
}

/* VMUL.F32 <d>, <n>, <Dm[x]> */
bool a32_trans_VMUL_f_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    return scalar_ok(a) && neon_st(s, a->d, fp_product(s, a));
}

/* VMLA.F32 <d>, <n>, <Dm[x]> */
bool a32_trans_VMLA_f_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (!scalar_ok(a))
        return false;
    return neon_st(s, a->d, neon_fp2(s, IR_vfadd, neon_ld(s, a->q, a->d),
                                     fp_product(s, a)));
}

/* VMLS.F32 <d>, <n>, <Dm[x]> */
bool a32_trans_VMLS_f_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (!scalar_ok(a))
        return false;
    return neon_st(s, a->d, neon_fp2(s, IR_vfsub, neon_ld(s, a->q, a->d),
                                     fp_product(s, a)));
}

static struct ir_val long_product(struct a32_ctx *s,
                                  const struct args_neon2s *a)
{
    return mull(s, neon_ld(s, false, a->n), scalar(s, a), a->size, a->u);
}

static struct ir_val long_qproduct(struct a32_ctx *s,
                                   const struct args_neon2s *a)
{
    return qdmull(s, neon_ld(s, false, a->n), scalar(s, a), a->size);
}

/* VMULL.<dt> <Qd>, <Dn>, <Dm[x]> */
bool a32_trans_VMULL_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    return a->d & 1 ? false : neon_st(s, a->d, long_product(s, a));
}

/* VMLAL.<dt> <Qd>, <Dn>, <Dm[x]> */
bool a32_trans_VMLAL_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (a->d & 1)
        return false;
    return mull_acc(s, a->d, IR_vadd, long_product(s, a), a->size);
}

/* VMLSL.<dt> <Qd>, <Dn>, <Dm[x]> */
bool a32_trans_VMLSL_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (a->d & 1)
        return false;
    return mull_acc(s, a->d, IR_vsub, long_product(s, a), a->size);
}

/* VQDMULL.<dt> <Qd>, <Dn>, <Dm[x]> */
bool a32_trans_VQDMULL_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    return a->d & 1 ? false : neon_st(s, a->d, long_qproduct(s, a));
}

/* VQDMLAL.<dt> <Qd>, <Dn>, <Dm[x]> */
bool a32_trans_VQDMLAL_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (a->d & 1)
        return false;
    return qdmull_acc(s, a->d, IR_vqadd_s, long_qproduct(s, a), a->size);
}

/* VQDMLSL.<dt> <Qd>, <Dn>, <Dm[x]> */
bool a32_trans_VQDMLSL_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (a->d & 1)
        return false;
    return qdmull_acc(s, a->d, IR_vqsub_s, long_qproduct(s, a), a->size);
}

/* VQDMULH.<dt> <d>, <n>, <Dm[x]> */
bool a32_trans_VQDMULH_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (!scalar_ok(a))
        return false;
    return neon_st(s, a->d, simd_qdmulh(s->ir, neon_ld(s, a->q, a->n),
                                        scalar(s, a), a->size, false));
}

/* VQRDMULH.<dt> <d>, <n>, <Dm[x]> */
bool a32_trans_VQRDMULH_sc(struct a32_ctx *s, const struct args_neon2s *a)
{
    if (!scalar_ok(a))
        return false;
    return neon_st(s, a->d, simd_qdmulh(s->ir, neon_ld(s, a->q, a->n),
                                        scalar(s, a), a->size, true));
}
