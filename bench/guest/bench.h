/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the suite's programs share. A program does a fixed amount of work, n times, and returns a checksum that is the same
 * on every machine.
 */
#ifndef BENCH_GUEST_BENCH_H
#define BENCH_GUEST_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline, noclone))

/* Xorshift: the same numbers everywhere. */
static inline uint32_t next_random(uint32_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 17;
    *s ^= *s << 5;
    return *s;
}

/* Fold v into the checksum h. */
static inline uint32_t mix(uint32_t h, uint32_t v)
{
    h ^= v;
    h *= 16777619u;
    return h ^ h >> 15;
}

/* How the suite was started: forkexec starts it anew. */
extern char *self;

/* coremark.c */
uint32_t bench_coremark(int n);
/* dhry.c */
uint32_t bench_dhry(int n);
/* hash.c */
uint32_t bench_sha256(int n);
uint32_t bench_md5(int n);
/* integer.c */
uint32_t bench_sieve(int n);
uint32_t bench_qsort(int n);
uint32_t bench_interp(int n);
uint32_t bench_u64(int n);
/* call.c */
uint32_t bench_fib(int n);
/* memory.c; chase also takes CHASE_BUILD and CHASE_DROP, for work that is not measured */
#define CHASE_BUILD (-1)
#define CHASE_DROP (-2)
uint32_t bench_str(int n);
uint32_t bench_memcpy(int n);
uint32_t bench_chase(int n);
/* fp.c */
uint32_t bench_nbody(int n);
uint32_t bench_mandel(int n);
uint32_t bench_matmul(int n);
/* simd.c */
uint32_t bench_fsimd(int n);
uint32_t bench_isimd(int n);
/* codegen.c */
uint32_t bench_jitgen(int n);
uint32_t bench_smc(int n);
/* system.c */
uint32_t bench_syscall(int n);
uint32_t bench_forkexec(int n);
uint32_t bench_mmap(int n);
uint32_t bench_pipe(int n);
uint32_t bench_signal(int n);

#endif
