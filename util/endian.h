/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads and stores of any width and byte order at host pointers, aligned or
 * not: ld16_le, ld32_be, st64_le...  For memory that other threads may access
 * at the same time, see softmmu/access.h instead.
 */
#ifndef UTIL_ENDIAN_H
#define UTIL_ENDIAN_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ENDIAN_LE_SWAP(bits, x) __builtin_bswap##bits(x)
#define ENDIAN_BE_SWAP(bits, x) (x)
#else
#define ENDIAN_LE_SWAP(bits, x) (x)
#define ENDIAN_BE_SWAP(bits, x) __builtin_bswap##bits(x)
#endif

#define ENDIAN_LOAD_STORE(bits)                                                \
    static inline uint##bits##_t ld##bits##_he(const void *p)                  \
    {                                                                          \
        uint##bits##_t x;                                                      \
        memcpy(&x, p, sizeof(x));                                              \
        return x;                                                              \
    }                                                                          \
    static inline void st##bits##_he(void *p, uint##bits##_t x)                \
    {                                                                          \
        memcpy(p, &x, sizeof(x));                                              \
    }                                                                          \
    static inline uint##bits##_t ld##bits##_le(const void *p)                  \
    {                                                                          \
        return ENDIAN_LE_SWAP(bits, ld##bits##_he(p));                         \
    }                                                                          \
    static inline uint##bits##_t ld##bits##_be(const void *p)                  \
    {                                                                          \
        return ENDIAN_BE_SWAP(bits, ld##bits##_he(p));                         \
    }                                                                          \
    static inline void st##bits##_le(void *p, uint##bits##_t x)                \
    {                                                                          \
        st##bits##_he(p, ENDIAN_LE_SWAP(bits, x));                             \
    }                                                                          \
    static inline void st##bits##_be(void *p, uint##bits##_t x)                \
    {                                                                          \
        st##bits##_he(p, ENDIAN_BE_SWAP(bits, x));                             \
    }

/* clang-format off */
ENDIAN_LOAD_STORE(16)
ENDIAN_LOAD_STORE(32)
ENDIAN_LOAD_STORE(64)
/* clang-format on */

#undef ENDIAN_LOAD_STORE

#endif
