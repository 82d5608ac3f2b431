/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of A64 instructions from the decode tables (a64-names.c). */
#ifndef TARGET_ARM_A64_NAMES_H
#define TARGET_ARM_A64_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* The name of the row of the instruction at bytes (little-endian), or NULL: no table has it, or len is too short. Any thread. */
const char *a64_row_name(const uint8_t *bytes, size_t len);

#endif
