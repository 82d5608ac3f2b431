/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from the command line: numbers, sizes, booleans, and "did you mean". */
#ifndef SOFTMMU_NAMES_H
#define SOFTMMU_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* The entry of the NULL-terminated list with the smallest edit distance to name ("" for an empty list). */
const char *name_nearest(const char *name, const char *const *list);
/* Decimal, 0x hexadecimal or 0 octal; the whole text must be used. */
bool parse_number(const char *text, uint64_t *v);
/* on/off, yes/no, true/false */
bool parse_bool(const char *text, bool *v);

#endif
