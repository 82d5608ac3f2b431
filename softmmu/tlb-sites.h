/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which contexts of a TLB what generated code remembers (struct tlb_site, tcg/env.h) is good for.
 *
 * A group is a context, or all contexts with equal rights whose mappings are mostly global (those of an ARM kernel: one for each
 * process, and each sees the same kernel). Its tag changes whenever something that may be remembered under it goes or loses the right to
 * write; two sets, of pages and of written pages, say what may be. Owner: the vCPU's thread.
 */
#ifndef SOFTMMU_TLB_SITES_H
#define SOFTMMU_TLB_SITES_H

#include <stdbool.h>
#include <stdint.h>

#define SITE_SET_BITS 65536

struct cpu;

/* Hashed: may say yes to what was never put in. */
struct site_set {
    uint64_t word[SITE_SET_BITS / 64];
};

struct site_group {
    uint64_t tag;
    struct site_set pages;   /* virtual pages whose entries places may remember */
    struct site_set written; /* physical pages, those that may be written */
};

void site_set_add(struct site_set *s, uint64_t addr);
bool site_set_has(const struct site_set *s, uint64_t addr);
/* Nothing is mapped that may be remembered under the group's tag. */
void site_group_empty(struct site_group *g);

#endif
