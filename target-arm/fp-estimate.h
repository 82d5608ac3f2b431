/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables behind reciprocal estimates (DDI 0487 J1.1.3 RecipEstimate, RecipSqrtEstimate): nine bits in, nine bits out. */
#ifndef TARGET_ARM_FP_ESTIMATE_H
#define TARGET_ARM_FP_ESTIMATE_H

#include <stdint.h>

/* 1 / 0.a for a in 256..511 as 256..511 */
static inline uint32_t recip_estimate(uint32_t a)
{
    return ((1u << 19) / (2 * a + 1) + 1) / 2;
}

/* 1 / sqrt(0.a) for a in 128..511 as 256..511 */
static inline uint32_t rsqrt_estimate(uint32_t a)
{
    uint32_t b = 512;        /* the largest with a * b * b below 2^28, bit by bit */

    a = a < 256 ? 2 * a + 1 : 2 * ((a & ~1u) + 1);
    for (uint32_t bit = 256; bit; bit >>= 1) {
        b += (uint64_t)a * (b + bit) * (b + bit) < 1u << 28 ? bit : 0;
    }
    return (b + 1) / 2;
}

#endif
