/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 scalar floating point, single and double precision (DDI 0487 C4.1.96, C7.2). All of it obeys FPCR: fp env 0. A result zeroes
 * the rest of its V register.
 */
#include "config.h"

#include "target-arm/a32-fp.h"
#include "target-arm/a64-simdfp-trans.h"
#include "target-arm/a64-trans.h"
#include "util/softfloat.h"

#define HELPER_INC "target-arm/helpers-fp.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

static enum ir_type type_of(bool dp)
{
    return dp ? F64 : F32;
}

struct ir_val a64_read_fp(struct a64_ctx *s, bool dp, unsigned n)
{
    return ir_state_ld(s->ir, type_of(dp), ARM_OFF_Q(n));
}

void a64_write_v(struct a64_ctx *s, unsigned n, struct ir_val v)
{
    enum ir_type t = ir_typeof(s->ir, v);

    if (t == I32 || t == I64) {
        v = ir_bitcast(s->ir, t == I32 ? F32 : F64, v);
    }
    if (t != V128) {             /* one store, which a load of any size can be served from */
        v = ir_v1(s->ir, IR_vzext, V128, v, 0, 0);
    }
    ir_state_st(s->ir, v, ARM_OFF_Q(n));
}

static struct ir_val fp_env(struct a64_ctx *s)
{
    return a64_imm(s, false, A64_FP_ENV);
}

unsigned a64_fp_rounding(unsigned r)
{
    static const uint8_t mode[] = {
        FP_ROUND_NEAREST_EVEN, FP_ROUND_UP, FP_ROUND_DOWN, FP_ROUND_ZERO, FP_ROUND_NEAREST_AWAY, FP_ROUND_ENV,
    };

    return mode[r];
}

enum ir_round a64_ir_round(unsigned r)
{
    static const uint8_t round[] = { IR_ROUND_EVEN, IR_ROUND_UP, IR_ROUND_DOWN, IR_ROUND_ZERO, IR_ROUND_AWAY, IR_ROUND_ENV };

    return (enum ir_round)round[r];
}

/* ---- Two and three operands ---- */

typedef struct ir_val fp_fn(struct ir *ir, struct ir_val a, struct ir_val b, unsigned env);

static bool two(struct a64_ctx *s, const struct args_fp_ddd *a, fp_fn *fn, bool neg)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    v = fn(s->ir, a64_read_fp(s, a->dp, a->rn), a64_read_fp(s, a->dp, a->rm), A64_FP_ENV);
    a64_write_v(s, a->rd, neg ? ir_fneg(s->ir, v) : v);
    return true;
}

/* <op> <d>, <n>, <m> */
#define TWO(name, fn, neg)                                                   \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_fp_ddd *a)    \
    {                                                                        \
        return two(s, a, fn, neg);                                           \
    }

TWO(FMUL, ir_fmul, false)
TWO(FDIV, ir_fdiv, false)
TWO(FADD, ir_fadd, false)
TWO(FSUB, ir_fsub, false)
TWO(FMAX, ir_fmax, false)
TWO(FMIN, ir_fmin, false)
TWO(FMAXNM, ir_fmaxnum, false)
TWO(FMINNM, ir_fminnum, false)
TWO(FNMUL, ir_fmul, true)

static bool multiply_add(struct a64_ctx *s, const struct args_fp_dddd *a, unsigned neg)
{
    if (a64_fp_off(s)) {
        return true;
    }
    a64_write_v(s, a->rd, ir_fmuladd(s->ir, a64_read_fp(s, a->dp, a->rn), a64_read_fp(s, a->dp, a->rm), a64_read_fp(s, a->dp, a->ra), A64_FP_ENV,
                                 neg));
    return true;
}

/* <op> <d>, <n>, <m>, <a> */
#define MULTIPLY_ADD(name, neg)                                              \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_fp_dddd *a)   \
    {                                                                        \
        return multiply_add(s, a, neg);                                      \
    }

MULTIPLY_ADD(FMADD, 0)
MULTIPLY_ADD(FMSUB, FMA_NEG_PRODUCT)
MULTIPLY_ADD(FNMADD, FMA_NEG_PRODUCT | FMA_NEG_ADDEND)
MULTIPLY_ADD(FNMSUB, FMA_NEG_ADDEND)

/* ---- One operand ---- */

/* FMOV <d>, <n> */
bool a64_trans_FMOV_reg(struct a64_ctx *s, const struct args_fp_dd *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_state_ld(s->ir, a64_type(a->dp), ARM_OFF_Q(a->rn)));
    }
    return true;
}

/* FABS <d>, <n> */
bool a64_trans_FABS(struct a64_ctx *s, const struct args_fp_dd *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_fabs(s->ir, a64_read_fp(s, a->dp, a->rn)));
    }
    return true;
}

/* FNEG <d>, <n> */
bool a64_trans_FNEG(struct a64_ctx *s, const struct args_fp_dd *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_fneg(s->ir, a64_read_fp(s, a->dp, a->rn)));
    }
    return true;
}

/* FSQRT <d>, <n> */
bool a64_trans_FSQRT(struct a64_ctx *s, const struct args_fp_dd *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_fsqrt(s->ir, a64_read_fp(s, a->dp, a->rn), A64_FP_ENV));
    }
    return true;
}

static bool round_to_int(struct a64_ctx *s, const struct args_fp_round *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_frint(s->ir, a64_read_fp(s, a->dp, a->rn), A64_FP_ENV, a64_ir_round(a->rounding), a->exact));
    }
    return true;
}

/* FRINT<r> <d>, <n> */
#define ROUND(name)                                                          \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_fp_round *a)  \
    {                                                                        \
        return round_to_int(s, a);                                           \
    }

ROUND(FRINTN)
ROUND(FRINTP)
ROUND(FRINTM)
ROUND(FRINTZ)
ROUND(FRINTA)
ROUND(FRINTX)
ROUND(FRINTI)

/* ---- Precision ---- */

/* FCVT <Dd>, <Sn> */
bool a64_trans_FCVT_sd(struct a64_ctx *s, const struct args_fp_move *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_fcvt(s->ir, F64, a64_read_fp(s, false, a->rn), A64_FP_ENV));
    }
    return true;
}

/* FCVT <Sd>, <Dn> */
bool a64_trans_FCVT_ds(struct a64_ctx *s, const struct args_fp_move *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_fcvt(s->ir, F32, a64_read_fp(s, true, a->rn), A64_FP_ENV));
    }
    return true;
}

/* FCVT <Hd>, <Sn|Dn> */
bool a64_trans_FCVT_to_h(struct a64_ctx *s, const struct args_fp_dd *a)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    if (a->dp) {
        v = ir_call(s->ir, arm_f64_to_f16, a64_read_fp(s, true, a->rn), fp_env(s));
        a64_write_v(s, a->rd, ir_extract(s->ir, v, 0, 16));
        return true;
    }
    v = ir_v2(s->ir, IR_vconcat, V128, a64_scalar_vec(s, MO_32, a->rn), ir_const(s->ir, V64, 0), 0, 0);
    a64_write_v(s, a->rd, ir_v1(s->ir, IR_vfnarrow, V64, v, MO_32, A64_FP_ENV));
    return true;
}

static bool from_half(struct a64_ctx *s, const struct args_fp_dd *a)
{
    struct ir_val v;

    if (a64_fp_off(s)) {
        return true;
    }
    if (a->dp) {
        v = ir_extract(s->ir, ir_state_ld(s->ir, I32, ARM_OFF_Q(a->rn)), 0, 16);
        v = ir_call(s->ir, arm_f16_to_f64, v, fp_env(s));
    } else {        /* the other lanes are zeros, too */
        v = ir_v1(s->ir, IR_vfwiden, V128, a64_scalar_vec(s, MO_16, a->rn), MO_16, A64_FP_ENV);
    }
    a64_write_v(s, a->rd, v);
    return true;
}

/* FCVT <Sd>, <Hn> */
bool a64_trans_FCVT_hs(struct a64_ctx *s, const struct args_fp_dd *a)
{
    return from_half(s, a);
}

/* FCVT <Dd>, <Hn> */
bool a64_trans_FCVT_hd(struct a64_ctx *s, const struct args_fp_dd *a)
{
    return from_half(s, a);
}

/* ---- Compare and select ---- */

/* FCMP{E} <n>, <m> */
bool a64_trans_FCMP(struct a64_ctx *s, const struct args_fp_cmp *a)
{
    if (!a64_fp_off(s)) {
        a64_set_flags(s, ir_flags_fcmp(s->ir, a64_read_fp(s, a->dp, a->rn), a64_read_fp(s, a->dp, a->rm), A64_FP_ENV, a->signalling));
    }
    return true;
}

/* FCMP{E} <n>, #0.0 */
bool a64_trans_FCMP_zero(struct a64_ctx *s, const struct args_fp_cmp *a)
{
    if (!a64_fp_off(s)) {
        a64_set_flags(s, ir_flags_fcmp(s->ir, a64_read_fp(s, a->dp, a->rn), ir_const(s->ir, type_of(a->dp), 0), A64_FP_ENV,
                                       a->signalling));
    }
    return true;
}

/* FCCMP{E} <n>, <m>, #<nzcv>, <cond>: compares only where the condition holds */
bool a64_trans_FCCMP(struct a64_ctx *s, const struct args_fp_ccmp *a)
{
    struct ir *ir = s->ir;
    unsigned end, other;
    struct ir_val holds, zero = a64_imm(s, false, 0);
    const struct args_fp_cmp cmp = { .dp = a->dp, .rn = a->rn, .rm = a->rm, .signalling = a->signalling };

    if (a64_fp_off(s)) {
        return true;
    }
    if (a64_cc(a->cond) == CC_ALWAYS) {
        return a64_trans_FCMP(s, &cmp);
    }
    end = ir_label_new(ir);
    other = ir_label_new(ir);
    holds = ir_setcond(ir, a64_flags(s), a64_cc(a->cond));
    ir_br_cmp(ir, CC_EQ, holds, zero, other);
    a64_trans_FCMP(s, &cmp);
    ir_label(ir, other);
    ir_br_cmp(ir, CC_NE, holds, zero, end);
    a64_set_flags(s, a64_const_flags(s, a->nzcv));
    ir_label(ir, end);
    return true;
}

/* FCSEL <d>, <n>, <m>, <cond> */
bool a64_trans_FCSEL(struct a64_ctx *s, const struct args_fp_csel *a)
{
    enum ir_cc cc = a64_cc(a->cond);
    enum ir_type t = a64_type(a->dp);
    struct ir_val n, m;

    if (a64_fp_off(s)) {
        return true;
    }
    n = ir_state_ld(s->ir, t, ARM_OFF_Q(a->rn));
    m = ir_state_ld(s->ir, t, ARM_OFF_Q(a->rm));
    a64_write_v(s, a->rd, cc == CC_ALWAYS ? n : ir_select(s->ir, a64_flags(s), cc, n, m));
    return true;
}

/* ---- Moves ---- */

/* FMOV <d>, #<imm>: VFPExpandImm (J1.1.3) */
bool a64_trans_FMOV_imm(struct a64_ctx *s, const struct args_fp_imm *a)
{
    uint64_t sign = a->imm >> 7, b = a->imm >> 6 & 1, low = a->imm & 0x3f;

    if (a64_fp_off(s)) {
        return true;
    }
    a64_write_v(s, a->rd, a->dp ? ir_const(s->ir, I64, sign << 63 | (b ? 0xffull << 54 : 1ull << 62) | low << 48)
                            : ir_const(s->ir, I32, sign << 31 | (b ? 0x1full << 25 : 1ull << 30) | low << 19));
    return true;
}

/* FMOV between a general register and bits of a V register at byte offset */
static bool to_general(struct a64_ctx *s, const struct args_fp_move *a, bool sf, unsigned offset)
{
    if (!a64_fp_off(s)) {
        a64_set_reg(s, a->rd, ir_state_ld(s->ir, a64_type(sf), ARM_OFF_Q(a->rn) + offset));
    }
    return true;
}

/* FMOV <Wd>, <Sn> */
bool a64_trans_FMOV_ws(struct a64_ctx *s, const struct args_fp_move *a)
{
    return to_general(s, a, false, 0);
}

/* FMOV <Xd>, <Dn> */
bool a64_trans_FMOV_xd(struct a64_ctx *s, const struct args_fp_move *a)
{
    return to_general(s, a, true, 0);
}

/* FMOV <Xd>, <Vn>.D[1] */
bool a64_trans_FMOV_xh(struct a64_ctx *s, const struct args_fp_move *a)
{
    return to_general(s, a, true, 8);
}

static bool from_general(struct a64_ctx *s, const struct args_fp_move *a, bool sf)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a64_reg(s, a->rn, sf));
    }
    return true;
}

/* FMOV <Sd>, <Wn> */
bool a64_trans_FMOV_sw(struct a64_ctx *s, const struct args_fp_move *a)
{
    return from_general(s, a, false);
}

/* FMOV <Dd>, <Xn> */
bool a64_trans_FMOV_dx(struct a64_ctx *s, const struct args_fp_move *a)
{
    return from_general(s, a, true);
}

/* FMOV <Vd>.D[1], <Xn>: the low half stays */
bool a64_trans_FMOV_hx(struct a64_ctx *s, const struct args_fp_move *a)
{
    if (!a64_fp_off(s)) {
        ir_state_st(s->ir, a64_reg(s, a->rn, true), ARM_OFF_Q(a->rd) + 8);
    }
    return true;
}

/* ---- Integers and fixed point ---- */

/* False: more fraction bits than the register has. */
static bool frac_valid(bool sf, unsigned frac)
{
    return sf || frac <= 32;
}

static bool to_int(struct a64_ctx *s, const struct args_fp_to_int *a)
{
    struct ir *ir = s->ir;
    struct ir_val v, arg[4];

    if (!frac_valid(a->sf, a->frac)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    v = a64_read_fp(s, a->dp, a->rn);
    if (a->frac && !a->dp) {    /* a double holds any single times 2^64 */
        v = ir_fmul(ir, ir_fcvt(ir, F64, v, A64_FP_ENV), ir_const(ir, F64, (uint64_t)(1023 + a->frac) << 52), A64_FP_ENV);
    }
    if (a->frac == 0 || !a->dp) {
        enum ir_round r = a64_ir_round(a->rounding);

        a64_set_reg(s, a->rd, a->is_signed ? ir_fcvt_s(ir, a64_type(a->sf), v, A64_FP_ENV, r)
                                           : ir_fcvt_u(ir, a64_type(a->sf), v, A64_FP_ENV, r));
        return true;
    }
    arg[0] = v;
    arg[1] = a64_imm(s, false, FP_FIXED(a->sf ? 64 : 32, a->frac, a->is_signed));
    arg[2] = a64_imm(s, false, a64_fp_rounding(a->rounding));
    arg[3] = fp_env(s);
    a64_set_reg(s, a->rd, ir_call_n(ir, &helper_desc_a64_f64_to_int, arg, 4));
    return true;
}

/* FCVT<r>{S,U} <Rd>, <n>; FCVTZ{S,U} <Rd>, <n>, #<fbits> */
#define TO_INT(name)                                                          \
    bool a64_trans_##name(struct a64_ctx *s, const struct args_fp_to_int *a)  \
    {                                                                         \
        return to_int(s, a);                                                  \
    }

TO_INT(FCVTNS)
TO_INT(FCVTNU)
TO_INT(FCVTPS)
TO_INT(FCVTPU)
TO_INT(FCVTMS)
TO_INT(FCVTMU)
TO_INT(FCVTZS)
TO_INT(FCVTZU)
TO_INT(FCVTAS)
TO_INT(FCVTAU)

/* The multiplication by a power of two is exact: the smallest result but 0 is 2^-64. */
static bool from_int(struct a64_ctx *s, const struct args_fp_from_int *a)
{
    struct ir *ir = s->ir;
    enum ir_type t = type_of(a->dp);
    struct ir_val v;

    if (!frac_valid(a->sf, a->frac)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    v = a64_reg(s, a->rn, a->sf);
    v = a->is_signed ? ir_fcvt_from_s(ir, t, v, A64_FP_ENV) : ir_fcvt_from_u(ir, t, v, A64_FP_ENV);
    if (a->frac) {
        uint64_t scale = a->dp ? (uint64_t)(1023 - a->frac) << 52 : (uint64_t)(127 - a->frac) << 23;

        v = ir_fmul(ir, v, ir_const(ir, t, scale), A64_FP_ENV);
    }
    a64_write_v(s, a->rd, v);
    return true;
}

/* SCVTF <d>, <Rn>{, #<fbits>} */
bool a64_trans_SCVTF(struct a64_ctx *s, const struct args_fp_from_int *a)
{
    return from_int(s, a);
}

/* UCVTF <d>, <Rn>{, #<fbits>} */
bool a64_trans_UCVTF(struct a64_ctx *s, const struct args_fp_from_int *a)
{
    return from_int(s, a);
}
