/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 Advanced SIMD floating point (DDI 0487 C4.1.96, C7.2): arithmetic and compares of vectors, scalars (_s) and elements (_ve,
 * _se). Conversions and roundings are in a64-simdfp-cvt.c, scalar half precision in a64-half.c.
 *
 * All of it obeys FPCR (fp env 0). It goes to vector ops of the IR, or for scalars to scalar ops (of half precision, vector ops
 * with zeros above the scalar); what is rare goes to helpers that work on V registers.
 */
#include "config.h"

#include "target-arm/a64-simdfp-trans.h"
#include "util/softfloat.h"

#define HELPER_INC "target-arm/helpers-simdfp.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

enum { HALF = 1, SINGLE = 2, DOUBLE = 3 };

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

/* Halves are V64s to the IR. */
static struct ir_val half_of(struct a64_ctx *s, struct ir_val v, bool high)
{
    return ir_v1(s->ir, high ? IR_vhigh : IR_vlow, V64, v, 0, 0);
}

struct ir_val a64_vec_op1(struct a64_ctx *s, bool q, enum ir_opc opc, struct ir_val n, unsigned size, unsigned round)
{
    struct ir_val r[2];

    if (size > HALF || !q) {
        return ir_v1_round(s->ir, opc, q ? V128 : V64, n, size, A64_FP_ENV, round);
    }
    for (unsigned i = 0; i < 2; i++) {
        r[i] = ir_v1_round(s->ir, opc, V64, half_of(s, n, i), size, A64_FP_ENV, round);
    }
    return ir_v2(s->ir, IR_vconcat, V128, r[0], r[1], 0, 0);
}

struct ir_val a64_vec_op2(struct a64_ctx *s, bool q, enum ir_opc opc, struct ir_val n, struct ir_val m, unsigned size)
{
    struct ir_val r[2];

    if (size > HALF || !q) {
        return ir_v2(s->ir, opc, q ? V128 : V64, n, m, size, A64_FP_ENV);
    }
    for (unsigned i = 0; i < 2; i++) {
        r[i] = ir_v2(s->ir, opc, V64, half_of(s, n, i), half_of(s, m, i), size, A64_FP_ENV);
    }
    return ir_v2(s->ir, IR_vconcat, V128, r[0], r[1], 0, 0);
}

/* n * m + a, signs changed as neg says */
struct ir_val a64_vec_muladd(struct a64_ctx *s, bool q, struct ir_val n, struct ir_val m, struct ir_val a, unsigned size,
                             unsigned neg)
{
    struct ir_val r[2];

    if (size > HALF || !q) {
        return ir_v3(s->ir, IR_vfmuladd, q ? V128 : V64, n, m, a, size, A64_FP_ENV, neg);
    }
    for (unsigned i = 0; i < 2; i++) {
        r[i] = ir_v3(s->ir, IR_vfmuladd, V64, half_of(s, n, i), half_of(s, m, i), half_of(s, a, i), size, A64_FP_ENV, neg);
    }
    return ir_v2(s->ir, IR_vconcat, V128, r[0], r[1], 0, 0);
}

/* The scalar in Vn as a vector, zero above it, and what is above it cut off a result */
struct ir_val a64_scalar_vec(struct a64_ctx *s, unsigned size, unsigned n)
{
    return a64_scalar_of(s, size, a64_read_vec(s, false, n));
}

struct ir_val a64_scalar_of(struct a64_ctx *s, unsigned size, struct ir_val v)
{
    if (size == DOUBLE) {
        return v;
    }
    return ir_v2(s->ir, IR_vand, V64, v, ir_const(s->ir, V64, size == SINGLE ? UINT32_MAX : UINT16_MAX), 0, 0);
}

/* ---- Three registers ---- */

static bool arith(struct a64_ctx *s, const struct args_vfp3 *a, enum ir_opc opc)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a64_vec_op2(s, a->q, opc, a64_read_vec(s, a->q, a->rn), a64_read_vec(s, a->q, a->rm), a->size));
    }
    return true;
}

/* <op> <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
#define ARITH(name, opc)                                                       \
    bool a64_trans_##name##_v(struct a64_ctx *s, const struct args_vfp3 *a)    \
    {                                                                          \
        return arith(s, a, opc);                                               \
    }

ARITH(FADD, IR_vfadd)
ARITH(FSUB, IR_vfsub)
ARITH(FMUL, IR_vfmul)
ARITH(FDIV, IR_vfdiv)
ARITH(FMAX, IR_vfmax)
ARITH(FMIN, IR_vfmin)
ARITH(FMAXNM, IR_vfmaxnum)
ARITH(FMINNM, IR_vfminnum)
ARITH(FCMEQ, IR_vfcmpeq)
ARITH(FCMGE, IR_vfcmpge)
ARITH(FCMGT, IR_vfcmpgt)

ARITH(FMULX, IR_vfmulx)
ARITH(FRECPS, IR_vfrecps)
ARITH(FRSQRTS, IR_vfrsqrts)

static struct ir_val vec_abs(struct a64_ctx *s, bool q, struct ir_val v, unsigned size)
{
    return ir_v1(s->ir, IR_vfabs, q ? V128 : V64, v, size, A64_FP_ENV);
}

/* FABD <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FABD_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    if (!a64_fp_off(s)) {
        struct ir_val v = a64_vec_op2(s, a->q, IR_vfsub, a64_read_vec(s, a->q, a->rn), a64_read_vec(s, a->q, a->rm), a->size);

        a64_write_v(s, a->rd, vec_abs(s, a->q, v, a->size));
    }
    return true;
}

static bool absolute_compare(struct a64_ctx *s, const struct args_vfp3 *a, enum ir_opc opc)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a64_vec_op2(s, a->q, opc, vec_abs(s, a->q, a64_read_vec(s, a->q, a->rn), a->size),
                                      vec_abs(s, a->q, a64_read_vec(s, a->q, a->rm), a->size), a->size));
    }
    return true;
}

/* FACGE <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FACGE_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    return absolute_compare(s, a, IR_vfcmpge);
}

/* FACGT <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FACGT_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    return absolute_compare(s, a, IR_vfcmpgt);
}

static void fused(struct a64_ctx *s, bool q, unsigned size, unsigned rd, unsigned rn, struct ir_val m, unsigned neg)
{
    a64_write_v(s, rd, a64_vec_muladd(s, q, a64_read_vec(s, q, rn), m, a64_read_vec(s, q, rd), size, neg));
}

static bool multiply_add(struct a64_ctx *s, const struct args_vfp3 *a, unsigned neg)
{
    if (!a64_fp_off(s)) {
        fused(s, a->q, a->size, a->rd, a->rn, a64_read_vec(s, a->q, a->rm), neg);
    }
    return true;
}

/* FMLA <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FMLA_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    return multiply_add(s, a, 0);
}

/* FMLS <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
bool a64_trans_FMLS_v(struct a64_ctx *s, const struct args_vfp3 *a)
{
    return multiply_add(s, a, FMA_NEG_PRODUCT);
}

/* Pairs of n, then of m: the even lanes with the odd ones */
static bool pairwise(struct a64_ctx *s, const struct args_vfp3 *a, enum ir_opc opc)
{
    enum ir_type t = a->q ? V128 : V64;
    struct ir_val n, m;

    if (!a64_fp_off(s)) {
        n = a64_read_vec(s, a->q, a->rn);
        m = a64_read_vec(s, a->q, a->rm);
        a64_write_v(s, a->rd, a64_vec_op2(s, a->q, opc, ir_v2(s->ir, IR_vuzp_even, t, n, m, a->size, 0),
                                      ir_v2(s->ir, IR_vuzp_odd, t, n, m, a->size, 0), a->size));
    }
    return true;
}

/* <op> <Vd>.<T>, <Vn>.<T>, <Vm>.<T> */
#define PAIRWISE(name, opc)                                                    \
    bool a64_trans_##name##_v(struct a64_ctx *s, const struct args_vfp3 *a)    \
    {                                                                          \
        return pairwise(s, a, opc);                                            \
    }

PAIRWISE(FADDP, IR_vfadd)
PAIRWISE(FMAXP, IR_vfmax)
PAIRWISE(FMINP, IR_vfmin)
PAIRWISE(FMAXNMP, IR_vfmaxnum)
PAIRWISE(FMINNMP, IR_vfminnum)

/* ---- Scalars ---- */

/* FABD <V>d, <V>n, <V>m */
bool a64_trans_FABD_s(struct a64_ctx *s, const struct args_vfp3 *a)
{
    bool dp = a->size == DOUBLE;

    if (a64_fp_off(s)) {
        return true;
    }
    if (a->size == HALF) {
        struct ir_val v = a64_vec_op2(s, false, IR_vfsub, a64_scalar_vec(s, HALF, a->rn), a64_scalar_vec(s, HALF, a->rm), HALF);

        a64_write_v(s, a->rd, a64_scalar_of(s, HALF, vec_abs(s, false, v, HALF)));
    } else {
        a64_write_v(s, a->rd, ir_fabs(s->ir, ir_fsub(s->ir, a64_read_fp(s, dp, a->rn), a64_read_fp(s, dp, a->rm), A64_FP_ENV)));
    }
    return true;
}

static void scalar_op2(struct a64_ctx *s, unsigned size, unsigned rd, enum ir_opc opc, struct ir_val n, struct ir_val m)
{
    a64_write_v(s, rd, a64_scalar_of(s, size, a64_vec_op2(s, false, opc, n, m, size)));
}

static bool by_vector(struct a64_ctx *s, const struct args_vfp3 *a, enum ir_opc opc, bool absolute)
{
    struct ir_val n, m;

    if (a64_fp_off(s)) {
        return true;
    }
    n = a64_scalar_vec(s, a->size, a->rn);
    m = a64_scalar_vec(s, a->size, a->rm);
    scalar_op2(s, a->size, a->rd, opc, absolute ? vec_abs(s, false, n, a->size) : n,
                   absolute ? vec_abs(s, false, m, a->size) : m);
    return true;
}

/* <op> <V>d, <V>n, <V>m: compares, and what else scalar ops of the IR do not have */
#define COMPARE_S(name, opc, absolute)                                         \
    bool a64_trans_##name##_s(struct a64_ctx *s, const struct args_vfp3 *a)    \
    {                                                                          \
        return by_vector(s, a, opc, absolute);                                 \
    }

#define ARITH_S(name, opc)                                                     \
    bool a64_trans_##name##_s(struct a64_ctx *s, const struct args_vfp3 *a)    \
    {                                                                          \
        return by_vector(s, a, opc, false);                                    \
    }

ARITH_S(FMULX, IR_vfmulx)
ARITH_S(FRECPS, IR_vfrecps)
ARITH_S(FRSQRTS, IR_vfrsqrts)
COMPARE_S(FCMEQ, IR_vfcmpeq, false)
COMPARE_S(FCMGE, IR_vfcmpge, false)
COMPARE_S(FCMGT, IR_vfcmpgt, false)
COMPARE_S(FACGE, IR_vfcmpge, true)
COMPARE_S(FACGT, IR_vfcmpgt, true)

/* Compare n with zero, or with swap zero with n. */
static bool compare_zero(struct a64_ctx *s, const struct args_vfp2 *a, enum ir_opc opc, bool swap)
{
    struct ir_val n, zero;

    if (a64_fp_off(s)) {
        return true;
    }
    zero = a->q ? ir_const_v128(s->ir, 0, 0) : ir_const(s->ir, V64, 0);
    if (a->scalar) {
        n = a64_scalar_vec(s, a->size, a->rn);
        scalar_op2(s, a->size, a->rd, opc, swap ? zero : n, swap ? n : zero);
        return true;
    }
    n = a64_read_vec(s, a->q, a->rn);
    a64_write_v(s, a->rd, a64_vec_op2(s, a->q, opc, swap ? zero : n, swap ? n : zero, a->size));
    return true;
}

/* <op> <Vd>.<T>, <Vn>.<T>, #0.0 and <op> <V>d, <V>n, #0.0 */
#define COMPARE_ZERO(name, opc, swap)                                              \
    bool a64_trans_##name##_zero_v(struct a64_ctx *s, const struct args_vfp2 *a)   \
    {                                                                              \
        return compare_zero(s, a, opc, swap);                                      \
    }                                                                              \
    bool a64_trans_##name##_zero_s(struct a64_ctx *s, const struct args_vfp2 *a)   \
    {                                                                              \
        return compare_zero(s, a, opc, swap);                                      \
    }

COMPARE_ZERO(FCMEQ, IR_vfcmpeq, false)
COMPARE_ZERO(FCMGE, IR_vfcmpge, false)
COMPARE_ZERO(FCMGT, IR_vfcmpgt, false)
COMPARE_ZERO(FCMLE, IR_vfcmpge, true)
COMPARE_ZERO(FCMLT, IR_vfcmpgt, true)

/* The even lanes of v with the odd ones: a V64 of v's type's half, or of V64s the lower half counts */
static struct ir_val fold_lanes(struct a64_ctx *s, enum ir_opc opc, struct ir_val v, unsigned size)
{
    struct ir *ir = s->ir;
    enum ir_type t = ir_typeof(ir, v);
    struct ir_val even = ir_v2(ir, IR_vuzp_even, t, v, v, size, 0), odd = ir_v2(ir, IR_vuzp_odd, t, v, v, size, 0);

    if (t == V128) {
        even = half_of(s, even, false);
        odd = half_of(s, odd, false);
    }
    return a64_vec_op2(s, false, opc, even, odd, size);
}

typedef struct ir_val fp_fn(struct ir *ir, struct ir_val a, struct ir_val b, unsigned env);

/* <op> <V>d, <Vn>.<T>: both lanes of Vn. Two halves are taken alone: what is above them raises nothing. */
static bool pair_s(struct a64_ctx *s, const struct args_vfp2 *a, enum ir_opc opc, fp_fn *fn)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    if (a->size > HALF) {
        v = fn(s->ir, read_element(s, a->size, a->rn, 0), read_element(s, a->size, a->rn, 1), A64_FP_ENV);
    } else {
        v = ir_v1(s->ir, IR_vshri_u, V64, a64_scalar_vec(s, SINGLE, a->rn), SINGLE, 16);
        v = a64_vec_op2(s, false, opc, a64_scalar_vec(s, HALF, a->rn), v, HALF);
        v = a64_scalar_of(s, HALF, v);
    }
    a64_write_v(s, a->rd, v);
    return true;
}

#define PAIR_S(name, opc, fn)                                                  \
    bool a64_trans_##name##_s(struct a64_ctx *s, const struct args_vfp2 *a)    \
    {                                                                          \
        return pair_s(s, a, opc, fn);                                          \
    }

PAIR_S(FADDP, IR_vfadd, ir_fadd)
PAIR_S(FMAXP, IR_vfmax, ir_fmax)
PAIR_S(FMINP, IR_vfmin, ir_fmin)
PAIR_S(FMAXNMP, IR_vfmaxnum, ir_fmaxnum)
PAIR_S(FMINNMP, IR_vfminnum, ir_fminnum)

/* <op> <V>d, <Vn>.<T>: all lanes of Vn. Reduce() joins neighbours, then their results, as this does; lanes that are there twice
 * raise nothing new. */
static bool across(struct a64_ctx *s, const struct args_vfp2 *a, enum ir_opc opc)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    v = a64_read_vec(s, a->q, a->rn);
    for (unsigned n = a64_lanes(false, a->q, a->size); n > 1; n /= 2) {
        v = fold_lanes(s, opc, v, a->size);
    }
    a64_write_v(s, a->rd, a64_scalar_of(s, a->size, v));
    return true;
}

#define ACROSS(name, opc)                                                      \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_vfp2 *a)        \
    {                                                                          \
        return across(s, a, opc);                                              \
    }

ACROSS(FMAXV, IR_vfmax)
ACROSS(FMINV, IR_vfmin)
ACROSS(FMAXNMV, IR_vfmaxnum)
ACROSS(FMINNMV, IR_vfminnum)

/* ---- By element ---- */

/* Of a scalar operation done on vectors: zeros above the element */
static struct ir_val element_vec(struct a64_ctx *s, const struct args_vfpe *a)
{
    return a64_scalar_of(s, a->size, dup_element(s, false, a->size, a->rm, a->index));
}

static bool fused_elem(struct a64_ctx *s, const struct args_vfpe *a, unsigned neg)
{
    bool dp = a->size == DOUBLE;
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    if (!a->scalar) {
        fused(s, a->q, a->size, a->rd, a->rn, dup_element(s, a->q, a->size, a->rm, a->index), neg);
        return true;
    }
    if (a->size == HALF) {
        v = a64_vec_muladd(s, false, a64_scalar_vec(s, HALF, a->rn), element_vec(s, a), a64_scalar_vec(s, HALF, a->rd), HALF, neg);
        v = a64_scalar_of(s, HALF, v);
    } else {
        v = ir_fmuladd(s->ir, a64_read_fp(s, dp, a->rn), read_element(s, a->size, a->rm, a->index), a64_read_fp(s, dp, a->rd),
                       A64_FP_ENV, neg);
    }
    a64_write_v(s, a->rd, v);
    return true;
}

static bool mul_elem(struct a64_ctx *s, const struct args_vfpe *a, enum ir_opc opc)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    if (!a->scalar) {
        v = a64_vec_op2(s, a->q, opc, a64_read_vec(s, a->q, a->rn), dup_element(s, a->q, a->size, a->rm, a->index), a->size);
    } else if (a->size == HALF || opc == IR_vfmulx) {
        v = a64_vec_op2(s, false, opc, a64_scalar_vec(s, a->size, a->rn), element_vec(s, a), a->size);
        v = a64_scalar_of(s, a->size, v);
    } else {
        v = ir_fmul(s->ir, a64_read_fp(s, a->size == DOUBLE, a->rn), read_element(s, a->size, a->rm, a->index), A64_FP_ENV);
    }
    a64_write_v(s, a->rd, v);
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

BY_ELEMENT(FMLA, fused_elem(s, a, 0))
BY_ELEMENT(FMLS, fused_elem(s, a, FMA_NEG_PRODUCT))
BY_ELEMENT(FMUL, mul_elem(s, a, IR_vfmul))
BY_ELEMENT(FMULX, mul_elem(s, a, IR_vfmulx))

/* ---- Half precision products added to singles ---- */

/* The halves of v, 2 or (q) 4 in its lower part, or in the upper one, as singles */
static struct ir_val widen_halves(struct a64_ctx *s, struct ir_val v, bool q, bool upper)
{
    struct ir *ir = s->ir;

    if (q) {
        v = half_of(s, v, upper);
    } else if (upper) {
        v = ir_v1(ir, IR_vshri_u, V64, v, DOUBLE, 32);
    } else {
        v = a64_scalar_of(s, SINGLE, v);        /* nothing above them raises a flag */
    }
    v = ir_v1_round(ir, IR_vfwiden, V128, v, HALF, A64_FP_ENV, VFWIDEN_EXACT);
    return q ? v : half_of(s, v, false);
}

/* FMLAL{2}, FMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, and m as singles */
static void long_product(struct a64_ctx *s, const struct args_fmlal_e *a, struct ir_val m)
{
    struct ir_val n = widen_halves(s, a64_read_vec(s, a->q, a->rn), a->q, a->upper);

    a64_write_v(s, a->rd, a64_vec_muladd(s, a->q, n, m, a64_read_vec(s, a->q, a->rd), SINGLE, a->sub ? FMA_NEG_PRODUCT : 0));
}

/* ..., <Vm>.<Tb> */
static bool long_product_v(struct a64_ctx *s, const struct args_fmlal *a)
{
    const struct args_fmlal_e e = { .q = a->q, .rd = a->rd, .rn = a->rn, .sub = a->sub, .upper = a->upper };

    if (!a64_fp_off(s)) {
        long_product(s, &e, widen_halves(s, a64_read_vec(s, a->q, a->rm), a->q, a->upper));
    }
    return true;
}

/* ..., <Vm>.H[<index>] */
static bool long_product_e(struct a64_ctx *s, const struct args_fmlal_e *a)
{
    if (!a64_fp_off(s)) {
        long_product(s, a, widen_halves(s, dup_element(s, a->q, HALF, a->rm, a->index), a->q, false));
    }
    return true;
}

#define LONG_PRODUCT(name)                                                     \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_fmlal *a)       \
    {                                                                          \
        return long_product_v(s, a);                                           \
    }                                                                          \
    bool a64_trans_##name##_e(struct a64_ctx *s, const struct args_fmlal_e *a) \
    {                                                                          \
        return long_product_e(s, a);                                           \
    }

LONG_PRODUCT(FMLAL)
LONG_PRODUCT(FMLSL)
LONG_PRODUCT(FMLAL2)
LONG_PRODUCT(FMLSL2)

/* ---- Complex numbers ---- */

/* Pairs of m turned by rot times 90 degrees as far as one multiplication needs: parts swapped by odd turns, signs changed */
static struct ir_val turn(struct a64_ctx *s, struct ir_val m, unsigned size, unsigned rot)
{
    static const uint8_t signs[4] = { 0, 1, 3, 2 };      /* bit 0: of the lower part, bit 1: of the upper one */
    struct ir *ir = s->ir;
    enum ir_type t = ir_typeof(ir, m);
    uint64_t sign = 1ull << ((8u << size) - 1), lo = signs[rot] & 1 ? sign : 0, hi = signs[rot] & 2 ? sign : 0;
    uint64_t pair = size == DOUBLE ? lo : lo | hi << (8u << size);

    if (rot & 1) {
        m = size == DOUBLE ? ir_v2(ir, IR_vext, t, m, m, 8, 0) : ir_v1(ir, IR_vrev, t, m, size, size + 1);
    }
    pair |= size == HALF ? pair << 32 : 0;
    return ir_v2(ir, IR_vxor, t, m, t == V128 ? ir_const_v128(ir, pair, size == DOUBLE ? hi : pair) : ir_const(ir, V64, pair), 0, 0);
}

/* One part of each pair of n, which rot chooses, times m's pair turned */
static void complex_product(struct a64_ctx *s, const struct args_fcmla_e *a, struct ir_val m)
{
    enum ir_opc part = a->rot & 1 ? IR_vtrn_odd : IR_vtrn_even;
    struct ir_val n = a64_read_vec(s, a->q, a->rn);

    n = ir_v2(s->ir, part, ir_typeof(s->ir, n), n, n, a->size, 0);
    a64_write_v(s, a->rd, a64_vec_muladd(s, a->q, n, turn(s, m, a->size, a->rot), a64_read_vec(s, a->q, a->rd), a->size, 0));
}

/* FCMLA <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>], #<rotate> */
bool a64_trans_FCMLA_e(struct a64_ctx *s, const struct args_fcmla_e *a)
{
    if (!a64_fp_off(s)) {
        complex_product(s, a, dup_element(s, a->q, a->size + 1, a->rm, a->index));
    }
    return true;
}

/* FCMLA <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, #<rotate> */
bool a64_trans_FCMLA(struct a64_ctx *s, const struct args_fcmla *a)
{
    const struct args_fcmla_e e = { .q = a->q, .size = a->size, .rd = a->rd, .rn = a->rn, .rot = a->rot };

    if (!a64_fp_off(s)) {
        complex_product(s, &e, a64_read_vec(s, a->q, a->rm));
    }
    return true;
}

/* FCADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>, #<rotate> */
bool a64_trans_FCADD(struct a64_ctx *s, const struct args_fcmla *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a64_vec_op2(s, a->q, IR_vfadd, a64_read_vec(s, a->q, a->rn),
                                          turn(s, a64_read_vec(s, a->q, a->rm), a->size, a->rot), a->size));
    }
    return true;
}
