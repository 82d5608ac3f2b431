/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMSAv7 address translation: short descriptors (DDI 0406C B3.5), long descriptors (B3.6) of stage 1, Hyp mode and stage 2, permissions
 * (B3.7), faults (B3.13).
 * Memory attributes are not modelled: all memory behaves as Normal, devices decide for themselves.
 */
#include "config.h"
#include "softmmu/bus.h"
#include "softmmu/tlb.h"
#include "target-arm/system.h"
#include "util/bits.h"

struct walk {
    struct arm_cpu *a;
    uint32_t va;
    enum access_type type;
    enum arm_regime regime;
    bool priv;
    bool stage2;             /* what stage 1 gives goes on to stage 2, as do the addresses of its tables */
    bool first_only;         /* but only those of its tables */
    const struct arm_cp15_bank *c;   /* of the regime; of Hyp mode: unused */
    uint32_t sctlr;          /* as it acts: HSCTLR in Hyp mode */
    struct tlb_fill *out;
    /* why it failed */
    enum arm_fault fault;
    unsigned level, domain;
    bool second, s1ptw;      /* in stage 2; for a table of stage 1 */
    uint64_t ipa;            /* there */
};

/* FSR or the low bits of HSR's ISS: long format. */
static uint32_t long_status(enum arm_fault fault, unsigned level)
{
    static const uint8_t base[] = { 0x21, 0x22, 0x04, 0x08, 0x3c, 0x0c, 0x10, 0x14 };
    bool has_level = fault == FAULT_TRANSLATION || fault == FAULT_ACCESS_FLAG || fault == FAULT_PERMISSION ||
                     fault == FAULT_EXTERNAL_WALK;

    return base[fault] + (has_level ? level : 0);
}

static uint32_t short_status(enum arm_fault fault, unsigned level)
{
    static const uint8_t short_l1[] = { 0x01, 0x02, 0x05, 0x03, 0x09, 0x0d, 0x08, 0x0c };
    static const uint8_t short_l2[] = { 0x01, 0x02, 0x07, 0x06, 0x0b, 0x0f, 0x08, 0x0e };

    return (level == 2 ? short_l2 : short_l1)[fault];
}

uint32_t arm_fsr(const struct arm_cpu *a, enum arm_fault fault, unsigned level,
                 unsigned domain, bool write)
{
    uint32_t wnr = write ? FSR_WNR : 0;

    if (arm_bank(a)->ttbcr & SCTLR_EAE)
        return FSR_LPAE | wnr | long_status(fault, level);
    return wnr | domain << 4 | short_status(fault, level);
}

static bool fail(struct walk *w, enum arm_fault fault, unsigned level)
{
    w->fault = fault;
    w->level = level;
    return false;
}

/* ---- permissions ---------------------------------------------------------------------------- */

/* PROT_R/W of AP[2:0] for the walk's privilege (B3.7.1). */
static unsigned ap_prot(const struct walk *w, unsigned ap)
{
    bool afe = w->sctlr & SCTLR_AFE;

    if (afe)
        ap |= 1;             /* AP[0] is the access flag: the model is AP[2:1] */
    switch (ap) {
    case 1:
        return w->priv ? PROT_R | PROT_W : 0;
    case 2:
        return w->priv ? PROT_R | PROT_W : PROT_R;
    case 3:
        return PROT_R | PROT_W;
    case 5:
        return w->priv ? PROT_R : 0;
    case 6:
    case 7:
        return PROT_R;
    default:
        return 0;
    }
}

/* Execute permission from XN, PXN and the write-implies-XN controls (B3.7.2). user_write: PL0 may write. */
static unsigned exec_prot(const struct walk *w, unsigned prot, bool xn, bool pxn,
                          bool user_write)
{
    uint32_t sctlr = w->sctlr;

    if (!(prot & PROT_R) || xn)
        return 0;
    if (sctlr & SCTLR_WXN && prot & PROT_W)
        return 0;
    if (w->priv && (pxn || (sctlr & SCTLR_UWXN && user_write)))
        return 0;
    return PROT_X;
}

static bool allowed(const struct walk *w, unsigned prot)
{
    static const uint8_t need[] = { [ACCESS_LOAD] = PROT_R, [ACCESS_STORE] = PROT_W,
                                    [ACCESS_EXEC] = PROT_X };

    return prot & need[w->type];
}

/* ---- descriptors ---------------------------------------------------------------------------- */

/* From RAM or ROM only: tables in a device's registers are an external abort. A walk may come from the translator, which holds the
 * code lock and must not wait for the device lock. */
static bool read_phys(struct walk *w, uint64_t paddr, unsigned size, bool big, uint64_t *desc)
{
    uint64_t room;
    const void *p = bus_ram(w->a->cpu.bus, paddr, &room, NULL);

    if (!p || room < size)
        return false;
    /* SAFETY: descriptors are naturally aligned inside one region: single accesses, which other CPUs' writes do not tear. */
    *desc = size == 8 ? __atomic_load_n((const uint64_t *)p, __ATOMIC_RELAXED)
                      : __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED);
    if (big)
        *desc = __builtin_bswap64(*desc) >> (64 - 8 * size);
    return true;
}

#define LONG_ADDR 0x000000fffffff000ull

static bool fail_second(struct walk *w, uint64_t ipa, enum arm_fault fault, unsigned level)
{
    w->second = true;
    w->ipa = ipa;
    return fail(w, fault, level);
}

/* What a stage 2 walk found. */
struct second {
    uint64_t paddr;
    unsigned prot, bits;
};

/* Level 1 or 2 first, by VTCR.SL0, with up to 16 tables side by side; IPAs of 25 to 40 bits, by T0SZ (B3.6.4). */
static bool begin_second(const struct arm_cpu *a, uint64_t ipa, unsigned *level, unsigned *size)
{
    int t0sz = (int)(a->cp15.vtcr & 15);
    unsigned sl0 = a->cp15.vtcr >> 6 & 3, index;

    *size = (unsigned)(32 - (t0sz & 8 ? t0sz - 16 : t0sz));
    *level = 2 - sl0;
    if (sl0 > 1 || ipa >> *size)
        return false;
    index = *size - MIN(*size, 39 - 9 * *level);
    return index >= 1 && index <= 13;
}

static bool finish_second(struct walk *w, uint64_t ipa, uint64_t d, unsigned level, struct second *s)
{
    s->bits = 39 - 9 * level;
    if (!(d & 1 << 10))
        return fail_second(w, ipa, FAULT_ACCESS_FLAG, level);
    s->prot = (d & 1 << 6 ? PROT_R : 0) | (d & 1 << 7 ? PROT_W : 0);
    if (s->prot & PROT_R && !(d >> 54 & 1))
        s->prot |= PROT_X;
    s->paddr = (d & LONG_ADDR & ~mask64(s->bits)) | (ipa & mask64(s->bits));
    return true;
}

/* Stage 2 (B3.6). need: PROT_* that the access must have. False: w says why. */
static bool walk_second_stage(struct walk *w, uint64_t ipa, unsigned need, struct second *s)
{
    const struct arm_cpu *a = w->a;
    unsigned level, size;
    uint64_t base, d;

    if (!begin_second(a, ipa, &level, &size))
        return fail_second(w, ipa, FAULT_TRANSLATION, 1);
    base = a->cp15.vttbr & 0x000000ffffffffffull & ~mask64(size - (39 - 9 * level) + 3);
    for (unsigned high = size;; level++) {
        unsigned shift = 39 - 9 * level;

        if (!read_phys(w, base | (ipa & mask64(high)) >> shift << 3, 8, a->cp15.hsctlr & SCTLR_EE, &d))
            return fail_second(w, ipa, FAULT_EXTERNAL_WALK, level);
        if (!(d & 1) || (level == 3 && !(d & 2)))
            return fail_second(w, ipa, FAULT_TRANSLATION, level);
        if (level == 3 || !(d & 2))
            break;
        base = d & LONG_ADDR;
        high = shift;
    }
    if (!finish_second(w, ipa, d, level, s))
        return false;
    return (s->prot & need) == need || fail_second(w, ipa, FAULT_PERMISSION, level);
}

/* A table of stage 1. level: to blame. */
static bool read_desc(struct walk *w, uint64_t addr, unsigned size, unsigned level, uint64_t *desc)
{
    struct second s;

    if (w->stage2) {
        if (!walk_second_stage(w, addr, PROT_R, &s)) {
            w->s1ptw = true;
            return false;
        }
        addr = s.paddr;
    }
    return read_phys(w, addr, size, w->sctlr & SCTLR_EE, desc) || fail(w, FAULT_EXTERNAL_WALK, level);
}

/* The end of a walk: stage 1's page in w->out, for the whole address in paddr, goes through stage 2. */
static bool finish_walk(struct walk *w, uint64_t paddr)
{
    static const uint8_t need[] = { [ACCESS_LOAD] = PROT_R, [ACCESS_STORE] = PROT_W, [ACCESS_EXEC] = PROT_X };
    struct tlb_fill *r = w->out;
    struct second s;

    r->paddr = paddr & TLB_PAGE_MASK;
    if (!w->stage2 || w->first_only)
        return true;
    if (!walk_second_stage(w, paddr, need[w->type], &s))
        return false;
    r->paddr = s.paddr & TLB_PAGE_MASK;
    r->prot &= (uint8_t)s.prot;
    return true;
}

/* A short descriptor's attributes, gathered from either level. */
struct short_attrs {
    uint64_t paddr;          /* of the mapping */
    unsigned bits;           /* its size */
    unsigned ap, domain, level;
    bool xn, pxn, global;
};

static bool finish_short(struct walk *w, const struct short_attrs *s)
{
    unsigned access = w->c->dacr >> (2 * s->domain) & 3, prot;
    struct tlb_fill *r = w->out;

    w->domain = s->domain;
    if (w->sctlr & SCTLR_AFE && !(s->ap & 1))
        return fail(w, FAULT_ACCESS_FLAG, s->level);
    if (access == 0 || access == 2)
        return fail(w, FAULT_DOMAIN, s->level);
    if (access == 3) {
        prot = PROT_R | PROT_W | PROT_X;       /* manager: nothing is checked */
    } else {
        prot = ap_prot(w, s->ap);
        prot |= exec_prot(w, prot, s->xn, s->pxn, s->ap == 3);
    }
    if (!allowed(w, prot))
        return fail(w, FAULT_PERMISSION, s->level);
    r->prot = (uint8_t)prot;
    r->global = s->global;
    r->page_bits = (uint8_t)s->bits;
    return finish_walk(w, s->paddr | (w->va & mask64(s->bits)));
}

static bool walk_section(struct walk *w, uint32_t d)
{
    struct short_attrs s = {
        .ap = (d >> 15 & 1) << 2 | (d >> 10 & 3), .domain = d >> 5 & 15, .level = 1,
        .xn = d & 1 << 4, .pxn = d & 1, .global = !(d & 1 << 17) };

    if (d & 1 << 18) {       /* supersection: domain 0, 40-bit base */
        s.bits = 24;
        s.paddr = (d & 0xff000000u) | (uint64_t)(d >> 20 & 15) << 32 |
                  (uint64_t)(d >> 5 & 15) << 36;
        s.domain = 0;
    } else {
        s.bits = 20;
        s.paddr = d & 0xfff00000u;
    }
    return finish_short(w, &s);
}

static bool walk_second(struct walk *w, uint32_t l1)
{
    struct short_attrs s = { .domain = l1 >> 5 & 15, .level = 2, .pxn = l1 & 1 << 2 };
    uint64_t d;

    w->domain = s.domain;
    if (!read_desc(w, (l1 & 0xfffffc00u) | (w->va >> 12 & 0xff) << 2, 4, 2, &d))
        return false;
    if (!(d & 3))
        return fail(w, FAULT_TRANSLATION, 2);
    s.ap = (d >> 9 & 1) << 2 | (d >> 4 & 3);
    s.global = !(d & 1 << 11);
    if (d & 2) {
        s.bits = 12;
        s.paddr = d & 0xfffff000u;
        s.xn = d & 1;
    } else {
        s.bits = 16;
        s.paddr = d & 0xffff0000u;
        s.xn = d & 1 << 15;
    }
    return finish_short(w, &s);
}

static bool walk_short(struct walk *w)
{
    const struct arm_cp15_bank *c = w->c;
    unsigned n = c->ttbcr & 7;
    uint64_t base, d;

    if (n && w->va >> (32 - n)) {
        if (c->ttbcr & 1 << 5)
            return fail(w, FAULT_TRANSLATION, 1);
        base = c->ttbr1 & 0xffffc000u;
        n = 0;
    } else {
        if (c->ttbcr & 1 << 4)
            return fail(w, FAULT_TRANSLATION, 1);
        base = c->ttbr0 & (0xffffffffu << (14 - n));
    }
    base |= (w->va << n >> n) >> 20 << 2;
    if (!read_desc(w, base, 4, 1, &d))
        return false;
    switch (d & 3) {
    case 0:
        return fail(w, FAULT_TRANSLATION, 1);
    case 1:
        return walk_second(w, (uint32_t)d);
    default:
        return walk_section(w, (uint32_t)d);
    }
}

/* ---- long descriptors ----------------------------------------------------------------------- */

/* Restrictions that table descriptors hand down. */
struct long_limits {
    bool no_user, read_only, xn, pxn;
};

static bool finish_long(struct walk *w, uint64_t d, unsigned level,
                        const struct long_limits *lim)
{
    unsigned bits = 39 - 9 * level, prot = PROT_R;
    bool hyp = w->regime == ARM_REGIME_HYP, user = (d & 1 << 6) && !lim->no_user && !hyp;
    bool ro = (d & 1 << 7) || lim->read_only;
    struct tlb_fill *r = w->out;

    if (!(d & 1 << 10))
        return fail(w, FAULT_ACCESS_FLAG, level);
    if (!ro)
        prot |= PROT_W;
    if (!user && !w->priv)
        prot = 0;
    prot |= exec_prot(w, prot, (d >> 54 & 1) || lim->xn, !hyp && ((d >> 53 & 1) || lim->pxn),
                      user && !ro);
    if (!allowed(w, prot))
        return fail(w, FAULT_PERMISSION, level);
    r->prot = (uint8_t)prot;
    r->global = hyp || !(d & 1 << 11);
    r->page_bits = (uint8_t)bits;
    return finish_walk(w, (d & LONG_ADDR & ~mask64(bits)) | (w->va & mask64(bits)));
}

/* Table base and input size for the address, or false when neither register covers it. */
static bool long_base(const struct walk *w, uint64_t *base, unsigned *size)
{
    const struct arm_cp15_bank *c = w->c;
    unsigned t0 = c->ttbcr & 7, t1 = c->ttbcr >> 16 & 7;
    uint64_t va = w->va, top0 = (uint64_t)1 << (32 - t0);
    uint64_t bottom1 = t1 ? ((uint64_t)1 << 32) - ((uint64_t)1 << (32 - t1)) : top0;

    if (w->regime == ARM_REGIME_HYP) {
        *base = w->a->cp15.httbr;
        *size = 32 - (w->a->cp15.htcr & 7);
        return !(va >> *size);
    }
    if (va < top0 && (t0 || !t1 || va < bottom1)) {
        *base = c->ttbr0;
        *size = 32 - t0;
        return !(c->ttbcr & 1 << 7);
    }
    if (va >= bottom1) {
        *base = c->ttbr1;
        *size = 32 - t1;
        return !(c->ttbcr & 1 << 23);
    }
    return false;
}

static bool walk_long(struct walk *w)
{
    struct long_limits lim = { false, false, false, false };
    unsigned size, level;
    uint64_t base, d;

    if (!long_base(w, &base, &size))
        return fail(w, FAULT_TRANSLATION, 1);
    level = size > 30 ? 1 : 2;
    base &= LONG_ADDR | 0xff8;
    base &= ~(((uint64_t)1 << (size - (39 - 9 * level) + 3)) - 1);
    for (;; level++) {
        unsigned shift = 39 - 9 * level;
        uint64_t index = (w->va & (((uint64_t)1 << size) - 1)) >> shift;

        if (!read_desc(w, base | (index & 0x1ff) << 3, 8, level, &d))
            return false;
        if (!(d & 1) || (level == 3 && !(d & 2)))
            return fail(w, FAULT_TRANSLATION, level);
        if (level == 3 || !(d & 2))
            return finish_long(w, d, level, &lim);
        lim.no_user |= d >> 61 & 1;
        lim.read_only |= d >> 62 & 1;
        lim.xn |= d >> 60 & 1;
        lim.pxn |= d >> 59 & 1;
        base = d & LONG_ADDR;
    }
}

/* ---- entry points --------------------------------------------------------------------------- */

enum arm_regime arm_regime(const struct arm_cpu *a)
{
    return arm_in_mode(a, PSR_HYP) ? ARM_REGIME_HYP : arm_in_secure(a) ? ARM_REGIME_SECURE : ARM_REGIME_NS;
}

/* HCR outside Secure state; arm_hcr32 hides it from Hyp and Monitor mode, which may ask for another regime's translation. */
static uint32_t guest_hcr(const struct arm_cpu *a)
{
    return arm_has_hyp(a) ? a->cp15.hcr : 0;
}

bool arm_stage2_on(const struct arm_cpu *a)
{
    return guest_hcr(a) & (HCR_VM | HCR_DC);
}

/* HCR.TGE and DC make Non-secure stage 1 behave as off. */
static uint32_t regime_sctlr(const struct arm_cpu *a, enum arm_regime regime, const struct arm_cp15_bank *c)
{
    if (regime == ARM_REGIME_HYP)
        return a->cp15.hsctlr;
    return regime == ARM_REGIME_NS && guest_hcr(a) & (HCR_TGE | HCR_DC) ? c->sctlr & ~(uint32_t)SCTLR_M : c->sctlr;
}

static const struct arm_cp15_bank *regime_bank(const struct arm_cpu *a, enum arm_regime regime)
{
    bool other = arm_has_monitor(a) && (regime == ARM_REGIME_SECURE) == (a->cp15.scr & 1);

    return other ? &a->cp15.other : &a->cp15.bank;
}

static bool walk(struct walk *w)
{
    bool eae;

    w->c = regime_bank(w->a, w->regime);
    w->sctlr = regime_sctlr(w->a, w->regime, w->c);
    if (!(w->sctlr & SCTLR_M)) {
        *w->out = (struct tlb_fill){ .prot = PROT_R | PROT_W | PROT_X, .global = true, .page_bits = TLB_PAGE_BITS };
        return finish_walk(w, w->va);
    }
    eae = w->regime == ARM_REGIME_HYP || w->c->ttbcr & SCTLR_EAE;
    return eae ? walk_long(w) : walk_short(w);
}

static bool is_priv(const struct arm_cpu *a)
{
    return (a->cpsr & PSR_M_MASK) != PSR_USR;
}

/* Who takes an abort: Hyp mode those of stage 2, its own, and with HCR.TGE those of User mode. */
static bool is_hyps(const struct arm_cpu *a, bool second)
{
    return second || arm_in_mode(a, PSR_HYP) || (!is_priv(a) && arm_hcr32(a) & HCR_TGE);
}

/* HSR's ISS but for what is known of the instruction. */
static uint32_t hyp_iss(const struct walk *w)
{
    uint32_t iss = long_status(w->fault, w->level) | (w->s1ptw ? (uint32_t)ISS_S1PTW : 0);

    return iss | (w->type == ACCESS_STORE ? (uint32_t)ISS_WNR : 0);
}

static void raise_abort(struct walk *w) __attribute__((noreturn));
static void raise_abort(struct walk *w)
{
    struct arm_cpu *a = w->a;
    bool exec = w->type == ACCESS_EXEC, external = w->fault == FAULT_EXTERNAL || w->fault == FAULT_EXTERNAL_WALK;
    uint32_t il = ESR_IL, iss;
    bool monitor = external && arm_has_monitor(a) && a->cp15.scr & SCR_EA;

    a->cpu.exception_extra = monitor ? ARM_EXTRA_MONITOR : 0;
    if (!monitor && is_hyps(a, w->second)) {
        iss = hyp_iss(w);
        if (w->second) {
            a->cpu.exception_extra = (w->ipa >> 12 << 4) | ARM_EXTRA_HPFAR;
            if (!exec && !w->s1ptw)
                iss |= arm_access_syndrome(a, &il);
        }
        arm_raise_hyp(a, (uint32_t)(exec ? EC_IABT_LOWER : EC_DABT_LOWER) << ESR_EC_SHIFT | il | iss, w->va);
    }
    cpu_raise(&a->cpu, exec ? ARM_EXC_PREFETCH_ABORT : ARM_EXC_DATA_ABORT,
              arm_fsr(a, w->fault, w->level, w->domain, w->type == ACCESS_STORE), w->va);
}

bool arm_tlb_fill(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view,
                  bool probe, struct tlb_fill *r)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    enum arm_regime regime = arm_regime(a);
    struct walk w = { .a = a, .va = (uint32_t)va, .type = type, .regime = regime, .out = r,
                      .priv = is_priv(a) && (view != ARM_VIEW_USER || regime == ARM_REGIME_HYP),
                      .stage2 = regime == ARM_REGIME_NS && arm_stage2_on(a) };

    if (walk(&w))
        return true;
    if (!probe)
        raise_abort(&w);
    return false;
}

static void raise_simple(struct cpu *cpu, uint64_t va, enum access_type type, enum arm_fault fault) __attribute__((noreturn));
static void raise_simple(struct cpu *cpu, uint64_t va, enum access_type type, enum arm_fault fault)
{
    struct walk w = { .a = ARM_CPU(cpu), .va = (uint32_t)va, .type = type, .fault = fault, .level = 1 };

    raise_abort(&w);
}

void arm_unaligned(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view)
{
    (void)view;
    raise_simple(cpu, va, type, FAULT_ALIGNMENT);
}

void arm_bus_error(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type,
                   unsigned view)
{
    (void)view;
    (void)paddr;
    raise_simple(cpu, va, type, FAULT_EXTERNAL);
}

static unsigned asid_of(const struct arm_cp15_bank *c)
{
    if (c->ttbcr & SCTLR_EAE)
        return (c->ttbcr & 1 << 22 ? c->ttbr1 : c->ttbr0) >> 48 & 0xff;
    return c->contextidr & 0xff;
}

/* 0 for the one regime of CPUs without the extensions. */
static uint64_t outer_of(const struct arm_cpu *a, enum arm_regime regime)
{
    uint64_t outer = regime;

    if (regime == ARM_REGIME_NS && arm_has_hyp(a))
        outer |= (a->cp15.vttbr >> 48 & 0xff) << ARM_OUTER_VMID_SHIFT | (arm_stage2_on(a) ? ARM_OUTER_STAGE2 : 0);
    return outer;
}

/* space: ASID and TTBR0's table (a guest that writes the two one after the other gets a context of its own in between).
 * rights: DACR, the SCTLR bits that a walk looks at, and the privilege. Writes of TTBCR, TTBR1, HTCR and VTCR flush. */
bool arm_tlb_key(const struct cpu *cpu, unsigned view, struct tlb_key *key)
{
    const struct arm_cpu *a = ARM_CPU(cpu);
    enum arm_regime regime = arm_regime(a);
    const struct arm_cp15_bank *c = regime_bank(a, regime);
    uint32_t sctlr = regime_sctlr(a, regime, c) & (SCTLR_M | SCTLR_WXN | SCTLR_UWXN | SCTLR_EE | SCTLR_AFE);
    bool priv = is_priv(a) && view == ARM_VIEW_CURRENT;
    uint64_t outer = outer_of(a, regime);

    if (view > ARM_VIEW_USER)
        return false;
    if (!(sctlr & SCTLR_M)) {
        *key = (struct tlb_key){ .outer = outer };
        return true;
    }
    if (regime == ARM_REGIME_HYP) {
        *key = (struct tlb_key){ .space = a->cp15.httbr & (LONG_ADDR | 0xfe0), .outer = outer, .rights = sctlr };
        return true;
    }
    *key = (struct tlb_key){
        .space = (uint64_t)asid_of(c) << ARM_KEY_ASID_SHIFT | (c->ttbr0 & LONG_ADDR) | (c->ttbr0 & 0xfe0), .outer = outer,
        .rights = (uint64_t)c->dacr << 32 | sctlr | (priv ? 1u << 31 : 0), .common = priv };
    return true;
}

/* PAR of a failed translation (B4.1.112). */
static uint64_t par_of_fault(const struct walk *w, bool eae)
{
    if (eae)
        return 1 | 1 << 11 | (w->second ? 1u << 9 : 0) | (w->s1ptw ? 1u << 8 : 0) | long_status(w->fault, w->level) << 1;
    return 1 | short_status(w->fault, w->level) << 1;
}

/* A fault of stage 2 in a stage 1 only translation is Hyp mode's (B3.12.7); the formats are TTBCR.EAE's, long where Hyp mode asks. */
void arm_address_translate(struct arm_cpu *a, enum arm_regime regime, uint32_t va, enum access_type type, bool priv, bool both)
{
    bool eae = regime == ARM_REGIME_HYP || arm_in_mode(a, PSR_HYP) || regime_bank(a, regime)->ttbcr & SCTLR_EAE;
    struct tlb_fill r;
    struct walk w = { .a = a, .va = va, .type = type, .regime = regime, .priv = priv, .out = &r };

    w.stage2 = regime == ARM_REGIME_NS && arm_stage2_on(a);
    w.first_only = w.stage2 && !both;
    if (walk(&w))
        a->cp15.par = eae ? (r.paddr & LONG_ADDR) | (uint64_t)0xff << 56 | 1 << 11 | 2 << 7 : r.paddr & 0xfffff000u;
    else if (w.first_only && w.second)
        raise_abort(&w);
    else
        a->cp15.par = par_of_fault(&w, eae);
}

unsigned arm_read_insn(struct arm_cpu *a, uint32_t *insn)
{
    bool thumb = a->cpu.env.pc & ARM_PC_THUMB;
    uint32_t pc = (uint32_t)a->cpu.env.pc & ~1u, half[2];

    for (unsigned i = 0; i < 2; i++) {
        struct tlb_fill r;
        struct walk w = { .a = a, .va = pc + 2 * i, .type = ACCESS_EXEC, .regime = arm_regime(a), .priv = is_priv(a), .out = &r };
        uint64_t v;

        w.stage2 = w.regime == ARM_REGIME_NS && arm_stage2_on(a);
        if (!walk(&w) || !read_phys(&w, r.paddr | (w.va & ~TLB_PAGE_MASK), 2, false, &v))
            return 0;
        half[i] = (uint32_t)v & 0xffff;
        if (i == 0 && thumb && half[0] >> 11 < 0x1d) {
            *insn = half[0];
            return 2;
        }
    }
    *insn = thumb ? half[0] << 16 | half[1] : half[1] << 16 | half[0];
    return 4;
}
