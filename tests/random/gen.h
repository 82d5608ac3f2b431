/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random A32, Thumb and A64 code from the decode lists: valid, unprivileged, not
 * UNPREDICTABLE, and mostly with addresses inside the data window.
 */
#ifndef TESTS_RANDOM_GEN_H
#define TESTS_RANDOM_GEN_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/random/case.h"

enum gen_tables {
    GEN_A32 = 1, GEN_T32 = 2, GEN_VFP = 4, GEN_NEON = 8, GEN_V8 = 16, GEN_A64 = 32,
};

enum gen_list {
    LIST_A32, LIST_UNCOND, LIST_T16, LIST_T32, LIST_VFP, LIST_NEON,
    LIST_VFP8, LIST_A64, LIST_A64_SIMD, LIST_A64_SIMDFP, LISTS
};

/* Of A64? They are the last ones. */
static inline bool gen_is_a64(enum gen_list list)
{
    return list >= LIST_A64;
}

/* How often each row was used */
struct gen_coverage {
    uint32_t n[LISTS][1024];
};

struct gen_config {
    unsigned tables;         /* enum gen_tables; GEN_VFP, GEN_NEON in both sets;
                              * GEN_V8 allows rows that need ARMv8 (A64: more than v8.2);
                              * GEN_A64 goes with no other but it */
    const char *row;         /* only rows of this name, or NULL */
    const char *decode;      /* A64: only rows of this decode table, or NULL */
    unsigned max_insns;      /* at most 20 */
    struct gen_coverage *coverage;   /* or NULL; cases add to it */
};

/* Case n of seed for slot (its address matters); gives the number of
 * instructions. */
unsigned gen_case(const struct gen_config *config, uint64_t seed, uint64_t n,
                  uint32_t slot, struct case_in *in);
/* Can a case have an instruction of config->row? */
bool gen_row_possible(const struct gen_config *config);
/* Print the rows that a case can have and none had; gives their number. */
unsigned gen_print_uncovered(const struct gen_config *config);

/* A random encoding of row i of a table (A32 form), 0 when none was found; false
 * when there is no such row. For decoder checks. */
bool gen_encoding(enum gen_list list, unsigned i, uint64_t *rng,
                  uint32_t *insn, const char **name);

#endif
