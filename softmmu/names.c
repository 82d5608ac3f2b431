/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from the command line. */
#include "config.h"
#include <ctype.h>
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include "softmmu/names.h"

#define MAX_NAME 64

/* Levenshtein distance of the first MAX_NAME characters. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[MAX_NAME + 1], la = (unsigned)strnlen(a, MAX_NAME);
    unsigned lb = (unsigned)strnlen(b, MAX_NAME);

    for (unsigned j = 0; j <= lb; j++)
        row[j] = j;
    for (unsigned i = 1; i <= la; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= lb; j++) {
            unsigned up = row[j];
            unsigned cost = tolower(a[i - 1]) != tolower(b[j - 1]);

            row[j] = MIN(MIN(row[j], row[j - 1]) + 1, diagonal + cost);
            diagonal = up;
        }
    }
    return row[lb];
}

const char *name_nearest(const char *name, const char *const *list)
{
    const char *best = "";
    unsigned least = UINT32_MAX;

    for (; *list; list++) {
        /* Somebody who left out the end meant this one: virtio-blk, not virtconsole. */
        unsigned d = *name && g_str_has_prefix(*list, name) ? 1 : distance(name, *list);

        if (d < least) {
            least = d;
            best = *list;
        }
    }
    return best;
}
