/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzzers share. A fuzzer is a list of targets; a target plays one round at a time, all of whose choices come from the seed and
 * the round's number, in a process of its own. Whatever ends that process, or keeps it from making progress, is a finding, and is
 * reported with the line that plays the round again.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "util/rng.h"

struct fuzz_target {
    const char *name;
    void (*round)(const struct fuzz_target *t, struct rng *r);
    const void *data;                /* the target's own */
};

extern const struct fuzz_target *const fuzz_targets[];      /* NULL-terminated; fuzz-targets.c */

/* A promise was broken: the round has found something. */
#define fuzz_check(cond, ...) ((cond) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #cond, __VA_ARGS__))
void fuzz_fail(const char *file, int line, const char *what, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 4, 5)));

/* True n times of a hundred. */
bool fuzz_percent(struct rng *r, unsigned n);
/* A number as drivers get them wrong: small ones, powers of two and their neighbours, all ones, anything. */
uint64_t fuzz_number(struct rng *r);

#endif
