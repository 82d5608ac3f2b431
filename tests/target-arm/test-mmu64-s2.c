/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AArch64 translation, stage 2 (target-arm/mmu64.c): shapes, permissions, both stages together, what a hypervisor is told. */
#include "config.h"
#include <check.h>
#include "softmmu/tlb.h"
#include "tests/target-arm/mmu64.h"

static struct mmu *m;

static void setup(void)
{
    m = mmu_new();
}

static void teardown(void)
{
    mmu_free(m);
}

/* VTCR_EL2.SL0 for a first level; -1: there is none. */
static int sl0(unsigned granule, unsigned level)
{
    static const int of4[] = { 2, 1, 0, 3 }, of16[] = { -1, 2, 1, 0 };

    return granule == 12 ? of4[level] : of16[level];
}

static void stage2_on(const struct tree *t)
{
    struct arm_sys64 *s = &m->a->sys64;

    s->vtcr = (64 - t->size) | (uint64_t)sl0(t->granule, t->start) << 6 | mmu_tg0(t->granule) | 5 << 16;
    s->vttbr = t->root | 1;
    s->hcr = HCR_RW | HCR_VM;
    m->a->cpu.mode_changed = true;
}

#define WALK(va, type, priv) mmu_walk(m, &w, va, type, priv)
#define S2_ALL (D_AF | D_S2(3))

/* ---- shapes --------------------------------------------------------------------------------- */

static void check_shape(unsigned granule, unsigned size, unsigned start)
{
    struct tree t = mmu_tree(m, granule, size, start);
    struct arm64_walk w;

    stage2_on(&t);
    for (unsigned level = start; level <= 3; level++) {
        unsigned shift = mmu_shift(granule, level);
        uint64_t ipa = ((uint64_t)1 << (size - 1)) | ((uint64_t)(shift < size - 1) << shift);
        uint64_t in = 0x123456789abc & (((uint64_t)1 << shift) - 1), pa = (uint64_t)0x7fffffff << 16 << 1;
        uint64_t where = mmu_desc(m, &t, ipa, level, 0);

        pa &= ~(((uint64_t)1 << shift) - 1);
        ck_assert_uint_eq(WALK(ipa, ACCESS_LOAD, true), FSC_TRANSLATION + level);
        ck_assert(w.second);
        ck_assert(!w.s1ptw);
        ck_assert_uint_eq(w.ipa, ipa);
        mmu_map(m, &t, ipa, pa, level, S2_ALL);
        if (level > 1 || (level == 1 && granule == 12)) {
            ck_assert_uint_eq(WALK(ipa | in, ACCESS_STORE, false), NO_FAULT);
            ck_assert_uint_eq(w.paddr, pa | in);
        } else {
            ck_assert_uint_eq(WALK(ipa | in, ACCESS_STORE, false), FSC_TRANSLATION + level);
        }
        mmu_put(m, where, 0);
    }
    if (size < 48) {
        ck_assert_uint_eq(WALK((uint64_t)1 << size, ACCESS_LOAD, true), FSC_TRANSLATION);
        ck_assert(w.second);
    }
}

START_TEST(every_shape)
{
    static const unsigned granules[] = { 12, 14, 16 };
    unsigned granule = granules[_i % 3], size = 48 - (unsigned)_i / 3;
    struct arm64_walk w;

    if (size < (granule == 16 ? 17 : 16))
        return;
    for (unsigned start = 0; start <= 3; start++) {
        int index = (int)size - (int)mmu_shift(granule, start);

        if (sl0(granule, start) < 0)
            continue;
        m->next = HARNESS_RAM;
        if (index >= 1 && index <= (int)granule + 1) {
            check_shape(granule, size, start);
            continue;
        }
        /* The first level does not fit the size. */
        stage2_on(&(struct tree){ granule, size, start, HARNESS_RAM, false });
        ck_assert_uint_eq(WALK(0, ACCESS_LOAD, true), FSC_TRANSLATION);
    }
}
END_TEST

START_TEST(first_level_that_the_cpu_lacks)
{
    struct tree t = mmu_tree(m, 12, 40, 0);
    struct arm64_walk w;

    mmu_map(m, &t, 0, 0x40000000, 3, S2_ALL);
    stage2_on(&t);
    ck_assert_uint_eq(WALK(0, ACCESS_LOAD, true), NO_FAULT);
    m->a->sys64.vtcr |= 3 << 6;
    ck_assert_uint_ne(WALK(0, ACCESS_LOAD, true), NO_FAULT);
    m->a->sys64.vtcr |= mmu_tg0(16);
    ck_assert_uint_eq(WALK(0, ACCESS_LOAD, true), FSC_TRANSLATION);
    stage2_on(&t);
    m->a->sys64.vtcr &= ~((uint64_t)7 << 16);
    m->a->sys64.vttbr |= (uint64_t)1 << 40;
    ck_assert_uint_eq(WALK(0, ACCESS_LOAD, true), FSC_ADDRESS_SIZE);
}
END_TEST

/* ---- permissions ---------------------------------------------------------------------------- */

START_TEST(permissions)
{
    /* D8.4.3: XN[1:0], execution at EL1 and EL0 */
    static const bool exec[4][2] = { { true, true }, { false, true }, { false, false }, { true, false } };
    static const unsigned need[] = { [ACCESS_LOAD] = PROT_R, [ACCESS_STORE] = PROT_W, [ACCESS_EXEC] = PROT_X };
    struct tree t = mmu_tree(m, 12, 32, 1);
    struct arm64_walk w;

    stage2_on(&t);
    for (unsigned i = 0; i < 3 * 4 * 4 * 2; i++) {
        unsigned type = i % 3, rw = i / 3 % 4, xn = i / 12 % 4, el0 = i / 48;
        unsigned prot = (rw & 1 ? PROT_R : 0) | (rw & 2 ? PROT_W : 0) | (exec[xn][el0] ? PROT_X : 0), fsc;

        mmu_map(m, &t, 0x12345000, 0x40000000, 3, D_AF | D_S2(rw) | D_XN(xn));
        fsc = WALK(0x12345678, (enum access_type)type, !el0);
        ck_assert_uint_eq(fsc, prot & need[type] ? NO_FAULT : FSC_PERMISSION + 3);
        if (prot & need[type])
            ck_assert_uint_eq(w.prot, prot);
    }
    arm_set_feature(m->a, ARM_XNX, false);
    mmu_map(m, &t, 0x12345000, 0x40000000, 3, S2_ALL | D_XN(1));
    ck_assert_uint_eq(WALK(0x12345678, ACCESS_EXEC, true), NO_FAULT);
    mmu_map(m, &t, 0x12345000, 0x40000000, 3, S2_ALL | D_XN(2));
    ck_assert_uint_eq(WALK(0x12345678, ACCESS_EXEC, false), FSC_PERMISSION + 3);
}
END_TEST

/* ---- both stages ---------------------------------------------------------------------------- */

/* Stage 1's tables and memory as they are, by 2 MiB blocks from HARNESS_RAM, and more. */
static struct tree *identity(void)
{
    static struct tree t;

    t = mmu_tree(m, 12, 40, 1);
    for (uint64_t p = HARNESS_RAM; p < HARNESS_RAM + HARNESS_RAM_SIZE; p += 2 << 20)
        mmu_map(m, &t, p, p, 2, S2_ALL);
    stage2_on(&t);
    return &t;
}

START_TEST(stages_combine)
{
    struct tree *t2 = identity(), t1 = mmu_tree(m, 12, 39, 1);
    struct arm64_walk w;

    mmu_map(m, &t1, 0x600000, 0x80200000, 2, D_AF | D_AP(1) | D_NG);
    mmu_map(m, t2, 0x80212000, 0x1234567000, 3, D_AF | D_S2(1) | D_XN(2));
    mmu_el1(m, &t1, &t1);
    ck_assert_uint_eq(WALK(0x612345, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(w.paddr, 0x1234567345);
    ck_assert_uint_eq(w.prot, PROT_R);
    ck_assert_uint_eq(w.page_bits, 21);        /* TLBI by address drops the whole block */
    ck_assert(!w.global);
    ck_assert_uint_eq(WALK(0x612345, ACCESS_STORE, true), FSC_PERMISSION + 3);
    ck_assert(w.second);
    ck_assert(!w.s1ptw);
    ck_assert_uint_eq(WALK(0x613345, ACCESS_LOAD, true), FSC_TRANSLATION + 3);
    ck_assert_uint_eq(w.ipa, 0x80213345);
    /* Stage 1's faults come first. */
    mmu_map(m, &t1, 0x600000, 0x80200000, 2, D_AF | D_AP(2));
    ck_assert_uint_eq(WALK(0x613345, ACCESS_STORE, true), FSC_PERMISSION + 2);
    ck_assert(!w.second);
}
END_TEST

START_TEST(tables_of_stage_1_are_translated)
{
    struct tree *t2 = identity(), t1 = mmu_tree(m, 12, 39, 1);
    uint64_t ipa = (uint64_t)0x70 << 32, where;
    struct arm64_walk w;

    mmu_map(m, &t1, 0x5000, HARNESS_RAM, 3, D_AF);
    where = mmu_desc(m, &t1, 0x5000, 2, 0);
    mmu_map(m, t2, ipa, mmu_get(m, where) & ~(uint64_t)3, 3, D_AF | D_S2(1));
    mmu_put(m, where, ipa | 3);
    mmu_el1(m, &t1, &t1);
    ck_assert_uint_eq(WALK(0x5000, ACCESS_STORE, true), NO_FAULT);
    ck_assert_uint_eq(w.paddr, HARNESS_RAM);
    /* Device memory and HCR_EL2.PTW */
    m->a->sys64.hcr |= HCR_PTW;
    ck_assert_uint_eq(WALK(0x5000, ACCESS_STORE, true), FSC_PERMISSION + 2);
    ck_assert(w.second && w.s1ptw);
    m->a->sys64.hcr &= ~HCR_PTW;
    /* Not there */
    mmu_map(m, t2, ipa, 0, 3, 0);
    mmu_put(m, mmu_desc(m, t2, ipa, 3, 0), 0);
    ck_assert_uint_eq(WALK(0x5008, ACCESS_STORE, true), FSC_TRANSLATION + 3);
    ck_assert(w.second && w.s1ptw);
    ck_assert_uint_eq(w.ipa, ipa + 8 * 5);
    ck_assert_uint_eq(mmu_access(m, 0x5008, ACCESS_STORE), 0x24u << 26 | 1 << 25 | ISS_WNR | ISS_S1PTW | 7);
    ck_assert_uint_eq(m->a->cpu.exception_extra & EXTRA_LEVEL, 2);
    ck_assert_uint_eq(m->a->cpu.exception_extra & ~(uint64_t)0xf, ipa >> 12 << 4);
    ck_assert_uint_eq(m->a->cpu.exception_addr, 0x5008);
}
END_TEST

START_TEST(updates_need_leave_to_write_the_table)
{
    struct tree *t2 = identity(), t1 = mmu_tree(m, 12, 39, 1);
    uint64_t where = mmu_map(m, &t1, 0x5000, HARNESS_RAM, 3, 0), block = where & ~(uint64_t)0x1fffff;
    struct arm64_walk w;

    mmu_el1(m, &t1, &t1);
    m->a->sys64.tcr[1] |= (uint64_t)1 << 39;
    mmu_map(m, t2, block, block, 2, D_AF | D_S2(1));
    ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, true), FSC_PERMISSION + 2);
    ck_assert(w.second && w.s1ptw);
    ck_assert_uint_eq(w.ipa, where);
    ck_assert(!(mmu_get(m, where) & D_AF));
    mmu_map(m, t2, block, block, 2, S2_ALL);
    ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, true), NO_FAULT);
    ck_assert(mmu_get(m, where) & D_AF);
    /* Nothing is set by an access that stage 2 refuses. */
    mmu_map(m, &t1, 0x5000, 0x80000000, 3, 0);
    ck_assert_uint_ne(WALK(0x5000, ACCESS_LOAD, true), NO_FAULT);
    ck_assert(!(mmu_get(m, where) & D_AF));
}
END_TEST

START_TEST(access_flag_and_dirty_state)
{
    struct tree t = mmu_tree(m, 12, 40, 1);
    uint64_t where = mmu_map(m, &t, 0x5000, 0x40000000, 3, D_S2(1) | D_DBM);
    struct arm64_walk w;

    stage2_on(&t);
    ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, true), FSC_ACCESS_FLAG + 3);
    m->a->sys64.vtcr |= 1 << 21;       /* HA */
    ck_assert_uint_eq(WALK(0x5000, ACCESS_STORE, true), FSC_PERMISSION + 3);
    ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, true), NO_FAULT);
    ck_assert(mmu_get(m, where) & D_AF);
    m->a->sys64.vtcr |= 1 << 22;       /* HD */
    ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, true), NO_FAULT);
    ck_assert(!(w.prot & PROT_W));
    ck_assert(!(mmu_get(m, where) & D_S2(2)));
    ck_assert_uint_eq(WALK(0x5000, ACCESS_STORE, true), NO_FAULT);
    ck_assert(w.prot & PROT_W);
    ck_assert(mmu_get(m, where) & D_S2(2));
}
END_TEST

START_TEST(who_has_a_stage_2)
{
    struct tree t = mmu_tree(m, 12, 40, 1);
    struct arm_sys64 *s = &m->a->sys64;
    struct arm64_walk w;
    struct tlb_key on, off;

    stage2_on(&t);
    for (unsigned el = 0; el <= 3; el++) {
        s->el = (uint8_t)el;
        ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, el > 0), el < 2 ? FSC_TRANSLATION + 1 : NO_FAULT);
    }
    s->el = 1;
    s->vttbr |= (uint64_t)0x1234 << 48;
    s->vtcr |= 1 << 19;
    arm64_tlb_key(&m->a->cpu, 0, &on);
    s->hcr &= ~HCR_VM;
    arm64_tlb_key(&m->a->cpu, 0, &off);
    ck_assert_uint_eq(on.outer, ARM64_OUTER_REGIME(REGIME_EL10) | ARM64_OUTER_STAGE2 | 0x1234 << ARM64_OUTER_VMID_SHIFT);
    ck_assert_uint_eq(off.outer, on.outer & ~ARM64_OUTER_STAGE2);
    ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, true), NO_FAULT);
    s->hcr |= HCR_DC;                  /* stage 1 off, stage 2 on */
    s->sctlr[1] = SCTLR64_M;
    ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, true), FSC_TRANSLATION + 1);
    ck_assert(w.second);
    s->scr &= ~SCR_NS;
    s->sctlr[1] = 0;
    ck_assert_uint_eq(WALK(0x5000, ACCESS_LOAD, true), NO_FAULT);
}
END_TEST

/* ---- what ESR_EL2 tells of the access ------------------------------------------------------- */

#define ISV(size, sign, rt, sf, ar) \
    (1u << 24 | (uint32_t)(size) << 22 | (uint32_t)(sign) << 21 | (uint32_t)(rt) << 16 | (uint32_t)(sf) << 15 | (uint32_t)(ar) << 14)

START_TEST(syndrome_has_the_register)
{
    static const struct {
        uint32_t insn, iss;
    } rows[] = {
        { 0x39401023, ISV(0, 0, 3, 0, 0) },    /* ldrb w3, [x1, #4] */
        { 0x7900003e, ISV(1, 0, 30, 0, 0) },   /* strh w30, [x1] */
        { 0xb8626825, ISV(2, 0, 5, 0, 0) },    /* ldr w5, [x1, x2] */
        { 0xf8627826, ISV(3, 0, 6, 1, 0) },    /* ldr x6, [x1, x2, lsl #3] */
        { 0x39800027, ISV(0, 1, 7, 1, 0) },    /* ldrsb x7, [x1] */
        { 0x39c00027, ISV(0, 1, 7, 0, 0) },    /* ldrsb w7, [x1] */
        { 0xb9800428, ISV(2, 1, 8, 1, 0) },    /* ldrsw x8, [x1, #4] */
        { 0x78e26829, ISV(1, 1, 9, 0, 0) },    /* ldrsh w9, [x1, x2] */
        { 0xf900003f, ISV(3, 0, 31, 1, 0) },   /* str xzr, [x1] */
        { 0xf85f802a, ISV(3, 0, 10, 1, 0) },   /* ldur x10, [x1, #-8] */
        { 0xb800082b, ISV(2, 0, 11, 0, 0) },   /* sttr w11, [x1] */
        { 0x3880082b, ISV(0, 1, 11, 1, 0) },   /* ldtrsb x11, [x1] */
        { 0x88dffc2c, ISV(2, 0, 12, 0, 1) },   /* ldar w12, [x1] */
        { 0x089ffc2d, ISV(0, 0, 13, 0, 1) },   /* stlrb w13, [x1] */
        { 0xc8dffc2e, ISV(3, 0, 14, 1, 1) },   /* ldar x14, [x1] */
        { 0x5800020f, ISV(3, 0, 15, 1, 0) },   /* ldr x15, label */
        { 0x98000210, ISV(2, 1, 16, 1, 0) },   /* ldrsw x16, label */
        { 0x18000210, ISV(2, 0, 16, 0, 0) },   /* ldr w16, label */
        { 0xb8bfc031, ISV(2, 0, 17, 0, 1) },   /* ldapr w17, [x1] */
        { 0xd9408032, ISV(3, 0, 18, 1, 1) },   /* ldapur x18, [x1, #8] */
        { 0x59000033, ISV(1, 0, 19, 0, 1) },   /* stlurh w19, [x1] */
        { 0xa9400440, 0 },                     /* ldp x0, x1, [x2] */
        { 0xf8408423, 0 },                     /* ldr x3, [x1], #8 */
        { 0xb8008c23, 0 },                     /* str w3, [x1, #8]! */
        { 0x3dc00020, 0 },                     /* ldr q0, [x1] */
        { 0xfc626820, 0 },                     /* ldr d0, [x1, x2] */
        { 0x885f7c23, 0 },                     /* ldxr w3, [x1] */
        { 0x88047c23, 0 },                     /* stxr w4, w3, [x1] */
        { 0xb8230024, 0 },                     /* ldadd w3, w4, [x1] */
        { 0x88a37c24, 0 },                     /* cas w3, w4, [x1] */
        { 0xf9800020, 0 },                     /* prfm pldl1keep, [x1] */
        { 0xa8401023, 0 },                     /* ldnp x3, x4, [x1] */
        { 0x4c007020, 0 },                     /* st1 { v0.16b }, [x1] */
        { 0xd50b7421, 0 },                     /* dc zva, x1 */
    };
    struct tree *t2 = identity(), t1 = mmu_tree(m, 12, 39, 1);
    uint64_t code = mmu_alloc(m, 4096);

    mmu_map(m, &t1, 0x5000, 0x9000000, 3, D_AF | D_AP(1));
    mmu_map(m, &t1, 0x7000, code, 3, D_AF | D_AP(3));
    mmu_el1(m, &t1, &t1);
    (void)t2;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        mmu_put(m, code + 8 * i, rows[i].insn);
        m->a->cpu.env.pc = 0x7000 + 8 * i;
        ck_assert_uint_eq(mmu_access(m, 0x5128, ACCESS_LOAD), 0x24u << 26 | 1 << 25 | rows[i].iss | 5);
        ck_assert_uint_eq(m->a->cpu.exception_extra & EXTRA_LEVEL, 2);
        ck_assert_uint_eq(m->a->cpu.exception_extra & ~(uint64_t)0xf, 0x9000 << 4);
    }
    m->a->cpu.env.pc = 0x7000;
    m->a->sys64.el = 0;
    ck_assert_uint_eq(mmu_access(m, 0x5128, ACCESS_EXEC), 0x20u << 26 | 1 << 25 | 5);
    m->a->sys64.aarch32 = true;
    ck_assert_uint_eq(mmu_access(m, 0x5128, ACCESS_STORE), 0x24u << 26 | 1 << 25 | ISS_WNR | 5);
}
END_TEST

static Suite *suite_mmu64_s2(void)
{
    Suite *s = suite_create("mmu64-s2");
    TCase *t = tcase_create("stage 2");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, every_shape, 0, 99);
    tcase_add_test(t, first_level_that_the_cpu_lacks);
    tcase_add_test(t, permissions);
    tcase_add_test(t, stages_combine);
    tcase_add_test(t, tables_of_stage_1_are_translated);
    tcase_add_test(t, updates_need_leave_to_write_the_table);
    tcase_add_test(t, access_flag_and_dirty_state);
    tcase_add_test(t, who_has_a_stage_2);
    tcase_add_test(t, syndrome_has_the_register);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_mmu64_s2)
