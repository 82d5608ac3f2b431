/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 Advanced SIMD floating point (DDI 0487 C4.1.96, C7.2): arithmetic and compares of vectors, scalars (_s) and elements (_ve,
 * _se). Conversions and roundings are in a64-simdfp-cvt.c, scalar half precision in a64-half.c.
 *
 * All of it obeys FPCR (fp env 0). Single and double go to vector ops of the IR, or for scalars to scalar ops, where there is one;
 * half precision and what is rare goes to helpers that work on V registers.
 */
#include "config.h"

#include "target-arm/a64-simdfp-trans.h"
#include "util/softfloat.h"

#define HELPER_INC "target-arm/helpers-simdfp.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

enum { SINGLE = 2, DOUBLE = 3 };

/* ---- Functions of the decode table ---- */

/* An element's number from H and, below it, n bits */
static uint32_t a64_index(struct a64_ctx *s, uint32_t high, uint32_t low, uint32_t n)
{
    (void)s;
    return high << n | low;
}

/* FCADD has 90 and 270 degrees. */
static uint32_t a64_fcadd_rot(struct a64_ctx *s, uint32_t rot)
{
    (void)s;
    return rot ? 3 : 1;
}

/* Fraction bits from immh:immb, of which the top bit has gone with the element's size */
static uint32_t a64_fbits(struct a64_ctx *s, uint32_t shift, uint32_t bits)
{
    (void)s;
    return bits - shift;
}

static uint32_t a64_frac(struct a64_ctx *s, uint32_t scale)
{
    (void)s;
    return 64 - scale;
}

static bool need_fp16(struct a64_ctx *s)
{
    return a64_has(s, ARM_FP16_ARITH);
}

static bool need_fhm(struct a64_ctx *s)
{
    return a64_has(s, ARM_FHM);
}

static bool need_fcma(struct a64_ctx *s)
{
    return a64_has(s, ARM_FCMA);
}

static bool need_fcma_fp16(struct a64_ctx *s)
{
    return need_fcma(s) && need_fp16(s);
}

static bool need_jscvt(struct a64_ctx *s)
{
    return a64_has(s, ARM_JSCVT);
}

static bool need_frintts(struct a64_ctx *s)
{
    return a64_has(s, ARM_FRINTTS);
}

#include "target-arm/a64-simdfp.decode.inc"

bool a64_decode_simdfp(struct a64_ctx *s, uint32_t insn)
{
    return decode_a64_simdfp(s, insn);
}

/* ---- Registers and helpers ---- */

struct ir_val a64_read_vec(struct a64_ctx *s, bool q, unsigned n)
{
    return ir_state_ld(s->ir, q ? V128 : V64, ARM_OFF_Q(n));
}

/* Element i of Vn as F32 or F64 */
static struct ir_val read_element(struct a64_ctx *s, unsigned size, unsigned n, unsigned i)
{
    return ir_state_ld(s->ir, size == DOUBLE ? F64 : F32, ARM_OFF_Q(n) + (i << size));
}

/* The element in all lanes */
static struct ir_val dup_element(struct a64_ctx *s, bool q, unsigned size, unsigned n, unsigned i)
{
    return ir_v1(s->ir, IR_vdup_lane, q ? V128 : V64, a64_read_vec(s, true, n), size, i);
}

void a64_call_vfp(struct a64_ctx *s, const struct helper *h, uint32_t what, uint32_t regs)
{
    struct ir_val v[2] = { a64_imm(s, false, what), a64_imm(s, false, regs) };

    ir_call_n(s->ir, h, v, 2);
}

static bool call3(struct a64_ctx *s, const struct args_vfp3 *a, const struct helper *h, enum vfp3 op)
{
    if (!a64_fp_off(s)) {
        a64_call_vfp(s, h, VFP_WHAT(op, a->size, a64_lanes(a->scalar, a->q, a->size), 0), VFP_REGS(a->rd, a->rn, a->rm, 0));
    }
    return true;
}

static bool lanes3(struct a64_ctx *s, const struct args_vfp3 *a, enum vfp3 op)
{
    return call3(s, a, &helper_desc_a64_vfp3, op);
}

static bool pairs(struct a64_ctx *s, const struct args_vfp3 *a, enum vfp3 op)
{
    return call3(s, a, &helper_desc_a64_vfp_pair, op);
}

struct ir_val a64_vec_op1(struct a64_ctx *s, bool q, enum ir_opc opc, struct ir_val n, unsigned size)
{
    return ir_v1(s->ir, opc, q ? V128 : V64, n, size, A64_FP_ENV);
}

static struct ir_val vec_op2(struct a64_ctx *s, bool q, enum ir_opc opc, struct ir_val n, struct ir_val m, unsigned size)
{
    return ir_v2(s->ir, opc, q ? V128 : V64, n, m, size, A64_FP_ENV);
}

/* ---- Three registers ---- */

static bool arith(struct a64_ctx *s, const struct args_vfp3 *a, enum vfp3 op, enum ir_opc opc)
{
    if (a->size < SINGLE) {
        return lanes3(s, a, op);
    }
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, vec_op2(s, a->q, opc, a64_read_vec(s, a->q, a->rn), a64_read_vec(s, a->q, a->rm), a->size));
    }
    return true;
}

/* <op> <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
#define ARITH(name, op, opc)                                                   \
    bool a64_trans_##name##_v(struct a64_ctx *s, const struct args_vfp3 *a)    \
    {                                                                          \
        return arith(s, a, op, opc);                                           \
    }

ARITH(FADD, VFP_ADD, IR_vfadd)
ARITH(FSUB, VFP_SUB, IR_vfsub)
ARITH(FMUL, VFP_MUL, IR_vfmul)
ARITH(FDIV, VFP_DIV, IR_vfdiv)
ARITH(FMAX, VFP_MAX, IR_vfmax)
ARITH(FMIN, VFP_MIN, IR_vfmin)
ARITH(FMAXNM, VFP_MAXNM, IR_vfmaxnum)
ARITH(FMINNM, VFP_MINNM, IR_vfminnum)
ARITH(FCMEQ, VFP_CMEQ, IR_vfcmpeq)
ARITH(FCMGE, VFP_CMGE, IR_vfcmpge)
ARITH(FCMGT, VFP_CMGT, IR_vfcmpgt)

/* The same by the helper for all sizes */
#define LANES3(name, op)                                                       \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_vfp3 *a)        \
    {                                                                          \
        return lanes3(s, a, op);                                               \
    }

LANES3(FMULX_v, VFP_MULX)
LANES3(FRECPS_v, VFP_RECPS)
LANES3(FRSQRTS_v, VFP_RSQRTS)
LANES3(FMULX_s, VFP_MULX)
LANES3(FRECPS_s, VFP_RECPS)
LANES3(FRSQRTS_s, VFP_RSQRTS)

static struct ir_val vec_abs(struct a64_ctx *s, bool q, struct ir_val v, unsigned size)
{
    return a64_vec_op1(s, q, IR_vfabs, v, size);
}

/* FABD <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FABD_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    if (a->size < SINGLE) {
        return lanes3(s, a, VFP_ABD);
    }
    if (!a64_fp_off(s)) {
        struct ir_val v = vec_op2(s, a->q, IR_vfsub, a64_read_vec(s, a->q, a->rn), a64_read_vec(s, a->q, a->rm), a->size);

        a64_write_v(s, a->rd, vec_abs(s, a->q, v, a->size));
    }
    return true;
}

static bool absolute_compare(struct a64_ctx *s, const struct args_vfp3 *a, enum vfp3 op, enum ir_opc opc)
{
    if (a->size < SINGLE) {
        return lanes3(s, a, op);
    }
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, vec_op2(s, a->q, opc, vec_abs(s, a->q, a64_read_vec(s, a->q, a->rn), a->size),
                                      vec_abs(s, a->q, a64_read_vec(s, a->q, a->rm), a->size), a->size));
    }
    return true;
}

/* FACGE <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FACGE_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    return absolute_compare(s, a, VFP_ACGE, IR_vfcmpge);
}

/* FACGT <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FACGT_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    return absolute_compare(s, a, VFP_ACGT, IR_vfcmpgt);
}

static void fused(struct a64_ctx *s, bool q, unsigned size, unsigned rd, unsigned rn, struct ir_val m, unsigned neg)
{
    a64_write_v(s, rd, ir_v3(s->ir, IR_vfmuladd, q ? V128 : V64, a64_read_vec(s, q, rn), m, a64_read_vec(s, q, rd), size,
                             A64_FP_ENV, neg));
}

static bool multiply_add(struct a64_ctx *s, const struct args_vfp3 *a, enum vfp3 op, unsigned neg)
{
    if (a->size < SINGLE) {
        return lanes3(s, a, op);
    }
    if (!a64_fp_off(s)) {
        fused(s, a->q, a->size, a->rd, a->rn, a64_read_vec(s, a->q, a->rm), neg);
    }
    return true;
}

/* FMLA <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FMLA_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    return multiply_add(s, a, VFP_MLA, 0);
}

/* FMLS <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FMLS_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    return multiply_add(s, a, VFP_MLS, FMA_NEG_PRODUCT);
}

/* Pairs of n, then of m: the even lanes with the odd ones */
static bool pairwise(struct a64_ctx *s, const struct args_vfp3 *a, enum vfp3 op, enum ir_opc opc)
{
    enum ir_type t = a->q ? V128 : V64;
    struct ir_val n, m;

    if (a->size < SINGLE) {
        return pairs(s, a, op);
    }
    if (!a64_fp_off(s)) {
        n = a64_read_vec(s, a->q, a->rn);
        m = a64_read_vec(s, a->q, a->rm);
        a64_write_v(s, a->rd, vec_op2(s, a->q, opc, ir_v2(s->ir, IR_vuzp_even, t, n, m, a->size, 0),
                                      ir_v2(s->ir, IR_vuzp_odd, t, n, m, a->size, 0), a->size));
    }
    return true;
}

/* <op> <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
#define PAIRWISE(name, op, opc)                                                \
    bool a64_trans_##name##_v(struct a64_ctx *s, const struct args_vfp3 *a)    \
    {                                                                          \
        return pairwise(s, a, op, opc);                                        \
    }

PAIRWISE(FADDP, VFP_ADD, IR_vfadd)
PAIRWISE(FMAXP, VFP_MAX, IR_vfmax)
PAIRWISE(FMINP, VFP_MIN, IR_vfmin)
PAIRWISE(FMAXNMP, VFP_MAXNM, IR_vfmaxnum)
PAIRWISE(FMINNMP, VFP_MINNM, IR_vfminnum)

/* ---- Scalars ---- */

/* FABD <V>d, <V>n, <V>m */
bool a64_trans_FABD_s(struct a64_ctx *s, const struct args_vfp3 *a)
{
    bool dp = a->size == DOUBLE;

    if (a->size < SINGLE) {
        return lanes3(s, a, VFP_ABD);
    }
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_fabs(s->ir, ir_fsub(s->ir, a64_read_fp(s, dp, a->rn), a64_read_fp(s, dp, a->rm), A64_FP_ENV)));
    }
    return true;
}

/* The scalar in Vn as a vector: zero above it */
static struct ir_val scalar_vec(struct a64_ctx *s, unsigned size, unsigned n)
{
    struct ir_val v = a64_read_vec(s, false, n);

    return size == DOUBLE ? v : ir_v2(s->ir, IR_vand, V64, v, ir_const(s->ir, V64, UINT32_MAX), 0, 0);
}

/* A compare of scalars: the upper lane of singles is not the zeros' result. */
static void scalar_compare(struct a64_ctx *s, unsigned size, unsigned rd, enum ir_opc opc, struct ir_val n, struct ir_val m)
{
    struct ir_val v = vec_op2(s, false, opc, n, m, size);

    a64_write_v(s, rd, size == DOUBLE ? v : ir_v2(s->ir, IR_vand, V64, v, ir_const(s->ir, V64, UINT32_MAX), 0, 0));
}

static bool compare_s(struct a64_ctx *s, const struct args_vfp3 *a, enum vfp3 op, enum ir_opc opc, bool absolute)
{
    struct ir_val n, m;

    if (a->size < SINGLE) {
        return lanes3(s, a, op);
    }
    if (a64_fp_off(s)) {
        return true;
    }
    n = scalar_vec(s, a->size, a->rn);
    m = scalar_vec(s, a->size, a->rm);
    scalar_compare(s, a->size, a->rd, opc, absolute ? vec_abs(s, false, n, a->size) : n,
                   absolute ? vec_abs(s, false, m, a->size) : m);
    return true;
}

/* <op> <V>d, <V>n, <V>m */
#define COMPARE_S(name, op, opc, absolute)                                     \
    bool a64_trans_##name##_s(struct a64_ctx *s, const struct args_vfp3 *a)    \
    {                                                                          \
        return compare_s(s, a, op, opc, absolute);                             \
    }

COMPARE_S(FCMEQ, VFP_CMEQ, IR_vfcmpeq, false)
COMPARE_S(FCMGE, VFP_CMGE, IR_vfcmpge, false)
COMPARE_S(FCMGT, VFP_CMGT, IR_vfcmpgt, false)
COMPARE_S(FACGE, VFP_ACGE, IR_vfcmpge, true)
COMPARE_S(FACGT, VFP_ACGT, IR_vfcmpgt, true)

static bool lanes1(struct a64_ctx *s, const struct args_vfp2 *a, enum vfp1 op)
{
    if (!a64_fp_off(s)) {
        a64_call_vfp(s, &helper_desc_a64_vfp1, VFP_WHAT(op, a->size, a64_lanes(a->scalar, a->q, a->size), 0),
                     VFP_REGS(a->rd, a->rn, 0, 0));
    }
    return true;
}

/* Compare n with zero, or with swap zero with n. */
static bool compare_zero(struct a64_ctx *s, const struct args_vfp2 *a, enum vfp1 op, enum ir_opc opc, bool swap)
{
    struct ir_val n, zero;

    if (a->size < SINGLE) {
        return lanes1(s, a, op);
    }
    if (a64_fp_off(s)) {
        return true;
    }
    zero = a->q ? ir_const_v128(s->ir, 0, 0) : ir_const(s->ir, V64, 0);
    if (a->scalar) {
        n = scalar_vec(s, a->size, a->rn);
        scalar_compare(s, a->size, a->rd, opc, swap ? zero : n, swap ? n : zero);
        return true;
    }
    n = a64_read_vec(s, a->q, a->rn);
    a64_write_v(s, a->rd, vec_op2(s, a->q, opc, swap ? zero : n, swap ? n : zero, a->size));
    return true;
}

/* <op> <Vd>.<T>, <Vn>.<T>, #0.0 and <op> <V>d, <V>n, #0.0 */
#define COMPARE_ZERO(name, op, opc, swap)                                          \
    bool a64_trans_##name##_zero_v(struct a64_ctx *s, const struct args_vfp2 *a)   \
    {                                                                              \
        return compare_zero(s, a, op, opc, swap);                                  \
    }                                                                              \
    bool a64_trans_##name##_zero_s(struct a64_ctx *s, const struct args_vfp2 *a)   \
    {                                                                              \
        return compare_zero(s, a, op, opc, swap);                                  \
    }

COMPARE_ZERO(FCMEQ, VFP_CMEQ0, IR_vfcmpeq, false)
COMPARE_ZERO(FCMGE, VFP_CMGE0, IR_vfcmpge, false)
COMPARE_ZERO(FCMGT, VFP_CMGT0, IR_vfcmpgt, false)
COMPARE_ZERO(FCMLE, VFP_CMLE0, IR_vfcmpge, true)
COMPARE_ZERO(FCMLT, VFP_CMLT0, IR_vfcmpgt, true)

/* <op> <V>d, <Vn>.<T>: both lanes of Vn */
static bool pair_s(struct a64_ctx *s, const struct args_vfp2 *a, enum vfp3 op)
{
    if (!a64_fp_off(s)) {
        a64_call_vfp(s, &helper_desc_a64_vfp_pair, VFP_WHAT(op, a->size, 1, 0), VFP_REGS(a->rd, a->rn, 0, 0));
    }
    return true;
}

typedef struct ir_val fp_fn(struct ir *ir, struct ir_val a, struct ir_val b, unsigned env);

static bool pair_ir(struct a64_ctx *s, const struct args_vfp2 *a, enum vfp3 op, fp_fn *fn)
{
    if (a->size < SINGLE) {
        return pair_s(s, a, op);
    }
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, fn(s->ir, read_element(s, a->size, a->rn, 0), read_element(s, a->size, a->rn, 1), A64_FP_ENV));
    }
    return true;
}

/* FADDP <V>d, <Vn>.<T> */
bool a64_trans_FADDP_s(struct a64_ctx *s, const struct args_vfp2 *a)
{
    return pair_ir(s, a, VFP_ADD, ir_fadd);
}

/* FMAXP <V>d, <Vn>.<T> */
bool a64_trans_FMAXP_s(struct a64_ctx *s, const struct args_vfp2 *a)
{
    return pair_ir(s, a, VFP_MAX, ir_fmax);
}

/* FMINP <V>d, <Vn>.<T> */
bool a64_trans_FMINP_s(struct a64_ctx *s, const struct args_vfp2 *a)
{
    return pair_ir(s, a, VFP_MIN, ir_fmin);
}

/* FMAXNMP <V>d, <Vn>.<T> */
bool a64_trans_FMAXNMP_s(struct a64_ctx *s, const struct args_vfp2 *a)
{
    return pair_ir(s, a, VFP_MAXNM, ir_fmaxnum);
}

/* FMINNMP <V>d, <Vn>.<T> */
bool a64_trans_FMINNMP_s(struct a64_ctx *s, const struct args_vfp2 *a)
{
    return pair_ir(s, a, VFP_MINNM, ir_fminnum);
}

/* <op> <V>d, <Vn>.<T>: all lanes of Vn, as Reduce() does: lanes 0 and 1, 2 and 3, then the results */
static bool across(struct a64_ctx *s, const struct args_vfp2 *a, enum vfp3 op, enum ir_opc opc, fp_fn *fn)
{
    struct ir *ir = s->ir;
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    if (a->size < SINGLE) {
        a64_call_vfp(s, &helper_desc_a64_vfp_reduce, VFP_WHAT(op, a->size, a64_lanes(false, a->q, a->size), 0),
                     VFP_REGS(a->rd, a->rn, 0, 0));
        return true;
    }
    v = a64_read_vec(s, true, a->rn);
    v = vec_op2(s, false, opc, ir_v1(ir, IR_vlow, V64, ir_v2(ir, IR_vuzp_even, V128, v, v, SINGLE, 0), 0, 0),
                ir_v1(ir, IR_vlow, V64, ir_v2(ir, IR_vuzp_odd, V128, v, v, SINGLE, 0), 0, 0), SINGLE);
    v = ir_bitcast(ir, I64, v);
    a64_write_v(s, a->rd, fn(ir, ir_bitcast(ir, F32, ir_trunc(ir, v)), ir_bitcast(ir, F32, ir_trunc(ir, ir_shri(ir, v, 32))),
                             A64_FP_ENV));
    return true;
}

#define ACROSS(name, op, opc, fn)                                              \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_vfp2 *a)        \
    {                                                                          \
        return across(s, a, op, opc, fn);                                      \
    }

ACROSS(FMAXV, VFP_MAX, IR_vfmax, ir_fmax)
ACROSS(FMINV, VFP_MIN, IR_vfmin, ir_fmin)
ACROSS(FMAXNMV, VFP_MAXNM, IR_vfmaxnum, ir_fmaxnum)
ACROSS(FMINNMV, VFP_MINNM, IR_vfminnum, ir_fminnum)

/* ---- By element ---- */

static bool call_elem(struct a64_ctx *s, const struct args_vfpe *a, enum vfp3 op)
{
    if (!a64_fp_off(s)) {
        a64_call_vfp(s, &helper_desc_a64_vfp3_elem, VFP_WHAT(op, a->size, a64_lanes(a->scalar, a->q, a->size), a->index),
                     VFP_REGS(a->rd, a->rn, a->rm, 0));
    }
    return true;
}

static bool fused_elem(struct a64_ctx *s, const struct args_vfpe *a, enum vfp3 op, unsigned neg)
{
    bool dp = a->size == DOUBLE;

    if (a->size < SINGLE) {
        return call_elem(s, a, op);
    }
    if (a64_fp_off(s)) {
        return true;
    }
    if (a->scalar) {
        a64_write_v(s, a->rd, ir_fmuladd(s->ir, a64_read_fp(s, dp, a->rn), read_element(s, a->size, a->rm, a->index),
                                         a64_read_fp(s, dp, a->rd), A64_FP_ENV, neg));
    } else {
        fused(s, a->q, a->size, a->rd, a->rn, dup_element(s, a->q, a->size, a->rm, a->index), neg);
    }
    return true;
}

/* FMUL <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>] */
static bool mul_elem(struct a64_ctx *s, const struct args_vfpe *a)
{
    if (a->size < SINGLE) {
        return call_elem(s, a, VFP_MUL);
    }
    if (a64_fp_off(s)) {
        return true;
    }
    if (a->scalar) {
        a64_write_v(s, a->rd, ir_fmul(s->ir, a64_read_fp(s, a->size == DOUBLE, a->rn),
                                      read_element(s, a->size, a->rm, a->index), A64_FP_ENV));
    } else {
        a64_write_v(s, a->rd, vec_op2(s, a->q, IR_vfmul, a64_read_vec(s, a->q, a->rn),
                                      dup_element(s, a->q, a->size, a->rm, a->index), a->size));
    }
    return true;
}

/* <op> <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>] and <op> <V>d, <V>n, <Vm>.<Ts>[<index>] */
#define BY_ELEMENT(name, expr)                                                 \
    bool a64_trans_##name##_ve(struct a64_ctx *s, const struct args_vfpe *a)   \
    {                                                                          \
        return expr;                                                           \
    }                                                                          \
    bool a64_trans_##name##_se(struct a64_ctx *s, const struct args_vfpe *a)   \
    {                                                                          \
        return expr;                                                           \
    }

BY_ELEMENT(FMLA, fused_elem(s, a, VFP_MLA, 0))
BY_ELEMENT(FMLS, fused_elem(s, a, VFP_MLS, FMA_NEG_PRODUCT))
BY_ELEMENT(FMUL, mul_elem(s, a))
BY_ELEMENT(FMULX, call_elem(s, a, VFP_MULX))

/* ---- Half precision products added to singles; complex numbers ---- */

/* FMLAL{2}, FMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb> or <Vm>.H[<index>] */
static bool long_product(struct a64_ctx *s, const struct args_fmlal_e *a)
{
    if (!a64_fp_off(s)) {
        a64_call_vfp(s, &helper_desc_a64_fmlal, VFP_WHAT(a->sub | a->upper << 1, SINGLE, a->q ? 4 : 2, a->index),
                     VFP_REGS(a->rd, a->rn, a->rm, 0));
    }
    return true;
}

#define LONG_PRODUCT(name)                                                                                      \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_fmlal *a)                                        \
    {                                                                                                           \
        return long_product(s, &(struct args_fmlal_e) { .q = a->q, .rd = a->rd, .rn = a->rn, .rm = a->rm,       \
                                                        .sub = a->sub, .upper = a->upper, .index = VFP_NO_INDEX }); \
    }                                                                                                           \
    bool a64_trans_##name##_e(struct a64_ctx *s, const struct args_fmlal_e *a)                                  \
    {                                                                                                           \
        return long_product(s, a);                                                                              \
    }

LONG_PRODUCT(FMLAL)
LONG_PRODUCT(FMLSL)
LONG_PRODUCT(FMLAL2)
LONG_PRODUCT(FMLSL2)

/* FCMLA <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>], #<rotate> */
bool a64_trans_FCMLA_e(struct a64_ctx *s, const struct args_fcmla_e *a)
{
    if (!a64_fp_off(s)) {
        a64_call_vfp(s, &helper_desc_a64_fcmla, VFP_WHAT(a->rot, a->size, a64_lanes(false, a->q, a->size), a->index),
                     VFP_REGS(a->rd, a->rn, a->rm, 0));
    }
    return true;
}

/* FCMLA <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, #<rotate> */
bool a64_trans_FCMLA(struct a64_ctx *s, const struct args_fcmla *a)
{
    const struct args_fcmla_e e = {
        .q = a->q, .size = a->size, .rd = a->rd, .rn = a->rn, .rm = a->rm, .rot = a->rot, .index = VFP_NO_INDEX,
    };

    return a64_trans_FCMLA_e(s, &e);
}

/* FCADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, #<rotate> */
bool a64_trans_FCADD(struct a64_ctx *s, const struct args_fcmla *a)
{
    if (!a64_fp_off(s)) {
        a64_call_vfp(s, &helper_desc_a64_fcadd, VFP_WHAT(a->rot, a->size, a64_lanes(false, a->q, a->size), 0),
                     VFP_REGS(a->rd, a->rn, a->rm, 0));
    }
    return true;
}
