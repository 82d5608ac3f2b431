/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IDE channel: ide.h. */
#include "config.h"
#include <string.h>
#include "hw/block/ide.h"
#include "util/bits.h"
#include "util/log.h"

enum ide_reg { IDE_DATA, IDE_ERROR, IDE_COUNT, IDE_LOW, IDE_MID, IDE_HIGH, IDE_DEVICE, IDE_STATUS };
/* An empty cable: the host pulls line 7 down (ATA/ATAPI-7 volume 2, 7.2), so that nobody looks busy; the others float. */
#define NOBODY 0x7f
enum ide_control { CONTROL_NIEN = 2, CONTROL_SRST = 4, CONTROL_HOB = 0x80 };

static struct ide_channel *channel_of(struct ata_bus *bus)
{
    return container_of(bus, struct ide_channel, bus);
}

struct ata_drive *ide_selected(struct ide_channel *c)
{
    return c->bus.drive[c->select & ATA_UNIT ? 1 : 0];
}

static bool is_empty(const struct ide_channel *c)
{
    return !c->bus.drive[0] && !c->bus.drive[1];
}

static void set_irq(struct ide_channel *c, bool level)
{
    c->irq = level;
    c->set_irq(c, level && !(c->control & CONTROL_NIEN));
}

/* ---- what drives ask for ----------------------------------------------------------------------- */

/* The host finds DRQ; the data port does the rest. */
static void channel_pio(struct ata_bus *bus, struct ata_drive *d, bool irq)
{
    (void)d;
    if (irq)
        set_irq(channel_of(bus), true);
}

static void channel_dma(struct ata_bus *bus, struct ata_drive *d)
{
    struct ide_channel *c = channel_of(bus);

    if (c->dma_ready)
        c->dma_ready(c);
    else
        ata_abandon(d);
}

static uint32_t channel_piece(struct ata_bus *bus, struct ata_drive *d, uint32_t want, uint64_t *addr)
{
    struct ide_channel *c = channel_of(bus);

    (void)d;
    return c->piece ? c->piece(c, want, addr) : 0;
}

static void channel_done(struct ata_bus *bus, struct ata_drive *d, bool irq)
{
    struct ide_channel *c = channel_of(bus);

    (void)d;
    if (c->over)
        c->over(c);
    if (irq)
        set_irq(c, true);
}

static const struct ata_bus_ops channel_ops = { .pio = channel_pio, .dma = channel_dma, .piece = channel_piece, .done = channel_done };

struct ata_drive *ide_dma_drive(struct ide_channel *c)
{
    for (int i = 0; i < ATA_UNITS; i++)
        if (c->bus.drive[i] && c->bus.drive[i]->phase == ATA_DMA_WAIT)
            return c->bus.drive[i];
    return NULL;
}

/* ---- data port --------------------------------------------------------------------------------- */

static bool moves(const struct ata_drive *d, bool in)
{
    return d && (in ? d->phase == ATA_PIO_IN : d->phase == ATA_PIO_OUT || d->phase == ATA_PACKET);
}

static uint64_t data_read(struct ide_channel *c, unsigned size)
{
    struct ata_drive *d = ide_selected(c);
    uint32_t n;
    uint64_t v = 0;

    if (!moves(d, true))
        return is_empty(c) ? UINT64_MAX : 0;
    n = MIN_OF(size, d->len - d->pos);
    memcpy(&v, d->buf + d->pos, n);
    d->pos += n;
    if (d->pos >= d->len)
        ata_pio_done(d);
    return v;
}

static void data_write(struct ide_channel *c, uint64_t val, unsigned size)
{
    struct ata_drive *d = ide_selected(c);
    uint32_t n;

    if (!moves(d, false))
        return;
    n = MIN_OF(size, d->len - d->pos);
    memcpy(d->buf + d->pos, &val, n);
    d->pos += n;
    if (d->pos >= d->len)
        ata_pio_done(d);
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint8_t read_reg(struct ide_channel *c, const struct ata_drive *d, unsigned reg)
{
    const struct ata_taskfile *tf = &d->tf;
    bool hob = c->control & CONTROL_HOB;

    switch (reg) {
    case IDE_ERROR:
        return tf->error;
    case IDE_COUNT:
        return hob ? tf->hob_count : tf->count;
    case IDE_LOW:
        return hob ? tf->hob_low : tf->low;
    case IDE_MID:
        return hob ? tf->hob_mid : tf->mid;
    case IDE_HIGH:
        return hob ? tf->hob_high : tf->high;
    case IDE_DEVICE:
        return tf->device | ATA_DEVICE_SET;
    default:
        return c->control & CONTROL_SRST ? ATA_BSY : tf->status;
    }
}

static uint64_t command_read(void *opaque, uint64_t off, unsigned size)
{
    struct ide_channel *c = opaque;
    struct ata_drive *d = ide_selected(c);

    if (off == IDE_DATA)
        return data_read(c, size);
    if (off == IDE_STATUS)
        set_irq(c, false);
    if (!d)
        return is_empty(c) ? NOBODY : off == IDE_DEVICE ? c->select | ATA_DEVICE_SET : 0;
    return read_reg(c, d, (unsigned)off);
}

/* Both drives hear what is written; older values move to the hob registers. */
static void write_reg(struct ata_taskfile *tf, unsigned reg, uint8_t v)
{
    switch (reg) {
    case IDE_ERROR:
        tf->hob_feature = tf->feature;
        tf->feature = v;
        break;
    case IDE_COUNT:
        tf->hob_count = tf->count;
        tf->count = v;
        break;
    case IDE_LOW:
        tf->hob_low = tf->low;
        tf->low = v;
        break;
    case IDE_MID:
        tf->hob_mid = tf->mid;
        tf->mid = v;
        break;
    case IDE_HIGH:
        tf->hob_high = tf->high;
        tf->high = v;
        break;
    case IDE_DEVICE:
        tf->device = v;
        break;
    }
}

static void write_command(struct ide_channel *c, uint8_t v)
{
    struct ata_drive *d = ide_selected(c);

    set_irq(c, false);
    if (v == 0x90)                   /* EXECUTE DEVICE DIAGNOSTIC is for both, whichever is selected */
        d = c->bus.drive[0] ? c->bus.drive[0] : d;
    if (d)
        ata_run(d, v);
}

static void command_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ide_channel *c = opaque;

    if (off == IDE_DATA) {
        data_write(c, val, size);
        return;
    }
    c->control &= (uint8_t)~CONTROL_HOB;
    if (off == IDE_STATUS) {
        write_command(c, (uint8_t)val);
        return;
    }
    if (off == IDE_DEVICE)
        c->select = (uint8_t)val;
    for (int i = 0; i < ATA_UNITS; i++)
        if (c->bus.drive[i] && (c->bus.drive[i]->phase == ATA_IDLE || off == IDE_DEVICE))
            write_reg(&c->bus.drive[i]->tf, (unsigned)off, (uint8_t)val);
}

static uint64_t control_read(void *opaque, uint64_t off, unsigned size)
{
    struct ide_channel *c = opaque;
    struct ata_drive *d = ide_selected(c);

    (void)off;
    (void)size;
    if (!d)
        return is_empty(c) ? NOBODY : 0;
    return read_reg(c, d, IDE_STATUS);
}

/* 5.2: SRST resets both drives when it is set; they are ready when it is cleared. */
static void control_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ide_channel *c = opaque;
    bool reset = val & ~(uint64_t)c->control & CONTROL_SRST;

    (void)off;
    (void)size;
    c->control = (uint8_t)val;
    for (int i = 0; i < ATA_UNITS && reset; i++)
        if (c->bus.drive[i]) {
            ata_reset(c->bus.drive[i]);
            c->bus.drive[i]->tf.device = 0;
        }
    if (reset) {
        c->select = 0;
        c->irq = 0;
    }
    set_irq(c, c->irq);
}

const struct mmio_ops ide_command_ops = { .read = command_read, .write = command_write, .min_size = 1, .max_size = 4 };
const struct mmio_ops ide_control_ops = { .read = control_read, .write = control_write, .min_size = 1, .max_size = 1 };

void ide_channel_init(struct ide_channel *c, struct device *controller, unsigned n)
{
    c->bus = (struct ata_bus){ .ops = &channel_ops, .controller = controller, .n = n, .units = ATA_UNITS };
}

void ide_channel_reset(struct ide_channel *c)
{
    c->select = c->control = 0;
    set_irq(c, false);
}
