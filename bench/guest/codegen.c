/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code made at run time. jitgen: 32 new functions in the same place again and again, each called 50 times. smc: one
 * immediate in a function that has just run is changed, and it runs again: a translator's worst case.
 */
#include <sys/mman.h>
#include "bench/guest/bench.h"

typedef uint32_t (*function)(uint32_t);

enum { FUNCTION_SIZE = 256, FUNCTIONS = 32 };

static uint8_t *code_area(void)
{
    static uint8_t *area;

    if (!area)
        area = mmap(NULL, FUNCTIONS * FUNCTION_SIZE + 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return area;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, 4);
    return p + 4;
}

/* return x + (k & 255) + ((k + 1) & 255) + ...: len instructions that add */
static void emit(uint8_t *p, uint32_t k, uint32_t len)
{
    uint8_t *start = p;

#if defined(__x86_64__)
    *p++ = 0x89;                                        /* mov eax, edi */
    *p++ = 0xf8;
    for (uint32_t i = 0; i < len; i++) {
        *p++ = 0x05;                                    /* add eax, imm32 */
        p = put32(p, (k + i) & 255);
    }
    *p++ = 0xc3;
#elif defined(__aarch64__)
    for (uint32_t i = 0; i < len; i++)
        p = put32(p, 0x11000000 | ((k + i) & 255) << 10);
    p = put32(p, 0xd65f03c0);
#else
    for (uint32_t i = 0; i < len; i++)
        p = put32(p, 0xe2800000 | ((k + i) & 255));     /* add r0, r0, #imm */
    p = put32(p, 0xe12fff1e);                           /* bx lr */
#endif
    __builtin___clear_cache((char *)start, (char *)p);
}

uint32_t bench_jitgen(int n)
{
    uint8_t *area = code_area();
    uint32_t h = 0;

    for (int r = 0; r < n; r++) {
        for (int f = 0; f < FUNCTIONS; f++)
            emit(area + f * FUNCTION_SIZE, (uint32_t)(r + f), 20);
        for (int f = 0; f < FUNCTIONS; f++)
            for (int c = 0; c < 50; c++)
                h = ((function)(area + f * FUNCTION_SIZE))(h);
    }
    return h;
}

uint32_t bench_smc(int n)
{
    uint8_t *p = code_area() + FUNCTIONS * FUNCTION_SIZE;
    uint32_t h = 0;

    for (int r = 0; r < n * 100; r++) {
        emit(p, (uint32_t)r, 4);
        h = ((function)p)(h);
        h = ((function)p)(h);
    }
    return h;
}
