/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See gen-x86.h: rows that are not run, and flags that are not compared, with the reason. */
#include "config.h"

#include "tests/random/gen-x86.h"

const struct x86_exception_row x86_exception_rows[] = {
#define OP(opcode, cond, name, a, b, c, d, flags, feature) { #name, 0, "of the system side (tests/insn/x86)" },
#include "target-x86/map-sys-1byte.inc"
#include "target-x86/map-sys-0f.inc"
#include "target-x86/map-sys-0f38.inc"
#undef OP
    { NULL, 0, NULL },
};
