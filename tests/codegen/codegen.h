/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The halves of tests/codegen/codegen: Capstone's header and the target's do
 * not go together. */
#ifndef TESTS_CODEGEN_H
#define TESTS_CODEGEN_H

#include <stddef.h>
#include "tcg/compile.h"
#include "tests/random/flat.h"

/* Translate what is placed in slot 0. */
void codegen_translate(struct flat *f, const struct case_in *in,
                       struct tcg_code *code);

/* Name of what stands at an offset from env; false: none. */
bool codegen_env_name(unsigned offset, char *name, size_t size);

#endif
