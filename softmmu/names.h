/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean" for names from the command line. */
#ifndef SOFTMMU_NAMES_H
#define SOFTMMU_NAMES_H

/* The entry of the NULL-terminated list with the smallest edit distance to name ("" for an empty list). */
const char *name_nearest(const char *name, const char *const *list);

#endif
