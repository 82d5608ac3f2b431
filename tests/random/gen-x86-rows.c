/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See gen-x86.h: rows that are not run, and flags that are not compared, with the reason. */
#include "config.h"

#include "tests/random/gen-x86.h"

const struct x86_exception_row x86_exception_rows[] = {
    { NULL, 0, NULL },
};
