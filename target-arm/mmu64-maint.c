/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AArch64 TLB maintenance (DDI 0487 C5.5, D8.13) and address translation instructions (C5.4, D17.2.101 PAR_EL1).
 *
 * The TLB holds whole translations: maintenance of stage 2 alone drops those of the VMID. TTL hints and the last-level forms make no difference.
 */
#include "config.h"
#include "softmmu/tlb.h"
#include "target-arm/mmu64.h"
#include "util/bits.h"

/* ---- TLBI: what is to be done --------------------------------------------------------------- */

enum inval_kind {
    INVAL_SCOPE,             /* contexts in scope */
    INVAL_ASID,              /* in them, mappings that are not global */
    INVAL_PAGES,             /* pages from va, count of them, 1 << shift bytes each */
};

/* Sent to other CPUs as it is. */
struct inval {
    struct tlb_scope scope;
    uint64_t va;
    uint32_t count;
    uint8_t shift, kind;
};
G_STATIC_ASSERT(sizeof(struct inval) <= CPU_WORK_DATA);

/* Pages that a range operation names one by one; more drop the regime's entries, for less time than the pages would take. */
#define RANGE_PAGES 256

#define OUTER_REGIME ((uint64_t)0xff)
#define OUTER_VMID ((uint64_t)0xffff << ARM64_OUTER_VMID_SHIFT)
#define SPACE_ASID ((uint64_t)0xffff << ARM64_SPACE_ASID_SHIFT)

static void inval_work(struct cpu *cpu, const void *data)
{
    const struct inval *i = data;

    switch (i->kind) {
    case INVAL_SCOPE:
        tlb_flush_scope(cpu, &i->scope, false);
        break;
    case INVAL_ASID:
        tlb_flush_scope(cpu, &i->scope, true);
        break;
    default:
        for (uint32_t n = 0; n < i->count; n++)
            tlb_flush_page(cpu, i->va + ((uint64_t)n << i->shift), &i->scope);
        break;
    }
}

/* The scope of a regime in the state that the executing level works on; EL1&0: of the current VMID unless all. */
static struct tlb_scope regime_scope(const struct arm_cpu *a, enum arm64_regime r, bool all_vmids)
{
    struct tlb_scope s = { .outer = arm64_outer(a, r), .outer_mask = OUTER_REGIME };

    if (r == REGIME_EL10)
        s.outer_mask |= ARM64_OUTER_SECURE | (all_vmids ? 0 : OUTER_VMID);
    return s;
}

static void limit_to_asid(const struct arm_cpu *a, enum arm64_regime r, uint64_t xt, struct tlb_scope *s)
{
    if (!arm64_two_ranges(r))
        return;
    s->space = arm64_asid(a, r, xt) << ARM64_SPACE_ASID_SHIFT;
    s->space_mask = SPACE_ASID;
}

/* One page: Xt[43:0] is VA[55:12]. */
static void page_operand(struct inval *i, uint64_t xt)
{
    i->kind = INVAL_PAGES;
    i->va = (uint64_t)sextend64(xt, 44) << TLB_PAGE_BITS;
    i->count = 1;
    i->shift = TLB_PAGE_BITS;
}

/* C5.5.74: (NUM + 1) << (5 * SCALE + 1) granules of TG from BaseADDR. False: TG is reserved, nothing is named. */
static bool range_operand(struct inval *i, uint64_t xt)
{
    static const uint8_t granules[4] = { 0, 12, 14, 16 };
    uint64_t num = extract64(xt, 39, 5) + 1, scale = extract64(xt, 44, 2);

    i->shift = granules[xt >> 46 & 3];
    if (!i->shift)
        return false;
    i->kind = INVAL_PAGES;
    i->va = (uint64_t)sextend64(xt, 37) << i->shift;
    i->count = (uint32_t)(num << (5 * scale + 1));
    if (i->count <= RANGE_PAGES)
        return true;
    i->kind = INVAL_SCOPE;
    i->scope.space_mask = 0;         /* global mappings are in other spaces too */
    return true;
}

/* ---- TLBI: encodings ------------------------------------------------------------------------ */

/* op2 of the forms that take an address or all, CRm 3 and 7 (C5.5). */
enum { OP_ALL = 0, OP_VA = 1, OP_ASID = 2, OP_VAA = 3, OP_ALLE1 = 4, OP_VAL = 5, OP_S12 = 6, OP_VAAL = 7 };

/* CRm of each kind: which CPUs it is for, and whether it takes a range. */
static bool decode_crm(const struct arm_cpu *a, unsigned crm, bool *shared, bool *range)
{
    *range = crm == 2 || crm == 5 || crm == 6;
    *shared = crm != 6 && crm != 7;
    switch (crm) {
    case 3: case 7:
        return true;
    case 1:
        return arm_has(a, ARM_TLBIOS);
    case 2: case 5: case 6:
        return arm_has(a, ARM_TLBIRANGE);
    default:
        return false;
    }
}

static bool address_operand(const struct arm_cpu *a, enum arm64_regime r, struct inval *i, uint64_t xt, bool range, bool any_asid)
{
    if (!any_asid)
        limit_to_asid(a, r, xt, &i->scope);
    if (range)
        return range_operand(i, xt);
    page_operand(i, xt);
    return true;
}

/* op1 = 0: EL1&0, or EL2&0 from its host. *nothing: no entries are named. */
static bool decode_el1(const struct arm_cpu *a, unsigned op2, bool range, uint64_t xt, struct inval *i, bool *nothing)
{
    uint64_t hcr = arm64_hcr(a);
    enum arm64_regime r = a->sys64.el >= 2 && hcr & HCR_E2H && hcr & HCR_TGE ? REGIME_EL20 : REGIME_EL10;

    i->scope = regime_scope(a, r, false);
    switch (op2) {
    case OP_ALL:
        return !range;
    case OP_ASID:
        i->kind = INVAL_ASID;
        limit_to_asid(a, r, xt, &i->scope);
        return !range;
    case OP_VA: case OP_VAL: case OP_VAA: case OP_VAAL:
        *nothing = !address_operand(a, r, i, xt, range, op2 & 2);
        return true;
    default:
        return false;
    }
}

/* op1 = 4 with CRm 0 or 4: intermediate addresses, EL1&0 of the current VMID. */
static bool decode_ipa(const struct arm_cpu *a, unsigned crm, unsigned op2, bool *shared, struct inval *i)
{
    static const uint8_t is0[8] = { 0, 1, 2, 0, 0, 1, 2, 0 };          /* CRm 0: 1 page, 2 range */
    static const uint8_t is4[8] = { 3, 1, 2, 4, 3, 1, 2, 4 };          /* CRm 4: 3, 4: outer shareable */
    unsigned form = (crm ? is4 : is0)[op2];

    *shared = !crm || form > 2;
    i->scope = regime_scope(a, REGIME_EL10, false);
    switch (form) {
    case 1:
        return true;
    case 2: case 4:
        return arm_has(a, ARM_TLBIRANGE);
    case 3:
        return arm_has(a, ARM_TLBIOS);
    default:
        return false;
    }
}

/* op1 = 4 and 6: what EL2 and EL3 do for their own regimes, and EL2 for EL1&0. */
static bool decode_high(const struct arm_cpu *a, bool el3, unsigned op2, bool range, uint64_t xt, struct inval *i, bool *nothing)
{
    enum arm64_regime r = el3 ? REGIME_EL3 : arm64_hcr(a) & HCR_E2H ? REGIME_EL20 : REGIME_EL2;

    if (!el3 && (op2 == OP_ALLE1 || op2 == OP_S12)) {
        i->scope = regime_scope(a, REGIME_EL10, op2 == OP_ALLE1);
        return !range;
    }
    i->scope = regime_scope(a, r, true);
    switch (op2) {
    case OP_ALL:
        return !range;
    case OP_VA: case OP_VAL:
        *nothing = !address_operand(a, r, i, xt, range, false);
        return true;
    default:
        return false;
    }
}

bool arm64_tlbi(struct arm_cpu *a, unsigned op, uint64_t xt)
{
    unsigned op1 = op >> 7 & 7, crm = op >> 3 & 15, op2 = op & 7;
    struct inval i = { .kind = INVAL_SCOPE };
    bool shared, range, nothing = false, known;

    if (op1 == 4 && (crm == 0 || crm == 4))
        known = decode_ipa(a, crm, op2, &shared, &i);
    else if (!decode_crm(a, crm, &shared, &range))
        known = false;
    else if (op1 == 0)
        known = decode_el1(a, op2, range, xt, &i, &nothing);
    else
        known = (op1 == 4 || op1 == 6) && decode_high(a, op1 == 6, op2, range, xt, &i, &nothing);
    if (!known)
        return false;
    if (nothing)
        return true;
    if (a->sys64.el == 1 && arm64_hcr(a) & HCR_FB)
        shared = true;
    if (shared)
        cpu_broadcast(a->cpu.machine, &a->cpu, inval_work, &i, sizeof(i));
    else
        inval_work(&a->cpu, &i);
    return true;
}

/* ---- AT ------------------------------------------------------------------------------------- */

/* What an AT instruction asks. */
struct at_op {
    enum arm64_regime regime;
    bool write, priv, pan, stage2;
};

/* CRm 8 and 9; false: no such instruction. */
static bool decode_at(const struct arm_cpu *a, unsigned op, struct at_op *at)
{
    unsigned op1 = op >> 7 & 7, crm = op >> 3 & 15, op2 = op & 7;
    uint64_t hcr = arm64_hcr(a);
    bool host = a->sys64.el >= 2 && hcr & HCR_E2H && hcr & HCR_TGE;

    *at = (struct at_op){ .regime = host ? REGIME_EL20 : REGIME_EL10, .write = op2 & 1, .priv = !(op2 & 2) };
    if (op1 == 0 && crm == 8)
        return op2 < 4;
    if (op1 == 0 && crm == 9) {
        at->pan = a->sys64.pstate & PSTATE_PAN;
        return op2 < 2 && arm_has(a, ARM_PAN2);
    }
    if (crm != 8)
        return false;
    if (op1 == 4 && op2 >= 4) {
        at->stage2 = !host;
        return true;
    }
    at->priv = true;
    at->regime = op1 == 6 ? REGIME_EL3 : hcr & HCR_E2H ? REGIME_EL20 : REGIME_EL2;
    return (op1 == 4 || op1 == 6) && op2 < 2;
}

#define ATTR_NC 0x44          /* Normal, not cacheable */
#define SH_OUTER 2

static bool is_device(unsigned attr)
{
    return !(attr >> 4);
}

/* Stage 2's MemAttr (D8.5.5) as a byte of MAIR. */
static unsigned attr_of_memattr(unsigned m)
{
    static const uint8_t normal[4] = { 0, 0x4, 0xb, 0xf };
    static const uint8_t device[4] = { 0x0, 0x4, 0x8, 0xc };

    return m >> 2 ? (unsigned)normal[m >> 2] << 4 | normal[m & 3] : device[m & 3];
}

/* The weaker of two cacheabilities, in the form of half a MAIR byte (D8.5.5): not cacheable, write-through, write-back. */
static unsigned weaker(unsigned s1, unsigned s2)
{
    bool through = !(s1 & 4) || !(s2 & 4);

    if (s1 == 4 || s2 == 4)
        return 4;
    return (through ? 8 : 12) | (s1 & 3);
}

static unsigned combine_attrs(unsigned s1, unsigned s2)
{
    if (is_device(s1) || is_device(s2))
        return !is_device(s1) ? s2 : !is_device(s2) ? s1 : MIN_OF(s1, s2);
    return weaker(s1 >> 4, s2 >> 4) << 4 | weaker(s1 & 15, s2 & 15);
}

/* Outer shareable, inner shareable, not: the strongest. */
static unsigned combine_sh(unsigned s1, unsigned s2)
{
    if (s1 == SH_OUTER || s2 == SH_OUTER)
        return SH_OUTER;
    return s1 | s2;
}

/* Where both stages may be off. */
static void attributes(const struct arm64_walk *w, unsigned *attr, unsigned *sh)
{
    uint64_t mair = w->a->sys64.mair[arm64_regime_el(w->regime)];

    if (w->sctlr & SCTLR64_M) {
        *attr = mair >> (8 * (w->desc1 >> 2 & 7)) & 0xff;
        *sh = w->desc1 >> 8 & 3;
    } else {
        *attr = w->regime == REGIME_EL10 && arm64_hcr(w->a) & HCR_DC ? 0xff : 0;
        *sh = 0;
    }
    if (w->stage2) {
        *attr = combine_attrs(*attr, attr_of_memattr(w->desc2 >> 2 & 15));
        *sh = combine_sh(*sh, w->desc2 >> 8 & 3);
    }
    if (is_device(*attr) || *attr == ATTR_NC)
        *sh = SH_OUTER;
}

#define PAR_F    ((uint64_t)1)
#define PAR_PTW  ((uint64_t)1 << 8)
#define PAR_S    ((uint64_t)1 << 9)
#define PAR_RES1 ((uint64_t)1 << 11)
#define PAR_NS   ((uint64_t)1 << 9)

static uint64_t par_value(const struct arm64_walk *w, bool ok)
{
    unsigned attr, sh;

    if (!ok)
        return PAR_F | (uint64_t)w->fsc << 1 | (w->second ? PAR_S : 0) | (w->second && w->s1ptw ? PAR_PTW : 0) | PAR_RES1;
    attributes(w, &attr, &sh);
    return (uint64_t)attr << 56 | (w->paddr & mask64(48) & TLB_PAGE_MASK) | PAR_RES1 | (w->ns ? PAR_NS : 0) | sh << 7;
}

bool arm64_at(struct arm_cpu *a, unsigned op, uint64_t xt)
{
    struct arm64_walk w;
    struct at_op at;
    bool ok;

    if (!decode_at(a, op, &at))
        return false;
    arm64_walk_begin(&w, a, at.regime);
    w.va = xt;
    w.type = at.write ? ACCESS_STORE : ACCESS_LOAD;
    w.priv = at.priv;
    w.pan = at.pan;
    w.stage2 = w.stage2 && at.stage2;
    ok = arm64_walk(&w);
    /* D8.14: at EL1, a table that stage 2 does not let it read is a fault to EL2; so are external aborts of walks, to their level. */
    if (!ok && ((w.second && w.s1ptw && a->sys64.el == 1) || (w.fsc >= FSC_EXTERNAL_WALK && w.fsc < FSC_EXTERNAL_WALK + 4)))
        arm64_walk_raise(&w, ISS_CM | ISS_WNR);
    a->sys64.par = par_value(&w, ok);
    return true;
}
