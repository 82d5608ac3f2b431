/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARM Generic Interrupt Controller, architecture version 3 (IHI 0069): the device, its lines, and the choice of the next interrupt for a
 * CPU. mmio 0: distributor; the redistributors are devices of their own (gicv3_map_redistributors). Lines: gicv3.h.
 *
 * One Security state; affinity routing and system registers always. 32 priorities. The other files are named in gicv3-internal.h.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv3-internal.h"
#include "util/log.h"

/* ---- which interrupt --------------------------------------------------------------------------- */

bool gicv3_group1(const struct gicv3_cpu *c, unsigned irq)
{
    if (irq >= GICV3_FIRST_LPI)
        return true;
    return (irq < GICV3_INTERNAL ? c->group : c->gic->group[irq / 32]) >> (irq % 32) & 1;
}

/* Bits of a word of groups that the distributor forwards. */
static uint32_t forwarded(const struct gicv3 *s, uint32_t group)
{
    return (s->ctlr & GICD_CTLR_GRP0 ? ~group : 0) | (s->ctlr & GICD_CTLR_GRP1 ? group : 0);
}

static uint32_t ready_internal(const struct gicv3_cpu *c)
{
    return (c->pending | (c->level & ~c->edge)) & c->enabled & ~c->active & forwarded(c->gic, c->group);
}

static uint32_t ready_spis(const struct gicv3_cpu *c, unsigned n)
{
    const struct gicv3 *s = c->gic;
    uint32_t w = (s->pending[n] | (s->level[n] & ~s->edge[n])) & s->enabled[n] & ~s->active[n];

    return w ? w & c->targeted[n] & forwarded(s, s->group[n]) : 0;
}

/* Of equal priorities the lowest ID. */
struct gicv3_candidate gicv3_best(struct gicv3_cpu *c)
{
    const struct gicv3 *s = c->gic;
    struct gicv3_candidate best = { GICV3_SPURIOUS, GICV3_IDLE_PRIORITY, false };

    if (c->waker & WAKER_ASLEEP)
        return best;
    for (unsigned n = 0; n < s->num_irq / 32; n++)
        for (uint32_t w = n ? ready_spis(c, n) : ready_internal(c); w; w &= w - 1) {
            unsigned irq = n * 32 + (unsigned)__builtin_ctz(w), prio = n ? s->prio[irq] : c->prio[irq];

            if (prio < best.prio) {
                best.irq = irq;
                best.prio = prio;
            }
        }
    if (c->lpi_best && s->ctlr & GICD_CTLR_GRP1 && (s->lpi_config[c->lpi_best] & GICV3_PRIO_MASK) < best.prio) {
        best.irq = c->lpi_best;
        best.prio = s->lpi_config[best.irq] & GICV3_PRIO_MASK;
    }
    best.group1 = best.irq != GICV3_SPURIOUS && gicv3_group1(c, best.irq);
    return best;
}

/* With one Security state Group 0 is signalled as FIQ, Group 1 as IRQ (4.6.2). */
void gicv3_update_cpu(struct gicv3_cpu *c)
{
    struct device *gic = &c->gic->dev;
    struct gicv3_candidate best = gicv3_best(c);
    bool on = gicv3_signalled(c, &best);

    irq_set(gic->out[GICV3_OUT(c->index, GICV3_IRQ)], on && best.group1);
    irq_set(gic->out[GICV3_OUT(c->index, GICV3_FIQ)], on && !best.group1);
}

void gicv3_update_spi(struct gicv3 *s, unsigned irq)
{
    if (s->route[irq] != GICV3_NO_CPU)
        gicv3_update_cpu(s->cpu[s->route[irq]]);
}

void gicv3_update(struct gicv3 *s)
{
    for (unsigned i = 0; i < s->num_cpu; i++)
        gicv3_update_cpu(s->cpu[i]);
}

/* ---- life of an interrupt ---------------------------------------------------------------------- */

/* LPIs are not active: a new message makes them pending again at once. */
void gicv3_acknowledge(struct gicv3_cpu *c, unsigned irq)
{
    struct gicv3 *s = c->gic;
    uint32_t bit = 1u << (irq % 32);

    if (irq >= GICV3_FIRST_LPI) {
        gicv3_lpi_set(c, irq, false);
    } else if (irq < GICV3_INTERNAL) {
        c->pending &= ~bit;
        c->active |= bit;
    } else {
        s->pending[irq / 32] &= ~bit;
        s->active[irq / 32] |= bit;
    }
}

void gicv3_deactivate(struct gicv3_cpu *c, unsigned irq)
{
    struct gicv3 *s = c->gic;
    uint32_t bit = 1u << (irq % 32);

    if (irq < GICV3_INTERNAL) {
        c->active &= ~bit;
        gicv3_update_cpu(c);
    } else if (irq < s->num_irq) {
        s->active[irq / 32] &= ~bit;
        gicv3_update_spi(s, irq);
    }
}

/* ---- inputs ------------------------------------------------------------------------------------ */

static bool set_level(uint32_t *level, uint32_t *pending, uint32_t edge, unsigned n, bool on)
{
    uint32_t bit = 1u << n;

    if (!!(*level & bit) == on)
        return false;
    *level = on ? *level | bit : *level & ~bit;
    if (on && edge & bit)
        *pending |= bit;
    return true;
}

static void gicv3_input(void *opaque, int n, bool on)
{
    struct gicv3 *s = opaque;
    unsigned nspi = s->num_irq - GICV3_INTERNAL, irq = (unsigned)n + GICV3_INTERNAL, w = irq / 32;
    struct gicv3_cpu *c;

    if ((unsigned)n < nspi) {
        if (set_level(&s->level[w], &s->pending[w], s->edge[w], irq % 32, on))
            gicv3_update_spi(s, irq);
        return;
    }
    c = s->cpu[((unsigned)n - nspi) / GICV3_INTERNAL];
    irq = ((unsigned)n - nspi) % GICV3_INTERNAL;
    g_assert(irq >= GICV3_SGIS);
    if (set_level(&c->level, &c->pending, c->edge, irq, on))
        gicv3_update_cpu(c);
}

/* ---- the device -------------------------------------------------------------------------------- */

void gicv3_map_redistributors(struct device *gic, uint64_t paddr)
{
    struct gicv3 *s = (struct gicv3 *)gic;

    for (unsigned i = 0; i < s->num_cpu; i++)
        device_map(&s->cpu[i]->dev, 0, paddr + i * (uint64_t)GICV3_REDIST_SIZE);
}

void gicv3_set_affinity(struct device *gic, unsigned cpu, uint64_t affinity)
{
    struct gicv3 *s = (struct gicv3 *)gic;

    g_assert(cpu < s->num_cpu);
    s->cpu[cpu]->affinity = affinity;
}

/* Redistributors were made after this device, so their own reset follows; routes need all of them awake or not, and come with it. */
static void gicv3_reset(struct device *dev)
{
    struct gicv3 *s = (struct gicv3 *)dev;

    memset(s->lpi_config, 0, sizeof(s->lpi_config));
    for (unsigned i = 0; i < s->num_cpu; i++) {
        gicv3_redist_reset(s->cpu[i]);
        gicv3_cpuif_reset(s->cpu[i]);
        gicv3_virt_reset(s->cpu[i]);
    }
    gicv3_dist_reset(s);
    gicv3_update(s);
    for (unsigned i = 0; i < s->num_cpu; i++)
        gicv3_virt_update(s->cpu[i]);
}

static bool gicv3_realize(struct device *dev, GError **err)
{
    struct gicv3 *s = (struct gicv3 *)dev;

    if (s->num_cpu < 1 || s->num_cpu > GICV3_MAX_CPUS || s->num_irq % 32 || s->num_irq < 64 || s->num_irq > GICV3_MAX_IRQS) {
        g_set_error(err, g_quark_from_static_string("gicv3"), 0,
                    "num-cpu must be 1 to %d and num-irq a multiple of 32 from 64 to 992", GICV3_MAX_CPUS);
        return false;
    }
    device_init_mmio(dev, 0, "gicv3-distributor", &gicv3_dist_ops, s, 0x10000);
    device_init_in(dev, gicv3_input, (int)(s->num_irq - GICV3_INTERNAL + s->num_cpu * GICV3_INTERNAL));
    device_init_out(dev, (int)(GICV3_LINES * s->num_cpu));
    for (unsigned i = 0; i < s->num_cpu; i++) {
        struct device *cpu = device_new(dev->machine, "arm-gicv3-cpu", err);

        if (!cpu)
            return false;
        s->cpu[i] = (struct gicv3_cpu *)cpu;
        s->cpu[i]->gic = s;
        s->cpu[i]->index = s->cpu[i]->affinity = i;
        if (!device_realize(cpu, err))
            return false;
    }
    return true;
}

/* Every value of the fields is one that registers can have, or has no effect; what follows from them is found again. */
static bool gicv3_post_load(struct device *dev, GError **err)
{
    struct gicv3 *s = (struct gicv3 *)dev;

    (void)err;
    s->ctlr &= GICD_CTLR_GRP0 | GICD_CTLR_GRP1;
    for (unsigned irq = 0; irq < GICV3_MAX_IRQS; irq++)
        s->prio[irq] &= GICV3_PRIO_MASK;
    gicv3_route_all(s);
    gicv3_update(s);
    return true;
}

static const struct device_prop gicv3_props[] = {
    PROP(struct gicv3, num_cpu, "num-cpu", PROP_U32, 1, "redistributors"),
    PROP(struct gicv3, num_irq, "num-irq", PROP_U32, 288, "interrupt IDs below those of LPIs, the 32 internal ones included"),
    PROP(struct gicv3, has_el2, "has-virtualization-extensions", PROP_BOOL, false, "registers for a hypervisor"),
    PROP(struct gicv3, has_el3, "has-el3", PROP_BOOL, false, "registers for a secure monitor"),
    PROP(struct gicv3, has_lpis, "has-lpi", PROP_BOOL, false, "message-signalled interrupts (with an arm-gicv3-its)"),
    PROP_END
};

static const struct state_field gicv3_state[] = {
    STATE(struct gicv3, ctlr),
    STATE_ARRAY(struct gicv3, enabled), STATE_ARRAY(struct gicv3, pending), STATE_ARRAY(struct gicv3, active),
    STATE_ARRAY(struct gicv3, group), STATE_ARRAY(struct gicv3, level), STATE_ARRAY(struct gicv3, edge),
    STATE_ARRAY(struct gicv3, prio), STATE_ARRAY(struct gicv3, router), STATE_ARRAY(struct gicv3, lpi_config),
    STATE_END
};

static const struct device_type gicv3_type = {
    .name = "arm-gicv3", .desc = "ARM Generic Interrupt Controller v3", .size = sizeof(struct gicv3),
    .props = gicv3_props, .state = gicv3_state,
    .realize = gicv3_realize, .reset = gicv3_reset, .post_load = gicv3_post_load,
};
DEVICE_REGISTER(gicv3_type)

/* ---- a redistributor and CPU interface --------------------------------------------------------- */

static bool cpu_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "gicv3-redistributor", &gicv3_redist_ops, dev, GICV3_REDIST_SIZE);
    return true;
}

static bool cpu_post_load(struct device *dev, GError **err)
{
    struct gicv3_cpu *c = (struct gicv3_cpu *)dev;

    (void)err;
    for (unsigned i = 0; i < GICV3_INTERNAL; i++)
        c->prio[i] &= GICV3_PRIO_MASK;
    for (unsigned g = 0; g < 2; g++)
        c->bpr[g] &= 7;
    gicv3_lpi_find(c);
    gicv3_route_any(c->gic);
    gicv3_update_cpu(c);
    gicv3_virt_update(c);
    return true;
}

static const struct device_prop cpu_props[] = { PROP_END };

static const struct state_field cpu_state[] = {
    STATE(struct gicv3_cpu, ctlr), STATE(struct gicv3_cpu, waker),
    STATE(struct gicv3_cpu, propbaser), STATE(struct gicv3_cpu, pendbaser),
    STATE(struct gicv3_cpu, enabled), STATE(struct gicv3_cpu, pending), STATE(struct gicv3_cpu, active),
    STATE(struct gicv3_cpu, group), STATE(struct gicv3_cpu, level), STATE(struct gicv3_cpu, edge),
    STATE_ARRAY(struct gicv3_cpu, prio), STATE_ARRAY(struct gicv3_cpu, lpi_pending),
    STATE(struct gicv3_cpu, pmr), STATE_ARRAY(struct gicv3_cpu, bpr), STATE_ARRAY(struct gicv3_cpu, grpen),
    STATE(struct gicv3_cpu, icc_ctlr), STATE_ARRAY(struct gicv3_cpu, apr),
    STATE(struct gicv3_cpu, ich_hcr), STATE(struct gicv3_cpu, ich_vmcr), STATE_ARRAY(struct gicv3_cpu, ich_apr),
    STATE_ARRAY(struct gicv3_cpu, ich_lr),
    STATE_END
};

static const struct device_type cpu_type = {
    .name = "arm-gicv3-cpu", .desc = "redistributor and CPU interface of an arm-gicv3", .size = sizeof(struct gicv3_cpu),
    .props = cpu_props, .state = cpu_state, .realize = cpu_realize, .post_load = cpu_post_load,
};
DEVICE_REGISTER(cpu_type)
