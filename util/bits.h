/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bit fields, rotations, sign extension and counts.  All are pure inlines;
 * positions count from bit 0, the least significant.
 */
#ifndef UTIL_BITS_H
#define UTIL_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define BIT(n)   (1u << (n))
#define BIT64(n) (UINT64_C(1) << (n))

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

/* The struct that has `member` at `ptr`. */
#define container_of(ptr, type, member)                                        \
    ((type *)((char *)(ptr)-offsetof(type, member)))

/* A mask of `len` ones from bit 0; len is 0 to 32 (64). */
static inline uint32_t mask32(unsigned len)
{
    return len >= 32 ? UINT32_MAX : (UINT32_C(1) << len) - 1;
}

static inline uint64_t mask64(unsigned len)
{
    return len >= 64 ? UINT64_MAX : (UINT64_C(1) << len) - 1;
}

/* The `len` bits of x from `pos`; pos + len is at most the width. */
static inline uint32_t extract32(uint32_t x, unsigned pos, unsigned len)
{
    return (x >> pos) & mask32(len);
}

static inline uint64_t extract64(uint64_t x, unsigned pos, unsigned len)
{
    return (x >> pos) & mask64(len);
}

/* x with the `len` bits from `pos` replaced by the low bits of `field`. */
static inline uint32_t deposit32(uint32_t x, unsigned pos, unsigned len,
                                 uint32_t field)
{
    uint32_t mask = mask32(len) << pos;

    return (x & ~mask) | ((field << pos) & mask);
}

static inline uint64_t deposit64(uint64_t x, unsigned pos, unsigned len,
                                 uint64_t field)
{
    uint64_t mask = mask64(len) << pos;

    return (x & ~mask) | ((field << pos) & mask);
}

/* Sign extension of the low `len` bits; len is 1 to 32 (64). */
static inline int32_t sextend32(uint32_t x, unsigned len)
{
    return (int32_t)(x << (32 - len)) >> (32 - len);
}

static inline int64_t sextend64(uint64_t x, unsigned len)
{
    return (int64_t)(x << (64 - len)) >> (64 - len);
}

static inline int32_t sextract32(uint32_t x, unsigned pos, unsigned len)
{
    return sextend32(x >> pos, len);
}

static inline int64_t sextract64(uint64_t x, unsigned pos, unsigned len)
{
    return sextend64(x >> pos, len);
}

/* Rotations; n is taken modulo the width. */
static inline uint8_t ror8(uint8_t x, unsigned n)
{
    n &= 7;
    return n ? (uint8_t)(x >> n | x << (8 - n)) : x;
}

static inline uint16_t ror16(uint16_t x, unsigned n)
{
    n &= 15;
    return n ? (uint16_t)(x >> n | x << (16 - n)) : x;
}

static inline uint32_t ror32(uint32_t x, unsigned n)
{
    return x >> (n & 31) | x << (-n & 31);
}

static inline uint64_t ror64(uint64_t x, unsigned n)
{
    return x >> (n & 63) | x << (-n & 63);
}

static inline uint32_t rol32(uint32_t x, unsigned n)
{
    return ror32(x, -n);
}

static inline uint64_t rol64(uint64_t x, unsigned n)
{
    return ror64(x, -n);
}

/* Leading and trailing zeros; the width for 0. */
static inline unsigned clz32(uint32_t x)
{
    return x ? (unsigned)__builtin_clz(x) : 32;
}

static inline unsigned clz64(uint64_t x)
{
    return x ? (unsigned)__builtin_clzll(x) : 64;
}

static inline unsigned ctz32(uint32_t x)
{
    return x ? (unsigned)__builtin_ctz(x) : 32;
}

static inline unsigned ctz64(uint64_t x)
{
    return x ? (unsigned)__builtin_ctzll(x) : 64;
}

static inline unsigned popcount32(uint32_t x)
{
    return (unsigned)__builtin_popcount(x);
}

static inline unsigned popcount64(uint64_t x)
{
    return (unsigned)__builtin_popcountll(x);
}

/* Bit order reversed. */
static inline uint8_t reverse8(uint8_t x)
{
    return (uint8_t)((x * UINT64_C(0x0202020202) & UINT64_C(0x010884422010)) %
                     1023);
}

static inline uint32_t reverse32(uint32_t x)
{
    x = (x & 0x55555555) << 1 | ((x >> 1) & 0x55555555);
    x = (x & 0x33333333) << 2 | ((x >> 2) & 0x33333333);
    x = (x & 0x0f0f0f0f) << 4 | ((x >> 4) & 0x0f0f0f0f);
    return __builtin_bswap32(x);
}

static inline uint64_t reverse64(uint64_t x)
{
    return (uint64_t)reverse32((uint32_t)x) << 32 |
           reverse32((uint32_t)(x >> 32));
}

static inline bool is_pow2(uint64_t x)
{
    return x && !(x & (x - 1));
}

/* x to a multiple of `align`, a power of two. */
static inline uint64_t align_down(uint64_t x, uint64_t align)
{
    return x & ~(align - 1);
}

static inline uint64_t align_up(uint64_t x, uint64_t align)
{
    return (x + align - 1) & ~(align - 1);
}

/* The smallest power of two that is not less than x (x at most 2^63). */
static inline uint64_t pow2_ceil(uint64_t x)
{
    return x <= 1 ? 1 : UINT64_C(1) << (64 - clz64(x - 1));
}

#endif
