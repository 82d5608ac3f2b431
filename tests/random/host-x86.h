/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs x86 instructions on the host's processor, in a child process that has
 * the memory of case-x86.h. x86-64 Linux only.
 */
#ifndef TESTS_RANDOM_HOST_X86_H
#define TESTS_RANDOM_HOST_X86_H

#include <glib.h>

#include "tests/random/case-x86.h"

#define HOST_BATCH 256u

/* The bytes of a case at X86_CODE_START: its code and the jump that ends it; gives their number, at most X86_CODE_MAX + 24. */
unsigned x86_case_code(const struct x86_case *in, uint8_t *start);

struct host_x86;

/* Start the child. NULL with *err when this host cannot (another processor, no AVX, addresses taken). */
struct host_x86 *host_x86_new(GError **err);
void host_x86_free(struct host_x86 *h);

/* The cases and outcomes of batch `slot`, 0 or 1; shared with the child. */
struct x86_case *host_x86_cases(struct host_x86 *h, unsigned slot);
const struct x86_outcome *host_x86_outcomes(struct host_x86 *h, unsigned slot);

/* Let the child run `count` cases of a slot; returns at once. */
void host_x86_start(struct host_x86 *h, unsigned slot, unsigned count);
/* Wait until it is done. False: the child ended, *err says at which case. */
bool host_x86_wait(struct host_x86 *h, unsigned slot, GError **err);

#endif
