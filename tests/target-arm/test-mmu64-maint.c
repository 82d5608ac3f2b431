/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AArch64 TLB maintenance and address translation instructions (target-arm/mmu64-maint.c). TLBs of two CPUs are filled with pages of every
 * regime, security state, VMID and ASID; after each TLBI the pages it names must be gone from the CPUs it is for, and the others there.
 */
#include "config.h"
#include <check.h>
#include "softmmu/tlb.h"
#include "tests/target-arm/mmu64.h"

static struct mmu *m;
static struct tree tree;

static void setup(void)
{
    m = mmu_new();
    tree = mmu_tree(m, 12, 39, 1);
}

static void teardown(void)
{
    mmu_free(m);
}

/* ---- TLBI ----------------------------------------------------------------------------------- */

static const struct context {
    enum arm64_regime regime;
    unsigned el, asid, vmid;
    bool secure;
} contexts[] = {
    { REGIME_EL10, 1, 0x101, 1, false }, { REGIME_EL10, 0, 0x101, 1, false },
    { REGIME_EL10, 1, 0x202, 1, false }, { REGIME_EL10, 0, 0x202, 1, false },
    { REGIME_EL10, 1, 0x101, 2, false }, { REGIME_EL10, 0, 0x101, 2, false },
    { REGIME_EL10, 1, 0x101, 1, true },
    { REGIME_EL2, 2, 0, 0, false },
    { REGIME_EL20, 2, 0x101, 0, false }, { REGIME_EL20, 0, 0x101, 0, false }, { REGIME_EL20, 2, 0x202, 0, false },
    { REGIME_EL3, 3, 0, 0, false },
};

#define HIGH 0xffffff8000100000u
static const struct page {
    uint64_t va;
    bool ng;
} pages[] = { { 0x5000, true }, { 0x6000, false }, { 0x7008000, true }, { HIGH | 0x5000, false }, { HIGH | 0x200000, true } };
#define BLOCK (HIGH | 0x200000)        /* a block of 2 MiB */

static void enter(struct arm_cpu *a, const struct context *c)
{
    struct arm_sys64 *s = &a->sys64;
    uint64_t two = 25 | 25 << 16 | mmu_tg1(12) | (uint64_t)5 << 32 | (uint64_t)1 << 36;

    s->el = (uint8_t)c->el;
    s->scr = SCR_RW | (c->secure ? 0 : SCR_NS);
    s->hcr = HCR_RW | (c->regime == REGIME_EL20 ? HCR_E2H | HCR_TGE : 0);
    s->vttbr = (uint64_t)c->vmid << 48;
    s->tcr[1] = two;
    s->tcr[2] = c->regime == REGIME_EL20 ? two : 25 | 5 << 16;
    s->tcr[3] = 25 | 5 << 16;
    for (int i = 1; i <= 3; i++) {
        s->ttbr0[i] = tree.root | (uint64_t)c->asid << 48;
        s->ttbr1[i] = tree.root;
        s->sctlr[i] = SCTLR64_M;
    }
    a->cpu.mode_changed = true;
}

static bool has_page(const struct context *c, const struct page *p)
{
    return arm64_two_ranges(c->regime) || !(p->va >> 63);
}

/* Is it in the TLB? It is afterwards. */
static bool cached(struct arm_cpu *a, const struct context *c, const struct page *p)
{
    uint64_t fills = a->cpu.count.tlb_fills;

    enter(a, c);
    ck_assert_ptr_nonnull(tlb_lookup(&a->cpu, p->va | 8, ACCESS_LOAD, ARM_VIEW_CURRENT, true));
    return a->cpu.count.tlb_fills == fills;
}

static void prime(struct arm_cpu *a, bool tagged)
{
    tlb_flush_all(&a->cpu);
    for (unsigned c = 0; c < G_N_ELEMENTS(contexts); c++)
        for (unsigned p = 0; p < G_N_ELEMENTS(pages); p++)
            if (has_page(&contexts[c], &pages[p]) && (tagged || pages[p].va != BLOCK))
                cached(a, &contexts[c], &pages[p]);
}

/* Which entries an operation names. */
struct op {
    unsigned op1, crm, op2;
    unsigned from;           /* which context executes it */
    enum arm64_regime regime;
    bool all_vmids, asid, tagged_only;
    uint64_t va, last;       /* pages of which it is for; 0, 0: all */
    uint64_t xt;
    bool shared;             /* all CPUs */
};

static bool named(const struct op *o, const struct context *c, const struct page *p)
{
    const struct context *by = &contexts[o->from];
    bool global = !p->ng || !arm64_two_ranges(c->regime);

    if (c->regime != o->regime)
        return false;
    if (c->regime == REGIME_EL10 && (c->secure != by->secure || (!o->all_vmids && !c->secure && c->vmid != by->vmid)))
        return false;
    if (o->last && (p->va < o->va || p->va > o->last))
        return false;
    if (o->tagged_only && global)
        return false;
    return !o->asid || global || c->asid == o->xt >> 48;
}

/* May it go although it is not named? Where a shared mapping has an ASID, all of the group goes; so does an address of another ASID
 * where it may be shared or global. */
static bool may_go(const struct op *o, const struct context *c, const struct page *p, bool tagged)
{
    const struct context *by = &contexts[o->from];

    if (c->regime != o->regime || c->secure != by->secure || c->vmid != by->vmid)
        return false;
    return (tagged && o->tagged_only) || (p->va >= o->va && p->va <= o->last && (c->el == 0 || p->va >> 63));
}

static void check_cpu(const struct op *o, struct arm_cpu *a, bool target, bool tagged)
{
    for (unsigned c = 0; c < G_N_ELEMENTS(contexts); c++) {
        for (unsigned p = 0; p < G_N_ELEMENTS(pages); p++) {
            bool gone = target && named(o, &contexts[c], &pages[p]), is;

            if (!has_page(&contexts[c], &pages[p]) || (!tagged && pages[p].va == BLOCK))
                continue;
            is = cached(a, &contexts[c], &pages[p]);
            if (gone || !may_go(o, &contexts[c], &pages[p], tagged))
                ck_assert_msg(is != gone, "TLBI op1 %u CRm %u op2 %u, cpu %d: context %u page %u %s", o->op1, o->crm, o->op2,
                              a->cpu.index, c, p, is ? "is still there" : "is gone");
        }
    }
}

static void check_op(const struct op *o, bool tagged)
{
    prime(m->b, tagged);
    prime(m->a, tagged);
    enter(m->a, &contexts[o->from]);
    ck_assert(arm64_tlbi(m->a, o->op1 << 7 | o->crm << 3 | o->op2, o->xt));
    cpu_drain_work(&m->b->cpu);
    check_cpu(o, m->a, true, tagged);
    check_cpu(o, m->b, o->shared, tagged);
}

/* The operation in its local, inner and outer shareable forms. */
static void check_op3(struct op o, const unsigned crm[3])
{
    for (unsigned i = 0; i < 3; i++) {
        o.crm = crm[i];
        o.shared = i > 0;
        check_op(&o, false);
        check_op(&o, true);
    }
}

static const unsigned plain[3] = { 7, 3, 1 }, ranges[3] = { 6, 2, 5 };

static void map_pages(void)
{
    for (unsigned p = 0; p < G_N_ELEMENTS(pages); p++)
        mmu_map(m, &tree, pages[p].va, 0x40000000, pages[p].va == BLOCK ? 2 : 3, D_AF | D_AP(1) | (pages[p].ng ? D_NG : 0));
}

#define XT(asid, va) ((uint64_t)(asid) << 48 | ((va) >> 12 & 0xfffffffffffu))

START_TEST(by_regime_and_asid)
{
    static const struct op ops[] = {
        { .op1 = 0, .op2 = 0, .from = 0, .regime = REGIME_EL10 },                                              /* VMALLE1 */
        { .op1 = 0, .op2 = 0, .from = 4, .regime = REGIME_EL10 },
        { .op1 = 0, .op2 = 0, .from = 6, .regime = REGIME_EL10 },
        { .op1 = 0, .op2 = 0, .from = 8, .regime = REGIME_EL20 },
        { .op1 = 0, .op2 = 2, .from = 0, .regime = REGIME_EL10, .asid = true, .tagged_only = true, .xt = XT(0x101, 0) }, /* ASIDE1 */
        { .op1 = 0, .op2 = 2, .from = 4, .regime = REGIME_EL10, .asid = true, .tagged_only = true, .xt = XT(0x202, 0) },
        { .op1 = 0, .op2 = 2, .from = 8, .regime = REGIME_EL20, .asid = true, .tagged_only = true, .xt = XT(0x202, 0) },
        { .op1 = 4, .op2 = 0, .from = 7, .regime = REGIME_EL2 },                                               /* ALLE2 */
        { .op1 = 4, .op2 = 0, .from = 8, .regime = REGIME_EL20 },
        { .op1 = 4, .op2 = 4, .from = 7, .regime = REGIME_EL10, .all_vmids = true },                           /* ALLE1 */
        { .op1 = 4, .op2 = 6, .from = 7, .regime = REGIME_EL10 },                                              /* VMALLS12E1 */
        { .op1 = 6, .op2 = 0, .from = 11, .regime = REGIME_EL3 },                                              /* ALLE3 */
    };

    map_pages();
    check_op3(ops[_i], plain);
}
END_TEST

START_TEST(by_address)
{
    static const struct op ops[] = {
        { .op1 = 0, .op2 = 1, .from = 0, .regime = REGIME_EL10, .asid = true },        /* VAE1 */
        { .op1 = 0, .op2 = 5, .from = 0, .regime = REGIME_EL10, .asid = true },        /* VALE1 */
        { .op1 = 0, .op2 = 1, .from = 8, .regime = REGIME_EL20, .asid = true },
        { .op1 = 0, .op2 = 3, .from = 0, .regime = REGIME_EL10 },                      /* VAAE1 */
        { .op1 = 0, .op2 = 7, .from = 6, .regime = REGIME_EL10 },                      /* VAALE1 */
        { .op1 = 4, .op2 = 1, .from = 7, .regime = REGIME_EL2 },                       /* VAE2 */
        { .op1 = 4, .op2 = 5, .from = 8, .regime = REGIME_EL20, .asid = true },        /* VALE2 */
        { .op1 = 6, .op2 = 1, .from = 11, .regime = REGIME_EL3 },                      /* VAE3 */
        { .op1 = 6, .op2 = 5, .from = 11, .regime = REGIME_EL3 },                      /* VALE3 */
    };

    map_pages();
    for (unsigned p = 0; p < G_N_ELEMENTS(pages); p++) {
        struct op o = ops[_i];

        if (!has_page(&contexts[o.from], &pages[p]))
            continue;
        o.va = pages[p].va;
        o.last = o.va | 0xfff;
        o.xt = XT(0x101, pages[p].va == BLOCK ? BLOCK + 0x7000 : pages[p].va) | (uint64_t)5 << 44;     /* a hint of the level */
        check_op3(o, plain);
    }
}
END_TEST

#define RANGE(asid, tg, scale, num, va) \
    ((uint64_t)(asid) << 48 | (uint64_t)(tg) << 46 | (uint64_t)(scale) << 44 | (uint64_t)(num) << 39 | \
     ((va) >> (10 + 2 * (tg)) & 0x1fffffffffu))

START_TEST(by_range)
{
    static const struct op ops[] = {
        { .op1 = 0, .op2 = 1, .from = 0, .regime = REGIME_EL10, .asid = true },        /* RVAE1 */
        { .op1 = 0, .op2 = 7, .from = 0, .regime = REGIME_EL10 },                      /* RVAALE1 */
        { .op1 = 4, .op2 = 1, .from = 7, .regime = REGIME_EL2 },                       /* RVAE2 */
        { .op1 = 6, .op2 = 5, .from = 11, .regime = REGIME_EL3 },                      /* RVALE3 */
    };
    struct op o = ops[_i];

    map_pages();
    o.va = 0x4000;
    o.last = 0x5fff;
    o.xt = RANGE(0x101, 1, 0, 0, 0x4000);                      /* two pages */
    check_op3(o, ranges);
    o.va = 0x5000;
    o.last = 0x10fff;
    o.xt = RANGE(0x101, 1, 0, 5, 0x5000);                      /* twelve */
    check_op3(o, ranges);
    o.va = 0x10000;
    o.last = 0x700ffff;
    o.xt = RANGE(0x202, 3, 1, 13, 0x10000);                    /* 14 << 6 of 64 KiB: the regime goes */
    o.va = 0;
    o.last = UINT64_MAX;
    o.asid = false;
    check_op3(o, ranges);
    o.va = o.last = 1;                                         /* TG 0: none */
    o.xt = RANGE(0x101, 0, 0, 31, 0);
    check_op3(o, ranges);
}
END_TEST

START_TEST(by_intermediate_address)
{
    static const struct {
        unsigned crm, op2;
        bool shared;
    } forms[] = { { 4, 1, false }, { 4, 5, false }, { 4, 2, false }, { 4, 6, false }, { 0, 1, true }, { 0, 5, true }, { 0, 2, true },
                  { 0, 6, true }, { 4, 0, true }, { 4, 4, true }, { 4, 3, true }, { 4, 7, true } };

    map_pages();
    for (unsigned i = 0; i < G_N_ELEMENTS(forms); i++) {
        struct op o = { .op1 = 4, .crm = forms[i].crm, .op2 = forms[i].op2, .from = 7, .regime = REGIME_EL10, .shared = forms[i].shared };

        check_op(&o, false);
    }
}
END_TEST

START_TEST(eight_bits_of_asid)
{
    map_pages();
    prime(m->a, false);
    enter(m->a, &contexts[0]);
    m->a->sys64.tcr[1] &= ~((uint64_t)1 << 36);
    m->a->cpu.mode_changed = true;
    ck_assert_ptr_nonnull(tlb_lookup(&m->a->cpu, 0x5000, ACCESS_LOAD, 0, true));
    ck_assert(arm64_tlbi(m->a, 7 << 3 | 2, XT(0xfe01, 0)));
    m->a->cpu.count.tlb_fills = 0;
    ck_assert_ptr_nonnull(tlb_lookup(&m->a->cpu, 0x5000, ACCESS_LOAD, 0, true));
    ck_assert_uint_eq(m->a->cpu.count.tlb_fills, 1);
}
END_TEST

START_TEST(hypervisor_makes_them_for_all_cpus)
{
    struct op o = { .op1 = 0, .crm = 7, .op2 = 0, .from = 0, .regime = REGIME_EL10, .shared = true };

    map_pages();
    prime(m->b, false);
    prime(m->a, false);
    enter(m->a, &contexts[0]);
    m->a->sys64.hcr |= HCR_FB;
    ck_assert(arm64_tlbi(m->a, 7 << 3, 0));
    cpu_drain_work(&m->b->cpu);
    check_cpu(&o, m->b, true, false);
}
END_TEST

/* What a CPU that sleeps has to do does not pile up; nobody else touches one that is awake. */
START_TEST(work_for_a_sleeper_is_done_by_others)
{
    struct cpu *b = &m->b->cpu;

    m->a->sys64.el = 1;
    for (int i = 0; i < 1000; i++)
        ck_assert(arm64_tlbi(m->a, 3 << 3, 0));
    ck_assert_uint_eq(g_queue_get_length(&b->work), 1000);
    b->asleep = true;
    for (int i = 0; i < 1000; i++)
        ck_assert(arm64_tlbi(m->a, 3 << 3, 0));
    ck_assert_uint_lt(g_queue_get_length(&b->work), 100);
    ck_assert_uint_eq(b->work_asked - b->work_done, g_queue_get_length(&b->work));
}
END_TEST

START_TEST(tagged_addresses_go_with_the_page)
{
    struct page p = { (uint64_t)0x5a << 56 | 0x5000, true };
    struct cpu *cpu = &m->a->cpu;

    map_pages();
    enter(m->a, &contexts[1]);
    m->a->sys64.tcr[1] |= (uint64_t)1 << 37;
    ck_assert_ptr_nonnull(tlb_lookup(cpu, p.va, ACCESS_LOAD, 0, true));
    ck_assert(arm64_tlbi(m->a, 7 << 3 | 1, XT(0x101, 0x5000)));
    cpu->count.tlb_fills = 0;
    ck_assert_ptr_nonnull(tlb_lookup(cpu, p.va, ACCESS_LOAD, 0, true));
    ck_assert_uint_eq(cpu->count.tlb_fills, 1);
}
END_TEST

START_TEST(encodings)
{
    /* op1, CRm: op2 that there are, a bit each (C5.5) */
    static const struct {
        unsigned op1, crm, op2s;
    } rows[] = {
        { 0, 1, 0xaf }, { 0, 2, 0xaa }, { 0, 3, 0xaf }, { 0, 5, 0xaa }, { 0, 6, 0xaa }, { 0, 7, 0xaf },
        { 4, 0, 0x66 }, { 4, 1, 0x73 }, { 4, 2, 0x22 }, { 4, 3, 0x73 }, { 4, 4, 0xff }, { 4, 5, 0x22 }, { 4, 6, 0x22 }, { 4, 7, 0x73 },
        { 6, 1, 0x23 }, { 6, 2, 0x22 }, { 6, 3, 0x23 }, { 6, 5, 0x22 }, { 6, 6, 0x22 }, { 6, 7, 0x23 },
    };

    m->a->sys64.el = 3;
    for (unsigned op = 0; op < 1024; op++) {
        bool there = false;

        for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
            if (op >> 7 == rows[i].op1 && (op >> 3 & 15) == rows[i].crm)
                there = rows[i].op2s >> (op & 7) & 1;
        ck_assert_msg(arm64_tlbi(m->a, op, 0) == there, "op1 %u CRm %u op2 %u", op >> 7, op >> 3 & 15, op & 7);
    }
    arm_set_feature(m->a, ARM_TLBIRANGE, false);
    ck_assert(!arm64_tlbi(m->a, 2 << 3 | 1, 0));
    ck_assert(!arm64_tlbi(m->a, 4 << 7 | 2, 0));
    arm_set_feature(m->a, ARM_TLBIOS, false);
    ck_assert(!arm64_tlbi(m->a, 1 << 3, 0));
    ck_assert(arm64_tlbi(m->a, 3 << 3, 0));
}
END_TEST

START_TEST(changed_control_registers_drop_the_regime)
{
    map_pages();
    for (unsigned c = 0; c < G_N_ELEMENTS(contexts); c++) {
        prime(m->a, false);
        arm64_translation_changed(m->a, REGIME_EL10);
        ck_assert(cached(m->a, &contexts[c], &pages[1]) == (contexts[c].regime != REGIME_EL10));
    }
}
END_TEST

/* A kernel that reaches user memory by other views only has one set of entries for all its processes. */
START_TEST(shared_mappings_serve_every_asid)
{
    map_pages();
    cached(m->a, &contexts[0], &pages[3]);
    ck_assert(cached(m->a, &contexts[2], &pages[3]));
    cached(m->a, &contexts[2], &pages[4]);                     /* with a tag */
    ck_assert(cached(m->a, &contexts[0], &pages[4]));
    ck_assert(!cached(m->a, &contexts[0], &pages[0]));         /* user memory: this one's own */
    ck_assert(!cached(m->a, &contexts[2], &pages[0]));
    ck_assert(cached(m->a, &contexts[0], &pages[0]));
    ck_assert(!cached(m->a, &contexts[4], &pages[3]));         /* another machine's */
}
END_TEST

static void invalidate_asid(unsigned from, unsigned asid)
{
    enter(m->a, &contexts[from]);
    tlb_refresh(&m->a->cpu);
    ck_assert(arm64_tlbi(m->a, 7 << 3 | 2, XT(asid, 0)));
}

/* Shared mappings with a tag go when a tag that was named comes back, and before that serve others. */
START_TEST(asids_that_never_come_back_cost_nothing)
{
    map_pages();
    cached(m->a, &contexts[0], &pages[4]);
    invalidate_asid(0, 0x202);
    ck_assert(cached(m->a, &contexts[0], &pages[4]));
    ck_assert(!cached(m->a, &contexts[2], &pages[4]));
    ck_assert(cached(m->a, &contexts[0], &pages[4]));          /* filled after it */
    invalidate_asid(2, 0x202);                                 /* the present one */
    ck_assert(!cached(m->a, &contexts[2], &pages[4]));
    invalidate_asid(0, 0x202);
    m->a->sys64.ttbr0[1] = tree.root | (uint64_t)0x303 << 48;  /* two steps */
    tlb_refresh(&m->a->cpu);
    ck_assert(!cached(m->a, &contexts[2], &pages[4]));
}
END_TEST

/* Blocks of 1 GiB: an address anywhere in one drops what was entered of it, and nothing else; so with more of them than are remembered. */
START_TEST(huge_blocks)
{
    static const unsigned counts[] = { 1, 8, 9 };
    struct page small = { 0x5000, true };

    mmu_map(m, &tree, 0x5000, 0x40000000, 3, D_AF | D_AP(1) | D_NG);
    for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
        for (unsigned c = 0; c < 2; c++) {             /* EL1's with common mappings, EL0's */
            struct page in = { (uint64_t)counts[i] << 30 | 0x12345000, false };

            tlb_flush_all(&m->a->cpu);
            for (uint64_t n = 1; n <= counts[i]; n++) {
                mmu_map(m, &tree, n << 30, 0x40000000, 1, D_AF | D_AP(1));
                cached(m->a, &contexts[c], &(struct page){ n << 30 | 0x7000, false });
            }
            cached(m->a, &contexts[c], &in);
            cached(m->a, &contexts[c], &small);
            ck_assert(arm64_tlbi(m->a, 7 << 3 | 3, XT(0, small.va + 0x1000)));
            ck_assert(cached(m->a, &contexts[c], &in));
            ck_assert(cached(m->a, &contexts[c], &small));
            ck_assert(arm64_tlbi(m->a, 7 << 3 | 3, XT(0, in.va + 0x20000000)));
            ck_assert(!cached(m->a, &contexts[c], &in));
            ck_assert(cached(m->a, &contexts[c], &small));
            ck_assert(cached(m->a, &contexts[c], &(struct page){ (uint64_t)1 << 30 | 0x7000, false }) == (counts[i] > 1));
        }
    }
}
END_TEST

/* ---- AT ------------------------------------------------------------------------------------- */

enum { S1E1R = 8 << 3, S1E1W, S1E0R, S1E0W, S1E1RP = 9 << 3, S1E1WP, S1E2R = 4 << 7 | 8 << 3, S1E2W, S12E1R = 4 << 7 | 8 << 3 | 4, S12E1W,
       S12E0R, S12E0W, S1E3R = 6 << 7 | 8 << 3, S1E3W };

static uint64_t at(unsigned op, uint64_t va)
{
    m->a->sys64.par = 0;
    ck_assert(arm64_at(m->a, op, va));
    return m->a->sys64.par;
}

#define PAR_OK(attr, sh, pa) ((uint64_t)(attr) << 56 | 1 << 11 | 1 << 9 | (sh) << 7 | (pa))
#define PAR_FAIL(fst) (1u | (fst) << 1 | 1 << 11)
#define PAR_S2 (1 << 9)
#define PAR_S2_PTW (1 << 9 | 1 << 8)

START_TEST(translation_of_stage_1)
{
    mmu_map(m, &tree, 0x5000, 0x40123000, 3, D_AF | D_AP(1) | D_ATTR(1) | D_SH(3));
    mmu_map(m, &tree, 0x6000, 0x40124000, 3, D_AF | D_AP(2) | D_ATTR(2) | D_SH(3));
    mmu_map(m, &tree, 0x7000, 0x40125000, 3, D_AP(3) | D_ATTR(3) | D_SH(2));
    mmu_el1(m, &tree, &tree);
    m->a->sys64.mair[1] = 0xff04bb44u << 8 | 0x00;     /* 1: not cacheable, 2: write-through, 3: Device */
    ck_assert_uint_eq(at(S1E1R, 0x5678), PAR_OK(0x44, 2, 0x40123000));
    ck_assert_uint_eq(at(S1E0W, 0x5678), PAR_OK(0x44, 2, 0x40123000));
    ck_assert_uint_eq(at(S1E1R, 0x6678), PAR_OK(0xbb, 3, 0x40124000));
    ck_assert_uint_eq(at(S1E1W, 0x6678), PAR_FAIL(FSC_PERMISSION + 3));
    ck_assert_uint_eq(at(S1E0R, 0x6678), PAR_FAIL(FSC_PERMISSION + 3));
    ck_assert_uint_eq(at(S1E1R, 0x7678), PAR_FAIL(FSC_ACCESS_FLAG + 3));
    ck_assert_uint_eq(at(S1E1R, 0x8000), PAR_FAIL(FSC_TRANSLATION + 3));
    ck_assert_uint_eq(at(S1E1R, (uint64_t)1 << 40), PAR_FAIL(FSC_TRANSLATION));
    m->a->sys64.tcr[1] |= (uint64_t)3 << 39;           /* what AT asks sets nothing */
    ck_assert_uint_eq(at(S1E1R, 0x7678), PAR_OK(0x04, 2, 0x40125000));
    ck_assert(!(mmu_get(m, mmu_desc(m, &tree, 0x7000, 3, 0)) & D_AF));
    m->a->sys64.pstate = PSTATE_PAN;
    ck_assert_uint_eq(at(S1E1R, 0x5678), PAR_OK(0x44, 2, 0x40123000));
    ck_assert_uint_eq(at(S1E1RP, 0x5678), PAR_FAIL(FSC_PERMISSION + 3));
    ck_assert_uint_eq(at(S1E1WP, 0x5678), PAR_FAIL(FSC_PERMISSION + 3));
    m->a->sys64.pstate = 0;
    ck_assert_uint_eq(at(S1E1WP, 0x5678), PAR_OK(0x44, 2, 0x40123000));
    m->a->sys64.sctlr[1] = 0;
    ck_assert_uint_eq(at(S1E1R, 0x5678), PAR_OK(0, 2, 0x5000));
}
END_TEST

START_TEST(translation_of_other_regimes)
{
    struct arm_sys64 *s = &m->a->sys64;

    mmu_map(m, &tree, 0x5000, 0x40123000, 3, D_AF | D_AP(2) | D_ATTR(1) | D_SH(3));
    for (unsigned el = 2; el <= 3; el++) {
        s->tcr[el] = 25 | 5 << 16;
        s->ttbr0[el] = tree.root;
        s->sctlr[el] = SCTLR64_M;
        s->mair[el] = 0xff00;
    }
    s->el = 3;
    ck_assert_uint_eq(at(S1E2R, 0x5678), PAR_OK(0xff, 3, 0x40123000));
    ck_assert_uint_eq(at(S1E2W, 0x5678), PAR_FAIL(FSC_PERMISSION + 3));
    ck_assert_uint_eq(at(S1E3R, 0x5678), PAR_OK(0xff, 3, 0x40123000) & ~(uint64_t)(1 << 9));     /* Secure */
    ck_assert_uint_eq(at(S1E3W, 0x5678), PAR_FAIL(FSC_PERMISSION + 3));
    /* EL1's instructions act on EL2&0 in a host. */
    s->tcr[2] = 25 | 25 << 16 | mmu_tg1(12) | (uint64_t)5 << 32;
    s->hcr = HCR_RW | HCR_E2H | HCR_TGE;
    s->el = 2;
    s->ttbr1[2] = tree.root;
    mmu_map(m, &tree, HIGH | 0x5000, 0x40123000, 3, D_AF | D_AP(1) | D_ATTR(1) | D_SH(3));
    ck_assert_uint_eq(at(S1E0R, HIGH | 0x5678), PAR_OK(0xff, 3, 0x40123000));
    ck_assert_uint_eq(at(S12E1R, HIGH | 0x5678), PAR_OK(0xff, 3, 0x40123000));
}
END_TEST

START_TEST(translation_of_both_stages)
{
    struct tree t2 = mmu_tree(m, 12, 40, 1);
    struct arm_sys64 *s = &m->a->sys64;
    uint64_t desc = mmu_map(m, &tree, 0x5000, 0x80005000, 3, D_AF | D_AP(1) | D_ATTR(1) | D_SH(3));

    for (uint64_t p = HARNESS_RAM; p < HARNESS_RAM + HARNESS_RAM_SIZE; p += 2 << 20)
        mmu_map(m, &t2, p, p, 2, D_AF | D_S2(3) | 15 << 2);
    mmu_el1(m, &tree, &tree);
    s->mair[1] = 0xff00;
    s->vtcr = 24 | 1 << 6 | 5 << 16;
    s->vttbr = t2.root;
    s->hcr = HCR_RW | HCR_VM;
    ck_assert_uint_eq(at(S1E1R, 0x5678), PAR_OK(0xff, 3, 0x80005000));       /* an intermediate address */
    s->el = 2;
    ck_assert_uint_eq(at(S12E1R, 0x5678), PAR_FAIL(FSC_TRANSLATION + 1) | PAR_S2);
    mmu_map(m, &t2, 0x80005000, 0x1234000, 3, D_AF | D_S2(1) | 15 << 2 | D_SH(2));
    ck_assert_uint_eq(at(S12E0R, 0x5678), PAR_OK(0xff, 2, 0x1234000));
    ck_assert_uint_eq(at(S12E0W, 0x5678), PAR_FAIL(FSC_PERMISSION + 3) | PAR_S2);
    mmu_map(m, &t2, 0x80005000, 0x1234000, 3, D_AF | D_S2(3) | 10 << 2 | D_SH(3));
    ck_assert_uint_eq(at(S12E1W, 0x5678), PAR_OK(0xbb, 3, 0x1234000));       /* write-through */
    mmu_map(m, &t2, 0x80005000, 0x1234000, 3, D_AF | D_S2(3) | 5 << 2 | D_SH(3));
    ck_assert_uint_eq(at(S12E1W, 0x5678), PAR_OK(0x44, 2, 0x1234000));
    mmu_map(m, &t2, 0x80005000, 0x1234000, 3, D_AF | D_S2(3) | 1 << 2 | D_SH(3));
    ck_assert_uint_eq(at(S12E1W, 0x5678), PAR_OK(0x04, 2, 0x1234000));       /* Device-nGnRE */
    /* Stage 1's tables: EL2 gets an answer, EL1's question goes to EL2. */
    mmu_put(m, mmu_desc(m, &t2, desc, 2, 0), 0);
    ck_assert_uint_eq(at(S12E1R, 0x5678), PAR_FAIL(FSC_TRANSLATION + 2) | PAR_S2_PTW);
    s->el = 1;
    m->a->cpu.in_run = true;
    if (!__builtin_setjmp(m->a->cpu.jump)) {
        arm64_at(m->a, S1E1R, 0x5678);
        ck_abort_msg("no exception");
    }
    ck_assert_uint_eq(m->a->cpu.exception_syndrome, 0x24u << 26 | 1 << 25 | ISS_CM | ISS_WNR | ISS_S1PTW | 6);
    ck_assert_uint_eq(m->a->cpu.exception_extra & EXTRA_LEVEL, 2);
    ck_assert_uint_eq(m->a->cpu.exception_extra & ~(uint64_t)0xf, (tree.root & ~(uint64_t)0xfff) >> 12 << 4);
}
END_TEST

START_TEST(translation_encodings)
{
    for (unsigned op = 0; op < 1024; op++) {
        unsigned op1 = op >> 7, crm = op >> 3 & 15, op2 = op & 7;
        bool there = (op1 == 0 && crm == 8 && op2 < 4) || (op1 == 0 && crm == 9 && op2 < 2) ||
                     (op1 == 4 && crm == 8 && op2 != 2 && op2 != 3) || (op1 == 6 && crm == 8 && op2 < 2);

        ck_assert_msg(arm64_at(m->a, op, 0) == there, "op1 %u CRm %u op2 %u", op1, crm, op2);
    }
    arm_set_feature(m->a, ARM_PAN2, false);
    ck_assert(!arm64_at(m->a, S1E1RP, 0));
}
END_TEST

static Suite *suite_mmu64_maint(void)
{
    Suite *s = suite_create("mmu64-maint");
    TCase *t = tcase_create("TLBI"), *u = tcase_create("AT");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, by_regime_and_asid, 0, 12);
    tcase_add_loop_test(t, by_address, 0, 9);
    tcase_add_loop_test(t, by_range, 0, 4);
    tcase_add_test(t, by_intermediate_address);
    tcase_add_test(t, eight_bits_of_asid);
    tcase_add_test(t, hypervisor_makes_them_for_all_cpus);
    tcase_add_test(t, work_for_a_sleeper_is_done_by_others);
    tcase_add_test(t, tagged_addresses_go_with_the_page);
    tcase_add_test(t, encodings);
    tcase_add_test(t, changed_control_registers_drop_the_regime);
    tcase_add_test(t, huge_blocks);
    tcase_add_test(t, shared_mappings_serve_every_asid);
    tcase_add_test(t, asids_that_never_come_back_cost_nothing);
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(u, setup, teardown);
    tcase_add_test(u, translation_of_stage_1);
    tcase_add_test(u, translation_of_other_regimes);
    tcase_add_test(u, translation_of_both_stages);
    tcase_add_test(u, translation_encodings);
    suite_add_tcase(s, u);
    return s;
}
TEST_SUITE(suite_mmu64_maint)
