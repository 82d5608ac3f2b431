/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GICv3 CPU interfaces: the ICC_* system registers (IHI 0069, 12.2), with one Security state. SRE, DFB and DIB read as one: there is
 * no memory-mapped interface and no bypass.
 *
 * The running priority is the lowest bit of both active priority registers (4.8.5); a binary point says how many low bits of a priority
 * do not matter for preemption (4.8.4). Group 1's point counts one less bit than Group 0's.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv3-internal.h"
#include "util/log.h"

#define R(op1, crn, crm, op2) CPU_SYSREG(3, op1, crn, crm, op2)
enum icc_reg {
    ICC_PMR      = R(0, 4, 6, 0),
    ICC_IAR0     = R(0, 12, 8, 0), ICC_EOIR0 = R(0, 12, 8, 1), ICC_HPPIR0 = R(0, 12, 8, 2), ICC_BPR0 = R(0, 12, 8, 3),
    ICC_AP0R0    = R(0, 12, 8, 4),
    ICC_AP1R0    = R(0, 12, 9, 0),
    ICC_DIR      = R(0, 12, 11, 1),
    ICC_RPR      = R(0, 12, 11, 3),
    ICC_SGI1R    = R(0, 12, 11, 5), ICC_ASGI1R = R(0, 12, 11, 6), ICC_SGI0R = R(0, 12, 11, 7),
    ICC_IAR1     = R(0, 12, 12, 0), ICC_EOIR1 = R(0, 12, 12, 1), ICC_HPPIR1 = R(0, 12, 12, 2), ICC_BPR1 = R(0, 12, 12, 3),
    ICC_CTLR     = R(0, 12, 12, 4),
    ICC_SRE      = R(0, 12, 12, 5),
    ICC_IGRPEN0  = R(0, 12, 12, 6), ICC_IGRPEN1 = R(0, 12, 12, 7),
    ICC_SRE_EL2  = R(4, 12, 9, 5),
    ICC_CTLR_EL3 = R(6, 12, 12, 4), ICC_SRE_EL3 = R(6, 12, 12, 5), ICC_IGRPEN1_EL3 = R(6, 12, 12, 7),
};

/* ICC_CTLR_EL1: PRIbits - 1 [10:8], IDbits 0 (16 bits) [13:11], A3V. */
enum icc_ctlr_bits { CTLR_CBPR = 1, CTLR_EOIMODE = 2, CTLR_A3V = 1 << 15 };
#define CTLR_FIXED ((GICV3_PRIO_BITS - 1) << 8 | CTLR_A3V)
/* ICC_CTLR_EL3: the same for each Security state; nDS [17] is 0. */
enum icc_ctlr_el3_bits { CTLR3_CBPR_NS = 2, CTLR3_EOIMODE_EL3 = 4, CTLR3_EOIMODE_S = 8, CTLR3_EOIMODE_NS = 16 };
#define SRE_EL1_VALUE 7u         /* SRE, DFB, DIB */
#define SRE_HIGH_VALUE 15u       /* and Enable */
#define MIN_BPR0 (7 - GICV3_PRIO_BITS)
#define MIN_BPR1 (MIN_BPR0 + 1)

/* ---- priorities -------------------------------------------------------------------------------- */

unsigned gicv3_lowest_active(uint32_t apr)
{
    return apr ? (unsigned)__builtin_ctz(apr) << (8 - GICV3_PRIO_BITS) : GICV3_IDLE_PRIORITY;
}

static unsigned running_priority(const struct gicv3_cpu *c)
{
    return gicv3_lowest_active(c->apr[0] | c->apr[1]);
}

static unsigned group_priority(const struct gicv3_cpu *c, unsigned prio, bool group1)
{
    unsigned low = group1 && !(c->icc_ctlr & CTLR_CBPR) ? c->bpr[1] : c->bpr[0] + 1;

    return prio & ~0u << low;
}

bool gicv3_signalled(const struct gicv3_cpu *c, const struct gicv3_candidate *k)
{
    return k->irq != GICV3_SPURIOUS && c->grpen[k->group1] && k->prio < c->pmr &&
           group_priority(c, k->prio, k->group1) < running_priority(c);
}

/* ---- the life of an interrupt ------------------------------------------------------------------ */

/* ICC_IAR0, ICC_IAR1: only one that is signalled, and of this group. */
static unsigned acknowledge(struct gicv3_cpu *c, bool group1)
{
    struct gicv3_candidate best = gicv3_best(c);

    if (best.group1 != group1 || !gicv3_signalled(c, &best))
        return GICV3_SPURIOUS;
    c->apr[group1] |= 1u << (group_priority(c, best.prio, group1) >> (8 - GICV3_PRIO_BITS));
    gicv3_acknowledge(c, best.irq);
    gicv3_update_cpu(c);
    return best.irq;
}

static unsigned highest_pending(struct gicv3_cpu *c, bool group1)
{
    struct gicv3_candidate best = gicv3_best(c);

    return best.group1 == group1 ? best.irq : GICV3_SPURIOUS;
}

/* Is this ID one that was acknowledged? Special ones are ignored silently. */
static bool valid_id(const struct gicv3_cpu *c, uint64_t irq, const char *reg)
{
    if (irq < c->gic->num_irq || (irq >= GICV3_FIRST_LPI && irq < GICV3_IDS))
        return true;
    if (irq < GICV3_MAX_IRQS || irq > GICV3_SPURIOUS)
        log_guest_error("gicv3: %s with ID %u, which does not exist", reg, (unsigned)irq);
    return false;
}

static void end_of_interrupt(struct gicv3_cpu *c, uint64_t v, bool group1)
{
    uint64_t irq = v & 0xffffff;
    uint32_t *apr = &c->apr[group1];

    if (!valid_id(c, irq, "ICC_EOIR"))
        return;
    /* The other group's is the running one: unpredictable (12.2.11), ignored here. */
    if (gicv3_lowest_active(c->apr[!group1]) < gicv3_lowest_active(*apr)) {
        log_guest_error("gicv3: ICC_EOIR%d for ID %u, but the running interrupt is of the other group", group1, (unsigned)irq);
        return;
    }
    *apr &= *apr - 1;
    if (!(c->icc_ctlr & CTLR_EOIMODE))
        gicv3_deactivate(c, (unsigned)irq);
    gicv3_update_cpu(c);
}

static void deactivate(struct gicv3_cpu *c, uint64_t v)
{
    if (!(c->icc_ctlr & CTLR_EOIMODE))
        log_guest_error("gicv3: ICC_DIR while EOImode is 0");
    else if (valid_id(c, v & 0xffffff, "ICC_DIR"))
        gicv3_deactivate(c, v & 0xffffff);
}

/* ---- software-generated interrupts ------------------------------------------------------------- */

static void receive_sgi(struct gicv3_cpu *c, unsigned irq, bool group1)
{
    if (gicv3_group1(c, irq) != group1)
        return;
    c->pending |= 1u << irq;
    gicv3_update_cpu(c);
}

/* 12.2.26: target list [15:0], Aff1, INTID [27:24], Aff2 [39:32], IRM [40], RS [47:44], Aff3 [55:48]. */
static void send_sgi(struct gicv3_cpu *from, uint64_t v, bool group1)
{
    struct gicv3 *s = from->gic;
    uint64_t cluster = (v >> 48 & 0xff) << 32 | (v >> 32 & 0xff) << 16 | (v >> 16 & 0xff) << 8;
    unsigned irq = v >> 24 & 15, first = (v >> 44 & 15) * 16;

    for (unsigned i = 0; i < s->num_cpu; i++) {
        struct gicv3_cpu *c = s->cpu[i];
        unsigned aff0 = c->affinity & 0xff;

        if (v >> 40 & 1 ? c != from : (c->affinity & ~0xffull) == cluster && aff0 - first < 16 && v >> (aff0 - first) & 1)
            receive_sgi(c, irq, group1);
    }
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint64_t read_ctlr_el3(const struct gicv3_cpu *c)
{
    return CTLR_FIXED | (c->icc_ctlr & CTLR_CBPR ? CTLR3_CBPR_NS | 1 : 0) |
           (c->icc_ctlr & CTLR_EOIMODE ? CTLR3_EOIMODE_EL3 | CTLR3_EOIMODE_S | CTLR3_EOIMODE_NS : 0);
}

/* There is one Security state, so its fields are those of Non-secure state. */
static uint32_t from_ctlr_el3(uint64_t v)
{
    return (v & CTLR3_CBPR_NS ? CTLR_CBPR : 0) | (v & CTLR3_EOIMODE_NS ? CTLR_EOIMODE : 0);
}

static uint64_t icc_read(struct gicv3_cpu *c, unsigned reg)
{
    unsigned running;

    switch (reg) {
    case ICC_PMR:
        return c->pmr;
    case ICC_IAR0:
        return acknowledge(c, false);
    case ICC_IAR1:
        return acknowledge(c, true);
    case ICC_HPPIR0:
        return highest_pending(c, false);
    case ICC_HPPIR1:
        return highest_pending(c, true);
    case ICC_BPR0:
        return c->bpr[0];
    case ICC_BPR1:           /* 12.2.5: with CBPR it is Group 0's and one, at most 7 */
        return c->icc_ctlr & CTLR_CBPR ? (c->bpr[0] < 7 ? c->bpr[0] + 1 : 7) : c->bpr[1];
    case ICC_AP0R0:
        return c->apr[0];
    case ICC_AP1R0:
        return c->apr[1];
    case ICC_RPR:
        running = running_priority(c);
        return running == GICV3_IDLE_PRIORITY ? 0xff : running;
    case ICC_CTLR:
        return c->icc_ctlr | CTLR_FIXED;
    case ICC_SRE:
        return SRE_EL1_VALUE;
    case ICC_SRE_EL2:
    case ICC_SRE_EL3:
        return SRE_HIGH_VALUE;
    case ICC_IGRPEN0:
        return c->grpen[0];
    case ICC_IGRPEN1:
        return c->grpen[1];
    case ICC_CTLR_EL3:
        return read_ctlr_el3(c);
    case ICC_IGRPEN1_EL3:
        return c->grpen[1] * 3;
    default:
        return 0;
    }
}

static void set_group_enable(struct gicv3_cpu *c, bool group1, bool on)
{
    if (c->grpen[group1] == on)
        return;
    c->grpen[group1] = on;
    gicv3_route_any(c->gic);
}

static void icc_write(struct gicv3_cpu *c, unsigned reg, uint64_t v)
{
    switch (reg) {
    case ICC_PMR:
        c->pmr = (uint32_t)v & GICV3_PRIO_MASK;
        break;
    case ICC_EOIR0:
    case ICC_EOIR1:
        end_of_interrupt(c, v, reg == ICC_EOIR1);
        return;
    case ICC_BPR0:
        c->bpr[0] = MAX((uint32_t)v & 7, MIN_BPR0);
        break;
    case ICC_BPR1:
        if (!(c->icc_ctlr & CTLR_CBPR))
            c->bpr[1] = MAX((uint32_t)v & 7, MIN_BPR1);
        break;
    case ICC_AP0R0:
        c->apr[0] = (uint32_t)v;
        break;
    case ICC_AP1R0:
        c->apr[1] = (uint32_t)v;
        break;
    case ICC_DIR:
        deactivate(c, v);
        return;
    case ICC_SGI1R:
        send_sgi(c, v, true);
        return;
    case ICC_ASGI1R:         /* the other Security state's Group 1, which with one state is Group 0 */
    case ICC_SGI0R:
        send_sgi(c, v, false);
        return;
    case ICC_CTLR:
        c->icc_ctlr = (uint32_t)v & (CTLR_CBPR | CTLR_EOIMODE);
        break;
    case ICC_CTLR_EL3:
        c->icc_ctlr = from_ctlr_el3(v);
        break;
    case ICC_IGRPEN0:
        set_group_enable(c, false, v & 1);
        break;
    case ICC_IGRPEN1:
    case ICC_IGRPEN1_EL3:
        set_group_enable(c, true, v & 1);
        break;
    default:                 /* ICC_SRE*: writes are ignored */
        return;
    }
    gicv3_update_cpu(c);
}

/* ---- access by the CPU ------------------------------------------------------------------------- */

enum { RO = 1, WO = 2, RW = 3 };

bool gicv3_sysreg_has(void *gic, unsigned reg, bool write)
{
    const struct gicv3 *s = gic;
    unsigned how = 0;

    switch (reg) {
    case ICC_IAR0: case ICC_IAR1: case ICC_HPPIR0: case ICC_HPPIR1: case ICC_RPR:
        how = RO;
        break;
    case ICC_EOIR0: case ICC_EOIR1: case ICC_DIR: case ICC_SGI1R: case ICC_ASGI1R: case ICC_SGI0R:
        how = WO;
        break;
    case ICC_PMR: case ICC_BPR0: case ICC_BPR1: case ICC_AP0R0: case ICC_AP1R0: case ICC_CTLR: case ICC_SRE: case ICC_IGRPEN0:
    case ICC_IGRPEN1:
        how = RW;
        break;
    case ICC_SRE_EL2:
        how = s->has_el2 ? RW : 0;
        break;
    case ICC_CTLR_EL3: case ICC_SRE_EL3: case ICC_IGRPEN1_EL3:
        how = s->has_el3 ? RW : 0;
        break;
    default:
        return s->has_el2 && gicv3_ich_has(reg, write);
    }
    return how & (write ? WO : RO);
}

/* ICH_* have op1 4, as ICC_SRE_EL2 has. */
static bool is_ich(unsigned reg)
{
    return (reg >> 11 & 7) == 4 && reg != ICC_SRE_EL2;
}

uint64_t gicv3_sysreg_read(void *gic, unsigned cpu, unsigned reg)
{
    struct gicv3 *s = gic;
    struct gicv3_cpu *c;
    uint64_t v;

    g_assert(cpu < s->num_cpu);
    c = s->cpu[cpu];
    device_lock(&s->dev);
    if (reg & CPU_SYSREG_VIRTUAL)
        v = gicv3_icv_read(c, reg & 0xffff);
    else if (is_ich(reg & 0xffff))
        v = gicv3_ich_read(c, reg & 0xffff);
    else
        v = icc_read(c, reg & 0xffff);
    device_unlock(&s->dev);
    return v;
}

void gicv3_sysreg_write(void *gic, unsigned cpu, unsigned reg, uint64_t val)
{
    struct gicv3 *s = gic;
    struct gicv3_cpu *c;

    g_assert(cpu < s->num_cpu);
    c = s->cpu[cpu];
    device_lock(&s->dev);
    if (reg & CPU_SYSREG_VIRTUAL)
        gicv3_icv_write(c, reg & 0xffff, val);
    else if (is_ich(reg & 0xffff))
        gicv3_ich_write(c, reg & 0xffff, val);
    else
        icc_write(c, reg & 0xffff, val);
    device_unlock(&s->dev);
}

void gicv3_cpuif_reset(struct gicv3_cpu *c)
{
    c->pmr = 0;
    c->bpr[0] = MIN_BPR0;
    c->bpr[1] = MIN_BPR1;
    memset(c->grpen, 0, sizeof(c->grpen));
    memset(c->apr, 0, sizeof(c->apr));
    c->icc_ctlr = 0;
}
