/* SPDX-License-Identifier: GPL-2.0-or-later */
/* perf's map of generated code (/tmp/perf-PID.map): names for addresses in the code cache. */
#ifndef TCG_PERFMAP_H
#define TCG_PERFMAP_H

#include <stdint.h>

struct perfmap;

/* NULL when the file cannot be made. */
struct perfmap *perfmap_new(void);
void perfmap_free(struct perfmap *p);
/* size bytes of host code for guest pc. */
void perfmap_add(struct perfmap *p, const void *code, uint32_t size, uint64_t pc);

#endif
