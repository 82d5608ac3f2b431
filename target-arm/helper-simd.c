/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD operations that have no IR op: estimates, half precision, fixed point.
 * They work on 64-bit vectors; the translator calls them for each half of a
 * quadword.  FP uses fp env 1 (DDI 0406C A2.7.3).
 */
#include "config.h"

#define HELPER_INC "target-arm/helpers-simd.inc"
#include "tcg/helper-def.h"

#include "target-arm/a32-fp.h"
#include "target-arm/arm.h"
#include "target-arm/fp-estimate.h"
#include "util/softfloat.h"

enum { FPSCR_AHP = 1 << 26 };

static struct fp_env *standard(struct tcg_env *env)
{
    return &env->fp[FP_ENV_NEON];
}

/* ---- elements ---- */

static uint64_t lane_u(uint64_t v, unsigned size, unsigned i)
{
    unsigned bits = 8u << size;

    return v >> (i * bits & 63) & ~0ull >> (64 - bits);
}

static uint32_t lo32(uint64_t v)
{
    return (uint32_t)v;
}

static uint32_t hi32(uint64_t v)
{
    return (uint32_t)(v >> 32);
}

static uint64_t pair(uint32_t lo, uint32_t hi)
{
    return lo | (uint64_t)hi << 32;
}

/* ---- reciprocal estimates, A2.7.10 ---- */

static uint32_t recpe_u(uint32_t v)
{
    return v >> 31 ? recip_estimate(v >> 23) << 23 : 0xffffffff;
}

static uint32_t rsqrte_u(uint32_t v)
{
    return v >> 30 ? rsqrt_estimate(v >> 23) << 23 : 0xffffffff;
}

uint64_t helper_arm_neon_recpe_u(uint64_t v)
{
    return pair(recpe_u(lo32(v)), recpe_u(hi32(v)));
}

uint64_t helper_arm_neon_rsqrte_u(uint64_t v)
{
    return pair(rsqrte_u(lo32(v)), rsqrte_u(hi32(v)));
}

/* FPRecipEstimate() under the standard mode, where denormals are zeros */
static uint32_t recpe_f(uint32_t v, struct fp_env *e)
{
    uint32_t sign = v & 0x80000000, exp;

    if (f32_is_nan(v))
        return f32_quiet_nan(v, e);
    v = f32_flush_input(v, e);
    exp = v >> 23 & 0xff;
    if (exp == 0xff)
        return sign;
    if (exp == 0) {
        e->flags |= FP_DIVBYZERO;
        return sign | 0x7f800000;
    }
    if (exp >= 253) {
        e->flags |= FP_UNDERFLOW;
        return sign;
    }
    return sign | (253 - exp) << 23 |
           (recip_estimate(0x100 | (v >> 15 & 0xff)) & 0xff) << 15;
}

/* FPRSqrtEstimate() under the standard mode */
static uint32_t rsqrte_f(uint32_t v, struct fp_env *e)
{
    uint32_t exp, scaled;

    if (f32_is_nan(v))
        return f32_quiet_nan(v, e);
    v = f32_flush_input(v, e);
    exp = v >> 23 & 0xff;
    if (exp == 0) {
        e->flags |= FP_DIVBYZERO;
        return v | 0x7f800000;
    }
    if (v >> 31) {
        e->flags |= FP_INVALID;
        return f32_default_nan(e);
    }
    if (exp == 0xff)
        return 0;
    scaled = exp & 1 ? 0x80 | (v >> 16 & 0x7f) : 0x100 | (v >> 15 & 0xff);
    return (380 - exp) / 2 << 23 | (rsqrt_estimate(scaled) & 0xff) << 15;
}

/* n * m, but zero where one is infinite and the other zero; the caller has
 * excluded NaNs */
static uint32_t step_product(uint32_t n, uint32_t m, struct fp_env *e)
{
    uint32_t a = f32_flush_input(n, e) & 0x7fffffff;
    uint32_t b = f32_flush_input(m, e) & 0x7fffffff;

    if ((a == 0 && b == 0x7f800000) || (b == 0 && a == 0x7f800000))
        return 0;
    return f32_mul(n, m, e);
}

/* 2 - n * m, the product rounded by itself */
static uint32_t recps(uint32_t n, uint32_t m, struct fp_env *e)
{
    if (f32_is_nan(n) || f32_is_nan(m))
        return f32_mul(n, m, e);
    return f32_sub(0x40000000, step_product(n, m, e), e);
}

/* (3 - n * m) / 2 */
static uint32_t rsqrts(uint32_t n, uint32_t m, struct fp_env *e)
{
    uint32_t v;

    if (f32_is_nan(n) || f32_is_nan(m))
        return f32_mul(n, m, e);
    v = f32_sub(0x40400000, step_product(n, m, e), e);
    return f32_div(v, 0x40000000, e);
}

uint64_t helper_arm_neon_recpe_f(struct tcg_env *env, uint64_t v)
{
    struct fp_env *e = standard(env);

    return pair(recpe_f(lo32(v), e), recpe_f(hi32(v), e));
}

uint64_t helper_arm_neon_rsqrte_f(struct tcg_env *env, uint64_t v)
{
    struct fp_env *e = standard(env);

    return pair(rsqrte_f(lo32(v), e), rsqrte_f(hi32(v), e));
}

uint64_t helper_arm_neon_recps(struct tcg_env *env, uint64_t n, uint64_t m)
{
    struct fp_env *e = standard(env);

    return pair(recps(lo32(n), lo32(m), e), recps(hi32(n), hi32(m), e));
}

uint64_t helper_arm_neon_rsqrts(struct tcg_env *env, uint64_t n, uint64_t m)
{
    struct fp_env *e = standard(env);

    return pair(rsqrts(lo32(n), lo32(m), e), rsqrts(hi32(n), hi32(m), e));
}

/* ---- conversion and ARMv8 ---- */

/* The standard mode keeps FPSCR's choice of half format. */
static bool alternative_half(struct tcg_env *env)
{
    return ARM_ENV(env)->fpscr & FPSCR_AHP;
}

uint64_t helper_arm_neon_from_half(struct tcg_env *env, uint64_t v,
                                   uint32_t half)
{
    bool alt = alternative_half(env);
    struct fp_env *e = standard(env);

    return pair(f16_to_f32(lane_u(v, 1, 2 * half), alt, e),
                f16_to_f32(lane_u(v, 1, 2 * half + 1), alt, e));
}

uint32_t helper_arm_neon_to_half(struct tcg_env *env, uint64_t v)
{
    bool alt = alternative_half(env);
    struct fp_env *e = standard(env);

    return f32_to_f16(lo32(v), alt, e) |
           (uint32_t)f32_to_f16(hi32(v), alt, e) << 16;
}

static uint32_t to_fixed(uint32_t v, uint32_t format, struct fp_env *e)
{
    return f32_to_int(v, FP_ROUND_ZERO, FP_FIXED_FRAC(format),
                      FP_FIXED_BITS(format), FP_FIXED_SIGNED(format), e);
}

uint64_t helper_arm_neon_to_fixed(struct tcg_env *env, uint64_t v,
                                  uint32_t format)
{
    struct fp_env *e = standard(env);

    return pair(to_fixed(lo32(v), format, e), to_fixed(hi32(v), format, e));
}

uint64_t helper_arm_neon_rint(struct tcg_env *env, uint64_t v, uint32_t how)
{
    struct fp_env *e = standard(env);

    return pair(f32_round_to_int(lo32(v), how & 0xff, how >> 8, e),
                f32_round_to_int(hi32(v), how & 0xff, how >> 8, e));
}

uint64_t helper_arm_neon_to_int(struct tcg_env *env, uint64_t v, uint32_t how)
{
    struct fp_env *e = standard(env);

    return pair(f32_to_int(lo32(v), how & 0xff, 0, 32, how >> 8, e),
                f32_to_int(hi32(v), how & 0xff, 0, 32, how >> 8, e));
}

uint64_t helper_arm_neon_minnum(struct tcg_env *env, uint64_t n, uint64_t m)
{
    struct fp_env *e = standard(env);

    return pair(f32_minnum(lo32(n), lo32(m), e),
                f32_minnum(hi32(n), hi32(m), e));
}

uint64_t helper_arm_neon_maxnum(struct tcg_env *env, uint64_t n, uint64_t m)
{
    struct fp_env *e = standard(env);

    return pair(f32_maxnum(lo32(n), lo32(m), e),
                f32_maxnum(hi32(n), hi32(m), e));
}
