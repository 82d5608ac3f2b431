/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARM Generic Interrupt Controller, architecture version 2 (IHI 0048B), without the Security Extensions; virtualization is in
 * gicv2-virt.c. mmio 0: distributor. mmio 1: CPU interface of the CPU that accesses it. Lines: gicv2.h.
 *
 * Eight priority bits, both interrupt groups. Not modelled: legacy interrupt bypass (the bypass disable bits are kept),
 * wake-up events, save and restore of APRs beyond plain reads and writes.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv2.h"
#include "softmmu/device.h"
#include "util/log.h"

#define GIC_MAX_IRQS 1020
#define GIC_WORDS 32
#define GIC_SGIS 16
#define GIC_SPURIOUS 1023
#define GIC_OTHER_GROUP 1022     /* the highest pending one is of Group 1, and AckCtl is 0 */
#define GIC_IDLE_PRIORITY 0x100  /* nothing active: below every priority */
#define GIC_APRS 4

enum gicd_reg {
    GICD_CTLR       = 0x000,     /* 4.3.1 */
    GICD_TYPER      = 0x004,     /* 4.3.2 */
    GICD_IIDR       = 0x008,     /* 4.3.3 */
    GICD_IGROUPR    = 0x080,     /* 4.3.4 */
    GICD_ISENABLER  = 0x100,     /* 4.3.5 */
    GICD_ICENABLER  = 0x180,     /* 4.3.6 */
    GICD_ISPENDR    = 0x200,     /* 4.3.7 */
    GICD_ICPENDR    = 0x280,     /* 4.3.8 */
    GICD_ISACTIVER  = 0x300,     /* 4.3.9 */
    GICD_ICACTIVER  = 0x380,     /* 4.3.10 */
    GICD_IPRIORITYR = 0x400,     /* 4.3.11 */
    GICD_ITARGETSR  = 0x800,     /* 4.3.12 */
    GICD_ICFGR      = 0xc00,     /* 4.3.13 */
    GICD_ICFGR_END  = 0xd00,
    GICD_NSACR      = 0xe00,     /* 4.3.14: RAZ/WI without the Security Extensions */
    GICD_SGIR       = 0xf00,     /* 4.3.15 */
    GICD_CPENDSGIR  = 0xf10,     /* 4.3.16 */
    GICD_SPENDSGIR  = 0xf20,     /* 4.3.17 */
    GICD_SPENDSGIR_END = 0xf30,
    GICD_ID         = 0xfd0,     /* 4.3.18 */
};

enum gicc_reg {
    GICC_CTLR   = 0x0000,        /* 4.4.1 */
    GICC_PMR    = 0x0004,        /* 4.4.2 */
    GICC_BPR    = 0x0008,        /* 4.4.3 */
    GICC_IAR    = 0x000c,        /* 4.4.4 */
    GICC_EOIR   = 0x0010,        /* 4.4.5 */
    GICC_RPR    = 0x0014,        /* 4.4.6 */
    GICC_HPPIR  = 0x0018,        /* 4.4.7 */
    GICC_ABPR   = 0x001c,        /* 4.4.8 */
    GICC_AIAR   = 0x0020,        /* 4.4.9 */
    GICC_AEOIR  = 0x0024,        /* 4.4.10 */
    GICC_AHPPIR = 0x0028,        /* 4.4.11 */
    GICC_APR    = 0x00d0,        /* 4.4.12 */
    GICC_NSAPR  = 0x00e0,        /* 4.4.13 */
    GICC_NSAPR_END = 0x00f0,
    GICC_IIDR   = 0x00fc,        /* 4.4.14 */
    GICC_DIR    = 0x1000,        /* 4.4.15 */
};

enum gicd_ctlr_bits { GICD_CTLR_GRP0 = 1, GICD_CTLR_GRP1 = 2 };

enum gicc_ctlr_bits {
    GICC_CTLR_GRP0 = 1 << 0, GICC_CTLR_GRP1 = 1 << 1, GICC_CTLR_ACKCTL = 1 << 2,
    GICC_CTLR_FIQEN = 1 << 3, GICC_CTLR_CBPR = 1 << 4, GICC_CTLR_EOIMODE = 1 << 9,
    GICC_CTLR_MASK = 0x3ff,
};

#define GIC_IMPLEMENTER 0x43b    /* JEP106 code of ARM */
#define GICC_IIDR_V2 (2u << 16)

/* Peripheral and component IDs; ArchRev in ICPIDR2 is 2. */
static const uint8_t gicd_id[12] = { 0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1 };

/* One bit per interrupt ID; the first 32 IDs are banked. */
struct gic_bits {
    uint32_t internal[GIC_MAX_CPUS];
    uint32_t spi[GIC_WORDS - 1];
};

/* Owner: the device lock. */
struct gic {
    struct device dev;
    uint32_t num_cpu, num_irq;   /* properties */

    uint32_t ctlr;
    struct gic_bits enabled, pending, active, group, level, edge;
    uint8_t sgi_from[GIC_MAX_CPUS][GIC_SGIS];     /* CPUs that have this SGI pending here */
    uint8_t internal_prio[GIC_MAX_CPUS][GIC_INTERNAL];
    uint8_t spi_prio[GIC_MAX_IRQS];
    uint8_t target[GIC_MAX_IRQS];
    uint32_t targeted[GIC_MAX_CPUS * GIC_WORDS];  /* from target: SPIs that go to a CPU, 32 per word */

    uint32_t cpu_ctlr[GIC_MAX_CPUS], pmr[GIC_MAX_CPUS], bpr[GIC_MAX_CPUS], abpr[GIC_MAX_CPUS];
    uint32_t apr[GIC_MAX_CPUS * GIC_APRS];        /* active group priorities, Group 0 */
    uint32_t nsapr[GIC_MAX_CPUS * GIC_APRS];      /* Group 1 */
};

static uint32_t *word(struct gic_bits *b, unsigned cpu, unsigned n)
{
    return n ? &b->spi[n - 1] : &b->internal[cpu];
}

static bool test(struct gic_bits *b, unsigned cpu, unsigned irq)
{
    return *word(b, cpu, irq / 32) >> (irq % 32) & 1;
}

static void assign(struct gic_bits *b, unsigned cpu, unsigned irq, bool on)
{
    uint32_t bit = 1u << (irq % 32), *w = word(b, cpu, irq / 32);

    *w = on ? *w | bit : *w & ~bit;
}

static uint8_t *priority(struct gic *s, unsigned cpu, unsigned irq)
{
    return irq < GIC_INTERNAL ? &s->internal_prio[cpu][irq] : &s->spi_prio[irq];
}

/* ---- which interrupt, and is it signalled ------------------------------------------------------ */

/* Pending state (4.3.7): what was latched, and level-sensitive inputs that are high; SGIs from anybody. */
static uint32_t pending_word(struct gic *s, unsigned cpu, unsigned n)
{
    uint32_t w = *word(&s->pending, cpu, n) |
                 (*word(&s->level, cpu, n) & ~*word(&s->edge, cpu, n));

    for (unsigned i = 0; n == 0 && i < GIC_SGIS; i++)
        if (s->sgi_from[cpu][i])
            w |= 1u << i;
    return w;
}

/* Groups that the distributor forwards, as a mask over a word's group bits. */
static uint32_t forwarded_word(struct gic *s, unsigned cpu, unsigned n)
{
    uint32_t group = *word(&s->group, cpu, n), mask = 0;

    if (s->ctlr & GICD_CTLR_GRP0)
        mask |= ~group;
    if (s->ctlr & GICD_CTLR_GRP1)
        mask |= group;
    return mask;
}

/* The pending, enabled, not active interrupt of the highest priority for this CPU; equal ones: the lowest ID. */
static unsigned best_pending(struct gic *s, unsigned cpu)
{
    unsigned best = GIC_SPURIOUS, best_prio = GIC_IDLE_PRIORITY;

    for (unsigned n = 0; n < s->num_irq / 32; n++) {
        uint32_t w = pending_word(s, cpu, n) & *word(&s->enabled, cpu, n) &
                     ~*word(&s->active, cpu, n) & forwarded_word(s, cpu, n);

        if (n)
            w &= s->targeted[cpu * GIC_WORDS + n];
        for (; w; w &= w - 1) {
            unsigned irq = n * 32 + (unsigned)__builtin_ctz(w);
            unsigned prio = *priority(s, cpu, irq);

            if (prio < best_prio) {
                best = irq;
                best_prio = prio;
            }
        }
    }
    return best;
}

static unsigned lowest_active(const uint32_t *apr)
{
    for (unsigned i = 0; i < GIC_APRS; i++)
        if (apr[i])
            return (i * 32 + (unsigned)__builtin_ctz(apr[i])) << 1;
    return GIC_IDLE_PRIORITY;
}

static unsigned running_priority(struct gic *s, unsigned cpu)
{
    unsigned a = lowest_active(&s->apr[cpu * GIC_APRS]);
    unsigned b = lowest_active(&s->nsapr[cpu * GIC_APRS]);

    return a < b ? a : b;
}

/* The part of a priority that decides about preemption (3.3.3); the two binary points differ by one. */
static unsigned group_priority(struct gic *s, unsigned cpu, unsigned prio, bool group1)
{
    unsigned low = s->bpr[cpu] + 1;

    if (group1 && !(s->cpu_ctlr[cpu] & GICC_CTLR_CBPR))
        low = s->abpr[cpu];
    return prio & ~0u << low & 0xfe;
}

/* May it be signalled to the CPU now (3.3.2, 3.3.3)? */
static bool signalled(struct gic *s, unsigned cpu, unsigned irq)
{
    bool group1;
    unsigned prio;

    if (irq >= s->num_irq)
        return false;
    group1 = test(&s->group, cpu, irq);
    prio = *priority(s, cpu, irq);
    return s->cpu_ctlr[cpu] & (group1 ? GICC_CTLR_GRP1 : GICC_CTLR_GRP0) && prio < s->pmr[cpu] &&
           group_priority(s, cpu, prio, group1) < running_priority(s, cpu);
}

static void update_cpu(struct gic *s, unsigned cpu)
{
    unsigned irq = best_pending(s, cpu);
    bool on = signalled(s, cpu, irq);
    bool fiq = on && !test(&s->group, cpu, irq) && s->cpu_ctlr[cpu] & GICC_CTLR_FIQEN;

    irq_set(s->dev.out[GIC_OUT_IRQ(cpu)], on && !fiq);
    irq_set(s->dev.out[GIC_OUT_FIQ(cpu)], fiq);
}

static void update(struct gic *s)
{
    for (unsigned cpu = 0; cpu < s->num_cpu; cpu++)
        update_cpu(s, cpu);
}

/* After a change to one interrupt as cpu sees it: those of the first 32 concern nobody else. */
static void update_for(struct gic *s, unsigned cpu, unsigned irq)
{
    if (irq < GIC_INTERNAL)
        update_cpu(s, cpu);
    else
        update(s);
}

/* ---- inputs ------------------------------------------------------------------------------------ */

static void gic_input(void *opaque, int n, bool level)
{
    struct gic *s = opaque;
    unsigned nspi = s->num_irq - GIC_INTERNAL, cpu = 0, irq = (unsigned)n + GIC_INTERNAL;

    if ((unsigned)n >= nspi) {
        cpu = ((unsigned)n - nspi) / GIC_INTERNAL;
        irq = ((unsigned)n - nspi) % GIC_INTERNAL;
        g_assert(irq >= GIC_SGIS);
    }
    if (test(&s->level, cpu, irq) == level)
        return;
    assign(&s->level, cpu, irq, level);
    if (level && test(&s->edge, cpu, irq))
        assign(&s->pending, cpu, irq, true);
    update_for(s, cpu, irq);
}

/* ---- distributor ------------------------------------------------------------------------------- */

static uint32_t typer(const struct gic *s)
{
    return (s->num_irq / 32 - 1) | (s->num_cpu - 1) << 5;
}

/* SPIs of a uniprocessor go to it, and the registers read as zero (4.3.12). */
static uint8_t read_target(const struct gic *s, unsigned cpu, unsigned irq)
{
    if (s->num_cpu == 1)
        return 0;
    return irq < GIC_INTERNAL ? (uint8_t)(1u << cpu) : s->target[irq];
}

static void set_target(struct gic *s, unsigned irq, uint8_t mask)
{
    uint32_t bit = 1u << (irq % 32);

    s->target[irq] = mask & ((1u << s->num_cpu) - 1);
    for (unsigned cpu = 0; cpu < s->num_cpu; cpu++) {
        uint32_t *w = &s->targeted[cpu * GIC_WORDS + irq / 32];
        bool on = s->num_cpu == 1 || s->target[irq] >> cpu & 1;

        *w = on ? *w | bit : *w & ~bit;
    }
}

/* Two bits per interrupt, the upper says edge-triggered. SGIs read as edge-triggered (4.3.13). */
static uint32_t read_config(struct gic *s, unsigned cpu, unsigned first)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 16; i++)
        if (first + i < GIC_SGIS || test(&s->edge, cpu, first + i))
            v |= 2u << (2 * i);
    return v;
}

static void write_config(struct gic *s, unsigned cpu, unsigned first, uint32_t v, uint32_t mask)
{
    for (unsigned i = 0; i < 16; i++)
        if (first + i >= GIC_SGIS && mask >> (2 * i + 1) & 1)
            assign(&s->edge, cpu, first + i, v >> (2 * i + 1) & 1);
}

/* A register with one bit per interrupt: word n of the array at base. */
static uint32_t read_bits(struct gic *s, unsigned cpu, unsigned base, unsigned n)
{
    switch (base) {
    case GICD_IGROUPR:
        return *word(&s->group, cpu, n);
    case GICD_ISENABLER:
    case GICD_ICENABLER:
        return *word(&s->enabled, cpu, n);
    case GICD_ISPENDR:
    case GICD_ICPENDR:
        return pending_word(s, cpu, n);
    default:
        return *word(&s->active, cpu, n);
    }
}

static void write_bits(struct gic *s, unsigned cpu, unsigned base, unsigned n, uint32_t v, uint32_t mask)
{
    uint32_t sgis = n ? 0 : 0xffff, *w;

    v &= mask;
    switch (base) {
    case GICD_IGROUPR:
        w = word(&s->group, cpu, n);
        *w = (*w & ~mask) | v;
        break;
    case GICD_ISENABLER:
        *word(&s->enabled, cpu, n) |= v;
        break;
    case GICD_ICENABLER:             /* SGIs are always enabled here */
        *word(&s->enabled, cpu, n) &= ~(v & ~sgis);
        break;
    case GICD_ISPENDR:               /* writes to the SGIs' bits are ignored */
        *word(&s->pending, cpu, n) |= v & ~sgis;
        break;
    case GICD_ICPENDR:
        *word(&s->pending, cpu, n) &= ~(v & ~sgis);
        break;
    case GICD_ISACTIVER:
        *word(&s->active, cpu, n) |= v;
        break;
    default:
        *word(&s->active, cpu, n) &= ~v;
        break;
    }
    update(s);
}

/* Registers with a byte per interrupt, four at a time. */
static uint32_t read_bytes(struct gic *s, unsigned cpu, unsigned off)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 4; i++) {
        unsigned irq = (off & 0x3ff) + i;
        uint8_t b = off < GICD_ITARGETSR ? *priority(s, cpu, irq) : read_target(s, cpu, irq);

        v |= (uint32_t)b << (8 * i);
    }
    return v;
}

static void write_bytes(struct gic *s, unsigned cpu, unsigned off, uint32_t v, uint32_t mask)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned irq = (off & 0x3ff) + i;

        if (!(mask >> (8 * i) & 0xff))
            continue;
        if (off < GICD_ITARGETSR)
            *priority(s, cpu, irq) = v >> (8 * i) & 0xff;
        else if (irq >= GIC_INTERNAL)
            set_target(s, irq, v >> (8 * i) & 0xff);
    }
    update(s);
}

static uint32_t read_sgi_pending(struct gic *s, unsigned cpu, unsigned off)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t)s->sgi_from[cpu][(off & 0xf) + i] << (8 * i);
    return v;
}

static void write_sgi_pending(struct gic *s, unsigned cpu, unsigned off, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        uint8_t *from = &s->sgi_from[cpu][(off & 0xf) + i];
        uint8_t bits = v >> (8 * i) & ((1u << s->num_cpu) - 1);

        *from = off < GICD_SPENDSGIR ? *from & ~bits : *from | bits;
    }
    update_cpu(s, cpu);
}

/* 4.3.15 */
static void send_sgi(struct gic *s, unsigned cpu, uint32_t v)
{
    uint32_t all = (1u << s->num_cpu) - 1, targets;

    switch (v >> 24 & 3) {
    case 0:
        targets = v >> 16 & all;
        break;
    case 1:
        targets = all & ~(1u << cpu);
        break;
    case 2:
        targets = 1u << cpu;
        break;
    default:
        log_guest_error("gicv2: GICD_SGIR with reserved target filter 3");
        return;
    }
    for (unsigned to = 0; to < s->num_cpu; to++)
        if (targets >> to & 1) {
            s->sgi_from[to][v & 0xf] |= (uint8_t)(1u << cpu);
            update_cpu(s, to);
        }
}

/* The CPU that accesses; accesses from elsewhere (a debugger) count as the first one's. */
static unsigned accessor(const struct gic *s)
{
    unsigned cpu = (unsigned)bus_current_cpu();

    return cpu < s->num_cpu ? cpu : 0;
}

static bool in_range(const struct gic *s, unsigned first_irq)
{
    return first_irq < s->num_irq;
}

static uint32_t gicd_read_word(struct gic *s, unsigned off)
{
    unsigned cpu = accessor(s);

    switch (off) {
    case GICD_CTLR:
        return s->ctlr;
    case GICD_TYPER:
        return typer(s);
    case GICD_IIDR:
        return GIC_IMPLEMENTER;
    case GICD_IGROUPR ... GICD_IPRIORITYR - 1:
        return in_range(s, off % 0x80 * 8) ? read_bits(s, cpu, off & ~0x7fu, off % 0x80 / 4) : 0;
    case GICD_IPRIORITYR ... GICD_ICFGR - 1:
        return in_range(s, off & 0x3ff) ? read_bytes(s, cpu, off) : 0;
    case GICD_ICFGR ... GICD_ICFGR_END - 1:
        return in_range(s, off % 0x100 * 4) ? read_config(s, cpu, off % 0x100 * 4) : 0;
    case GICD_NSACR ... GICD_SGIR - 1:
        return 0;
    case GICD_CPENDSGIR ... GICD_SPENDSGIR_END - 1:
        return read_sgi_pending(s, cpu, off);
    case GICD_ID ... 0xfff:
        return gicd_id[(off - GICD_ID) / 4];
    default:
        log_guest_error("gicv2: read of distributor offset 0x%x", off);
        return 0;
    }
}

static void gicd_write_word(struct gic *s, unsigned off, uint32_t v, uint32_t mask)
{
    unsigned cpu = accessor(s);

    switch (off) {
    case GICD_CTLR:
        s->ctlr = ((s->ctlr & ~mask) | (v & mask)) & (GICD_CTLR_GRP0 | GICD_CTLR_GRP1);
        update(s);
        return;
    case GICD_IGROUPR ... GICD_IPRIORITYR - 1:
        if (in_range(s, off % 0x80 * 8))
            write_bits(s, cpu, off & ~0x7fu, off % 0x80 / 4, v, mask);
        return;
    case GICD_IPRIORITYR ... GICD_ICFGR - 1:
        if (in_range(s, off & 0x3ff))
            write_bytes(s, cpu, off, v, mask);
        return;
    case GICD_ICFGR ... GICD_ICFGR_END - 1:
        if (in_range(s, off % 0x100 * 4))
            write_config(s, cpu, off % 0x100 * 4, v, mask);
        update(s);
        return;
    case GICD_NSACR ... GICD_SGIR - 1:
        return;
    case GICD_SGIR:
        send_sgi(s, cpu, v);
        return;
    case GICD_CPENDSGIR ... GICD_SPENDSGIR_END - 1:
        write_sgi_pending(s, cpu, off, v & mask);
        return;
    default:
        log_guest_error("gicv2: write of distributor offset 0x%x", off);
    }
}

/* Bytes of priorities, targets and SGI pending bits may be accessed alone (4.1.4); other narrow accesses work alike. */
static uint64_t gicd_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;              /* the bus drops the upper bytes */
    return gicd_read_word(opaque, (unsigned)off & ~3u) >> (8 * (off & 3));
}

static void gicd_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    unsigned shift = 8 * (off & 3);
    uint32_t mask = size == 4 ? ~0u : ((1u << (8 * size)) - 1) << shift;

    gicd_write_word(opaque, (unsigned)off & ~3u, (uint32_t)val << shift, mask);
}

/* ---- CPU interface ----------------------------------------------------------------------------- */

/* The ID that IAR, HPPIR (group1 false) or their aliases for Group 1 give for irq. */
static unsigned visible_id(struct gic *s, unsigned cpu, unsigned irq, bool alias)
{
    bool group1;

    if (irq == GIC_SPURIOUS)
        return irq;
    group1 = test(&s->group, cpu, irq);
    if (alias)
        return group1 ? irq : GIC_SPURIOUS;
    if (group1 && !(s->cpu_ctlr[cpu] & GICC_CTLR_ACKCTL))
        return GIC_OTHER_GROUP;
    return irq;
}

static void raise_running(struct gic *s, unsigned cpu, unsigned irq)
{
    bool group1 = test(&s->group, cpu, irq);
    unsigned p = group_priority(s, cpu, *priority(s, cpu, irq), group1) >> 1;
    uint32_t *apr = group1 ? s->nsapr : s->apr;

    apr[cpu * GIC_APRS + p / 32] |= 1u << (p % 32);
}

static uint32_t acknowledge(struct gic *s, unsigned cpu, bool alias)
{
    unsigned irq = best_pending(s, cpu), from = 0;

    if (!signalled(s, cpu, irq))
        return GIC_SPURIOUS;
    irq = visible_id(s, cpu, irq, alias);
    if (irq >= s->num_irq)
        return irq;
    if (irq < GIC_SGIS) {
        from = (unsigned)__builtin_ctz(s->sgi_from[cpu][irq]);
        s->sgi_from[cpu][irq] &= (uint8_t)~(1u << from);
    } else {
        assign(&s->pending, cpu, irq, false);
    }
    assign(&s->active, cpu, irq, true);
    raise_running(s, cpu, irq);
    update_for(s, cpu, irq);
    return irq | from << 10;
}

static uint32_t highest_pending(struct gic *s, unsigned cpu, bool alias)
{
    unsigned irq = visible_id(s, cpu, best_pending(s, cpu), alias);

    if (irq < GIC_SGIS)
        irq |= (unsigned)__builtin_ctz(s->sgi_from[cpu][irq]) << 10;
    return irq;
}

static void drop_priority(uint32_t *apr)
{
    for (unsigned i = 0; i < GIC_APRS; i++)
        if (apr[i]) {
            apr[i] &= apr[i] - 1;
            return;
        }
}

static bool valid_eoi(const struct gic *s, unsigned irq, const char *reg)
{
    if (irq < s->num_irq)
        return true;
    if (irq != GIC_SPURIOUS && irq != GIC_OTHER_GROUP)
        log_guest_error("gicv2: %s with ID %u, which does not exist", reg, irq);
    return false;
}

static void end_of_interrupt(struct gic *s, unsigned cpu, uint32_t v, bool alias)
{
    unsigned irq = v & 0x3ff;
    bool group1;

    if (!valid_eoi(s, irq, "GICC_EOIR"))
        return;
    group1 = test(&s->group, cpu, irq);
    if (alias && !group1) {
        log_guest_error("gicv2: GICC_AEOIR for ID %u of Group 0", irq);
        return;
    }
    drop_priority((group1 ? s->nsapr : s->apr) + cpu * GIC_APRS);
    if (!(s->cpu_ctlr[cpu] & GICC_CTLR_EOIMODE))
        assign(&s->active, cpu, irq, false);
    update_for(s, cpu, irq);
}

static void deactivate(struct gic *s, unsigned cpu, uint32_t v)
{
    unsigned irq = v & 0x3ff;

    if (!valid_eoi(s, irq, "GICC_DIR"))
        return;
    if (!(s->cpu_ctlr[cpu] & GICC_CTLR_EOIMODE)) {
        log_guest_error("gicv2: GICC_DIR while EOImode is 0");
        return;
    }
    assign(&s->active, cpu, irq, false);
    update_for(s, cpu, irq);
}

void gicv2_deactivate(struct device *gic, unsigned cpu, unsigned irq)
{
    struct gic *s = (struct gic *)gic;

    if (irq >= s->num_irq)
        return;
    assign(&s->active, cpu, irq, false);
    update_for(s, cpu, irq);
}

static uint64_t gicc_read(void *opaque, uint64_t off, unsigned size)
{
    struct gic *s = opaque;
    unsigned cpu = accessor(s), running;

    (void)size;
    switch (off) {
    case GICC_CTLR:
        return s->cpu_ctlr[cpu];
    case GICC_PMR:
        return s->pmr[cpu];
    case GICC_BPR:
        return s->bpr[cpu];
    case GICC_IAR:
        return acknowledge(s, cpu, false);
    case GICC_RPR:
        running = running_priority(s, cpu);
        return running == GIC_IDLE_PRIORITY ? 0xff : running;
    case GICC_HPPIR:
        return highest_pending(s, cpu, false);
    case GICC_ABPR:
        return s->abpr[cpu];
    case GICC_AIAR:
        return acknowledge(s, cpu, true);
    case GICC_AHPPIR:
        return highest_pending(s, cpu, true);
    case GICC_APR ... GICC_NSAPR - 1:
        return s->apr[cpu * GIC_APRS + (off - GICC_APR) / 4];
    case GICC_NSAPR ... GICC_NSAPR_END - 1:
        return s->nsapr[cpu * GIC_APRS + (off - GICC_NSAPR) / 4];
    case GICC_IIDR:
        return GICC_IIDR_V2 | GIC_IMPLEMENTER;
    default:
        log_guest_error("gicv2: read of CPU interface offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void gicc_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct gic *s = opaque;
    unsigned cpu = accessor(s);
    uint32_t v = (uint32_t)val;

    (void)size;
    switch (off) {
    case GICC_CTLR:
        s->cpu_ctlr[cpu] = v & GICC_CTLR_MASK;
        break;
    case GICC_PMR:
        s->pmr[cpu] = v & 0xff;
        break;
    case GICC_BPR:
        s->bpr[cpu] = v & 7;
        break;
    case GICC_EOIR:
        end_of_interrupt(s, cpu, v, false);
        return;
    case GICC_ABPR:          /* its smallest value is one more than GICC_BPR's */
        s->abpr[cpu] = v & 7 ? v & 7 : 1;
        break;
    case GICC_AEOIR:
        end_of_interrupt(s, cpu, v, true);
        return;
    case GICC_APR ... GICC_NSAPR - 1:
        s->apr[cpu * GIC_APRS + (off - GICC_APR) / 4] = v;
        break;
    case GICC_NSAPR ... GICC_NSAPR_END - 1:
        s->nsapr[cpu * GIC_APRS + (off - GICC_NSAPR) / 4] = v;
        break;
    case GICC_DIR:
        deactivate(s, cpu, v);
        return;
    default:
        log_guest_error("gicv2: write of CPU interface offset 0x%x", (unsigned)off);
        return;
    }
    update_cpu(s, cpu);
}

/* ---- the device -------------------------------------------------------------------------------- */

static void clear_bits(struct gic_bits *b)
{
    memset(b, 0, sizeof(*b));
}

static void gic_reset(struct device *dev)
{
    struct gic *s = (struct gic *)dev;

    s->ctlr = 0;
    clear_bits(&s->enabled);
    clear_bits(&s->pending);
    clear_bits(&s->active);
    clear_bits(&s->group);
    clear_bits(&s->edge);
    memset(s->sgi_from, 0, sizeof(s->sgi_from));
    memset(s->internal_prio, 0, sizeof(s->internal_prio));
    memset(s->spi_prio, 0, sizeof(s->spi_prio));
    memset(s->apr, 0, sizeof(s->apr));
    memset(s->nsapr, 0, sizeof(s->nsapr));
    for (unsigned irq = GIC_INTERNAL; irq < s->num_irq; irq++)
        set_target(s, irq, 0);
    for (unsigned cpu = 0; cpu < GIC_MAX_CPUS; cpu++) {
        s->enabled.internal[cpu] = 0xffff;
        s->cpu_ctlr[cpu] = s->pmr[cpu] = s->bpr[cpu] = 0;
        s->abpr[cpu] = 1;
    }
    update(s);
}

static bool gic_post_load(struct device *dev, GError **err)
{
    struct gic *s = (struct gic *)dev;

    (void)err;
    for (unsigned cpu = 0; cpu < GIC_MAX_CPUS; cpu++) {
        s->bpr[cpu] &= 7;
        s->abpr[cpu] = s->abpr[cpu] & 7 ? s->abpr[cpu] & 7 : 1;
        for (unsigned i = 0; i < GIC_SGIS; i++)
            s->sgi_from[cpu][i] &= (uint8_t)((1u << s->num_cpu) - 1);
    }
    for (unsigned irq = GIC_INTERNAL; irq < s->num_irq; irq++)
        set_target(s, irq, s->target[irq]);
    update(s);
    return true;
}

static const struct mmio_ops gicd_ops = { .read = gicd_read, .write = gicd_write, .min_size = 1, .max_size = 4 };
static const struct mmio_ops gicc_ops = { .read = gicc_read, .write = gicc_write, .min_size = 4, .max_size = 4 };

static bool gic_realize(struct device *dev, GError **err)
{
    struct gic *s = (struct gic *)dev;

    if (s->num_cpu < 1 || s->num_cpu > GIC_MAX_CPUS || s->num_irq % 32 || s->num_irq < 64 ||
        s->num_irq > GIC_MAX_IRQS) {
        g_set_error(err, g_quark_from_static_string("gicv2"), 0,
                    "num-cpu must be 1 to %d and num-irq a multiple of 32 from 64 to 992", GIC_MAX_CPUS);
        return false;
    }
    device_init_mmio(dev, 0, "gic-distributor", &gicd_ops, s, 0x1000);
    device_init_mmio(dev, 1, "gic-cpu-interface", &gicc_ops, s, 0x2000);
    device_init_in(dev, gic_input, (int)(s->num_irq - GIC_INTERNAL + s->num_cpu * GIC_INTERNAL));
    device_init_out(dev, (int)(2 * s->num_cpu));
    return true;
}

static const struct device_prop gic_props[] = {
    PROP(struct gic, num_cpu, "num-cpu", PROP_U32, 1, "CPU interfaces"),
    PROP(struct gic, num_irq, "num-irq", PROP_U32, 288, "interrupt IDs, the 32 internal ones included"),
    PROP_END
};

#define STATE_BITS(field) \
    STATE_ARRAY(struct gic, field.internal), STATE_ARRAY(struct gic, field.spi)
static const struct state_field gic_state[] = {
    STATE(struct gic, ctlr),
    STATE_BITS(enabled), STATE_BITS(pending), STATE_BITS(active), STATE_BITS(group), STATE_BITS(level),
    STATE_BITS(edge),
    { "sgi_from", offsetof(struct gic, sgi_from), 1, GIC_MAX_CPUS * GIC_SGIS },
    { "internal_prio", offsetof(struct gic, internal_prio), 1, GIC_MAX_CPUS * GIC_INTERNAL },
    STATE_ARRAY(struct gic, spi_prio),
    STATE_ARRAY(struct gic, target),
    STATE_ARRAY(struct gic, cpu_ctlr),
    STATE_ARRAY(struct gic, pmr),
    STATE_ARRAY(struct gic, bpr),
    STATE_ARRAY(struct gic, abpr),
    STATE_ARRAY(struct gic, apr),
    STATE_ARRAY(struct gic, nsapr),
    STATE_END
};

static const struct device_type gic_type = {
    .name = "arm_gic", .desc = "ARM Generic Interrupt Controller v2", .size = sizeof(struct gic),
    .props = gic_props, .state = gic_state,
    .realize = gic_realize, .reset = gic_reset, .post_load = gic_post_load,
};
DEVICE_REGISTER(gic_type)
