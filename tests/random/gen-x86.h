/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random x86 instructions from the rows of target-x86's opcode maps, with
 * registers that make sense of them: addresses in the window of case-x86.h,
 * small counts, divisions that mostly fit, numbers of every class.
 */
#ifndef TESTS_RANDOM_GEN_X86_H
#define TESTS_RANDOM_GEN_X86_H

#include "target-x86/decode.h"
#include "tests/random/case-x86.h"

#define GEN_MAX_INSNS 4
#define GEN_MAX_ROWS  3000

/* CR2 is not compared. */
#define X86_OPEN_CR2 (1u << 31)
/* MXCSR is not compared where an unmasked exception comes up. */
#define X86_OPEN_MXCSR (1u << 30)

/* Why a row is not run, or which flags it leaves open (SDM: undefined, and processors differ). */
struct x86_exception_row {
    const char *name;        /* of the row; a * at the end stands for anything */
    enum x86_operand_code operand;   /* only rows with this operand; NONE: all */
    uint32_t flags;          /* EFLAGS bits that are not compared, X86_OPEN_*; 0: the row is not run */
    const char *reason;
};
extern const struct x86_exception_row x86_exception_rows[];
/* NULL when the row is run and compared as a whole. */
const struct x86_exception_row *x86_row_exception(const struct x86_row *row);

struct gen_x86_config {
    bool bits32;
    const char *row;         /* only rows whose name begins so, or NULL */
    unsigned max_insns;      /* at most GEN_MAX_INSNS */
    uint32_t features[16];   /* of the processor: enum x86_feature >> 5 */
};

/* Features of the host's processor, as far as rows name them. */
void gen_x86_host_features(uint32_t features[16]);

/* The rows that a configuration has. */
struct gen_x86;
struct gen_x86 *gen_x86_new(const struct gen_x86_config *config);
void gen_x86_free(struct gen_x86 *g);
unsigned gen_x86_row_count(const struct gen_x86 *g);

/* What case n of the seed is made of; `flags` are not compared. */
struct gen_x86_made {
    const struct x86_row *row[GEN_MAX_INSNS];
    unsigned ninsns;
    uint32_t flags;
};
void gen_x86_case(struct gen_x86 *g, uint64_t seed, uint64_t n, struct x86_case *c, struct gen_x86_made *made);

/* Print the rows that never ran, and those left out with the reason; gives the number of the former. */
unsigned gen_x86_print_coverage(const struct gen_x86 *g);

/* ---- gen-x86-state.c ---- */

struct rng;
/* Registers, flags, x87 and vector state. */
void gen_x86_state(struct rng *r, const uint32_t features[16], struct x86_case *c);
/* A number that is interesting for integer instructions. */
uint64_t gen_x86_integer(struct rng *r);

#endif
