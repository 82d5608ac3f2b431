/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transcendental functions of the x87 FPU: the host's own where it has them, else in integers of 128 bits.
 *
 * A value under way is a struct big, 128 bits of significand; series are summed by Horner's rule in fixed
 * point with 127 bits behind the point ("Q127", ONE is 1). What comes out has an error below 2^-120 and is then
 * rounded once, to 64 bits. Results are never exact but in the cases that are taken out before, so the lowest bit of
 * the 128 is a sticky one. Processors are less exact, an ulp at most, and differ from each other. An Intel Xeon of 2023
 * has another last bit than the exact result for 2 to 5 % of random operands (rounding to nearest; F2XM1 9 %, FYL2XP1 13 %; rounding up or down
 * up to 17 %).
 *
 * Where a value is next to a number that is (sin x for tiny x), the series' sum is kept on the right side of 1.
 */
#include "config.h"

#include <stddef.h>

#include "util/x87float-parts.h"
#include "util/x87float.h"

#define U128(high, low) ((uint128_t)UINT64_C(high) << 64 | UINT64_C(low))
#define ONE             ((uint128_t)1 << 127)

/* (-1)^sign * sig / 2^127 * 2^exp, sig with its top bit set */
struct big {
    bool sign;
    int32_t exp;
    uint128_t sig;
};

static const struct big half_pi = { false, 0, U128(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1) };
static const struct big ln2 = { false, -1, U128(0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af) };
static const struct big two_log2e = { false, 1, U128(0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88) };

/* ---- 128-bit arithmetic ---- */

/* The upper half of the product */
static uint128_t mulhi(uint128_t a, uint128_t b)
{
    uint64_t ah = uint128_high(a), al = uint128_low(a), bh = uint128_high(b), bl = uint128_low(b);
    uint128_t mid1 = (uint128_t)ah * bl, mid2 = (uint128_t)al * bh;
    uint128_t low = ((uint128_t)al * bl >> 64) + uint128_low(mid1) + uint128_low(mid2);

    return (uint128_t)ah * bh + (mid1 >> 64) + (mid2 >> 64) + (low >> 64);
}

/* Of Q127 numbers */
static uint128_t mul_q(uint128_t a, uint128_t b)
{
    return mulhi(a, b) << 1;
}

/* n / d * 2^128, for n < d */
static uint128_t div_fraction(uint128_t n, uint128_t d)
{
    uint128_t q = 0;

    for (int i = 0; i < 128; i++) {
        bool carry = n >> 127;

        n <<= 1;
        q <<= 1;
        if (carry || n >= d) {
            n -= d;
            q |= 1;
        }
    }
    return q;
}

static struct big normal(bool sign, int32_t exp, uint128_t sig)
{
    unsigned shift = uint128_high(sig) ? clz64(uint128_high(sig)) : 64 + clz64(uint128_low(sig));

    return (struct big) { sign, exp - (int32_t)shift, sig << shift };
}

static struct big of_parts(const struct x87_parts *p)
{
    return (struct big) { p->sign, p->exp - EXP_BIAS, (uint128_t)p->frac << 64 };
}

static struct big mul(struct big a, struct big b)
{
    return normal(a.sign ^ b.sign, a.exp + b.exp + 1, mulhi(a.sig, b.sig));
}

static struct big divide(struct big a, struct big b)
{
    bool sign = a.sign ^ b.sign;
    int32_t exp = a.exp - b.exp - 1;

    if (a.sig >= b.sig) {        /* the quotient of the halves */
        return normal(sign, exp + 2, ONE >> 1 | (div_fraction(a.sig - b.sig, b.sig) >> 2) | 1);
    }
    return normal(sign, exp, div_fraction(a.sig, b.sig) | 1);
}

static uint128_t shift_right(uint128_t x, int32_t n)
{
    return n > 127 ? 0 : x >> n;
}

/* |a| must not be less than |b|; what is lost of b counts as a little. The sum is not 0. */
static struct big add_smaller(struct big a, struct big b)
{
    int32_t d = a.exp - b.exp;
    uint128_t y = shift_right(b.sig >> 1, d) | (d > 0);

    if (d == 0 && a.sign != b.sign) {
        return normal(a.sign, a.exp, a.sig - b.sig);
    }
    return normal(a.sign, a.exp + 1, (a.sign == b.sign ? (a.sig >> 1) + y : (a.sig >> 1) - y));
}

static bool is_less(struct big a, struct big b)
{
    return a.exp < b.exp || (a.exp == b.exp && a.sig < b.sig);
}

static struct big add(struct big a, struct big b)
{
    return is_less(a, b) ? add_smaller(b, a) : add_smaller(a, b);
}

/* As a Q127 number; exp is at most 0 */
static uint128_t to_q(struct big a)
{
    return shift_right(a.sig, -a.exp);
}

static struct big of_q(bool sign, uint128_t q)
{
    return normal(sign, 0, q);
}

static struct big of_int(int32_t n)
{
    return normal(n < 0, 31, (uint128_t)(uint32_t)(n < 0 ? -n : n) << 96);
}

static struct x87_float finish(struct big a, struct x87_env *e)
{
    return x87_pack(a.sign, a.exp + EXP_BIAS, a.sig | 1, e);
}

/* ---- Sine, cosine, tangent ---- */

/* a = quadrant * pi / 2 + rest, with |rest| at most pi / 4 */
struct angle {
    unsigned quadrant;
    bool is_zero;                /* rest is */
    struct big rest;
};

/* SDM 1, 8.3.8: pi is this / 2^64 */
#define PI_66 U128(0x3, 0x243f6a8885a308d3)

/* |a| is less than 2^63. */
static struct angle reduce(struct big a)
{
    struct angle r = { 0, false, a };
    uint128_t n, rest;

    if (a.exp < -1) {
        return r;
    }
    /* both in units of 2^-65 */
    n = a.sig >> (62 - a.exp);
    rest = n % PI_66;
    r.quadrant = (unsigned)(n / PI_66) & 3;
    r.rest.sign = false;
    if (rest > PI_66 / 2) {
        rest = PI_66 - rest;
        r.rest.sign = true;
        r.quadrant = (r.quadrant + 1) & 3;
    }
    r.is_zero = !rest;
    if (rest) {
        r.rest = normal(r.rest.sign, 62, rest);
    }
    if (a.sign) {
        r.rest.sign = !r.rest.sign;
        r.quadrant = -r.quadrant & 3;
    }
    return r;
}

/* 1 - z / (first (first + 1)) (1 - z / ((first + 2) (first + 3)) (1 - ...)), a little less than that */
static uint128_t alternating(uint128_t z, unsigned first)
{
    uint128_t sum = ONE;

    for (unsigned n = first + 32; n >= first && n <= first + 32; n -= 2) {
        sum = ONE - mul_q(sum, z) / (n * (n + 1)) - 1;
    }
    return sum;
}

static struct big times_q(struct big a, uint128_t q)
{
    return mul(a, of_q(false, q));
}

static struct big sine(const struct angle *a)
{
    uint128_t r = to_q(a->rest);

    return times_q(a->rest, alternating(mul_q(r, r), 2));
}

static struct big cosine(const struct angle *a)
{
    uint128_t r = a->is_zero ? 0 : to_q(a->rest);

    return of_q(false, alternating(mul_q(r, r), 1));
}

/* Sine of the whole angle; for the cosine, of a quadrant more. The rest is not 0 where it counts. */
static struct x87_float in_quadrant(const struct angle *a, unsigned quadrant, struct x87_env *e)
{
    struct big v = quadrant & 1 ? cosine(a) : sine(a);

    v.sign ^= quadrant >> 1 & 1;
    return finish(v, e);
}

enum trig_case { TRIG_DONE, TRIG_ZERO, TRIG_ANGLE };

/* What operands of all these functions have in common. TRIG_DONE: *r is the result (or C2 is set). */
static enum trig_case trig_operand(struct x87_float a, struct x87_parts *p, struct angle *angle, struct x87_float *r,
                                   struct x87_env *e)
{
    if (x87_special1(a, p, r, e)) {
        return TRIG_DONE;
    }
    *r = a;
    if (p->cls == X87_INF) {
        *r = x87_invalid(e);
        return TRIG_DONE;
    }
    if (p->cls == X87_ZERO) {
        return TRIG_ZERO;
    }
    if (p->exp >= EXP_BIAS + 63) {
        e->flags |= X87_C2;
        return TRIG_DONE;
    }
    if (x87_denormals(p, p, e)) {
        return TRIG_DONE;
    }
    *angle = reduce(of_parts(p));
    return TRIG_ANGLE;
}

static struct x87_float one(void)
{
    return (struct x87_float) { TOP_BIT, EXP_BIAS };
}

/* A multiple of pi in 66 bits is never a float, so the rest is not zero. */
static struct x87_float soft_sin(struct x87_float a, struct x87_env *e)
{
    struct x87_parts p;
    struct angle angle;
    struct x87_float r;

    if (trig_operand(a, &p, &angle, &r, e) != TRIG_ANGLE) {
        return r;
    }
    return in_quadrant(&angle, angle.quadrant, e);
}

static struct x87_float soft_cos(struct x87_float a, struct x87_env *e)
{
    struct x87_parts p;
    struct angle angle;
    struct x87_float r;
    enum trig_case c = trig_operand(a, &p, &angle, &r, e);

    if (c != TRIG_ANGLE) {
        return c == TRIG_ZERO ? one() : r;
    }
    return in_quadrant(&angle, angle.quadrant + 1, e);
}

static struct x87_float soft_sincos(struct x87_float a, struct x87_float *cosine_of, struct x87_env *e)
{
    struct x87_parts p;
    struct angle angle;
    struct x87_float r;
    enum trig_case c = trig_operand(a, &p, &angle, &r, e);

    if (c != TRIG_ANGLE) {
        *cosine_of = c == TRIG_ZERO ? one() : r;
        return r;
    }
    r = in_quadrant(&angle, angle.quadrant, e);
    e->flags &= (uint16_t)~X87_C1;           /* it tells of the cosine, which is made last */
    *cosine_of = in_quadrant(&angle, angle.quadrant + 1, e);
    return r;
}

static struct x87_float soft_tan(struct x87_float a, struct x87_env *e)
{
    struct x87_parts p;
    struct angle angle;
    struct x87_float r;
    struct big s, c, t;

    if (trig_operand(a, &p, &angle, &r, e) != TRIG_ANGLE) {
        return r;
    }
    s = sine(&angle);
    c = cosine(&angle);
    t = angle.quadrant & 1 ? divide(c, s) : divide(s, c);
    t.sign ^= angle.quadrant & 1;
    return finish(t, e);
}

/* ---- Arc tangent ---- */

/* atan(i / 8), Q127 */
static const uint128_t atans[9] = {
    0, U128(0x0feadd4d5617b6e3, 0x2c897989f3e888ef), U128(0x1f5b75f92c80dd62, 0xadb8f3debef442fd),
    U128(0x2dec3283c9bde11c, 0xe2a8c848b73f9121), U128(0x3b58ce0ac3769ed1, 0x5bf9117b2f0ea341),
    U128(0x47802eaf7bfacfcd, 0xae41af0b32e21ba4), U128(0x525e3e8c9a7b8492, 0x0cd43f9522bed64f),
    U128(0x5c029f15e118cf39, 0xe596d2a90852221f), U128(0x6487ed5110b4611a, 0x62633145c06e0e69),
};

/* 1 - z/3 + z^2/5 - ..., or with + throughout; z below 1/8 */
static uint128_t odd_series(uint128_t z, bool alternate)
{
    uint128_t sum = 0;

    for (unsigned n = 87; n >= 1 && n <= 87; n -= 2) {
        uint128_t rest = mul_q(sum, z);

        sum = alternate ? ONE / n - rest - 1 : ONE / n + rest;
    }
    return sum;
}

/* Of 0 < t <= 1 */
static struct big atan_small(struct big t)
{
    uint128_t q = to_q(t), z, distance;
    unsigned i = (unsigned)((q + (ONE >> 4)) >> 124);
    struct big d;
    uint128_t c = (uint128_t)i << 124;

    if (i == 0) {
        return times_q(t, odd_series(mul_q(q, q), true));
    }
    /* atan t = atan c + atan((t - c) / (1 + t c)) */
    distance = q > c ? q - c : c - q;
    if (!distance) {
        return of_q(false, atans[i]);
    }
    d = divide(of_q(q < c, distance), normal(false, 1, (ONE >> 1) + (mul_q(q, c) >> 1)));
    z = to_q(d);
    return add(of_q(false, atans[i]), times_q(d, odd_series(mul_q(z, z), true)));
}

/* n quarters of pi, 1 to 4 */
static struct big quarters_of_pi(unsigned n, bool sign)
{
    struct big r = half_pi;

    r.sign = sign;
    r.exp += n == 1 ? -1 : n == 4 ? 1 : 0;
    if (n == 3) {
        r = normal(sign, 2, half_pi.sig / 4 + half_pi.sig / 8);
    }
    return r;
}

/* FPATAN's table 3-30: zeros and infinities. True: *r is the result. */
static bool atan_special(const struct x87_parts *y, const struct x87_parts *x, struct x87_float *r, struct x87_env *e)
{
    if (y->cls == X87_INF && x->cls == X87_INF) {
        *r = finish(quarters_of_pi(x->sign ? 3 : 1, y->sign), e);
    } else if (y->cls == X87_INF || (x->cls == X87_ZERO && y->cls != X87_ZERO)) {
        *r = finish(quarters_of_pi(2, y->sign), e);
    } else if (x->cls == X87_INF || y->cls == X87_ZERO) {
        *r = x->sign ? finish(quarters_of_pi(4, y->sign), e) : x87_make_zero(y->sign);
    } else {
        return false;
    }
    return true;
}

static struct x87_float soft_atan2(struct x87_float y, struct x87_float x, struct x87_env *e)
{
    struct x87_parts py, px;
    struct x87_float r;
    struct big a, b, angle;
    bool sign, swapped;

    if (x87_special2(y, x, &py, &px, &r, e)) {
        return r;
    }
    if (x87_denormals(&py, &px, e) || atan_special(&py, &px, &r, e)) {
        return r;
    }
    a = of_parts(&py);
    b = of_parts(&px);
    sign = a.sign;
    a.sign = b.sign = false;
    swapped = is_less(b, a);
    angle = atan_small(swapped ? divide(b, a) : divide(a, b));
    if (swapped) {
        angle.sign = true;
        angle = add(half_pi, angle);
    }
    if (px.sign) {
        angle.sign = true;
        angle = add(quarters_of_pi(4, false), angle);
    }
    angle.sign = sign;
    return finish(angle, e);
}

/* ---- Exponential ---- */

/* (e^u - 1) / u */
static uint128_t exp_series(struct big u)
{
    uint128_t q = to_q(u), sum = ONE;

    for (unsigned n = 36; n >= 2; n--) {
        uint128_t rest = mul_q(sum, q) / n;

        sum = u.sign ? ONE - rest - 1 : ONE + rest;
    }
    return sum;
}

static struct x87_float soft_exp2m1(struct x87_float a, struct x87_env *e)
{
    struct x87_parts p;
    struct x87_float r;
    struct big u;

    if (x87_special1(a, &p, &r, e)) {
        return r;
    }
    if (x87_denormals(&p, &p, e) || p.cls == X87_ZERO) {
        return a;
    }
    if (p.exp == EXP_BIAS && p.frac == TOP_BIT) {            /* of 1 and -1: 1 and -1/2 */
        a.se -= p.sign;
        return a;
    }
    if (p.exp >= EXP_BIAS) {     /* undefined: as Intel's do */
        e->flags |= X87_PE;
        return a;
    }
    u = mul(of_parts(&p), ln2);
    return finish(times_q(u, exp_series(u)), e);
}

/* ---- Logarithms ---- */

/* log2((1 + y) / (1 - y)) for |y| up to 0.18 */
static struct big log2_series(struct big y)
{
    uint128_t q = to_q(y);

    return mul(two_log2e, times_q(y, odd_series(mul_q(q, q), false)));
}

/* log2 of a number that is not 1 */
static struct big log2_of(struct big x)
{
    int32_t n = x.exp;
    struct big m = { false, 0, x.sig }, y;
    static const struct big unit = { false, 0, ONE }, minus = { true, 0, ONE };

    if (x.sig > U128(0xb504f333f9de6484, 0x597d89b3754abe9f)) {      /* square root of 2 */
        m.exp = -1;
        n++;
    }
    if (m.sig == ONE) {
        return of_int(n);
    }
    y = divide(add(m, minus), add(m, unit));
    return n ? add(of_int(n), log2_series(y)) : log2_series(y);
}

static bool is_one(const struct x87_parts *p)
{
    return p->cls == X87_NORMAL && p->exp == EXP_BIAS && p->frac == TOP_BIT && !p->sign;
}

/* y times a logarithm that is zero, infinite or not a number. sign: the logarithm's */
static struct x87_float times_special(const struct x87_parts *y, bool infinite, bool sign, struct x87_env *e)
{
    if (infinite ? y->cls == X87_ZERO : y->cls == X87_INF) {
        return x87_invalid(e);
    }
    return infinite ? x87_make_inf(sign ^ y->sign) : x87_make_zero(sign ^ y->sign);
}

/* FYL2X's table 3-50. True: *r is the result. */
static bool log_special(const struct x87_parts *x, const struct x87_parts *y, struct x87_float *r, struct x87_env *e)
{
    if (x->sign && x->cls != X87_ZERO) {
        *r = x87_invalid(e);
    } else if (x->cls == X87_ZERO && y->cls != X87_ZERO && y->cls != X87_INF) {
        e->flags |= X87_ZE;
        *r = x87_make_inf(!y->sign);
    } else if (x->cls == X87_ZERO) {
        *r = times_special(y, true, true, e);
    } else if (x87_denormals(x, y, e)) {
        *r = x87_indefinite();
    } else if (x->cls == X87_INF) {
        *r = times_special(y, true, false, e);
    } else if (is_one(x)) {
        *r = times_special(y, false, false, e);
    } else if (y->cls == X87_INF || y->cls == X87_ZERO) {
        bool negative = x->exp < EXP_BIAS;

        *r = y->cls == X87_INF ? x87_make_inf(negative ^ y->sign) : x87_make_zero(negative ^ y->sign);
    } else {
        return false;
    }
    return true;
}

/* y times a power of two's logarithm: exact, or rounded as a product is; processors call it inexact. */
static struct x87_float times_int(const struct x87_parts *y, int32_t n, struct x87_env *e)
{
    struct big r = mul(of_parts(y), of_int(n));

    e->flags |= X87_PE;
    return x87_pack(r.sign, r.exp + EXP_BIAS, r.sig, e);
}

static struct x87_float soft_ylog2(struct x87_float x, struct x87_float y, struct x87_env *e)
{
    struct x87_parts px, py;
    struct x87_float r;

    if (x87_special2(x, y, &px, &py, &r, e) || log_special(&px, &py, &r, e)) {
        return r;
    }
    if (px.frac == TOP_BIT) {
        return times_int(&py, px.exp - EXP_BIAS, e);
    }
    return finish(mul(of_parts(&py), log2_of(of_parts(&px))), e);
}

/* log2(1 + x) for x above -1 */
static struct big log2p1_of(struct big x)
{
    static const struct big unit = { false, 0, ONE }, two = { false, 1, ONE };

    if (x.exp < -2) {
        return log2_series(divide(x, add(two, x)));
    }
    return log2_of(add(unit, x));
}

static struct x87_float soft_ylog2p1(struct x87_float x, struct x87_float y, struct x87_env *e)
{
    struct x87_parts px, py;
    struct x87_float r;

    if (x87_special2(x, y, &px, &py, &r, e)) {
        return r;
    }
    if (px.cls == X87_INF && px.sign) {
        return x87_invalid(e);
    }
    if (px.cls == X87_INF || px.cls == X87_ZERO) {
        if (px.cls == X87_INF && py.cls == X87_ZERO) {
            return x87_invalid(e);
        }
        r = times_special(&py, px.cls == X87_INF, px.sign, e);
        return x87_denormals(&px, &py, e) ? x87_indefinite() : r;
    }
    if (x87_denormals(&px, &py, e)) {
        return x87_indefinite();
    }
    if (px.sign && px.exp >= EXP_BIAS) {     /* undefined: as Intel's do */
        e->flags |= X87_PE;
        return x;
    }
    if (py.cls == X87_INF || py.cls == X87_ZERO) {
        return py.cls == X87_INF ? x87_make_inf(px.sign ^ py.sign) : x87_make_zero(px.sign ^ py.sign);
    }
    return finish(mul(of_parts(&py), log2p1_of(of_parts(&px))), e);
}

struct x87_float x87_soft_function(enum x87_function f, struct x87_float a, struct x87_float b, struct x87_float *second,
                                   struct x87_env *e)
{
    struct x87_float r;

    switch (f) {
    case X87_SIN:
        return soft_sin(a, e);
    case X87_COS:
        return soft_cos(a, e);
    case X87_SINCOS:
        return soft_sincos(a, second, e);
    case X87_TAN:
        r = soft_tan(a, e);
        *second = x87_classify(r) >= X87_QNAN ? r : one();
        return r;
    case X87_ATAN2:
        return soft_atan2(b, a, e);
    case X87_EXP2M1:
        return soft_exp2m1(a, e);
    case X87_YLOG2:
        return soft_ylog2(a, b, e);
    default:
        return soft_ylog2p1(a, b, e);
    }
}

/* ---- The host's own ---- */

#if defined(__x86_64__)

struct m80 {
    uint64_t sig;
    uint16_t se;
} __attribute__((packed));

/* What FNSAVE writes (SDM 1, figure 8-9) */
struct saved {
    uint16_t cw, r0, sw, r1, tw, r2;
    uint32_t fip;
    uint16_t fcs, fop;
    uint32_t fdp, fds;
    struct m80 st[8];
} __attribute__((packed));

/* FNSAVE does not wait for exceptions and leaves the unit as C code wants it. */
#define ON_HOST(insn)                                                                                        \
    __asm__ volatile("fninit\n fldt %[b]\n fldt %[a]\n fldcw %[cw]\n" insn "\n fnsave %[out]"                \
                     : [out] "=m"(out)                                                                       \
                     : [a] "m"(st0), [b] "m"(st1), [cw] "m"(e->control)                                      \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)")

struct x87_float x87_function(enum x87_function f, struct x87_float a, struct x87_float b, struct x87_float *second,
                              struct x87_env *e)
{
    struct m80 st0 = { a.sig, a.se }, st1 = { b.sig, b.se };
    struct saved out;
    bool pushed;

    switch (f) {
    case X87_SIN:
        ON_HOST("fsin");
        break;
    case X87_COS:
        ON_HOST("fcos");
        break;
    case X87_SINCOS:
        ON_HOST("fsincos");
        break;
    case X87_TAN:
        ON_HOST("fptan");
        break;
    case X87_ATAN2:
        ON_HOST("fpatan");
        break;
    case X87_EXP2M1:
        ON_HOST("f2xm1");
        break;
    case X87_YLOG2:
        ON_HOST("fyl2x");
        break;
    default:
        ON_HOST("fyl2xp1");
        break;
    }
    e->flags |= out.sw & (X87_EXCEPTIONS | X87_C1 | X87_C2);
    pushed = (out.sw >> 11 & 7) == 5;
    if (second) {
        *second = (struct x87_float) { out.st[0].sig, out.st[0].se };
    }
    return (struct x87_float) { out.st[pushed].sig, out.st[pushed].se };
}

#else

struct x87_float x87_function(enum x87_function f, struct x87_float a, struct x87_float b, struct x87_float *second,
                              struct x87_env *e)
{
    return x87_soft_function(f, a, b, second, e);
}

#endif
