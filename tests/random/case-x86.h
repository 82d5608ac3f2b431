/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two sides of diff-host exchange: a register state and a few x86
 * instructions, and what became of them. Both sides have the same memory: a
 * code page, a window of data with nothing mapped around it. All of it is
 * below 2 GiB, so that 32-bit code and RIP-relative operands reach it.
 */
#ifndef TESTS_RANDOM_CASE_X86_H
#define TESTS_RANDOM_CASE_X86_H

#include <stdbool.h>
#include <stdint.h>

/* The code page is full of INT3 but for the case; a jump that goes astray is seen by where it ends. */
#define X86_CODE_BASE   0x20000000u
#define X86_CODE_SIZE   0x1000u
#define X86_CODE_START  (X86_CODE_BASE + 0x800)
#define X86_CODE_MAX    96u

#define X86_WINDOW_BASE 0x21000000u
#define X86_WINDOW_SIZE 0x2000u

/* FS is the host's thread pointer and not used; GS in 64-bit mode has this base. */
#define X86_GS_BASE     (X86_WINDOW_BASE + 0x400)

/* XSAVE's standard format of x87, SSE and AVX state (SDM 1, 13.4), the legacy region as FXSAVE64 has it. */
struct x86_fp_image {
    uint16_t fcw, fsw;
    uint8_t ftw, reserved;
    uint16_t fop;
    uint64_t fip, fdp;
    uint32_t mxcsr, mxcsr_mask;
    uint8_t st[8][16];       /* ten bytes each, by distance from the top */
    uint8_t xmm[16][16];
    uint8_t unused[96];
    uint64_t header[8];      /* XSTATE_BV first */
    uint8_t ymmh[16][16];
} __attribute__((aligned(64)));

struct x86_case {
    uint64_t r[16];          /* numbers as in ModRM; 32-bit code: low halves count */
    uint32_t eflags;
    bool bits32;
    uint8_t code_bytes;
    uint8_t code[X86_CODE_MAX];
    uint32_t window_seed;
    struct x86_fp_image fp;
};

struct x86_outcome {
    uint64_t r[16];
    uint64_t rip;
    uint64_t cr2;            /* of page faults */
    uint32_t eflags;
    uint32_t error;          /* error code of the fault */
    int32_t vector;          /* -1: went through to the end */
    uint64_t window_hash;
    struct x86_fp_image fp;
};

/* The window's contents before a case, the same on both sides. Every eighth word points into the code page. */
void x86_window_fill(uint64_t *window, uint32_t seed);
/* Of a window that may have changed: 0 when it has not. */
uint64_t x86_window_hash(const uint64_t *window, const uint64_t *before);

#endif
