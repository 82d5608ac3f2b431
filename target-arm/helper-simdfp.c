/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 floating point that has no IR op, on util/softfloat: what is rare. Most helpers take the numbers of V registers and work on
 * the state. Pseudocode: DDI 0487 J1.1.3 and C7.2.
 */
#include "config.h"

#define HELPER_INC "target-arm/helpers-simdfp.inc"
#include "tcg/helper-def.h"

#include "target-arm/a32-fp.h"
#include "target-arm/a64-simdfp.h"
#include "target-arm/fp-estimate.h"
#include "util/endian.h"
#include "util/softfloat.h"

/* A call of an operation of softfloat for a lane's size */
#define BY_SIZE(size, op, ...) \
    ((size) == 1 ? (uint64_t)f16_##op(__VA_ARGS__) : (size) == 2 ? (uint64_t)f32_##op(__VA_ARGS__) : (uint64_t)f64_##op(__VA_ARGS__))

/* ---- Formats ---- */

struct layout {
    unsigned exp_bits, frac_bits;
};

/* By size: log2 of bytes */
static const struct layout layouts[] = { { 0, 0 }, { 5, 10 }, { 8, 23 }, { 11, 52 } };

static uint64_t sign_bit(unsigned size)
{
    return (uint64_t)1 << ((8u << size) - 1);
}

static uint64_t infinity(unsigned size)
{
    const struct layout *l = &layouts[size];

    return (((uint64_t)1 << l->exp_bits) - 1) << l->frac_bits;
}

/* 2^n */
static uint64_t power(unsigned size, int n)
{
    const struct layout *l = &layouts[size];

    return (uint64_t)((1 << (l->exp_bits - 1)) - 1 + n) << l->frac_bits;
}

static uint64_t magnitude(unsigned size, uint64_t v)
{
    return v & (sign_bit(size) - 1);
}

static bool is_nan(unsigned size, uint64_t v)
{
    return magnitude(size, v) > infinity(size);
}

static bool is_inf(unsigned size, uint64_t v)
{
    return magnitude(size, v) == infinity(size);
}

/* ---- Lanes ---- */

/* The parts of a number for an estimate: fraction as 52 bits whatever the format */
struct estimate {
    bool negative;
    int exp;                 /* biased */
    uint64_t frac;
};

static struct estimate estimate_of(unsigned size, uint64_t v)
{
    const struct layout *l = &layouts[size];

    return (struct estimate) {
        .negative = v & sign_bit(size), .exp = (int)(magnitude(size, v) >> l->frac_bits),
        .frac = v << (52 - l->frac_bits) & (((uint64_t)1 << 52) - 1),
    };
}

static bool flushes(unsigned size, const struct fp_env *e)
{
    return size == 1 ? e->flush_half : e->flush_outputs;
}

/* 1 / v for |v| below 2^-(bias + 1) */
static uint64_t recip_overflow(unsigned size, bool negative, struct fp_env *e)
{
    uint64_t sign = negative ? sign_bit(size) : 0;

    e->flags |= FP_OVERFLOW | FP_INEXACT;
    if (e->rounding == FP_ROUND_NEAREST_EVEN || e->rounding == (negative ? FP_ROUND_DOWN : FP_ROUND_UP)) {
        return sign | infinity(size);
    }
    return sign | (infinity(size) - 1);
}

static uint64_t recip_number(unsigned size, struct estimate v)
{
    const struct layout *l = &layouts[size];
    int bias = (1 << (l->exp_bits - 1)) - 1, exp;
    uint64_t frac;

    if (v.exp == 0) {        /* at most two zeros at the top */
        bool second = !(v.frac >> 51);

        v.exp = second ? -1 : 0;
        v.frac = v.frac << (second ? 2 : 1) & (((uint64_t)1 << 52) - 1);
    }
    exp = 2 * bias - 1 - v.exp;
    frac = (uint64_t)(recip_estimate(0x100 | (uint32_t)(v.frac >> 44)) & 0xff) << 44;
    if (exp <= 0) {
        frac = (frac | (uint64_t)1 << 52) >> (1 - exp);
        exp = 0;
    }
    return (v.negative ? sign_bit(size) : 0) | (uint64_t)exp << l->frac_bits | frac >> (52 - l->frac_bits);
}

/* A number of which neither it nor its estimate is a denormal, an infinity or a zero */
static bool is_plain(unsigned size, struct estimate v)
{
    return v.exp > 0 && v.exp < 2 * ((1 << (layouts[size].exp_bits - 1)) - 1) - 1;
}

/* FPRecipEstimate() */
static uint64_t lane_recpe(unsigned size, uint64_t v, struct fp_env *e)
{
    int bias = (1 << (layouts[size].exp_bits - 1)) - 1;
    uint64_t sign = v & sign_bit(size);
    struct estimate x = estimate_of(size, v);

    if (is_plain(size, x)) {
        return recip_number(size, x);
    }
    if (is_nan(size, v)) {
        return BY_SIZE(size, quiet_nan, v, e);
    }
    v = BY_SIZE(size, flush_input, v, e);
    if (is_inf(size, v)) {
        return sign;
    }
    if (magnitude(size, v) == 0) {
        e->flags |= FP_DIVBYZERO;
        return sign | infinity(size);
    }
    x = estimate_of(size, v);
    if (x.exp == 0 && x.frac < (uint64_t)1 << 50) {
        return recip_overflow(size, x.negative, e);
    }
    if (flushes(size, e) && x.exp >= 2 * bias - 1) {
        e->flags |= FP_UNDERFLOW;
        return sign;
    }
    return recip_number(size, x);
}

static uint64_t rsqrt_number(unsigned size, struct estimate v)
{
    const struct layout *l = &layouts[size];
    int bias = (1 << (l->exp_bits - 1)) - 1;
    uint32_t scaled;

    if (v.exp == 0) {
        while (!(v.frac >> 51)) {
            v.frac <<= 1;
            v.exp--;
        }
        v.frac = v.frac << 1 & (((uint64_t)1 << 52) - 1);
    }
    scaled = v.exp & 1 ? 0x80 | (uint32_t)(v.frac >> 45) : 0x100 | (uint32_t)(v.frac >> 44);
    return (uint64_t)((3 * bias - 1 - v.exp) / 2) << l->frac_bits |
           (uint64_t)(rsqrt_estimate(scaled) & 0xff) << (l->frac_bits - 8);
}

/* FPRSqrtEstimate() */
static uint64_t lane_rsqrte(unsigned size, uint64_t v, struct fp_env *e)
{
    struct estimate x = estimate_of(size, v);

    if (is_plain(size, x) && !x.negative) {
        return rsqrt_number(size, x);
    }
    if (is_nan(size, v)) {
        return BY_SIZE(size, quiet_nan, v, e);
    }
    v = BY_SIZE(size, flush_input, v, e);
    if (magnitude(size, v) == 0) {
        e->flags |= FP_DIVBYZERO;
        return v | infinity(size);
    }
    if (v & sign_bit(size)) {
        e->flags |= FP_INVALID;
        return BY_SIZE(size, default_nan, e);
    }
    return is_inf(size, v) ? 0 : rsqrt_number(size, estimate_of(size, v));
}

/* FPRecpX(): the exponent turned around */
static uint64_t lane_recpx(unsigned size, uint64_t v, struct fp_env *e)
{
    uint64_t exps = infinity(size), sign = v & sign_bit(size);

    if (is_nan(size, v)) {
        return BY_SIZE(size, quiet_nan, v, e);
    }
    v = BY_SIZE(size, flush_input, v, e);
    if (!(v & exps)) {
        return sign | (exps - ((uint64_t)1 << layouts[size].frac_bits));
    }
    return sign | (~v & exps);
}

static enum fp_round rounding_of(uint32_t r, const struct fp_env *e)
{
    return r == FP_ROUND_ENV ? (enum fp_round)e->rounding : (enum fp_round)r;
}

/* FPRoundIntN(): what has no such integer becomes the most negative one, invalid */
static uint64_t round_int_n(unsigned size, uint64_t v, enum fp_round r, unsigned bits, struct fp_env *e)
{
    struct fp_env attempt = *e;

    attempt.flags = 0;
    (void)BY_SIZE(size, to_int, v, r, 0, bits, true, &attempt);
    if (attempt.flags & FP_INVALID) {
        e->flags |= FP_INVALID;
        return sign_bit(size) | power(size, (int)bits - 1);
    }
    return BY_SIZE(size, round_to_int, v, r, true, e);
}

static uint64_t lane_from_int(unsigned size, uint64_t v, uint32_t arg, struct fp_env *e)
{
    bool is_signed = arg >> 4 & 1;
    unsigned drop = 64 - (8u << size);

    v = is_signed ? (uint64_t)((int64_t)(v << drop) >> drop) : v;
    return BY_SIZE(size, from_int, v, e->rounding, (int)(arg >> 8), is_signed, e);
}

static uint64_t lane1(enum vfp1 op, unsigned size, uint64_t v, uint32_t arg, struct fp_env *e)
{
    switch (op) {
    case VFP_RINTN:
        return round_int_n(size, v, rounding_of(arg & 15, e), arg >> 8, e);
    case VFP_TO_INT:
        return BY_SIZE(size, to_int, v, rounding_of(arg & 15, e), (int)(arg >> 8), 8u << size, arg >> 4 & 1, e);
    case VFP_FROM_INT:
        return lane_from_int(size, v, arg, e);
    case VFP_RECPE:
        return lane_recpe(size, v, e);
    case VFP_RSQRTE:
        return lane_rsqrte(size, v, e);
    default:
        return lane_recpx(size, v, e);
    }
}

/* ---- Operands ---- */

/* A helper's operands, taken apart */
struct what {
    struct fp_env *e;
    unsigned op, size, lanes;
    uint32_t arg;
    uint64_t *d;             /* the destination */
    struct v128 old, n;      /* registers as they were */
};

static struct v128 read_v(const struct arm_cpu *a, unsigned n)
{
    return (struct v128) { { a->d[2 * n], a->d[2 * n + 1] } };
}

static struct what operands(struct tcg_env *env, uint32_t what, uint32_t regs)
{
    struct arm_cpu *a = ARM_ENV(env);

    return (struct what) {
        .e = &env->fp[A64_FP_ENV], .op = what & 0xff, .size = what >> 8 & 15, .lanes = what >> 12 & 15, .arg = what >> 16,
        .d = &a->d[2 * (regs & 31)], .old = read_v(a, regs & 31), .n = read_v(a, regs >> 8 & 31),
    };
}

static uint64_t lane(const struct v128 *v, unsigned size, unsigned i)
{
    const uint8_t *p = (const uint8_t *)v + (i << size);

    return size == 1 ? ld16_le(p) : size == 2 ? ld32_le(p) : ld64_le(p);
}

static void set_lane(struct v128 *v, unsigned size, unsigned i, uint64_t x)
{
    uint8_t *p = (uint8_t *)v + (i << size);

    switch (size) {
    case 1:
        st16_le(p, (uint16_t)x);
        break;
    case 2:
        st32_le(p, (uint32_t)x);
        break;
    default:
        st64_le(p, x);
    }
}

static void result(struct what *w, const struct v128 *r)
{
    w->d[0] = r->d[0];
    w->d[1] = r->d[1];
}

/* ---- The helpers ---- */

void helper_a64_vfp1(struct tcg_env *env, uint32_t what, uint32_t regs)
{
    struct what w = operands(env, what, regs);
    struct v128 r = { { 0, 0 } };

    for (unsigned i = 0; i < w.lanes; i++) {
        set_lane(&r, w.size, i, lane1((enum vfp1)w.op, w.size, lane(&w.n, w.size, i), w.arg, w.e));
    }
    result(&w, &r);
}

void helper_a64_fcvtxn(struct tcg_env *env, uint32_t what, uint32_t regs)
{
    struct what w = operands(env, what, regs);
    struct v128 r = { { 0, 0 } };
    unsigned first = w.arg ? 2 : 0;
    uint8_t mode = w.e->rounding;

    if (w.arg) {
        r = w.old;
    }
    w.e->rounding = FP_ROUND_ODD;
    for (unsigned i = 0; i < w.lanes; i++) {
        set_lane(&r, 2, first + i, f64_to_f32(lane(&w.n, 3, i), w.e));
    }
    w.e->rounding = mode;
    result(&w, &r);
}

/* ---- Scalars ---- */

/* The low 32 bits of v's integer part, whatever its size */
static uint32_t integer_modulo(uint64_t v)
{
    int shift = (int)(v >> 52 & 0x7ff) - 1075;
    uint64_t frac = (v & (((uint64_t)1 << 52) - 1)) | (uint64_t)1 << 52;

    if (shift >= 32 || shift <= -53) {
        return 0;
    }
    frac = shift >= 0 ? frac << shift : frac >> -shift;
    return (uint32_t)(v >> 63 ? -frac : frac);
}

/* FPToFixedJS() */
uint64_t helper_a64_fjcvtzs(struct tcg_env *env, uint64_t v)
{
    struct fp_env *e = &env->fp[A64_FP_ENV], attempt = *e;
    uint64_t x;

    attempt.flags = 0;
    x = f64_flush_input(v, &attempt);
    if (is_nan(3, x) || is_inf(3, x)) {
        e->flags |= FP_INVALID;
        return 0;
    }
    if (!magnitude(3, x)) {
        e->flags |= attempt.flags;
        return (uint64_t)(v == 0) << 32;
    }
    (void)f64_to_int(v, FP_ROUND_ZERO, 0, 32, true, &attempt);
    e->flags |= attempt.flags;
    return integer_modulo(x) | (uint64_t)!attempt.flags << 32;
}

uint32_t helper_a64_f32_rintn(struct tcg_env *env, uint32_t v, uint32_t bits, uint32_t r)
{
    struct fp_env *e = &env->fp[A64_FP_ENV];

    return (uint32_t)round_int_n(2, v, rounding_of(r, e), bits, e);
}

uint64_t helper_a64_f64_rintn(struct tcg_env *env, uint64_t v, uint32_t bits, uint32_t r)
{
    struct fp_env *e = &env->fp[A64_FP_ENV];

    return round_int_n(3, v, rounding_of(r, e), bits, e);
}

uint32_t helper_a64_f16_cmp(struct tcg_env *env, uint32_t a, uint32_t b, uint32_t signalling)
{
    switch (f16_compare((uint16_t)a, (uint16_t)b, signalling, &env->fp[A64_FP_ENV])) {
    case FP_REL_LESS:
        return FLAG_S;
    case FP_REL_EQUAL:
        return FLAG_Z | FLAG_C;
    case FP_REL_GREATER:
        return FLAG_C;
    default:
        return FLAG_C | FLAG_O;
    }
}

/* 32-bit results are zero-extended: a write of a W register. */
uint64_t helper_a64_f16_to_int(struct tcg_env *env, uint32_t v, uint32_t format, uint32_t r)
{
    struct fp_env *e = &env->fp[A64_FP_ENV];
    uint64_t i = f16_to_int((uint16_t)v, rounding_of(r, e), (int)FP_FIXED_FRAC(format), FP_FIXED_BITS(format),
                            FP_FIXED_SIGNED(format), e);

    return FP_FIXED_BITS(format) == 32 ? (uint32_t)i : i;
}

uint32_t helper_a64_f16_from_int(struct tcg_env *env, uint64_t v, uint32_t format)
{
    struct fp_env *e = &env->fp[A64_FP_ENV];

    return f16_from_int(v, e->rounding, (int)FP_FIXED_FRAC(format), FP_FIXED_SIGNED(format), e);
}
