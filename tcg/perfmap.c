/* SPDX-License-Identifier: GPL-2.0-or-later */
/* perf's map of generated code: a line "START SIZE NAME" for each region, in hexadecimal. */
#include "config.h"
#include <glib.h>
#include <stdio.h>
#include <unistd.h>
#include "tcg/perfmap.h"

struct perfmap {
    FILE *f;
};

struct perfmap *perfmap_new(void)
{
    g_autofree char *name = g_strdup_printf("/tmp/perf-%d.map", (int)getpid());
    FILE *f = fopen(name, "w");
    struct perfmap *p;

    if (!f)
        return NULL;
    p = g_new0(struct perfmap, 1);
    p->f = f;
    return p;
}

void perfmap_free(struct perfmap *p)
{
    if (!p)
        return;
    fclose(p->f);
    g_free(p);
}

void perfmap_add(struct perfmap *p, const void *code, uint32_t size, uint64_t pc)
{
    fprintf(p->f, "%lx %x guest-%08llx\n", (unsigned long)(uintptr_t)code, size,
            (unsigned long long)pc);
}
