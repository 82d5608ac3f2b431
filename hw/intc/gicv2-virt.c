/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtualization of a GICv2 (IHI 0048B, chapter 5): list registers that a hypervisor fills (GICH), and the CPU interface that its virtual
 * machine then sees (GICV). mmio 0: GICH, mmio 1: GICV, both of the CPU that accesses. Outputs: gicv2.h.
 *
 * 32 priorities, four list registers. Not modelled: the frames through which a CPU reaches another one's GICH.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv2.h"
#include "softmmu/device.h"
#include "util/log.h"

enum gich_reg {
    GICH_HCR   = 0x000,          /* 5.3.1 */
    GICH_VTR   = 0x004,          /* 5.3.2 */
    GICH_VMCR  = 0x008,          /* 5.3.3 */
    GICH_MISR  = 0x010,          /* 5.3.4 */
    GICH_EISR0 = 0x020, GICH_EISR1 = 0x024,      /* 5.3.5 */
    GICH_ELRSR0 = 0x030, GICH_ELRSR1 = 0x034,    /* 5.3.6 */
    GICH_APR   = 0x0f0,          /* 5.3.7 */
    GICH_LR    = 0x100,          /* 5.3.8 */
    GICH_LR_END = 0x200,
};

enum gicv_reg {                  /* 5.5 */
    GICV_CTLR = 0x0000, GICV_PMR = 0x0004, GICV_BPR = 0x0008, GICV_IAR = 0x000c, GICV_EOIR = 0x0010, GICV_RPR = 0x0014,
    GICV_HPPIR = 0x0018, GICV_ABPR = 0x001c, GICV_AIAR = 0x0020, GICV_AEOIR = 0x0024, GICV_AHPPIR = 0x0028, GICV_APR0 = 0x00d0,
    GICV_IIDR = 0x00fc, GICV_DIR = 0x1000,
};

enum gich_hcr_bits { HCR_EN = 1 << 0, HCR_UIE = 1 << 1, HCR_LRENPIE = 1 << 2, HCR_NPIE = 1 << 3, HCR_GRP0EIE = 1 << 4,
                     HCR_GRP0DIE = 1 << 5, HCR_GRP1EIE = 1 << 6, HCR_GRP1DIE = 1 << 7 };
#define HCR_MASK 0xf80000ffu
#define HCR_EOICOUNT 27
enum gich_misr_bits { MISR_EOI = 1, MISR_U = 2, MISR_LRENP = 4, MISR_NP = 8, MISR_GRP0E = 16, MISR_GRP0D = 32, MISR_GRP1E = 64,
                      MISR_GRP1D = 128 };
/* GICH_VMCR; GICV_CTLR has the lower ones in the same places. */
enum gich_vmcr_bits { VMCR_GRP0 = 1, VMCR_GRP1 = 2, VMCR_ACKCTL = 4, VMCR_FIQEN = 8, VMCR_CBPR = 16, VMCR_EOIM = 1 << 9,
                      VMCR_CTLR = 0x21f };
#define VMCR_ABPR 18
#define VMCR_BPR 21
#define VMCR_PMR 27              /* the upper five bits of the mask */
#define VTR_VALUE ((PRIO_BITS - 1u) << 29 | (PRIO_BITS - 1u) << 26 | (NLR - 1))
/* List registers: virtual ID [9:0], physical ID [19:10] with HW, else the sender of an SGI [12:10] and EOI; priority [27:23]. */
#define LR_PENDING (1u << 28)
#define LR_ACTIVE (1u << 29)
#define LR_GROUP1 (1u << 30)
#define LR_HW (1u << 31)
#define LR_EOI (1u << 19)
#define NLR 4u
#define PRIO_BITS 5
#define MIN_BPR (7 - PRIO_BITS)
#define MIN_ABPR (MIN_BPR + 1)
#define SPURIOUS 1023
#define OTHER_GROUP 1022
#define IDLE 0x100

/* What a CPU has; owner: the device lock. */
struct gicv2_virt {
    struct device dev;
    struct device *gic;
    uint32_t num_cpu;            /* property */
    uint32_t hcr[GIC_MAX_CPUS], vmcr[GIC_MAX_CPUS], apr[GIC_MAX_CPUS], lr[GIC_MAX_CPUS * NLR];
};

static uint32_t *lrs(struct gicv2_virt *s, unsigned cpu)
{
    return &s->lr[cpu * NLR];
}

static unsigned lr_prio(uint32_t lr)
{
    return lr >> 20 & 0xf8;
}

static void set_field(uint32_t *r, unsigned at, uint32_t mask, uint32_t v)
{
    *r = (*r & ~(mask << at)) | (v & mask) << at;
}

/* ---- which interrupt --------------------------------------------------------------------------- */

/* The list register with the pending interrupt of the highest priority, -1: none. */
static int best_lr(struct gicv2_virt *s, unsigned cpu)
{
    const uint32_t *lr = lrs(s, cpu);
    int best = -1;

    for (int i = 0; i < (int)NLR; i++) {
        if ((lr[i] & (LR_PENDING | LR_ACTIVE)) != LR_PENDING || !(s->vmcr[cpu] & (lr[i] & LR_GROUP1 ? VMCR_GRP1 : VMCR_GRP0)))
            continue;
        if (best < 0 || lr_prio(lr[i]) < lr_prio(lr[best]))
            best = i;
    }
    return best;
}

static unsigned running_priority(const struct gicv2_virt *s, unsigned cpu)
{
    return s->apr[cpu] ? (unsigned)__builtin_ctz(s->apr[cpu]) << (8 - PRIO_BITS) : IDLE;
}

static unsigned group_priority(const struct gicv2_virt *s, unsigned cpu, uint32_t lr)
{
    uint32_t vmcr = s->vmcr[cpu];
    unsigned low = (vmcr >> VMCR_BPR & 7) + 1;

    if (lr & LR_GROUP1 && !(vmcr & VMCR_CBPR))
        low = vmcr >> VMCR_ABPR & 7;
    return lr_prio(lr) & ~0u << low;
}

static bool signalled(struct gicv2_virt *s, unsigned cpu, int i)
{
    uint32_t lr;

    if (i < 0 || !(s->hcr[cpu] & HCR_EN))
        return false;
    lr = lrs(s, cpu)[i];
    return lr_prio(lr) < (s->vmcr[cpu] >> VMCR_PMR) << 3 && group_priority(s, cpu, lr) < running_priority(s, cpu);
}

static bool lr_ended(uint32_t lr)
{
    return !(lr & (LR_PENDING | LR_ACTIVE | LR_HW)) && lr & LR_EOI;
}

static uint32_t misr(struct gicv2_virt *s, unsigned cpu)
{
    uint32_t hcr = s->hcr[cpu], vmcr = s->vmcr[cpu];
    bool eoi = false, pending = false;
    unsigned used = 0;

    for (unsigned i = 0; i < NLR; i++) {
        uint32_t lr = lrs(s, cpu)[i];

        eoi |= lr_ended(lr);
        pending |= (lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING;
        used += (lr & (LR_PENDING | LR_ACTIVE)) != 0;
    }
    return (eoi ? MISR_EOI : 0) | (hcr & HCR_UIE && used < 2 ? MISR_U : 0) |
           (hcr & HCR_LRENPIE && hcr >> HCR_EOICOUNT ? MISR_LRENP : 0) | (hcr & HCR_NPIE && !pending ? MISR_NP : 0) |
           (hcr & HCR_GRP0EIE && vmcr & VMCR_GRP0 ? MISR_GRP0E : 0) | (hcr & HCR_GRP0DIE && !(vmcr & VMCR_GRP0) ? MISR_GRP0D : 0) |
           (hcr & HCR_GRP1EIE && vmcr & VMCR_GRP1 ? MISR_GRP1E : 0) | (hcr & HCR_GRP1DIE && !(vmcr & VMCR_GRP1) ? MISR_GRP1D : 0);
}

static void update(struct gicv2_virt *s, unsigned cpu)
{
    int i = best_lr(s, cpu);
    bool on = signalled(s, cpu, i), fiq = on && !(lrs(s, cpu)[i] & LR_GROUP1) && s->vmcr[cpu] & VMCR_FIQEN;

    irq_set(s->dev.out[GICV2_VIRT_OUT(cpu, GICV2_VIRQ)], on && !fiq);
    irq_set(s->dev.out[GICV2_VIRT_OUT(cpu, GICV2_VFIQ)], fiq);
    irq_set(s->dev.out[GICV2_VIRT_OUT(cpu, GICV2_MAINTENANCE)], s->hcr[cpu] & HCR_EN && misr(s, cpu));
}

static unsigned accessor(const struct gicv2_virt *s)
{
    unsigned cpu = (unsigned)bus_current_cpu();

    return cpu < s->num_cpu ? cpu : 0;
}

/* ---- GICV: the virtual machine's interface ----------------------------------------------------- */

/* As GICC_IAR and its alias for Group 1 show an interrupt; SGIs with their sender. */
static uint32_t visible_id(const struct gicv2_virt *s, unsigned cpu, uint32_t lr, bool alias)
{
    if (alias && !(lr & LR_GROUP1))
        return SPURIOUS;
    if (!alias && lr & LR_GROUP1 && !(s->vmcr[cpu] & VMCR_ACKCTL))
        return OTHER_GROUP;
    return lr & (lr & LR_HW ? 0x3ff : 0x1fff);
}

static uint32_t acknowledge(struct gicv2_virt *s, unsigned cpu, bool alias)
{
    int i = best_lr(s, cpu);
    uint32_t *lr, id;

    if (!signalled(s, cpu, i))
        return SPURIOUS;
    lr = &lrs(s, cpu)[i];
    id = visible_id(s, cpu, *lr, alias);
    if (id == SPURIOUS || id == OTHER_GROUP)
        return id;
    s->apr[cpu] |= 1u << (group_priority(s, cpu, *lr) >> (8 - PRIO_BITS));
    *lr = (*lr & ~LR_PENDING) | LR_ACTIVE;
    update(s, cpu);
    return id;
}

static uint32_t highest_pending(struct gicv2_virt *s, unsigned cpu, bool alias)
{
    int i = best_lr(s, cpu);

    return i < 0 ? SPURIOUS : visible_id(s, cpu, lrs(s, cpu)[i], alias);
}

/* 5.2.1: the list register's interrupt, and with HW the physical one behind it; none has it: EOICount. */
static void deactivate(struct gicv2_virt *s, unsigned cpu, uint32_t v)
{
    for (unsigned i = 0; i < NLR; i++) {
        uint32_t *lr = &lrs(s, cpu)[i];

        if (!(*lr & LR_ACTIVE) || ((*lr ^ v) & (*lr & LR_HW ? 0x3ff : 0x1fff)))
            continue;
        *lr &= ~LR_ACTIVE;
        if (*lr & LR_HW)
            gicv2_deactivate(s->gic, cpu, *lr >> 10 & 0x3ff);
        return;
    }
    s->hcr[cpu] += 1u << HCR_EOICOUNT;
}

static void end_of_interrupt(struct gicv2_virt *s, unsigned cpu, uint32_t v)
{
    if ((v & 0x3ff) >= 1020 || !s->apr[cpu])
        return;
    s->apr[cpu] &= s->apr[cpu] - 1;
    if (!(s->vmcr[cpu] & VMCR_EOIM))
        deactivate(s, cpu, v);
}

static uint64_t gicv_read(void *opaque, uint64_t off, unsigned size)
{
    struct gicv2_virt *s = opaque;
    unsigned cpu = accessor(s), running;

    (void)size;
    switch (off) {
    case GICV_CTLR:
        return s->vmcr[cpu] & VMCR_CTLR;
    case GICV_PMR:
        return (s->vmcr[cpu] >> VMCR_PMR) << 3;
    case GICV_BPR:
        return s->vmcr[cpu] >> VMCR_BPR & 7;
    case GICV_ABPR:
        return s->vmcr[cpu] >> VMCR_ABPR & 7;
    case GICV_IAR:
    case GICV_AIAR:
        return acknowledge(s, cpu, off == GICV_AIAR);
    case GICV_HPPIR:
    case GICV_AHPPIR:
        return highest_pending(s, cpu, off == GICV_AHPPIR);
    case GICV_RPR:
        running = running_priority(s, cpu);
        return running == IDLE ? 0xff : running;
    case GICV_APR0:
        return s->apr[cpu];
    case GICV_IIDR:
        return 2u << 16 | 0x43b;
    default:
        log_guest_error("gicv2: read of virtual CPU interface offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void gicv_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct gicv2_virt *s = opaque;
    unsigned cpu = accessor(s);
    uint32_t v = (uint32_t)val, *vmcr = &s->vmcr[cpu];

    (void)size;
    switch (off) {
    case GICV_CTLR:
        *vmcr = (*vmcr & ~(uint32_t)VMCR_CTLR) | (v & VMCR_CTLR);
        break;
    case GICV_PMR:
        set_field(vmcr, VMCR_PMR, 0x1f, v >> 3);
        break;
    case GICV_BPR:
        set_field(vmcr, VMCR_BPR, 7, MAX(v & 7, MIN_BPR));
        break;
    case GICV_ABPR:
        set_field(vmcr, VMCR_ABPR, 7, MAX(v & 7, MIN_ABPR));
        break;
    case GICV_EOIR:
    case GICV_AEOIR:
        end_of_interrupt(s, cpu, v);
        break;
    case GICV_APR0:
        s->apr[cpu] = v;
        break;
    case GICV_DIR:
        if (*vmcr & VMCR_EOIM)
            deactivate(s, cpu, v);
        break;
    default:
        log_guest_error("gicv2: write of virtual CPU interface offset 0x%x", (unsigned)off);
        return;
    }
    update(s, cpu);
}

/* ---- GICH: the hypervisor's registers ---------------------------------------------------------- */

static uint32_t lr_bits(struct gicv2_virt *s, unsigned cpu, bool ended)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < NLR; i++) {
        uint32_t lr = lrs(s, cpu)[i];

        if (!(lr & (LR_PENDING | LR_ACTIVE)) && lr_ended(lr) == ended)
            bits |= 1u << i;
    }
    return bits;
}

static uint64_t gich_read(void *opaque, uint64_t off, unsigned size)
{
    struct gicv2_virt *s = opaque;
    unsigned cpu = accessor(s), n = (unsigned)(off - GICH_LR) / 4;

    (void)size;
    switch (off) {
    case GICH_HCR:
        return s->hcr[cpu];
    case GICH_VTR:
        return VTR_VALUE;
    case GICH_VMCR:
        return s->vmcr[cpu];
    case GICH_MISR:
        return misr(s, cpu);
    case GICH_EISR0:
        return lr_bits(s, cpu, true);
    case GICH_ELRSR0:
        return lr_bits(s, cpu, false);
    case GICH_EISR1:
    case GICH_ELRSR1:
        return 0;
    case GICH_APR:
        return s->apr[cpu];
    case GICH_LR ... GICH_LR_END - 1:
        return n < NLR ? lrs(s, cpu)[n] : 0;
    default:
        log_guest_error("gicv2: read of virtual interface control offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void write_vmcr(uint32_t *vmcr, uint32_t v)
{
    *vmcr = v & (VMCR_CTLR | 0x1fu << VMCR_PMR);
    set_field(vmcr, VMCR_BPR, 7, MAX(v >> VMCR_BPR & 7, MIN_BPR));
    set_field(vmcr, VMCR_ABPR, 7, MAX(v >> VMCR_ABPR & 7, MIN_ABPR));
}

static void gich_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct gicv2_virt *s = opaque;
    unsigned cpu = accessor(s), n = (unsigned)(off - GICH_LR) / 4;

    (void)size;
    switch (off) {
    case GICH_HCR:
        s->hcr[cpu] = (uint32_t)val & HCR_MASK;
        break;
    case GICH_VMCR:
        write_vmcr(&s->vmcr[cpu], (uint32_t)val);
        break;
    case GICH_APR:
        s->apr[cpu] = (uint32_t)val;
        break;
    case GICH_LR ... GICH_LR_END - 1:
        if (n < NLR)
            lrs(s, cpu)[n] = (uint32_t)val;
        break;
    default:
        log_guest_error("gicv2: write of virtual interface control offset 0x%x", (unsigned)off);
        return;
    }
    update(s, cpu);
}

static const struct mmio_ops gich_ops = { .read = gich_read, .write = gich_write, .min_size = 4, .max_size = 4 };
static const struct mmio_ops gicv_ops = { .read = gicv_read, .write = gicv_write, .min_size = 4, .max_size = 4 };

/* ---- the device -------------------------------------------------------------------------------- */

void gicv2_virt_set_gic(struct device *virt, struct device *gic)
{
    ((struct gicv2_virt *)virt)->gic = gic;
}

static void virt_reset(struct device *dev)
{
    struct gicv2_virt *s = (struct gicv2_virt *)dev;

    memset(s->hcr, 0, sizeof(s->hcr));
    memset(s->apr, 0, sizeof(s->apr));
    memset(s->lr, 0, sizeof(s->lr));
    for (unsigned cpu = 0; cpu < s->num_cpu; cpu++) {
        write_vmcr(&s->vmcr[cpu], 0);
        update(s, cpu);
    }
}

static bool virt_realize(struct device *dev, GError **err)
{
    struct gicv2_virt *s = (struct gicv2_virt *)dev;

    if (s->num_cpu < 1 || s->num_cpu > GIC_MAX_CPUS) {
        g_set_error(err, g_quark_from_static_string("gicv2"), 0, "num-cpu must be 1 to %d", GIC_MAX_CPUS);
        return false;
    }
    g_assert(s->gic);
    device_init_mmio(dev, 0, "gic-virtual-control", &gich_ops, s, 0x1000);
    device_init_mmio(dev, 1, "gic-virtual-cpu-interface", &gicv_ops, s, 0x2000);
    device_init_out(dev, (int)(GICV2_VIRT_LINES * s->num_cpu));
    return true;
}

static bool virt_post_load(struct device *dev, GError **err)
{
    struct gicv2_virt *s = (struct gicv2_virt *)dev;

    (void)err;
    for (unsigned cpu = 0; cpu < s->num_cpu; cpu++) {
        write_vmcr(&s->vmcr[cpu], s->vmcr[cpu]);
        update(s, cpu);
    }
    return true;
}

static const struct device_prop virt_props[] = {
    PROP(struct gicv2_virt, num_cpu, "num-cpu", PROP_U32, 1, "CPU interfaces"),
    PROP_END
};

static const struct state_field virt_state[] = {
    STATE_ARRAY(struct gicv2_virt, hcr), STATE_ARRAY(struct gicv2_virt, vmcr), STATE_ARRAY(struct gicv2_virt, apr),
    STATE_ARRAY(struct gicv2_virt, lr), STATE_END
};

static const struct device_type virt_type = {
    .name = "arm-gicv2-virt", .desc = "virtualization of an arm_gic", .size = sizeof(struct gicv2_virt),
    .props = virt_props, .state = virt_state, .realize = virt_realize, .reset = virt_reset, .post_load = virt_post_load,
};
DEVICE_REGISTER(virt_type)
