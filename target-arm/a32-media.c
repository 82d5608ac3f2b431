/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A32/T32 saturating, parallel, packing and bit field instructions, dual
 * halfword multiplies, CRC32 (DDI 0406C A5.4, A8.8; DDI 0487 F5.1).
 *
 * Four bytes or two halfwords are lanes of a V64 whose upper half is not
 * looked at. CPSR.GE is kept as a byte mask, so a comparison of lanes is
 * its new value.
 */
#include "config.h"

#include "target-arm/a32-dp.h"
#include "target-arm/a32-trans.h"
#include "target-arm/helpers-arm.h"

static bool write_reg(struct a32_ctx *s, unsigned rd, struct ir_val v)
{
    if (rd == ARM_PC) {
        return false;
    }
    a32_set_reg(s, rd, v);
    return true;
}

/* ---- Saturation ---- */

/* Clamp an I64 to 32 bits, setting Q when that changes it. */
static struct ir_val saturate64(struct a32_ctx *s, struct ir_val v)
{
    struct ir *ir = s->ir;
    struct ir_val hi = ir_const(ir, I64, INT32_MAX);
    struct ir_val lo = ir_const(ir, I64, (uint64_t)INT32_MIN);
    struct ir_val c = ir_smin(ir, ir_smax(ir, v, lo), hi);

    a32_or_q(s, ir_setcmp(ir, CC_NE, c, v));
    return ir_trunc(ir, c);
}

/* Rm + Rn or Rm - Rn, Rn first doubled if so */
static bool saturating(struct a32_ctx *s, const struct args_rrr *a, bool sub,
                       bool twice)
{
    struct ir *ir = s->ir;
    struct ir_val m = ir_sext(ir, a32_reg(s, a->rm));
    struct ir_val n = ir_sext(ir, a32_reg(s, a->rn));

    if (a->rd == ARM_PC) {
        return false;
    }
    if (twice) {
        n = ir_sext(ir, saturate64(s, ir_add(ir, n, n)));
    }
    n = sub ? ir_sub(ir, m, n) : ir_add(ir, m, n);
    return write_reg(s, a->rd, saturate64(s, n));
}

/* QADD<c> <Rd>, <Rm>, <Rn> */
bool a32_trans_QADD(struct a32_ctx *s, const struct args_rrr *a)
{
    return saturating(s, a, false, false);
}

/* QSUB<c> <Rd>, <Rm>, <Rn> */
bool a32_trans_QSUB(struct a32_ctx *s, const struct args_rrr *a)
{
    return saturating(s, a, true, false);
}

/* QDADD<c> <Rd>, <Rm>, <Rn> */
bool a32_trans_QDADD(struct a32_ctx *s, const struct args_rrr *a)
{
    return saturating(s, a, false, true);
}

/* QDSUB<c> <Rd>, <Rm>, <Rn> */
bool a32_trans_QDSUB(struct a32_ctx *s, const struct args_rrr *a)
{
    return saturating(s, a, true, true);
}

/* Clamp an I32 to lo..hi, setting Q when that changes it. */
static struct ir_val clamp(struct a32_ctx *s, struct ir_val v, int32_t lo,
                           int32_t hi)
{
    struct ir *ir = s->ir;
    struct ir_val c = ir_smax(ir, v, a32_imm(s, (uint32_t)lo));

    c = ir_smin(ir, c, a32_imm(s, (uint32_t)hi));
    a32_or_q(s, ir_setcmp(ir, CC_NE, c, v));
    return c;
}

static int32_t sat_high(bool is_signed, unsigned bits)
{
    return (int32_t)((1u << (is_signed ? bits - 1 : bits)) - 1);
}

static int32_t sat_low(bool is_signed, unsigned bits)
{
    return is_signed ? -sat_high(true, bits) - 1 : 0;
}

static bool saturate_word(struct a32_ctx *s, const struct args_sat *a,
                          bool is_signed, unsigned bits)
{
    struct ir_val v = a32_shift_imm(s, a32_reg(s, a->rn), a->type, a->amount);

    if (a->rd == ARM_PC) {
        return false;
    }
    return write_reg(s, a->rd, clamp(s, v, sat_low(is_signed, bits),
                                     sat_high(is_signed, bits)));
}

static bool saturate_halves(struct a32_ctx *s, const struct args_sat *a,
                            bool is_signed, unsigned bits)
{
    int32_t lo = sat_low(is_signed, bits), hi = sat_high(is_signed, bits);
    struct ir_val v = a32_reg(s, a->rn), low, high;

    if (a->rd == ARM_PC) {
        return false;
    }
    low = clamp(s, a32_half(s, v, false), lo, hi);
    high = clamp(s, a32_half(s, v, true), lo, hi);
    return write_reg(s, a->rd, ir_deposit(s->ir, low, high, 16, 16));
}

/* SSAT<c> <Rd>, #<imm>, <Rn>{, <shift>} */
bool a32_trans_SSAT(struct a32_ctx *s, const struct args_sat *a)
{
    return saturate_word(s, a, true, a->sat + 1);
}

/* USAT<c> <Rd>, #<imm>, <Rn>{, <shift>} */
bool a32_trans_USAT(struct a32_ctx *s, const struct args_sat *a)
{
    return saturate_word(s, a, false, a->sat);
}

/* SSAT16<c> <Rd>, #<imm>, <Rn> */
bool a32_trans_SSAT16(struct a32_ctx *s, const struct args_sat *a)
{
    return saturate_halves(s, a, true, a->sat + 1);
}

/* USAT16<c> <Rd>, #<imm>, <Rn> */
bool a32_trans_USAT16(struct a32_ctx *s, const struct args_sat *a)
{
    return saturate_halves(s, a, false, a->sat);
}

/* ---- Parallel addition and subtraction ---- */

enum lane { LANE_8 = 0, LANE_16 = 1 };
enum par { PAR_S, PAR_Q, PAR_SH, PAR_U, PAR_UQ, PAR_UH };

static struct ir_val to_lanes(struct a32_ctx *s, struct ir_val v)
{
    return ir_bitcast(s->ir, V64, ir_zext(s->ir, v));
}

static struct ir_val from_lanes(struct a32_ctx *s, struct ir_val v)
{
    return ir_trunc(s->ir, ir_bitcast(s->ir, I64, v));
}

static struct ir_val v64_const(struct a32_ctx *s, uint64_t v)
{
    return ir_const(s->ir, V64, v);
}

static struct ir_val lanes(struct a32_ctx *s, enum ir_opc op, struct ir_val a,
                           struct ir_val b, enum lane e)
{
    return ir_v2(s->ir, op, V64, a, b, e, 0);
}

static struct ir_val lanes_not(struct a32_ctx *s, struct ir_val a)
{
    return ir_v1(s->ir, IR_vnot, V64, a, 0, 0);
}

/* Sum of lanes and, for S and U, the new GE: sum >= 0 (signed, computed as
 * its half), or carry out (unsigned). */
static struct ir_val par_add(struct a32_ctx *s, enum par p, enum lane e,
                             struct ir_val a, struct ir_val b,
                             struct ir_val *ge)
{
    struct ir_val v;

    switch (p) {
    case PAR_S:
        v = lanes(s, IR_vhadd_s, a, b, e);
        *ge = lanes_not(s, lanes(s, IR_vcmpgt_s, v64_const(s, 0), v, e));
        break;
    case PAR_Q:
        return lanes(s, IR_vqadd_s, a, b, e);
    case PAR_SH:
        return lanes(s, IR_vhadd_s, a, b, e);
    case PAR_U:
        v = lanes(s, IR_vadd, a, b, e);
        *ge = lanes(s, IR_vcmpgt_u, a, v, e);
        return v;
    case PAR_UQ:
        return lanes(s, IR_vqadd_u, a, b, e);
    default:
        return lanes(s, IR_vhadd_u, a, b, e);
    }
    return lanes(s, IR_vadd, a, b, e);
}

/* Difference of lanes; GE: a >= b. The halved difference is the rounded half
 * of a + ~b: a + (-1 - b) + 1, and for unsigned lanes 256 (65536) more. */
static struct ir_val par_sub(struct a32_ctx *s, enum par p, enum lane e,
                             struct ir_val a, struct ir_val b,
                             struct ir_val *ge)
{
    struct ir_val v;

    switch (p) {
    case PAR_S:
        *ge = lanes_not(s, lanes(s, IR_vcmpgt_s, b, a, e));
        return lanes(s, IR_vsub, a, b, e);
    case PAR_Q:
        return lanes(s, IR_vqsub_s, a, b, e);
    case PAR_SH:
        return lanes(s, IR_vrhadd_s, a, lanes_not(s, b), e);
    case PAR_U:
        *ge = lanes_not(s, lanes(s, IR_vcmpgt_u, b, a, e));
        return lanes(s, IR_vsub, a, b, e);
    case PAR_UQ:
        return lanes(s, IR_vqsub_u, a, b, e);
    default:
        v = lanes(s, IR_vrhadd_u, a, lanes_not(s, b), e);
        return lanes(s, IR_vxor, v,
                     v64_const(s, e == LANE_8 ? 0x8080808080808080u
                                              : 0x8000800080008000u), 0);
    }
}

static void set_ge(struct a32_ctx *s, struct ir_val ge)
{
    ir_state_st(s->ir, ge, ARM_OFF(ge));
}

static bool has_ge(enum par p)
{
    return p == PAR_S || p == PAR_U;
}

static bool par_simple(struct a32_ctx *s, const struct args_rrr *a,
                       enum par p, enum lane e, bool sub)
{
    struct ir_val n = to_lanes(s, a32_reg(s, a->rn));
    struct ir_val m = to_lanes(s, a32_reg(s, a->rm));
    struct ir_val ge = IR_NONE, v;

    if (a->rd == ARM_PC) {
        return false;
    }
    v = sub ? par_sub(s, p, e, n, m, &ge) : par_add(s, p, e, n, m, &ge);
    if (has_ge(p)) {
        set_ge(s, from_lanes(s, ge));
    }
    return write_reg(s, a->rd, from_lanes(s, v));
}

/* ASX: add high and low halves crosswise above, subtract below; SAX: the
 * other way round. */
static bool par_cross(struct a32_ctx *s, const struct args_rrr *a, enum par p,
                      bool sub_high)
{
    struct ir *ir = s->ir;
    struct ir_val n = to_lanes(s, a32_reg(s, a->rn));
    struct ir_val m = to_lanes(s, ir_rori(ir, a32_reg(s, a->rm), 16));
    struct ir_val ge_add = IR_NONE, ge_sub = IR_NONE, add, sub;

    if (a->rd == ARM_PC) {
        return false;
    }
    add = from_lanes(s, par_add(s, p, LANE_16, n, m, &ge_add));
    sub = from_lanes(s, par_sub(s, p, LANE_16, n, m, &ge_sub));
    if (has_ge(p)) {
        ge_add = from_lanes(s, ge_add);
        ge_sub = from_lanes(s, ge_sub);
        set_ge(s, sub_high ? ir_deposit(ir, ge_sub, ge_add, 0, 16)
                           : ir_deposit(ir, ge_add, ge_sub, 0, 16));
    }
    return write_reg(s, a->rd, sub_high ? ir_deposit(ir, sub, add, 0, 16)
                                        : ir_deposit(ir, add, sub, 0, 16));
}

/* <prefix><op><c> <Rd>, <Rn>, <Rm> */
#define PAR_SIMPLE(prefix, op, e, sub)                                       \
    bool a32_trans_##prefix##op(struct a32_ctx *s, const struct args_rrr *a) \
    {                                                                        \
        return par_simple(s, a, PAR_##prefix, e, sub);                       \
    }
#define PAR_CROSS(prefix, op, sub_high)                                      \
    bool a32_trans_##prefix##op(struct a32_ctx *s, const struct args_rrr *a) \
    {                                                                        \
        return par_cross(s, a, PAR_##prefix, sub_high);                      \
    }
#define PAR_ALL(prefix)                                                      \
    PAR_SIMPLE(prefix, ADD16, LANE_16, false)                                \
    PAR_CROSS(prefix, ASX, false)                                            \
    PAR_CROSS(prefix, SAX, true)                                             \
    PAR_SIMPLE(prefix, SUB16, LANE_16, true)                                 \
    PAR_SIMPLE(prefix, ADD8, LANE_8, false)                                  \
    PAR_SIMPLE(prefix, SUB8, LANE_8, true)

PAR_ALL(S)
PAR_ALL(Q)
PAR_ALL(SH)
PAR_ALL(U)
PAR_ALL(UQ)
PAR_ALL(UH)

/* SEL<c> <Rd>, <Rn>, <Rm>: bytes by GE */
bool a32_trans_SEL(struct a32_ctx *s, const struct args_rrr *a)
{
    struct ir *ir = s->ir;
    struct ir_val ge = ir_state_ld(ir, I32, ARM_OFF(ge));

    return write_reg(s, a->rd,
                     ir_or(ir, ir_and(ir, a32_reg(s, a->rn), ge),
                           ir_andc(ir, a32_reg(s, a->rm), ge)));
}

/* USAD8<c> <Rd>, <Rn>, <Rm>; USADA8<c> <Rd>, <Rn>, <Rm>, <Ra> */
bool a32_trans_USADA8(struct a32_ctx *s, const struct args_dual *a)
{
    struct ir *ir = s->ir;
    struct ir_val n = to_lanes(s, a32_reg(s, a->rn));
    struct ir_val m = to_lanes(s, a32_reg(s, a->rm));
    struct ir_val d = lanes(s, IR_vsub, lanes(s, IR_vmax_u, n, m, LANE_8),
                            lanes(s, IR_vmin_u, n, m, LANE_8), LANE_8);
    struct ir_val v = from_lanes(s, d);

    v = ir_add(ir, ir_andi(ir, v, 0x00ff00ff),
               ir_andi(ir, ir_shri(ir, v, 8), 0x00ff00ff));
    v = ir_add(ir, ir_andi(ir, v, 0xffff), ir_shri(ir, v, 16));
    if (a->ra != ARM_PC) {
        v = ir_add(ir, v, a32_reg(s, a->ra));
    }
    return write_reg(s, a->rd, v);
}

/* ---- Packing, extension, reversal, bit fields ---- */

/* PKHBT<c> <Rd>, <Rn>, <Rm>{, LSL #}; PKHTB<c> <Rd>, <Rn>, <Rm>{, ASR #} */
bool a32_trans_PKH(struct a32_ctx *s, const struct args_pkh *a)
{
    struct ir_val n = a32_reg(s, a->rn), m = a32_reg(s, a->rm);

    if (a->tb) {
        m = a32_shift_imm(s, m, 2, a->amount ? a->amount : 32);
        return write_reg(s, a->rd, ir_deposit(s->ir, n, m, 0, 16));
    }
    m = a32_shift_imm(s, m, 0, a->amount);
    return write_reg(s, a->rd, ir_deposit(s->ir, m, n, 0, 16));
}

static bool extend(struct a32_ctx *s, const struct args_extend *a,
                   unsigned bits, bool is_signed)
{
    struct ir *ir = s->ir;
    struct ir_val v = ir_rori(ir, a32_reg(s, a->rm), 8 * a->rotate);

    v = is_signed ? ir_sextract(ir, v, 0, bits) : ir_extract(ir, v, 0, bits);
    if (a->rn != ARM_PC) {
        v = ir_add(ir, a32_reg(s, a->rn), v);
    }
    return write_reg(s, a->rd, v);
}

/* Bytes 0 and 2 extended to halfwords */
static bool extend16(struct a32_ctx *s, const struct args_extend *a,
                     bool is_signed)
{
    struct ir *ir = s->ir;
    struct ir_val v = ir_rori(ir, a32_reg(s, a->rm), 8 * a->rotate), n;
    struct ir_val lo, hi;

    lo = is_signed ? ir_sextract(ir, v, 0, 8) : ir_extract(ir, v, 0, 8);
    hi = is_signed ? ir_sextract(ir, v, 16, 8) : ir_extract(ir, v, 16, 8);
    if (a->rn != ARM_PC) {
        n = a32_reg(s, a->rn);
        lo = ir_add(ir, lo, n);
        hi = ir_add(ir, hi, ir_shri(ir, n, 16));
    }
    return write_reg(s, a->rd, ir_deposit(ir, lo, hi, 16, 16));
}

/* SXTAB<c> <Rd>, <Rn>, <Rm>{, <rotation>}; SXTB without <Rn> */
bool a32_trans_SXTAB(struct a32_ctx *s, const struct args_extend *a)
{
    return extend(s, a, 8, true);
}

/* SXTAH, SXTH */
bool a32_trans_SXTAH(struct a32_ctx *s, const struct args_extend *a)
{
    return extend(s, a, 16, true);
}

/* UXTAB, UXTB */
bool a32_trans_UXTAB(struct a32_ctx *s, const struct args_extend *a)
{
    return extend(s, a, 8, false);
}

/* UXTAH, UXTH */
bool a32_trans_UXTAH(struct a32_ctx *s, const struct args_extend *a)
{
    return extend(s, a, 16, false);
}

/* SXTAB16, SXTB16 */
bool a32_trans_SXTAB16(struct a32_ctx *s, const struct args_extend *a)
{
    return extend16(s, a, true);
}

/* UXTAB16, UXTB16 */
bool a32_trans_UXTAB16(struct a32_ctx *s, const struct args_extend *a)
{
    return extend16(s, a, false);
}

/* CLZ<c> <Rd>, <Rm> */
bool a32_trans_CLZ(struct a32_ctx *s, const struct args_rr *a)
{
    return write_reg(s, a->rd, ir_clz(s->ir, a32_reg(s, a->rm)));
}

/* REV<c> <Rd>, <Rm> */
bool a32_trans_REV(struct a32_ctx *s, const struct args_rr *a)
{
    return write_reg(s, a->rd, ir_bswap(s->ir, a32_reg(s, a->rm)));
}

/* REV16<c> <Rd>, <Rm> */
bool a32_trans_REV16(struct a32_ctx *s, const struct args_rr *a)
{
    return write_reg(s, a->rd, ir_bswap16(s->ir, a32_reg(s, a->rm)));
}

/* REVSH<c> <Rd>, <Rm> */
bool a32_trans_REVSH(struct a32_ctx *s, const struct args_rr *a)
{
    struct ir_val v = ir_bswap16(s->ir, a32_reg(s, a->rm));

    return write_reg(s, a->rd, ir_sextract(s->ir, v, 0, 16));
}

/* (v & mask) << n | (v >> n & mask) */
static struct ir_val swap_groups(struct a32_ctx *s, struct ir_val v,
                                 uint32_t mask, unsigned n)
{
    struct ir *ir = s->ir;

    return ir_or(ir, ir_shli(ir, ir_andi(ir, v, mask), n),
                 ir_andi(ir, ir_shri(ir, v, n), mask));
}

/* RBIT<c> <Rd>, <Rm> */
bool a32_trans_RBIT(struct a32_ctx *s, const struct args_rr *a)
{
    struct ir_val v = ir_bswap(s->ir, a32_reg(s, a->rm));

    v = swap_groups(s, v, 0x0f0f0f0f, 4);
    v = swap_groups(s, v, 0x33333333, 2);
    v = swap_groups(s, v, 0x55555555, 1);
    return write_reg(s, a->rd, v);
}

/* SBFX<c> <Rd>, <Rn>, #<lsb>, #<width> */
bool a32_trans_SBFX(struct a32_ctx *s, const struct args_bitfield *a)
{
    if (a->lsb + a->widthm1 > 31) {
        return false;
    }
    return write_reg(s, a->rd, ir_sextract(s->ir, a32_reg(s, a->rn), a->lsb,
                                           a->widthm1 + 1));
}

/* UBFX<c> <Rd>, <Rn>, #<lsb>, #<width> */
bool a32_trans_UBFX(struct a32_ctx *s, const struct args_bitfield *a)
{
    if (a->lsb + a->widthm1 > 31) {
        return false;
    }
    return write_reg(s, a->rd, ir_extract(s->ir, a32_reg(s, a->rn), a->lsb,
                                          a->widthm1 + 1));
}

/* BFI<c> <Rd>, <Rn>, #<lsb>, #<width>; BFC when Rn is 15 */
bool a32_trans_BFI(struct a32_ctx *s, const struct args_bfi *a)
{
    struct ir_val v = a->rn == ARM_PC ? a32_imm(s, 0) : a32_reg(s, a->rn);

    if (a->msb < a->lsb || a->rd == ARM_PC) {
        return false;
    }
    return write_reg(s, a->rd, ir_deposit(s->ir, a32_reg(s, a->rd), v,
                                          a->lsb, a->msb - a->lsb + 1));
}

/* ---- Dual and most significant word multiplies ---- */

/* Products of the low and of the high halves as I64 */
static void dual_products(struct a32_ctx *s, unsigned rn, unsigned rm,
                          bool swap, struct ir_val *p1, struct ir_val *p2)
{
    struct ir *ir = s->ir;
    struct ir_val n = a32_reg(s, rn), m = a32_reg(s, rm);

    *p1 = ir_sext(ir, ir_mul(ir, a32_half(s, n, false),
                             a32_half(s, m, swap)));
    *p2 = ir_sext(ir, ir_mul(ir, a32_half(s, n, true),
                             a32_half(s, m, !swap)));
}

/* The sum is exact in 64 bits; Q when it does not fit 32. */
static bool dual(struct a32_ctx *s, const struct args_dual *a, bool sub)
{
    struct ir *ir = s->ir;
    struct ir_val p1, p2, v, low;

    if (a->rd == ARM_PC) {
        return false;
    }
    dual_products(s, a->rn, a->rm, a->swap, &p1, &p2);
    v = sub ? ir_sub(ir, p1, p2) : ir_add(ir, p1, p2);
    if (a->ra != ARM_PC) {
        v = ir_add(ir, v, ir_sext(ir, a32_reg(s, a->ra)));
    }
    low = ir_trunc(ir, v);
    a32_or_q(s, ir_setcmp(ir, CC_NE, ir_sext(ir, low), v));
    return write_reg(s, a->rd, low);
}

static bool dual_long(struct a32_ctx *s, const struct args_duall *a, bool sub)
{
    struct ir *ir = s->ir;
    struct ir_val p1, p2, v;

    dual_products(s, a->rn, a->rm, a->swap, &p1, &p2);
    v = sub ? ir_sub(ir, p1, p2) : ir_add(ir, p1, p2);
    return a32_set_reg64(s, a->rdlo, a->rdhi,
                         ir_add(ir, v, a32_reg64(s, a->rdlo, a->rdhi)));
}

/* SMLAD{X}<c> <Rd>, <Rn>, <Rm>, <Ra>; SMUAD{X} when Ra is 15 */
bool a32_trans_SMLAD(struct a32_ctx *s, const struct args_dual *a)
{
    return dual(s, a, false);
}

/* SMLSD{X}<c> <Rd>, <Rn>, <Rm>, <Ra>; SMUSD{X} when Ra is 15 */
bool a32_trans_SMLSD(struct a32_ctx *s, const struct args_dual *a)
{
    return dual(s, a, true);
}

/* SMLALD{X}<c> <RdLo>, <RdHi>, <Rn>, <Rm> */
bool a32_trans_SMLALD(struct a32_ctx *s, const struct args_duall *a)
{
    return dual_long(s, a, false);
}

/* SMLSLD{X}<c> <RdLo>, <RdHi>, <Rn>, <Rm> */
bool a32_trans_SMLSLD(struct a32_ctx *s, const struct args_duall *a)
{
    return dual_long(s, a, true);
}

static bool most_significant(struct a32_ctx *s, const struct args_mmul *a,
                             bool sub)
{
    struct ir *ir = s->ir;
    struct ir_val v = ir_mul(ir, ir_sext(ir, a32_reg(s, a->rn)),
                             ir_sext(ir, a32_reg(s, a->rm)));
    struct ir_val acc;

    if (a->ra != ARM_PC || sub) {
        acc = ir_shli(ir, ir_zext(ir, a32_reg(s, a->ra)), 32);
        v = sub ? ir_sub(ir, acc, v) : ir_add(ir, acc, v);
    }
    if (a->round) {
        v = ir_add(ir, v, ir_const(ir, I64, 0x80000000u));
    }
    return write_reg(s, a->rd, ir_trunc(ir, ir_shri(ir, v, 32)));
}

/* SMMLA{R}<c> <Rd>, <Rn>, <Rm>, <Ra>; SMMUL{R} when Ra is 15 */
bool a32_trans_SMMLA(struct a32_ctx *s, const struct args_mmul *a)
{
    return most_significant(s, a, false);
}

/* SMMLS{R}<c> <Rd>, <Rn>, <Rm>, <Ra> */
bool a32_trans_SMMLS(struct a32_ctx *s, const struct args_mmul *a)
{
    return most_significant(s, a, true);
}

/* CRC32{C}{B,H,W} <Rd>, <Rn>, <Rm> */
bool a32_trans_CRC32(struct a32_ctx *s, const struct args_crc *a)
{
    struct ir_val n = a32_reg(s, a->rn), m = a32_reg(s, a->rm), v;
    struct ir_val bytes = a32_imm(s, 1u << a->size);

    if (a->size == 3) {
        return false;
    }
    v = a->castagnoli ? ir_call(s->ir, arm_crc32c, n, m, bytes)
                      : ir_call(s->ir, arm_crc32, n, m, bytes);
    return write_reg(s, a->rd, v);
}
