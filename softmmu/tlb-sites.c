/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of pages that generated code may remember; who uses them and why: tlb-sites.h, tlb.c. */
#include "config.h"
#include <string.h>
#include "softmmu/tlb-sites.h"
#include "tcg/env.h"

static uint64_t hash(uint64_t addr)
{
    _Static_assert(SITE_SET_BITS == 1 << 16, "bits of the hash");
    return (addr >> TLB_PAGE_BITS) * 0x9e3779b97f4a7c15u >> (64 - 16);
}

void site_set_add(struct site_set *s, uint64_t addr)
{
    uint64_t n = hash(addr);

    s->word[n / 64] |= (uint64_t)1 << (n % 64);
}

bool site_set_has(const struct site_set *s, uint64_t addr)
{
    uint64_t n = hash(addr);

    return s->word[n / 64] >> (n % 64) & 1;
}

void site_group_empty(struct site_group *g)
{
    memset(&g->pages, 0, sizeof(g->pages));
    memset(&g->written, 0, sizeof(g->written));
}
