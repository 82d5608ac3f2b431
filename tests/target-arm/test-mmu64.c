/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AArch64 translation, stage 1 (target-arm/mmu64.c): tables of each shape, permissions, tags, hardware updates, faults. */
#include "config.h"
#include <string.h>
#include <check.h>
#include "softmmu/tlb.h"
#include "target-arm/cpus.h"
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

static uint64_t upper(unsigned size)
{
    return ~(((uint64_t)1 << size) - 1);
}

/* ---- shapes --------------------------------------------------------------------------------- */

/* Is a block or page of the level there (D8.3.1)? */
static bool has_leaf(unsigned granule, unsigned level)
{
    return level == 3 || level == 2 || (level == 1 && granule == 12);
}

/* One tree of `size` bits in both halves: an address maps at each level that has leaves, and faults at each level where nothing is. */
static void check_shape(unsigned granule, unsigned size)
{
    unsigned start = mmu_start(granule, size);
    struct tree t = mmu_tree(m, granule, size, start);
    struct arm64_walk w;

    mmu_el1(m, &t, &t);
    for (unsigned level = start; level <= 3; level++) {
        unsigned shift = mmu_shift(granule, level);
        uint64_t va = ((uint64_t)1 << (size - 1)) | ((uint64_t)(shift < size - 1) << shift), in = 0xabcdef123456789u, pa;
        uint64_t where = mmu_desc(m, &t, va, level, 0);

        in &= ((uint64_t)1 << shift) - 1;
        pa = 0x1234ffffffffu & ~(((uint64_t)1 << shift) - 1);
        mmu_put(m, where, 0);
        ck_assert_uint_eq(mmu_walk(m, &w, va, ACCESS_LOAD, true), FSC_TRANSLATION + level);
        mmu_map(m, &t, va, pa, level, D_AF);
        if (!has_leaf(granule, level)) {
            ck_assert_uint_eq(mmu_walk(m, &w, va | in, ACCESS_LOAD, true), FSC_TRANSLATION + level);
            mmu_put(m, where, 0);
            continue;
        }
        ck_assert_uint_eq(mmu_walk(m, &w, va | in, ACCESS_LOAD, true), NO_FAULT);
        ck_assert_uint_eq(w.paddr, pa | in);
        ck_assert_uint_eq(w.page_bits, shift);
        ck_assert(w.global);
        ck_assert_uint_eq(mmu_walk(m, &w, upper(size) | va | in, ACCESS_LOAD, true), NO_FAULT);
        ck_assert_uint_eq(w.paddr, pa | in);
        if (level == 3) {
            mmu_put(m, where, mmu_get(m, where) & ~(uint64_t)2);       /* a block at level 3: reserved */
            ck_assert_uint_eq(mmu_walk(m, &w, va | in, ACCESS_LOAD, true), FSC_TRANSLATION + 3);
        }
        mmu_put(m, where, 0);
    }
    ck_assert_uint_eq(mmu_walk(m, &w, (uint64_t)1 << size, ACCESS_LOAD, true), FSC_TRANSLATION);
    ck_assert_uint_eq(mmu_walk(m, &w, upper(size + 1), ACCESS_LOAD, true), FSC_TRANSLATION);
    ck_assert_uint_eq(mmu_walk(m, &w, upper(size + 1) | 1, ACCESS_EXEC, false), FSC_TRANSLATION);
}

static const unsigned granules[] = { 12, 14, 16 };

START_TEST(every_granule_and_size)
{
    unsigned granule = granules[_i % 3], size = 48 - (unsigned)_i / 3;

    if (size < (granule == 16 ? 17 : 16))
        return;
    check_shape(granule, size);
}
END_TEST

START_TEST(sizes_beyond_the_limits_count_as_the_limit)
{
    struct tree t = mmu_tree(m, 12, 48, 0);
    struct arm64_walk w;

    mmu_map(m, &t, 0x800000000000u, 0x40000000, 1, D_AF);
    mmu_el1(m, &t, &t);
    m->a->sys64.tcr[1] &= ~(uint64_t)0x3f;             /* T0SZ 0 */
    ck_assert_uint_eq(mmu_walk(m, &w, 0x800000000000u, ACCESS_LOAD, true), NO_FAULT);
    arm_set_feature(m->a, ARM_TTST, false);
    t = mmu_tree(m, 12, 25, 2);
    mmu_map(m, &t, 0x1e00000, 0x40200000, 2, D_AF);
    mmu_el1(m, &t, &t);
    m->a->sys64.tcr[1] = (m->a->sys64.tcr[1] & ~(uint64_t)0x3f) | 45;
    ck_assert_uint_eq(mmu_walk(m, &w, 0x1e12345, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(w.paddr, 0x40212345);
}
END_TEST

START_TEST(halves_have_their_own_table_and_granule)
{
    struct tree low = mmu_tree(m, 14, 36, mmu_start(14, 36)), high = mmu_tree(m, 16, 42, mmu_start(16, 42));
    struct arm64_walk w;

    mmu_map(m, &low, 0x12345000 & ~0x3fff, 0x50000000, 3, D_AF);
    mmu_map(m, &high, 0x12340000, 0x60000000, 3, D_AF | D_NG);
    mmu_el1(m, &low, &high);
    ck_assert_uint_eq(mmu_walk(m, &w, 0x12345678, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(w.paddr, 0x50001678);
    ck_assert_uint_eq(w.page_bits, 14);
    ck_assert(w.global);
    ck_assert_uint_eq(mmu_walk(m, &w, upper(42) | 0x12345678, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(w.paddr, 0x60005678);
    ck_assert_uint_eq(w.page_bits, 16);
    ck_assert(!w.global);
    m->a->sys64.tcr[1] |= 1 << 7;                      /* EPD0 */
    ck_assert_uint_eq(mmu_walk(m, &w, 0x12345678, ACCESS_LOAD, true), FSC_TRANSLATION);
    m->a->sys64.tcr[1] ^= 1 << 7 | 1 << 23;            /* EPD1 */
    ck_assert_uint_eq(mmu_walk(m, &w, 0x12345678, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(mmu_walk(m, &w, upper(42) | 0x12345678, ACCESS_LOAD, true), FSC_TRANSLATION);
}
END_TEST

START_TEST(a_granule_that_the_cpu_lacks_is_another)
{
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm_model model = *m->a->model;
    struct arm64_walk w;

    model.id_aa64mmfr0 &= ~(uint64_t)0xf00000;         /* no 16 KiB */
    m->a->model = &model;
    mmu_map(m, &t, 0x5000, 0x40005000, 3, D_AF);
    mmu_el1(m, &t, &t);
    m->a->sys64.tcr[1] |= mmu_tg0(14);
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_LOAD, true), NO_FAULT);
    model.id_aa64mmfr0 |= (uint64_t)0xf00000;
    ck_assert_uint_ne(mmu_walk(m, &w, 0x5000, ACCESS_LOAD, true), NO_FAULT);
}
END_TEST

START_TEST(addresses_beyond_the_output_size)
{
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48, 48, 48 };
    struct tree t = mmu_tree(m, 12, 48, 0);
    struct arm64_walk w;

    mmu_el1(m, &t, &t);
    for (unsigned ps = 0; ps < 8; ps++) {
        uint64_t top = (uint64_t)1 << bits[ps], table;

        m->a->sys64.tcr[1] = (m->a->sys64.tcr[1] & ~((uint64_t)7 << 32)) | (uint64_t)ps << 32;
        for (unsigned level = 1; level <= 3; level++) {
            mmu_map(m, &t, (uint64_t)level << 40, top >> 1, level, D_AF);
            ck_assert_uint_eq(mmu_walk(m, &w, (uint64_t)level << 40, ACCESS_LOAD, true), NO_FAULT);
            if (bits[ps] == 48)
                continue;
            mmu_map(m, &t, (uint64_t)level << 40, top, level, D_AF);
            ck_assert_uint_eq(mmu_walk(m, &w, (uint64_t)level << 40, ACCESS_LOAD, true), FSC_ADDRESS_SIZE + level);
        }
        if (bits[ps] == 48)
            continue;
        table = mmu_desc(m, &t, (uint64_t)7 << 40, 2, 0);
        mmu_put(m, table, top | 3);
        ck_assert_uint_eq(mmu_walk(m, &w, (uint64_t)7 << 40, ACCESS_LOAD, true), FSC_ADDRESS_SIZE + 2);
        m->a->sys64.ttbr0[1] = top;
        ck_assert_uint_eq(mmu_walk(m, &w, 0, ACCESS_LOAD, true), FSC_ADDRESS_SIZE);
        m->a->sys64.ttbr0[1] = t.root;
    }
}
END_TEST

START_TEST(off_is_flat)
{
    struct arm64_walk w;

    for (unsigned el = 0; el <= 3; el++) {
        m->a->sys64.el = (uint8_t)el;
        ck_assert_uint_eq(mmu_walk(m, &w, 0xfedcba987654u, ACCESS_EXEC, el > 0), NO_FAULT);
        ck_assert_uint_eq(w.paddr, 0xfedcba987654u);
        ck_assert_uint_eq(w.prot, PROT_R | PROT_W | PROT_X);
        ck_assert_uint_eq(mmu_walk(m, &w, (uint64_t)1 << 48, ACCESS_LOAD, el > 0), FSC_ADDRESS_SIZE);
        ck_assert_uint_eq(mmu_walk(m, &w, (uint64_t)3 << 56 | 5, ACCESS_LOAD, el > 0), FSC_ADDRESS_SIZE);
    }
    m->a->sys64.tcr[3] = 1 << 20;      /* TBI */
    ck_assert_uint_eq(mmu_walk(m, &w, (uint64_t)3 << 56 | 5, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(w.paddr, 5);
    ck_assert(w.aliased);
}
END_TEST

START_TEST(tables_in_either_byte_order)
{
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm64_walk w;

    t.big_endian = true;
    mmu_map(m, &t, 0x12345000, 0x40005000, 3, D_AF);
    mmu_el1(m, &t, &t);
    m->a->sys64.sctlr[1] |= SCTLR64_EE;
    ck_assert_uint_eq(mmu_walk(m, &w, 0x12345678, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(w.paddr, 0x40005678);
    m->a->sys64.sctlr[1] &= ~SCTLR64_EE;
    ck_assert_uint_ne(mmu_walk(m, &w, 0x12345678, ACCESS_LOAD, true), NO_FAULT);
}
END_TEST

START_TEST(tables_where_no_memory_is)
{
    struct tree t = mmu_tree(m, 12, 48, 0);
    struct arm64_walk w;

    mmu_el1(m, &t, &t);
    for (unsigned level = 0; level < 3; level++) {
        mmu_put(m, mmu_desc(m, &t, (uint64_t)level << 40, level, 0), 0x9000003);
        ck_assert_uint_eq(mmu_walk(m, &w, (uint64_t)level << 40, ACCESS_LOAD, true), FSC_EXTERNAL_WALK + level + 1);
        mmu_put(m, mmu_desc(m, &t, (uint64_t)level << 40, level, 0), 0);
    }
    m->a->sys64.ttbr0[1] = 0x9000000;
    ck_assert_uint_eq(mmu_walk(m, &w, 0, ACCESS_LOAD, true), FSC_EXTERNAL_WALK);
}
END_TEST

/* ---- permissions ---------------------------------------------------------------------------- */

/* What D8.4 gives for AP[2:1], in the manual's tables: access from EL1 and EL0. */
static const struct {
    bool r1, w1, r0, w0;
} data_access[4] = { { true, true, false, false }, { true, true, true, true }, { true, false, false, false }, { true, false, true, false } };

static unsigned expected(unsigned ap, bool uxn, bool pxn, bool wxn, bool pan, bool priv)
{
    bool r = priv ? data_access[ap].r1 : data_access[ap].r0, w = priv ? data_access[ap].w1 : data_access[ap].w0;
    bool x = priv ? !pxn && !data_access[ap].w0 : !uxn;

    if (wxn && w)
        x = false;
    if (priv && pan && data_access[ap].r0)
        r = w = false;
    return (r ? PROT_R : 0) | (w ? PROT_W : 0) | (x ? PROT_X : 0);
}

static void check_access(uint64_t va, bool priv, unsigned prot, unsigned level)
{
    static const unsigned need[] = { [ACCESS_LOAD] = PROT_R, [ACCESS_STORE] = PROT_W, [ACCESS_EXEC] = PROT_X };
    struct arm64_walk w;

    for (unsigned type = ACCESS_LOAD; type <= ACCESS_EXEC; type++) {
        unsigned fsc = mmu_walk(m, &w, va, (enum access_type)type, priv);

        if (prot & need[type]) {
            ck_assert_uint_eq(fsc, NO_FAULT);
            ck_assert_uint_eq(w.prot, prot);
        } else {
            ck_assert_uint_eq(fsc, FSC_PERMISSION + level);
        }
    }
}

START_TEST(permissions_of_two_privileges)
{
    struct tree t = mmu_tree(m, 12, 39, 1);

    mmu_el1(m, &t, &t);
    for (unsigned i = 0; i < 128; i++) {
        unsigned ap = i & 3;
        bool uxn = i & 4, pxn = i & 8, wxn = i & 16, pan = i & 32, priv = i & 64;

        mmu_map(m, &t, 0x200000, 0x40000000, 2, D_AF | D_AP(ap) | (uxn ? D_UXN : 0) | (pxn ? D_PXN : 0));
        m->a->sys64.sctlr[1] = SCTLR64_M | (wxn ? SCTLR64_WXN : 0);
        m->a->sys64.pstate = pan ? PSTATE_PAN : 0;
        check_access(0x212345, priv, expected(ap, uxn, pxn, wxn, pan, priv), 2);
    }
}
END_TEST

START_TEST(permissions_of_one_privilege)
{
    struct tree t = mmu_tree(m, 12, 39, 1);

    for (unsigned el = 2; el <= 3; el++) {
        m->a->sys64.el = (uint8_t)el;
        m->a->sys64.tcr[el] = 25 | 5 << 16;
        m->a->sys64.ttbr0[el] = t.root;
        for (unsigned i = 0; i < 16; i++) {
            bool ro = i & 1, xn = i & 2, wxn = i & 4, ap1 = i & 8;
            bool x = !xn && !(wxn && !ro);

            mmu_map(m, &t, 0x40201000, 0x40000000, 3, D_AF | D_AP(ap1 | ro << 1) | (xn ? D_UXN : 0) | D_PXN | D_NG);
            m->a->sys64.sctlr[el] = SCTLR64_M | (wxn ? SCTLR64_WXN : 0);
            m->a->sys64.pstate = PSTATE_PAN;
            check_access(0x40201234, true, PROT_R | (ro ? 0 : PROT_W) | (x ? PROT_X : 0), 3);
        }
    }
}
END_TEST

START_TEST(tables_hand_limits_down)
{
    static const struct {
        uint64_t table;
        unsigned ap, prot1, prot0;     /* of EL1 and EL0; AP 1: all but PXN by EL0's write */
    } rows[] = {
        { 0, 1, PROT_R | PROT_W, PROT_R | PROT_W | PROT_X },
        { (uint64_t)1 << 61, 1, PROT_R | PROT_W | PROT_X, PROT_X },
        { (uint64_t)1 << 62, 1, PROT_R | PROT_X, PROT_R | PROT_X },
        { (uint64_t)1 << 60, 1, PROT_R | PROT_W, PROT_R | PROT_W },
        { (uint64_t)1 << 59, 0, PROT_R | PROT_W, PROT_X },
        { (uint64_t)3 << 61, 1, PROT_R | PROT_X, PROT_X },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (unsigned level = 0; level < 3; level++) {
            struct tree t = mmu_tree(m, 12, 48, 0);
            uint64_t where = mmu_desc(m, &t, 0x5000, level, 0);

            mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AF | D_AP(rows[i].ap));
            mmu_put(m, where, mmu_get(m, where) | rows[i].table);
            mmu_el1(m, &t, &t);
            check_access(0x5000, true, rows[i].prot1, 3);
            check_access(0x5000, false, rows[i].prot0, 3);
            m->a->sys64.tcr[1] |= (uint64_t)1 << 41;       /* HPD0 */
            check_access(0x5000, true, rows[i].ap ? rows[0].prot1 : PROT_R | PROT_W | PROT_X, 3);
            check_access(0x5000, false, rows[i].ap ? rows[0].prot0 : PROT_X, 3);
            m->next = t.root;
        }
    }
}
END_TEST

START_TEST(e0pd_hides_a_half_from_el0)
{
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm64_walk w;

    mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AF | D_AP(1));
    mmu_el1(m, &t, &t);
    m->a->sys64.tcr[1] |= (uint64_t)1 << 56;
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_LOAD, false), NO_FAULT);
    ck_assert_uint_eq(mmu_walk(m, &w, upper(39) | 0x5000, ACCESS_LOAD, false), FSC_TRANSLATION);
    ck_assert_uint_eq(mmu_walk(m, &w, upper(39) | 0x5000, ACCESS_LOAD, true), NO_FAULT);
}
END_TEST

START_TEST(secure_el3_fetches_no_nonsecure_code)
{
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm64_walk w;

    m->a->sys64.el = 3;
    m->a->sys64.tcr[3] = 25 | 5 << 16;
    m->a->sys64.ttbr0[3] = t.root;
    m->a->sys64.sctlr[3] = SCTLR64_M;
    mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AF | D_NS);
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_EXEC, true), NO_FAULT);
    ck_assert(w.ns);
    m->a->sys64.scr |= SCR_SIF;
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_EXEC, true), FSC_PERMISSION + 3);
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_LOAD, true), NO_FAULT);
    mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AF);
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_EXEC, true), NO_FAULT);
    ck_assert(!w.ns);
}
END_TEST

/* ---- tags ----------------------------------------------------------------------------------- */

START_TEST(tags_are_ignored_where_tbi_says)
{
    uint64_t low = 0x5678, high = upper(39) | 0x5678, tag = (uint64_t)0x5a << 56;
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm64_walk w;

    mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AF);
    mmu_el1(m, &t, &t);
    ck_assert_uint_eq(mmu_walk(m, &w, low | tag, ACCESS_LOAD, true), FSC_TRANSLATION);
    ck_assert_uint_eq(mmu_walk(m, &w, high ^ tag, ACCESS_LOAD, true), FSC_TRANSLATION);
    m->a->sys64.tcr[1] |= (uint64_t)1 << 37;           /* TBI0 */
    ck_assert_uint_eq(mmu_walk(m, &w, low | tag, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(w.paddr, 0x40000678);
    ck_assert(w.aliased);
    ck_assert_uint_eq(mmu_walk(m, &w, low, ACCESS_LOAD, true), NO_FAULT);
    ck_assert(!w.aliased);
    ck_assert_uint_eq(mmu_walk(m, &w, low | (uint64_t)1 << 54, ACCESS_LOAD, true), FSC_TRANSLATION);
    ck_assert_uint_eq(mmu_walk(m, &w, high ^ tag, ACCESS_LOAD, true), FSC_TRANSLATION);
    m->a->sys64.tcr[1] |= (uint64_t)1 << 38;           /* TBI1 */
    ck_assert_uint_eq(mmu_walk(m, &w, high ^ tag, ACCESS_LOAD, true), NO_FAULT);
    ck_assert(w.aliased);
    arm_set_feature(m->a, ARM_PAUTH, true);
    m->a->sys64.tcr[1] |= (uint64_t)1 << 51;           /* TBID0: data only */
    ck_assert_uint_eq(mmu_walk(m, &w, low | tag, ACCESS_LOAD, true), NO_FAULT);
    ck_assert_uint_eq(mmu_walk(m, &w, low | tag, ACCESS_EXEC, true), FSC_TRANSLATION);
}
END_TEST

START_TEST(branches_drop_tags)
{
    uint64_t low = 0x5678, high = upper(39) | 0x5678, tag = (uint64_t)0x5a << 56;

    ck_assert_uint_eq(arm64_branch_addr(m->a, low | tag), low | tag);
    m->a->sys64.tcr[1] = (uint64_t)3 << 37;
    ck_assert_uint_eq(arm64_branch_addr(m->a, low | tag), low);
    ck_assert_uint_eq(arm64_branch_addr(m->a, high ^ tag), high);
    m->a->sys64.el = 2;
    ck_assert_uint_eq(arm64_branch_addr(m->a, low | tag), low | tag);
    m->a->sys64.tcr[2] = 1 << 20;
    ck_assert_uint_eq(arm64_branch_addr(m->a, low | tag), low);
    ck_assert_uint_eq(arm64_branch_addr(m->a, high), high & ~((uint64_t)0xff << 56));
    arm_set_feature(m->a, ARM_PAUTH, true);
    m->a->sys64.tcr[2] |= 1 << 29;
    ck_assert_uint_eq(arm64_branch_addr(m->a, low | tag), low | tag);
}
END_TEST

/* ---- access flag and dirty state ------------------------------------------------------------ */

#define TCR_HA ((uint64_t)1 << 39)
#define TCR_HD ((uint64_t)1 << 40)

START_TEST(access_flag_faults_or_is_set)
{
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm64_walk w;

    for (unsigned level = 1; level <= 3; level++) {
        uint64_t va = (uint64_t)level << 32, where = mmu_map(m, &t, va, 0x40000000, level, D_AP(3));

        mmu_el1(m, &t, &t);
        ck_assert_uint_eq(mmu_walk(m, &w, va, ACCESS_STORE, true), FSC_ACCESS_FLAG + level);
        m->a->sys64.tcr[1] |= TCR_HA;
        ck_assert_uint_eq(mmu_walk(m, &w, va, ACCESS_STORE, true), FSC_PERMISSION + level);
        ck_assert(!(mmu_get(m, where) & D_AF));
        ck_assert_uint_eq(mmu_walk(m, &w, va, ACCESS_LOAD, true), NO_FAULT);
        ck_assert(mmu_get(m, where) & D_AF);
    }
    arm_set_feature(m->a, ARM_HAF, false);
    mmu_map(m, &t, 0, 0x40000000, 3, 0);
    ck_assert_uint_eq(mmu_walk(m, &w, 0, ACCESS_LOAD, true), FSC_ACCESS_FLAG + 3);
}
END_TEST

START_TEST(dirty_state_is_written_by_stores_alone)
{
    struct tree t = mmu_tree(m, 12, 39, 1);
    uint64_t where;
    struct arm64_walk w;

    t.big_endian = true;
    mmu_el1(m, &t, &t);
    m->a->sys64.sctlr[1] |= SCTLR64_EE;
    m->a->sys64.tcr[1] |= TCR_HA | TCR_HD;
    where = mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AP(3) | D_DBM | D_UXN | D_PXN);
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_LOAD, false), NO_FAULT);
    ck_assert_uint_eq(w.prot, PROT_R);
    ck_assert(__builtin_bswap64(mmu_get(m, where)) & D_AP(2));
    ck_assert(__builtin_bswap64(mmu_get(m, where)) & D_AF);
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_STORE, false), NO_FAULT);
    ck_assert_uint_eq(w.prot, PROT_R | PROT_W);
    ck_assert(!(__builtin_bswap64(mmu_get(m, where)) & D_AP(2)));
    m->a->sys64.tcr[1] &= ~TCR_HD;
    mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AP(3) | D_DBM);
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_STORE, false), FSC_PERMISSION + 3);
}
END_TEST

START_TEST(dirty_state_in_read_only_memory)
{
    static const uint64_t rom_base = 0x8000000;
    uint64_t *rom = bus_add_ram(m->h->m->bus, "rom", rom_base, 4096, true, NULL);
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm64_walk w;

    mmu_put(m, mmu_desc(m, &t, 0, 2, 0), rom_base | 3);
    rom[5] = 0x40000000 | 3;
    mmu_el1(m, &t, &t);
    m->a->sys64.tcr[1] |= TCR_HA;
    ck_assert_uint_eq(mmu_walk(m, &w, 0x5000, ACCESS_LOAD, true), FSC_UNSUPPORTED_UPDATE);
    ck_assert_uint_eq(rom[5], 0x40000000 | 3);
}
END_TEST

/* ---- contexts and faults as raised ---------------------------------------------------------- */

START_TEST(views_and_rights)
{
    struct tlb_key user, kernel, el0, uao, pan;
    struct arm_sys64 *s = &m->a->sys64;
    struct cpu *cpu = &m->a->cpu;

    s->sctlr[1] = SCTLR64_M;
    s->ttbr0[1] = (uint64_t)0x1234 << 48 | 0x40001000 | 1;
    s->ttbr1[1] = (uint64_t)0x5678 << 48 | 0x40002000 | 1;
    s->tcr[1] = (uint64_t)1 << 36;
    ck_assert(arm64_tlb_key(cpu, ARM_VIEW_CURRENT, &kernel));
    ck_assert(arm64_tlb_key(cpu, ARM_VIEW_USER, &user));
    ck_assert_uint_eq(kernel.space, (uint64_t)0x1234 << 48 | 0x40001000);
    ck_assert_uint_eq(kernel.shared, 0x40002000);
    ck_assert(kernel.common);
    ck_assert(!user.common);
    s->pstate = PSTATE_UAO;
    arm64_tlb_key(cpu, ARM_VIEW_USER, &uao);
    ck_assert_int_eq(memcmp(&uao, &kernel, sizeof(uao)), 0);
    s->pstate = PSTATE_PAN;
    arm64_tlb_key(cpu, ARM_VIEW_CURRENT, &pan);
    ck_assert_uint_ne(pan.rights, kernel.rights);
    s->el = 0;
    arm64_tlb_key(cpu, ARM_VIEW_CURRENT, &el0);
    ck_assert_int_eq(memcmp(&el0, &user, sizeof(user)), 0);
    s->tcr[1] |= 1 << 22;              /* A1 */
    arm64_tlb_key(cpu, ARM_VIEW_CURRENT, &el0);
    ck_assert_uint_eq(el0.space, (uint64_t)0x5678 << 48 | 0x40001000);
    s->tcr[1] = 0;                     /* 8-bit ASIDs */
    arm64_tlb_key(cpu, ARM_VIEW_CURRENT, &el0);
    ck_assert_uint_eq(el0.space, (uint64_t)0x34 << 48 | 0x40001000);
}
END_TEST

START_TEST(aborts_say_what_happened)
{
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm_cpu *a = m->a;

    mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AF | D_AP(2) | D_UXN | D_PXN);
    mmu_el1(m, &t, &t);
    ck_assert_uint_eq(mmu_access(m, 0x5008, ACCESS_LOAD), 0);
    ck_assert_uint_eq(mmu_access(m, 0x5008, ACCESS_STORE), 0x24u << 26 | 1 << 25 | ISS_WNR | 0xf);
    ck_assert_uint_eq(a->cpu.exception_addr, 0x5008);
    ck_assert_uint_eq(mmu_access(m, 0x5008, ACCESS_EXEC), 0x20u << 26 | 1 << 25 | 0xf);
    ck_assert_uint_eq(mmu_access(m, 0x80006009, ACCESS_LOAD), 0x24u << 26 | 1 << 25 | 5);
    ck_assert_uint_eq(a->cpu.exception_addr, 0x80006009);
    ck_assert_uint_eq(a->cpu.exception_extra & EXTRA_LEVEL, 1);
    a->sys64.ttbr0[1] = 0x9000000;
    a->sys64.scr |= SCR_EA;
    ck_assert_uint_eq(mmu_access(m, 0x80006009, ACCESS_STORE), 0x24u << 26 | 1 << 25 | ISS_WNR | 0x15);
    ck_assert_uint_eq(a->cpu.exception_extra & EXTRA_LEVEL, 3);
}
END_TEST

START_TEST(el2_as_host_has_two_ranges)
{
    struct tree t = mmu_tree(m, 12, 39, 1);
    struct arm_sys64 *s = &m->a->sys64;
    struct arm64_walk w;

    mmu_map(m, &t, 0x5000, 0x40000000, 3, D_AF | D_AP(1) | D_NG);
    s->tcr[2] = 25 | 25 << 16 | (uint64_t)2 << 30 | (uint64_t)5 << 32;
    s->ttbr0[2] = s->ttbr1[2] = t.root;
    s->sctlr[2] = SCTLR64_M;
    s->hcr = HCR_E2H | HCR_RW;
    s->el = 2;
    ck_assert_int_eq(arm64_regime(m->a), REGIME_EL20);
    ck_assert_uint_eq(mmu_walk(m, &w, upper(39) | 0x5000, ACCESS_STORE, true), NO_FAULT);
    ck_assert(!w.global);
    s->pstate = PSTATE_PAN;
    ck_assert_uint_eq(mmu_walk(m, &w, upper(39) | 0x5000, ACCESS_STORE, true), FSC_PERMISSION + 3);
    s->el = 0;
    ck_assert_int_eq(arm64_regime(m->a), REGIME_EL10);
    s->hcr |= HCR_TGE;
    ck_assert_int_eq(arm64_regime(m->a), REGIME_EL20);
    s->hcr &= ~HCR_E2H;
    ck_assert_int_eq(arm64_regime(m->a), REGIME_EL10);
    s->sctlr[1] = SCTLR64_M;           /* TGE: as if 0 */
    ck_assert_uint_eq(mmu_walk(m, &w, 0x12345, ACCESS_STORE, false), NO_FAULT);
    ck_assert_uint_eq(w.paddr, 0x12345);
    s->scr &= ~SCR_NS;                 /* no EL2 in Secure state */
    ck_assert_uint_eq(arm64_hcr(m->a), 0);
    ck_assert(arm64_is_secure(m->a));
}
END_TEST

static Suite *suite_mmu64(void)
{
    Suite *s = suite_create("mmu64");
    TCase *t = tcase_create("stage 1");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, every_granule_and_size, 0, 99);
    tcase_add_test(t, sizes_beyond_the_limits_count_as_the_limit);
    tcase_add_test(t, halves_have_their_own_table_and_granule);
    tcase_add_test(t, a_granule_that_the_cpu_lacks_is_another);
    tcase_add_test(t, addresses_beyond_the_output_size);
    tcase_add_test(t, off_is_flat);
    tcase_add_test(t, tables_in_either_byte_order);
    tcase_add_test(t, tables_where_no_memory_is);
    tcase_add_test(t, permissions_of_two_privileges);
    tcase_add_test(t, permissions_of_one_privilege);
    tcase_add_test(t, tables_hand_limits_down);
    tcase_add_test(t, e0pd_hides_a_half_from_el0);
    tcase_add_test(t, secure_el3_fetches_no_nonsecure_code);
    tcase_add_test(t, tags_are_ignored_where_tbi_says);
    tcase_add_test(t, branches_drop_tags);
    tcase_add_test(t, access_flag_faults_or_is_set);
    tcase_add_test(t, dirty_state_is_written_by_stores_alone);
    tcase_add_test(t, dirty_state_in_read_only_memory);
    tcase_add_test(t, views_and_rights);
    tcase_add_test(t, aborts_say_what_happened);
    tcase_add_test(t, el2_as_host_has_two_ranges);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_mmu64)
