/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared inside tcg/: the passes, and assertions with values. */
#ifndef TCG_INTERNAL_H
#define TCG_INTERNAL_H

#include <stdio.h>
#include <stdlib.h>
#include "tcg/ir.h"

/* Our own bugs only. */
#define ir_assert(cond, ...)                                             \
    do {                                                                 \
        if (__builtin_expect(!(cond), 0)) {                              \
            fprintf(stderr, "%s:%d: assertion '%s': ", __FILE__,         \
                    __LINE__, #cond);                                    \
            fprintf(stderr, __VA_ARGS__);                                \
            fputc('\n', stderr);                                         \
            abort();                                                     \
        }                                                                \
    } while (0)

/* If the result of the one-output op at index is known, its value's id (perhaps a new constant), else 0. May change
 * the op in place into a cheaper one with the same result. */
uint16_t opt_fold(struct ir *ir, uint32_t index);

/* Passes, in the order that opt_run calls them. */
void opt_run(struct ir *ir, bool verify, bool host);      /* host: for a backend */
void opt_copy(struct ir *ir);      /* copies, folding, common subexpressions, state forwarding */
void opt_cond(struct ir *ir);      /* conditions on flags that are gone: compares */
void opt_sink(struct ir *ir);      /* stores of flags that only slow paths and side exits need (opt_run: host) */
void opt_dead(struct ir *ir);      /* dead ops, dead state stores */

#endif
