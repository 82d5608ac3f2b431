/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What diff-qemu and its driver under qemu-arm exchange: batches of cases, a
 * register state and a few instructions each. Both sides put the code of case
 * i of a batch at CODE_BASE + i * SLOT_SIZE and see a data window filled from
 * the batch's seed. Host and guest are little-endian; the layout is packed by
 * construction (no padding).
 */
#ifndef TESTS_RANDOM_CASE_H
#define TESTS_RANDOM_CASE_H

#include <stdint.h>

#define CODE_BASE   0x40000000u
#define SLOT_SIZE   256u
#define BATCH_MAX   1024u
#define CODE_SIZE   (SLOT_SIZE * BATCH_MAX)
#define CODE_MAX    192u
/* Undefined instructions that end a case: A32 or A64 at +TERM_A32, T16 at +TERM_T16 */
#define TERM_A32    240u
#define TERM_T16    244u

#define WINDOW_BASE 0x41000000u
#define WINDOW_SIZE 0x4000u
/* Never mapped on either side: accesses fault. */
#define GUARD_BASE  0x50000000u
#define GUARD_SIZE  0x10000000u

/* AArch64 cases have all of this above 4 GiB. */
#define A64_BASE    0x1200000000ull

#define CASE_MAGIC  0x54414d32u

struct batch_head {
    uint32_t magic, count, seed, pad;
};

struct case_in {
    uint64_t r[32];          /* r0-r14, or x0-x30 and sp */
    uint64_t pc;             /* tagged */
    uint32_t cpsr;           /* NZCV, Q, GE */
    uint32_t fpscr;          /* A64: FPCR and FPSR in the places that FPSCR has for them */
    uint32_t code_bytes, pad;
    uint64_t d[64];
    uint8_t code[CODE_MAX];
};

struct case_out {
    uint64_t r[32];
    uint64_t pc;             /* untagged */
    uint64_t addr;           /* si_addr of SEGV and BUS */
    uint32_t cpsr;
    uint32_t fpscr;
    uint32_t signal;         /* the host's numbers: 4 ILL, 5 TRAP, 7 BUS, 11 SEGV */
    uint32_t hash;           /* of the window */
    uint64_t d[64];
};

/* The window's contents and its hash, the same on both sides. */
static inline void window_fill(uint32_t *w, uint32_t seed)
{
    for (uint32_t i = 0; i < WINDOW_SIZE / 4; i++) {
        seed = seed * 1664525u + 1013904223u;
        w[i] = seed ^ seed >> 15;
    }
}

static inline uint32_t window_hash(const uint32_t *w)
{
    uint32_t h = 1;

    for (uint32_t i = 0; i < WINDOW_SIZE / 4; i++) {
        h = (h << 5 | h >> 27) + w[i];
    }
    return h;
}

#endif
