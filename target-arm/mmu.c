/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMSAv7 address translation, stage 1: short descriptors (DDI 0406C B3.5), long descriptors (B3.6), permissions (B3.7), faults (B3.13).
 * Memory attributes are not modelled: all memory behaves as Normal, devices decide for themselves.
 */
#include "config.h"
#include "softmmu/bus.h"
#include "target-arm/system.h"
#include "util/bits.h"

struct walk {
    struct arm_cpu *a;
    uint32_t va;
    enum access_type type;
    bool priv;
    struct tlb_fill *out;
    /* why it failed */
    enum arm_fault fault;
    unsigned level, domain;
};

uint32_t arm_fsr(const struct arm_cpu *a, enum arm_fault fault, unsigned level,
                 unsigned domain, bool write)
{
    static const uint8_t short_l1[] = { 0x01, 0x02, 0x05, 0x03, 0x09, 0x0d, 0x08, 0x0c };
    static const uint8_t short_l2[] = { 0x01, 0x02, 0x07, 0x06, 0x0b, 0x0f, 0x08, 0x0e };
    static const uint8_t long_base[] = { 0x21, 0x22, 0x04, 0x08, 0x3c, 0x0c, 0x10, 0x14 };
    uint32_t wnr = write ? FSR_WNR : 0;

    if (a->cp15.ttbcr & SCTLR_EAE) {
        bool has_level = fault == FAULT_TRANSLATION || fault == FAULT_ACCESS_FLAG ||
                         fault == FAULT_PERMISSION || fault == FAULT_EXTERNAL_WALK;

        return FSR_LPAE | wnr | (long_base[fault] + (has_level ? level : 0));
    }
    return wnr | domain << 4 | (level == 2 ? short_l2 : short_l1)[fault];
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
    bool afe = w->a->cp15.sctlr & SCTLR_AFE;

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
    uint32_t sctlr = w->a->cp15.sctlr;

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
static bool read_desc(struct walk *w, uint64_t paddr, unsigned size, uint64_t *desc)
{
    uint64_t room;
    const void *p = bus_ram(w->a->cpu.bus, paddr, &room, NULL);

    if (!p || room < size)
        return false;
    /* SAFETY: descriptors are naturally aligned inside one region: single accesses, which other CPUs' writes do not tear. */
    *desc = size == 8 ? __atomic_load_n((const uint64_t *)p, __ATOMIC_RELAXED)
                      : __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED);
    if (w->a->cp15.sctlr & SCTLR_EE)
        *desc = __builtin_bswap64(*desc) >> (64 - 8 * size);
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
    unsigned access = w->a->cp15.dacr >> (2 * s->domain) & 3, prot;
    struct tlb_fill *r = w->out;

    w->domain = s->domain;
    if (w->a->cp15.sctlr & SCTLR_AFE && !(s->ap & 1))
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
    r->paddr = (s->paddr | (w->va & (((uint64_t)1 << s->bits) - 1))) & TLB_PAGE_MASK;
    r->prot = (uint8_t)prot;
    r->global = s->global;
    r->page_bits = (uint8_t)s->bits;
    return true;
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
    if (!read_desc(w, (l1 & 0xfffffc00u) | (w->va >> 12 & 0xff) << 2, 4, &d))
        return fail(w, FAULT_EXTERNAL_WALK, 2);
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
    const struct arm_cp15 *c = &w->a->cp15;
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
    if (!read_desc(w, base, 4, &d))
        return fail(w, FAULT_EXTERNAL_WALK, 1);
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

#define LONG_ADDR 0x000000fffffff000ull

/* Restrictions that table descriptors hand down. */
struct long_limits {
    bool no_user, read_only, xn, pxn;
};

static bool finish_long(struct walk *w, uint64_t d, unsigned level,
                        const struct long_limits *lim)
{
    unsigned bits = 39 - 9 * level, prot = PROT_R;
    bool user = (d & 1 << 6) && !lim->no_user;
    bool ro = (d & 1 << 7) || lim->read_only;
    struct tlb_fill *r = w->out;

    if (!(d & 1 << 10))
        return fail(w, FAULT_ACCESS_FLAG, level);
    if (!ro)
        prot |= PROT_W;
    if (!user && !w->priv)
        prot = 0;
    prot |= exec_prot(w, prot, (d >> 54 & 1) || lim->xn, (d >> 53 & 1) || lim->pxn,
                      user && !ro);
    if (!allowed(w, prot))
        return fail(w, FAULT_PERMISSION, level);
    r->paddr = ((d & LONG_ADDR & ~(((uint64_t)1 << bits) - 1)) |
                (w->va & (((uint64_t)1 << bits) - 1))) & TLB_PAGE_MASK;
    r->prot = (uint8_t)prot;
    r->global = !(d & 1 << 11);
    r->page_bits = (uint8_t)bits;
    return true;
}

/* Table base and input size for the address, or false when neither register covers it. */
static bool long_base(const struct walk *w, uint64_t *base, unsigned *size)
{
    const struct arm_cp15 *c = &w->a->cp15;
    unsigned t0 = c->ttbcr & 7, t1 = c->ttbcr >> 16 & 7;
    uint64_t va = w->va, top0 = (uint64_t)1 << (32 - t0);
    uint64_t bottom1 = t1 ? ((uint64_t)1 << 32) - ((uint64_t)1 << (32 - t1)) : top0;

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

        if (!read_desc(w, base | (index & 0x1ff) << 3, 8, &d))
            return fail(w, FAULT_EXTERNAL_WALK, level);
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

bool arm_walk(struct arm_cpu *a, uint32_t va, enum access_type type, bool priv,
              struct tlb_fill *r, uint32_t *fsr)
{
    struct walk w = { .a = a, .va = va, .type = type, .priv = priv, .out = r };
    bool ok;

    if (!(a->cp15.sctlr & SCTLR_M)) {
        *r = (struct tlb_fill){
            .paddr = va & TLB_PAGE_MASK, .prot = PROT_R | PROT_W | PROT_X, .global = true, .page_bits = TLB_PAGE_BITS };
        return true;
    }
    ok = a->cp15.ttbcr & SCTLR_EAE ? walk_long(&w) : walk_short(&w);
    if (!ok)
        *fsr = arm_fsr(a, w.fault, w.level, w.domain, type == ACCESS_STORE);
    return ok;
}

static bool is_priv(const struct arm_cpu *a)
{
    return (a->cpsr & PSR_M_MASK) != PSR_USR;
}

static void raise_abort(struct cpu *cpu, uint64_t va, enum access_type type, uint32_t fsr)
    __attribute__((noreturn));
static void raise_abort(struct cpu *cpu, uint64_t va, enum access_type type, uint32_t fsr)
{
    cpu_raise(cpu, type == ACCESS_EXEC ? ARM_EXC_PREFETCH_ABORT : ARM_EXC_DATA_ABORT, fsr, va);
}

bool arm_tlb_fill(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view,
                  bool probe, struct tlb_fill *r)
{
    struct arm_cpu *a = ARM_CPU(cpu);
    bool priv = is_priv(a) && view != ARM_VIEW_USER;
    uint32_t fsr;

    if (arm_walk(a, (uint32_t)va, type, priv, r, &fsr))
        return true;
    if (!probe)
        raise_abort(cpu, va, type, fsr);
    return false;
}

void arm_unaligned(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view)
{
    (void)view;
    raise_abort(cpu, va, type,
                arm_fsr(ARM_CPU(cpu), FAULT_ALIGNMENT, 1, 0, type == ACCESS_STORE));
}

void arm_bus_error(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type,
                   unsigned view)
{
    (void)view;
    (void)paddr;
    raise_abort(cpu, va, type,
                arm_fsr(ARM_CPU(cpu), FAULT_EXTERNAL, 1, 0, type == ACCESS_STORE));
}

unsigned arm_asid(const struct arm_cpu *a)
{
    const struct arm_cp15 *c = &a->cp15;

    if (c->ttbcr & SCTLR_EAE)
        return (c->ttbcr & 1 << 22 ? c->ttbr1 : c->ttbr0) >> 48 & 0xff;
    return c->contextidr & 0xff;
}

/* space: ASID and TTBR0's table (a guest that writes the two one after the other gets a context of its own in between).
 * rights: DACR, the SCTLR bits that a walk looks at, and the privilege. Writes of TTBCR and TTBR1 flush. */
bool arm_tlb_key(const struct cpu *cpu, unsigned view, struct tlb_key *key)
{
    const struct arm_cpu *a = ARM_CPU(cpu);
    const struct arm_cp15 *c = &a->cp15;
    uint32_t sctlr = c->sctlr & (SCTLR_M | SCTLR_WXN | SCTLR_UWXN | SCTLR_EE | SCTLR_AFE);
    bool priv = is_priv(a) && view == ARM_VIEW_CURRENT;

    if (view > ARM_VIEW_USER)
        return false;
    if (!(sctlr & SCTLR_M)) {
        *key = (struct tlb_key){ 0 };
        return true;
    }
    *key = (struct tlb_key){
        .space = (uint64_t)arm_asid(a) << ARM_KEY_ASID_SHIFT | (c->ttbr0 & LONG_ADDR) | (c->ttbr0 & 0xfe0),
        .rights = (uint64_t)c->dacr << 32 | sctlr | (priv ? 1u << 31 : 0), .common = priv };
    return true;
}

/* B4.1.112: the result or the fault of ATS1C**; TTBCR.EAE decides the format. */
void arm_address_translate(struct arm_cpu *a, uint32_t va, enum access_type type, bool priv)
{
    bool eae = a->cp15.ttbcr & SCTLR_EAE;
    struct tlb_fill r;
    uint32_t fsr = 0;

    if (arm_walk(a, va, type, priv, &r, &fsr)) {
        if (eae)
            a->cp15.par = (r.paddr & LONG_ADDR) | (uint64_t)0xff << 56 | 1 << 11 | 2 << 7;
        else
            a->cp15.par = r.paddr & 0xfffff000u;
        return;
    }
    if (eae)
        a->cp15.par = 1 | 1 << 11 | (fsr & 0x3f) << 1;
    else
        a->cp15.par = 1 | (fsr & 0xf) << 1 | (fsr >> 10 & 1) << 5 | (fsr >> 12 & 1) << 6;
}
