/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loops that the compiler turns into vector code: built with -O3 -ffast-math, for NEON in single precision and SSE2. */
#include "bench/guest/bench.h"

enum { SIZE = 8192 };

static float fa[SIZE] __attribute__((aligned(64))), fb[SIZE] __attribute__((aligned(64)));
static float fc[SIZE] __attribute__((aligned(64)));

static NOINLINE void saxpy(float *restrict y, const float *restrict x, float a)
{
    for (int i = 0; i < SIZE; i++)
        y[i] = a * x[i] + y[i] * .5f;
}

static NOINLINE float dot(const float *x, const float *y)
{
    float s = 0;

    for (int i = 0; i < SIZE; i++)
        s += x[i] * y[i];
    return s;
}

static NOINLINE void max_mul(float *restrict z, const float *restrict x, const float *restrict y)
{
    for (int i = 0; i < SIZE; i++) {
        float a = x[i] > y[i] ? x[i] : y[i];

        z[i] = a - x[i] * y[i];
    }
}

/* The checksum has three digits: machines add up in different orders. */
uint32_t bench_fsimd(int n)
{
    float s = 0;

    for (int i = 0; i < SIZE; i++) {
        fa[i] = i * .001f;
        fb[i] = 1 - i * .0005f;
    }
    while (n--) {
        saxpy(fb, fa, .3f);
        max_mul(fc, fa, fb);
        s = dot(fc, fb);
        fa[n & 1023] += s * 1e-12f;
    }
    return (uint32_t)(int32_t)(s * .001f + (s < 0 ? -.5f : .5f));
}

static uint8_t u8a[SIZE], u8b[SIZE], u8c[SIZE];
static int16_t s16a[SIZE], s16b[SIZE];
static uint32_t u32a[SIZE], u32b[SIZE];

static NOINLINE void average(uint8_t *restrict c, const uint8_t *restrict a, const uint8_t *restrict b)
{
    for (int i = 0; i < SIZE; i++)
        c[i] = (uint8_t)((a[i] + b[i] + 1) >> 1);
}

static NOINLINE uint32_t difference(const uint8_t *a, const uint8_t *b)
{
    uint32_t s = 0;

    for (int i = 0; i < SIZE; i++) {
        int d = a[i] - b[i];

        s += (uint32_t)(d < 0 ? -d : d);
    }
    return s;
}

static NOINLINE int32_t dot16(const int16_t *a, const int16_t *b)
{
    int32_t s = 0;

    for (int i = 0; i < SIZE; i++)
        s += a[i] * b[i];
    return s;
}

static NOINLINE void mix32(uint32_t *restrict a, const uint32_t *restrict b)
{
    for (int i = 0; i < SIZE; i++) {
        uint32_t x = a[i] + b[i];

        x ^= x << 5;
        x += x >> 7;
        a[i] = x & 0x7fffffff;
    }
}

uint32_t bench_isimd(int n)
{
    uint32_t s = 5, h = 0;

    for (int i = 0; i < SIZE; i++) {
        u8a[i] = (uint8_t)next_random(&s);
        u8b[i] = (uint8_t)next_random(&s);
        s16a[i] = next_random(&s) & 1023;
        s16b[i] = next_random(&s) & 1023;
        u32a[i] = next_random(&s);
        u32b[i] = next_random(&s);
    }
    while (n--) {
        average(u8c, u8a, u8b);
        h += difference(u8c, u8b);
        h += (uint32_t)dot16(s16a, s16b);
        mix32(u32a, u32b);
        u8a[n & (SIZE - 1)]++;
        s16a[n & (SIZE - 1)] ^= 1;
    }
    return h + u32a[77];
}
