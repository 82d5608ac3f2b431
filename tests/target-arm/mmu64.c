/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include <string.h>
#include <check.h>
#include "softmmu/tlb.h"
#include "target-arm/cpus.h"
#include "tests/target-arm/mmu64.h"

/* ---- CPUs ----------------------------------------------------------------------------------- */

static bool init(struct cpu *cpu, const char *model, GError **err)
{
    struct arm_cpu *a = ARM_CPU(cpu);

    (void)err;
    a->model = arm64_model_find(model);
    ck_assert_ptr_nonnull(a->model);
    arm64_set_features(a);
    arm_set_feature(a, ARM_EL2, true);
    arm_set_feature(a, ARM_EL3, true);
    a->sys64.scr = SCR_NS | SCR_RW;
    a->sys64.hcr = HCR_RW;
    a->sys64.el = 1;
    return true;
}

static uint32_t mode(const struct cpu *cpu)
{
    (void)cpu;
    return 0;
}

static const struct cpu_ops ops = {
    .name = "mmu64", .ir_target = &arm64_ir_target, .size = sizeof(struct arm_cpu), .init = init, .mode = mode,
    .tlb_key = arm64_tlb_key, .tlb_fill = arm64_tlb_fill, .unaligned = arm64_unaligned, .bus_error = arm64_bus_error,
};

struct mmu *mmu_new(void)
{
    struct mmu *m = g_new0(struct mmu, 1);

    m->h = harness_new();
    m->a = ARM_CPU(cpu_new(m->h->m, &ops, "max", 0, NULL));
    m->b = ARM_CPU(cpu_new(m->h->m, &ops, "max", 1, NULL));
    m->h->m->cpus[0] = &m->a->cpu;
    m->h->m->cpus[1] = &m->b->cpu;
    m->h->m->ncpus = 2;
    m->next = HARNESS_RAM;
    return m;
}

void mmu_free(struct mmu *m)
{
    harness_free(m->h);
    g_free(m);
}

/* ---- memory --------------------------------------------------------------------------------- */

static uint64_t *at(struct mmu *m, uint64_t paddr)
{
    uint64_t room, *p = bus_ram(m->h->m->bus, paddr, &room, NULL);

    ck_assert_msg(p && room >= 8, "no memory at %llx", (unsigned long long)paddr);
    return p;
}

uint64_t mmu_get(struct mmu *m, uint64_t paddr)
{
    return *at(m, paddr);
}

void mmu_put(struct mmu *m, uint64_t paddr, uint64_t val)
{
    *at(m, paddr) = val;
}

uint64_t mmu_alloc(struct mmu *m, uint64_t size)
{
    uint64_t p = (m->next + size - 1) & ~(size - 1);

    ck_assert(p + size <= HARNESS_RAM + HARNESS_RAM_SIZE);
    m->next = p + size;
    memset(at(m, p), 0, size);
    return p;
}

/* ---- tables --------------------------------------------------------------------------------- */

unsigned mmu_shift(unsigned granule, unsigned level)
{
    return granule + (3 - level) * (granule - 3);
}

unsigned mmu_start(unsigned granule, unsigned size)
{
    unsigned level = 3;

    while (mmu_shift(granule, level) + granule - 3 < size)
        level--;
    return level;
}

struct tree mmu_tree(struct mmu *m, unsigned granule, unsigned size, unsigned start)
{
    unsigned bits = size - mmu_shift(granule, start) + 3;

    return (struct tree){ granule, size, start, mmu_alloc(m, (uint64_t)1 << MAX(bits, 6)), false };
}

static uint64_t order(const struct tree *t, uint64_t v)
{
    return t->big_endian ? __builtin_bswap64(v) : v;
}

uint64_t mmu_desc(struct mmu *m, const struct tree *t, uint64_t va, unsigned level, uint64_t tables)
{
    uint64_t table = t->root, d, where;

    va &= ((uint64_t)1 << t->size) - 1;
    for (unsigned l = t->start;; l++) {
        unsigned shift = mmu_shift(t->granule, l);
        uint64_t index = va >> shift;

        if (l > t->start)
            index &= ((uint64_t)1 << (t->granule - 3)) - 1;
        where = table + 8 * index;
        if (l == level)
            return where;
        d = order(t, mmu_get(m, where));
        if (!(d & 1)) {
            d = mmu_alloc(m, (uint64_t)1 << t->granule) | 3;
            mmu_put(m, where, order(t, d | tables));
        }
        table = d & 0xfffffffff000u & ~(((uint64_t)1 << t->granule) - 1);
    }
}

uint64_t mmu_map(struct mmu *m, const struct tree *t, uint64_t va, uint64_t pa, unsigned level, uint64_t attrs)
{
    uint64_t where = mmu_desc(m, t, va, level, 0);

    mmu_put(m, where, order(t, pa | attrs | (level == 3 ? 3 : 1)));
    return where;
}

uint64_t mmu_tg0(unsigned granule)
{
    return (uint64_t)(granule == 12 ? 0 : granule == 16 ? 1 : 2) << 14;
}

uint64_t mmu_tg1(unsigned granule)
{
    return (uint64_t)(granule == 12 ? 2 : granule == 16 ? 3 : 1) << 30;
}

void mmu_el1(struct mmu *m, const struct tree *low, const struct tree *high)
{
    struct arm_sys64 *s = &m->a->sys64;

    s->tcr[1] = (64 - low->size) | (uint64_t)(64 - high->size) << 16 | mmu_tg0(low->granule) | mmu_tg1(high->granule) |
                (uint64_t)5 << 32 | (uint64_t)1 << 36;
    s->ttbr0[1] = low->root | 1;       /* CnP */
    s->ttbr1[1] = high->root;
    s->sctlr[1] = SCTLR64_M;
    m->a->cpu.mode_changed = true;
}

/* ---- accesses ------------------------------------------------------------------------------- */

unsigned mmu_walk(struct mmu *m, struct arm64_walk *w, uint64_t va, enum access_type type, bool priv)
{
    arm64_walk_begin(w, m->a, arm64_regime(m->a));
    w->va = va;
    w->type = type;
    w->priv = priv;
    w->pan = priv && m->a->sys64.pstate & PSTATE_PAN;
    w->update = true;
    return arm64_walk(w) ? NO_FAULT : w->fsc;
}

uint32_t mmu_access(struct mmu *m, uint64_t va, enum access_type type)
{
    struct cpu *cpu = &m->a->cpu;

    cpu->exception_syndrome = 0;
    cpu->mode_changed = true;
    cpu->in_run = true;
    if (!__builtin_setjmp(cpu->jump))
        tlb_lookup(cpu, va, type, ARM_VIEW_CURRENT, false);
    cpu->in_run = false;
    return cpu->exception_syndrome;
}
