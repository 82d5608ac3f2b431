/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point operations that have no IR op: half precision, fixed point,
 * the ARMv8 roundings and minima, and the FP system registers.  They run on
 * util/softfloat with the fp env that the caller names.
 */
#include "config.h"

#define HELPER_INC "target-arm/helpers-fp.inc"
#include "tcg/helper-def.h"

#include "target-arm/a32-fp.h"
#include "target-arm/arm.h"
#include "target-arm/cpus.h"
#include "util/softfloat.h"

enum { FPSCR_AHP = 1 << 26 };
#define FPEXC_EN (1u << 30)

static bool alternative_half(struct tcg_env *env)
{
    return ARM_ENV(env)->fpscr & FPSCR_AHP;
}

uint32_t helper_arm_f16_to_f32(struct tcg_env *env, uint32_t a, uint32_t fp)
{
    return f16_to_f32(a, alternative_half(env), &env->fp[fp]);
}

uint32_t helper_arm_f32_to_f16(struct tcg_env *env, uint32_t a, uint32_t fp)
{
    return f32_to_f16(a, alternative_half(env), &env->fp[fp]);
}

uint64_t helper_arm_f16_to_f64(struct tcg_env *env, uint32_t a, uint32_t fp)
{
    return f16_to_f64(a, alternative_half(env), &env->fp[fp]);
}

uint32_t helper_arm_f64_to_f16(struct tcg_env *env, uint64_t a, uint32_t fp)
{
    return f64_to_f16(a, alternative_half(env), &env->fp[fp]);
}

uint32_t helper_arm_f32_to_fixed(struct tcg_env *env, uint32_t a,
                                 uint32_t format, uint32_t fp)
{
    return f32_to_int(a, FP_ROUND_ZERO, FP_FIXED_FRAC(format),
                      FP_FIXED_BITS(format), FP_FIXED_SIGNED(format),
                      &env->fp[fp]);
}

uint32_t helper_arm_f64_to_fixed(struct tcg_env *env, uint64_t a,
                                 uint32_t format, uint32_t fp)
{
    return f64_to_int(a, FP_ROUND_ZERO, FP_FIXED_FRAC(format),
                      FP_FIXED_BITS(format), FP_FIXED_SIGNED(format),
                      &env->fp[fp]);
}

static enum fp_round rounding(const struct tcg_env *env, uint32_t r,
                              uint32_t fp)
{
    return r == FP_ROUND_ENV ? env->fp[fp].rounding : r;
}

uint32_t helper_arm_f32_rint(struct tcg_env *env, uint32_t a, uint32_t r,
                             uint32_t exact, uint32_t fp)
{
    return f32_round_to_int(a, rounding(env, r, fp), exact, &env->fp[fp]);
}

uint64_t helper_arm_f64_rint(struct tcg_env *env, uint64_t a, uint32_t r,
                             uint32_t exact, uint32_t fp)
{
    return f64_round_to_int(a, rounding(env, r, fp), exact, &env->fp[fp]);
}

uint32_t helper_arm_f32_to_int(struct tcg_env *env, uint32_t a, uint32_t r,
                               uint32_t is_signed, uint32_t fp)
{
    return f32_to_int(a, r, 0, 32, is_signed, &env->fp[fp]);
}

uint32_t helper_arm_f64_to_int(struct tcg_env *env, uint64_t a, uint32_t r,
                               uint32_t is_signed, uint32_t fp)
{
    return f64_to_int(a, r, 0, 32, is_signed, &env->fp[fp]);
}

/* 32-bit results are zero-extended: a write of a W register. */
static uint64_t to_width(uint64_t v, uint32_t format)
{
    return FP_FIXED_BITS(format) == 32 ? (uint32_t)v : v;
}

uint64_t helper_a64_f64_to_int(struct tcg_env *env, uint64_t a, uint32_t format, uint32_t r, uint32_t fp)
{
    return to_width(f64_to_int(a, r, FP_FIXED_FRAC(format), FP_FIXED_BITS(format), FP_FIXED_SIGNED(format), &env->fp[fp]),
                    format);
}

uint32_t helper_arm_f32_minnum(struct tcg_env *env, uint32_t a, uint32_t b,
                               uint32_t fp)
{
    return f32_minnum(a, b, &env->fp[fp]);
}

uint32_t helper_arm_f32_maxnum(struct tcg_env *env, uint32_t a, uint32_t b,
                               uint32_t fp)
{
    return f32_maxnum(a, b, &env->fp[fp]);
}

uint64_t helper_arm_f64_minnum(struct tcg_env *env, uint64_t a, uint64_t b,
                               uint32_t fp)
{
    return f64_minnum(a, b, &env->fp[fp]);
}

uint64_t helper_arm_f64_maxnum(struct tcg_env *env, uint64_t a, uint64_t b,
                               uint32_t fp)
{
    return f64_maxnum(a, b, &env->fp[fp]);
}

uint32_t helper_arm_fpsys_read(struct tcg_env *env, uint32_t reg)
{
    const struct arm_cpu *a = ARM_ENV(env);

    switch (reg) {
    case FP_REG_FPSID:
        return a->model->fpsid;
    case FP_REG_MVFR0:
        return a->model->mvfr0;
    case FP_REG_MVFR1:
        return a->model->mvfr1;
    case FP_REG_MVFR2:
        return a->model->mvfr2;
    default:
        return a->fpexc;
    }
}

void helper_arm_fpexc_write(struct tcg_env *env, uint32_t v)
{
    struct arm_cpu *a = ARM_ENV(env);

    a->fpexc = v & FPEXC_EN;
    a->cpu.mode_changed = true;
}
