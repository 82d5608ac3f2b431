/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GICv3 virtualization (IHI 0069, chapter 6): list registers that a hypervisor fills (ICH_*, 12.4) and the CPU interface that its virtual
 * machine then sees (ICV_*, 12.3). The CPU decides who accesses what and traps by ICH_HCR_EL2.{TC,TALL0,TALL1,TDIR}.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv3-internal.h"

#define R(op1, crn, crm, op2) CPU_SYSREG(3, op1, crn, crm, op2)
enum ich_reg {
    ICH_AP0R0 = R(4, 12, 8, 0), ICH_AP1R0 = R(4, 12, 9, 0),
    ICH_HCR   = R(4, 12, 11, 0), ICH_VTR = R(4, 12, 11, 1), ICH_MISR = R(4, 12, 11, 2), ICH_EISR = R(4, 12, 11, 3),
    ICH_ELRSR = R(4, 12, 11, 5), ICH_VMCR = R(4, 12, 11, 7),
    ICH_LR0   = R(4, 12, 12, 0), ICH_LR_END = ICH_LR0 + GICV3_NLR,
};
enum icv_reg {
    ICV_PMR  = R(0, 4, 6, 0),
    ICV_IAR0 = R(0, 12, 8, 0), ICV_EOIR0 = R(0, 12, 8, 1), ICV_HPPIR0 = R(0, 12, 8, 2), ICV_BPR0 = R(0, 12, 8, 3),
    ICV_AP0R0 = R(0, 12, 8, 4), ICV_AP1R0 = R(0, 12, 9, 0),
    ICV_DIR  = R(0, 12, 11, 1), ICV_RPR = R(0, 12, 11, 3),
    ICV_IAR1 = R(0, 12, 12, 0), ICV_EOIR1 = R(0, 12, 12, 1), ICV_HPPIR1 = R(0, 12, 12, 2), ICV_BPR1 = R(0, 12, 12, 3),
    ICV_CTLR = R(0, 12, 12, 4), ICV_IGRPEN0 = R(0, 12, 12, 6), ICV_IGRPEN1 = R(0, 12, 12, 7),
};

enum ich_hcr_bits {
    HCR_EN = 1 << 0, HCR_UIE = 1 << 1, HCR_LRENPIE = 1 << 2, HCR_NPIE = 1 << 3, HCR_GRP0EIE = 1 << 4, HCR_GRP0DIE = 1 << 5,
    HCR_GRP1EIE = 1 << 6, HCR_GRP1DIE = 1 << 7,
};
#define HCR_MASK 0xf8007cffull
#define HCR_EOICOUNT 27
/* ICH_MISR_EL2 */
enum ich_misr_bits { MISR_EOI = 1, MISR_U = 2, MISR_LRENP = 4, MISR_NP = 8, MISR_GRP0E = 16, MISR_GRP0D = 32, MISR_GRP1E = 64,
                     MISR_GRP1D = 128 };
/* ICH_VMCR_EL2: VFIQEn [3] reads as one, as with system registers Group 0 is always FIQ. */
enum ich_vmcr_bits { VMCR_ENG0 = 1, VMCR_ENG1 = 2, VMCR_FIQEN = 8, VMCR_CBPR = 16, VMCR_EOIM = 1 << 9 };
#define VMCR_BPR1 18
#define VMCR_BPR0 21
#define VMCR_PMR 24
/* ICH_VTR_EL2: PRIbits, PREbits, 16-bit IDs, A3V, nV4, TDS, list registers. */
#define VTR_VALUE ((uint64_t)(GICV3_PRIO_BITS - 1) << 29 | (GICV3_PRIO_BITS - 1) << 26 | 1 << 21 | 1 << 20 | 1 << 19 | (GICV3_NLR - 1))
/* ICH_LR<n>_EL2 */
#define LR_PENDING (1ull << 62)
#define LR_ACTIVE (1ull << 63)
#define LR_HW (1ull << 61)
#define LR_GROUP1 (1ull << 60)
#define LR_EOI (1ull << 41)
#define LR_MASK 0xf0ff1fffffffffffull
#define MIN_BPR0 (7 - GICV3_PRIO_BITS)
#define MIN_BPR1 (MIN_BPR0 + 1)
#define ICV_CTLR_FIXED ((GICV3_PRIO_BITS - 1) << 8 | 1 << 15)
enum icv_ctlr_bits { CTLR_CBPR = 1, CTLR_EOIMODE = 2 };

static unsigned lr_irq(uint64_t lr)
{
    return (uint32_t)lr;
}

static unsigned lr_prio(uint64_t lr)
{
    return lr >> 48 & GICV3_PRIO_MASK;
}

static unsigned vbpr(const struct gicv3_cpu *c, bool group1)
{
    return c->ich_vmcr >> (group1 ? VMCR_BPR1 : VMCR_BPR0) & 7;
}

static void set_field(struct gicv3_cpu *c, unsigned at, uint32_t mask, uint32_t v)
{
    c->ich_vmcr = (c->ich_vmcr & ~(mask << at)) | (v & mask) << at;
}

/* ---- what the virtual machine gets ------------------------------------------------------------- */

/* The list register with the pending interrupt of the highest priority; -1: none. Interrupts of disabled groups do not count. */
static int best_lr(const struct gicv3_cpu *c)
{
    int best = -1;

    for (int i = 0; i < GICV3_NLR; i++) {
        uint64_t lr = c->ich_lr[i];

        if (!(lr & LR_PENDING) || lr & LR_ACTIVE || !(c->ich_vmcr & (lr & LR_GROUP1 ? VMCR_ENG1 : VMCR_ENG0)))
            continue;
        if (best < 0 || lr_prio(lr) < lr_prio(c->ich_lr[best]))
            best = i;
    }
    return best;
}

static unsigned running_priority(const struct gicv3_cpu *c)
{
    return gicv3_lowest_active(c->ich_apr[0] | c->ich_apr[1]);
}

static unsigned group_priority(const struct gicv3_cpu *c, unsigned prio, bool group1)
{
    unsigned low = group1 && !(c->ich_vmcr & VMCR_CBPR) ? vbpr(c, true) : vbpr(c, false) + 1;

    return prio & ~0u << low;
}

static bool signalled(const struct gicv3_cpu *c, int lr)
{
    unsigned prio;
    bool group1;

    if (lr < 0 || !(c->ich_hcr & HCR_EN))
        return false;
    prio = lr_prio(c->ich_lr[lr]);
    group1 = c->ich_lr[lr] & LR_GROUP1;
    return prio < c->ich_vmcr >> VMCR_PMR && group_priority(c, prio, group1) < running_priority(c);
}

static bool lr_ended(uint64_t lr)
{
    return !(lr & (LR_PENDING | LR_ACTIVE | LR_HW)) && lr & LR_EOI;
}

static uint32_t misr(const struct gicv3_cpu *c)
{
    bool eoi = false, pending = false, g0 = c->ich_vmcr & VMCR_ENG0, g1 = c->ich_vmcr & VMCR_ENG1;
    unsigned used = 0;
    uint64_t hcr = c->ich_hcr;

    for (unsigned i = 0; i < GICV3_NLR; i++) {
        eoi |= lr_ended(c->ich_lr[i]);
        pending |= (c->ich_lr[i] & (LR_PENDING | LR_ACTIVE)) == LR_PENDING;
        used += (c->ich_lr[i] & (LR_PENDING | LR_ACTIVE)) != 0;
    }
    return (eoi ? MISR_EOI : 0) | (hcr & HCR_UIE && used < 2 ? MISR_U : 0) |
           (hcr & HCR_LRENPIE && hcr >> HCR_EOICOUNT ? MISR_LRENP : 0) | (hcr & HCR_NPIE && !pending ? MISR_NP : 0) |
           (hcr & HCR_GRP0EIE && g0 ? MISR_GRP0E : 0) | (hcr & HCR_GRP0DIE && !g0 ? MISR_GRP0D : 0) |
           (hcr & HCR_GRP1EIE && g1 ? MISR_GRP1E : 0) | (hcr & HCR_GRP1DIE && !g1 ? MISR_GRP1D : 0);
}

void gicv3_virt_update(struct gicv3_cpu *c)
{
    struct device *gic = &c->gic->dev;
    int lr = best_lr(c);
    bool on = signalled(c, lr), group1 = lr >= 0 && c->ich_lr[lr] & LR_GROUP1;

    irq_set(gic->out[GICV3_OUT(c->index, GICV3_VIRQ)], on && group1);
    irq_set(gic->out[GICV3_OUT(c->index, GICV3_VFIQ)], on && !group1);
    irq_set(gic->out[GICV3_OUT(c->index, GICV3_MAINTENANCE)], c->ich_hcr & HCR_EN && misr(c));
}

/* ---- ICV_* ------------------------------------------------------------------------------------- */

/* LPIs have no active state. */
static unsigned acknowledge(struct gicv3_cpu *c, bool group1)
{
    int i = best_lr(c);
    uint64_t *lr = &c->ich_lr[MAX(i, 0)];

    if (!signalled(c, i) || !!(*lr & LR_GROUP1) != group1)
        return GICV3_SPURIOUS;
    c->ich_apr[group1] |= 1u << (group_priority(c, lr_prio(*lr), group1) >> (8 - GICV3_PRIO_BITS));
    *lr &= ~LR_PENDING;
    if (lr_irq(*lr) < GICV3_FIRST_LPI)
        *lr |= LR_ACTIVE;
    return lr_irq(*lr);
}

static unsigned highest_pending(const struct gicv3_cpu *c, bool group1)
{
    int i = best_lr(c);

    return i >= 0 && !!(c->ich_lr[i] & LR_GROUP1) == group1 ? lr_irq(c->ich_lr[i]) : GICV3_SPURIOUS;
}

/* 6.3.2: a list register's interrupt, and with HW the physical one behind it; none has it: EOIcount. */
static void deactivate(struct gicv3_cpu *c, unsigned irq)
{
    if (irq >= GICV3_FIRST_LPI)
        return;
    for (unsigned i = 0; i < GICV3_NLR; i++) {
        uint64_t lr = c->ich_lr[i];

        if (lr_irq(lr) != irq || !(lr & LR_ACTIVE))
            continue;
        c->ich_lr[i] &= ~LR_ACTIVE;
        if (lr & LR_HW)
            gicv3_deactivate(c, lr >> 32 & 0x1fff);
        return;
    }
    c->ich_hcr = (uint32_t)(c->ich_hcr + (1u << HCR_EOICOUNT));
}

static void end_of_interrupt(struct gicv3_cpu *c, uint64_t v, bool group1)
{
    uint32_t *apr = &c->ich_apr[group1];
    unsigned irq = v & 0xffffff;

    if (irq >= GICV3_MAX_IRQS && irq <= GICV3_SPURIOUS)
        return;
    if (!*apr || gicv3_lowest_active(c->ich_apr[!group1]) < gicv3_lowest_active(*apr))
        return;
    *apr &= *apr - 1;
    if (!(c->ich_vmcr & VMCR_EOIM))
        deactivate(c, irq);
}

static uint64_t read_icv_ctlr(const struct gicv3_cpu *c)
{
    return ICV_CTLR_FIXED | (c->ich_vmcr & VMCR_CBPR ? CTLR_CBPR : 0) | (c->ich_vmcr & VMCR_EOIM ? CTLR_EOIMODE : 0);
}

uint64_t gicv3_icv_read(struct gicv3_cpu *c, unsigned reg)
{
    unsigned v;

    switch (reg) {
    case ICV_PMR:
        return c->ich_vmcr >> VMCR_PMR;
    case ICV_IAR0:
    case ICV_IAR1:
        v = acknowledge(c, reg == ICV_IAR1);
        gicv3_virt_update(c);
        return v;
    case ICV_HPPIR0:
    case ICV_HPPIR1:
        return highest_pending(c, reg == ICV_HPPIR1);
    case ICV_BPR0:
        return vbpr(c, false);
    case ICV_BPR1:
        return c->ich_vmcr & VMCR_CBPR ? MIN(vbpr(c, false) + 1, 7) : vbpr(c, true);
    case ICV_AP0R0:
        return c->ich_apr[0];
    case ICV_AP1R0:
        return c->ich_apr[1];
    case ICV_RPR:
        v = running_priority(c);
        return v == GICV3_IDLE_PRIORITY ? 0xff : v;
    case ICV_CTLR:
        return read_icv_ctlr(c);
    case ICV_IGRPEN0:
        return c->ich_vmcr & VMCR_ENG0;
    case ICV_IGRPEN1:
        return !!(c->ich_vmcr & VMCR_ENG1);
    default:
        return 0;
    }
}

void gicv3_icv_write(struct gicv3_cpu *c, unsigned reg, uint64_t v)
{
    switch (reg) {
    case ICV_PMR:
        set_field(c, VMCR_PMR, GICV3_PRIO_MASK, (uint32_t)v);
        break;
    case ICV_EOIR0:
    case ICV_EOIR1:
        end_of_interrupt(c, v, reg == ICV_EOIR1);
        break;
    case ICV_BPR0:
        set_field(c, VMCR_BPR0, 7, MAX((uint32_t)v & 7, MIN_BPR0));
        break;
    case ICV_BPR1:
        if (!(c->ich_vmcr & VMCR_CBPR))
            set_field(c, VMCR_BPR1, 7, MAX((uint32_t)v & 7, MIN_BPR1));
        break;
    case ICV_AP0R0:
        c->ich_apr[0] = (uint32_t)v;
        break;
    case ICV_AP1R0:
        c->ich_apr[1] = (uint32_t)v;
        break;
    case ICV_DIR:
        if (c->ich_vmcr & VMCR_EOIM)
            deactivate(c, v & 0xffffff);
        break;
    case ICV_CTLR:
        c->ich_vmcr = (c->ich_vmcr & ~(uint32_t)(VMCR_CBPR | VMCR_EOIM)) | (v & CTLR_CBPR ? VMCR_CBPR : 0) |
                      (v & CTLR_EOIMODE ? VMCR_EOIM : 0);
        break;
    case ICV_IGRPEN0:
        set_field(c, 0, 1, (uint32_t)v);
        break;
    case ICV_IGRPEN1:
        set_field(c, 1, 1, (uint32_t)v);
        break;
    default:
        return;
    }
    gicv3_virt_update(c);
}

/* ---- ICH_* ------------------------------------------------------------------------------------- */

bool gicv3_ich_has(unsigned reg, bool write)
{
    switch (reg) {
    case ICH_VTR: case ICH_MISR: case ICH_EISR: case ICH_ELRSR:
        return !write;
    case ICH_AP0R0: case ICH_AP1R0: case ICH_HCR: case ICH_VMCR: case ICH_LR0 ... ICH_LR_END - 1:
        return true;
    default:
        return false;
    }
}

/* List registers that have ended and ask for it (EISR), or are free without that (ELRSR). */
static uint64_t lr_bits(const struct gicv3_cpu *c, bool ended)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < GICV3_NLR; i++)
        if (!(c->ich_lr[i] & (LR_PENDING | LR_ACTIVE)) && lr_ended(c->ich_lr[i]) == ended)
            bits |= 1u << i;
    return bits;
}

uint64_t gicv3_ich_read(struct gicv3_cpu *c, unsigned reg)
{
    switch (reg) {
    case ICH_AP0R0:
        return c->ich_apr[0];
    case ICH_AP1R0:
        return c->ich_apr[1];
    case ICH_HCR:
        return c->ich_hcr;
    case ICH_VTR:
        return VTR_VALUE;
    case ICH_MISR:
        return misr(c);
    case ICH_EISR:
        return lr_bits(c, true);
    case ICH_ELRSR:
        return lr_bits(c, false);
    case ICH_VMCR:
        return c->ich_vmcr;
    case ICH_LR0 ... ICH_LR_END - 1:
        return c->ich_lr[reg - ICH_LR0];
    default:
        return 0;
    }
}

static void write_vmcr(struct gicv3_cpu *c, uint32_t v)
{
    c->ich_vmcr = (v & (VMCR_ENG0 | VMCR_ENG1 | VMCR_CBPR | VMCR_EOIM)) | VMCR_FIQEN;
    set_field(c, VMCR_BPR1, 7, MAX(v >> VMCR_BPR1 & 7, MIN_BPR1));
    set_field(c, VMCR_BPR0, 7, MAX(v >> VMCR_BPR0 & 7, MIN_BPR0));
    set_field(c, VMCR_PMR, GICV3_PRIO_MASK, v >> VMCR_PMR);
}

void gicv3_ich_write(struct gicv3_cpu *c, unsigned reg, uint64_t v)
{
    switch (reg) {
    case ICH_AP0R0:
        c->ich_apr[0] = (uint32_t)v;
        break;
    case ICH_AP1R0:
        c->ich_apr[1] = (uint32_t)v;
        break;
    case ICH_HCR:
        c->ich_hcr = v & HCR_MASK;
        break;
    case ICH_VMCR:
        write_vmcr(c, (uint32_t)v);
        break;
    case ICH_LR0 ... ICH_LR_END - 1:
        c->ich_lr[reg - ICH_LR0] = v & LR_MASK;
        break;
    default:
        return;
    }
    gicv3_virt_update(c);
}

void gicv3_virt_reset(struct gicv3_cpu *c)
{
    c->ich_hcr = 0;
    memset(c->ich_lr, 0, sizeof(c->ich_lr));
    memset(c->ich_apr, 0, sizeof(c->ich_apr));
    write_vmcr(c, 0);
}
