/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two AArch64 CPUs with all levels that never run, and translation tables in their machine's memory, for tests of target-arm/mmu64*.c. */
#ifndef TESTS_TARGET_ARM_MMU64_H
#define TESTS_TARGET_ARM_MMU64_H

#include "target-arm/mmu64.h"
#include "tests/dev/harness.h"

#define NO_FAULT 0xff

/* Attributes of descriptors, beside where they lead. */
#define D_AF    ((uint64_t)1 << 10)
#define D_NG    ((uint64_t)1 << 11)
#define D_AP(n) ((uint64_t)(n) << 6)
#define D_SH(n) ((uint64_t)(n) << 8)
#define D_ATTR(n) ((uint64_t)(n) << 2)
#define D_NS    ((uint64_t)1 << 5)
#define D_DBM   ((uint64_t)1 << 51)
#define D_PXN   ((uint64_t)1 << 53)
#define D_UXN   ((uint64_t)1 << 54)
/* stage 2 */
#define D_S2(rw) ((uint64_t)(rw) << 6)         /* 1 readable, 2 writable */
#define D_XN(n) ((uint64_t)(n) << 53)

struct mmu {
    struct harness *h;
    struct arm_cpu *a, *b;
    uint64_t next;           /* memory from here on is free */
};

/* A tree of tables. */
struct tree {
    unsigned granule, size, start;       /* log2, bits of input, first level */
    uint64_t root;
    bool big_endian;
};

struct mmu *mmu_new(void);
void mmu_free(struct mmu *m);

uint64_t mmu_get(struct mmu *m, uint64_t paddr);
void mmu_put(struct mmu *m, uint64_t paddr, uint64_t val);
/* Zeroed memory of size bytes, aligned to its size. */
uint64_t mmu_alloc(struct mmu *m, uint64_t size);

/* The level that a walk of size bits begins at, and the shift of a level. */
unsigned mmu_start(unsigned granule, unsigned size);
unsigned mmu_shift(unsigned granule, unsigned level);
/* start: first level; an empty first table (or up to 16 side by side). */
struct tree mmu_tree(struct mmu *m, unsigned granule, unsigned size, unsigned start);
/* Address of the descriptor of va at the level; tables above are made where there are none, with attributes tables. */
uint64_t mmu_desc(struct mmu *m, const struct tree *t, uint64_t va, unsigned level, uint64_t tables);
/* Map va to pa by a block or page of the level; its descriptor's address. */
uint64_t mmu_map(struct mmu *m, const struct tree *t, uint64_t va, uint64_t pa, unsigned level, uint64_t attrs);

/* TG0, TG1 of a granule. */
uint64_t mmu_tg0(unsigned granule);
uint64_t mmu_tg1(unsigned granule);
/* Regime EL1&0 with stage 1 on: 48-bit output addresses, 16-bit ASIDs, both halves by these trees. */
void mmu_el1(struct mmu *m, const struct tree *low, const struct tree *high);

/* A walk of the current regime at the privilege; w tells what it found. The fault status code, or NO_FAULT. */
unsigned mmu_walk(struct mmu *m, struct arm64_walk *w, uint64_t va, enum access_type type, bool priv);

/* Make the access of the current state and catch what it raises: the syndrome, 0 when there was none. */
uint32_t mmu_access(struct mmu *m, uint64_t va, enum access_type type);

#endif
