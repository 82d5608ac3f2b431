/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARM PrimeCell Real Time Clock (PL031), DDI 0224C. mmio 0: registers. out 0: RTCINTR.
 *
 * Counts seconds of the host's calendar in UTC. Once started it cannot be stopped (3.3.4).
 */
#include "config.h"
#include "softmmu/device.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/timer.h"

enum pl031_reg {
    PL031_DR   = 0x000,      /* 3.3.1 counter, read only */
    PL031_MR   = 0x004,      /* 3.3.2 match */
    PL031_LR   = 0x008,      /* 3.3.3 load */
    PL031_CR   = 0x00c,      /* 3.3.4 control */
    PL031_IMSC = 0x010,      /* 3.3.5 */
    PL031_RIS  = 0x014,      /* 3.3.6 */
    PL031_MIS  = 0x018,      /* 3.3.7 */
    PL031_ICR  = 0x01c,      /* 3.3.8 */
    PL031_ID   = 0xfe0,      /* 3.3.9 */
};

/* RTCPeriphID0-3 and RTCPCellID0-3. */
static const uint8_t pl031_id[8] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/* Owner: the device lock. */
struct pl031 {
    struct device dev;
    struct timer *alarm;     /* on the wall clock */

    uint32_t offset;         /* counter minus the wall clock's seconds */
    uint32_t mr, lr, cr, imsc, ris;
};

static int64_t wall_ns(struct pl031 *s)
{
    return clock_ns(device_clock_host(&s->dev));
}

static uint32_t counter(struct pl031 *s)
{
    return (uint32_t)(wall_ns(s) / NS_PER_S) + s->offset;
}

static void update_irq(struct pl031 *s)
{
    irq_set(s->dev.out[0], s->ris & s->imsc);
}

/* The alarm comes with the second in which the counter reaches the match register. */
static void set_alarm(struct pl031 *s)
{
    uint32_t wait = s->mr - counter(s);

    if (!wait) {
        timer_cancel(s->alarm);
        s->ris = 1;
        update_irq(s);
        return;
    }
    timer_arm(s->alarm, (wall_ns(s) / NS_PER_S + wait) * NS_PER_S);
}

/* Looks again, for the host's calendar may have been set; but the second of the match may also have gone by, if we are late. */
static void alarm_due(void *opaque)
{
    struct pl031 *s = opaque;

    if ((int32_t)(counter(s) - s->mr) < 0) {
        set_alarm(s);
        return;
    }
    s->ris = 1;
    update_irq(s);
}

static uint64_t pl031_read(void *opaque, uint64_t off, unsigned size)
{
    struct pl031 *s = opaque;

    (void)size;
    switch (off) {
    case PL031_DR:
        return counter(s);
    case PL031_MR:
        return s->mr;
    case PL031_LR:
        return s->lr;
    case PL031_CR:
        return s->cr;
    case PL031_IMSC:
        return s->imsc;
    case PL031_RIS:
        return s->ris;
    case PL031_MIS:
        return s->ris & s->imsc;
    case PL031_ID ... 0xfff:
        return off & 3 ? 0 : pl031_id[(off - PL031_ID) / 4];
    default:
        log_guest_error("pl031: read of offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void pl031_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pl031 *s = opaque;
    uint32_t v = (uint32_t)val;

    (void)size;
    switch (off) {
    case PL031_MR:
        s->mr = v;
        set_alarm(s);
        break;
    case PL031_LR:
        s->offset += v - counter(s);
        s->lr = v;
        set_alarm(s);
        break;
    case PL031_CR:           /* 1 starts it; it runs from reset here, and 0 is ignored */
        s->cr = 1;
        break;
    case PL031_IMSC:
        s->imsc = v & 1;
        update_irq(s);
        break;
    case PL031_ICR:
        s->ris &= ~v;
        update_irq(s);
        break;
    default:
        log_guest_error("pl031: write of offset 0x%x", (unsigned)off);
    }
}

/* The calendar goes on through resets. */
static void pl031_reset(struct device *dev)
{
    struct pl031 *s = (struct pl031 *)dev;

    s->mr = s->imsc = s->ris = 0;
    s->cr = 1;
    timer_cancel(s->alarm);
    update_irq(s);
}

static const struct mmio_ops pl031_ops = { .read = pl031_read, .write = pl031_write, .min_size = 4, .max_size = 4 };

static bool pl031_realize(struct device *dev, GError **err)
{
    struct pl031 *s = (struct pl031 *)dev;

    (void)err;
    device_init_mmio(dev, 0, "pl031", &pl031_ops, s, 0x1000);
    device_init_out(dev, 1);
    s->alarm = timer_new(device_loop(dev), device_clock_host(dev), alarm_due, s);
    return true;
}

static void pl031_unrealize(struct device *dev)
{
    timer_free(((struct pl031 *)dev)->alarm);
}

static bool pl031_post_load(struct device *dev, GError **err)
{
    struct pl031 *s = (struct pl031 *)dev;

    (void)err;
    s->ris &= 1;
    s->imsc &= 1;
    if (!s->ris && s->mr)
        set_alarm(s);
    update_irq(s);
    return true;
}

static const struct state_field pl031_state[] = {
    STATE(struct pl031, offset), STATE(struct pl031, mr), STATE(struct pl031, lr), STATE(struct pl031, cr),
    STATE(struct pl031, imsc), STATE(struct pl031, ris),
    STATE_END
};

static const struct device_type pl031_type = {
    .name = "pl031", .desc = "ARM PrimeCell real time clock", .size = sizeof(struct pl031),
    .state = pl031_state,
    .realize = pl031_realize, .reset = pl031_reset, .unrealize = pl031_unrealize, .post_load = pl031_post_load,
};
DEVICE_REGISTER(pl031_type)
