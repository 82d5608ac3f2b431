/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARM PrimeCell GPIO (PL061), DDI 0190B. mmio 0: registers. in 0-7: pins. out 0: GPIOINTR, out 1-8: pins that are outputs.
 *
 * Not modelled: hardware control of pins (GPIOAFSEL is kept). Pins that nobody drives read 0.
 */
#include "config.h"
#include "softmmu/device.h"
#include "util/log.h"

enum pl061_reg {
    PL061_DATA  = 0x000,     /* 3.3.1 up to 0x3ff: address bits 9-2 select the pins */
    PL061_DIR   = 0x400,     /* 3.3.2 1: output */
    PL061_IS    = 0x404,     /* 3.3.3 1: level, 0: edge */
    PL061_IBE   = 0x408,     /* 3.3.4 both edges */
    PL061_IEV   = 0x40c,     /* 3.3.5 1: rising or high */
    PL061_IE    = 0x410,     /* 3.3.6 mask */
    PL061_RIS   = 0x414,     /* 3.3.7 */
    PL061_MIS   = 0x418,     /* 3.3.8 */
    PL061_IC    = 0x41c,     /* 3.3.9 clear edges */
    PL061_AFSEL = 0x420,     /* 3.3.10 */
    PL061_ID    = 0xfe0,     /* 3.3.12 */
};

#define PL061_PINS 8

/* GPIOPeriphID0-3 and GPIOPCellID0-3. */
static const uint8_t pl061_id[8] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/* Owner: the device lock. */
struct pl061 {
    struct device dev;
    uint8_t in, out;         /* what others drive; what we would drive */
    uint8_t dir, is, ibe, iev, ie, afsel;
    uint8_t edges;           /* latched */
    uint8_t seen;            /* pin levels at the last update */
};

static uint8_t pins(const struct pl061 *s)
{
    return (s->out & s->dir) | (s->in & ~s->dir);
}

static uint8_t raw_status(const struct pl061 *s)
{
    uint8_t active = pins(s) ^ (uint8_t)~s->iev;      /* pins at their level of interest */

    return (s->edges & ~s->is) | (active & s->is);
}

static void update(struct pl061 *s)
{
    uint8_t now = pins(s), changed = now ^ s->seen;

    s->edges |= changed & ~s->is & (s->ibe | (uint8_t)~(now ^ s->iev));
    s->seen = now;
    for (int i = 0; i < PL061_PINS; i++)
        irq_set(s->dev.out[1 + i], now & s->dir & 1 << i);
    irq_set(s->dev.out[0], raw_status(s) & s->ie);
}

static void pl061_input(void *opaque, int n, bool level)
{
    struct pl061 *s = opaque;

    s->in = level ? s->in | 1 << n : s->in & ~(1 << n);
    update(s);
}

static uint64_t pl061_read(void *opaque, uint64_t off, unsigned size)
{
    struct pl061 *s = opaque;

    (void)size;
    switch (off) {
    case PL061_DATA ... PL061_DIR - 1:
        return pins(s) & off >> 2;
    case PL061_DIR:
        return s->dir;
    case PL061_IS:
        return s->is;
    case PL061_IBE:
        return s->ibe;
    case PL061_IEV:
        return s->iev;
    case PL061_IE:
        return s->ie;
    case PL061_RIS:
        return raw_status(s);
    case PL061_MIS:
        return raw_status(s) & s->ie;
    case PL061_AFSEL:
        return s->afsel;
    case PL061_ID ... 0xfff:
        return off & 3 ? 0 : pl061_id[(off - PL061_ID) / 4];
    default:
        log_guest_error("pl061: read of offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void pl061_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pl061 *s = opaque;
    uint8_t v = (uint8_t)val, mask;

    (void)size;
    switch (off) {
    case PL061_DATA ... PL061_DIR - 1:
        mask = (uint8_t)(off >> 2) & s->dir;
        s->out = (s->out & ~mask) | (v & mask);
        break;
    case PL061_DIR:
        s->dir = v;
        break;
    case PL061_IS:
        s->is = v;
        break;
    case PL061_IBE:
        s->ibe = v;
        break;
    case PL061_IEV:
        s->iev = v;
        break;
    case PL061_IE:
        s->ie = v;
        break;
    case PL061_IC:
        s->edges &= ~v;
        break;
    case PL061_AFSEL:
        s->afsel = v;
        if (v)
            log_unimp("pl061: hardware control of pins");
        break;
    default:
        log_guest_error("pl061: write of offset 0x%x", (unsigned)off);
        return;
    }
    update(s);
}

static void pl061_reset(struct device *dev)
{
    struct pl061 *s = (struct pl061 *)dev;

    s->out = s->dir = s->is = s->ibe = s->iev = s->ie = s->afsel = 0;
    s->seen = pins(s);
    s->edges = 0;
    update(s);
}

static bool pl061_post_load(struct device *dev, GError **err)
{
    (void)err;
    update((struct pl061 *)dev);
    return true;
}

static const struct mmio_ops pl061_ops = { .read = pl061_read, .write = pl061_write };

static bool pl061_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "pl061", &pl061_ops, dev, 0x1000);
    device_init_in(dev, pl061_input, PL061_PINS);
    device_init_out(dev, 1 + PL061_PINS);
    return true;
}

static const struct state_field pl061_state[] = {
    STATE(struct pl061, in), STATE(struct pl061, out), STATE(struct pl061, dir), STATE(struct pl061, is),
    STATE(struct pl061, ibe), STATE(struct pl061, iev), STATE(struct pl061, ie), STATE(struct pl061, afsel),
    STATE(struct pl061, edges), STATE(struct pl061, seen),
    STATE_END
};

static const struct device_type pl061_type = {
    .name = "pl061", .desc = "ARM PrimeCell GPIO", .size = sizeof(struct pl061), .state = pl061_state,
    .realize = pl061_realize, .reset = pl061_reset, .post_load = pl061_post_load,
};
DEVICE_REGISTER(pl061_type)
