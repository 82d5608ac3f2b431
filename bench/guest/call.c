/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fib: calls and returns, nothing else. Built without inlining and tail calls. */
#include "bench/guest/bench.h"

NOINLINE uint32_t fib(uint32_t n);
NOINLINE uint32_t fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static NOINLINE int tak(int x, int y, int z)
{
    return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}

uint32_t bench_fib(int n)
{
    uint32_t h = 0;

    while (n--) {
        h += fib(24);
        h += (uint32_t)tak(14, 10, 5);
    }
    return h;
}
