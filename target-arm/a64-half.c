/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 scalar floating point in half precision (FEAT_FP16; DDI 0487 C4.1.96): what a64-fp.c has for single and double. Arithmetic is vector ops
 * of the IR with one lane in use. And FMOV of a vector of halves.
 */
#include "config.h"

#include "target-arm/a32-fp.h"
#include "target-arm/a64-simdfp-trans.h"
#include "util/softfloat.h"

#define HELPER_INC "target-arm/helpers-simdfp.inc"
#include "tcg/helper-decl.h"
#undef HELPER_INC

enum { HALF = 1 };
/* rm of FCMP with zero */
enum { NO_REG = 32 };

static struct ir_val read_half(struct a64_ctx *s, unsigned n)
{
    return ir_extract(s->ir, ir_state_ld(s->ir, I32, ARM_OFF_Q(n)), 0, 16);
}

/* ---- Arithmetic: on vectors with zeros above the scalar ---- */

static void write_half(struct a64_ctx *s, unsigned rd, struct ir_val v)
{
    a64_write_v(s, rd, a64_scalar_of(s, HALF, v));
}

static bool two(struct a64_ctx *s, const struct args_vfp3 *a, enum ir_opc opc, bool neg)
{
    struct ir_val m, v;

    if (a64_fp_off(s)) {
        return true;
    }
    m = a64_scalar_vec(s, HALF, a->rm);
    if (opc == IR_vfdiv) {      /* no 0 / 0 above it */
        m = ir_v2(s->ir, IR_vor, V64, m, ir_const(s->ir, V64, 0x3c003c003c000000), 0, 0);
    }
    v = a64_vec_op2(s, false, opc, a64_scalar_vec(s, HALF, a->rn), m, HALF);
    write_half(s, a->rd, neg ? ir_v1(s->ir, IR_vfneg, V64, v, HALF, 0) : v);
    return true;
}

/* <op> <Hd>, <Hn>, <Hm> */
#define TWO(name, opc, neg)                                                        \
    bool a64_trans_##name##_h(struct a64_ctx *s, const struct args_vfp3 *a)        \
    {                                                                              \
        return two(s, a, opc, neg);                                                \
    }

TWO(FMUL, IR_vfmul, false)
TWO(FDIV, IR_vfdiv, false)
TWO(FADD, IR_vfadd, false)
TWO(FSUB, IR_vfsub, false)
TWO(FMAX, IR_vfmax, false)
TWO(FMIN, IR_vfmin, false)
TWO(FMAXNM, IR_vfmaxnum, false)
TWO(FMINNM, IR_vfminnum, false)
TWO(FNMUL, IR_vfmul, true)

static bool one(struct a64_ctx *s, const struct args_vfp2 *a, enum ir_opc opc, unsigned round)
{
    if (!a64_fp_off(s)) {
        write_half(s, a->rd, a64_vec_op1(s, false, opc, a64_scalar_vec(s, HALF, a->rn), HALF, round));
    }
    return true;
}

/* FMOV <Hd>, <Hn> */
bool a64_trans_FMOV_h(struct a64_ctx *s, const struct args_vfp2 *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a64_scalar_vec(s, HALF, a->rn));
    }
    return true;
}

/* <op> <Hd>, <Hn> */
#define ONE(name, opc, round)                                                      \
    bool a64_trans_##name##_h(struct a64_ctx *s, const struct args_vfp2 *a)        \
    {                                                                              \
        return one(s, a, opc, round);                                              \
    }

ONE(FABS, IR_vfabs, 0)
ONE(FNEG, IR_vfneg, 0)
ONE(FSQRT, IR_vfsqrt, 0)
ONE(FRINTN, IR_vfrint, IR_ROUND_EVEN)
ONE(FRINTP, IR_vfrint, IR_ROUND_UP)
ONE(FRINTM, IR_vfrint, IR_ROUND_DOWN)
ONE(FRINTZ, IR_vfrint, IR_ROUND_ZERO)
ONE(FRINTA, IR_vfrint, IR_ROUND_AWAY)
ONE(FRINTX, IR_vfrint, IR_ROUND_ENV | VFRINT_EXACT)
ONE(FRINTI, IR_vfrint, IR_ROUND_ENV)

/* <op> <Hd>, <Hn>, <Hm>, <Ha> */
#define MULTIPLY_ADD(name)                                                                                         \
    bool a64_trans_##name##_h(struct a64_ctx *s, const struct args_half4 *a)                                       \
    {                                                                                                              \
        if (!a64_fp_off(s)) {                                                                                      \
            write_half(s, a->rd, a64_vec_muladd(s, false, a64_scalar_vec(s, HALF, a->rn),                          \
                                                a64_scalar_vec(s, HALF, a->rm), a64_scalar_vec(s, HALF, a->ra),    \
                                                HALF, a->negate));                                                 \
        }                                                                                                          \
        return true;                                                                                               \
    }

MULTIPLY_ADD(FMADD)
MULTIPLY_ADD(FMSUB)
MULTIPLY_ADD(FNMADD)
MULTIPLY_ADD(FNMSUB)

/* ---- Compare and select ---- */

static void compare(struct a64_ctx *s, const struct args_half_cmp *a)
{
    struct ir_val m = a->rm == NO_REG ? a64_imm(s, false, 0) : read_half(s, a->rm);
    struct ir_val v = ir_call(s->ir, a64_f16_cmp, read_half(s, a->rn), m, a64_imm(s, false, a->signalling));

    a64_set_flags(s, ir_flags_from_bits(s->ir, v));
}

/* FCMP{E} <Hn>, <Hm> */
bool a64_trans_FCMP_h(struct a64_ctx *s, const struct args_half_cmp *a)
{
    if (!a64_fp_off(s)) {
        compare(s, a);
    }
    return true;
}

/* FCMP{E} <Hn>, #0.0 */
bool a64_trans_FCMP_zero_h(struct a64_ctx *s, const struct args_half_cmp *a)
{
    return a64_trans_FCMP_h(s, a);
}

/* FCCMP{E} <Hn>, <Hm>, #<nzcv>, <cond>: compares only where the condition holds */
bool a64_trans_FCCMP_h(struct a64_ctx *s, const struct args_half_ccmp *a)
{
    struct ir *ir = s->ir;
    unsigned end, other;
    struct ir_val holds, zero = a64_imm(s, false, 0);
    const struct args_half_cmp cmp = { .rn = a->rn, .rm = a->rm, .signalling = a->signalling };

    if (a64_fp_off(s)) {
        return true;
    }
    if (a64_cc(a->cond) == CC_ALWAYS) {
        compare(s, &cmp);
        return true;
    }
    end = ir_label_new(ir);
    other = ir_label_new(ir);
    holds = ir_setcond(ir, a64_flags(s), a64_cc(a->cond));
    ir_br_cmp(ir, CC_EQ, holds, zero, other);
    compare(s, &cmp);
    ir_label(ir, other);
    ir_br_cmp(ir, CC_NE, holds, zero, end);
    a64_set_flags(s, a64_const_flags(s, a->nzcv));
    ir_label(ir, end);
    return true;
}

/* FCSEL <Hd>, <Hn>, <Hm>, <cond> */
bool a64_trans_FCSEL_h(struct a64_ctx *s, const struct args_half_csel *a)
{
    enum ir_cc cc = a64_cc(a->cond);
    struct ir_val n, m;

    if (a64_fp_off(s)) {
        return true;
    }
    n = read_half(s, a->rn);
    m = read_half(s, a->rm);
    a64_write_v(s, a->rd, cc == CC_ALWAYS ? n : ir_select(s->ir, a64_flags(s), cc, n, m));
    return true;
}

/* ---- Moves, conversion from and to general registers ---- */

/* VFPExpandImm() */
static uint64_t expand_imm(uint32_t imm)
{
    return (imm >> 7) << 15 | (imm >> 6 & 1 ? 3u : 4u) << 12 | (imm & 0x3f) << 6;
}

/* FMOV <Hd>, #<imm> */
bool a64_trans_FMOV_imm_h(struct a64_ctx *s, const struct args_vfpimm *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a64_imm(s, false, expand_imm(a->imm)));
    }
    return true;
}

/* FMOV <Vd>.<T>, #<imm> */
bool a64_trans_FMOV_v(struct a64_ctx *s, const struct args_vfpimm *a)
{
    uint64_t v = expand_imm(a->imm) * 0x0001000100010001;

    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, a->q ? ir_const_v128(s->ir, v, v) : ir_const(s->ir, I64, v));
    }
    return true;
}

/* FMOV <Rd>, <Hn> */
bool a64_trans_FMOV_from_h(struct a64_ctx *s, const struct args_half_move *a)
{
    if (!a64_fp_off(s)) {
        a64_set_reg(s, a->rd, read_half(s, a->rn));
    }
    return true;
}

/* FMOV <Hd>, <Rn> */
bool a64_trans_FMOV_to_h(struct a64_ctx *s, const struct args_half_move *a)
{
    if (!a64_fp_off(s)) {
        a64_write_v(s, a->rd, ir_extract(s->ir, a64_reg(s, a->rn, false), 0, 16));
    }
    return true;
}

/* False: more fraction bits than the register has. */
static bool frac_valid(const struct args_half_to_int *a)
{
    return a->sf || a->frac <= 32;
}

static bool to_int(struct a64_ctx *s, const struct args_half_to_int *a, unsigned r, bool is_signed)
{
    struct ir_val v;

    if (!frac_valid(a)) {
        return false;
    }
    if (!a64_fp_off(s)) {
        v = ir_call(s->ir, a64_f16_to_int, read_half(s, a->rn),
                    a64_imm(s, false, FP_FIXED(a->sf ? 64 : 32, a->frac, is_signed)), a64_imm(s, false, r));
        a64_set_reg(s, a->rd, v);
    }
    return true;
}

/* FCVT<r>{S,U} <Rd>, <Hn>{, #<fbits>} */
#define TO_INT(name, r, is_signed)                                                     \
    bool a64_trans_##name##_h(struct a64_ctx *s, const struct args_half_to_int *a)     \
    {                                                                                  \
        return to_int(s, a, r, is_signed);                                             \
    }

TO_INT(FCVTNS, FP_ROUND_NEAREST_EVEN, true)
TO_INT(FCVTNU, FP_ROUND_NEAREST_EVEN, false)
TO_INT(FCVTPS, FP_ROUND_UP, true)
TO_INT(FCVTPU, FP_ROUND_UP, false)
TO_INT(FCVTMS, FP_ROUND_DOWN, true)
TO_INT(FCVTMU, FP_ROUND_DOWN, false)
TO_INT(FCVTZS, FP_ROUND_ZERO, true)
TO_INT(FCVTZU, FP_ROUND_ZERO, false)
TO_INT(FCVTAS, FP_ROUND_NEAREST_AWAY, true)
TO_INT(FCVTAU, FP_ROUND_NEAREST_AWAY, false)

static bool from_int(struct a64_ctx *s, const struct args_half_to_int *a, bool is_signed)
{
    struct ir_val v;

    if (!frac_valid(a)) {
        return false;
    }
    if (a64_fp_off(s)) {
        return true;
    }
    v = a64_reg(s, a->rn, a->sf);
    if (!a->sf) {
        v = is_signed ? ir_sext(s->ir, v) : ir_zext(s->ir, v);
    }
    a64_write_v(s, a->rd, ir_call(s->ir, a64_f16_from_int, v, a64_imm(s, false, FP_FIXED(64, a->frac, is_signed))));
    return true;
}

/* SCVTF <Hd>, <Rn>{, #<fbits>} */
bool a64_trans_SCVTF_h(struct a64_ctx *s, const struct args_half_to_int *a)
{
    return from_int(s, a, true);
}

/* UCVTF <Hd>, <Rn>{, #<fbits>} */
bool a64_trans_UCVTF_h(struct a64_ctx *s, const struct args_half_to_int *a)
{
    return from_int(s, a, false);
}
