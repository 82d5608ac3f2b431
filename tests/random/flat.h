/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ARM CPU in User mode or at EL0 on flat memory: front end, translator and nothing
 * else, for random tests. Memory is the code area and the data window of
 * case.h; anything else faults.
 */
#ifndef TESTS_RANDOM_FLAT_H
#define TESTS_RANDOM_FLAT_H

#include <stdbool.h>

#include "tests/random/case.h"

struct flat;
struct tcg_ctx;

/* a64: AArch64 state at A64_BASE; v8: with the ARMv8 instructions of AArch32, or those that A64 got after v8.2; wide: AArch32 on a CPU
 * that has AArch64. */
struct flat_arch {
    bool a64, v8, wide;
};

/* interpret: no host code; random_ra: see struct tcg_config */
struct flat *flat_new(bool interpret, uint64_t random_ra, struct flat_arch arch);
void flat_free(struct flat *f);
/* Start a batch: drop translations, fill the window from seed. */
void flat_batch(struct flat *f, uint32_t seed);
/* Put case i's code in place. */
void flat_place(struct flat *f, uint32_t slot, const struct case_in *in);
/* Run a placed case. False: it cannot be compared, because it touched memory
 * that exists on one side only, or did not end. */
bool flat_run(struct flat *f, const struct case_in *in, struct case_out *out);
/* The translator, for statistics. */
struct tcg_ctx *flat_tcg(struct flat *f);

#endif
