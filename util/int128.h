/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 128-bit integers for wide multiplies, divides and vector values.  The
 * compilers we support have the type on every 64-bit host.
 */
#ifndef UTIL_INT128_H
#define UTIL_INT128_H

#include <stdint.h>

#ifndef __SIZEOF_INT128__
#error "this host's compiler has no 128-bit integers"
#endif

typedef __int128 int128_t;
typedef unsigned __int128 uint128_t;

static inline uint128_t uint128_make(uint64_t low, uint64_t high)
{
    return (uint128_t)high << 64 | low;
}

static inline uint64_t uint128_low(uint128_t x)
{
    return (uint64_t)x;
}

static inline uint64_t uint128_high(uint128_t x)
{
    return (uint64_t)(x >> 64);
}

/* The upper half of the product. */
static inline uint64_t mulhi_u64(uint64_t a, uint64_t b)
{
    return (uint64_t)((uint128_t)a * b >> 64);
}

static inline int64_t mulhi_s64(int64_t a, int64_t b)
{
    return (int64_t)((int128_t)a * b >> 64);
}

/* a * b / c without overflow between; c is not 0 and the result must fit. */
static inline uint64_t muldiv_u64(uint64_t a, uint64_t b, uint64_t c)
{
    return (uint64_t)((uint128_t)a * b / c);
}

#endif
