/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An x86 CPU at CPL 3, in 64-bit or 32-bit protected mode with flat segments,
 * on the memory of case-x86.h: decoder, front end and translator, no softmmu
 * and no system side of the target.
 */
#ifndef TESTS_RANDOM_FLAT_X86_H
#define TESTS_RANDOM_FLAT_X86_H

#include "tests/random/case-x86.h"

struct flat_x86;

/* interpret: no host code; host_level, random_ra: see struct tcg_config; features: enum x86_feature >> 5 */
struct flat_x86 *flat_x86_new(bool interpret, unsigned host_level, uint64_t random_ra, bool bits32, const uint32_t features[16]);
void flat_x86_free(struct flat_x86 *f);
/* False: the case did not end. */
bool flat_x86_run(struct flat_x86 *f, const struct x86_case *in, struct x86_outcome *out);

#endif
