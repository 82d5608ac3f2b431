/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic of the x87 FPU. SDM volume 1 is cited by section; what it
 * leaves open (C1 of stores that fault, the partial quotients of FPREM, digits
 * above 9) is as Intel processors answer, found by tests/util/test-x87float.c.
 *
 * As in softfloat.c an operation takes its operands apart, computes with sign,
 * exponent and significand, and round_pack() makes the image. A significand
 * that is not rounded yet has 128 bits with the integer bit at the top; bits
 * beyond are or-ed into its lowest ("jammed").
 */
#include "config.h"

#include <stddef.h>

#include "util/int128.h"
#include "util/x87float-parts.h"
#include "util/x87float.h"

#define UNMASKED_BIAS 24576      /* 8.5.4, 8.5.5 */

static uint128_t shr_jam128(uint128_t x, unsigned n)
{
    if (n == 0)
        return x;
    if (n > 127)
        return x != 0;
    return x >> n | (x << (128 - n) != 0);
}

static unsigned clz128(uint128_t x)
{
    uint64_t high = uint128_high(x);

    return high ? clz64(high) : 64 + clz64(uint128_low(x));
}

/* ---- Taking apart ---- */

enum x87_class x87_classify(struct x87_float a)
{
    unsigned exp = a.se & EXP_MAX;

    if (!exp) {
        return a.sig ? X87_DENORMAL : X87_ZERO;
    }
    if (!(a.sig & TOP_BIT)) {
        return X87_UNSUPPORTED;
    }
    if (exp != EXP_MAX) {
        return X87_NORMAL;
    }
    if (a.sig == TOP_BIT) {
        return X87_INF;
    }
    return a.sig & QUIET_BIT ? X87_QNAN : X87_SNAN;
}

struct x87_parts x87_unpack(struct x87_float a)
{
    struct x87_parts p = { x87_classify(a), a.se >> 15, a.se & EXP_MAX, a.sig };

    if (p.cls == X87_DENORMAL) {
        unsigned shift = clz64(a.sig);

        p.exp = 1 - (int)shift;
        p.frac <<= shift;
    }
    return p;
}

static struct x87_float make(bool sign, unsigned exp, uint64_t sig)
{
    return (struct x87_float) { sig, (uint16_t)(sign << 15 | exp) };
}

struct x87_float x87_make_zero(bool sign)
{
    return make(sign, 0, 0);
}

struct x87_float x87_make_inf(bool sign)
{
    return make(sign, EXP_MAX, TOP_BIT);
}

struct x87_float x87_invalid(struct x87_env *e)
{
    e->flags |= X87_IE;
    return x87_indefinite();
}

/* Denormal operands: false when that ends the operation. */
static bool denormal_ok(bool any, struct x87_env *e)
{
    if (any) {
        e->flags |= X87_DE;
    }
    return !any || e->control & X87_DE;
}

static bool is_nan(const struct x87_parts *p)
{
    return p->cls == X87_QNAN || p->cls == X87_SNAN;
}

/* 4.8.3.5, table 4-7: the result for operands of which one is a NaN. */
static struct x87_float pick_nan(struct x87_float a, const struct x87_parts *pa, struct x87_float b,
                                 const struct x87_parts *pb, struct x87_env *e)
{
    struct x87_float r;

    if (pa->cls == X87_SNAN || pb->cls == X87_SNAN) {
        e->flags |= X87_IE;
    }
    if (!is_nan(pb)) {
        r = a;
    } else if (!is_nan(pa)) {
        r = b;
    } else if (pa->cls != pb->cls) {
        r = pa->cls == X87_QNAN ? a : b;
    } else if (a.sig != b.sig) {
        r = a.sig > b.sig ? a : b;
    } else {
        r = a.se < b.se ? a : b;
    }
    r.sig |= QUIET_BIT;
    return r;
}

bool x87_special1(struct x87_float a, struct x87_parts *p, struct x87_float *r, struct x87_env *e)
{
    *p = x87_unpack(a);
    if (p->cls == X87_UNSUPPORTED) {
        *r = x87_invalid(e);
        return true;
    }
    if (is_nan(p)) {
        *r = pick_nan(a, p, a, p, e);
        return true;
    }
    return false;
}

bool x87_special2(struct x87_float a, struct x87_float b, struct x87_parts *pa, struct x87_parts *pb,
                  struct x87_float *r, struct x87_env *e)
{
    *pa = x87_unpack(a);
    *pb = x87_unpack(b);
    if (pa->cls == X87_UNSUPPORTED || pb->cls == X87_UNSUPPORTED) {
        *r = x87_invalid(e);
        return true;
    }
    if (is_nan(pa) || is_nan(pb)) {
        *r = pick_nan(a, pa, b, pb, e);
        return true;
    }
    return false;
}

bool x87_denormals(const struct x87_parts *a, const struct x87_parts *b, struct x87_env *e)
{
    return !denormal_ok(a->cls == X87_DENORMAL || b->cls == X87_DENORMAL || e->denormal, e);
}

/* ---- Rounding ---- */

static enum x87_rounding rounding(const struct x87_env *e)
{
    return (enum x87_rounding)(e->control >> 10 & 3);
}

static unsigned precision(const struct x87_env *e)
{
    static const uint8_t bits[] = { 24, 64, 53, 64 };

    return bits[e->control >> 8 & 3];
}

/* Does `sig` without its low `extra` bits (1 to 127) round away from zero? */
static bool rounds_up(uint128_t sig, unsigned extra, bool sign, enum x87_rounding r)
{
    uint128_t one = (uint128_t)1 << extra, below = sig & (one - 1), half = one >> 1;

    switch (r) {
    case X87_ROUND_NEAREST:
        return below > half || (below == half && sig & one);
    case X87_ROUND_DOWN:
        return sign && below;
    case X87_ROUND_UP:
        return !sign && below;
    default:
        return false;
    }
}

struct rounded {
    uint128_t sig;               /* rounded in place; 0 when it carried out */
    bool inexact, up;
};

static struct rounded round_at(uint128_t sig, unsigned extra, bool sign, enum x87_rounding r)
{
    uint128_t below = ((uint128_t)1 << extra) - 1;
    struct rounded o = { sig & ~below, sig & below, rounds_up(sig, extra, sign, r) };

    o.sig += o.up ? below + 1 : 0;
    return o;
}

static void note_inexact(const struct rounded *o, struct x87_env *e)
{
    e->flags |= o->inexact ? X87_PE : 0;
    e->flags |= o->up ? X87_C1 : 0;
}

/* Masked overflow, table 4-10; `max` is the largest significand. */
static struct x87_float overflow(bool sign, uint64_t max, struct x87_env *e)
{
    enum x87_rounding r = rounding(e);

    e->flags |= X87_OE | X87_PE;
    if (r == X87_ROUND_NEAREST || r == (sign ? X87_ROUND_DOWN : X87_ROUND_UP)) {
        e->flags |= X87_C1;
        return x87_make_inf(sign);
    }
    return make(sign, EXP_MAX - 1, max);
}

/* A result below the normal numbers, with underflow masked (4.9.1.5). */
static struct x87_float round_tiny(bool sign, int32_t exp, uint128_t sig, unsigned extra, bool tiny,
                                   struct x87_env *e)
{
    struct rounded o = round_at(shr_jam128(sig, exp < -200 ? 200 : (unsigned)(1 - exp)), extra, sign, rounding(e));

    note_inexact(&o, e);
    e->flags |= tiny && o.inexact ? X87_UE : 0;
    return make(sign, o.sig >> 127 ? 1 : 0, uint128_high(o.sig));
}

/* (-1)^sign * sig / 2^127 * 2^(exp - bias) with `prec` bits */
static struct x87_float round_pack(bool sign, int32_t exp, uint128_t sig, unsigned prec, struct x87_env *e)
{
    unsigned extra = 128 - prec;
    struct rounded o = round_at(sig, extra, sign, rounding(e));
    int32_t exp1 = o.sig ? exp : exp + 1;

    if (exp < 1 && e->control & X87_UE) {
        return round_tiny(sign, exp, sig, extra, exp1 < 1, e);
    }
    if (exp1 >= EXP_MAX && e->control & X87_OE) {
        return overflow(sign, UINT64_MAX << (64 - prec), e);
    }
    if (exp1 < 1) {
        e->flags |= X87_UE;
        exp1 += UNMASKED_BIAS;
    } else if (exp1 >= EXP_MAX) {
        e->flags |= X87_OE;
        exp1 -= UNMASKED_BIAS;
    }
    note_inexact(&o, e);
    return make(sign, (unsigned)exp1, o.sig ? uint128_high(o.sig) : TOP_BIT);
}

struct x87_float x87_pack(bool sign, int32_t exp, uint128_t sig, struct x87_env *e)
{
    return round_pack(sign, exp, sig, 64, e);
}

/* A significand that is not 0 with its highest one in place; *exp follows. */
static uint128_t normalise(uint128_t sig, int32_t *exp)
{
    unsigned shift = clz128(sig);

    *exp -= (int32_t)shift;
    return sig << shift;
}

/* ---- Add, subtract, multiply, divide, square root ---- */

static struct x87_float add_numbers(struct x87_parts a, struct x87_parts b, struct x87_env *e)
{
    uint128_t x, y, sum;
    int32_t exp;

    if (a.exp < b.exp || (a.exp == b.exp && a.frac < b.frac)) {
        struct x87_parts t = a;

        a = b;
        b = t;
    }
    exp = a.exp + 1;
    x = (uint128_t)a.frac << 63;
    y = shr_jam128((uint128_t)b.frac << 63, (unsigned)(a.exp - b.exp));
    sum = a.sign == b.sign ? x + y : x - y;
    if (!sum) {
        return x87_make_zero(rounding(e) == X87_ROUND_DOWN);
    }
    sum = normalise(sum, &exp);
    return round_pack(a.sign, exp, sum, precision(e), e);
}

static struct x87_float add_parts(struct x87_parts a, struct x87_parts b, struct x87_env *e)
{
    if (a.cls == X87_INF && b.cls == X87_INF && a.sign != b.sign) {
        return x87_invalid(e);
    }
    if (x87_denormals(&a, &b, e)) {
        return x87_indefinite();
    }
    if (a.cls == X87_INF || b.cls == X87_INF) {
        return x87_make_inf(a.cls == X87_INF ? a.sign : b.sign);
    }
    if (a.cls == X87_ZERO && b.cls == X87_ZERO) {
        return x87_make_zero(a.sign == b.sign ? a.sign : rounding(e) == X87_ROUND_DOWN);
    }
    if (a.cls == X87_ZERO || b.cls == X87_ZERO) {
        const struct x87_parts *p = a.cls == X87_ZERO ? &b : &a;

        return round_pack(p->sign, p->exp, (uint128_t)p->frac << 64, precision(e), e);
    }
    return add_numbers(a, b, e);
}

struct x87_float x87_add(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    struct x87_parts pa, pb;
    struct x87_float r;

    if (x87_special2(a, b, &pa, &pb, &r, e)) {
        return r;
    }
    return add_parts(pa, pb, e);
}

struct x87_float x87_sub(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    struct x87_parts pa, pb;
    struct x87_float r;

    if (x87_special2(a, b, &pa, &pb, &r, e)) {
        return r;
    }
    pb.sign = !pb.sign;
    return add_parts(pa, pb, e);
}

struct x87_float x87_mul(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    struct x87_parts pa, pb;
    struct x87_float r;
    int32_t exp;
    uint128_t sig;
    bool sign;

    if (x87_special2(a, b, &pa, &pb, &r, e)) {
        return r;
    }
    sign = pa.sign ^ pb.sign;
    if ((pa.cls == X87_INF && pb.cls == X87_ZERO) || (pa.cls == X87_ZERO && pb.cls == X87_INF)) {
        return x87_invalid(e);
    }
    if (x87_denormals(&pa, &pb, e)) {
        return x87_indefinite();
    }
    if (pa.cls == X87_INF || pb.cls == X87_INF) {
        return x87_make_inf(sign);
    }
    if (pa.cls == X87_ZERO || pb.cls == X87_ZERO) {
        return x87_make_zero(sign);
    }
    exp = pa.exp + pb.exp - EXP_BIAS + 1;
    sig = normalise((uint128_t)pa.frac * pb.frac, &exp);
    return round_pack(sign, exp, sig, precision(e), e);
}

/* The quotient of two numbers: 64 bits, then what the rest rounds like. */
static uint128_t divide(uint64_t n, uint64_t d, int32_t *exp)
{
    uint128_t num = (uint128_t)n << 63;
    uint64_t q, rest, low;

    if (n < d) {
        num <<= 1;
        --*exp;
    }
    q = (uint64_t)(num / d);
    rest = (uint64_t)(num - (uint128_t)q * d);
    if (rest > d - rest) {
        low = TOP_BIT | 1;
    } else {
        low = rest == d - rest ? TOP_BIT : rest != 0;
    }
    return uint128_make(low, q);
}

struct x87_float x87_div(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    struct x87_parts pa, pb;
    struct x87_float r;
    int32_t exp;
    uint128_t sig;
    bool sign;

    if (x87_special2(a, b, &pa, &pb, &r, e)) {
        return r;
    }
    sign = pa.sign ^ pb.sign;
    if (pa.cls == pb.cls && (pa.cls == X87_INF || pa.cls == X87_ZERO)) {
        return x87_invalid(e);
    }
    if (pb.cls == X87_ZERO && pa.cls != X87_INF) {
        e->flags |= X87_ZE;
        return x87_make_inf(sign);
    }
    if (x87_denormals(&pa, &pb, e)) {
        return x87_indefinite();
    }
    if (pa.cls == X87_INF) {
        return x87_make_inf(sign);
    }
    if (pb.cls == X87_INF || pa.cls == X87_ZERO) {
        return x87_make_zero(sign);
    }
    exp = pa.exp - pb.exp + EXP_BIAS;
    sig = divide(pa.frac, pb.frac, &exp);
    return round_pack(sign, exp, sig, precision(e), e);
}

/* floor(sqrt(x)) for x from 2^126 */
static uint64_t sqrt_u128(uint128_t x)
{
    uint128_t s = (uint128_t)TOP_BIT << 1;

    /* Newton from above; each step doubles the bits that are right */
    for (;;) {
        uint128_t t = (s + x / s) >> 1;

        if (t >= s) {
            return (uint64_t)s;
        }
        s = t;
    }
}

struct x87_float x87_sqrt(struct x87_float a, struct x87_env *e)
{
    struct x87_parts p;
    struct x87_float r;
    uint128_t x, rest;
    uint64_t s, low;

    if (x87_special1(a, &p, &r, e)) {
        return r;
    }
    if (p.cls == X87_ZERO) {
        return a;
    }
    if (p.sign) {
        return x87_invalid(e);
    }
    if (x87_denormals(&p, &p, e)) {
        return x87_indefinite();
    }
    if (p.cls == X87_INF) {
        return a;
    }
    /* the exponent of x / 2^126 is made even */
    x = (uint128_t)p.frac << ((p.exp - EXP_BIAS) & 1 ? 64 : 63);
    s = sqrt_u128(x);
    rest = x - (uint128_t)s * s;
    low = rest > s ? TOP_BIT | 1 : rest != 0;
    return round_pack(false, ((p.exp - EXP_BIAS) >> 1) + EXP_BIAS, uint128_make(low, s), precision(e), e);
}

/* ---- Comparison ---- */

uint16_t x87_compare(struct x87_float a, struct x87_float b, bool ordered, struct x87_env *e)
{
    struct x87_parts pa = x87_unpack(a), pb = x87_unpack(b);
    bool nan = is_nan(&pa) || is_nan(&pb), less;

    if (pa.cls == X87_UNSUPPORTED || pb.cls == X87_UNSUPPORTED || pa.cls == X87_SNAN || pb.cls == X87_SNAN ||
        (nan && ordered)) {
        e->flags |= X87_IE;
        return X87_C0 | X87_C2 | X87_C3;
    }
    if (nan) {
        return X87_C0 | X87_C2 | X87_C3;
    }
    (void)x87_denormals(&pa, &pb, e);
    if (pa.cls == X87_ZERO && pb.cls == X87_ZERO) {
        return X87_C3;
    }
    if (pa.sign != pb.sign) {
        return pa.sign ? X87_C0 : 0;
    }
    if (pa.exp == pb.exp && pa.frac == pb.frac && pa.cls != X87_ZERO && pb.cls != X87_ZERO) {
        return X87_C3;
    }
    if (pa.cls == X87_ZERO || pb.cls == X87_ZERO) {
        less = pa.cls == X87_ZERO;
    } else {
        less = pa.exp < pb.exp || (pa.exp == pb.exp && pa.frac < pb.frac);
    }
    return less != pa.sign ? X87_C0 : 0;
}

/* ---- Integral values, scaling, remainders ---- */

struct x87_float x87_round_to_int(struct x87_float a, struct x87_env *e)
{
    struct x87_parts p;
    struct x87_float r;
    struct rounded o;
    unsigned extra;

    if (x87_special1(a, &p, &r, e)) {
        return r;
    }
    if (x87_denormals(&p, &p, e)) {
        return x87_indefinite();
    }
    if (p.cls == X87_ZERO || p.cls == X87_INF || p.exp >= EXP_BIAS + 63) {
        return a;
    }
    if (p.exp < EXP_BIAS - 1) {
        p.frac = 1;              /* anything below a half */
        p.exp = EXP_BIAS - 1;
    }
    extra = (unsigned)(EXP_BIAS + 63 - p.exp);
    o = round_at(p.frac, extra, p.sign, rounding(e));
    note_inexact(&o, e);
    if (!o.sig) {
        return x87_make_zero(p.sign);
    }
    p.exp += 64;
    o.sig = normalise(o.sig, &p.exp);
    return make(p.sign, (unsigned)p.exp, uint128_high(o.sig));
}

/* A finite result that is the operand: a denormal does not underflow, a pseudo-denormal gets its exponent. */
static struct x87_float unchanged(struct x87_float a)
{
    a.se |= !(a.se & EXP_MAX) && a.sig & TOP_BIT ? 1 : 0;
    return a;
}

/* trunc(p), limited to what moves every number out of range */
static int32_t scale_exponent(const struct x87_parts *p)
{
    int32_t n;

    if (p->cls == X87_ZERO || p->exp < EXP_BIAS) {
        return 0;
    }
    n = p->exp > EXP_BIAS + 16 ? 0x20000 : (int32_t)(p->frac >> (63 - (p->exp - EXP_BIAS)));
    return p->sign ? -n : n;
}

/* What unmasked overflow and underflow give when the change of the exponent does not suffice
 * (FSCALE's page); rounding control has no part in it. */
static struct x87_float scale_far(bool sign, bool large, struct x87_env *e)
{
    e->flags |= large ? X87_OE | X87_PE | X87_C1 : X87_UE | X87_PE;
    return large ? x87_make_inf(sign) : x87_make_zero(sign);
}

struct x87_float x87_scale(struct x87_float a, struct x87_float b, struct x87_env *e)
{
    struct x87_parts pa, pb;
    struct x87_float r;
    int32_t exp;

    if (x87_special2(a, b, &pa, &pb, &r, e)) {
        return r;
    }
    if (pb.cls == X87_INF && pa.cls == (pb.sign ? X87_INF : X87_ZERO)) {
        return x87_invalid(e);
    }
    if (x87_denormals(&pa, &pb, e)) {
        return x87_indefinite();
    }
    if (pa.cls == X87_INF || pa.cls == X87_ZERO) {
        return a;
    }
    if (pb.cls == X87_ZERO) {
        return unchanged(a);
    }
    if (pb.cls == X87_INF) {
        return pb.sign ? x87_make_zero(pa.sign) : x87_make_inf(pa.sign);
    }
    exp = pa.exp + scale_exponent(&pb);
    if ((!(e->control & X87_OE) && exp >= EXP_MAX + UNMASKED_BIAS) ||
        (!(e->control & X87_UE) && exp < 1 - UNMASKED_BIAS)) {
        return scale_far(pa.sign, exp > 0, e);
    }
    return x87_pack(pa.sign, exp, (uint128_t)pa.frac << 64, e);
}

struct x87_float x87_extract(struct x87_float a, struct x87_float *exponent, struct x87_env *e)
{
    struct x87_parts p;
    struct x87_float r;

    if (x87_special1(a, &p, &r, e)) {
        *exponent = r;
        return r;
    }
    if (x87_denormals(&p, &p, e)) {
        return *exponent = x87_indefinite();
    }
    if (p.cls == X87_INF) {
        *exponent = x87_make_inf(false);
        return a;
    }
    if (p.cls == X87_ZERO) {
        e->flags |= X87_ZE;
        *exponent = x87_make_inf(true);
        return a;
    }
    *exponent = x87_from_int(p.exp - EXP_BIAS);
    return make(p.sign, EXP_BIAS, p.frac);
}

static uint16_t quotient_bits(uint64_t q)
{
    return (q & 4 ? X87_C0 : 0) | (q & 2 ? X87_C3 : 0) | (q & 1 ? X87_C1 : 0);
}

/* rest * 2^(exp - bias - 63) */
static struct x87_float pack_rest(bool sign, int32_t exp, uint128_t rest, struct x87_env *e)
{
    exp += 64;
    rest = normalise(rest, &exp);
    return x87_pack(sign, exp, rest, e);
}

/* FPREM1 with |a| < |b|: the quotient is 0 or 1. */
static struct x87_float small_remainder(struct x87_parts a, struct x87_parts b, struct x87_env *e)
{
    if (a.exp < b.exp - 1 || a.frac <= b.frac) {
        return x87_pack(a.sign, a.exp, (uint128_t)a.frac << 64, e);
    }
    e->flags |= X87_C1;
    return pack_rest(!a.sign, a.exp, ((uint128_t)b.frac << 1) - a.frac, e);
}

static struct x87_float remainder_numbers(struct x87_parts a, struct x87_parts b, bool ieee, struct x87_env *e)
{
    int32_t d = a.exp - b.exp, n = d < 64 ? d : 32 + d % 32;
    uint128_t num;
    uint64_t q, rest;
    bool sign = a.sign;

    if (d < 0) {
        return ieee ? small_remainder(a, b, e) : x87_pack(a.sign, a.exp, (uint128_t)a.frac << 64, e);
    }
    num = (uint128_t)a.frac << n;
    q = (uint64_t)(num / b.frac);
    rest = (uint64_t)(num - (uint128_t)q * b.frac);
    if (d >= 64) {
        e->flags |= X87_C2;
    } else {
        if (ieee && (rest > b.frac - rest || (rest == b.frac - rest && q & 1))) {
            rest = b.frac - rest;
            sign = !sign;
            q++;
        }
        e->flags |= quotient_bits(q);
    }
    if (!rest) {
        return x87_make_zero(a.sign);
    }
    return pack_rest(sign, b.exp + d - n, rest, e);
}

struct x87_float x87_remainder(struct x87_float a, struct x87_float b, bool ieee, struct x87_env *e)
{
    struct x87_parts pa, pb;
    struct x87_float r;

    if (x87_special2(a, b, &pa, &pb, &r, e)) {
        return r;
    }
    if (pa.cls == X87_INF || pb.cls == X87_ZERO) {
        return x87_invalid(e);
    }
    if (x87_denormals(&pa, &pb, e)) {
        return x87_indefinite();
    }
    if (pa.cls == X87_ZERO) {
        return a;
    }
    if (pb.cls == X87_INF) {
        return unchanged(a);
    }
    return remainder_numbers(pa, pb, ieee, e);
}

/* ---- Loads ---- */

struct narrow {
    unsigned frac_bits, exp_bits;
};

static const struct narrow narrow_f32 = { 23, 8 }, narrow_f64 = { 52, 11 };

/* Exactly; of NaNs the bits */
static struct x87_float widen(uint64_t image, const struct narrow *f, bool *denormal)
{
    unsigned exp = (unsigned)extract64(image, f->frac_bits, f->exp_bits);
    unsigned max = (1u << f->exp_bits) - 1, shift;
    uint64_t frac = image << (64 - f->frac_bits) >> 1;
    bool sign = image >> (f->frac_bits + f->exp_bits) & 1;

    *denormal = false;
    if (exp == max) {
        return make(sign, EXP_MAX, TOP_BIT | frac);
    }
    if (exp) {
        return make(sign, exp + EXP_BIAS - (max >> 1), TOP_BIT | frac);
    }
    if (!frac) {
        return x87_make_zero(sign);
    }
    *denormal = true;
    shift = clz64(frac);
    return make(sign, 1 + EXP_BIAS - (max >> 1) - shift, frac << shift);
}

static struct x87_float load(uint64_t image, const struct narrow *f, struct x87_env *e)
{
    bool denormal;
    struct x87_float r = widen(image, f, &denormal);

    if (x87_classify(r) == X87_SNAN) {
        e->flags |= X87_IE;
        r.sig |= QUIET_BIT;
    }
    e->flags |= denormal ? X87_DE : 0;
    return r;
}

struct x87_float x87_from_f32(uint32_t a, struct x87_env *e)
{
    return load(a, &narrow_f32, e);
}

struct x87_float x87_from_f64(uint64_t a, struct x87_env *e)
{
    return load(a, &narrow_f64, e);
}

struct x87_float x87_operand_f32(uint32_t a, struct x87_env *e)
{
    bool denormal;
    struct x87_float r = widen(a, &narrow_f32, &denormal);

    e->denormal = denormal;
    return r;
}

struct x87_float x87_operand_f64(uint64_t a, struct x87_env *e)
{
    bool denormal;
    struct x87_float r = widen(a, &narrow_f64, &denormal);

    e->denormal = denormal;
    return r;
}

struct x87_float x87_from_int(int64_t a)
{
    uint64_t abs = a < 0 ? -(uint64_t)a : (uint64_t)a;
    unsigned shift = clz64(abs);

    return abs ? make(a < 0, EXP_BIAS + 63 - shift, abs << shift) : x87_make_zero(false);
}

struct x87_float x87_from_bcd(const uint8_t bcd[10])
{
    struct x87_float r;
    uint64_t v = 0;

    for (int i = 8; i >= 0; i--) {
        v = v * 100 + (bcd[i] >> 4) * 10u + (bcd[i] & 15);
    }
    r = x87_from_int((int64_t)v);
    r.se |= (uint16_t)(bcd[9] >> 7 << 15);
    return r;
}

/* ---- Stores ---- */

static uint64_t narrow_image(const struct narrow *f, bool sign, unsigned exp, uint64_t frac)
{
    return (uint64_t)sign << (f->frac_bits + f->exp_bits) | (uint64_t)exp << f->frac_bits |
           (frac & mask64(f->frac_bits));
}

static uint64_t narrow_overflow(bool sign, const struct narrow *f, struct x87_env *e)
{
    struct x87_float r;

    if (!(e->control & X87_OE)) {
        e->flags |= X87_OE;
        return 0;
    }
    r = overflow(sign, UINT64_MAX, e);
    return narrow_image(f, sign, (1u << f->exp_bits) - (r.sig == TOP_BIT ? 1 : 2), r.sig << 1 >> 1);
}

static uint64_t narrow_number(const struct x87_parts *p, const struct narrow *f, struct x87_env *e)
{
    int32_t max = (int32_t)mask32(f->exp_bits), exp = p->exp - EXP_BIAS + (max >> 1), exp1;
    unsigned extra = 127 - f->frac_bits;
    uint128_t sig = (uint128_t)p->frac << 64;
    struct rounded o = round_at(sig, extra, p->sign, rounding(e));

    exp1 = o.sig ? exp : exp + 1;
    if (exp1 >= max) {
        return narrow_overflow(p->sign, f, e);
    }
    if (exp < 1) {
        if (exp1 < 1 && !(e->control & X87_UE)) {
            e->flags |= X87_UE;
            return 0;
        }
        o = round_at(shr_jam128(sig, exp < -100 ? 100 : (unsigned)(1 - exp)), extra, p->sign, rounding(e));
        e->flags |= o.inexact && exp1 < 1 ? X87_UE : 0;
        exp1 = o.sig >> 127 ? 1 : 0;
    }
    note_inexact(&o, e);
    return narrow_image(f, p->sign, (unsigned)exp1, uint128_high(o.sig) >> (63 - f->frac_bits));
}

static uint64_t narrow_value(struct x87_float a, const struct narrow *f, struct x87_env *e)
{
    struct x87_parts p;
    struct x87_float r;

    if (x87_special1(a, &p, &r, e) || p.cls == X87_INF) {
        r = p.cls == X87_INF ? a : r;
        return narrow_image(f, r.se >> 15, mask32(f->exp_bits), r.sig >> (63 - f->frac_bits));
    }
    if (p.cls == X87_ZERO) {
        return narrow_image(f, p.sign, 0, 0);
    }
    return narrow_number(&p, f, e);
}

uint32_t x87_to_f32(struct x87_float a, struct x87_env *e)
{
    return (uint32_t)narrow_value(a, &narrow_f32, e);
}

uint64_t x87_to_f64(struct x87_float a, struct x87_env *e)
{
    return narrow_value(a, &narrow_f64, e);
}

/* |p| as an integer of at most `limit`. False: it is not one of these. */
static bool to_magnitude(const struct x87_parts *p, enum x87_rounding mode, uint64_t limit, uint64_t *v,
                         struct x87_env *e)
{
    struct rounded o = { p->frac, false, false };
    int32_t extra = EXP_BIAS + 63 - p->exp;

    *v = 0;
    if (p->cls == X87_ZERO) {
        return true;
    }
    if ((p->cls != X87_NORMAL && p->cls != X87_DENORMAL) || extra < 0) {
        return false;
    }
    if (extra > 64) {
        extra = 64;
        o.sig = 1;
    }
    if (extra) {
        o = round_at(o.sig, (unsigned)extra, p->sign, mode);
    }
    if (o.sig >> extra > limit) {
        return false;
    }
    note_inexact(&o, e);
    *v = (uint64_t)(o.sig >> extra);
    return true;
}

int64_t x87_to_int(struct x87_float a, unsigned bits, bool truncate, struct x87_env *e)
{
    struct x87_parts p = x87_unpack(a);
    uint64_t v, max = UINT64_MAX >> (65 - bits);

    if (!to_magnitude(&p, truncate ? X87_ROUND_ZERO : rounding(e), max + p.sign, &v, e)) {
        e->flags |= X87_IE;
        return -(int64_t)max - 1;
    }
    return (int64_t)(p.sign ? -v : v);
}

void x87_to_bcd(struct x87_float a, uint8_t bcd[10], struct x87_env *e)
{
    struct x87_parts p = x87_unpack(a);
    uint64_t v;

    if (!to_magnitude(&p, rounding(e), UINT64_C(999999999999999999), &v, e)) {
        e->flags |= X87_IE;
        for (int i = 0; i < 10; i++) {
            bcd[i] = i < 7 ? 0 : i == 7 ? 0xc0 : 0xff;
        }
        return;
    }
    for (int i = 0; i < 9; i++, v /= 100) {
        bcd[i] = (uint8_t)(v % 100 / 10 << 4 | v % 10);
    }
    bcd[9] = p.sign ? 0x80 : 0;
}
