/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IEEE 754-2008 arithmetic on bit patterns.
 *
 * Every operation works in three steps: unpack() turns an image into sign,
 * exponent, 64-bit fraction and class; a parts_*() function computes with
 * those and knows nothing of formats; round_pack() rounds to the format and
 * makes the image.  The fraction of a number has its integer bit in bit 63,
 * so a binary64 leaves 11 bits below its last one for guard and sticky.  A
 * fraction whose lower bits were lost has bit 0 set ("jammed"), which keeps
 * the later rounding correct.  The fraction of a NaN has the quiet bit at 62.
 *
 * Where architectures differ the environment decides; ARM's rules are from
 * DDI 0406C A2.7, the SSE ones from SDM volume 1, chapters 4 and 11.
 */
#include "config.h"

#include <stddef.h>

#include "util/softfloat.h"

#define TOP_BIT   ((uint64_t)1 << 63)
#define QUIET_BIT ((uint64_t)1 << 62)

enum fp_class {
    CLASS_ZERO,
    CLASS_NUMBER,
    CLASS_INF,
    CLASS_QNAN,
    CLASS_SNAN,
};

/* A number is (-1)^sign * frac / 2^63 * 2^exp. */
struct parts {
    enum fp_class cls;
    bool sign;
    int32_t exp;
    uint64_t frac;
};

struct format {
    unsigned exp_bits;
    unsigned frac_bits;          /* without the integer bit */
    bool may_flush;              /* obeys flush_inputs, flush_outputs */
    bool alternative;            /* the top exponent is an ordinary one */
    bool half;                   /* obeys flush_half */
};

/* fmt_f16 in arithmetic, fmt_f16_cvt in conversions from and to other formats */
static const struct format fmt_f16 = { 5, 10, false, false, true };
static const struct format fmt_f16_cvt = { 5, 10, false, false, false };
static const struct format fmt_f16_alt = { 5, 10, false, true, false };
static const struct format fmt_f32 = { 8, 23, true, false, false };
static const struct format fmt_f64 = { 11, 52, true, false, false };

static int max_exp(const struct format *f)
{
    return (1 << f->exp_bits) - 1;
}

static int bias(const struct format *f)
{
    return max_exp(f) >> 1;
}

static bool is_nan(struct parts p)
{
    return p.cls >= CLASS_QNAN;
}

/* x >> n where bit 0 of the result also stands for all bits shifted out */
static uint64_t shr_jam(uint64_t x, unsigned n)
{
    if (n == 0)
        return x;
    if (n > 63)
        return x != 0;
    return x >> n | (x << (64 - n) != 0);
}

static unsigned __int128 shr_jam128(unsigned __int128 x, unsigned n)
{
    if (n == 0)
        return x;
    if (n > 127)
        return x != 0;
    return x >> n | (x << (128 - n) != 0);
}

static unsigned clz128(unsigned __int128 x)
{
    uint64_t high = x >> 64;

    if (high)
        return __builtin_clzll(high);
    return 64 + __builtin_clzll((uint64_t)x);
}

static struct parts unpack(uint64_t image, const struct format *f,
                           struct fp_env *e)
{
    uint64_t frac_mask = ((uint64_t)1 << f->frac_bits) - 1;
    uint64_t frac = image & frac_mask;
    int exp = image >> f->frac_bits & max_exp(f);
    struct parts p = {
        .sign = image >> (f->frac_bits + f->exp_bits) & 1,
        .frac = frac << (63 - f->frac_bits),
    };
    unsigned shift;

    if (exp == max_exp(f) && !f->alternative) {
        p.cls = CLASS_INF;
        if (frac)
            p.cls = p.frac & QUIET_BIT ? CLASS_QNAN : CLASS_SNAN;
        return p;
    }
    if (exp > 0) {
        p.cls = CLASS_NUMBER;
        p.exp = exp - bias(f);
        p.frac |= TOP_BIT;
        return p;
    }
    p.cls = CLASS_ZERO;
    if (!frac)
        return p;
    if (e->flush_inputs && f->may_flush) {
        e->flags |= FP_INPUT_DENORMAL;
        return p;
    }
    if (e->flush_half && f->half)
        return p;
    shift = __builtin_clzll(p.frac);
    p.cls = CLASS_NUMBER;
    p.exp = 1 - bias(f) - (int)shift;
    p.frac <<= shift;
    return p;
}

static uint64_t pack(bool sign, int exp, uint64_t frac, const struct format *f)
{
    return (uint64_t)sign << (f->frac_bits + f->exp_bits) |
           (uint64_t)exp << f->frac_bits | frac;
}

/*
 * What to add to a fraction so that dropping its low `extra` (1-63) bits then
 * rounds it: half an ulp less one keeps ties down unless the last bit is odd.
 */
static uint64_t round_increment(uint64_t frac, unsigned extra, bool sign,
                                uint8_t mode)
{
    uint64_t below = ((uint64_t)1 << extra) - 1;
    uint64_t half = (uint64_t)1 << (extra - 1);

    switch (mode) {
    case FP_ROUND_NEAREST_EVEN:
        return half - 1 + (frac >> extra & 1);
    case FP_ROUND_NEAREST_AWAY:
        return half;
    case FP_ROUND_UP:
        return sign ? 0 : below;
    case FP_ROUND_DOWN:
        return sign ? below : 0;
    case FP_ROUND_ODD:
        return frac >> extra & 1 ? 0 : below;
    default:
        return 0;
    }
}

static uint64_t overflow(bool sign, const struct format *f, struct fp_env *e)
{
    uint64_t ones = ((uint64_t)1 << f->frac_bits) - 1;
    bool to_inf;

    if (f->alternative) {        /* DDI 0406C A2.7.8, FPRound() */
        e->flags |= FP_INVALID;
        return pack(sign, max_exp(f), ones, f);
    }
    e->flags |= FP_OVERFLOW | FP_INEXACT;
    to_inf = e->rounding == FP_ROUND_NEAREST_EVEN ||
             e->rounding == FP_ROUND_NEAREST_AWAY ||
             e->rounding == (sign ? FP_ROUND_DOWN : FP_ROUND_UP);
    if (to_inf)
        return pack(sign, max_exp(f), 0, f);
    return pack(sign, max_exp(f) - 1, ones, f);
}

/*
 * A number below the smallest normal one of the format.  ARM flushes on what
 * the exact result is and reports underflow alone; SSE flushes on what it is
 * after rounding and reports underflow and inexact.
 */
static uint64_t round_tiny(struct parts p, int exp, const struct format *f,
                           struct fp_env *e)
{
    unsigned extra = 63 - f->frac_bits;
    uint64_t below = ((uint64_t)1 << extra) - 1;
    uint64_t inc = round_increment(p.frac, extra, p.sign, e->rounding);
    bool tiny = e->tiny_before || exp < 0 || p.frac + inc >= p.frac;

    if (tiny && e->unmasked & FP_UNDERFLOW) {
        e->flags |= FP_UNDERFLOW | (p.frac & below ? FP_INEXACT : 0);
        return pack(p.sign, 0, 0, f);
    }
    if (tiny && ((e->flush_outputs && f->may_flush) || (e->flush_half && f->half))) {
        e->flags |= FP_UNDERFLOW | (e->tiny_before ? 0 : FP_INEXACT);
        return pack(p.sign, 0, 0, f);
    }
    p.frac = shr_jam(p.frac, 1 - exp);
    inc = round_increment(p.frac, extra, p.sign, e->rounding);
    if (p.frac & below)
        e->flags |= FP_INEXACT | (tiny ? FP_UNDERFLOW : 0);
    /* Rounding up to the smallest normal number makes exponent 1 by itself. */
    return pack(p.sign, 0, 0, f) + ((p.frac + inc) >> extra);
}

static uint64_t round_number(struct parts p, const struct format *f,
                             struct fp_env *e)
{
    unsigned extra = 63 - f->frac_bits;
    uint64_t below = ((uint64_t)1 << extra) - 1;
    int exp = p.exp + bias(f);
    uint64_t sum;

    if (exp < 1)
        return round_tiny(p, exp, f, e);
    sum = p.frac + round_increment(p.frac, extra, p.sign, e->rounding);
    if (sum < p.frac) {
        sum = TOP_BIT;
        exp++;
    }
    if (exp >= max_exp(f) + f->alternative && e->unmasked & FP_OVERFLOW) {
        e->flags |= FP_OVERFLOW | (p.frac & below ? FP_INEXACT : 0);
        return pack(p.sign, max_exp(f), 0, f);
    }
    if (exp >= max_exp(f) + f->alternative)
        return overflow(p.sign, f, e);
    if (p.frac & below)
        e->flags |= FP_INEXACT;
    return pack(p.sign, exp, sum << 1 >> (extra + 1), f);
}

static uint64_t round_pack(struct parts p, const struct format *f,
                           struct fp_env *e)
{
    switch (p.cls) {
    case CLASS_NUMBER:
        return round_number(p, f, e);
    case CLASS_ZERO:
        return pack(p.sign, 0, 0, f);
    case CLASS_INF:
        return pack(p.sign, max_exp(f), 0, f);
    default:
        return pack(p.sign, max_exp(f), p.frac << 1 >> (64 - f->frac_bits), f);
    }
}

static struct parts zero(bool sign)
{
    return (struct parts){ .cls = CLASS_ZERO, .sign = sign };
}

static struct parts infinity(bool sign)
{
    return (struct parts){ .cls = CLASS_INF, .sign = sign };
}

static struct parts default_nan(const struct fp_env *e)
{
    return (struct parts){
        .cls = CLASS_QNAN, .sign = e->nan_negative, .frac = QUIET_BIT,
    };
}

static struct parts invalid(struct fp_env *e)
{
    e->flags |= FP_INVALID;
    return default_nan(e);
}

/* The result for a NaN operand. */
static struct parts process_nan(struct parts p, struct fp_env *e)
{
    if (p.cls == CLASS_SNAN)
        e->flags |= FP_INVALID;
    if (e->default_nan)
        return default_nan(e);
    p.cls = CLASS_QNAN;
    p.frac |= QUIET_BIT;
    return p;
}

/* The result for n operands of which at least one is a NaN. */
static struct parts choose_nan(const struct parts *p, int n, struct fp_env *e)
{
    const struct parts *first = NULL, *first_snan = NULL;

    for (int i = n - 1; i >= 0; i--) {
        if (is_nan(p[i]))
            first = &p[i];
        if (p[i].cls == CLASS_SNAN)
            first_snan = &p[i];
    }
    if (first_snan) {
        e->flags |= FP_INVALID;
        if (e->nan_rule == FP_NAN_SIGNALLING_FIRST)
            first = first_snan;
    }
    return process_nan(*first, e);
}

static struct parts choose_nan2(struct parts a, struct parts b,
                                struct fp_env *e)
{
    struct parts ab[2] = { a, b };

    return choose_nan(ab, 2, e);
}

/* The zero that a sum of two numbers of opposite sign gives. */
static struct parts zero_sum(const struct fp_env *e)
{
    return zero(e->rounding == FP_ROUND_DOWN);
}

/* |a| + |b| with a's sign */
static struct parts add_magnitudes(struct parts a, struct parts b)
{
    struct parts hi = a.exp >= b.exp ? a : b;
    struct parts lo = a.exp >= b.exp ? b : a;
    uint64_t sum = hi.frac + shr_jam(lo.frac, hi.exp - lo.exp);

    hi.sign = a.sign;
    if (sum < hi.frac) {
        sum = shr_jam(sum, 1) | TOP_BIT;
        hi.exp++;
    }
    hi.frac = sum;
    return hi;
}

/* a + b where the signs differ */
static struct parts sub_magnitudes(struct parts a, struct parts b,
                                   struct fp_env *e)
{
    bool a_larger = a.exp != b.exp ? a.exp > b.exp : a.frac > b.frac;
    struct parts hi = a_larger ? a : b;
    struct parts lo = a_larger ? b : a;
    unsigned shift;

    hi.frac -= shr_jam(lo.frac, hi.exp - lo.exp);
    if (!hi.frac)
        return zero_sum(e);
    shift = __builtin_clzll(hi.frac);
    hi.frac <<= shift;
    hi.exp -= (int)shift;
    return hi;
}

static struct parts parts_add(struct parts a, struct parts b, bool subtract,
                              struct fp_env *e)
{
    if (is_nan(a) || is_nan(b))
        return choose_nan2(a, b, e);
    b.sign ^= subtract;
    if (a.cls == CLASS_INF) {
        if (b.cls == CLASS_INF && a.sign != b.sign)
            return invalid(e);
        return a;
    }
    if (b.cls == CLASS_INF)
        return b;
    if (a.cls == CLASS_ZERO) {
        if (b.cls == CLASS_ZERO && a.sign != b.sign)
            return zero_sum(e);
        return b;
    }
    if (b.cls == CLASS_ZERO)
        return a;
    if (a.sign == b.sign)
        return add_magnitudes(a, b);
    return sub_magnitudes(a, b, e);
}

static struct parts parts_mul(struct parts a, struct parts b, struct fp_env *e)
{
    bool sign = a.sign ^ b.sign;
    unsigned __int128 product;
    struct parts r;

    if (is_nan(a) || is_nan(b))
        return choose_nan2(a, b, e);
    if (a.cls == CLASS_INF || b.cls == CLASS_INF) {
        if (a.cls == CLASS_ZERO || b.cls == CLASS_ZERO)
            return invalid(e);
        return infinity(sign);
    }
    if (a.cls == CLASS_ZERO || b.cls == CLASS_ZERO)
        return zero(sign);
    product = (unsigned __int128)a.frac * b.frac;
    r = (struct parts){ CLASS_NUMBER, sign, a.exp + b.exp + 1, 0 };
    if (!(product >> 127)) {
        product <<= 1;
        r.exp--;
    }
    r.frac = (uint64_t)(product >> 64) | ((uint64_t)product != 0);
    return r;
}

static struct parts parts_div(struct parts a, struct parts b, struct fp_env *e)
{
    bool sign = a.sign ^ b.sign;
    unsigned __int128 dividend;
    struct parts r;

    if (is_nan(a) || is_nan(b))
        return choose_nan2(a, b, e);
    if (a.cls == CLASS_INF)
        return b.cls == CLASS_INF ? invalid(e) : infinity(sign);
    if (b.cls == CLASS_INF)
        return zero(sign);
    if (b.cls == CLASS_ZERO) {
        if (a.cls == CLASS_ZERO)
            return invalid(e);
        e->flags |= FP_DIVBYZERO;
        return infinity(sign);
    }
    if (a.cls == CLASS_ZERO)
        return zero(sign);
    r = (struct parts){ CLASS_NUMBER, sign, a.exp - b.exp, 0 };
    dividend = (unsigned __int128)a.frac << 63;
    if (a.frac < b.frac) {
        dividend <<= 1;
        r.exp--;
    }
    r.frac = (uint64_t)(dividend / b.frac) | (dividend % b.frac != 0);
    return r;
}

/*
 * Digit by digit: the radicand is taken two bits at a time from the top, one
 * bit of root for each; 56 bits of root are three more than any format here
 * keeps, and the remainder is the sticky bit.
 */
static struct parts parts_sqrt(struct parts a, struct fp_env *e)
{
    const int digits = 56;
    unsigned __int128 radicand;
    uint64_t root = 0, rest = 0;

    if (is_nan(a))
        return process_nan(a, e);
    if (a.cls == CLASS_ZERO)
        return a;
    if (a.sign)
        return invalid(e);
    if (a.cls == CLASS_INF)
        return a;
    radicand = (unsigned __int128)a.frac << (a.exp & 1 ? 64 : 63);
    for (int i = 0; i < digits; i++) {
        uint64_t trial = root << 2 | 1;

        rest = rest << 2 | (uint64_t)(radicand >> 126);
        radicand <<= 2;
        root <<= 1;
        if (rest >= trial) {
            rest -= trial;
            root |= 1;
        }
    }
    a.exp = (a.exp - (a.exp & 1)) / 2;
    a.frac = root << (64 - digits) | (rest != 0);
    return a;
}

/* a * b + c for numbers a, b, c: exact in 128 bits or jammed below them */
static struct parts muladd_numbers(struct parts a, struct parts b,
                                   struct parts c, struct fp_env *e)
{
    unsigned __int128 p = (unsigned __int128)a.frac * b.frac;
    unsigned __int128 q = (unsigned __int128)c.frac << 63;
    bool p_sign = a.sign ^ b.sign;
    int exp = a.exp + b.exp;     /* of bit 126, in p and after this in q */
    unsigned shift;
    struct parts r = { CLASS_NUMBER, p_sign, 0, 0 };

    if (exp >= c.exp) {
        q = shr_jam128(q, exp - c.exp);
    } else {
        p = shr_jam128(p, c.exp - exp);
        exp = c.exp;
    }
    if (p_sign == c.sign) {
        unsigned __int128 sum = p + q;

        if (sum < p) {
            sum = shr_jam128(sum, 1) | (unsigned __int128)1 << 127;
            exp++;
        }
        p = sum;
    } else if (p >= q) {
        p -= q;
    } else {
        p = q - p;
        r.sign = c.sign;
    }
    if (!p)
        return zero_sum(e);
    shift = clz128(p);
    p <<= shift;
    r.exp = exp + 1 - (int)shift;
    r.frac = (uint64_t)(p >> 64) | ((uint64_t)p != 0);
    return r;
}

/* NaN order and the invalid product beside a quiet NaN: DDI 0406C FPMulAdd */
static struct parts muladd_nan(struct parts a, struct parts b, struct parts c,
                               bool bad_product, struct fp_env *e)
{
    struct parts arm_order[3] = { c, a, b };
    struct parts sse_order[3] = { a, b, c };

    if (e->nan_rule != FP_NAN_SIGNALLING_FIRST)
        return choose_nan(sse_order, 3, e);
    if (c.cls == CLASS_QNAN && bad_product)
        return invalid(e);
    return choose_nan(arm_order, 3, e);
}

static bool is_inf_times_zero(struct parts a, struct parts b)
{
    return (a.cls == CLASS_INF && b.cls == CLASS_ZERO) || (a.cls == CLASS_ZERO && b.cls == CLASS_INF);
}

/* n (1 to 3) */
static struct parts integer(unsigned n, bool sign)
{
    return (struct parts){ CLASS_NUMBER, sign, n > 1, (uint64_t)n << (n > 1 ? 62 : 63) };
}

static struct parts parts_muladd(struct parts a, struct parts b,
                                 struct parts c, struct fp_env *e)
{
    bool sign = a.sign ^ b.sign;
    bool bad_product = is_inf_times_zero(a, b);

    if (is_nan(a) || is_nan(b) || is_nan(c))
        return muladd_nan(a, b, c, bad_product, e);
    if (bad_product)
        return invalid(e);
    if (a.cls == CLASS_INF || b.cls == CLASS_INF) {
        if (c.cls == CLASS_INF && c.sign != sign)
            return invalid(e);
        return infinity(sign);
    }
    if (c.cls == CLASS_INF)
        return c;
    if (a.cls == CLASS_ZERO || b.cls == CLASS_ZERO) {
        if (c.cls == CLASS_ZERO && c.sign != sign)
            return zero_sum(e);
        return c;
    }
    if (c.cls == CLASS_ZERO)
        return parts_mul(a, b, e);
    return muladd_numbers(a, b, c, e);
}

/* Order of two operands that are not NaNs. */
static enum fp_relation order(struct parts a, struct parts b)
{
    bool larger;

    if (a.cls == CLASS_ZERO && b.cls == CLASS_ZERO)
        return FP_REL_EQUAL;
    if (a.cls == CLASS_ZERO)
        return b.sign ? FP_REL_GREATER : FP_REL_LESS;
    if (b.cls == CLASS_ZERO || a.sign != b.sign)
        return a.sign ? FP_REL_LESS : FP_REL_GREATER;
    if (a.cls != b.cls)
        larger = a.cls == CLASS_INF;
    else if (a.cls == CLASS_INF)
        return FP_REL_EQUAL;
    else if (a.exp != b.exp)
        larger = a.exp > b.exp;
    else if (a.frac != b.frac)
        larger = a.frac > b.frac;
    else
        return FP_REL_EQUAL;
    return larger != a.sign ? FP_REL_GREATER : FP_REL_LESS;
}

static enum fp_relation parts_compare(struct parts a, struct parts b,
                                      bool signalling, struct fp_env *e)
{
    if (!is_nan(a) && !is_nan(b))
        return order(a, b);
    if (signalling || a.cls == CLASS_SNAN || b.cls == CLASS_SNAN)
        e->flags |= FP_INVALID;
    return FP_REL_UNORDERED;
}

static struct parts parts_minmax(struct parts a, struct parts b, bool max,
                                 bool number_wins, struct fp_env *e)
{
    if (is_nan(a) || is_nan(b)) {
        if (number_wins && a.cls == CLASS_QNAN && !is_nan(b))
            return b;
        if (number_wins && b.cls == CLASS_QNAN && !is_nan(a))
            return a;
        return choose_nan2(a, b, e);
    }
    switch (order(a, b)) {
    case FP_REL_LESS:
        return max ? b : a;
    case FP_REL_GREATER:
        return max ? a : b;
    default:                     /* equal: only zeros can differ in sign */
        return a.sign == !max ? a : b;
    }
}

/* Split |x| * 2^0 into its integer and a 64-bit fraction, jammed; exp <= 63. */
static void split(struct parts p, uint64_t *whole, uint64_t *rest)
{
    if (p.exp >= 0) {
        *whole = p.frac >> (63 - p.exp);
        *rest = p.exp == 63 ? 0 : p.frac << (p.exp + 1);
        return;
    }
    *whole = 0;
    *rest = shr_jam(p.frac, p.exp < -64 ? 63 : -1 - p.exp);
}

/* Should an integer part with this fraction after it be rounded away from 0? */
static bool rounds_away(uint64_t whole, uint64_t rest, bool sign, uint8_t mode)
{
    switch (mode) {
    case FP_ROUND_NEAREST_EVEN:
        return rest > TOP_BIT || (rest == TOP_BIT && (whole & 1));
    case FP_ROUND_NEAREST_AWAY:
        return rest >= TOP_BIT;
    case FP_ROUND_UP:
        return rest && !sign;
    case FP_ROUND_DOWN:
        return rest && sign;
    default:
        return false;
    }
}

static struct parts parts_round_to_int(struct parts p, uint8_t mode,
                                       bool exact, struct fp_env *e)
{
    uint64_t whole, rest;
    unsigned shift;

    if (is_nan(p))
        return process_nan(p, e);
    if (p.cls != CLASS_NUMBER || p.exp >= 63)
        return p;
    split(p, &whole, &rest);
    if (!rest)
        return p;
    if (exact)
        e->flags |= FP_INEXACT;
    whole += rounds_away(whole, rest, p.sign, mode);
    if (!whole)
        return zero(p.sign);
    shift = __builtin_clzll(whole);
    p.frac = whole << shift;
    p.exp = 63 - (int)shift;
    return p;
}

/* The integer for an operand that none can represent. */
static uint64_t bad_integer(struct parts p, unsigned bits, bool is_signed,
                            struct fp_env *e)
{
    uint64_t ones = ~(uint64_t)0 >> (64 - bits);
    uint64_t most_negative = ~(ones >> 1);

    e->flags |= FP_INVALID;
    if (e->int_indefinite)
        return is_signed ? most_negative : ones;
    if (is_nan(p))
        return 0;
    if (p.sign)
        return is_signed ? most_negative : 0;
    return is_signed ? ones >> 1 : ones;
}

static uint64_t parts_to_int(struct parts p, uint8_t mode, int scale,
                             unsigned bits, bool is_signed, struct fp_env *e)
{
    uint64_t ones = ~(uint64_t)0 >> (64 - bits);
    uint64_t limit = is_signed ? (ones >> 1) + p.sign : p.sign ? 0 : ones;
    uint64_t whole, rest;

    if (p.cls == CLASS_ZERO)
        return 0;
    p.exp += scale;
    if (p.cls != CLASS_NUMBER || p.exp > 63)
        return bad_integer(p, bits, is_signed, e);
    split(p, &whole, &rest);
    whole += rounds_away(whole, rest, p.sign, mode);
    if (whole > limit)
        return bad_integer(p, bits, is_signed, e);
    if (rest)
        e->flags |= FP_INEXACT;
    return p.sign ? -whole : whole;
}

static uint64_t from_int(uint64_t a, enum fp_round r, int scale,
                         bool is_signed, const struct format *f,
                         struct fp_env *e)
{
    struct parts p = { CLASS_NUMBER, is_signed && a >> 63, 0, a };
    struct fp_env with_mode = *e;
    uint64_t image;
    unsigned shift;

    if (!a)
        return 0;
    if (p.sign)
        p.frac = -a;
    shift = __builtin_clzll(p.frac);
    p.frac <<= shift;
    p.exp = 63 - (int)shift - scale;
    with_mode.rounding = r;
    image = round_pack(p, f, &with_mode);
    e->flags = with_mode.flags;
    return image;
}

static uint64_t convert(uint64_t a, const struct format *from,
                        const struct format *to, struct fp_env *e)
{
    struct parts p = unpack(a, from, e);

    if (to->alternative && is_nan(p)) {
        e->flags |= FP_INVALID;
        p = zero(p.sign);
    } else if (to->alternative && p.cls == CLASS_INF) {
        return overflow(p.sign, to, e);
    } else if (is_nan(p)) {
        p = process_nan(p, e);
    }
    return round_pack(p, to, e);
}

uint64_t f32_to_f64(uint32_t a, struct fp_env *e)
{
    return convert(a, &fmt_f32, &fmt_f64, e);
}

uint32_t f64_to_f32(uint64_t a, struct fp_env *e)
{
    return convert(a, &fmt_f64, &fmt_f32, e);
}

uint32_t f16_to_f32(uint16_t a, bool alternative, struct fp_env *e)
{
    return convert(a, alternative ? &fmt_f16_alt : &fmt_f16_cvt, &fmt_f32, e);
}

uint16_t f32_to_f16(uint32_t a, bool alternative, struct fp_env *e)
{
    return convert(a, &fmt_f32, alternative ? &fmt_f16_alt : &fmt_f16_cvt, e);
}

uint64_t f16_to_f64(uint16_t a, bool alternative, struct fp_env *e)
{
    return convert(a, alternative ? &fmt_f16_alt : &fmt_f16_cvt, &fmt_f64, e);
}

uint16_t f64_to_f16(uint64_t a, bool alternative, struct fp_env *e)
{
    return convert(a, &fmt_f64, alternative ? &fmt_f16_alt : &fmt_f16_cvt, e);
}

uint32_t f16_bits_to_f32(uint16_t a)
{
    struct fp_env plain = { .tiny_before = 0 };
    struct parts p = unpack(a, &fmt_f16_cvt, &plain);

    return round_pack(p, &fmt_f32, &plain);
}

#define FORMAT fmt_f16
#define IMAGE  uint16_t
#define F(op)  f16_##op
#include "util/softfloat-ops.inc"

#define FORMAT fmt_f32
#define IMAGE  uint32_t
#define F(op)  f32_##op
#include "util/softfloat-ops.inc"

#define FORMAT fmt_f64
#define IMAGE  uint64_t
#define F(op)  f64_##op
#include "util/softfloat-ops.inc"
