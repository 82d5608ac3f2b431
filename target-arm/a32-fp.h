/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the VFP and Advanced SIMD translators: fp env numbers, register
 * number decoding, constants that translator and helpers agree on.
 */
#ifndef TARGET_ARM_A32_FP_H
#define TARGET_ARM_A32_FP_H

#include <stdint.h>

struct a32_ctx;

/* fp env indices: VFP obeys FPSCR, Advanced SIMD has a fixed mode (A2.7.3,
 * StandardFPSCRValue). */
enum { FP_ENV_VFP = 0, FP_ENV_NEON = 1 };

/* Numbers of VMRS and VMSR (DDI 0406C B9.3.21) */
enum fp_sys_reg {
    FP_REG_FPSID = 0, FP_REG_FPSCR = 1, FP_REG_MVFR2 = 5, FP_REG_MVFR1 = 6,
    FP_REG_MVFR0 = 7, FP_REG_FPEXC = 8,
};

/* Register numbers of rows: the generator joins Vd:D pieces by position, which
 * is D:Vd and M:Vm but Vn:N.  sreg() makes x:y (1:4 bits) into y:x, dreg() x:y
 * (4:1 bits) into y:x. */
static inline uint32_t sreg(struct a32_ctx *s, uint32_t v)
{
    (void)s;
    return (v << 1 | v >> 4) & 31;
}

static inline uint32_t dreg(struct a32_ctx *s, uint32_t v)
{
    (void)s;
    return (v >> 1 | v << 4) & 31;
}

/* Fixed-point format for helper_arm_f32_to_fixed and friends. */
#define FP_FIXED(bits, frac_bits, is_signed) \
    ((unsigned)(bits) | (unsigned)(frac_bits) << 8 | (unsigned)(is_signed) << 16)
#define FP_FIXED_BITS(f)   ((f) & 0xff)
#define FP_FIXED_FRAC(f)   ((f) >> 8 & 0xff)
#define FP_FIXED_SIGNED(f) ((f) >> 16 & 1)

/* Rounding argument of helper_arm_*_rint: the env's own mode. */
#define FP_ROUND_ENV 8

#endif
