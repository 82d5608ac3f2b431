/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 Advanced SIMD floating point (DDI 0487 C4.1.96, C7.2): operations of one register, roundings and conversions. See
 * a64-simdfp.c.
 */
#include "config.h"

#include "target-arm/a32-fp.h"
#include "target-arm/a64-simdfp-trans.h"
#include "util/softfloat.h"

#define HELPER_INC "target-arm/helpers-simdfp.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

enum { SINGLE = 2, DOUBLE = 3 };

/* Roundings as a64_fp_rounding and a64_ir_round have them */
enum { R_NEAREST, R_UP, R_DOWN, R_ZERO, R_AWAY, R_FPCR };

static void call_vfp(struct a64_ctx *s, const struct helper *h, uint32_t what, uint32_t regs)
{
    struct ir_val v[2] = { a64_imm(s, false, what), a64_imm(s, false, regs) };

    ir_call_n(s->ir, h, v, 2);
}

static bool lanes1(struct a64_ctx *s, const struct args_vfp2 *a, enum vfp1 op, uint32_t arg)
{
    if (!a64_fp_off(s)) {
        call_vfp(s, &helper_desc_a64_vfp1, VFP_WHAT(op, a->size, a64_lanes(a->scalar, a->q, a->size), arg),
                     VFP_REGS(a->rd, a->rn));
    }
    return true;
}

static bool unary(struct a64_ctx *s, const struct args_vfp2 *a, enum ir_opc opc)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a64_vec_op1(s, a->q, opc, a64_read_vec(s, a->q, a->rn), a->size, 0));
    }
    return true;
}

/* FABS <Vd>.<T>, <Vn>.<T> */
bool a64_trans_FABS_v(struct a64_ctx *s, const struct args_vfp2 *a)
{
    return unary(s, a, IR_vfabs);
}

/* FNEG <Vd>.<T>, <Vn>.<T> */
bool a64_trans_FNEG_v(struct a64_ctx *s, const struct args_vfp2 *a)
{
    return unary(s, a, IR_vfneg);
}

/* FSQRT <Vd>.<T>, <Vn>.<T> */
bool a64_trans_FSQRT_v(struct a64_ctx *s, const struct args_vfp2 *a)
{
    return unary(s, a, IR_vfsqrt);
}

/* <op> <Vd>.<T>, <Vn>.<T> and <op> <V>d, <V>n */
#define LANES1(name, op, arg)                                                  \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_vfp2 *a)        \
    {                                                                          \
        return lanes1(s, a, op, arg);                                          \
    }

LANES1(FRECPE_v, VFP_RECPE, 0)
LANES1(FRSQRTE_v, VFP_RSQRTE, 0)
LANES1(FRECPE_s, VFP_RECPE, 0)
LANES1(FRSQRTE_s, VFP_RSQRTE, 0)
LANES1(FRECPX_s, VFP_RECPX, 0)
LANES1(FRINT32Z_v, VFP_RINTN, a64_fp_rounding(R_ZERO) | 32 << 8)
LANES1(FRINT64Z_v, VFP_RINTN, a64_fp_rounding(R_ZERO) | 64 << 8)
LANES1(FRINT32X_v, VFP_RINTN, a64_fp_rounding(R_FPCR) | 32 << 8)
LANES1(FRINT64X_v, VFP_RINTN, a64_fp_rounding(R_FPCR) | 64 << 8)

static bool round_to_int(struct a64_ctx *s, const struct args_vfp2 *a, unsigned r, bool exact)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a64_vec_op1(s, a->q, IR_vfrint, a64_read_vec(s, a->q, a->rn), a->size,
                                          a64_ir_round(r) | (exact ? VFRINT_EXACT : 0u)));
    }
    return true;
}

/* FRINT<r> <Vd>.<T>, <Vn>.<T> */
#define ROUND(name, r, exact)                                                  \
    bool a64_trans_##name##_v(struct a64_ctx *s, const struct args_vfp2 *a)    \
    {                                                                          \
        return round_to_int(s, a, r, exact);                                   \
    }

ROUND(FRINTN, R_NEAREST, false)
ROUND(FRINTP, R_UP, false)
ROUND(FRINTM, R_DOWN, false)
ROUND(FRINTZ, R_ZERO, false)
ROUND(FRINTA, R_AWAY, false)
ROUND(FRINTI, R_FPCR, false)
ROUND(FRINTX, R_FPCR, true)

/* ---- Integers and fixed point ---- */

static bool to_int(struct a64_ctx *s, const struct args_vfp2 *a, unsigned r, bool is_signed)
{
    struct ir *ir = s->ir;
    enum ir_type t = a->size == DOUBLE ? I64 : I32;
    struct ir_val v;

    if (a->size < SINGLE) {
        return lanes1(s, a, VFP_TO_INT, VFP_INT(a64_fp_rounding(r), is_signed, 0));
    }
    if (a64_fp_off(s)) {
        return true;
    }
    if (a->scalar) {
        v = a64_read_fp(s, a->size == DOUBLE, a->rn);
        v = is_signed ? ir_fcvt_s(ir, t, v, A64_FP_ENV, a64_ir_round(r)) : ir_fcvt_u(ir, t, v, A64_FP_ENV, a64_ir_round(r));
    } else {
        v = a64_vec_op1(s, a->q, is_signed ? IR_vfcvt_s : IR_vfcvt_u, a64_read_vec(s, a->q, a->rn), a->size, a64_ir_round(r));
    }
    a64_write_v(s, a->rd, v);
    return true;
}

/* FCVT<r>{S,U} <Vd>.<T>, <Vn>.<T> and FCVT<r>{S,U} <V>d, <V>n */
#define TO_INT(name, r, is_signed)                                             \
    bool a64_trans_##name##_v(struct a64_ctx *s, const struct args_vfp2 *a)    \
    {                                                                          \
        return to_int(s, a, r, is_signed);                                     \
    }                                                                          \
    bool a64_trans_##name##_s(struct a64_ctx *s, const struct args_vfp2 *a)    \
    {                                                                          \
        return to_int(s, a, r, is_signed);                                     \
    }

TO_INT(FCVTNS, R_NEAREST, true)
TO_INT(FCVTNU, R_NEAREST, false)
TO_INT(FCVTPS, R_UP, true)
TO_INT(FCVTPU, R_UP, false)
TO_INT(FCVTMS, R_DOWN, true)
TO_INT(FCVTMU, R_DOWN, false)
TO_INT(FCVTZS, R_ZERO, true)
TO_INT(FCVTZU, R_ZERO, false)
TO_INT(FCVTAS, R_AWAY, true)
TO_INT(FCVTAU, R_AWAY, false)

/* The same with fraction bits: FCVTZ{S,U} <Vd>.<T>, <Vn>.<T>, #<fbits> */
static bool to_fixed(struct a64_ctx *s, const struct args_vfpfix *a, bool is_signed)
{
    const struct args_vfp2 two = { .scalar = a->scalar, .q = a->q, .size = a->size, .rd = a->rd, .rn = a->rn };

    return lanes1(s, &two, VFP_TO_INT, VFP_INT(FP_ROUND_ZERO, is_signed, a->frac));
}

/* 2^-frac as F32 or F64 bits */
static uint64_t scale_bits(unsigned size, unsigned frac)
{
    return size == DOUBLE ? (uint64_t)(1023 - frac) << 52 : (uint64_t)(127 - frac) << 23;
}

/* The multiplication by a power of two is exact: the smallest result but 0 is 2^-64. */
static bool from_fixed(struct a64_ctx *s, const struct args_vfpfix *a, bool is_signed)
{
    struct ir *ir = s->ir;
    bool dp = a->size == DOUBLE;
    uint64_t scale = scale_bits(a->size, a->frac);
    struct ir_val v;

    if (a->size < SINGLE) {
        const struct args_vfp2 two = { .scalar = a->scalar, .q = a->q, .size = a->size, .rd = a->rd, .rn = a->rn };

        return lanes1(s, &two, VFP_FROM_INT, VFP_INT(0, is_signed, a->frac));
    }
    if (a64_fp_off(s)) {
        return true;
    }
    if (a->scalar) {
        v = ir_state_ld(ir, dp ? I64 : I32, ARM_OFF_Q(a->rn));
        v = is_signed ? ir_fcvt_from_s(ir, dp ? F64 : F32, v, A64_FP_ENV) : ir_fcvt_from_u(ir, dp ? F64 : F32, v, A64_FP_ENV);
        v = a->frac ? ir_fmul(ir, v, ir_const(ir, dp ? F64 : F32, scale), A64_FP_ENV) : v;
    } else {
        v = a64_vec_op1(s, a->q, is_signed ? IR_vfcvt_from_s : IR_vfcvt_from_u, a64_read_vec(s, a->q, a->rn), a->size, 0);
        scale |= dp ? 0 : scale << 32;
        if (a->frac) {
            v = a64_vec_op2(s, a->q, IR_vfmul, v, a->q ? ir_const_v128(ir, scale, scale) : ir_const(ir, V64, scale), a->size);
        }
    }
    a64_write_v(s, a->rd, v);
    return true;
}

static bool from_int(struct a64_ctx *s, const struct args_vfp2 *a, bool is_signed)
{
    const struct args_vfpfix f = { .scalar = a->scalar, .q = a->q, .size = a->size, .rd = a->rd, .rn = a->rn, .frac = 0 };

    return from_fixed(s, &f, is_signed);
}

/* SCVTF, UCVTF <Vd>.<T>, <Vn>.<T>{, #<fbits>}, <V>d, <V>n{, #<fbits>} */
#define FROM_INT(name, is_signed)                                              \
    bool a64_trans_##name##_v(struct a64_ctx *s, const struct args_vfp2 *a)    \
    {                                                                          \
        return from_int(s, a, is_signed);                                      \
    }                                                                          \
    bool a64_trans_##name##_s(struct a64_ctx *s, const struct args_vfp2 *a)    \
    {                                                                          \
        return from_int(s, a, is_signed);                                      \
    }                                                                          \
    bool a64_trans_##name##_vf(struct a64_ctx *s, const struct args_vfpfix *a) \
    {                                                                          \
        return from_fixed(s, a, is_signed);                                    \
    }                                                                          \
    bool a64_trans_##name##_sf(struct a64_ctx *s, const struct args_vfpfix *a) \
    {                                                                          \
        return from_fixed(s, a, is_signed);                                    \
    }

FROM_INT(SCVTF, true)
FROM_INT(UCVTF, false)

#define TO_FIXED(name, is_signed)                                              \
    bool a64_trans_##name##_vf(struct a64_ctx *s, const struct args_vfpfix *a) \
    {                                                                          \
        return to_fixed(s, a, is_signed);                                      \
    }                                                                          \
    bool a64_trans_##name##_sf(struct a64_ctx *s, const struct args_vfpfix *a) \
    {                                                                          \
        return to_fixed(s, a, is_signed);                                      \
    }

TO_FIXED(FCVTZS, true)
TO_FIXED(FCVTZU, false)

/* ---- Precision ---- */

/* FCVTL{2} <Vd>.<Ta>, <Vn>.<Tb> */
bool a64_trans_FCVTL(struct a64_ctx *s, const struct args_vfpcvt *a)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    v = a64_read_vec(s, a->q, a->rn);
    v = a->q ? ir_v1(s->ir, IR_vhigh, V64, v, 0, 0) : v;
    a64_write_v(s, a->rd, ir_v1(s->ir, IR_vfwiden, V128, v, a->size, A64_FP_ENV));
    return true;
}

/* FCVTN{2} <Vd>.<Tb>, <Vn>.<Ta> */
bool a64_trans_FCVTN(struct a64_ctx *s, const struct args_vfpcvt *a)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    v = ir_v1(s->ir, IR_vfnarrow, V64, a64_read_vec(s, true, a->rn), a->size + 1, A64_FP_ENV);
    a64_write_v(s, a->rd, a->q ? ir_v2(s->ir, IR_vconcat, V128, a64_read_vec(s, false, a->rd), v, 0, 0) : v);
    return true;
}

static bool narrow_to_odd(struct a64_ctx *s, const struct args_vfpcvt *a, unsigned lanes)
{
    if (!a64_fp_off(s)) {
        call_vfp(s, &helper_desc_a64_fcvtxn, VFP_WHAT(0, a->size, lanes, a->q), VFP_REGS(a->rd, a->rn));
    }
    return true;
}

/* FCVTXN{2} <Vd>.<Tb>, <Vn>.<Ta> */
bool a64_trans_FCVTXN(struct a64_ctx *s, const struct args_vfpcvt *a)
{
    return narrow_to_odd(s, a, 2);
}

/* FCVTXN <Sd>, <Dn> */
bool a64_trans_FCVTXN_s(struct a64_ctx *s, const struct args_vfpcvt *a)
{
    return narrow_to_odd(s, a, 1);
}

/* FRINT{32,64}{Z,X} <d>, <n>; exact: with FPCR's rounding */
static bool round_n(struct a64_ctx *s, const struct args_fp_rintn *a)
{
    struct ir_val v[3];

    if (a64_fp_off(s)) {
        return true;
    }
    v[0] = a64_read_fp(s, a->dp, a->rn);
    v[1] = a64_imm(s, false, a->bits);
    v[2] = a64_imm(s, false, a64_fp_rounding(a->exact ? R_FPCR : R_ZERO));
    a64_write_v(s, a->rd, ir_call_n(s->ir, a->dp ? &helper_desc_a64_f64_rintn : &helper_desc_a64_f32_rintn, v, 3));
    return true;
}

#define ROUND_N(name)                                                              \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_fp_rintn *a)        \
    {                                                                              \
        return round_n(s, a);                                                      \
    }

ROUND_N(FRINT32Z)
ROUND_N(FRINT32X)
ROUND_N(FRINT64Z)
ROUND_N(FRINT64X)

/* FJCVTZS <Wd>, <Dn>: N = C = V = 0, Z: the conversion was exact */
bool a64_trans_FJCVTZS(struct a64_ctx *s, const struct args_js *a)
{
    struct ir *ir = s->ir;
    struct ir_val v, z;

    if (a64_fp_off(s)) {
        return true;
    }
    v = ir_call(ir, a64_fjcvtzs, a64_read_fp(s, true, a->rn));
    z = ir_trunc(ir, ir_shri(ir, v, 32));
    a64_set_reg(s, a->rd, ir_trunc(ir, v));
    a64_set_flags(s, ir_flags_from_bits(ir, ir_mul(ir, z, a64_imm(s, false, FLAG_Z))));
    return true;
}
