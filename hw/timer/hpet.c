/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IA-PC HPET (specification 1.0a): a counter of 64 bits at 100 MHz and three comparators, all of which can be periodic. hpet.h says what
 * its region and lines are.
 */
#include "config.h"
#include "hw/timer/hpet.h"
#include "softmmu/device.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/timer.h"

#define HPET_NS 10               /* per count */
#define HPET_MIN_PERIOD_NS (20 * NS_PER_US)      /* a faster timer would keep the host busy for nothing */

/* 2.3 */
enum hpet_reg { HPET_CAP = 0x000, HPET_CONFIG = 0x010, HPET_STATUS = 0x020, HPET_COUNTER = 0x0f0, HPET_TIMER = 0x100 };
enum hpet_timer_reg { TIMER_CONFIG = 0x00, TIMER_COMPARATOR = 0x08, TIMER_MESSAGE = 0x10 };
enum hpet_config { CONFIG_ENABLE = 1, CONFIG_LEGACY = 2 };
/* 2.3.8 */
enum hpet_timer_config {
    TIMER_LEVEL = 0x2, TIMER_INT = 0x4, TIMER_PERIODIC = 0x8, TIMER_CAN_PERIODIC = 0x10, TIMER_CAN_64 = 0x20, TIMER_SET = 0x40,
    TIMER_32 = 0x100, TIMER_ROUTE = 0x3e00, TIMER_FSB = 0x4000, TIMER_CAN_FSB = 0x8000, TIMER_WRITABLE = 0x7f4e,
};

struct hpet_timer {
    struct hpet *hpet;
    unsigned n;
    struct timer *timer;
    uint64_t config, comparator, period, message;
};

/* Owner: the device lock. */
struct hpet {
    struct device dev;
    uint32_t intcap;                 /* property */
    void (*message)(void *opaque, uint64_t addr, uint32_t data);
    void *message_opaque;

    uint64_t config, status;
    uint64_t counter;                /* at `start`, or as it stands */
    int64_t start;
    struct hpet_timer timer[HPET_TIMERS];
    uint8_t in;                      /* levels of the inputs */
    uint32_t pins;                   /* levels of the outputs to pins */
};

void hpet_set_message(struct device *hpet, void (*message)(void *, uint64_t, uint32_t), void *opaque)
{
    ((struct hpet *)hpet)->message = message;
    ((struct hpet *)hpet)->message_opaque = opaque;
}

static int64_t now_ns(struct hpet *s)
{
    return clock_ns(device_clock(&s->dev));
}

static uint64_t counter_at(const struct hpet *s, int64_t now)
{
    return s->config & CONFIG_ENABLE ? s->counter + (uint64_t)(now - s->start) / HPET_NS : s->counter;
}

static uint64_t mask_of(const struct hpet_timer *t)
{
    return t->config & TIMER_32 ? UINT32_MAX : UINT64_MAX;
}

/* ---- interrupts -------------------------------------------------------------------------------- */

static bool replaces_legacy(const struct hpet_timer *t)
{
    return t->hpet->config & CONFIG_LEGACY && t->n < 2;
}

static void set_output(const struct hpet_timer *t, bool level)
{
    struct hpet *s = t->hpet;
    unsigned route = (t->config & TIMER_ROUTE) >> 9;

    if (replaces_legacy(t))
        irq_set(s->dev.out[HPET_OUT_IRQ0 + t->n], level);
    else if (s->intcap & BIT(route))
        irq_set(s->dev.out[HPET_OUT_PIN0 + route], level);
}

/* Lines that follow a level: those of timers with a status bit, and what passes through. */
static void update_irq(struct hpet *s)
{
    uint32_t pins = 0, changed;

    for (unsigned i = 0; i < HPET_TIMERS; i++)
        if (s->status & BIT(i) && s->timer[i].config & TIMER_INT && !replaces_legacy(&s->timer[i]))
            pins |= BIT((s->timer[i].config & TIMER_ROUTE) >> 9);
    changed = (pins ^ s->pins) & s->intcap;
    s->pins = pins;
    for (unsigned i = 0; i < 32; i++)
        if (changed & BIT(i))
            irq_set(s->dev.out[HPET_OUT_PIN0 + i], pins & BIT(i));
    for (unsigned i = 0; i < 2; i++)
        irq_set(s->dev.out[HPET_OUT_IRQ0 + i],
                s->config & CONFIG_LEGACY ? s->status & BIT(i) && s->timer[i].config & TIMER_INT : s->in & BIT(i));
}

static void fire(struct hpet_timer *t)
{
    struct hpet *s = t->hpet;

    if (t->config & TIMER_LEVEL && !(t->config & TIMER_FSB)) {
        s->status |= BIT(t->n);
        update_irq(s);
    } else if (t->config & TIMER_INT && t->config & TIMER_FSB) {
        s->message(s->message_opaque, t->message >> 32, (uint32_t)t->message);
    } else if (t->config & TIMER_INT) {
        set_output(t, true);
        set_output(t, false);
    }
}

/* ---- comparators ------------------------------------------------------------------------------- */

static void arm(struct hpet_timer *t)
{
    struct hpet *s = t->hpet;
    int64_t now = now_ns(s), at;
    uint64_t left = (t->comparator - counter_at(s, now)) & mask_of(t);

    if (!(s->config & CONFIG_ENABLE) || left > INT64_MAX / HPET_NS / 2) {
        timer_cancel(t->timer);
        return;
    }
    at = now - (now - s->start) % HPET_NS + (int64_t)left * HPET_NS;
    timer_arm(t->timer, t->config & TIMER_PERIODIC ? MAX_OF(at, now + HPET_MIN_PERIOD_NS) : at);
}

static void arm_all(struct hpet *s)
{
    for (unsigned i = 0; i < HPET_TIMERS; i++)
        arm(&s->timer[i]);
}

/* 2.3.9.2.2: a periodic comparator moves on to the next match that is still to come. */
static void advance(struct hpet_timer *t)
{
    uint64_t mask = mask_of(t), period = t->period & mask, late = (counter_at(t->hpet, now_ns(t->hpet)) - t->comparator) & mask;

    if (period && late <= mask / 2)
        t->comparator = (t->comparator + (late / period + 1) * period) & mask;
}

/* A one-shot comparator comes again when the counter has gone round. */
static void timer_due(void *opaque)
{
    struct hpet_timer *t = opaque;

    fire(t);
    if (t->config & TIMER_PERIODIC) {
        advance(t);
        arm(t);
    } else if (t->config & TIMER_32) {
        timer_arm(t->timer, now_ns(t->hpet) + (int64_t)((t->comparator - counter_at(t->hpet, now_ns(t->hpet)) - 1) & UINT32_MAX) * HPET_NS);
    }
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint64_t timer_caps(const struct hpet *s)
{
    return TIMER_CAN_PERIODIC | TIMER_CAN_64 | (s->message ? TIMER_CAN_FSB : 0) | (uint64_t)s->intcap << 32;
}

static uint64_t read_reg(struct hpet *s, uint64_t reg)
{
    const struct hpet_timer *t = &s->timer[(reg - HPET_TIMER) / 0x20 % HPET_TIMERS];

    switch (reg) {
    case HPET_CAP:                       /* revision 1, 64 bits, legacy replacement, Intel */
        return (uint64_t)HPET_PERIOD_FS << 32 | 0x8086a001 | (HPET_TIMERS - 1) << 8;
    case HPET_CONFIG:
        return s->config;
    case HPET_STATUS:
        return s->status;
    case HPET_COUNTER:
        return counter_at(s, now_ns(s));
    case HPET_TIMER ... HPET_TIMER + 0x20 * HPET_TIMERS - 1:
        switch (reg & 0x18) {
        case TIMER_CONFIG:
            return t->config | timer_caps(s);
        case TIMER_COMPARATOR:
            return t->comparator & mask_of(t);
        case TIMER_MESSAGE:
            return t->message;
        }
    }
    return 0;
}

static void write_config(struct hpet *s, uint64_t v)
{
    int64_t now = now_ns(s);

    s->counter = counter_at(s, now);
    s->start = now;
    s->config = v & (CONFIG_ENABLE | CONFIG_LEGACY);
    arm_all(s);
    update_irq(s);
}

static void write_comparator(struct hpet_timer *t, uint64_t v)
{
    v &= mask_of(t);
    if (t->config & TIMER_PERIODIC)
        t->period = v;
    if (!(t->config & TIMER_PERIODIC) || t->config & TIMER_SET)
        t->comparator = v;
    t->config &= ~(uint64_t)TIMER_SET;
    arm(t);
}

static void write_timer(struct hpet *s, struct hpet_timer *t, uint64_t reg, uint64_t v)
{
    switch (reg & 0x18) {
    case TIMER_CONFIG:
        t->config = v & TIMER_WRITABLE & (s->message ? ~0ull : ~(uint64_t)TIMER_FSB);
        if (!(v & TIMER_LEVEL))
            s->status &= ~BIT64(t->n);
        arm(t);
        update_irq(s);
        break;
    case TIMER_COMPARATOR:
        write_comparator(t, v);
        break;
    case TIMER_MESSAGE:
        t->message = v;
        break;
    }
}

static void write_reg(struct hpet *s, uint64_t reg, uint64_t v)
{
    switch (reg) {
    case HPET_CONFIG:
        write_config(s, v);
        break;
    case HPET_STATUS:
        s->status &= ~v;
        update_irq(s);
        break;
    case HPET_COUNTER:
        s->counter = v;
        s->start = now_ns(s);
        arm_all(s);
        break;
    case HPET_TIMER ... HPET_TIMER + 0x20 * HPET_TIMERS - 1:
        write_timer(s, &s->timer[(reg - HPET_TIMER) / 0x20], reg, v);
        break;
    default:
        log_guest_error("hpet: write of offset 0x%x", (unsigned)reg);
    }
}

static uint64_t hpet_read(void *opaque, uint64_t off, unsigned size)
{
    uint64_t v = read_reg(opaque, off & ~(uint64_t)7);

    return size == 8 ? v : (uint32_t)(v >> (off & 4) * 8);
}

/* Half a register: the other half stays, save that status has none to write and a periodic comparator takes a period of 32 bits. */
static void hpet_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct hpet *s = opaque;
    uint64_t reg = off & ~(uint64_t)7;

    if (size == 4 && reg != HPET_STATUS) {
        bool period = reg >= HPET_TIMER && (reg & 0x18) == TIMER_COMPARATOR && reg < HPET_TIMER + 0x20 * HPET_TIMERS &&
                      s->timer[(reg - HPET_TIMER) / 0x20].config & TIMER_PERIODIC;
        uint64_t old = period ? s->timer[(reg - HPET_TIMER) / 0x20].period : read_reg(s, reg);

        if (period && !(off & 4))
            old = 0;
        val = deposit64(old, (unsigned)(off & 4) * 8, 32, val);
    } else if (size == 4 && off & 4) {
        return;
    }
    write_reg(s, reg, val);
}

/* ---- the device -------------------------------------------------------------------------------- */

static void legacy_in(void *opaque, int n, bool level)
{
    struct hpet *s = opaque;

    s->in = (uint8_t)(level ? s->in | BIT(n) : s->in & ~BIT(n));
    if (!(s->config & CONFIG_LEGACY))
        irq_set(s->dev.out[HPET_OUT_IRQ0 + n], level);
}

static void hpet_reset(struct device *dev)
{
    struct hpet *s = (struct hpet *)dev;

    s->config = s->status = s->counter = 0;
    for (unsigned i = 0; i < HPET_TIMERS; i++) {
        struct hpet_timer *t = &s->timer[i];

        t->config = t->period = t->message = 0;
        t->comparator = UINT64_MAX;
        timer_cancel(t->timer);
    }
    update_irq(s);
}

static const struct mmio_ops hpet_ops = { .read = hpet_read, .write = hpet_write, .min_size = 4, .max_size = 8 };

static bool hpet_realize(struct device *dev, GError **err)
{
    struct hpet *s = (struct hpet *)dev;

    (void)err;
    device_init_mmio(dev, 0, "hpet", &hpet_ops, s, HPET_SIZE);
    device_init_in(dev, legacy_in, 2);
    device_init_out(dev, HPET_NOUT);
    for (unsigned i = 0; i < HPET_TIMERS; i++) {
        s->timer[i].hpet = s;
        s->timer[i].n = i;
        s->timer[i].timer = timer_new(device_loop(dev), device_clock(dev), timer_due, &s->timer[i]);
    }
    return true;
}

static void hpet_unrealize(struct device *dev)
{
    for (unsigned i = 0; i < HPET_TIMERS; i++)
        timer_free(((struct hpet *)dev)->timer[i].timer);
}

static bool hpet_post_load(struct device *dev, GError **err)
{
    struct hpet *s = (struct hpet *)dev;

    if (s->start < 0 || s->start > now_ns(s)) {
        g_set_error(err, g_quark_from_static_string("hpet"), 0, "start of the counter out of range");
        return false;
    }
    s->config &= CONFIG_ENABLE | CONFIG_LEGACY;
    s->status &= BIT(HPET_TIMERS) - 1;
    for (unsigned i = 0; i < HPET_TIMERS; i++)
        s->timer[i].config &= TIMER_WRITABLE & (s->message ? ~0ull : ~(uint64_t)TIMER_FSB);
    s->pins = 0;
    arm_all(s);
    update_irq(s);
    return true;
}

static const struct device_prop hpet_props[] = {
    PROP(struct hpet, intcap, "hpet-intcap", PROP_U32, 0x00ff0104, "pins of the I/O APIC that timers can use, a bit each"),
    PROP_END
};

#define TIMER_STATE(i)                                                                                          \
    STATE(struct hpet, timer[i].config), STATE(struct hpet, timer[i].comparator), STATE(struct hpet, timer[i].period), \
    STATE(struct hpet, timer[i].message)

static const struct state_field hpet_state[] = {
    STATE(struct hpet, config), STATE(struct hpet, status), STATE(struct hpet, counter), STATE(struct hpet, start),
    STATE(struct hpet, in), TIMER_STATE(0), TIMER_STATE(1), TIMER_STATE(2),
    STATE_END
};

static const struct device_type hpet_type = {
    .name = "hpet", .desc = "high precision event timers", .size = sizeof(struct hpet), .props = hpet_props, .state = hpet_state,
    .realize = hpet_realize, .reset = hpet_reset, .unrealize = hpet_unrealize, .post_load = hpet_post_load,
};
DEVICE_REGISTER(hpet_type)
