/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMSAv8-64 address translation (DDI 0487 D8): both stages, all regimes, 48-bit addresses; permissions, hardware update of access flag and
 * dirty state, faults and their syndromes, the keys of TLB contexts. Maintenance and AT: mmu64-maint.c.
 *
 * Memory attributes are not modelled: all memory behaves as Normal, devices decide for themselves. Tables are read from RAM or ROM by
 * host pointer and without locks: tables in a device's registers are an external abort.
 */
#include "config.h"
#include "softmmu/bus.h"
#include "softmmu/tlb.h"
#include "target-arm/cpus.h"
#include "target-arm/mmu64.h"
#include "util/bits.h"

/* Descriptors (D8.3). */
#define DESC_VALID   ((uint64_t)1 << 0)
#define DESC_TABLE   ((uint64_t)1 << 1)       /* or page, at level 3 */
#define DESC_AP1     ((uint64_t)1 << 6)       /* EL0 too; stage 2: readable */
#define DESC_AP2     ((uint64_t)1 << 7)       /* read only; stage 2: writable */
#define DESC_AF      ((uint64_t)1 << 10)
#define DESC_GP      ((uint64_t)1 << 50)      /* stage 1: guarded page */
#define DESC_DBM     ((uint64_t)1 << 51)
#define DESC_NS_BIT     5
#define DESC_NG_BIT     11
#define DESC_PXN_BIT    53
#define DESC_UXN_BIT    54                    /* XN where there is but one privilege */
#define DESC_PXN_TABLE  59
#define DESC_UXN_TABLE  60
#define DESC_NO_EL0     61
#define DESC_READ_ONLY  62
#define DESC_NS_TABLE   63
#define TABLE_LIMITS    ((uint64_t)0xf << DESC_PXN_TABLE)

#define UPDATE_TRIES 64       /* of a walk whose descriptor changes under it */

/* What a walk of one stage begins with. */
struct table {
    uint64_t base;           /* of the first table */
    uint8_t size;            /* bits of the input address */
    uint8_t granule;         /* log2 */
    uint8_t level;           /* of the first table */
    uint8_t oa_bits;         /* bits of output addresses */
    bool hpd, ha, hd, big_endian;
    bool second;             /* stage 2 */
};

/* What it ends with. */
struct leaf {
    uint64_t desc;
    uint64_t limits;         /* bits 63:59 of all table descriptors, or-ed */
    uint64_t out;            /* output address */
    uint64_t at;             /* where the descriptor is, as the table above says */
    uint64_t *host;          /* and in host memory */
    uint8_t level, bits;     /* bits: of the mapping's size */
    bool readonly;           /* host is ROM */
};

/* ---- state ---------------------------------------------------------------------------------- */

bool arm64_secure_below_el3(const struct arm_cpu *a)
{
    return arm_has(a, ARM_EL3) && !(a->sys64.scr & SCR_NS);
}

bool arm64_is_secure(const struct arm_cpu *a)
{
    return arm_has(a, ARM_EL3) && (a->sys64.el == 3 || !(a->sys64.scr & SCR_NS));
}

uint64_t arm64_hcr(const struct arm_cpu *a)
{
    uint64_t hcr = a->sys64.hcr;

    if (!arm_has(a, ARM_EL2) || arm64_secure_below_el3(a))
        return 0;
    if (!(hcr & HCR_TGE))
        return hcr;
    hcr |= HCR_FMO | HCR_IMO | HCR_AMO;
    hcr &= ~(HCR_DC | HCR_VF | HCR_VI | HCR_VSE | HCR_FB | HCR_TID1 | HCR_TID3 | HCR_TSC | HCR_TACR | HCR_TVM | HCR_TRVM);
    if (hcr & HCR_E2H)       /* EL2&0: nothing of EL1's traps */
        hcr &= ~(HCR_TID0 | HCR_TID2 | HCR_TPU | HCR_TPCP | HCR_TSW | HCR_TDZ);
    return hcr;
}

/* EL0 runs under EL2's regime. */
static bool in_host(uint64_t hcr)
{
    return (hcr & (HCR_E2H | HCR_TGE)) == (HCR_E2H | HCR_TGE);
}

enum arm64_regime arm64_regime(const struct arm_cpu *a)
{
    uint64_t hcr = arm64_hcr(a);

    switch (a->sys64.el) {
    case 3:
        return REGIME_EL3;
    case 2:
        return hcr & HCR_E2H ? REGIME_EL20 : REGIME_EL2;
    case 1:
        return REGIME_EL10;
    default:
        return in_host(hcr) ? REGIME_EL20 : REGIME_EL10;
    }
}

static uint64_t mmfr0(const struct arm_cpu *a)
{
    return a->model->id_aa64mmfr0;
}

static unsigned pa_bits(const struct arm_cpu *a, unsigned ps)
{
    static const uint8_t bits[8] = { 32, 36, 40, 42, 44, 48, 48, 48 };

    return MIN_OF(bits[ps], bits[mmfr0(a) & 7]);
}

/* SCTLR of the regime; HCR_EL2.TGE and DC turn stage 1 of EL1&0 off. */
static uint64_t regime_sctlr(const struct arm_cpu *a, enum arm64_regime r, uint64_t hcr)
{
    uint64_t sctlr = a->sys64.sctlr[arm64_regime_el(r)];

    if (r == REGIME_EL10 && (hcr & HCR_DC || (hcr & (HCR_TGE | HCR_E2H)) == HCR_TGE))
        sctlr &= ~SCTLR64_M;
    return sctlr;
}

/* Do accesses of the view have the privilege of the current level? LDTR and STTR do not at EL1, and at EL2 where it is the host's
 * kernel, unless PSTATE.UAO makes them ordinary (D1.4). */
static bool view_priv(const struct arm_cpu *a, unsigned view, uint64_t hcr)
{
    unsigned el = a->sys64.el;

    if (el == 0)
        return false;
    if (view != ARM_VIEW_USER || a->sys64.pstate & PSTATE_UAO)
        return true;
    return el == 3 || (el == 2 && !in_host(hcr));
}

/* ---- faults --------------------------------------------------------------------------------- */

static bool fail(struct arm64_walk *w, const struct table *t, unsigned fsc, unsigned level)
{
    w->fsc = (uint8_t)(fsc + level);
    w->second = t && t->second;
    return false;
}

static bool is_external(unsigned fsc)
{
    return fsc == FSC_EXTERNAL || (fsc >= FSC_EXTERNAL_WALK && fsc < FSC_EXTERNAL_WALK + 4);
}

/* The least level that an abort goes to (D1.13.4, AArch64.Abort). */
static unsigned abort_el(const struct arm_cpu *a, bool external, bool second)
{
    if (external && arm_has(a, ARM_EL3) && a->sys64.scr & SCR_EA)
        return 3;
    if (a->sys64.el < 2 && (second || (external && arm64_hcr(a) & HCR_TEA)))
        return 2;
    return 1;
}

static void raise_abort(struct arm_cpu *a, uint64_t va, enum access_type type, uint32_t iss, unsigned min_el)
    __attribute__((noreturn));
static void raise_abort(struct arm_cpu *a, uint64_t va, enum access_type type, uint32_t iss, unsigned min_el)
{
    if (type == ACCESS_EXEC)
        arm64_raise(a, ESR_SYNDROME(EC_IABT_LOWER, iss), va, min_el);
    if (type == ACCESS_STORE)
        iss |= ISS_WNR;
    arm64_raise(a, ESR_SYNDROME(EC_DABT_LOWER, iss), va, min_el);
}

void arm64_unaligned(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view)
{
    (void)view;
    raise_abort(ARM_CPU(cpu), va, type, FSC_ALIGNMENT, 1);
}

void arm64_bus_error(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type, unsigned view)
{
    struct arm_cpu *a = ARM_CPU(cpu);

    (void)view;
    (void)paddr;
    raise_abort(a, va, type, FSC_EXTERNAL, abort_el(a, true, false));
}

/* ---- tables --------------------------------------------------------------------------------- */

/* The granule asked for (log2), or, where the CPU lacks it, one that it has. */
static unsigned granule(const struct arm_cpu *a, unsigned want)
{
    uint64_t m = mmfr0(a);
    bool has4 = (m >> 28 & 15) != 15, has16 = m >> 20 & 15, has64 = (m >> 24 & 15) != 15;

    if ((want == 12 && has4) || (want == 14 && has16) || (want == 16 && has64))
        return want;
    return has4 ? 12 : has64 ? 16 : 14;
}

static unsigned granule0(const struct arm_cpu *a, uint64_t tcr)
{
    static const uint8_t tg0[4] = { 12, 16, 14, 12 };

    return granule(a, tg0[tcr >> 14 & 3]);
}

static unsigned granule1(const struct arm_cpu *a, uint64_t tcr)
{
    static const uint8_t tg1[4] = { 12, 14, 12, 16 };

    return granule(a, tg1[tcr >> 30 & 3]);
}

/* Input size of TxSZ; values out of range count as the limit (D8.2.4). */
static unsigned input_size(const struct arm_cpu *a, unsigned tsz, unsigned gran)
{
    unsigned max = !arm_has(a, ARM_TTST) ? 39 : gran == 16 ? 47 : 48;

    return 64 - MAX_OF(16, MIN_OF(tsz, max));
}

/* Is the top byte of the address ignored? */
static bool ignores_top(const struct arm_cpu *a, enum arm64_regime r, uint64_t tcr, uint64_t va, bool exec)
{
    unsigned upper = va >> 55 & 1;
    bool two = arm64_two_ranges(r), tbi = tcr >> (two ? 37 + upper : 20) & 1;
    bool tbid = tcr >> (two ? 51 + upper : 29) & 1;

    return tbi && !(exec && tbid && arm_has(a, ARM_PAUTH));
}

uint64_t arm64_branch_addr(const struct arm_cpu *a, uint64_t va)
{
    enum arm64_regime r = arm64_regime(a);

    if (!ignores_top(a, r, a->sys64.tcr[arm64_regime_el(r)], va, true))
        return va;
    return arm64_two_ranges(r) ? (uint64_t)sextend64(va, 56) : va & mask64(56);
}

/* The address without a tag: what must be all zeros or ones above the input size. */
static uint64_t untagged(struct arm64_walk *w)
{
    uint64_t va = w->va;

    if (ignores_top(w->a, w->regime, w->tcr, va, w->type == ACCESS_EXEC))
        va = (uint64_t)sextend64(va, 56);
    w->aliased = va != w->va;
    return va;
}

/* First level and base of a table of t->size bits of input (D8.2.6): the table is aligned to its size. False: base is beyond the output size. */
static bool place_table(struct table *t, uint64_t ttbr, unsigned level)
{
    unsigned stride = t->granule - 3, index = t->size - (t->granule + stride * (3 - level));

    t->level = (uint8_t)level;
    t->base = ttbr & mask64(48) & ~mask64(index + 3);
    return !(t->base >> t->oa_bits);
}

/* Where the walk of stage 1 begins (D8.2). */
static bool stage1_table(struct arm64_walk *w, struct table *t)
{
    const struct arm_cpu *a = w->a;
    const struct arm_sys64 *s = &a->sys64;
    unsigned el = arm64_regime_el(w->regime), stride, upper = 0, top, attrs = 0;
    uint64_t tcr = w->tcr, va = untagged(w);
    bool off = false, two = arm64_two_ranges(w->regime);

    if (two) {
        upper = va >> 55 & 1;
        off = tcr >> (upper ? 23 : 7) & 1 || (!w->priv && tcr >> (55 + upper) & 1 && arm_has(a, ARM_E0PD));
        attrs = (unsigned)(tcr >> 39 & 3) | (unsigned)(tcr >> (41 + upper) & 1) << 2;
    } else {
        attrs = (unsigned)(tcr >> 21 & 3) | (unsigned)(tcr >> 24 & 1) << 2;
    }
    *t = (struct table){ .granule = (uint8_t)(upper ? granule1(a, tcr) : granule0(a, tcr)),
                         .ha = attrs & 1 && arm_has(a, ARM_HAF), .big_endian = w->sctlr & SCTLR64_EE,
                         .hpd = attrs & 4 && arm_has(a, ARM_HPDS) };
    t->hd = t->ha && attrs & 2 && arm_has(a, ARM_HAFDBS);
    t->size = (uint8_t)input_size(a, tcr >> (upper ? 16 : 0) & 0x3f, t->granule);
    t->oa_bits = (uint8_t)pa_bits(a, tcr >> (two ? 32 : 16) & 7);
    if (off || (upper ? ~va : va) >> t->size)
        return fail(w, t, FSC_TRANSLATION, 0);
    stride = t->granule - 3;
    top = 4 - (t->size - t->granule + stride - 1) / stride;
    if (!place_table(t, upper ? s->ttbr1[el] : s->ttbr0[el], top))
        return fail(w, t, FSC_ADDRESS_SIZE, 0);
    return true;
}

/* Are blocks of the level there (D8.3.1)? */
static bool has_blocks(const struct table *t, unsigned level)
{
    return level == 2 || (level == 1 && t->granule == 12);
}

static bool stage2(struct arm64_walk *w, uint64_t ipa, enum access_type type, bool for_table, uint64_t *pa, unsigned *prot);

/* Descriptor at address `at` of table t, into l. */
static bool read_desc(struct arm64_walk *w, const struct table *t, struct leaf *l, uint64_t at, unsigned level)
{
    uint64_t room;
    unsigned prot;

    l->at = at;
    if (w->tables2 && !t->second && !stage2(w, at, ACCESS_LOAD, true, &at, &prot))
        return false;
    l->host = bus_ram(w->a->cpu.bus, at, &room, &l->readonly);
    if (!l->host || room < 8)
        return fail(w, t, FSC_EXTERNAL_WALK, level);
    /* SAFETY: descriptors are naturally aligned inside one region: single accesses, which other CPUs' writes do not tear. */
    l->desc = __atomic_load_n(l->host, __ATOMIC_RELAXED);
    if (t->big_endian)
        l->desc = __builtin_bswap64(l->desc);
    return true;
}

/* From the first table down to the block or page of ia (D8.2.8). */
static bool descend(struct arm64_walk *w, const struct table *t, uint64_t ia, struct leaf *l)
{
    unsigned stride = t->granule - 3, level = t->level, shift = t->granule + stride * (3 - level);
    unsigned index_bits = t->size - shift;
    uint64_t base = t->base;

    l->limits = 0;
    for (;; level++, shift -= stride, index_bits = stride) {
        if (!read_desc(w, t, l, base | extract64(ia, shift, index_bits) << 3, level))
            return false;
        if (!(l->desc & DESC_VALID) || (level == 3 && !(l->desc & DESC_TABLE)))
            return fail(w, t, FSC_TRANSLATION, level);
        if (level == 3 || !(l->desc & DESC_TABLE))
            break;
        base = l->desc & mask64(48) & ~mask64(t->granule);
        if (base >> t->oa_bits)
            return fail(w, t, FSC_ADDRESS_SIZE, level);
        l->limits |= l->desc;
    }
    if (level < 3 && !has_blocks(t, level))
        return fail(w, t, FSC_TRANSLATION, level);
    l->out = (l->desc & mask64(48) & ~mask64(shift)) | (ia & mask64(shift));
    if (l->out >> t->oa_bits)
        return fail(w, t, FSC_ADDRESS_SIZE, level);
    l->level = (uint8_t)level;
    l->bits = (uint8_t)shift;
    return true;
}

/* Write a descriptor back with access flag or dirty state set (D8.4.6); what others write meanwhile stays, and the walk begins again. Code
 * made from the bytes of a table would not notice. */
static bool update(struct arm64_walk *w, const struct table *t, struct leaf *l, uint64_t desc)
{
    uint64_t old = l->desc, val = desc;

    if (desc == old || !w->update)
        return true;
    if (l->readonly)
        return fail(w, t, FSC_UNSUPPORTED_UPDATE, 0);
    if (t->big_endian) {
        old = __builtin_bswap64(old);
        val = __builtin_bswap64(val);
    }
    /* SAFETY: as in read_desc. */
    if (!__atomic_compare_exchange_n(l->host, &old, val, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
        w->again = true;
        return false;
    }
    l->desc = desc;
    return true;
}

static bool allowed(unsigned prot, enum access_type type)
{
    static const uint8_t need[] = { [ACCESS_LOAD] = PROT_R, [ACCESS_STORE] = PROT_W, [ACCESS_EXEC] = PROT_X };

    return prot & need[type];
}

/* ---- stage 2 -------------------------------------------------------------------------------- */

/* Where it begins (D8.2.7): up to 16 tables side by side at the first level. */
static bool stage2_table(struct arm64_walk *w, uint64_t ipa, struct table *t)
{
    const struct arm_cpu *a = w->a;
    uint64_t vtcr = a->sys64.vtcr;
    unsigned sl0 = vtcr >> 6 & 3, stride, level, pa = pa_bits(a, 7);
    int index;

    *t = (struct table){ .granule = (uint8_t)granule0(a, vtcr), .second = true, .oa_bits = (uint8_t)pa_bits(a, vtcr >> 16 & 7),
                         .ha = vtcr >> 21 & 1 && arm_has(a, ARM_HAF), .big_endian = a->sys64.sctlr[2] & SCTLR64_EE };
    t->hd = t->ha && vtcr >> 22 & 1 && arm_has(a, ARM_HAFDBS);
    t->size = (uint8_t)input_size(a, vtcr & 0x3f, t->granule);
    stride = t->granule - 3;
    if (sl0 == 3 && (t->granule != 12 || !arm_has(a, ARM_TTST)))
        return fail(w, t, FSC_TRANSLATION, 0);
    level = sl0 == 3 ? 3 : (t->granule == 12 ? 2 : 3) - sl0;
    index = (int)t->size - (int)(t->granule + stride * (3 - level));
    if (ipa >> t->size || index < 1 || index > (int)stride + 4)
        return fail(w, t, FSC_TRANSLATION, 0);
    if (sl0 == 2 && pa < (t->granule == 14 ? 42 : 44))
        return fail(w, t, FSC_TRANSLATION, 0);
    if (!place_table(t, a->sys64.vttbr, level))
        return fail(w, t, FSC_ADDRESS_SIZE, 0);
    return true;
}

/* D8.4.2, D8.4.3 */
static unsigned stage2_prot(const struct arm64_walk *w, uint64_t desc)
{
    unsigned prot = (desc & DESC_AP1 ? PROT_R : 0) | (desc & DESC_AP2 ? PROT_W : 0);
    unsigned xn = desc >> DESC_PXN_BIT & 3;
    bool exec = !(xn & 2);

    if (arm_has(w->a, ARM_XNX))
        exec = xn == 0 || xn == (w->priv ? 3 : 1);
    return prot | (exec ? PROT_X : 0);
}

/* Physical address of ipa and what may be done there. for_table: it is a descriptor of stage 1's, and the type says whether it is to be
 * written. */
static bool stage2(struct arm64_walk *w, uint64_t ipa, enum access_type type, bool for_table, uint64_t *pa, unsigned *prot)
{
    struct table t;
    struct leaf l;
    uint64_t desc;

    w->ipa = ipa;
    w->s1ptw = for_table;
    if (!stage2_table(w, ipa, &t) || !descend(w, &t, ipa, &l))
        return false;
    desc = l.desc | (t.ha ? DESC_AF : 0);
    if (!(desc & DESC_AF))
        return fail(w, &t, FSC_ACCESS_FLAG, l.level);
    if (t.hd && desc & DESC_DBM && type == ACCESS_STORE)
        desc |= DESC_AP2;
    *prot = stage2_prot(w, desc);
    if (!allowed(*prot, type))
        return fail(w, &t, FSC_PERMISSION, l.level);
    if (for_table && !(desc & 0x30) && arm64_hcr(w->a) & HCR_PTW)
        return fail(w, &t, FSC_PERMISSION, l.level);       /* tables in Device memory */
    if (!update(w, &t, &l, desc))
        return false;
    if (!for_table)
        w->desc2 = desc;
    w->s1ptw = false;
    *pa = l.out;
    return true;
}

/* ---- stage 1 -------------------------------------------------------------------------------- */

/* D8.4.1 to D8.4.4. limits: of tables. */
static unsigned stage1_prot(const struct arm64_walk *w, uint64_t desc, uint64_t limits)
{
    bool ro = desc & DESC_AP2 || limits >> DESC_READ_ONLY & 1, user = desc & DESC_AP1 && !(limits >> DESC_NO_EL0 & 1);
    bool xn = (desc >> DESC_UXN_BIT | limits >> DESC_UXN_TABLE) & 1, pxn = (desc >> DESC_PXN_BIT | limits >> DESC_PXN_TABLE) & 1;
    bool wxn = w->sctlr & SCTLR64_WXN;
    unsigned prot = PROT_R | (ro ? 0 : PROT_W);

    if (!arm64_two_ranges(w->regime)) {
        xn |= wxn && !ro;
    } else if (w->priv) {
        xn = pxn || (!ro && (user || wxn));
        if (w->pan && user)
            prot = 0;
    } else {
        if (!user)
            prot = 0;
        xn |= wxn && prot & PROT_W;
    }
    if (w->ns && w->secure && w->a->sys64.scr & SCR_SIF)
        xn = true;
    return prot | (xn ? 0 : PROT_X);
}

/* Access flag and dirty state are written when the whole translation has succeeded. */
static bool stage1_update(struct arm64_walk *w, const struct table *t, struct leaf *l, uint64_t desc)
{
    uint64_t pa;
    unsigned prot;

    if (desc == l->desc || !w->update)
        return true;
    if (w->tables2 && !stage2(w, l->at, ACCESS_STORE, true, &pa, &prot))
        return false;
    return update(w, t, l, desc);
}

static bool finish(struct arm64_walk *w)
{
    unsigned prot;

    if (!w->stage2)
        return true;
    if (!stage2(w, w->paddr, w->type, false, &w->paddr, &prot))
        return false;
    w->prot &= (uint8_t)prot;
    return true;
}

/* Stage 1 is off: addresses are as they are (D8.2.12). */
static bool flat(struct arm64_walk *w)
{
    w->paddr = untagged(w);
    if (w->aliased)
        w->paddr &= mask64(56);
    if (w->paddr >> pa_bits(w->a, 7))
        return fail(w, NULL, FSC_ADDRESS_SIZE, 0);
    w->prot = PROT_R | PROT_W | PROT_X;
    w->page_bits = TLB_PAGE_BITS;
    w->global = true;
    w->ns = !w->secure;
    return finish(w);
}

static bool mapped(struct arm64_walk *w)
{
    struct table t;
    struct leaf l;
    uint64_t desc;
    bool clean;

    if (!stage1_table(w, &t) || !descend(w, &t, w->va, &l))
        return false;
    desc = l.desc | (t.ha ? DESC_AF : 0);
    if (!(desc & DESC_AF))
        return fail(w, &t, FSC_ACCESS_FLAG, l.level);
    w->ns = !w->secure || (desc >> DESC_NS_BIT | l.limits >> DESC_NS_TABLE) & 1;
    w->global = !arm64_two_ranges(w->regime) ||
                !(desc >> DESC_NG_BIT & 1 || (w->secure && l.limits >> DESC_NS_TABLE & 1));
    clean = t.hd && desc & DESC_DBM && desc & DESC_AP2;
    if (clean)
        desc &= ~DESC_AP2;
    if (t.hpd)
        l.limits &= ~TABLE_LIMITS;
    w->prot = (uint8_t)stage1_prot(w, desc, l.limits);
    if (clean && w->type != ACCESS_STORE) {
        w->prot &= ~PROT_W;
        desc |= DESC_AP2;
    }
    if (!allowed(w->prot, w->type))
        return fail(w, &t, FSC_PERMISSION, l.level);
    w->paddr = l.out;
    w->page_bits = l.bits;
    w->desc1 = desc;
    return finish(w) && stage1_update(w, &t, &l, desc);
}

void arm64_walk_begin(struct arm64_walk *w, struct arm_cpu *a, enum arm64_regime regime)
{
    uint64_t hcr = arm64_hcr(a);

    *w = (struct arm64_walk){ .a = a, .regime = regime, .tcr = a->sys64.tcr[arm64_regime_el(regime)],
                              .sctlr = regime_sctlr(a, regime, hcr) };
    w->secure = regime == REGIME_EL3 || (regime == REGIME_EL10 && arm64_secure_below_el3(a));
    w->tables2 = w->stage2 = regime == REGIME_EL10 && hcr & (HCR_VM | HCR_DC);
}

bool arm64_walk(struct arm64_walk *w)
{
    bool ok;

    for (unsigned i = 0; i < UPDATE_TRIES; i++) {
        w->again = false;
        ok = w->sctlr & SCTLR64_M ? mapped(w) : flat(w);
        if (!w->again)
            return ok;
    }
    return fail(w, NULL, FSC_UNSUPPORTED_UPDATE, 0);
}

/* ---- entry points --------------------------------------------------------------------------- */

void arm64_walk_raise(struct arm64_walk *w, uint32_t iss)
{
    if (w->second) {
        w->a->cpu.exception_extra = w->ipa >> TLB_PAGE_BITS << 4 | EXTRA_HPFAR;
        if (w->s1ptw)
            iss |= ISS_S1PTW;
        else if (w->type != ACCESS_EXEC && w->update)
            iss |= arm64_access_syndrome(w->a);
    }
    raise_abort(w->a, w->va, w->type, iss | w->fsc, abort_el(w->a, is_external(w->fsc), w->second));
}

bool arm64_tlb_fill(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe, struct tlb_fill *r)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    struct arm64_walk w;

    arm64_walk_begin(&w, a, arm64_regime(a));
    w.va = va;
    w.type = type;
    w.priv = view_priv(a, view, arm64_hcr(a));
    w.pan = w.priv && a->sys64.pstate & PSTATE_PAN;
    w.update = true;
    if (!arm64_walk(&w)) {
        if (!probe)
            arm64_walk_raise(&w, 0);
        return false;
    }
    *r = (struct tlb_fill){ .paddr = w.paddr & TLB_PAGE_MASK, .prot = w.prot, .global = w.global, .page_bits = w.page_bits,
                            .shared = arm64_two_ranges(w.regime) && va >> 55 & 1, .aliased = w.aliased,
                            .guarded = w.desc1 & DESC_GP && arm_has(a, ARM_BTI) };
    return true;
}

uint64_t arm64_asid(const struct arm_cpu *a, enum arm64_regime regime, uint64_t val)
{
    bool wide = a->sys64.tcr[arm64_regime_el(regime)] >> 36 & 1 && (mmfr0(a) >> 4 & 15) == 2;

    return val >> 48 & (wide ? 0xffff : 0xff);
}

uint64_t arm64_outer(const struct arm_cpu *a, enum arm64_regime regime)
{
    uint64_t outer = ARM64_OUTER_REGIME(regime), vmid;

    if (regime != REGIME_EL10)
        return outer;
    if (arm64_secure_below_el3(a))
        return outer | ARM64_OUTER_SECURE;
    if (!arm_has(a, ARM_EL2))
        return outer;
    vmid = a->sys64.vttbr >> 48;
    if (!(a->sys64.vtcr >> 19 & 1) || !arm_has(a, ARM_VMID16))
        vmid &= 0xff;
    return outer | vmid << ARM64_OUTER_VMID_SHIFT;
}

/* tlb_key.rights, beside bits of SCTLR at their places */
#define RIGHTS_SCTLR (SCTLR64_M | SCTLR64_WXN | SCTLR64_EE)
#define RIGHTS_PRIV ((uint64_t)1 << 32)
#define RIGHTS_PAN  ((uint64_t)1 << 33)
#define RIGHTS_DC   ((uint64_t)1 << 34)
#define RIGHTS_PTW  ((uint64_t)1 << 35)
#define RIGHTS_SIF  ((uint64_t)1 << 36)
#define TTBR_BADDR  (mask64(48) & ~(uint64_t)1)

/* space: ASID and TTBR0's table (a guest that writes the two one after the other gets a context of its own in between); shared: TTBR1's. EL0's
 * contexts have nothing in common with others: hardly anything that it sees is shared. */
bool arm64_tlb_key(const struct cpu *cpu, unsigned view, struct tlb_key *key)
{
    const struct arm_cpu *a = ARM_CPU(cpu);
    const struct arm_sys64 *s = &a->sys64;
    enum arm64_regime r = arm64_regime(a);
    unsigned el = arm64_regime_el(r);
    uint64_t hcr = arm64_hcr(a), sctlr = regime_sctlr(a, r, hcr), outer = arm64_outer(a, r), rights = 0;
    bool priv;

    if (view > ARM_VIEW_USER)
        return false;
    priv = view_priv(a, view, hcr);
    if (r == REGIME_EL10 && hcr & (HCR_VM | HCR_DC)) {
        outer |= ARM64_OUTER_STAGE2;
        rights |= (hcr & HCR_DC ? RIGHTS_DC : 0) | (hcr & HCR_PTW ? RIGHTS_PTW : 0) | (priv ? RIGHTS_PRIV : 0);
    }
    if (!(sctlr & SCTLR64_M)) {
        *key = (struct tlb_key){ .outer = outer, .rights = rights };
        return true;
    }
    rights |= (sctlr & RIGHTS_SCTLR) | (priv ? RIGHTS_PRIV : 0) | (priv && s->pstate & PSTATE_PAN ? RIGHTS_PAN : 0);
    if (s->scr & SCR_SIF && arm64_is_secure(a))
        rights |= RIGHTS_SIF;
    *key = (struct tlb_key){ .space = s->ttbr0[el] & TTBR_BADDR, .outer = outer, .rights = rights };
    if (arm64_two_ranges(r)) {
        key->space |= arm64_asid(a, r, s->tcr[el] >> 22 & 1 ? s->ttbr1[el] : s->ttbr0[el]) << ARM64_SPACE_ASID_SHIFT;
        key->shared = s->ttbr1[el] & TTBR_BADDR;
        key->common = priv;
    }
    return true;
}

#define OUTER_REGIME_MASK 0xff

void arm64_translation_changed(struct arm_cpu *a, enum arm64_regime regime)
{
    tlb_flush_scope(&a->cpu, &(struct tlb_scope){ .outer = ARM64_OUTER_REGIME(regime), .outer_mask = OUTER_REGIME_MASK }, false);
    if (regime == REGIME_EL2)        /* one set of registers */
        arm64_translation_changed(a, REGIME_EL20);
    a->cpu.mode_changed = true;
}
