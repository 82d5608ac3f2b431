/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * util/softfloat.c against the host's SSE, FMA3 and F16C units: random and
 * special operands, every rounding mode, DAZ and FTZ, all exception flags.
 * What SSE cannot show (ARM's rules) is tested by vectors from DDI 0406C A2.7.
 */
#include "config.h"

#include <immintrin.h>
#include <stdlib.h>

#include "tests/suite.h"
#include "util/softfloat.h"

#define ROUNDS 60000

static uint64_t seed;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1d;
}

/* A fraction with long runs of equal bits, where rounding goes wrong first. */
static uint64_t random_frac(unsigned bits)
{
    uint64_t f = next() >> (64 - bits);

    switch (next() % 6) {
    case 0:
        return 0;
    case 1:
        return f & f << (next() % bits);
    case 2:
        return ((uint64_t)1 << (next() % bits)) - (next() & 1);
    case 3:
        return ~f >> (next() % bits) & (((uint64_t)1 << bits) - 1);
    default:
        return f;
    }
}

static uint64_t random_exp(unsigned bits)
{
    uint64_t max = ((uint64_t)1 << bits) - 1;

    switch (next() % 8) {
    case 0:
        return 0;
    case 1:
        return next() % 4 ? next() % 3 : max;
    case 2:
        return max - next() % 3;
    case 3:
    case 4:
    case 5:
        return max / 2 - 4 + next() % 9;
    case 6:
        return max / 2 + (next() % 140) - 70 < max ?
               max / 2 + (next() % 20) : max / 2;
    default:
        return next() & max;
    }
}

static uint64_t random_float(unsigned exp_bits, unsigned frac_bits)
{
    uint64_t sign = next() & 1;
    uint64_t exp = random_exp(exp_bits) & (((uint64_t)1 << exp_bits) - 1);

    return sign << (exp_bits + frac_bits) | exp << frac_bits |
           (random_frac(frac_bits) & (((uint64_t)1 << frac_bits) - 1));
}

static uint32_t random32(void)
{
    return random_float(8, 23);
}

static uint64_t random64(void)
{
    return random_float(11, 52);
}

static __m128 ss(uint32_t a)
{
    return _mm_castsi128_ps(_mm_cvtsi32_si128(a));
}

static uint32_t from_ss(__m128 a)
{
    return _mm_cvtsi128_si32(_mm_castps_si128(a));
}

static __m128d sd(uint64_t a)
{
    return _mm_castsi128_pd(_mm_cvtsi64_si128(a));
}

static uint64_t from_sd(__m128d a)
{
    return _mm_cvtsi128_si64(_mm_castpd_si128(a));
}

/* The host's rules, with one of its modes chosen at random. */
static struct fp_env host_env(void)
{
    return (struct fp_env){
        .rounding = next() & 3,
        .flush_inputs = next() % 8 == 0,
        .flush_outputs = next() % 8 == 0,
        .nan_rule = FP_NAN_FIRST,
        .nan_negative = 1,
        .int_indefinite = 1,
    };
}

static void set_host(const struct fp_env *e)
{
    static const unsigned mode[] = {
        _MM_ROUND_NEAREST, _MM_ROUND_UP, _MM_ROUND_DOWN,
        _MM_ROUND_TOWARD_ZERO,
    };

    _mm_setcsr(_MM_MASK_MASK | mode[e->rounding] |
               (e->flush_inputs ? 0x0040 : 0) |
               (e->flush_outputs ? _MM_FLUSH_ZERO_ON : 0));
}

static uint8_t host_flags(void)
{
    unsigned csr = _mm_getcsr();

    _mm_setcsr(_MM_MASK_MASK);
    return (csr & _MM_EXCEPT_INVALID ? FP_INVALID : 0) |
           (csr & _MM_EXCEPT_DIV_ZERO ? FP_DIVBYZERO : 0) |
           (csr & _MM_EXCEPT_OVERFLOW ? FP_OVERFLOW : 0) |
           (csr & _MM_EXCEPT_UNDERFLOW ? FP_UNDERFLOW : 0) |
           (csr & _MM_EXCEPT_INEXACT ? FP_INEXACT : 0);
}

static void agree(const char *op, const uint64_t *in, const struct fp_env *mode,
                  uint64_t host, uint8_t flags, uint64_t ours,
                  const struct fp_env *e)
{
    uint8_t our_flags = e->flags & ~FP_INPUT_DENORMAL;

    ck_assert_msg(host == ours && flags == our_flags,
                  "%s %#lx %#lx %#lx, rounding %d daz %d ftz %d: host %#lx "
                  "flags %#x, ours %#lx flags %#x", op, in[0], in[1], in[2],
                  mode->rounding, mode->flush_inputs, mode->flush_outputs,
                  host, flags, ours, our_flags);
}

/* Run a host and our operation in the same mode and compare all of it. */
#define COMPARE(op, host_expr, our_expr)                                     \
    do {                                                                     \
        struct fp_env mode = host_env(), e = mode;                           \
        volatile uint64_t hst;                                               \
        uint8_t host_fl;                                                     \
        set_host(&mode);                                                     \
        hst = (host_expr);                                                   \
        host_fl = host_flags();                                              \
        agree(op, in, &mode, hst, host_fl, (our_expr), &e);                  \
    } while (0)

START_TEST(f32_arithmetic_agrees_with_sse)
{
    for (int i = 0; i < ROUNDS; i++) {
        volatile uint32_t a = random32(), b = random32();
        uint64_t in[3] = { a, b, 0 };

        COMPARE("f32_add", from_ss(_mm_add_ss(ss(a), ss(b))),
                f32_add(a, b, &e));
        COMPARE("f32_sub", from_ss(_mm_sub_ss(ss(a), ss(b))),
                f32_sub(a, b, &e));
        COMPARE("f32_mul", from_ss(_mm_mul_ss(ss(a), ss(b))),
                f32_mul(a, b, &e));
        COMPARE("f32_div", from_ss(_mm_div_ss(ss(a), ss(b))),
                f32_div(a, b, &e));
        COMPARE("f32_sqrt", from_ss(_mm_sqrt_ss(ss(a))), f32_sqrt(a, &e));
    }
}
END_TEST

START_TEST(f64_arithmetic_agrees_with_sse)
{
    for (int i = 0; i < ROUNDS; i++) {
        volatile uint64_t a = random64(), b = random64();
        uint64_t in[3] = { a, b, 0 };

        COMPARE("f64_add", from_sd(_mm_add_sd(sd(a), sd(b))),
                f64_add(a, b, &e));
        COMPARE("f64_sub", from_sd(_mm_sub_sd(sd(a), sd(b))),
                f64_sub(a, b, &e));
        COMPARE("f64_mul", from_sd(_mm_mul_sd(sd(a), sd(b))),
                f64_mul(a, b, &e));
        COMPARE("f64_div", from_sd(_mm_div_sd(sd(a), sd(b))),
                f64_div(a, b, &e));
        COMPARE("f64_sqrt", from_sd(_mm_sqrt_sd(sd(a), sd(a))),
                f64_sqrt(a, &e));
    }
}
END_TEST

/* A third operand close to minus the product of the others, often. */
static uint64_t near_product64(uint64_t a, uint64_t b)
{
    struct fp_env e = { .rounding = FP_ROUND_ZERO };

    if (next() & 1)
        return random64();
    return f64_mul(a, b, &e) ^ (uint64_t)(next() % 4 != 0) << 63 ^ (next() & 3);
}

static uint32_t near_product32(uint32_t a, uint32_t b)
{
    struct fp_env e = { .rounding = FP_ROUND_ZERO };

    if (next() & 1)
        return random32();
    return f32_mul(a, b, &e) ^ (uint32_t)(next() % 4 != 0) << 31 ^ (next() & 3);
}

__attribute__((target("fma"))) static void fma_rounds(void)
{
    for (int i = 0; i < ROUNDS * 2; i++) {
        volatile uint64_t a = random64(), b = random64();
        volatile uint64_t c = near_product64(a, b);
        volatile uint32_t a32 = random32(), b32 = random32();
        volatile uint32_t c32 = near_product32(a32, b32);
        uint64_t in[3] = { a, b, c };

        if (!f64_is_nan(a) && !f64_is_nan(b) && !f64_is_nan(c)) {
            COMPARE("f64_muladd",
                    from_sd(_mm_fmadd_sd(sd(a), sd(b), sd(c))),
                    f64_muladd(a, b, c, 0, &e));
            COMPARE("f64_muladd -a",
                    from_sd(_mm_fnmadd_sd(sd(a), sd(b), sd(c))),
                    f64_muladd(a, b, c, FP_MULADD_NEG_PRODUCT, &e));
            COMPARE("f64_muladd -c",
                    from_sd(_mm_fmsub_sd(sd(a), sd(b), sd(c))),
                    f64_muladd(a, b, c, FP_MULADD_NEG_ADDEND, &e));
        }
        in[0] = a32;
        in[1] = b32;
        in[2] = c32;
        if (!f32_is_nan(a32) && !f32_is_nan(b32) && !f32_is_nan(c32))
            COMPARE("f32_muladd",
                    from_ss(_mm_fmadd_ss(ss(a32), ss(b32), ss(c32))),
                    f32_muladd(a32, b32, c32, 0, &e));
    }
}

START_TEST(muladd_agrees_with_fma3)
{
    if (__builtin_cpu_supports("fma"))
        fma_rounds();
}
END_TEST

START_TEST(comparison_agrees_with_sse)
{
    for (int i = 0; i < ROUNDS; i++) {
        volatile uint32_t a = random32(), b = next() % 4 ? random32() : a;
        volatile uint64_t c = random64(), d = next() % 4 ? random64() : c;
        uint64_t in[3] = { a, b, 0 };

        COMPARE("f32_compare quiet", _mm_ucomigt_ss(ss(a), ss(b)),
                f32_compare(a, b, false, &e) == FP_REL_GREATER);
        COMPARE("f32_compare less", _mm_comigt_ss(ss(b), ss(a)),
                f32_compare(a, b, true, &e) == FP_REL_LESS);
        in[0] = c;
        in[1] = d;
        COMPARE("f64_compare quiet", _mm_ucomigt_sd(sd(c), sd(d)),
                f64_compare(c, d, false, &e) == FP_REL_GREATER);
        COMPARE("f64_compare signalling", _mm_comigt_sd(sd(c), sd(d)),
                f64_compare(c, d, true, &e) == FP_REL_GREATER);
        COMPARE("f64_compare equal",
                _mm_ucomieq_sd(sd(c), sd(d)) && !f64_is_nan(c) &&
                !f64_is_nan(d),
                f64_compare(c, d, false, &e) == FP_REL_EQUAL);
    }
}
END_TEST

START_TEST(integer_conversion_agrees_with_sse)
{
    for (int i = 0; i < ROUNDS; i++) {
        volatile uint32_t a = random32();
        volatile uint64_t b = random64(), n = next() >> next() % 64;
        uint64_t in[3] = { a, b, n };

        COMPARE("f32_to_i32", (uint64_t)_mm_cvtss_si32(ss(a)),
                (uint64_t)f32_to_i32(a, mode.rounding, &e));
        COMPARE("f64_to_i32", (uint64_t)_mm_cvtsd_si32(sd(b)),
                (uint64_t)f64_to_i32(b, mode.rounding, &e));
        COMPARE("f32_to_i64", (uint64_t)_mm_cvtss_si64(ss(a)),
                (uint64_t)f32_to_i64(a, mode.rounding, &e));
        COMPARE("f64_to_i64", (uint64_t)_mm_cvtsd_si64(sd(b)),
                (uint64_t)f64_to_i64(b, mode.rounding, &e));
        COMPARE("f64_to_i64 zero", (uint64_t)_mm_cvttsd_si64(sd(b)),
                (uint64_t)f64_to_i64(b, FP_ROUND_ZERO, &e));
        COMPARE("f32_from_i32", from_ss(_mm_cvtsi32_ss(ss(0), (int32_t)n)),
                f32_from_i32(n, mode.rounding, &e));
        COMPARE("f32_from_i64", from_ss(_mm_cvtsi64_ss(ss(0), n)),
                f32_from_i64(n, mode.rounding, &e));
        COMPARE("f64_from_i64", from_sd(_mm_cvtsi64_sd(sd(0), n)),
                f64_from_i64(n, mode.rounding, &e));
        COMPARE("f64_from_i32", from_sd(_mm_cvtsi32_sd(sd(0), (int32_t)n)),
                f64_from_i32(n, mode.rounding, &e));
    }
}
END_TEST

START_TEST(single_and_double_convert_as_sse)
{
    for (int i = 0; i < ROUNDS; i++) {
        volatile uint32_t a = random32();
        volatile uint64_t b = next() & 1 ? random64() :
            (random64() & ~(0x7ffull << 52)) |
            (870 + next() % 300) << 52;
        uint64_t in[3] = { a, b, 0 };

        COMPARE("f32_to_f64", from_sd(_mm_cvtss_sd(sd(0), ss(a))),
                f32_to_f64(a, &e));
        COMPARE("f64_to_f32", from_ss(_mm_cvtsd_ss(ss(0), sd(b))),
                f64_to_f32(b, &e));
    }
}
END_TEST

/* F16C ignores FTZ, obeys DAZ: as may_flush says. */
__attribute__((target("f16c"))) static void f16c_rounds(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        volatile uint32_t a = next() & 1 ? random32() :
            (random32() & 0x807fffff) | (uint32_t)(95 + next() % 60) << 23;
        uint64_t in[3] = { a, 0, 0 };

        COMPARE("f32_to_f16",
                (uint16_t)_mm_cvtsi128_si32(_mm_cvtps_ph(ss(a), 4)),
                f32_to_f16(a, false, &e));
    }
    for (uint32_t h = 0; h < 0x10000; h++) {
        uint64_t in[3] = { h, 0, 0 };

        COMPARE("f16_to_f32", from_ss(_mm_cvtph_ps(_mm_cvtsi32_si128(h))),
                f16_to_f32(h, false, &e));
    }
}

START_TEST(half_converts_as_f16c)
{
    /* Each CPU with AVX2 has F16C; clang 14 knows no name for it here. */
    if (__builtin_cpu_supports("avx2"))
        f16c_rounds();
}
END_TEST

__attribute__((target("sse4.1"))) static void roundsd_rounds(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        volatile uint32_t a = random32();
        volatile uint64_t b = random64();
        uint64_t in[3] = { a, b, 0 };

        COMPARE("f32_round_to_int", from_ss(_mm_round_ss(ss(0), ss(a), 4)),
                f32_round_to_int(a, mode.rounding, true, &e));
        COMPARE("f64_round_to_int", from_sd(_mm_round_sd(sd(0), sd(b), 4)),
                f64_round_to_int(b, mode.rounding, true, &e));
        COMPARE("f64_round_to_int quiet",
                from_sd(_mm_round_sd(sd(0), sd(b), 12)),
                f64_round_to_int(b, mode.rounding, false, &e));
    }
}

START_TEST(rounding_to_integral_agrees_with_sse41)
{
    if (__builtin_cpu_supports("sse4.1"))
        roundsd_rounds();
}
END_TEST

/* Half arithmetic is exact in binary32 up to the last rounding (24 > 2*11+1) */
START_TEST(f16_arithmetic_agrees_with_f32)
{
    for (int i = 0; i < ROUNDS; i++) {
        uint16_t a = random_float(5, 10), b = random_float(5, 10);
        struct fp_env e = { .nan_negative = 1, .nan_rule = FP_NAN_FIRST };
        uint32_t wa = f16_to_f32(a, false, &e), wb = f16_to_f32(b, false, &e);
        uint16_t want[4] = {
            f32_to_f16(f32_add(wa, wb, &e), false, &e),
            f32_to_f16(f32_mul(wa, wb, &e), false, &e),
            f32_to_f16(f32_div(wa, wb, &e), false, &e),
            f32_to_f16(f32_sqrt(wa, &e), false, &e),
        };

        ck_assert_uint_eq(f16_add(a, b, &e), want[0]);
        ck_assert_uint_eq(f16_mul(a, b, &e), want[1]);
        ck_assert_uint_eq(f16_div(a, b, &e), want[2]);
        ck_assert_uint_eq(f16_sqrt(a, &e), want[3]);
    }
}
END_TEST

static struct fp_env arm_env(void)
{
    return (struct fp_env){ .tiny_before = 1 };
}

#define CHECK_OP(expr, want, want_flags)                                     \
    do {                                                                     \
        e.flags = 0;                                                         \
        ck_assert_uint_eq((expr), (want));                                   \
        ck_assert_uint_eq(e.flags, (want_flags));                            \
    } while (0)

START_TEST(arm_nan_rules)
{
    struct fp_env e = arm_env();
    const uint32_t q1 = 0xffc00001, q2 = 0x7fc00002, s1 = 0x7f800003;
    const uint32_t inf = 0x7f800000, one = 0x3f800000;

    CHECK_OP(f32_add(q1, q2, &e), q1, 0);
    CHECK_OP(f32_add(q1, s1, &e), 0x7fc00003, FP_INVALID);
    CHECK_OP(f32_sub(one, q1, &e), q1, 0);
    CHECK_OP(f32_sub(inf, inf, &e), 0x7fc00000, FP_INVALID);
    CHECK_OP(f32_sqrt(0xbf800000, &e), 0x7fc00000, FP_INVALID);
    CHECK_OP(f32_muladd(q1, one, q2, 0, &e), q2, 0);
    CHECK_OP(f32_muladd(0, inf, q2, 0, &e), 0x7fc00000, FP_INVALID);
    CHECK_OP(f32_muladd(0, inf, one, 0, &e), 0x7fc00000, FP_INVALID);
    CHECK_OP(f32_muladd(s1, one, q2, 0, &e), 0x7fc00003, FP_INVALID);
    CHECK_OP(f32_muladd(q1, one, one, FP_MULADD_NEG_PRODUCT, &e),
             q1 & 0x7fffffff, 0);
    CHECK_OP(f64_to_f32(0x7ff0000000000001, &e), 0x7fc00000, FP_INVALID);
    CHECK_OP(f32_to_f16(0xff802001, false, &e), 0xfe01, FP_INVALID);
    e.default_nan = 1;
    CHECK_OP(f32_add(q1, q2, &e), 0x7fc00000, 0);
    CHECK_OP(f32_mul(one, s1, &e), 0x7fc00000, FP_INVALID);
}
END_TEST

START_TEST(arm_flush_to_zero)
{
    struct fp_env e = arm_env();
    const uint32_t min = 0x00800000, half = 0x3f000000;

    e.flush_inputs = e.flush_outputs = 1;
    CHECK_OP(f32_add(0x80000001, 0x80000000, &e), 0x80000000,
             FP_INPUT_DENORMAL);
    CHECK_OP(f32_mul(min, half, &e), 0, FP_UNDERFLOW);
    /* rounds up to the smallest normal number, but is tiny before that */
    CHECK_OP(f32_mul(0x00ffffff, half, &e), 0, FP_UNDERFLOW);
    CHECK_OP(f16_to_f32(1, false, &e), 0x33800000, 0);
    CHECK_OP(f32_to_f16(0x33800000, false, &e), 1, 0);
    CHECK_OP(f32_compare(1, 0, false, &e), FP_REL_EQUAL, FP_INPUT_DENORMAL);
    CHECK_OP(f32_div(half, 1, &e), 0x7f800000,
             FP_DIVBYZERO | FP_INPUT_DENORMAL);
}
END_TEST

START_TEST(arm_tininess_before_rounding)
{
    struct fp_env e = arm_env();

    /* the exact result is smallest normal * (1 - 2^-46) */
    CHECK_OP(f32_mul(0x00800001, 0x3f7ffffe, &e), 0x00800000,
             FP_UNDERFLOW | FP_INEXACT);
    e.tiny_before = 0;
    CHECK_OP(f32_mul(0x00800001, 0x3f7ffffe, &e), 0x00800000, FP_INEXACT);
}
END_TEST

START_TEST(arm_alternative_half)
{
    struct fp_env e = arm_env();

    CHECK_OP(f16_to_f32(0x7c00, true, &e), 0x47800000, 0);
    CHECK_OP(f16_to_f32(0xffff, true, &e), 0xc7ffe000, 0);
    CHECK_OP(f32_to_f16(0x47800000, true, &e), 0x7c00, 0);
    CHECK_OP(f32_to_f16(0x7f800000, true, &e), 0x7fff, FP_INVALID);
    CHECK_OP(f32_to_f16(0xffc00000, true, &e), 0x8000, FP_INVALID);
    CHECK_OP(f32_to_f16(0x48000000, true, &e), 0x7fff, FP_INVALID);
}
END_TEST

START_TEST(arm_half_flushes_by_itself)
{
    struct fp_env e = arm_env();

    e.flush_half = 1;
    CHECK_OP(f16_add(1, 0x8000, &e), 0, 0);             /* no input denormal */
    CHECK_OP(f16_mul(0x0400, 0x3800, &e), 0, FP_UNDERFLOW);
    CHECK_OP(f16_compare(1, 0, false, &e), FP_REL_EQUAL, 0);
    CHECK_OP(f16_from_int(1, FP_ROUND_NEAREST_EVEN, 20, false, &e), 0, FP_UNDERFLOW);
    CHECK_OP(f16_to_f32(1, false, &e), 0x33800000, 0);  /* not in conversions */
    CHECK_OP(f32_to_f16(0x33800000, false, &e), 1, 0);
    CHECK_OP(f32_add(1, 1, &e), 2, 0);
    e.flush_half = 0;
    e.flush_inputs = e.flush_outputs = 1;
    CHECK_OP(f16_add(1, 1, &e), 2, 0);
    CHECK_OP(f16_mul(0x0400, 0x3800, &e), 0x0200, 0);
}
END_TEST

/* (1 + 2^-10)^2 - (1 + 2^-9) is 2^-20, which the rounded product has lost. */
START_TEST(fused_half_rounds_once)
{
    struct fp_env e = arm_env();

    CHECK_OP(f16_muladd(0x3c01, 0x3c01, 0x3c02, FP_MULADD_NEG_ADDEND, &e), 0x0010, 0);
}
END_TEST

START_TEST(newton_steps_are_fused)
{
    struct fp_env e = arm_env();
    const uint32_t inf = 0x7f800000, max = 0x7f7fffff;

    CHECK_OP(f32_recip_step(0x40000000, 0x3f000000, &e), 0x3f800000, 0);
    CHECK_OP(f32_recip_step(inf, 0, &e), 0x40000000, 0);
    CHECK_OP(f32_recip_step(0x80000000, inf, &e), 0x40000000, 0);
    CHECK_OP(f32_recip_step(inf, 0x3f800000, &e), 0xff800000, 0);
    CHECK_OP(f32_recip_step(0x7fc00001, 0x3f800000, &e), 0xffc00001, 0);      /* the first operand is negated */
    CHECK_OP(f32_rsqrt_step(0x3f800000, 0x3f800000, &e), 0x3f800000, 0);
    CHECK_OP(f32_rsqrt_step(inf, 0, &e), 0x3fc00000, 0);
    CHECK_OP(f32_rsqrt_step(max, 0xc0000000, &e), max, FP_INEXACT);           /* twice it is no single */
    CHECK_OP(f16_rsqrt_step(0x3c00, 0x3c00, &e), 0x3c00, 0);
    CHECK_OP(f64_recip_step(0x3ff0000000000001, 0x3ff0000000000001, &e), 0x3feffffffffffffc, FP_INEXACT);
    CHECK_OP(f32_mulx(inf, 0x80000000, &e), 0xc0000000, 0);
    CHECK_OP(f32_mulx(0x40000000, 0x40400000, &e), 0x40c00000, 0);
}
END_TEST

START_TEST(rounding_to_odd_keeps_what_was_lost)
{
    struct fp_env e = arm_env();

    e.rounding = FP_ROUND_ODD;
    CHECK_OP(f64_to_f32(0x3ff0000000000000, &e), 0x3f800000, 0);
    CHECK_OP(f64_to_f32(0x3ff0000000000001, &e), 0x3f800001, FP_INEXACT);
    CHECK_OP(f64_to_f32(0x3ff000003fffffff, &e), 0x3f800001, FP_INEXACT);
    CHECK_OP(f64_to_f32(0xbff0000030000000, &e), 0xbf800001, FP_INEXACT);
    CHECK_OP(f64_to_f32(0x7fe0000000000000, &e), 0x7f7fffff, FP_OVERFLOW | FP_INEXACT);
    CHECK_OP(f64_to_f32(1, &e), 1, FP_UNDERFLOW | FP_INEXACT);
}
END_TEST

START_TEST(half_bits_become_single_as_they_are)
{
    ck_assert_uint_eq(f16_bits_to_f32(0x7c01), 0x7f802000);
    ck_assert_uint_eq(f16_bits_to_f32(0xfe01), 0xffc02000);
    ck_assert_uint_eq(f16_bits_to_f32(0x8001), 0xb3800000);
    ck_assert_uint_eq(f16_bits_to_f32(0xfc00), 0xff800000);
}
END_TEST

START_TEST(integers_saturate)
{
    struct fp_env e = arm_env();

    CHECK_OP(f32_to_int(0x7fc00000, FP_ROUND_ZERO, 0, 32, true, &e), 0,
             FP_INVALID);
    CHECK_OP((uint32_t)f32_to_i32(0xff800000, FP_ROUND_ZERO, &e), 0x80000000,
             FP_INVALID);
    CHECK_OP(f32_to_u32(0xbf800000, FP_ROUND_ZERO, &e), 0, FP_INVALID);
    CHECK_OP(f32_to_u32(0xbf000000, FP_ROUND_ZERO, &e), 0, FP_INEXACT);
    CHECK_OP(f32_to_u32(0x4f800000, FP_ROUND_ZERO, &e), 0xffffffff,
             FP_INVALID);
    CHECK_OP(f32_to_int(0x3fc00000, FP_ROUND_ZERO, 15, 16, true, &e), 0x7fff,
             FP_INVALID);
    CHECK_OP(f32_to_int(0x3f400000, FP_ROUND_ZERO, 15, 16, true, &e), 0x6000,
             0);
    CHECK_OP(f32_to_u32(0x40200000, FP_ROUND_NEAREST_AWAY, &e), 3,
             FP_INEXACT);
    CHECK_OP(f32_to_u32(0x40200000, FP_ROUND_NEAREST_EVEN, &e), 2,
             FP_INEXACT);
    CHECK_OP(f64_from_int(3, FP_ROUND_NEAREST_EVEN, 1, false, &e),
             0x3ff8000000000000, 0);
}
END_TEST

START_TEST(min_max_choose_as_ieee)
{
    struct fp_env e = arm_env();
    const uint32_t one = 0x3f800000, q = 0x7fc00001, s = 0x7f800001;

    CHECK_OP(f32_max(0x80000000, 0, &e), 0, 0);
    CHECK_OP(f32_min(0, 0x80000000, &e), 0x80000000, 0);
    CHECK_OP(f32_max(one, q, &e), q, 0);
    CHECK_OP(f32_maxnum(one, q, &e), one, 0);
    CHECK_OP(f32_minnum(q, one, &e), one, 0);
    CHECK_OP(f32_minnum(q, s, &e), 0x7fc00001, FP_INVALID);
    CHECK_OP(f32_maxnum(one, s, &e), 0x7fc00001, FP_INVALID);
    CHECK_OP(f32_min(0xff800000, one, &e), 0xff800000, 0);
}
END_TEST

static void setup(void)
{
    const char *text = getenv("TEST_SEED");

    seed = text ? strtoull(text, NULL, 0) : 0x9e3779b97f4a7c15;
}

static Suite *suite_softfloat(void)
{
    Suite *s = suite_create("softfloat");
    TCase *t = tcase_create("softfloat");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, f32_arithmetic_agrees_with_sse);
    tcase_add_test(t, f64_arithmetic_agrees_with_sse);
    tcase_add_test(t, muladd_agrees_with_fma3);
    tcase_add_test(t, comparison_agrees_with_sse);
    tcase_add_test(t, integer_conversion_agrees_with_sse);
    tcase_add_test(t, single_and_double_convert_as_sse);
    tcase_add_test(t, half_converts_as_f16c);
    tcase_add_test(t, rounding_to_integral_agrees_with_sse41);
    tcase_add_test(t, f16_arithmetic_agrees_with_f32);
    tcase_add_test(t, arm_nan_rules);
    tcase_add_test(t, arm_flush_to_zero);
    tcase_add_test(t, arm_tininess_before_rounding);
    tcase_add_test(t, arm_alternative_half);
    tcase_add_test(t, arm_half_flushes_by_itself);
    tcase_add_test(t, fused_half_rounds_once);
    tcase_add_test(t, newton_steps_are_fused);
    tcase_add_test(t, rounding_to_odd_keeps_what_was_lost);
    tcase_add_test(t, half_bits_become_single_as_they_are);
    tcase_add_test(t, integers_saturate);
    tcase_add_test(t, min_max_choose_as_ieee);
    suite_add_tcase(s, t);
    return s;
}

TEST_SUITE(suite_softfloat)
