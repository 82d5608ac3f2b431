/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The soft TLB of one vCPU: a bounded set of contexts keyed by (address space, rights), each with its entries and jump caches.
 * docs/softmmu.md. Owner: the vCPU's thread; other CPUs ask through tlb_request_*.
 */
#ifndef SOFTMMU_TLB_H
#define SOFTMMU_TLB_H

#include "softmmu/cpu.h"

void tlb_init(struct cpu *cpu);
void tlb_fini(struct cpu *cpu);

/* Make the contexts of the live keys current: sets env.tlb[] and env.jc. Cheap when they exist. The
 * target calls it (or sets cpu->mode_changed) after it changed anything that mode or tlb_key look at. */
void tlb_refresh(struct cpu *cpu);

/* Put code for tagged pc into the live jump cache, if what holds for this context holds for all that have the cache. one_page: none of its
 * bytes are in a second page. The CPU has just looked pc up. */
void tlb_know_code(struct cpu *cpu, uint64_t pc, bool one_page, void *code);

/* Maintenance, on the CPU's own thread. Addresses are page-aligned or not; scopes are of the target's keys. */
void tlb_flush_all(struct cpu *cpu);
/* Contexts in scope; when keep_global, only mappings that are not global. */
void tlb_flush_scope(struct cpu *cpu, const struct tlb_scope *scope, bool keep_global);
/* The page (and, if it was entered as part of a larger guest mapping, that mapping) at va, in contexts in scope; global and shared mappings
 * in every context of the scope's outer. */
void tlb_flush_page(struct cpu *cpu, uint64_t va, const struct tlb_scope *scope);

/* Look up or fill; used by the slow paths and by code fetch. Returns the entry; raises on a fault unless probe
 * (then NULL). */
struct tlb_entry *tlb_lookup(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe);
/* Physical address behind an entry that is RAM or MMIO. */
uint64_t tlb_paddr(struct cpu *cpu, const struct tlb_entry *e, uint64_t va, unsigned view);

/* Is the entry's page guarded (struct tlb_fill)? */
bool tlb_guarded(struct cpu *cpu, const struct tlb_entry *e, unsigned view);

/* Physical page paddr holds code now / no longer: set or clear TLB_CODE in all entries that map it. */
void tlb_protect_code(struct cpu *cpu, uint64_t paddr_page, bool on);

/* Reads of these physical addresses go to the bus from now on (a ROM device that shows registers). */
void tlb_reads_slow(struct cpu *cpu, uint64_t paddr, uint64_t size);

/* Forget all code addresses (after a flush of the code cache; the CPU is outside generated code). */
void tlb_clear_jump_caches(struct cpu *cpu);

#endif
