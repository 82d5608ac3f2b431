/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O APIC 82093AA (data sheet 290566), with the EOI register of version 20h (ICH9). ioapic.h says what its region and lines are.
 *
 * Polarity is stored only: lines here are asserted or not. An edge on a masked pin is lost, as the data sheet says.
 */
#include "config.h"
#include "hw/intc/apic.h"
#include "hw/intc/ioapic.h"
#include "softmmu/device.h"
#include "util/bits.h"
#include "util/log.h"

enum ioapic_offset { IOREGSEL = 0x00, IOWIN = 0x10, IOEOI = 0x40 };
enum ioapic_reg { IOAPIC_ID = 0x00, IOAPIC_VER = 0x01, IOAPIC_ARB = 0x02, IOAPIC_TABLE = 0x10 };
enum ioapic_entry {
    ENTRY_VECTOR = 0xff, ENTRY_LOGICAL = 0x800, ENTRY_PENDING = 0x1000, ENTRY_REMOTE_IRR = 0x4000, ENTRY_LEVEL = 0x8000,
    ENTRY_MASKED = 0x10000, ENTRY_WRITABLE = 0x1afff,
};
#define IOAPIC_VERSION (0x20 | (IOAPIC_PINS - 1) << 16)

/* Owner: the device lock. */
struct ioapic {
    struct device dev;
    uint32_t id, select, lines;
    uint32_t low[IOAPIC_PINS], high[IOAPIC_PINS];    /* redirection table */
};

/* The pin is asserted and wants to be heard. */
static void service(struct ioapic *s, unsigned pin)
{
    uint32_t e = s->low[pin];
    struct apic_message msg = {
        .dest = s->high[pin] >> 24, .logical = e & ENTRY_LOGICAL, .mode = e >> 8 & 7, .vector = e & ENTRY_VECTOR, .level = e & ENTRY_LEVEL,
    };

    if (e & ENTRY_MASKED || (msg.level && e & ENTRY_REMOTE_IRR))
        return;
    if (msg.mode > APIC_LOWEST)
        msg.level = false;
    if (apic_deliver(s->dev.parent_bus, &msg) && msg.level)
        s->low[pin] |= ENTRY_REMOTE_IRR;
}

static void set_pin(void *opaque, int n, bool level)
{
    struct ioapic *s = opaque;
    bool rises = level && !(s->lines & BIT(n));

    s->lines = level ? s->lines | BIT(n) : s->lines & ~BIT(n);
    if (rises)
        service(s, (unsigned)n);
}

/* A level-triggered interrupt of this vector has ended: those whose pins are still asserted come again. */
static void end_of_interrupt(struct device *dev, uint8_t vector)
{
    struct ioapic *s = (struct ioapic *)dev;

    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        if ((s->low[pin] & (ENTRY_LEVEL | ENTRY_REMOTE_IRR | ENTRY_VECTOR)) != (ENTRY_LEVEL | ENTRY_REMOTE_IRR | vector))
            continue;
        s->low[pin] &= ~(uint32_t)ENTRY_REMOTE_IRR;
        if (s->lines & BIT(pin))
            service(s, pin);
    }
}

static uint32_t read_reg(const struct ioapic *s)
{
    unsigned n = s->select - IOAPIC_TABLE;

    switch (s->select) {
    case IOAPIC_ID:
    case IOAPIC_ARB:
        return s->id << 24;
    case IOAPIC_VER:
        return IOAPIC_VERSION;
    default:
        if (n < 2 * IOAPIC_PINS)
            return n & 1 ? s->high[n / 2] : s->low[n / 2];
        log_guest_error("ioapic: read of register 0x%x", s->select);
        return 0;
    }
}

static void write_low(struct ioapic *s, unsigned pin, uint32_t v)
{
    s->low[pin] = (v & ENTRY_WRITABLE) | (s->low[pin] & ENTRY_REMOTE_IRR);
    if (!(v & ENTRY_LEVEL))
        s->low[pin] &= ~(uint32_t)ENTRY_REMOTE_IRR;
    else if (s->lines & BIT(pin))
        service(s, pin);
}

static void write_reg(struct ioapic *s, uint32_t v)
{
    unsigned n = s->select - IOAPIC_TABLE;

    if (s->select == IOAPIC_ID)
        s->id = v >> 24 & 0xf;
    else if (n >= 2 * IOAPIC_PINS)
        log_guest_error("ioapic: write of register 0x%x", s->select);
    else if (n & 1)
        s->high[n / 2] = v & 0xff000000;
    else
        write_low(s, n / 2, v);
}

static uint64_t ioapic_read(void *opaque, uint64_t off, unsigned size)
{
    struct ioapic *s = opaque;

    (void)size;
    switch (off) {
    case IOREGSEL:
        return s->select;
    case IOWIN:
        return read_reg(s);
    default:
        log_guest_error("ioapic: read of offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void ioapic_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ioapic *s = opaque;

    (void)size;
    switch (off) {
    case IOREGSEL:
        s->select = val & 0xff;
        break;
    case IOWIN:
        write_reg(s, (uint32_t)val);
        break;
    case IOEOI:
        end_of_interrupt(&s->dev, (uint8_t)val);
        break;
    default:
        log_guest_error("ioapic: write of offset 0x%x", (unsigned)off);
    }
}

static void ioapic_reset(struct device *dev)
{
    struct ioapic *s = (struct ioapic *)dev;

    s->id = s->select = 0;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        s->low[pin] = ENTRY_MASKED;
        s->high[pin] = 0;
    }
}

static const struct mmio_ops ioapic_ops = { .read = ioapic_read, .write = ioapic_write, .min_size = 4, .max_size = 4 };

static bool ioapic_realize(struct device *dev, GError **err)
{
    (void)err;
    g_assert(dev->parent_bus);
    device_init_mmio(dev, 0, "ioapic", &ioapic_ops, dev, 0x1000);
    device_init_in(dev, set_pin, IOAPIC_PINS);
    apic_add_eoi(dev->parent_bus, end_of_interrupt, dev);
    return true;
}

static bool ioapic_post_load(struct device *dev, GError **err)
{
    struct ioapic *s = (struct ioapic *)dev;

    (void)err;
    s->select &= 0xff;
    s->id &= 0xf;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        s->low[pin] &= ENTRY_WRITABLE | ENTRY_REMOTE_IRR;
    return true;
}

static const struct state_field ioapic_state[] = {
    STATE(struct ioapic, id), STATE(struct ioapic, select), STATE(struct ioapic, lines), STATE_ARRAY(struct ioapic, low),
    STATE_ARRAY(struct ioapic, high),
    STATE_END
};

static const struct device_type ioapic_type = {
    .name = "ioapic", .desc = "I/O APIC", .size = sizeof(struct ioapic), .state = ioapic_state,
    .realize = ioapic_realize, .reset = ioapic_reset, .post_load = ioapic_post_load,
};
DEVICE_REGISTER(ioapic_type)
