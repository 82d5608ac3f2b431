/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slow paths of guest memory access (tcg/compile.h), and accesses for C code of a target. */
#ifndef SOFTMMU_ACCESS_H
#define SOFTMMU_ACCESS_H

#include "tcg/compile.h"

/* For tcg_config.mem. */
extern const struct tcg_mem_ops access_mem_ops;

#endif
